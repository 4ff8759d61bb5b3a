"""A first list for 组配分类, made of what the law says must be published: no such list was announced for the whole country."""

from typing import Any

from django.db import migrations

CLASSES = (
    *("法规规章和规范性文件", "机构职能", "规划计划", "统计信息", "行政许可和对外管理服务", "行政处罚和行政强制", "财政预决算"),
    *("行政事业性收费", "政府采购", "重大建设项目", "民生政策措施", "应急管理", "监督检查", "公务员招考", "其他法定信息"),
)
SECOND = {"法规规章和规范性文件": ("规章", "行政规范性文件", "其他文件")}
FACTS = {
    "scheme": "combined",
    "title": "组配分类（按条例第二十条）",
    "source": "《中华人民共和国政府信息公开条例》第二十条各项；组配分类没有全国统一的表，可导入本地公布的。编码为在表中的次序，不是官方编码。",
}


def seed(apps: Any, _schema_editor: Any) -> None:
    edition, row = apps.get_model("vocabularies", "SubjectList"), apps.get_model("vocabularies", "SubjectRow")
    made = edition.objects.create(**FACTS)
    for place, title in enumerate(CLASSES, start=1):
        row.objects.create(edition=made, code=f"{place:02}", title=title)
        for number, second in enumerate(SECOND.get(title, ()), start=1):
            row.objects.create(edition=made, code=f"{place:02}{number:02}", title=second)


class Migration(migrations.Migration):
    dependencies = [("vocabularies", "0005_schemes")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
