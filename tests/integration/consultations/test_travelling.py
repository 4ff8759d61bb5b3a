"""Consultations travel with their site's rows; what citizens sent stays with the site they gave it to, and in its backups."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from library.contract import Member
from library.models import Relation
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from tenants.consultations import restoring
from tenants.consultations.models import ConsultationPage, Opinion
from tenants.pages import exporting
from tests.factories.backups import own_media
from tests.factories.consultations import consult, past_opinion
from tests.factories.interpretations import moment
from tests.factories.pages import publish_document
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")
NO_PAPERS = ("--override-officer", "示例", "--override-reason", "测试用站点，没有真实备案")
NEW = ("--name", "太原市迎泽区人民政府", "--short-name", "迎泽区", "--city", "taiyuan", "--region", "140106", *NO_PAPERS)
WORDS, WHO, WHERE = "公民自己的话", "样例甲", "13800000000"
OUTCOMES = (("延长时间", "partly", "延长一半。"),)


def fill() -> ConsultationPage:
    publish_document("停车办法", doc_no="小政发〔2026〕3号")
    meeting = {"held_at": moment("2026-01-05 08:00"), "place": "样例会议室"}
    page = consult(begins=-60, ends=-20, outcomes=OUTCOMES, hearings=(meeting,), final_reference="停车办法", offline_count=2)
    past_opinion(page, WORDS, name=WHO, contact=WHERE)
    return page


def told(page: ConsultationPage) -> tuple[Any, ...]:
    meetings = [(row.held_at, row.place) for row in page.hearings.all()]
    outcomes = [(row.opinion, row.adoption, row.reason) for row in page.outcomes.all()]
    return page.title, page.kind, page.starts_on, page.ends_on, page.offline_count, page.answered_at, meetings, outcomes


def test_rows_carry_the_consultation_and_no_citizen_into_another_site() -> None:
    """S13: what was published comes back the same, tied to the new site's own document."""
    here, there = open_sites("xiaodian", "yingze")
    with in_schema_of(here):
        before = told(fill())
        rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for name, row in exporting.export_site(here):
            rows[name].append(row)

    assert exporting.check_rows(rows) == []
    assert [word for word in (WORDS, WHO, WHERE) if word in str(dict(rows))] == []
    with in_schema_of(there), transaction.atomic():
        exporting.import_site(there, rows)
        page = ConsultationPage.objects.get()
        assert told(page) == before
        assert page.final_reference == "停车办法"
        assert Member.of_key(page.final_target).site == there.uuid
        assert Opinion.objects.count() == 0
        assert restoring.relate_site(there) == 0  # search does not know the document yet


def test_a_site_made_after_another_has_its_consultations_and_nobodys_opinion() -> None:
    open_sites("xiaodian")
    with in_schema_of(tenant_by_slug("xiaodian")):
        fill()

    call_command("site", "clone", "yingze", "--source", "xiaodian", "--with-content", *NEW, "--json")

    with in_schema_of(tenant_by_slug("yingze")):
        page = ConsultationPage.objects.get()
        assert (page.outcomes.get().reason, page.hearings.get().place, Opinion.objects.count()) == ("延长一半。", "样例会议室", 0)


def test_a_backup_brings_opinions_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """S13: what citizens sent is part of the record, so it is in the site's backup, and the tie to the decision is made again."""
    with own_media(tmp_path):
        (here,) = open_sites("xiaodian")
        with in_schema_of(here):
            page = fill()
        capsys.readouterr()
        call_command("backup", "create", "xiaodian", "--yes", "--json")
        (made,) = json.loads(capsys.readouterr().out)["made"]
        with in_schema_of(here), transaction.atomic():
            ConsultationPage.objects.get().delete()
            assert (Opinion.objects.count(), Relation.objects.count()) == (0, 0)

        call_command("backup", "restore", made["path"], "--yes", "--json")

    with in_schema_of(tenant_by_slug("xiaodian")):
        kept = Opinion.objects.get()
        assert (kept.text, kept.name, kept.contact, kept.consultation_id) == (WORDS, WHO, WHERE, page.pk)
    assert Relation.objects.get().source == Member(here.uuid, page.pk)
