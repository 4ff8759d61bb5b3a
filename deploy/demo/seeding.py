"""`python -m deploy.demo.seeding`: makes the demo's database what it should be, in one Django process that tells what it does.

It writes a line of JSON a step to standard output.

Every step looks first and changes only what is missing; when nothing it depends on has changed since it was last done, all are skipped.
Exit codes: 0 done, 1 failed, with the reason as the last line.
"""

import gzip
import hashlib
import io
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from html import escape
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import django

django.setup()

# Models can be imported only after setup().
from django.core.management import CommandError, call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from wagtail.signal_handlers import disable_reference_index_auto_update  # noqa: E402

from accounts.models import User  # noqa: E402
from deploy.demo import consulting, documents, explaining, guides, homes, letters, openness, samples, selection, topics  # noqa: E402
from deploy.demo.contract import Address, City, DemoError, Login, Options, Step, read_options  # noqa: E402
from deploy.demo.organs import publish_organs_of  # noqa: E402
from memberships import services as memberships  # noqa: E402
from memberships.contract import PlatformRole, Role  # noqa: E402
from outbox import relay, selectors  # noqa: E402
from outbox.contract import TransportDownError  # noqa: E402
from provisioning import services as provisioning  # noqa: E402
from provisioning import verbs  # noqa: E402
from provisioning.blueprints import of_spec  # noqa: E402
from provisioning.contract import ProvisioningError, SiteSpec  # noqa: E402
from provisioning.management.commands.city import plan  # noqa: E402
from registry.contract import Kind, TenantRef  # noqa: E402
from registry.schemas import in_public, in_schema_of  # noqa: E402
from registry.selectors import directory, forget_directory, host_url, platform_url, site_url  # noqa: E402
from registry.services import import_regions, read_divisions  # noqa: E402
from search.models import Projection  # noqa: E402
from search.services import publish_many  # noqa: E402
from tenants.pages import importing  # noqa: E402
from tenants.pages.models import ArticlePage, ColumnPage  # noqa: E402
from tenants.pages.services import build_site, document_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PORTAL, REGION = "taiyuan", "140100"
DEPARTMENTS = ["jyj:太原市教育局:市教育局", "rsj:太原市人力资源和社会保障局:市人社局"]
THEME, COUNTY_THEME = "vermilion", "azure"
DIVISIONS = ("divisions-shanxi.csv.gz",)
INDEXING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Mark:
    """What the database was last seeded with; it is kept in the database itself, so that the two cannot part."""

    sources: str = ""
    port: int = 0
    texts: int = 0
    var_dir: str = ""


def main() -> int:
    """Seed, tell each step, and end with the city as it stands."""
    options = read_options(os.environ)
    try:
        city = seed(options)
    except (DemoError, ProvisioningError, CommandError, TransportDownError) as error:
        _tell(json.dumps({"error": str(error)}, ensure_ascii=False))
        return 1
    _tell(city.line())
    return 0


def seed(options: Options) -> City:
    """Bring everything to what the options ask for.

    Raises:
        DemoError, ProvisioningError, CommandError, TransportDownError: what went wrong.

    """
    before, wanted = _read_mark(), Mark(sources(), options.port, options.texts, str(options.var_dir))
    # Fewer texts than there are take none away.
    is_same = replace(wanted, texts=before.texts) == before and wanted.texts <= before.texts and options.passwords.exists()
    if not is_same:
        _prepare()
        relay.prepare()  # an index that is there before the texts takes each once
        _open_sites()
        _let_people_in(options)
        _publish_samples()
        _publish_documents()
        _import_texts(options.texts)
        _tie_together()
    _make_findable(thoroughly=not is_same)
    if not is_same:
        _write_mark(replace(wanted, texts=max(wanted.texts, before.texts)))
    return _city(options, changed=not is_same)


# --- what was done before -----------------------------------------------------


