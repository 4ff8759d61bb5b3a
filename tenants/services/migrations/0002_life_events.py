"""The events of life that every site begins with; sites add and take out of use what they like."""

from typing import Any

from django.db import migrations

PERSON = (
    ("birth", "出生"),
    ("schooling", "入学"),
    ("employment", "就业"),
    ("marriage", "婚育"),
    ("housing", "住房"),
    ("household", "户籍"),
    ("vehicle", "车辆出行"),
    ("medical", "医疗健康"),
    ("social-security", "社会保障"),
    ("retirement", "退休养老"),
    ("afterlife", "身后"),
)
ENTERPRISE = (
    ("founding", "企业开办"),
    ("changing", "企业变更"),
    ("operating", "生产经营"),
    ("construction", "工程建设"),
    ("employing", "招工用工"),
    ("taxation", "纳税缴费"),
    ("closing", "企业注销"),
)


def add(apps: Any, _editor: Any) -> None:
    event = apps.get_model("services", "LifeEvent")
    rows = [("person", *each) for each in PERSON] + [("enterprise", *each) for each in ENTERPRISE]
    for place, (audience, code, label) in enumerate(rows, start=1):
        event.objects.get_or_create(code=code, defaults={"label": label, "audience": audience, "position": place * 10})


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
