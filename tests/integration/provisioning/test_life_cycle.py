"""What readers, editors and operators meet in each state of a site's life, and what the rules forbid."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from calendars.models import Version
from memberships.contract import Role
from observability.models import AuditEntry
from provisioning import cloning, selectors, services, verbs
from provisioning.contract import (
    BusyError,
    DomainError,
    FilingsError,
    FilingSpec,
    IdentifierError,
    LaterOperationError,
    OfflineRequest,
    ProvisioningError,
    PurgeRequest,
    RefusedError,
    RenameRequest,
    RetireRequest,
    RulesError,
    SiteRequest,
    SlugError,
    StateError,
    StepFailedError,
    UnfinishedError,
    UnknownSiteError,
)
from provisioning.models import Operation
from provisioning.steps.closing import hash_of
from registry.contract import MAY_GO_OFFLINE, READABLE, TRANSITIONS, WRITABLE, FilingKind, State, TenantRef, TransitionError
from registry.models import Closure, Domain, Outage, Tenant
from registry.schemas import in_schema_of
from registry.selectors import directory, forget_directory, tenant_by_slug
from registry.services import change_state
from rules.contract import Mark, Scope, Unit
from rules.models import Rule
from rules.services import Wanted, set_rule
from search.models import Projection
from tenants.pages.models import ArticlePage
from tests.factories.indices import SearchIndex
from tests.factories.pages import publish_article
from tests.factories.people import person, signed_in
from tests.factories.sites import copied_sites, open_sites, put_into, site_spec

pytestmark = [pytest.mark.elasticsearch, pytest.mark.usefixtures("database")]

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # a Monday
NUMBERS = count(1)
D = dt.date
FILINGS = tuple(FilingSpec(kind, f"示例-{kind.value}", D(2026, 1, 5)) for kind in FilingKind if kind is not FilingKind.IDENTIFIER)


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Move the clock, in both directions, and let no copy of the registry be older than that."""
    with time_machine.travel(moment):
        forget_directory()
        yield
    forget_directory()


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with at(NOW):
        yield


@pytest.fixture
def city(database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _clock: None) -> tuple[TenantRef, TenantRef]:
    """The portal and a county of the test's own; archives and papers of another test's county of this name are elsewhere."""
    portal, site = copied_sites("taiyuan", "xiaodian", opened=NOW - dt.timedelta(hours=1))
    monkeypatch.setattr(settings, "BACKUP_DIR", str(tmp_path / "backups"))
    return portal, site


@pytest.fixture
def portal(city: tuple[TenantRef, TenantRef]) -> TenantRef:
    return city[0]


@pytest.fixture
def site(city: tuple[TenantRef, TenantRef]) -> TenantRef:
    return city[1]


def get(host: str, path: str = "/", **options: Any) -> Any:
    return Client(headers={"host": host}, raise_request_exception=False).get(path, **options)


def carry_out(verb: Any, request: Any) -> Any:
    return services.carry_out(verb, request, by="zhangsan")


def away(slug: str, *days: dt.date) -> OfflineRequest:
    first, last = days or (D(2026, 4, 1), D(2026, 4, 3))
    return OfflineRequest(slug, "机房改造", first_day=first, last_day=last)


# --- states -------------------------------------------------------------------


def test_a_site_goes_only_where_the_life_cycle_leads(site: TenantRef) -> None:
    went = set()
    for before, wanted in product(State, State):
        put_into(before, site)
        try:
            change_state(site, wanted)
        except TransitionError:
            assert Tenant.objects.get(pk=site.id).state == before
        else:
            went.add((before, wanted))

    assert went == {(before, wanted) for before in State for wanted in TRANSITIONS[before]} | {(state, state) for state in State}
    assert (State.PURGED, State.LIVE) not in went
    assert (State.LIVE, State.CLOSED) not in went
    assert (State.PREPARING, State.LIVE) not in went
    assert {state for state in State if State.OFFLINE in TRANSITIONS[state]} == {State(name) for name in MAY_GO_OFFLINE}