def sources() -> str:
    """Return a digest of all that the seeded database depends on: code, texts and installed versions."""
    digest = hashlib.sha256()
    for room in ("platform", "tenants", "themes", "deploy/demo"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    versions = sorted(f"{found.name}=={found.version}" for found in distributions())
    digest.update("\n".join(versions).encode())
    return digest.hexdigest()[:16]


def _read_mark() -> Mark:
    with connection.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
        row = cursor.fetchone()
    try:
        return Mark(**json.loads(row[0])["demo"]) if row and row[0] else Mark()
    except (ValueError, KeyError, TypeError):  # somebody else's comment, or an older demo's
        return Mark()


def _write_mark(mark: Mark) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('COMMENT ON DATABASE %%I IS %%L', current_database(), %s)", [json.dumps({"demo": asdict(mark)})])
        row = cursor.fetchone()
        cursor.execute(row[0] if row else "")


# --- telling ------------------------------------------------------------------


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def _step(name: str, total: int = 0) -> Iterator[Callable[..., None]]:
    """Tell that a step begins and ends; the block is given a function that counts."""
    done, finish_note = 0, ""
    _tell(Step(name, total=total).line())

    def count(steps: int = 1, *, note: str = "", at_end: str = "") -> None:
        nonlocal done, finish_note
        done, finish_note = done + steps, at_end or finish_note
        _tell(Step(name, done, total, note).line())

    yield count
    _tell(Step(name, done, total, finish_note, is_finished=True).line())


# --- the steps ----------------------------------------------------------------


def _prepare() -> None:
    with _step("Tables and static files"):
        call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
    with _step("Administrative divisions") as count:
        for name in DIVISIONS:
            with gzip.open(selection.DATA / name, "rt", encoding="utf-8") as stream:
                done = import_regions(read_divisions(list(stream)))
            count(0, at_end=f"{done.created + done.updated + done.unchanged} divisions")


def _open_sites() -> None:
    with _step("Template every site is cloned from"):
        provisioning.open_city(PORTAL, region_code=REGION)
    options = {"region": REGION, "counties": True, "departments": DEPARTMENTS, "theme": THEME, "county_theme": COUNTY_THEME}
    specs = [_with_samples(spec, number) for number, spec in enumerate(plan(PORTAL, options | {"administrator": ""}), start=1)]
    with _step("Sites", len(specs)) as count:
        for spec in specs:
            provisioning.open_site(spec)
            tenant = _tenant(spec.slug)
            with in_schema_of(tenant), transaction.atomic():
                build_site(tenant)  # another port
            provisioning.carry_out(verbs.APPLY, verbs.apply_request(spec.slug, of_spec(spec)), by="demo")  # a newer blueprint
            count(note=spec.short_name)


def _with_samples(spec: SiteSpec, number: int) -> SiteSpec:
    """Fill the footer with facts that anybody sees are none."""
    return replace(
        spec,
        identifier=f"{number:010d}",
        undertaker=samples.UNDERTAKER,
        contact_phone=samples.PHONE,
        contact_address=samples.ADDRESS,
        icp=samples.ICP,
        police_record=samples.POLICE_RECORD,
        override_officer="样例",
        override_reason="演示站点，没有真实备案",
    )


def _tenant(slug: str) -> TenantRef:
    forget_directory()
    return directory().by_slug[slug]


def _let_people_in(options: Options) -> None:
    passwords = _passwords(options)
    sites = directory().of_city(PORTAL)
    with _step("People and their roles", len(samples.PEOPLE) + len(samples.OFFICERS)) as count:
        for officer in samples.OFFICERS:
            memberships.grant_platform(_account(officer, passwords[officer.username]), PlatformRole(officer.role), by="demo")
            count(note=officer.name)
        for person in samples.PEOPLE:
            account = _account(person, passwords[person.username])
            for site in sites:
                memberships.grant(account, site, Role(person.role), by="demo")
            count(note=person.name)


def _passwords(options: Options) -> dict[str, str]:
    """Return everybody's password; made once, and only its owner can read the file."""
    path = options.passwords
    known: dict[str, str] = {}
    if path.exists():
        try:
            known = {str(name): str(password) for name, password in json.loads(path.read_text(encoding="utf-8")).items()}
        except (ValueError, AttributeError):
            path.unlink()  # cut off by a crash: everybody gets a new one
    passwords = {
        person.username: known.get(person.username) or secrets.token_urlsafe(12) for person in (*samples.PEOPLE, *samples.OFFICERS)
    }
    if passwords != known:
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(passwords, indent=2) + "\n", encoding="utf-8")
        partial.replace(path)
    return passwords


def _account(person: samples.Person, password: str) -> User:
    try:
        account = memberships.find_person(person.username)
    except memberships.UnknownPersonError:
        return memberships.create_person(person.username, name=person.name, password=password, by="demo")
    if not account.check_password(password):  # the file was lost
        with in_public():
            account.set_password(password)
            account.save(update_fields=["password"])
    return account


def _publish_samples() -> None:
    sites = directory().of_city(PORTAL)
    with _step("Sample articles", len(sites) * len(samples.ARTICLES)) as count:
        for site in sites:
            with in_schema_of(site), transaction.atomic(), disable_reference_index_auto_update():  # they refer to nothing
                _publish_samples_of(site)
            with in_schema_of(site), transaction.atomic():
                publish_many(document_of(page, site) for page in guides.publish_guides())
            count(len(samples.ARTICLES), note=site.short_name)
    with _step("Sample organs", len(sites)) as count:
        for site in sites:
            with in_schema_of(site), transaction.atomic(), disable_reference_index_auto_update():  # as above
                publish_organs_of(site)
            count(note=site.short_name)


def _publish_samples_of(site: TenantRef) -> None:
    existing = set(ArticlePage.objects.filter(source_id__startswith="sample-").values_list("source_id", flat=True))
    columns = {column.slug: column for column in ColumnPage.objects.all()}
    made = []
    for number, sample in enumerate(samples.ARTICLES, start=1):
        source_id = f"sample-{number}"
        if source_id in existing or sample.column not in columns:
            continue
        column = columns[sample.column]
        column.refresh_from_db()
        made.append(_sample_page(column, sample, source_id, site))
    publish_many(document_of(page, site) for page in made)


