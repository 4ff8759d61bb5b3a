"""Restoring a site: into itself, into another, as a new one; with no other site changed, and back again."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from memberships import services as memberships
from memberships.contract import Role
from memberships.models import Membership
from outbox.models import Event
from provisioning import cloning, restoring, verbs
from provisioning.backups import files, tables
from provisioning.backups.contract import Key, VersionError
from provisioning.contract import IrreversibleError, RefusedError, SlugError
from provisioning.models import Operation, Template
from provisioning.verbs.restoring import UnconfirmedError
from registry import selectors
from registry.contract import TEMPLATE_SCHEMA, TenantRef
from registry.contract import State as RegistryState
from registry.models import Domain, Tenant
from registry.schemas import in_schema_of
from registry.selectors import directory, tenant_by_slug
from search.models import Projection, State
from tenants.media.models import SiteFile, SiteImage
from tenants.pages.models import DocumentPage
from tests.factories.backups import back_up, fill, own_media
from tests.factories.hashing import hashes, rows_hash
from tests.factories.pages import publish_document
from tests.factories.people import person
from tests.factories.sites import open_sites, put_into
from tests.factories.tables import execute

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # Wagtail leaves a picture's temporary file open
]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path) -> Iterator[None]:
    with own_media(tmp_path):
        yield


def restore(path: Path, **options: Any) -> tuple[str, ...]:
    return restoring.restore_site(path, key=Key(), **options).ran


AUDIT = ("observability_auditentry", "observability_auditlink", "observability_audithead")
ALL_STEPS = ("reserve", "load", "swap", "media", "people", "domains", "search", "live")


def titles(site: TenantRef) -> list[str]:
    with in_schema_of(site):
        return sorted(DocumentPage.objects.values_list("title", flat=True))


def found(site: TenantRef) -> dict[str, str]:
    return dict(Projection.objects.filter(tenant_id=site.id, page_kind="document").values_list("title", "state"))


def others(site: TenantRef) -> dict[str, str]:
    """Return a hash of every table of the other schemas, and of every other site's rows in the shared tables."""
    of_schemas = hashes(schemas=f"^(?!{site.schema_name}$|public$|kept_|aside_)")
    shared = {"registry_tenant": f"id <> {site.id}"} | dict.fromkeys(
        ("registry_domain", "search_projection", "memberships_membership"), f"tenant_id <> {site.id}"
    )
    return (
        of_schemas
        | {table: rows_hash("public", table, where) for table, where in shared.items()}
        | {"people": rows_hash("public", "accounts_user")}
    )


def spoil(site: TenantRef) -> None:
    """Do to a site what one wants back from a backup: change, delete, add, and lose a file."""
    with in_schema_of(site), transaction.atomic():
        changed = DocumentPage.objects.get(slug="t0")
        changed.title = "改坏的标题"
        changed.save_revision().publish()
        DocumentPage.objects.get(slug="t1").delete()
        publish_document("备份之后的办法", slug="later")
        SiteImage.objects.all().delete()
    with in_schema_of(site):
        SiteFile.objects.get().file.delete()


def page(site: TenantRef, path: str) -> tuple[int, str]:
    answer = Client().get(path, headers={"host": site.primary_domain})
    return answer.status_code, answer.content.decode()


