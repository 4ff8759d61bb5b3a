"""Jobs for tests; workers are processes of their own and find them by this module's name."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from wagtail.models import Site

from jobs.contract import Job, NotYetError
from jobs.services import job
from registry.schemas import in_schema_of


@job
def say_where(told: Job, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Write into the job's site, and say which site that was."""
    assert told.tenant is not None
    with in_schema_of(told.tenant), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone() or ("",)
        cursor.execute("UPDATE wagtailcore_site SET site_name = site_name::int + 1")
        return {"schema": schema, "host": Site.objects.get().hostname, "number": payload["number"]}


@job
def count_then_die(told: Job, payload: Mapping[str, Any]) -> str:
    """Do two things, each once however often it runs, and kill its own worker between them at the first attempt."""
    marks = Path(payload["marks"])
    for name in ("first", "second"):
        if not (marks / name).exists():
            (marks / name).write_text(told.actor)
            with (marks / "log").open("a") as log:
                log.write(f"{name} {told.attempt}\n")
        if name == "first" and told.attempt <= payload["deaths"]:
            os.kill(os.getpid(), 9)
    return "done"


@job
def fail(told: Job, payload: Mapping[str, Any]) -> None:
    """Fail unless the cause is mended."""
    if not Path(payload["mended"]).exists():
        raise ValueError("第三步失败：磁盘已满")


@job
def wait_a_while(told: Job, payload: Mapping[str, Any]) -> int:
    """Say once that it is too early."""
    if told.attempt == 1:
        raise NotYetError("Another process is at work.")
    return told.attempt


@job
def sleep(told: Job, payload: Mapping[str, Any]) -> None:
    """Take its time."""
    time.sleep(payload["seconds"])
