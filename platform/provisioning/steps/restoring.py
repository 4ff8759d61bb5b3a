"""The steps of restoring a site: the archive's state is made aside, put in place at once, and the old one kept until confirmed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from memberships import services as memberships
from memberships.contract import Role
from memberships.models import Membership
from provisioning import cloning
from provisioning.backups import files, loading, tables
from provisioning.backups.contract import FACTS, ArchiveError, MemberOfStaff, Unpacked
from provisioning.contract import StepDefinition, Walk
from provisioning.steps.opening import editor_domain, schema_name, take_domain
from registry import selectors
from registry.contract import IDENTIFIER, DomainPurpose, Kind, State, TenantRef
from registry.models import City, Domain, Tenant
from registry.schemas import content_types, in_public, in_schema_of
from registry.services import change_state
from search import services as search

OF_THE_ORIGINAL = ("identifier", "icp", "police_record")  # given to one site and one domain; a copy has none of them

_archive: ContextVar[Unpacked | None] = ContextVar("archive", default=None)


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """An archive, and the site it is to become: a new one, or one that is there."""

    slug: str
    file: str
    sha256: str
    taken_at: str
    uuid: str
    is_new: bool
    is_same: bool

    @property
    def subject(self) -> str:
        """Return the slug."""
        return self.slug

    def as_json(self) -> dict[str, Any]:
        """Return the request as the journal keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RestoreRequest":
        """Return the request the journal kept."""
        return cls(**data)


@contextmanager
def reading(archive: Unpacked) -> Iterator[None]:
    """Let the steps of the block read this archive; it is not part of the request, for its key must not be kept."""
    token = _archive.set(archive)
    try:
        yield
    finally:
        _archive.reset(token)


def archive_in_hand() -> Unpacked:
    """Return the archive the walk reads.

    Raises:
        ArchiveError: there is none; only `restoring.restore_site` brings one.

    """
    found = _archive.get()
    if found is None:
        raise ArchiveError("No archive is at hand: give the file again with `manage.py backup restore`.")
    return found


def aside_name(slug: str) -> str:
    """Return the schema, and the folder of files, where the new state waits."""
    return "aside_" + slug.replace("-", "_")


def kept_name(slug: str) -> str:
    """Return the schema, and the folder of files, where the old state is kept."""
    return "kept_" + slug.replace("-", "_")


def reserve(walk: Walk[RestoreRequest]) -> None:
    """Take the name of a new site; one that is there keeps its row."""
    request = walk.request
    walk.memory["made_site"] = False
    if not request.is_new or Tenant.objects.filter(slug=request.slug).exists():
        return
    site = archive_in_hand().manifest.site
    city = City.objects.get(slug=site["city_slug"])
    has_portal = Tenant.objects.filter(city=city, kind=Kind.CITY.value).exists()
    facts = {name: site[name] for name in FACTS if request.is_same or name not in OF_THE_ORIGINAL}
    Tenant.objects.create(
        slug=request.slug,
        uuid=UUID(request.uuid),
        schema_name=schema_name(request.slug),
        kind=Kind.DEPARTMENT.value if has_portal and site["kind"] == Kind.CITY.value else site["kind"],
        city=city,
        region_id=site["region_code"],
        **marked(facts),
    )
    walk.memory["made_site"] = True


def release(walk: Walk[RestoreRequest]) -> None:
    """Give the name back."""
    if walk.memory["made_site"]:
        Tenant.objects.get(slug=walk.request.slug).delete()


def load(walk: Walk[RestoreRequest]) -> None:
    """Make the archive's tables and rows aside, bring them to this version, and lay the files beside them."""
    archive, aside = archive_in_hand(), aside_name(walk.request.slug)
    tables.drop(aside)
    loading.load(archive, aside)
    loading.mark_shadows(aside)
    walk.memory["was_older"] = loading.migrate_forward(aside)
    shutil.rmtree(files.folder_of(aside), ignore_errors=True)
    loading.lay_files(archive, files.folder_of(aside))
    walk.memory["facts"] = {name: archive.manifest.site[name] for name in FACTS}
    walk.memory["state"] = archive.manifest.site["state"]
    walk.memory["domains"] = [dict(each) for each in archive.manifest.domains]
    walk.memory["staff"] = [asdict(each) for each in archive.manifest.staff]


def unload(walk: Walk[RestoreRequest]) -> None:
    """Remove what waits aside."""
    tables.drop(aside_name(walk.request.slug))
    shutil.rmtree(files.folder_of(aside_name(walk.request.slug)), ignore_errors=True)