def test_one_site_is_restored_and_no_byte_of_another_changes(tmp_path: Path) -> None:
    portal, site = open_sites("taiyuan", "xiaodian")
    fill(portal)
    fill(site)
    made = back_up("xiaodian", tmp_path / "backups")
    before, seen = titles(site), page(site, "/zwdt/yaowen/news/")
    spoil(site)
    revisions = dict(Projection.objects.filter(tenant_id=site.id).values_list("title", "revision"))
    untouched, events = others(site), set(Event.objects.values_list("pk", flat=True))

    ran = restore(made.path)
    again = restore(made.path)

    assert (ran, again) == (ALL_STEPS, ())
    assert titles(site) == before == [f"小店区第{number}号办法" for number in range(3)]
    assert others(site) == untouched
    assert page(site, "/zwdt/yaowen/news/") == seen
    with in_schema_of(site):
        assert Path(SiteFile.objects.get().file.path).read_text(encoding="utf-8") == "xiaodian 附件"
        assert Path(SiteImage.objects.get().file.path).is_file()
    assert found(site) == dict.fromkeys(before, "live") | {"备份之后的办法": "withdrawn"}
    rows = {row.title: row for row in Projection.objects.filter(tenant_id=site.id)}
    assert rows["备份之后的办法"].revision > revisions["备份之后的办法"]
    assert rows["小店区第0号办法"].revision > revisions["改坏的标题"]
    changed = {rows[title].pk for title in ("备份之后的办法", "小店区第0号办法", "小店区第1号办法")}
    told = set(Event.objects.exclude(pk__in=events).values_list("key", flat=True))
    assert changed <= told
    assert {key.split(":")[0] for key in told} == {str(site.uuid)}  # no other site's document is written again
    assert rows["小店区第2号办法"].pk not in told
    assert rows["小店区第2号办法"].state == State.LIVE


