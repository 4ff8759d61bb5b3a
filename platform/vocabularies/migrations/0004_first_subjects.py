"""The 22 classes of the State Council's subjects of documents; of second-level ones only those at hand, the others come by import."""

from typing import Any

from django.db import migrations

CLASSES = (
    *("国务院组织机构", "综合政务", "国民经济管理、国有资产监管", "财政、金融、审计", "国土资源、能源", "农业、林业、水利", "工业、交通"),
    *("商贸、海关、旅游", "市场监管、安全生产监管", "城乡建设、环境保护", "科技、教育", "文化、广电、新闻出版", "卫生、体育"),
    *("人口与计划生育、妇女儿童工作", "劳动、人事、监察", "公安、安全、司法", "民政、扶贫、救灾", "民族、宗教", "对外事务"),
    *("港澳台侨工作", "国防", "其他"),
)
SECOND = {
    "综合政务": ("政务公开", "政务督查", "应急管理", "电子政务", "文秘工作", "保密工作", "信访", "参事、文史", "其他"),
}
FACTS = {
    "title": "国务院公文主题分类",
    "source": "国务院公文主题分类；二级分类仅收录综合政务，其余待导入。编码为在表中的次序，不是官方编码。",
}


def seed(apps: Any, _schema_editor: Any) -> None:
    edition, row = apps.get_model("vocabularies", "SubjectList"), apps.get_model("vocabularies", "SubjectRow")
    made = edition.objects.create(**FACTS)
    for place, title in enumerate(CLASSES, start=1):
        row.objects.create(edition=made, code=f"{place:02}", title=title)
        for number, second in enumerate(SECOND.get(title, ()), start=1):
            row.objects.create(edition=made, code=f"{place:02}{number:02}", title=second)


class Migration(migrations.Migration):
    dependencies = [("vocabularies", "0003_subjects")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