def _sample_page(column: ColumnPage, sample: samples.Sample, source_id: str, site: TenantRef) -> ArticlePage:
    words = {"short": site.short_name, "name": site.name}
    paragraphs = [samples.NOTE, *(text.format(**words) for text in sample.paragraphs)]
    page = ArticlePage(
        title=sample.title.format(**words) + samples.MARK,
        slug=source_id,
        source_id=source_id,
        source="样例",
        summary=paragraphs[1],
        body=[("paragraph", f"<p>{escape(text)}</p>") for text in paragraphs],
        live=True,
        first_published_at=timezone.now() - timedelta(days=sample.days_ago),
        last_published_at=timezone.now(),
    )
    column.add_child(instance=page)
    revision = page.save_revision(changed=False, clean=False)
    ArticlePage.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    return page


def _publish_documents() -> None:
    """Put the sample documents up before the real texts come: the campaign lists what it finds."""
    with _step("Sample documents") as count:
        made = documents.publish_documents(directory().of_city(PORTAL))
        count(0, at_end=f"{made} documents")


def _tie_together() -> None:
    """Publish what hangs on documents, samples and real ones: interpretations, consultations, topics, the openness platform, home pages."""
    sites, portal = directory().of_city(PORTAL), _tenant(PORTAL)
    with _step("Interpretations, consultations, topics, openness, home pages", len(sites)) as count:
        documents.relate_documents(sites)
        documents.await_interpretation(portal)
        for site in sites:
            explaining.publish_interpretations(site, portal=portal)
            consulting.publish_consultations(site)
            with disable_reference_index_auto_update():  # nearly all of them refer to nothing, as above
                topics.publish_topics(site)
                openness.publish_openness(site)
            with in_schema_of(site), transaction.atomic(), disable_reference_index_auto_update():  # they refer to nothing
                letters.publish_letters(site)
            homes.compose_home(site)
            count(note=site.short_name)
        with in_schema_of(portal), transaction.atomic():
            explaining.publish_response(portal)
        if county := next((site for site in sites if site.kind is Kind.COUNTY), None):
            letters.hand_over(portal, county)


def _import_texts(wanted: int) -> None:
    sites = directory().of_city(PORTAL)
    counties = [site.slug for site in sites if site.kind is Kind.COUNTY]
    places = selection.spread(selection.choose(selection.read_texts(), wanted), portal=PORTAL, counties=counties)
    bad: list[str] = []
    with _step("Official texts", sum(map(len, places.values()))) as count:
        for place, texts in places.items():
            site = directory().by_slug[place.site]

            def on_rows(rows: int, name: str = site.short_name) -> None:
                count(rows, note=name)

            with in_schema_of(site):
                lines = (json.dumps(text, ensure_ascii=False) for text in texts)
                bad += importing.import_texts(importing.find_column(place.column), lines, on_rows=on_rows).bad
    if bad:
        raise DemoError(f"{len(bad)} texts could not be imported, first: {bad[0]}")


def _make_findable(*, thoroughly: bool) -> None:
    """Carry all that waits to the index; then compare the index with the database, and mend it once if they differ.

    Raises:
        DemoError: they still differ, or it takes too long.
        TransportDownError: Elasticsearch is away.

    """
    relay.prepare()
    waiting = sum(backlog.pending for backlog in selectors.backlog())
    with _step("Search index", waiting) as count:
        _drain(count)
        if thoroughly:
            _compare()
        parked = sum(backlog.parked for backlog in selectors.backlog())
        if parked:
            raise DemoError(f"{parked} pages could not be indexed: `manage.py relay status` says why.")


def _drain(count: Callable[..., None]) -> None:
    deadline = time.monotonic() + INDEXING_SECONDS
    while any(backlog.pending for backlog in selectors.backlog()):
        taken = sum(relay.run_batch(topic).done for topic in relay.topics())
        count(taken)
        if time.monotonic() > deadline:
            raise DemoError(f"Indexing has not come to its end in {INDEXING_SECONDS} s: see the log, then start again.")
        if not taken:
            time.sleep(0.1)


def _compare() -> None:
    """Let every page that the index lacks be carried again; an index of an older form is built anew."""
    quiet = {"verbosity": 0, "stdout": io.StringIO()}
    call_command("search", "reconcile", **quiet)
    _drain(lambda *_args, **_more: None)
    try:
        call_command("search", "status", **quiet)
    except CommandError:
        call_command("search", "rebuild", **quiet)


# --- what stands --------------------------------------------------------------


def _city(options: Options, *, changed: bool) -> City:
    passwords: Mapping[str, Any] = json.loads(options.passwords.read_text(encoding="utf-8"))
    sites = tuple(Address(site.name, site_url(site), host_url(site.editor_domain, "/admin/")) for site in directory().of_city(PORTAL))
    people = [*((each, "") for each in samples.PEOPLE), *((each, "platform: ") for each in samples.OFFICERS)]
    logins = tuple(Login(each.username, each.name, f"{where}{each.role}", passwords[each.username]) for each, where in people)
    with in_public():
        pages = Projection.objects.live().count()
    return City(platform_url(), sites, logins, pages, changed)


if __name__ == "__main__":
    sys.exit(main())
