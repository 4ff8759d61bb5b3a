"""How many texts a column needs when nobody says, and how early staff are warned."""

import datetime as dt
from typing import Any

from django.db import migrations

RULES = [
    (
        "column.items",
        1,
        "records",
        "国办发〔2017〕47号 政府网站发展指引：栏目不得空白",
        "check",
        dt.date(2017, 5, 15),
        "每个栏目至少多少条",
    ),
    ("column.warning", 7, "days", "平台约定：栏目更新到期前提醒", "own", dt.date(2017, 5, 15), "栏目到期前多少日提醒"),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, unit, basis, mark, first, note in RULES:
        rule.objects.create(key=key, value=value, unit=unit, basis=basis, mark=mark, scope="nation", valid_from=first, note=note)


class Migration(migrations.Migration):
    dependencies = [("rules", "0005_publishing_rules")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