@pytest.mark.parametrize("state", State)
def test_readers_editors_and_search_meet_the_state(state: State, site: TenantRef, search_index: SearchIndex) -> None:
    title = f"关于{site.slug}停车收费的通知"
    with in_schema_of(site):
        publish_article(title)
    put_into(state, site)

    assert get(site.primary_domain).status_code == (200 if state in READABLE else 410 if state in (State.CLOSED, State.PURGED) else 503)
    closed = state in (State.CLOSED, State.PURGED)
    editor = Client(headers={"host": site.editor_domain})
    assert editor.get("/admin/").status_code == (410 if closed else 302)
    assert editor.post("/admin/pages/1/").status_code == (410 if closed else 302 if state in WRITABLE else 403)
    assert found("platform.localhost", title, search_index) == ([title] if state in READABLE else [])
    forget_directory()
    assert (site.uuid in directory().hidden()) == (state not in READABLE)


def found(host: str, text: str, index: SearchIndex) -> list[str]:
    call_command("relay", "run", "--once", verbosity=0)
    index.refresh()
    answer = get(host, f"/api/search/?{urlencode({'q': text, 'scope': 'city'})}")
    assert answer.status_code == 200
    assert not answer.json()["degraded"]
    return [hit["title"] for hit in answer.json()["hits"] if hit["title"] == text]


def test_in_a_read_only_site_an_editor_may_look_and_is_told_in_chinese_why_nothing_is_saved(site: TenantRef) -> None:
    person(f"editor-{site.slug}", roles={Role.REVIEWER: [site]})
    client = signed_in(site, f"editor-{site.slug}")
    with in_schema_of(site):
        page = publish_article("关于停水的通知")
    carry_out(verbs.READ_ONLY, SiteRequest(site.slug))
    form = {"title": "改过的标题", "action-publish": "1"}

    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    refused = client.post(f"/admin/pages/{page.pk}/edit/", form)
    told = client.post(f"/admin/pages/{page.pk}/edit/", form, headers={"accept": "application/json"})

    assert refused.status_code == told.status_code == 403
    assert "网站已转为只读：可以查看，不能修改。本次提交没有保存" in refused.content.decode()
    assert "本次提交没有保存" in told.json()["error"]
    with in_schema_of(site):
        assert ArticlePage.objects.get(pk=page.pk).title == "关于停水的通知"
    assert client.post("/admin/logout/").status_code == 302
    carry_out(verbs.RESUME, SiteRequest(site.slug))
    assert client.post(f"/admin/pages/{page.pk}/edit/", form).status_code == 302  # writing is possible again; signed out, it asks for that


def test_scheduled_texts_wait_while_a_site_is_read_only(site: TenantRef, capsys: pytest.CaptureFixture[str]) -> None:
    with in_schema_of(site):
        page = publish_article("已发布的通知")
        page.go_live_at = NOW + dt.timedelta(hours=1)
        page.title = "到时发布的通知"
        page.save_revision(approved_go_live_at=page.go_live_at)
    carry_out(verbs.READ_ONLY, SiteRequest(site.slug))

    with at(NOW + dt.timedelta(hours=2)):
        call_command("publish", "due", "--json")
        assert site.slug not in json.loads(capsys.readouterr().out)
        carry_out(verbs.RESUME, SiteRequest(site.slug))
        call_command("publish", "due", "--json")
        assert site.slug in json.loads(capsys.readouterr().out)


# --- offline for a time -------------------------------------------------------


def test_a_site_goes_offline_on_the_day_says_until_when_and_comes_back_by_itself(site: TenantRef, search_index: SearchIndex) -> None:
    title = f"关于{site.slug}下线的通知"
    with in_schema_of(site):
        publish_article(title)

    assert carry_out(verbs.OFFLINE, away(site.slug)).changed
    assert not carry_out(verbs.OFFLINE, away(site.slug)).changed

    assert get(site.primary_domain).status_code == 200
    with at(dt.datetime(2026, 4, 3, 12, tzinfo=dt.UTC)):  # 20:00 in Taiyuan, the last evening
        answer = get(site.primary_domain)
        assert answer.status_code == 503
        assert "自2026年04月01日 00:00至2026年04月04日 00:00临时下线，到期自动恢复。原因：机房改造" in answer.content.decode()
        assert 14_390 <= int(answer.headers["Retry-After"]) <= 14_400
        assert found("platform.localhost", title, search_index) == []
        assert {row["slug"]: row["state"] for row in selectors.site_rows()}[site.slug] == "offline"
    with at(dt.datetime(2026, 4, 3, 16, tzinfo=dt.UTC)):  # midnight in Taiyuan
        assert get(site.primary_domain).status_code == 200
        assert found("platform.localhost", title, search_index) == [title]


