"""How soon letters are answered, when it is past all patience, and how long they are kept."""

import datetime as dt
from typing import Any

from django.db import migrations

INSPECTION = "国办秘函〔2019〕19号 政府网站与政务新媒体检查指标"
LOCAL = "地方做法（5—15个工作日），作默认值，可按省、市、站点另设"
FIRST = dt.date(2017, 5, 15)
RULES = [
    ("letter.answer.consult", 5, "working_days", f"简单问题：{LOCAL}", "check", FIRST, "咨询类来信多少个工作日内答复"),
    ("letter.answer", 15, "working_days", LOCAL, "check", FIRST, "投诉、建言类来信多少个工作日内答复"),
    ("letter.longest", 3, "months", INSPECTION, "check", FIRST, "来信超过多久未答复即单项否决"),
    ("letter.kept", 36, "months", "平台约定：个人信息不超过办理所需的时间", "own", FIRST, "来信办结后保存多久，之后清除个人信息"),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, unit, basis, mark, first, note in RULES:
        rule.objects.create(key=key, value=value, unit=unit, basis=basis, mark=mark, scope="nation", valid_from=first, note=note)


class Migration(migrations.Migration):
    dependencies = [("rules", "0007_consultations")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
