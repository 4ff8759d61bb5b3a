"""Jobs run in their own site, survive their workers, and are done once."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django_tasks_db.models import DBTaskResult
from wagtail.models import Site

from jobs import selectors, services
from jobs.checks import check_jobs
from jobs.contract import JobState, NotFailedError, UnknownJobError
from jobs.worker import Worker
from observability.doctor import Level
from observability.models import AuditEntry
from observability.terminal import CommandFailure
from registry.schemas import in_schema_of
from tests.factories import jobs as samples
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")

ROOT = Path(__file__).resolve().parents[3]


def start_worker(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a worker of its own process on this worker's database."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "manage.py", "jobs", "run", *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are ended with the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def work() -> Worker:
    """Work in this process until nothing waits."""
    worker = Worker()
    worker.run(should_stop=lambda: False, once=True)
    return worker


def enqueue(task: Any, **payload: Any) -> Any:
    with transaction.atomic():
        return services.enqueue(
            task, label="测试", subject="xiaodian", tenant=None, actor="zhangsan", address="203.0.113.9", payload=payload
        )


def test_a_thousand_interleaved_jobs_of_four_sites_on_two_workers_are_never_in_the_wrong_schema(
    started: list[subprocess.Popen[bytes]],
) -> None:
    sites = open_sites("xiaodian", "yingze", "qingxu", "yangqu")
    for site in sites:
        with in_schema_of(site):
            Site.objects.update(site_name="0")
    with transaction.atomic():
        for number in range(1000):
            site = sites[number * 7 % 4]
            services.enqueue(samples.say_where, label="测试", subject=site.slug, tenant=site, actor="tests", payload={"number": number})

    started += [start_worker("--once"), start_worker("--once")]

    assert [process.wait(120) for process in started] == [0, 0]
    rows = list(DBTaskResult.objects.all())
    wanted = {str(site.uuid): (site.schema_name, site.primary_domain) for site in sites}
    assert [(row.status, row.traceback) for row in rows if row.status != "SUCCESSFUL"] == []
    assert len(rows) == 1000
    assert {row.return_value["number"] for row in rows} == set(range(1000))
    wrong = [row for row in rows if (row.return_value["schema"], row.return_value["host"]) != wanted[row.args_kwargs["kwargs"]["tenant"]]]
    assert wrong == []
    assert len({worker for row in rows for worker in row.worker_ids}) == 2
    for site in sites:
        with in_schema_of(site):
            assert Site.objects.get().site_name == "250"


def test_a_job_whose_worker_is_killed_is_taken_up_again_and_its_effects_happen_once(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    job_id = enqueue(samples.count_then_die, marks=str(tmp_path), deaths=1)
    started.append(start_worker("--once"))
    assert started[0].wait(60) == -9
    assert DBTaskResult.objects.get(pk=job_id).status == "RUNNING"

    started.append(start_worker("--once"))

    assert started[1].wait(60) == 0
    row = DBTaskResult.objects.get(pk=job_id)
    assert (row.status, row.return_value, len(row.worker_ids)) == ("SUCCESSFUL", "done", 2)
    assert (tmp_path / "log").read_text().splitlines() == ["first 1", "second 2"]


def test_a_job_at_work_is_not_taken_for_abandoned(started: list[subprocess.Popen[bytes]]) -> None:
    job_id = enqueue(samples.sleep, seconds=6)
    started.append(start_worker("--once"))
    while DBTaskResult.objects.get(pk=job_id).status == "READY":
        time.sleep(0.05)

    worker = work()

    row = DBTaskResult.objects.get(pk=job_id)
    assert (worker.done, row.status, len(row.worker_ids)) == (0, "RUNNING", 1)
    assert selectors.workers() == 1


def test_a_worker_that_has_ended_is_not_counted_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed connection keeps its locks until the server notices: nothing may depend on how soon that is."""
    worker = Worker()
    closings: list[int] = []
    close = worker._watch.close

    def count_and_close() -> None:
        closings.append(selectors.workers())
        close()

    monkeypatch.setattr(worker._watch, "close", count_and_close)

    worker.run(should_stop=lambda: False, once=True)

    assert (closings[-1], selectors.workers()) == (0, 0)


def test_a_job_that_ends_every_worker_is_given_up() -> None:
    job_id = enqueue(samples.sleep, seconds=0)
    DBTaskResult.objects.filter(pk=job_id).update(status="RUNNING", worker_ids=["a", "b", "c", "d", "e"])

    work()

    job = selectors.job_by_id(job_id)
    assert job is not None
    assert (job.state, job.error) == (JobState.FAILED, "5 workers ended while they ran this job.")


def test_a_failed_job_says_why_and_is_tried_again_by_a_person(tmp_path: Path) -> None:
    job_id = enqueue(samples.fail, mended=str(tmp_path / "mended"))
    assert work().failed == 1
    (failed,) = selectors.jobs(state=JobState.FAILED)
    assert (failed.error, failed.subject, failed.actor, failed.name) == ("第三步失败：磁盘已满", "xiaodian", "zhangsan", "fail")
    (tmp_path / "mended").touch()

    services.retry(job_id, by="lisi")

    assert work().done == 1
    assert AuditEntry.objects.get(action="job.retried").actor == "lisi"
    with pytest.raises(NotFailedError):
        services.retry(job_id, by="lisi")
    with pytest.raises(UnknownJobError):
        services.retry(uuid4(), by="lisi")


def test_a_job_that_comes_too_early_comes_again() -> None:
    job_id = enqueue(samples.wait_a_while)
    assert work().done == 0
    assert DBTaskResult.objects.get(pk=job_id).status == "READY"
    DBTaskResult.objects.update(run_after="2001-01-01T00:00Z")

    work()

    assert DBTaskResult.objects.get(pk=job_id).return_value == 2


def test_a_job_is_gone_with_its_transaction_and_names_its_actor() -> None:
    with transaction.atomic():
        services.enqueue(samples.sleep, label="测试", subject="x", tenant=None, actor="tests", payload={"seconds": 0})
        transaction.set_rollback(True)
    with pytest.raises(ValueError, match="name the actor"):
        services.enqueue(samples.sleep, label="测试", subject="x", tenant=None, actor="")

    assert DBTaskResult.objects.count() == 0


def test_the_command_lists_and_retries(tmp_path: Path) -> None:
    enqueue(samples.fail, mended=str(tmp_path / "mended"))

    def run(*arguments: str) -> dict[str, Any]:
        out = io.StringIO()
        call_command("jobs", *arguments, "--json", stdout=out)
        document: dict[str, Any] = json.loads(out.getvalue())
        return document

    assert [job["state"] for job in run("list")["jobs"]] == ["READY"]
    assert run("run", "--once") == {"done": 0, "failed": 1}
    assert run("list", "--state", "ready")["jobs"] == []
    assert len(run("retry", "--all", "--dry-run")["would_retry"]) == 1
    assert [job["state"] for job in run("list")["jobs"]] == ["FAILED"]
    assert len(run("retry", "--all")["retried"]) == 1
    assert run("retry", "--all")["retried"] == []
    with pytest.raises(CommandFailure, match="Name one job"):
        run("retry")


def test_doctor_says_when_nobody_works_and_what_failed(tmp_path: Path) -> None:
    assert check_jobs().level is Level.OK
    enqueue(samples.fail, mended=str(tmp_path / "mended"))
    assert "no worker runs" in check_jobs().what

    work()

    assert check_jobs().what == "1 jobs failed."