def test_a_process_that_looked_before_the_hour_notices_it(site: TenantRef) -> None:
    carry_out(verbs.OFFLINE, away(site.slug))
    start = dt.datetime(2026, 3, 31, 16, tzinfo=dt.UTC)
    with time_machine.travel(start - dt.timedelta(seconds=2), tick=False) as clock:
        forget_directory()
        assert get(site.primary_domain).status_code == 200  # the copy is kept from here on
        clock.shift(3)
        assert get(site.primary_domain).status_code == 503


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (away("", D(2026, 3, 13), D(2026, 3, 14)), r"10 working days ahead \(国办发〔2017〕47号.*first day is 2026-03-16"),
        (away("", D(2026, 4, 1), D(2026, 5, 1)), "30 days at most .*not 31"),
        (away("", D(2026, 4, 3), D(2026, 4, 1)), "before the first"),
        (replace(away(""), reason=""), "--reason"),
    ],
)
def test_an_absence_against_the_rules_is_refused(request_: OfflineRequest, says: str, site: TenantRef) -> None:
    with pytest.raises(RulesError, match=says):
        carry_out(verbs.OFFLINE, replace(request_, slug=site.slug))

    assert Outage.objects.filter(tenant_id=site.id).count() == 0
    assert carry_out(verbs.OFFLINE, away(site.slug, D(2026, 3, 16), D(2026, 4, 14))).changed  # just within all of them


def test_an_absence_counts_for_both_years_it_touches_and_not_when_it_was_called_off_before(site: TenantRef) -> None:
    carry_out(verbs.OFFLINE, away(site.slug))
    with pytest.raises(RulesError, match="in 2026 this one has 1"):
        carry_out(verbs.OFFLINE, away(site.slug, D(2026, 8, 3), D(2026, 8, 4)))
    with pytest.raises(RulesError, match="in 2026 this one has 1"):
        carry_out(verbs.OFFLINE, away(site.slug, D(2026, 12, 30), D(2027, 1, 2)))

    carry_out(verbs.RESUME, SiteRequest(site.slug))

    assert carry_out(verbs.OFFLINE, away(site.slug, D(2026, 8, 3), D(2026, 8, 4))).changed
    with at(dt.datetime(2026, 8, 3, 4, tzinfo=dt.UTC)):
        assert get(site.primary_domain).status_code == 503
        carry_out(verbs.RESUME, SiteRequest(site.slug))
        assert get(site.primary_domain).status_code == 200
        with pytest.raises(RulesError, match="in 2026 this one has 1"):  # it had begun
            carry_out(verbs.OFFLINE, away(site.slug, D(2026, 9, 7), D(2026, 9, 8)))


def test_a_city_may_ask_for_more_and_a_year_without_calendar_is_not_guessed(site: TenantRef) -> None:
    stricter = Wanted("site.offline.notice", 20, Unit.WORKING_DAYS, "示例文件", Mark.OWN, D(2026, 1, 1), Scope.CITY, "140100")
    set_rule(stricter, by="tests")
    with pytest.raises(RulesError, match=r"20 working days ahead \(示例文件\).*first day is 2026-03-30"):
        carry_out(verbs.OFFLINE, away(site.slug, D(2026, 3, 27), D(2026, 3, 28)))

    assert Version.objects.filter(year=2027).count() == 0
    with (
        at(dt.datetime(2026, 12, 21, tzinfo=dt.UTC)),
        pytest.raises(RulesError, match=r"working days of 2027 are not known.*calendar import"),
    ):
        carry_out(verbs.OFFLINE, away(site.slug, D(2027, 2, 1), D(2027, 2, 2)))


# --- other names --------------------------------------------------------------


