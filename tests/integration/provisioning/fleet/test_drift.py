"""Whatever somebody changed by hand in one site is found and named; the number of queries does not depend on the number of sites."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from provisioning.fleet import drift
from registry.contract import TenantRef
from tests.factories.sites import open_sites
from tests.factories.tables import execute

PLANTED = {
    "CREATE TABLE s_xiaodian.notes (id bigint PRIMARY KEY)": ["table notes is extra"],
    "DROP TABLE s_xiaodian.wagtailredirects_redirect CASCADE": ["table wagtailredirects_redirect is missing"],
    "ALTER TABLE s_xiaodian.media_sitefile ADD COLUMN extra text": ["column media_sitefile.extra is extra"],
    "ALTER TABLE s_xiaodian.media_sitefile DROP COLUMN file_hash": ["column media_sitefile.file_hash is missing"],
    "ALTER TABLE s_xiaodian.media_sitefile ALTER COLUMN title TYPE varchar(300)": [
        "column media_sitefile.title is 'character varying(300) NOT NULL', in the template 'character varying(255) NOT NULL'"
    ],
    "ALTER TABLE s_xiaodian.media_sitefile ALTER COLUMN title DROP NOT NULL": [
        "column media_sitefile.title is 'character varying(255) NULL', in the template 'character varying(255) NOT NULL'"
    ],
    "ALTER TABLE s_xiaodian.media_sitefile ALTER COLUMN title SET DEFAULT 'x'": [
        (
            "column media_sitefile.title is \"character varying(255) NOT NULL DEFAULT 'x'::character varying\", "
            "in the template 'character varying(255) NOT NULL'"
        )
    ],
    "CREATE INDEX by_title ON s_xiaodian.media_sitefile (title)": ["index by_title is extra"],
    "DROP INDEX s_xiaodian.unique_in_progress_workflow": ["index unique_in_progress_workflow is missing"],
    "DROP INDEX s_xiaodian.unique_in_progress_workflow; "
    "CREATE INDEX unique_in_progress_workflow ON s_xiaodian.wagtailcore_workflowstate (object_id)": [
        (
            "index unique_in_progress_workflow is 'ON wagtailcore_workflowstate USING btree (object_id)', in the template "
            '"UNIQUE ON wagtailcore_workflowstate USING btree (base_content_type_id, object_id) '
            "WHERE ((status)::text = ANY ((ARRAY['in_progress'::character varying, 'needs_changes'::character varying])::text[]))\""
        )
    ],
    "ALTER TABLE s_xiaodian.media_sitefile ADD CONSTRAINT titled CHECK (title <> '')": ["constraint media_sitefile.titled is extra"],
    "ALTER TABLE s_xiaodian.media_sitefile DROP CONSTRAINT media_sitefile_file_size_check": [
        "constraint media_sitefile.media_sitefile_file_size_check is missing"
    ],
    "ALTER TABLE s_xiaodian.media_sitefile DROP CONSTRAINT media_sitefile_file_size_check, "
    "ADD CONSTRAINT media_sitefile_file_size_check CHECK (file_size > 0)": [
        "constraint media_sitefile.media_sitefile_file_size_check is 'CHECK ((file_size > 0))', in the template 'CHECK ((file_size >= 0))'"
    ],
    "CREATE FUNCTION s_xiaodian.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
    "CREATE TRIGGER quiet BEFORE INSERT ON s_xiaodian.media_sitefile FOR EACH ROW EXECUTE FUNCTION s_xiaodian.nothing()": [
        "trigger media_sitefile.quiet is extra"
    ],
    "DROP TABLE s_xiaodian.django_migrations": ["table django_migrations is missing"],
}


def test_each_kind_of_drift_is_named_and_no_other_site_is(city: list[TenantRef]) -> None:
    found = {}
    for statement in PLANTED:
        with transaction.atomic():
            execute(statement)
            found[statement] = {row.slug: row.drift for row in drift.status() if row.drift}
            transaction.set_rollback(True)

    assert found == {statement: {"xiaodian": messages} for statement, messages in PLANTED.items()}
    assert [row.drift for row in drift.status()] == [[], [], []]


@pytest.mark.usefixtures("fresh_database")
def test_the_number_of_queries_is_fixed() -> None:
    counts = []
    for slugs in (("taiyuan",), ("xiaodian", "yingze")):
        open_sites(*slugs)
        execute(f"CREATE TABLE s_{slugs[0]}.notes (id bigint)")
        with CaptureQueriesContext(connection) as queries:
            drift.status()
        counts.append(len(queries))

    assert counts[0] == counts[1]
