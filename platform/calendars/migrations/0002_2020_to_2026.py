"""The years that were announced when the table was made."""

import csv
from importlib.resources import files
from typing import Any

from django.db import migrations


def seed(apps: Any, _schema_editor: Any) -> None:
    version, day = apps.get_model("calendars", "Version"), apps.get_model("calendars", "Day")
    text = (files("calendars") / "data" / "2020-2026.csv").read_text(encoding="utf-8")
    versions = {}
    days = []
    for row in csv.DictReader(text.splitlines()):
        year = int(row["date"][:4])
        if year not in versions:
            versions[year] = version.objects.create(year=year, number=1, source=row["source"], published_on=row["published_on"])
        days.append(day(version=versions[year], day=row["date"], is_working=row["is_working"] == "1", name=row["name"]))
    day.objects.bulk_create(days)


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
