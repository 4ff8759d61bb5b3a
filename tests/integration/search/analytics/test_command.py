"""`manage.py search analytics`: what runs once a day."""

import datetime as dt
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from registry.contract import TenantRef
from registry.models import City
from search.models import QueryTask, SearchRecord, Suggestion
from tests.factories.documents import document, publish

pytestmark = pytest.mark.usefixtures("database")


def run(step: str, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("search", "analytics", step, "--json", "--yes", *options, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_once_a_day_everything_is_looked_after_and_a_second_run_has_nothing_to_do(make_site: Callable[..., TenantRef]) -> None:
    site = make_site("xiaodian")
    publish(document(site, 1, title="停车管理办法"))
    now, city = dt.datetime.now(dt.UTC), City.objects.get(slug="taiyuan")
    values = {"city": city, "tenant_id": site.id, "channel": "page", "reach": "site", "took_ms": 5}
    asked = (("停车管理", 3, 1), ("落户", 0, 1), ("很久以前", 1, 400))
    SearchRecord.objects.bulk_create(
        SearchRecord(at=now - dt.timedelta(days=days), session=str(number), text=query, normal=query, total=total, **values)
        for query, total, days in asked
        for number in range(5)
    )

    planned = run("daily", "--dry-run")
    assert (QueryTask.objects.count(), Suggestion.objects.count(), SearchRecord.objects.count()) == (0, 0, 15)
    done = run("daily")

    assert planned == done == {"tasks": 1, "filled": 1, "queries": 1, "days_counted": 2, "records": 5, "salts": 0, "figures": 0}
    assert QueryTask.objects.get().normal == "落户"
    assert set(Suggestion.objects.values_list("text", flat=True)) == {"停车管理办法", "停车管理"}
    assert run("daily") == {"tasks": 0, "filled": 0, "queries": 1, "days_counted": 0, "records": 0, "salts": 0, "figures": 0}


def test_one_step_does_only_that(make_site: Callable[..., TenantRef]) -> None:
    publish(document(make_site("xiaodian"), 1, title="停车管理办法"))

    assert run("purge") == {"days_counted": 0, "records": 0, "salts": 0, "figures": 0}
    assert Suggestion.objects.count() == 0
