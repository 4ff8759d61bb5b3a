"""The statutory tree of the regulation's articles 20 and 21, and the 26 fields of the standard catalogue with some rows marked as samples."""

import datetime as dt
from importlib.resources import files
from typing import Any

from django.db import migrations

from catalogues.importing import read

EDITIONS = [
    (
        "statutory-2019.csv",
        {
            "kind": "statutory",
            "title": "法定主动公开内容",
            "source": "中华人民共和国政府信息公开条例（国令第711号）第二十条、第二十一条",
            "published_on": dt.date(2019, 4, 3),
            "valid_from": dt.date(2019, 5, 15),
        },
    ),
    (
        "standard-2020.csv",
        {
            "kind": "standard",
            "title": "基层政务公开标准目录（26个领域；条目为样例，请以本地正式目录替换）",
            "source": "国务院办公厅关于全面推进基层政务公开标准化规范化工作的指导意见（国办发〔2019〕54号）",
            "published_on": dt.date(2020, 1, 8),
            "valid_from": dt.date(2020, 1, 8),
        },
    ),
]


def seed(apps: Any, _schema_editor: Any) -> None:
    edition, entry = apps.get_model("catalogues", "Edition"), apps.get_model("catalogues", "Entry")
    for name, facts in EDITIONS:
        text = (files("catalogues") / "data" / name).read_text(encoding="utf-8")
        items, problems = read(text.splitlines(keepends=True))
        if problems:
            raise ValueError(str(problems[0]))
        made = edition.objects.create(number=1, **facts)
        entry.objects.bulk_create(
            entry(
                edition=made,
                position=position,
                code=item.code,
                field=item.field,
                group=item.group,
                title=item.title,
                content=item.content,
                basis=item.basis,
                timing=item.timing,
                organ=item.organ,
                channels=item.channels,
                audience=item.audience,
                manner=item.manner,
                levels="；".join(item.levels),
                columns="；".join(item.columns),
                is_sample=item.is_sample,
            )
            for position, item in enumerate(items, start=1)
        )


class Migration(migrations.Migration):
    dependencies = [("catalogues", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
