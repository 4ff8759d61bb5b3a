"""How long the public is heard, when it is answered, how long a contact is kept (requirements.md §6, D17, D20)."""

import datetime as dt
from typing import Any

from django.db import migrations

INSPECTION = "国办秘函〔2019〕19号 政府网站与政务新媒体检查指标"
DEFAULT = "地方做法，作默认值，可按省、市、站点另设"
RULES = [
    (
        "consultation.decision", 30, "days", "重大行政决策程序暂行条例（国令第713号）第十五条", "law", dt.date(2019, 9, 1),
        "重大行政决策公开征求意见至少多少日",
    ),
    ("consultation.rule", 30, "days", "规章制定程序条例第十五条", "law", dt.date(2018, 5, 1), "规章草案公开征求意见至少多少日"),
    (
        "consultation.market", 30, "days", "优化营商环境条例第六十二条", "law", dt.date(2020, 1, 1),
        "涉及市场主体的规范性文件公开征求意见至少多少日",
    ),
    (
        "consultation.normative", 30, "days", f"规范性文件公开征求意见：{DEFAULT}", "check", dt.date(2017, 5, 15),
        "其他规范性文件公开征求意见至少多少日",
    ),
    (
        "consultation.feedback", 30, "working_days", f"意见采纳情况反馈：{DEFAULT}", "check", dt.date(2017, 5, 15),
        "征集截止后多少个工作日内公布意见采纳情况",
    ),
    ("consultation.a_year", 6, "times_a_year", INSPECTION, "check", dt.date(2019, 4, 1), "每年至少开展多少次征集调查"),
    (
        "consultation.contact.kept", 12, "months", "个人信息保护法第十九条：最短必要时间；期限为平台约定", "own", dt.date(2021, 11, 1),
        "征集截止后多久删除提意见人的姓名和联系方式",
    ),
]  # fmt: skip


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, unit, basis, mark, first, note in RULES:
        rule.objects.create(key=key, value=value, unit=unit, basis=basis, mark=mark, scope="nation", valid_from=first, note=note)


class Migration(migrations.Migration):
    dependencies = [("rules", "0006_column_duties")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
