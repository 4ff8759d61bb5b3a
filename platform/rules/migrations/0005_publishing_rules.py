"""The rules of what a government must publish, from the law, from published documents, and as far as known (requirements.md, D1 to D28)."""

import datetime as dt
from typing import Any

from django.db import migrations

ACT = "政府信息公开条例（国令第711号）"
GUIDE = "国办发〔2017〕47号 政府网站发展指引"
INSPECTION = "国办秘函〔2019〕19号 政府网站与政务新媒体检查指标"
SHANXI = "山西省2020年政务公开工作要点"
DEFAULT = "地方做法，作默认值，可按省、市、站点另设"
OPEN, INSPECTED, YEAR_2020 = dt.date(2019, 5, 15), dt.date(2019, 4, 1), dt.date(2020, 1, 1)
FIRST = dt.date(2017, 5, 15)
RULES = [
    ("openness.publish", 20, "working_days", f"{ACT}第二十六条", "law", "", OPEN, "自形成或者变更之日起多少个工作日内公开"),
    ("openness.budget", 20, "days", "预算法第十四条", "law", "", dt.date(2015, 1, 1), "预决算批准、批复后多少日内公开"),
    (
        "openness.penalty.withdraw",
        3,
        "days",
        "行政处罚法第四十八条",
        "law",
        "",
        dt.date(2021, 7, 15),
        "处罚决定变更、撤销、确认违法后多少日内撤回",
    ),
    ("openness.report.organ", 131, "month_day", f"{ACT}第四十九条", "law", "", OPEN, "部门公布上年度年报的最后一天"),
    ("openness.report.government", 331, "month_day", f"{ACT}第四十九条", "law", "", OPEN, "政府公布上年度年报的最后一天"),
    ("openness.item.records", 4, "records", f"基层政务公开事项：{DEFAULT}", "seen", "", YEAR_2020, "每个事项至少多少条"),
    ("openness.item.stale", 90, "days", f"基层政务公开事项：{DEFAULT}", "seen", "", YEAR_2020, "每个事项多少日内须有更新"),
    ("site.report", 131, "month_day", "国办函〔2018〕12号", "seen", "", dt.date(2018, 1, 1), "网站工作年度报表公布的最后一天"),
    ("document.publish", 20, "working_days", f"{ACT}第二十六条；成文起算：{DEFAULT}", "seen", "", OPEN, "成文后多少个工作日内上网"),
    ("document.force.after", 30, "days", "规章制定程序条例第三十二条", "law", "", dt.date(2018, 5, 1), "规章公布后至少多少日施行"),
    ("document.valid.longest", 60, "months", f"规范性文件有效期：{DEFAULT}", "check", "", FIRST, "规范性文件最长有效期"),
    ("document.valid.trial", 24, "months", f"试行、暂行文件有效期：{DEFAULT}", "check", "", FIRST, "试行、暂行文件最长有效期"),
    ("document.valid.warning", 90, "days", "平台约定：有效期届满前提醒", "own", "", FIRST, "有效期届满前多少日提醒"),
    ("document.cleaning", 24, "months", f"规范性文件清理：{DEFAULT}", "check", "", FIRST, "每隔多久清理一次"),
    ("interpretation.latest", 3, "working_days", "国办发〔2016〕19号", "seen", "", dt.date(2016, 4, 1), "文件公布后多少个工作日内公布解读"),
    ("interpretation.diversified", 70, "percent", SHANXI, "seen", "14", YEAR_2020, "多样化方式解读量占比"),
    ("interpretation.channels", 50, "percent", SHANXI, "seen", "14", YEAR_2020, "在其他渠道发布的解读量占比"),
    ("response.emergency", 5, "hours", "国办发〔2016〕61号", "seen", "", dt.date(2016, 8, 1), "特别重大、重大突发事件发布权威信息"),
    ("response.press", 24, "hours", "国办发〔2016〕61号", "seen", "", dt.date(2016, 8, 1), "特别重大、重大突发事件举行新闻发布会"),
    ("response.opinion", 48, "hours", "国办发〔2016〕61号", "seen", "", dt.date(2016, 8, 1), "其他政务舆情予以回应"),
    ("response.misreading", 24, "hours", f"政策误读：{DEFAULT}", "seen", "", dt.date(2016, 8, 1), "对误读予以回应"),
    ("home.stale", 14, "days", INSPECTION, "check", "", INSPECTED, "首页多少日内须有更新"),
    ("column.news.stale", 14, "days", INSPECTION, "check", "", INSPECTED, "动态、要闻类栏目多少日内须有更新"),
    ("column.notices.stale", 6, "months", INSPECTION, "check", "", INSPECTED, "通知公告类栏目多久须有更新"),
    ("column.documents.stale", 6, "months", INSPECTION, "check", "", INSPECTED, "政策文件类栏目多久须有更新"),
    ("column.personnel.stale", 12, "months", INSPECTION, "check", "", INSPECTED, "人事类栏目多久须有更新"),
    ("column.planning.stale", 12, "months", INSPECTION, "check", "", INSPECTED, "规划计划类栏目多久须有更新"),
    ("new_media.stale", 14, "days", INSPECTION, "check", "", INSPECTED, "政务新媒体多少日内须有更新"),
    ("service.elements.missing", 4, "records", INSPECTION, "check", "", INSPECTED, "一个事项缺少几类要素算要素不全"),
    ("service.items.incomplete", 5, "records", INSPECTION, "check", "", INSPECTED, "几个事项要素不全即为服务不实用"),
    ("relay.state_council", 24, "hours", "国办发〔2014〕57号", "check", "", dt.date(2014, 11, 1), "国务院重要文件多久内转载"),
    ("relay.state_council", 8, "hours", "福建省政府网站管理要求", "seen", "35", dt.date(2017, 5, 15), "国务院重要文件多久内转载"),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    rule = apps.get_model("rules", "Rule")
    for key, value, unit, basis, mark, code, first, note in RULES:
        scope = "province" if code else "nation"
        rule.objects.create(
            key=key, value=value, unit=unit, basis=basis, mark=mark, scope=scope, scope_code=code, valid_from=first, note=note
        )


class Migration(migrations.Migration):
    dependencies = [("rules", "0004_more_units")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
