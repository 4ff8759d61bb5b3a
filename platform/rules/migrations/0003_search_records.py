"""How long records of searches are kept."""

import datetime as dt
from typing import Any

from django.db import migrations

OWN = "平台约定：搜索词到期删除；不含搜索词的统计保存更久"
SINCE = dt.date(2017, 5, 15)
RULES = [
    ("search.text.kept", 180, "公众搜索词（已隐去号码）保存多少日"),
    ("search.figures.kept", 1830, "每日搜索统计（不含搜索词）保存多少日"),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, note in RULES:
        rule.objects.create(
            key=key, value=value, unit="days", basis=OWN, mark="own", scope="nation", scope_code="", valid_from=SINCE, note=note
        )


class Migration(migrations.Migration):
    dependencies = [("rules", "0002_first_rules")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