def test_a_renamed_site_takes_everything_along(site: TenantRef, search_index: SearchIndex) -> None:
    title = f"关于{site.slug}改名的通知"
    with in_schema_of(site):
        publish_article(title)
    path = "/zwdt/yaowen/article/"
    folder = Path(settings.MEDIA_ROOT) / site.schema_name / "images"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seal.png").write_bytes(b"sample")
    new = f"n{site.slug}"

    carry_out(verbs.RENAME, RenameRequest(site.slug, new_slug=new, new_domain=f"www.{new}.localhost"))

    moved = tenant_by_slug(new)
    assert (moved.uuid, moved.schema_name, moved.primary_domain) == (site.uuid, site.schema_name, f"www.{new}.localhost")
    with pytest.raises(LookupError, match="no site"):
        tenant_by_slug(site.slug)
    old = get(site.primary_domain, f"{path}?page=2")
    assert (old.status_code, old.headers["Location"]) == (301, f"http://www.{new}.localhost:8000{path}?page=2")
    assert get(site.editor_domain, "/admin/").headers["Location"] == f"http://{new}.manage.localhost:8000/admin/"
    assert title in get(moved.primary_domain, path).content.decode()
    picture = get(moved.primary_domain, f"/media/{site.schema_name}/images/seal.png")
    assert b"".join(picture.streaming_content) == b"sample"
    picture.close()
    assert found("platform.localhost", title, search_index) == [title]
    hit = get("platform.localhost", f"/api/search/?{urlencode({'q': title, 'scope': 'city'})}").json()["hits"][0]
    assert (hit["site"], hit["url"]) == (new, f"http://www.{new}.localhost:8000{path}")
    facts = selectors.site_facts(new)
    assert facts is not None
    assert [(row["verb"], row["subject"]) for row in facts["operations"]] == [("site open", site.slug), ("site rename", site.slug)]
    assert not carry_out(verbs.RENAME, RenameRequest(site.slug, new_slug=new, new_domain=f"www.{new}.localhost")).changed
    assert services.roll_back(verbs.RENAME, new, by="zhangsan").changed  # by its new name
    assert tenant_by_slug(site.slug).primary_domain == site.primary_domain


def test_the_rules_of_one_site_follow_it_to_its_new_name_and_back(site: TenantRef) -> None:
    longer = Wanted("site.domain.jump", 6, Unit.MONTHS, "示例文件", Mark.OWN, D(2026, 1, 1), Scope.TENANT, site.slug)
    elsewhere = replace(longer, scope_code="taiyuan")
    for wanted in (longer, elsewhere):
        set_rule(wanted, by="tests")
    new = f"n{site.slug}"
    request = RenameRequest(site.slug, new_slug=new)

    def codes() -> list[str]:
        return list(Rule.objects.filter(scope=Scope.TENANT).order_by("scope_code").values_list("scope_code", flat=True))

    carry_out(verbs.RENAME, request)

    assert codes() == sorted([new, "taiyuan"])
    old = Domain.objects.get(domain=site.primary_domain)
    assert old.redirect_until is not None
    assert timezone.localtime(old.redirect_until).date() == D(2026, 9, 2)  # by the site's own rule
    entry = AuditEntry.objects.get(action="rule.followed", subject=new)
    assert (entry.actor, entry.detail) == ("zhangsan", {"before": site.slug, "after": new, "rows": 1})
    set_rule(replace(longer, key="site.closing.grace", unit=Unit.DAYS, value=40, scope_code=new), by="tests")
    services.roll_back(verbs.RENAME, new, by="zhangsan")
    assert codes() == sorted([site.slug, site.slug, "taiyuan"])


def test_a_name_that_has_rules_of_its_own_is_refused(site: TenantRef) -> None:
    """They were made for a site that went, or by mistake; the renamed site would fall under them unseen."""
    set_rule(Wanted("site.domain.jump", 6, Unit.MONTHS, "示例文件", Mark.OWN, D(2026, 1, 1), Scope.TENANT, "orphan"), by="tests")

    with pytest.raises(SlugError, match="rules are kept for 'orphan'"):
        carry_out(verbs.RENAME, RenameRequest(site.slug, new_slug="orphan"))

    assert tenant_by_slug(site.slug).uuid == site.uuid