def swap(walk: Walk[RestoreRequest]) -> None:
    """Keep the old tables under another name and put the new ones in their place, between two statements of anybody else."""
    request = walk.request
    live = schema_name(request.slug)
    walk.memory["had_schema"] = cloning.has_schema(live)
    if walk.memory["had_schema"]:
        tables.lock_all(live)
        tables.rename(live, kept_name(request.slug))
    tables.rename(aside_name(request.slug), live)
    row = Tenant.objects.select_for_update().get(slug=request.slug)
    walk.memory["facts_before"] = {name: getattr(row, name) for name in FACTS}
    _set_facts(row, walk.memory["facts"] if request.is_same else walk.memory["facts_before"])


def swap_back(walk: Walk[RestoreRequest]) -> None:
    """Put the old tables back, with today's staff, and let search follow."""
    request = walk.request
    live = schema_name(request.slug)
    tables.lock_all(live)
    tables.rename(live, aside_name(request.slug))
    if walk.memory["had_schema"]:
        tables.rename(kept_name(request.slug), live)
    _set_facts(Tenant.objects.select_for_update().get(slug=request.slug), walk.memory["facts_before"])
    if walk.memory["had_schema"]:
        tenant = _site(request.slug)
        sync_shadows(tenant, by=walk.by)
        _call_in(tenant, settings.SITE_PROJECTORS)


def marked(facts: dict[str, str]) -> dict[str, str | bool]:
    """Return facts with the mark that the database asks for beside an unusual identifier."""
    identifier = facts.get("identifier", "")
    return facts | {"is_identifier_unusual": bool(identifier) and not IDENTIFIER.fullmatch(identifier)}


def _set_facts(row: Tenant, facts: dict[str, str]) -> None:
    for name, value in marked(facts).items():
        setattr(row, name, value)
    row.save(update_fields=list(marked(facts)))  # raises the directory's version too: every process looks again


def move_files(walk: Walk[RestoreRequest]) -> None:
    """Keep the old files under another name and put the new ones in their place."""
    live, aside, kept = _folders(walk.request.slug)
    if not aside.exists():
        return  # a killed process had moved them
    if live.exists() and not kept.exists():
        live.rename(kept)
    if live.exists():  # somebody uploaded between two attempts
        shutil.copytree(aside, live, dirs_exist_ok=True)
        shutil.rmtree(aside)
    else:
        aside.rename(live)


def move_files_back(walk: Walk[RestoreRequest]) -> None:
    """Put the old files back."""
    live, aside, kept = _folders(walk.request.slug)
    if live.exists() and not aside.exists():
        live.rename(aside)
    if kept.exists() and not live.exists():
        kept.rename(live)


def _folders(slug: str) -> tuple[Path, Path, Path]:
    return files.folder_of(schema_name(slug)), files.folder_of(aside_name(slug)), files.folder_of(kept_name(slug))


def admit_staff(walk: Walk[RestoreRequest]) -> None:
    """Let people in: at a site that was there those who work there now, at a new one those of the archive whom the platform knows."""
    tenant = _site(walk.request.slug)
    walk.memory["granted"], walk.memory["not_granted"] = [], {}
    if walk.memory["made_site"]:
        for each in (MemberOfStaff(**row) for row in walk.memory["staff"]):
            _admit(walk, tenant, each)
    sync_shadows(tenant, by=walk.by)


def _admit(walk: Walk[RestoreRequest], tenant: TenantRef, one: MemberOfStaff) -> None:
    person = User.objects.filter(uuid=one.uuid, is_active=True).first()
    if person is None or not one.is_active:
        return
    try:
        memberships.grant(person, tenant, Role(one.role), by=walk.by)
    except memberships.SeparationOfDutiesError as error:
        walk.memory["not_granted"][person.username] = str(error)
    else:
        walk.memory["granted"].append(person.username)


def dismiss_staff(walk: Walk[RestoreRequest]) -> None:
    """Take back what was granted."""
    for person in User.objects.filter(username__in=walk.memory["granted"]):
        memberships.revoke(person, _site(walk.request.slug), by=walk.by)


def sync_shadows(tenant: TenantRef, *, by: str) -> None:
    """Make a site's shadows say who works there now: nobody gets back a right that was taken since, nobody loses one."""
    with in_public():
        now = list(Membership.objects.filter(tenant_id=tenant.id, is_active=True, person__is_active=True).select_related("person"))
        known = set(User.objects.values_list("uuid", flat=True))
    with in_schema_of(tenant):
        for shadow in User.objects.exclude(uuid__in=[each.person.uuid for each in now]):
            mark = f"@{shadow.uuid.hex[:8]}"
            if shadow.uuid not in known and not shadow.username.endswith(mark):
                shadow.username = shadow.username[: 150 - len(mark)] + mark  # its name may be somebody else's here
            shadow.is_active = shadow.is_staff = shadow.is_superuser = False
            shadow.save(update_fields=["username", "is_active", "is_staff", "is_superuser"])
            shadow.groups.clear()
    for each in now:
        memberships.grant(each.person, tenant, Role(each.role), by=by)


