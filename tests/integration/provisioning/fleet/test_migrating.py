"""A release's migrations reach every site, the template, and sites that are opened meanwhile."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from observability.models import AuditEntry
from provisioning import cloning
from provisioning.fleet import drift, migrating
from provisioning.fleet.contract import ContractingError, FleetBusyError, FleetOptions, SiteReport, UnknownSiteError
from provisioning.models import FleetResult, FleetRun, Template
from registry.contract import TEMPLATE_SCHEMA, TenantRef
from registry.schemas import in_schema_of
from tests.factories.releases import ADD_FIELD, Release
from tests.factories.sites import open_sites
from tests.factories.tables import columns, execute, history

pytestmark = pytest.mark.long
ADD_INDEX = "migrations.AddIndex('sitefile', models.Index(fields=['title'], name='media_file_title'))"
FILL = "migrations.RunPython(fill, migrations.RunPython.noop)"
CODE = """
def fill(apps, schema_editor):
    names = ", ".join(apps.get_model("wagtailcore", "Site").objects.values_list("site_name", flat=True))
    apps.get_model("taggit", "Tag").objects.create(name=names, slug="filled")
    apps.get_model("contenttypes", "ContentType").objects.get_for_model(apps.get_model("media", "SiteFile"))
"""
NOT_NULL = "migrations.AlterField('sitefile', 'file_size', models.PositiveBigIntegerField(editable=False))"
STATES = FleetResult.State


def states() -> dict[str, str]:
    return dict(FleetResult.objects.values_list("slug", "state"))


def test_an_added_field_and_index_reach_every_site_as_sql(city: list[TenantRef], release: Release) -> None:
    assert not migrating.migrate(FleetOptions()).changed
    release.add("source", f"{ADD_FIELD}, {ADD_INDEX}")
    reports: list[SiteReport] = []

    outcome = migrating.migrate(FleetOptions(actor="ops"), on_site=reports.append)

    assert outcome.migrated == {"taiyuan": "sql", "xiaodian": "sql", "yingze": "sql"}
    assert [(report.site.slug, report.wave) for report in reports] == [("taiyuan", "canary"), ("xiaodian", "tenth"), ("yingze", "all")]
    assert [("source" in columns(schema)) for schema in (*(site.schema_name for site in city), TEMPLATE_SCHEMA)] == [True] * 4
    assert [history(site.schema_name) for site in city] == [["0001_initial", "0002_source"]] * 3
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3
    assert (states(), Template.objects.count()) == ({"taiyuan": "done", "xiaodian": "done", "yingze": "done"}, 1)
    entry = AuditEntry.objects.get(action="fleet.migrated")
    assert (entry.actor, entry.detail["migrated"], entry.detail["plan"]["sites"]) == ("ops", 3, ["media.0002_source"])

    again = migrating.migrate(FleetOptions())
    (new,) = open_sites("qingxu")

    assert (again.changed, again.unchanged, FleetRun.objects.count()) == (False, 3, 1)
    assert "source" in columns(new.schema_name)


def test_what_needs_python_runs_in_each_site_with_its_own_rows(city: list[TenantRef], release: Release) -> None:
    release.add("source", f"{ADD_FIELD}")
    release.add("fill", FILL, head=CODE)
    release.add("title", ADD_INDEX)

    outcome = migrating.migrate(FleetOptions())

    assert set(outcome.migrated.values()) == {"python"}
    found = {}
    for site in city:
        with in_schema_of(site), connection.cursor() as cursor:
            cursor.execute("SELECT name FROM taggit_tag WHERE slug = 'filled'")
            found[site.slug] = cursor.fetchall()
    assert found == {site.slug: [(site.name,)] for site in city}
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3


def test_a_new_model_brings_its_content_type_permissions_and_roles(city: list[TenantRef], release: Release) -> None:
    with in_schema_of(city[1]):
        Group.objects.get(name="编辑").permissions.clear()
    release.add("note", "migrations.CreateModel('Note', [('id', models.BigAutoField(primary_key=True)), ('text', models.TextField())])")

    outcome = migrating.migrate(FleetOptions())

    assert set(outcome.migrated.values()) == {"sql"}
    for site in city:
        with in_schema_of(site):
            kind = ContentType.objects.get(app_label="media", model="note")
            assert set(Permission.objects.filter(content_type=kind).values_list("codename", flat=True)) == {
                "add_note", "change_note", "delete_note", "view_note",
            }  # fmt: skip
            assert Group.objects.get(name="编辑").permissions.filter(codename="access_admin").exists()
    execute("INSERT INTO s_yingze.media_note (text) VALUES ('sequence')")
    assert [row.drift for row in drift.status()] == [[], [], []]


def test_changed_roles_reach_every_site_without_a_migration(city: list[TenantRef], monkeypatch: pytest.MonkeyPatch) -> None:
    with in_schema_of(city[2]):
        Group.objects.get(name="审核").permissions.clear()
    monkeypatch.setattr(cloning, "roles_mark", lambda: "other roles")

    outcome = migrating.migrate(FleetOptions())

    assert (set(outcome.migrated.values()), len(outcome.migrated)) == ({"roles"}, 3)
    with in_schema_of(city[2]):
        assert Group.objects.get(name="审核").permissions.filter(codename="access_admin").exists()
    assert not migrating.migrate(FleetOptions()).changed


def test_a_site_that_fails_pauses_the_run_and_stays_as_it_was(city: list[TenantRef], release: Release) -> None:
    execute("INSERT INTO s_xiaodian.media_sitefile (title, file, created_at, file_hash, collection_id) SELECT 'a', 'b', now(), '', 1")
    release.add("size", f"{ADD_FIELD}, {NOT_NULL}")
    options = FleetOptions(accepted=("media.0002_size",))

    paused = migrating.migrate(options)

    assert (paused.state, list(paused.migrated), list(paused.failed), paused.waiting) == ("paused", ["taiyuan"], ["xiaodian"], 1)
    assert 'column "file_size" of relation "media_sitefile" contains null values' in paused.failed["xiaodian"]
    assert (history("s_xiaodian"), "source" in columns("s_xiaodian")) == (["0001_initial"], False)
    assert states() == {"taiyuan": "done", "xiaodian": "failed", "yingze": "waiting"}
    assert AuditEntry.objects.filter(action="fleet.paused").count() == 1

    partly = migrating.migrate(FleetOptions(accepted=options.accepted, goes_on=True))
    assert (partly.state, list(partly.migrated), list(partly.failed)) == ("partly", ["yingze"], ["xiaodian"])
    assert FleetRun.objects.count() == 1

    execute("UPDATE s_xiaodian.media_sitefile SET file_size = 1")
    mended = migrating.migrate(options)
    assert (mended.state, mended.migrated, mended.failed) == ("done", {"xiaodian": "sql"}, {})
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3


def test_a_broken_migration_stops_after_three_sites_even_when_told_to_go_on(city: list[TenantRef], release: Release) -> None:
    open_sites("qingxu", "yangqu")
    release.add("later", ADD_FIELD)
    execute(";".join(f"DROP TABLE {site.schema_name}.media_sitefile CASCADE" for site in city))

    outcome = migrating.migrate(FleetOptions(goes_on=True))

    assert (outcome.state, sorted(outcome.failed), outcome.waiting) == ("paused", ["taiyuan", "xiaodian", "yingze"], 2)
    assert "the migration itself is broken" in FleetRun.objects.get().error


def test_a_table_in_use_is_waited_for_and_then_given_up(city: list[TenantRef], release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    release.add("source", ADD_FIELD)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute("BEGIN; SELECT count(*) FROM s_xiaodian.media_sitefile")
        outcome = migrating.migrate(FleetOptions(lock_timeout_ms=50, goes_on=True))
    finally:
        holder.close()

    assert (list(outcome.migrated), list(outcome.failed)) == (["taiyuan", "yingze"], ["xiaodian"])
    assert "canceling statement due to lock timeout" in outcome.failed["xiaodian"]


def test_named_sites_alone_are_migrated_and_a_stranger_is_refused(city: list[TenantRef], release: Release) -> None:
    release.add("source", ADD_FIELD)

    with pytest.raises(UnknownSiteError, match="There is no site 'nowhere' with tables"):
        migrating.migrate(FleetOptions(only=("nowhere",)))
    assert not FleetRun.objects.exists()
    only = migrating.migrate(FleetOptions(only=("yingze",)))
    rest = migrating.migrate(FleetOptions(canaries=("xiaodian",)))

    assert (list(only.migrated), list(rest.migrated)) == (["yingze"], ["xiaodian", "taiyuan"])


def test_two_at_once_are_barred_and_nothing_is_done(city: list[TenantRef], release: Release) -> None:
    release.add("source", ADD_FIELD)

    with migrating._alone(), pytest.raises(FleetBusyError, match="Another fleet migration is under way"):
        migrating.migrate(FleetOptions())

    assert [history(site.schema_name) for site in city] == [["0001_initial"]] * 3


def test_a_release_that_takes_something_away_is_refused(city: list[TenantRef], release: Release) -> None:
    release.add("gone", "migrations.RemoveField('sitefile', 'title')")

    with pytest.raises(ContractingError) as caught:
        migrating.migrate(FleetOptions())

    assert str(caught.value).splitlines()[1] == (
        "media.0002_gone: Remove field title from sitefile takes away what older code still reads and writes. First let the code stop "
        "using it (SeparateDatabaseAndState with state_operations only), and remove it one release later, in a migration with "
        "`second_step_of = (app, name)` of that first step. Where the file is not yours: --accept media.0002_gone."
    )
    assert not FleetRun.objects.exists()
    assert [history(schema) for schema in ("s_taiyuan", TEMPLATE_SCHEMA)] == [["0001_initial"]] * 2


def test_the_second_step_passes_only_after_every_site_has_had_the_first(city: list[TenantRef], release: Release) -> None:
    stop = "migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('sitefile', 'file_hash')])"
    drop = "migrations.RunSQL('ALTER TABLE media_sitefile DROP COLUMN file_hash', migrations.RunSQL.noop)"
    release.add("stop", stop)
    release.add("drop", drop, extra="second_step_of = ('media', '0002_stop')")

    with pytest.raises(ContractingError, match=r"media\.0003_drop is the second step of media\.0002_stop, which not every"):
        migrating.migrate(FleetOptions())
    both = release.last
    release.step_back()
    first = migrating.migrate(FleetOptions())
    release.step_forward()
    second = migrating.migrate(FleetOptions())

    assert (both, len(first.migrated), len(second.migrated)) == ("0003_drop", 3, 3)
    assert ["file_hash" in columns(site.schema_name) for site in city] == [False] * 3
    assert [(row.drift, row.lacks) for row in drift.status()] == [([], [])] * 3


def test_a_site_opened_by_older_code_meanwhile_does_not_stay_behind(city: list[TenantRef], release: Release, settings: Any) -> None:
    old = Template.objects.get()
    release.add("source", ADD_FIELD)
    newer = settings.MIGRATION_MODULES

    def open_one(report: SiteReport) -> None:
        if report.site.slug == "xiaodian":
            settings.MIGRATION_MODULES = {}
            open_sites("qingxu")
            settings.MIGRATION_MODULES = newer

    migrating.migrate(FleetOptions(), on_site=open_one)
    with transaction.atomic():
        cloning.clone(old, "s_late")  # a process that read the old dump before it was forgotten

    assert "source" in columns("s_qingxu")
    assert "source" in columns("s_late")
    assert [(row.slug, row.drift, row.lacks) for row in drift.status()][-1] == ("qingxu", [], [])
