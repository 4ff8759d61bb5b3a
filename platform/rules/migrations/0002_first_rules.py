"""The rules known when the table was made; marks and sources as far as they were read."""

import datetime as dt
from typing import Any

from django.db import migrations

GUIDE = "国办发〔2017〕47号 政府网站发展指引"
SINCE = dt.date(2017, 5, 15)
RULES = [
    ("site.offline.notice", 10, "working_days", GUIDE, "check", "nation", "", "临时下线至少提前多少个工作日申请"),
    ("site.offline.longest", 30, "days", GUIDE, "check", "nation", "", "临时下线最长多少日"),
    ("site.offline.times", 1, "times_a_year", GUIDE, "check", "nation", "", "每个自然年最多临时下线几次"),
    ("site.closing.notice", 1, "months", "福建省政府网站关停要求", "seen", "province", "35", "关停前在本网站首页公告多久"),
    ("site.closing.grace", 30, "days", "平台约定：关停后保留完整归档，期满方可清除", "own", "nation", "", "关停后多少日方可清除"),
    ("site.domain.jump", 3, "months", GUIDE, "check", "nation", "", "旧域名保留跳转多久"),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, unit, basis, mark, scope, code, note in RULES:
        rule.objects.create(
            key=key, value=value, unit=unit, basis=basis, mark=mark, scope=scope, scope_code=code, valid_from=SINCE, note=note
        )


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