def attach_domains(walk: Walk[RestoreRequest]) -> None:
    """Give the site its hosts, and tell its pages."""
    row = Tenant.objects.get(slug=walk.request.slug)
    made = walk.memory["made_domains"] = []
    for domain, purpose, is_primary in _hosts(walk, row):
        leads = is_primary and not row.domains.filter(purpose=purpose.value, is_primary=True).exists()
        if take_domain(domain, row, purpose=purpose, is_primary=leads):
            made.append(domain)
    _call_in(_site(walk.request.slug), settings.SITE_RESTORERS)


def _hosts(walk: Walk[RestoreRequest], row: Tenant) -> list[tuple[str, DomainPurpose, bool]]:
    """Return the original's hosts of the archive that nobody else has, and for a new site its own where it has none."""
    taken = set(Domain.objects.exclude(tenant=row).values_list("domain", flat=True))
    archived = [
        (each["domain"], DomainPurpose(each["purpose"]), each["is_primary"])
        for each in (walk.memory["domains"] if walk.request.is_same else ())
        if each["domain"] not in taken
    ]
    if not walk.memory["made_site"]:
        return archived
    own = {DomainPurpose.PUBLIC: own_host(walk.request.slug), DomainPurpose.EDITOR: editor_domain(walk.request.slug)}
    led = {purpose for _, purpose, is_primary in archived if is_primary}
    return archived + [(domain, purpose, True) for purpose, domain in own.items() if purpose not in led]


def own_host(slug: str) -> str:
    """Return the host a site has without any domain of its own."""
    return f"{slug}.{settings.SITE_SUFFIX}"


def detach_domains(walk: Walk[RestoreRequest]) -> None:
    """Give the new hosts back."""
    Domain.objects.filter(tenant__slug=walk.request.slug, domain__in=walk.memory["made_domains"]).delete()


def follow_in_search(walk: Walk[RestoreRequest]) -> None:
    """Bring search in step with the restored pages, and with no other site's."""
    _call_in(_site(walk.request.slug), settings.SITE_PROJECTORS)


def leave_search(walk: Walk[RestoreRequest]) -> None:
    """Take a new site out of search; one that was there is brought in step when its tables are back."""
    if walk.memory["made_site"]:
        search.withdraw_site(_site(walk.request.slug).uuid)


def go_live(walk: Walk[RestoreRequest]) -> None:
    """Show a lost site to readers again; a copy waits in preparation for `site open`, and a site that was there stays in its state."""
    if walk.memory["made_site"] and walk.request.is_same and walk.memory["state"] == State.LIVE:
        row = Tenant.objects.get(slug=walk.request.slug)
        if row.state == State.PREPARING:
            change_state(row, State.APPROVED)
            change_state(row, State.LIVE)
            Tenant.objects.filter(pk=row.pk).update(opened_at=timezone.now())


def go_dark(walk: Walk[RestoreRequest]) -> None:
    """Hide a new site again."""
    if walk.memory["made_site"]:
        row = Tenant.objects.get(slug=walk.request.slug)
        if row.state == State.LIVE:
            change_state(row, State.APPROVED)


def _site(slug: str) -> TenantRef:
    content_types.clear()
    return selectors.tenant_by_slug(slug)


def _call_in(tenant: TenantRef, paths: list[str]) -> None:
    with in_schema_of(tenant):
        for path in paths:
            import_string(path)(tenant)


def _swapped(request: RestoreRequest) -> str:
    return "makes the tables' name the site's" if request.is_new else f"keeps {schema_name(request.slug)} as {kept_name(request.slug)}"


def _shown(request: RestoreRequest) -> str:
    return "leaves it in preparation" if request.is_new and not request.is_same else "gives it the state it had"


RESTORE_SITE = (
    StepDefinition("reserve", "占用标识", reserve, release, lambda request: "takes the slug" if request.is_new else "keeps the site's row"),
    StepDefinition("load", "载入备份数据", load, unload, lambda request: f"makes {aside_name(request.slug)} from the archive"),
    StepDefinition("swap", "替换数据表", swap, swap_back, _swapped),
    StepDefinition("media", "替换文件", move_files, move_files_back, lambda _request: "puts the archive's files in place"),
    StepDefinition("people", "核对人员", admit_staff, dismiss_staff, lambda _request: "makes the shadows fit who works there now"),
    StepDefinition("domains", "核对域名", attach_domains, detach_domains, lambda _request: "gives the site its own hosts"),
    StepDefinition("search", "重建检索", follow_in_search, leave_search, lambda _request: "brings the site's pages in search in step"),
    StepDefinition(
        "live",
        "对公众开放",
        go_live,
        go_dark,
        lambda request: "keeps its state" if not request.is_new or request.is_same else "leaves it in preparation",
    ),
)