def test_a_restore_is_kept_back_until_it_is_confirmed(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    fill(site)
    made = back_up("xiaodian", tmp_path / "backups")
    spoil(site)
    spoiled, spoiled_rows, folder = titles(site), hashes(schemas="^s_xiaodian$"), files.folder_of(site.schema_name)
    lying = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    other = back_up("xiaodian", tmp_path / "backups", now=timezone.now())
    restore(made.path)

    with pytest.raises(UnconfirmedError, match="backup confirm xiaodian"):
        restore(other.path)
    back = restoring.roll_back_restore("xiaodian")

    assert back.ran == tuple(reversed(ALL_STEPS))
    assert titles(site) == spoiled
    assert hashes(schemas="^s_xiaodian$") == spoiled_rows
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == lying
    assert {title for title, state in found(site).items() if state == "live"} == set(spoiled)
    assert not cloning.has_schema("kept_xiaodian")
    assert not cloning.has_schema("aside_xiaodian")

    restore(made.path)
    assert (restoring.confirm_restore("xiaodian"), restoring.confirm_restore("xiaodian")) == (True, False)
    assert not cloning.has_schema("kept_xiaodian")
    assert not files.folder_of("kept_xiaodian").exists()
    with pytest.raises(IrreversibleError):
        restoring.roll_back_restore("xiaodian")
    assert titles(site) == [f"小店区第{number}号办法" for number in range(3)]


def test_a_copy_has_its_own_hosts_and_nobodys_keys(tmp_path: Path) -> None:
    portal, site = open_sites("taiyuan", "xiaodian")
    fill(site)
    person("zhangsan", roles={Role.EDITOR: [site]})
    gone = person("lisi", roles={Role.REVIEWER: [site]})
    with in_schema_of(site):
        Session.objects.create(session_key="stolen", session_data="x", expire_date=timezone.now())
    Domain.objects.create(domain="www.xiaodian.gov.cn", tenant_id=site.id)
    made = back_up("xiaodian", tmp_path / "backups")
    execute("UPDATE accounts_user SET uuid = gen_random_uuid() WHERE username = 'lisi'")  # a platform that never knew this person
    untouched = hashes(schemas="^s_")
    original = {table: rows_hash("public", table, f"tenant_id = {site.id}") for table in ("registry_domain", "search_projection")}

    ran = restore(made.path, new_slug="copy")

    copy = tenant_by_slug("copy")
    assert ran == ALL_STEPS
    assert copy.state is RegistryState.PREPARING  # nobody finds a copy before it is opened with its own papers
    assert (copy.uuid != site.uuid, copy.name, copy.schema_name) == (True, site.name, "s_copy")
    assert set(Domain.objects.filter(tenant_id=copy.id).values_list("domain", flat=True)) == {"copy.localhost", "copy.manage.localhost"}
    with in_schema_of(copy):
        assert Session.objects.count() == 0
        assert Site.objects.get().hostname == "copy.localhost"
        shadows = {shadow.username: shadow for shadow in User.objects.all()}
        assert sorted(shadows) == [f"lisi@{gone.uuid.hex[:8]}", "zhangsan"]
        stranger, known = shadows[f"lisi@{gone.uuid.hex[:8]}"], shadows["zhangsan"]
        assert (known.is_active, list(known.groups.values_list("name", flat=True))) == (True, ["编辑"])
        assert (stranger.is_active, stranger.groups.count(), stranger.uuid) == (False, 0, gone.uuid)
        assert not any(shadow.has_usable_password() for shadow in shadows.values())
        assert len({shadow.password for shadow in shadows.values()}) == 2
    assert [(each.person.username, each.role) for each in Membership.objects.filter(tenant_id=copy.id).select_related("person")] == [
        ("zhangsan", "editor")
    ]
    assert page(copy, "/zwgk/zcwj/t1/")[0] == 503
    put_into(RegistryState.LIVE, copy)
    assert page(copy, "/zwgk/zcwj/t1/")[0] == 200
    assert f"/media/s_copy/{'images'}" in page(copy, "/zwdt/yaowen/news/")[1]
    assert {title for title, state in found(copy).items() if state == "live"} == set(titles(site))
    assert {name: value for name, value in hashes(schemas="^s_").items() if not name.startswith("s_copy.")} == untouched
    assert {table: rows_hash("public", table, f"tenant_id = {site.id}") for table in original} == original
    assert portal.slug == "taiyuan"


def test_taking_a_copy_back_leaves_nothing_of_it(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    fill(site, texts=1)
    made = back_up("xiaodian", tmp_path / "backups")
    without = ("provisioning_operation", "provisioning_step", "registry_directoryversion", "outbox_event", *AUDIT)
    untouched = hashes(without=without)

    restore(made.path, new_slug="copy")
    restoring.roll_back_restore("copy")

    assert hashes(without=without) == untouched
    assert not files.folder_of("s_copy").exists()
    assert not files.folder_of("aside_copy").exists()


def test_rights_taken_since_the_backup_do_not_come_back(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    leaver = person("zhangsan", roles={Role.EDITOR: [site]})
    made = back_up("xiaodian", tmp_path / "backups")
    memberships.revoke(leaver, site, by="tests")
    newcomer = person("wangwu", roles={Role.REVIEWER: [site]})

    restore(made.path)

    with in_schema_of(site):
        assert not User.objects.get(uuid=leaver.uuid).is_active
        assert list(User.objects.get(uuid=newcomer.uuid).groups.values_list("name", flat=True)) == ["审核"]
    assert list(Membership.objects.filter(is_active=True).values_list("person__username", flat=True)) == ["wangwu"]


def test_a_lost_site_comes_back_under_its_name_identity_and_domains(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    fill(site)
    Domain.objects.create(domain="www.xiaodian.gov.cn", tenant_id=site.id)
    made = back_up("xiaodian", tmp_path / "backups")
    seen = titles(site)
    execute("DROP SCHEMA s_xiaodian CASCADE")
    Tenant.objects.all().delete()
    shutil.rmtree(files.folder_of("s_xiaodian"))

    restore(made.path)

    back = tenant_by_slug("xiaodian")
    assert back.is_live
    assert (back.uuid, back.primary_domain, back.editor_domain) == (site.uuid, site.primary_domain, site.editor_domain)
    assert Domain.objects.filter(tenant_id=back.id, domain="www.xiaodian.gov.cn").exists()
    assert titles(back) == seen
    assert page(back, "/zwdt/yaowen/news/")[0] == 200


def test_another_site_gets_the_content_and_keeps_its_name_and_hosts(tmp_path: Path) -> None:
    site, other = open_sites("xiaodian", "yingze")
    fill(site)
    fill(other)
    made = back_up("xiaodian", tmp_path / "backups")
    before = titles(site)

    restore(made.path, into="yingze")

    now = tenant_by_slug("yingze")
    assert (now.uuid, now.name, now.primary_domain) == (other.uuid, other.name, other.primary_domain)
    assert titles(now) == before == titles(site)
    with in_schema_of(now):
        assert Site.objects.get().hostname == "yingze.localhost"


def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    site, _ = open_sites("xiaodian", "yingze")
    made = back_up("xiaodian", tmp_path / "backups")
    untouched = hashes()

    with pytest.raises(SlugError, match="There is a site 'yingze'"):
        restore(made.path, new_slug="yingze")
    with pytest.raises(SlugError, match="There is no site 'nowhere'"):
        restore(made.path, into="nowhere")
    with pytest.raises(SlugError, match="reserved"):
        restore(made.path, new_slug="admin")
    with pytest.raises(RefusedError, match="There is no file"):
        restore(tmp_path / "none.tar.gz")

    assert hashes() == untouched
    assert site.is_live


def test_an_archive_of_older_tables_is_brought_forward(tmp_path: Path) -> None:
    """The older version is this one without the last migrations of redirects."""
    (site,) = open_sites("xiaodian")
    fill(site)
    older = make_older(site)
    made = back_up("xiaodian", tmp_path / "backups")
    restored = restore(made.path, new_slug="copy")

    operation = Operation.objects.get(verb=verbs.RESTORE.name, subject="copy")
    assert restored == ALL_STEPS
    assert operation.memory["was_older"] is True
    copy = tenant_by_slug("copy")
    with in_schema_of(copy):
        execute("SELECT automatically_created FROM wagtailredirects_redirect")  # the column is there again
        assert titles(copy) == titles(site)
    Template.objects.filter(pk=older.pk).delete()
    with pytest.raises(VersionError, match=rf"tables {older.fingerprint[:12]}; here is tables {cloning.fingerprint()[:12]}"):
        restore(made.path, new_slug="another")
    assert not Tenant.objects.filter(slug="another").exists()


def make_older(site: TenantRef) -> Template:
    """Take two columns and their migrations away from a site and from the template, as an older release would have made them."""
    for schema in (site.schema_name, TEMPLATE_SCHEMA):
        call_command("migrate_schemas", "wagtailredirects", "0006", schema_name=schema, verbosity=0)
    dump = cloning._clean(cloning._dump())
    older = Template.objects.create(fingerprint=cloning.fingerprint_of(tables.migrations_of(TEMPLATE_SCHEMA)), sql=dump, tables=1)
    call_command("migrate_schemas", schema_name=TEMPLATE_SCHEMA, verbosity=0)
    return older


def test_planning_changes_nothing(tmp_path: Path) -> None:
    (site,) = open_sites("xiaodian")
    made = back_up("xiaodian", tmp_path / "backups")
    untouched = hashes()

    plan = restoring.plan_restore(made.path, key=Key())

    assert [step.name for step in plan.steps] == list(ALL_STEPS)
    assert plan.steps[2].change == "keeps s_xiaodian as kept_xiaodian"
    assert hashes() == untouched
    assert site.is_live


def test_other_processes_forget_the_numbers_of_a_restored_site() -> None:
    """Content types are remembered by schema; a restored schema may number them otherwise, and the registry's version tells of it."""
    (site,) = open_sites("xiaodian")
    directory()
    with in_schema_of(site):
        kind = ContentType.objects.get_for_model(DocumentPage)
        execute("UPDATE registry_tenant SET name = name")  # what a restore does, seen from another process
        selectors._copy.compared_at = float("-inf")

        directory()

        execute("UPDATE django_content_type SET model = 'gone' WHERE id = %s", kind.pk)
        assert ContentType.objects.filter(model="documentpage").first() is None
        assert ContentType.objects.get_for_id(kind.pk).model == "gone"