def test_the_old_domain_leads_on_for_three_months_and_is_unknown_then(site: TenantRef) -> None:
    carry_out(verbs.RENAME, RenameRequest(site.slug, new_domain=f"www.{site.slug}.localhost"))

    with at(dt.datetime(2026, 6, 1, 15, 59, tzinfo=dt.UTC)):
        assert get(site.primary_domain, "/zwgk/").status_code == 301
    with at(dt.datetime(2026, 6, 1, 16, 1, tzinfo=dt.UTC)):  # the second of June in Taiyuan
        assert get(site.primary_domain, "/zwgk/").status_code == 404
        assert get(f"www.{site.slug}.localhost").status_code == 200
        carry_out(verbs.RENAME, RenameRequest(site.slug, new_domain=site.primary_domain))  # and back to the first one
        assert get(site.primary_domain).status_code == 200
        assert get(f"www.{site.slug}.localhost").status_code == 301


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({}, RefusedError, "--slug"),
        ({"new_slug": "X"}, SlugError, "no slug"),
        ({"new_slug": "taiyuan"}, SlugError, "belongs to 太原市人民政府"),
        ({"new_domain": "taiyuan.localhost"}, DomainError, "belongs to 太原市人民政府"),
        ({"slug": "nowhere", "new_slug": "somewhere"}, UnknownSiteError, "no site 'nowhere'"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused(changes: dict[str, str], error: type[ProvisioningError], says: str, site: TenantRef) -> None:
    before = list(Domain.objects.order_by("domain").values_list("domain", "tenant_id", "is_primary"))

    with pytest.raises(error, match=says):
        carry_out(verbs.RENAME, RenameRequest(**{"slug": site.slug} | changes))

    assert list(Domain.objects.order_by("domain").values_list("domain", "tenant_id", "is_primary")) == before


# --- two at once, stolen between plan and run ---------------------------------


def test_a_domain_taken_between_plan_and_run_is_refused_and_nothing_is_half_done(site: TenantRef) -> None:
    spec = site_spec(f"c{next(NUMBERS)}", domain="www.wanted.localhost")
    rename = RenameRequest(site.slug, new_domain="www.wanted.localhost")
    assert services.plan(verbs.OPEN, spec).steps
    assert services.plan(verbs.RENAME, rename).steps
    (thief,) = open_sites(f"c{next(NUMBERS)}", domain="www.wanted.localhost")

    for verb, request in ((verbs.OPEN, spec), (verbs.RENAME, rename)):
        with pytest.raises(DomainError, match=r"'www.wanted.localhost' belongs to"):
            carry_out(verb, request)

    assert not Tenant.objects.filter(slug=spec.slug).exists()
    assert not Operation.objects.filter(subject=spec.slug).exists()
    assert not cloning.has_schema(f"s_{spec.slug}")
    assert Domain.objects.get(domain="www.wanted.localhost").tenant_id == thief.id
    assert [row.domain for row in Domain.objects.filter(tenant_id=site.id, purpose="public")] == [site.primary_domain]


def test_a_domain_taken_after_the_check_fails_the_step_and_leaves_nothing(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = site_spec(f"c{next(NUMBERS)}", aliases=("www.late.test",))

    def steal_then_begin(_spec: Any) -> None:  # runs after the check and before the first step
        Domain.objects.create(domain="www.late.test", tenant_id=site.id)

    with pytest.raises(StepFailedError, match=r"step 'reserve' failed: The domain 'www.late.test' belongs to"):
        carry_out(replace(verbs.OPEN, prepare=steal_then_begin), spec)

    assert not Tenant.objects.filter(slug=spec.slug).exists()
    assert not Domain.objects.filter(domain__startswith=f"{spec.slug}.").exists()
    Domain.objects.get(domain="www.late.test").delete()
    assert carry_out(verbs.OPEN, spec).changed  # the next run mends it


def test_a_second_operator_with_another_verb_is_told_to_wait(site: TenantRef) -> None:
    other = connection.copy()
    other.set_schema_to_public()  # type: ignore[attr-defined] # django-tenants' connection
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"site {site.slug}"])
        for verb, request in ((verbs.SUSPEND, SiteRequest(site.slug)), (verbs.RENAME, RenameRequest("taiyuan", new_slug=site.slug))):
            with pytest.raises(BusyError, match="Another process is at work"):
                carry_out(verb, request)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()

    assert Operation.objects.filter(tenant_uuid=site.uuid).count() == 1
    assert carry_out(verbs.SUSPEND, SiteRequest(site.slug)).changed


