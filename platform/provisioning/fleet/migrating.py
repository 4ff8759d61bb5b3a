"""A fleet migration: shared tables, template, then the sites in waves; it may be killed anywhere and run again."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from observability.audit import record_audit
from provisioning import cloning
from provisioning.contract import TemplateError
from provisioning.fleet import access, planning, replaying, surveying
from provisioning.fleet.contract import (
    LATE,
    SHARE,
    WAVES,
    FleetBusyError,
    FleetOptions,
    FleetOutcome,
    OnSite,
    OnStart,
    SharedTablesError,
    Site,
    SiteReport,
)
from provisioning.fleet.planning import Named, Plan
from provisioning.fleet.replaying import Recording
from provisioning.fleet.surveying import Survey
from provisioning.models import FleetResult, FleetRun, Template
from registry.schemas import in_public, in_schema_of

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('provisioning.fleet', 0))"
_LOCK_NOT_AVAILABLE = "55P03"
_TRIES = 3
_BAD_STARTS = 3  # sites of one version that failed before any succeeded: then it is the migration, not the site
_LATE_ROUNDS = 10


def migrate(options: FleetOptions, *, on_start: OnStart = lambda _count: None, on_site: OnSite = lambda _report: None) -> FleetOutcome:
    """Bring shared tables, template and sites to the code's version; goes on with what an earlier run left.

    Raises:
        FleetBusyError: another one is under way.
        ContractingError: the release would break code that still runs; nothing was changed.
        UnknownSiteError: a site was named that is not there; nothing was changed.
        SharedTablesError: the shared tables or the template could not be migrated; no site was touched.

    """
    began = time.monotonic()
    with in_public(), _alone():
        found = surveying.survey(options.only)
        outcome = FleetOutcome(unchanged=len(found.sites))
        if found.is_current and not _has_open_run(found):
            outcome.seconds = time.monotonic() - began
            return outcome
        surveying.check(found, accepted=options.accepted)
        outcome.public = _migrate_public(found)
        run = _begin(found, options)
        outcome.run = str(run.pk)
        try:
            outcome.has_new_template = _bring_template(found)
            found = surveying.survey(options.only)
            _Walk(run, options, outcome, on_site).go(found, on_start)
        except TemplateError as error:
            _end(run, FleetRun.State.PAUSED, outcome, error=str(error))
            raise SharedTablesError(f"The template could not be renewed, no site was touched: {error}") from error
        outcome.seconds = time.monotonic() - began
    return outcome


@contextmanager
def _alone() -> Iterator[None]:
    """Bar a second fleet migration; the lock has a connection of its own, since Django closes ours between migrations."""
    holder = connection.copy()
    try:
        with holder.cursor() as cursor:
            cursor.execute(_LOCK)
            if not cursor.fetchone()[0]:
                raise FleetBusyError(
                    "Another fleet migration is under way. Wait for it to end; `manage.py fleet status` shows how far it is."
                )
        yield
    finally:
        holder.close()


def _has_open_run(found: Survey) -> bool:
    return not found.public.migrations and FleetRun.objects.filter(finished_at=None).exists()


def _migrate_public(found: Survey) -> tuple[str, ...]:
    if not found.public.migrations:
        return ()
    try:
        call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
    except DatabaseError as error:
        raise SharedTablesError(f"The shared tables could not be migrated, no site was touched: {error}") from error
    return tuple(planning.name_of(migration) for migration in found.public.migrations)


def _bring_template(found: Survey) -> bool:
    """Bring the template and its dump to the current version before any site, so that new sites are never behind."""
    has_new = (found.needs_template or bool(found.public.migrations)) and bool(found.digests)
    template = cloning.renew_template() if has_new else cloning.current_template()
    if template:
        with transaction.atomic():
            cloning.forget_older_dumps(template)
    return has_new


def _begin(found: Survey, options: FleetOptions) -> FleetRun:
    """Return the open run when it is for this code, else a new one in its place."""
    fingerprint, roles = cloning.fingerprint(), cloning.roles_mark()
    with transaction.atomic():
        unfinished = FleetRun.objects.filter(finished_at=None).first()
        if unfinished and (unfinished.fingerprint, unfinished.roles) == (fingerprint, roles):
            FleetResult.objects.filter(run=unfinished, state=FleetResult.State.FAILED).update(state=FleetResult.State.WAITING)
            FleetRun.objects.filter(pk=unfinished.pk).update(state=FleetRun.State.RUNNING, error="")
            return unfinished
        if unfinished:
            FleetRun.objects.filter(pk=unfinished.pk).update(state=FleetRun.State.SUPERSEDED, finished_at=timezone.now())
        lacking = {planning.name_of(each): None for plan in found.plans.values() for each in plan.migrations}
        plan = {"public": [planning.name_of(each) for each in found.public.migrations], "sites": list(lacking)}
        return FleetRun.objects.create(fingerprint=fingerprint, roles=roles, plan=plan, actor=options.actor)


def _end(run: FleetRun, state: FleetRun.State, outcome: FleetOutcome, *, error: str = "") -> None:
    """Close or pause the run, with its entry in the audit trail."""
    is_over = state is not FleetRun.State.PAUSED
    outcome.state = state.value
    with transaction.atomic():
        FleetRun.objects.filter(pk=run.pk).update(state=state, error=error, finished_at=timezone.now() if is_over else None)
        detail = {
            "fingerprint": run.fingerprint,
            "plan": run.plan,
            "migrated": len(outcome.migrated),
            "failed": outcome.failed,
            "error": error,
        }
        record_audit("fleet.migrated" if is_over else "fleet.paused", actor=run.actor, subject=str(run.pk), detail=detail)


class _PausedError(Exception):
    """Too many sites failed; the message says why the run stops."""


@dataclass
class _Walk:
    """The sites of one run, wave by wave."""

    run: FleetRun
    options: FleetOptions
    outcome: FleetOutcome
    on_site: OnSite
    recordings: dict[str, Recording] = field(default_factory=dict)
    bad_starts: dict[str, int] = field(default_factory=dict)

    def go(self, found: Survey, on_start: OnStart) -> None:
        """Work on all sites; those that were opened meanwhile come last."""
        began = time.monotonic()
        waves = self._waves(found)
        on_start(sum(map(len, waves.values())))
        self.outcome.unchanged = len(found.sites) - sum(map(len, waves.values()))
        try:
            for wave, sites in waves.items():
                self._work(found, wave, sites)
            self._work_on_late_ones()
        except _PausedError as error:
            self.outcome.sites_seconds = time.monotonic() - began
            self.outcome.waiting = FleetResult.objects.filter(run=self.run, state=FleetResult.State.WAITING).count()
            _end(self.run, FleetRun.State.PAUSED, self.outcome, error=str(error))
            return
        self.outcome.sites_seconds = time.monotonic() - began
        self._finish()

    def _waves(self, found: Survey) -> dict[str, list[Site]]:
        """Return the sites by wave and write down who waits; a site keeps the wave it was given first."""
        done = set(self._results(FleetResult.State.DONE))
        todo = [site for site in found.sites if found.plan(site).migrations or (found.needs_roles and site.schema_name not in done)]
        given = dict(FleetResult.objects.filter(run=self.run).values_list("schema_name", "wave"))
        waves: dict[str, list[Site]] = {wave: [] for wave in WAVES}
        fresh = [site for site in todo if site.schema_name not in given]
        for site, wave in zip(fresh, self._wave_names(fresh), strict=True):
            given[site.schema_name] = wave
        for site in todo:
            waves.setdefault(given[site.schema_name], []).append(site)
        rows = [FleetResult(run=self.run, slug=site.slug, schema_name=site.schema_name, wave=given[site.schema_name]) for site in fresh]
        with transaction.atomic():
            FleetResult.objects.bulk_create(rows)
            again = [site.schema_name for site in todo]
            FleetResult.objects.filter(run=self.run, schema_name__in=again).update(state=FleetResult.State.WAITING, error="")
        return waves

    def _results(self, state: FleetResult.State) -> list[str]:
        return list(FleetResult.objects.filter(run=self.run, state=state).values_list("schema_name", flat=True))

    def _wave_names(self, sites: Sequence[Site]) -> list[str]:
        canaries = set(self.options.canaries) or {site.slug for site in sites[: self.options.canary_count]}
        tenth = -(-len(sites) // SHARE)
        names: list[str] = []
        for site in sites:
            if site.slug in canaries:
                names.append(WAVES[0])
            else:
                names.append(WAVES[1] if names.count(WAVES[1]) < tenth else WAVES[2])
        return names

    def _work(self, found: Survey, wave: str, sites: Sequence[Site]) -> None:
        for site in sites:
            self._bring(found, wave, site)

    def _bring(self, found: Survey, wave: str, site: Site) -> None:
        """Bring one site to the version; one that fails is left as it was, marked and reported."""
        began = time.monotonic()
        digest = found.digests[site.schema_name]
        try:
            way = self._with_patience(digest, found.plans[digest], site)
        except Exception as error:
            if _is_gone():
                raise
            self._fail(wave, site, digest, error, began)
            return
        self.outcome.migrated[site.slug] = way
        self.on_site(SiteReport(site, wave, way, time.monotonic() - began))

    def _with_patience(self, digest: str, plan: Plan, site: Site) -> str:
        """Try again when a table was in use for longer than the lock timeout."""
        for attempt in range(1, _TRIES + 1):
            try:
                return self._migrate(digest, plan, site)
            except DatabaseError as error:
                if attempt == _TRIES or _is_gone() or getattr(error.__cause__, "pgcode", "") != _LOCK_NOT_AVAILABLE:
                    raise
                time.sleep(0.2 * attempt)
        raise AssertionError  # the loop returns or raises

    def _migrate(self, digest: str, plan: Plan, site: Site) -> str:
        began = time.monotonic()
        way = "roles"

        def at_end() -> None:
            with in_schema_of(Named(site.schema_name)):
                lacked_any = bool(plan.migrations) and access.may_change(plan.migrations) and access.bring()
                if lacked_any or self._needs_roles():
                    access.bring_roles()
            facts = {"state": FleetResult.State.DONE, "way": way, "seconds": time.monotonic() - began, "error": ""}
            FleetResult.objects.filter(run=self.run, schema_name=site.schema_name).update(**facts, at=timezone.now())

        if not plan.migrations:
            with transaction.atomic():
                at_end()
        elif recording := self.recordings.get(digest):
            way = recording.way
            replaying.replay(recording, site.schema_name, options=self.options, at_end=at_end)
        else:
            own = planning.plan_of(site.schema_name)
            with in_schema_of(Named(site.schema_name)):
                way = "python" if any(map(planning.needs_python, own.migrations)) else "sql"
            self.recordings[digest] = replaying.record(own, options=self.options, at_end=at_end)
        return way

    def _needs_roles(self) -> bool:
        if not hasattr(self, "_roles"):
            self._roles = cloning.roles_of_sites() != self.run.roles
        return self._roles

    def _fail(self, wave: str, site: Site, digest: str, error: Exception, began: float) -> None:
        reason = f"{type(error).__name__}: {error}".strip()
        with in_public(), transaction.atomic():
            facts = {"state": FleetResult.State.FAILED, "seconds": time.monotonic() - began, "error": reason}
            FleetResult.objects.filter(run=self.run, schema_name=site.schema_name).update(**facts, at=timezone.now())
        self.outcome.failed[site.slug] = reason
        self.on_site(SiteReport(site, wave, "", time.monotonic() - began, reason))
        if digest not in self.recordings:
            self.bad_starts[digest] = self.bad_starts.get(digest, 0) + 1
            if self.bad_starts[digest] >= _BAD_STARTS:
                raise _PausedError(f"{_BAD_STARTS} sites failed and none succeeded: the migration itself is broken. {reason}")
        if not self.options.goes_on and len(self.outcome.failed) > self.options.max_failures:
            raise _PausedError(f"{len(self.outcome.failed)} failed in wave {wave!r}.")

    def _work_on_late_ones(self) -> None:
        """Bring along what was opened by older code during the run; named sites are all that was asked for then."""
        for _ in range(_LATE_ROUNDS if not self.options.only else 0):
            found = surveying.survey()
            tried = set(FleetResult.objects.filter(run=self.run).values_list("schema_name", flat=True))
            late = [site for site in found.sites if found.plan(site).migrations and site.schema_name not in tried]
            if not late:
                return
            FleetResult.objects.bulk_create(
                FleetResult(run=self.run, slug=site.slug, schema_name=site.schema_name, wave=LATE) for site in late
            )
            self._work(found, LATE, late)

    def _finish(self) -> None:
        has_failed = bool(self.outcome.failed)
        with transaction.atomic():
            if not has_failed and not self.options.only:
                Template.objects.filter(fingerprint=self.run.fingerprint).update(roles=self.run.roles)
            _end(self.run, FleetRun.State.PARTLY if has_failed else FleetRun.State.DONE, self.outcome)


def _is_gone() -> bool:
    """Whether the database itself is away, and not one site in trouble."""
    return connection.connection is None or bool(connection.connection.closed)