def test_a_half_done_verb_bars_the_others_until_it_is_taken_back(site: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SITE_NOTICES", {"publish": "tests.integration.provisioning.test_life_cycle.no_paper"})
    retire = RetireRequest(site.slug, "机构改革")
    with pytest.raises(StepFailedError, match="step 'notice' failed: no paper"):
        carry_out(verbs.RETIRE, retire)

    with pytest.raises(UnfinishedError, match=r"'site retire' on .* is not finished.*--rollback"):
        carry_out(verbs.SUSPEND, SiteRequest(site.slug))

    services.roll_back(verbs.RETIRE, site.slug, by="zhangsan")
    assert carry_out(verbs.SUSPEND, SiteRequest(site.slug)).changed


def no_paper(*_: Any, **__: Any) -> None:
    raise RuntimeError("no paper")


def test_what_came_later_is_taken_back_first(site: TenantRef) -> None:
    carry_out(verbs.SUSPEND, SiteRequest(site.slug))
    carry_out(verbs.RESUME, SiteRequest(site.slug))

    with pytest.raises(LaterOperationError, match="'site resume' came after it"):
        services.roll_back(verbs.SUSPEND, site.slug, by="zhangsan")

    services.roll_back(verbs.RESUME, site.slug, by="zhangsan")
    services.roll_back(verbs.SUSPEND, site.slug, by="zhangsan")
    assert tenant_by_slug(site.slug).state is State.LIVE


# --- papers -------------------------------------------------------------------


def test_a_site_without_its_papers_does_not_open(portal: TenantRef) -> None:
    spec = site_spec(f"c{next(NUMBERS)}", override_officer="", filings=FILINGS)

    with pytest.raises(FilingsError, match=r"lacks identifier \(网站标识码\)"):
        carry_out(verbs.OPEN, spec)
    assert not Tenant.objects.filter(slug=spec.slug).exists()

    carry_out(verbs.PREPARE, spec)
    assert get(f"{spec.slug}.localhost").status_code == 503
    with pytest.raises(FilingsError):
        carry_out(verbs.OPEN, spec)
    assert tenant_by_slug(spec.slug).state is State.PREPARING


def test_with_five_papers_it_opens_and_their_copies_are_kept_from_readers(portal: TenantRef, tmp_path: Path) -> None:
    paper = tmp_path / "approval.PDF"
    paper.write_bytes(b"sample paper")
    filings = (replace(FILINGS[0], file=str(paper)), *FILINGS[1:], FilingSpec(FilingKind.IDENTIFIER, "1401000009", D(2026, 1, 6)))
    spec = site_spec(f"c{next(NUMBERS)}", override_officer="", filings=filings)
    carry_out(verbs.PREPARE, spec)

    carry_out(verbs.OPEN, spec)

    tenant = Tenant.objects.get(slug=spec.slug)
    assert (tenant.state, tenant.identifier, tenant.icp) == ("live", "1401000009", "示例-icp")
    assert tenant.filings.count() == 5
    kept = Path(settings.FILINGS_ROOT) / tenant.filings.get(kind="approval").file
    assert (kept.read_bytes(), kept.suffix) == (b"sample paper", ".pdf")
    assert not kept.is_relative_to(settings.MEDIA_ROOT)


def test_an_officer_answers_by_name_for_papers_and_for_an_unusual_identifier(portal: TenantRef) -> None:
    spec = site_spec(f"c{next(NUMBERS)}", identifier="14-TEST", override_officer="", filings=FILINGS)
    with pytest.raises(IdentifierError, match="'14-TEST' is no site identifier"):
        carry_out(verbs.OPEN, spec)

    carry_out(verbs.OPEN, replace(spec, override_officer="示例", override_reason="编制部门尚未发码"))

    assert Tenant.objects.get(slug=spec.slug).identifier == "14-TEST"
    (entry,) = AuditEntry.objects.filter(action="site.open", subject=spec.slug)
    assert (entry.detail["request"]["override_officer"], entry.detail["request"]["override_reason"]) == ("示例", "编制部门尚未发码")
    assert (entry.detail["before"], entry.detail["after"]["state"]) == ({}, "live")
    with pytest.raises(IntegrityError, match="registry_tenant_identifier_form"):
        Tenant.objects.filter(slug=spec.slug).update(is_identifier_unusual=False)


# --- the end ------------------------------------------------------------------


def test_a_closing_is_announced_on_the_portal_and_its_readers_are_led_on(
    site: TenantRef, portal: TenantRef, search_index: SearchIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    carry_out(verbs.RETIRE, RetireRequest(site.slug, "机构改革", redirect_to="https://www.example.gov.cn/new/"))

    closure = Closure.objects.get(tenant_id=site.id)
    title = f"关于{site.name}网站关停的公告"
    notice = get(portal.primary_domain, closure.notice_url.split(":8000", 1)[1])
    assert notice.status_code == 200
    assert f"因机构改革，{site.name}网站（{site.primary_domain}）自2026年03月02日起停止服务" in notice.content.decode()
    assert title in get(portal.primary_domain, "/zwdt/tzgg/").content.decode()
    assert found("platform.localhost", title, search_index) == [title]
    old = get(site.primary_domain, "/zwgk/")
    assert (old.status_code, old.headers["Location"]) == (301, "https://www.example.gov.cn/new/")
    assert get(site.editor_domain, "/admin/").status_code == 301
    assert (closure.purge_from, closure.receipt["sha256"]) == (D(2026, 4, 1), hash_of(closure.receipt))
    assert Path(closure.archive["path"]).is_file()
    capsys.readouterr()
    call_command("site", "receipt", site.slug, "--json")
    assert json.loads(capsys.readouterr().out) == closure.receipt
    with pytest.raises(StateError, match="keeps its name"):
        carry_out(verbs.RENAME, RenameRequest(site.slug, new_slug=f"n{site.slug}"))


def test_a_closed_site_without_successor_shows_where_its_closing_was_announced(site: TenantRef) -> None:
    carry_out(verbs.RETIRE, RetireRequest(site.slug, "机构改革", notice_url="https://www.example.gov.cn/notice.html"))

    answer = get(site.primary_domain, "/zwgk/")

    assert answer.status_code == 410
    assert "本网站已关闭，不再更新。关停公告：https://www.example.gov.cn/notice.html" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"reason": ""}, RefusedError, "--reason"),
        ({"redirect_to": "javascript:alert(1)"}, RefusedError, "no web address"),
        ({"slug": "taiyuan"}, RefusedError, "no portal above it"),
    ],
)
def test_a_closing_that_lacks_something_is_refused(
    changes: dict[str, str], error: type[ProvisioningError], says: str, site: TenantRef
) -> None:
    with pytest.raises(error, match=says):
        carry_out(verbs.RETIRE, RetireRequest(**{"slug": site.slug, "reason": "机构改革"} | changes))

    assert tenant_by_slug(site.slug).state is State.LIVE
    assert Closure.objects.filter(tenant_id=site.id).count() == 0


def test_where_a_rule_asks_for_it_the_closing_was_announced_long_enough(site: TenantRef) -> None:
    asked = Wanted("site.closing.notice", 1, Unit.MONTHS, "示例文件", Mark.OWN, D(2026, 1, 1), Scope.TENANT, site.slug)
    set_rule(asked, by="tests")
    retire = RetireRequest(site.slug, "机构改革")

    with pytest.raises(RulesError, match="示例文件: announce the closing on the site itself"):
        carry_out(verbs.RETIRE, retire)
    with pytest.raises(RulesError, match="has to stand until 2026-03-03"):
        carry_out(verbs.RETIRE, replace(retire, announced_on="2026-02-03"))

    assert carry_out(verbs.RETIRE, replace(retire, announced_on="2026-02-02")).changed


def test_a_closed_site_is_purged_after_its_grace_from_its_true_archive_and_not_before(site: TenantRef, search_index: SearchIndex) -> None:
    title = f"关于{site.slug}清除的通知"
    with in_schema_of(site):
        publish_article(title)
    assert found("platform.localhost", title, search_index) == [title]
    with pytest.raises(StateError, match="close it with `site retire`"):
        carry_out(verbs.PURGE, PurgeRequest(site.slug))
    carry_out(verbs.RETIRE, RetireRequest(site.slug, "机构改革"))
    archive = Path(Closure.objects.get(tenant_id=site.id).archive["path"])
    content = archive.read_bytes()

    for moment in (dt.datetime(2026, 3, 31, 15, tzinfo=dt.UTC), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):  # too early; a clock set back
        with at(moment), pytest.raises(RulesError, match="can be purged from 2026-04-01"):
            carry_out(verbs.PURGE, PurgeRequest(site.slug))
    with at(dt.datetime(2026, 3, 31, 17, tzinfo=dt.UTC)):
        archive.write_bytes(content + b"!")
        with pytest.raises(StepFailedError, match="was changed since"):
            carry_out(verbs.PURGE, PurgeRequest(site.slug))
        assert cloning.has_schema(site.schema_name)
        archive.write_bytes(content)
        carry_out(verbs.PURGE, PurgeRequest(site.slug))
        assert not cloning.has_schema(site.schema_name)
        assert get(site.primary_domain).status_code == 404
        assert any(key.startswith(str(site.uuid)) for key in search_index.documents())
        assert found("platform.localhost", title, search_index) == []

    assert [key for key in search_index.documents() if key.startswith(str(site.uuid))] == []
    assert Projection.objects.filter(tenant_id=site.id).count() == 0
    assert archive.read_bytes() == content
