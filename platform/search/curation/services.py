"""Verbs on rules: write a draft, put it into force as a version, go back to an earlier one; each with its audit entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from observability.audit import record_audit
from registry.contract import Kind, TenantRef
from registry.models import City, Tenant
from registry.schemas import in_public
from search.contract import Owner
from search.curation.current import forget_rules
from search.curation.rules import RuleValue
from search.models import CurationVersion, Rule

_FIELDS = tuple(name for name in RuleValue.__dataclass_fields__ if name != "is_own")


class NothingToActivateError(Exception):
    """The draft is what is in force already."""


class NoSuchVersionError(LookupError):
    """There is no version of this number to go back to."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule of the draft differs in from what is in force: `added`, `removed` or `changed`."""

    sort: str
    rule: RuleValue
    before: RuleValue | None = None


def owner_of(tenant: TenantRef) -> Owner:
    """Return for whom people at this site decide: at the portal for the city as a whole, elsewhere for the site."""
    return Owner(tenant.city_slug) if tenant.kind is Kind.CITY else Owner(tenant.city_slug, tenant.uuid)


def draft_of(owner: Owner) -> list[RuleValue]:
    """Return the rules as they are being worked on."""
    with in_public():
        rows = Rule.objects.owned_by(owner).order_by("kind", "phrase", "position", "pk")
        return [RuleValue(**{name: getattr(row, name) for name in _FIELDS}, is_own=owner.site is not None) for row in rows]


def in_force(owner: Owner) -> CurationVersion | None:
    """Return the version that readers' searches follow."""
    with in_public():
        return CurationVersion.objects.owned_by(owner).filter(is_active=True).first()


def versions_of(owner: Owner, *, limit: int = 50) -> list[CurationVersion]:
    """Return the versions, newest first."""
    with in_public():
        return list(CurationVersion.objects.owned_by(owner).order_by("-number")[:limit])


def values_of(version: CurationVersion | None) -> list[RuleValue]:
    """Return a version's rules."""
    return [RuleValue.from_json(rule, is_own=version.tenant_id is not None) for rule in version.rules] if version else []


def changes_of(owner: Owner) -> list[Change]:
    """Return what would change if the draft were put into force."""
    return _changes(values_of(in_force(owner)), draft_of(owner))


@transaction.atomic
def save_rule(rule: Rule, *, owner: Owner, by: str) -> Rule:
    """Write one rule of the draft as its owner's.

    Raises:
        django.db.IntegrityError: there is the same rule already.

    """
    with in_public():
        is_new = rule.pk is None
        rule.city = City.objects.get(slug=owner.city_slug)
        rule.tenant = Tenant.objects.get(uuid=owner.site) if owner.site else None
        rule.changed_by = by
        rule.save()
        Rule.objects.filter(pk=rule.pk).update(changed_at=Now())
        _audit("search.rule_added" if is_new else "search.rule_changed", owner, by, str(rule))
    return rule


@transaction.atomic
def delete_rule(rule: Rule, *, owner: Owner, by: str) -> None:
    """Take one rule out of the draft."""
    with in_public():
        _audit("search.rule_removed", owner, by, str(rule))
        rule.delete()


@transaction.atomic
def activate(owner: Owner, *, by: str, note: str = "") -> CurationVersion:
    """Put the draft into force as a new version.

    Raises:
        NothingToActivateError: it is in force already.

    """
    with in_public():
        _lock(owner)
        before, draft = in_force(owner), draft_of(owner)
        changes = _changes(values_of(before), draft)
        if not changes:
            raise NothingToActivateError
        made = _new_version(owner, draft, changes, by=by, note=note)
        _audit("search.rules_activated", owner, by, f"v{made.number}", {"changes": made.changes})
    transaction.on_commit(forget_rules)
    return made


@transaction.atomic
def restore(owner: Owner, *, number: int, by: str) -> CurationVersion:
    """Go back to what an earlier version held: a new version with its rules, and the draft becomes the same.

    Raises:
        NoSuchVersionError: there is none of this number, or (0) nothing was in force yet and nothing is now.

    """
    with in_public():
        _lock(owner)
        wanted = CurationVersion.objects.owned_by(owner).filter(number=number).first()
        if wanted is None and (number or in_force(owner) is None):
            raise NoSuchVersionError(f"There is no version {number}.")
        values = values_of(wanted)
        changes = _changes(values_of(in_force(owner)), values)
        made = _new_version(owner, values, changes, by=by, note=f"恢复到第 {number} 版")
        _replace_draft(owner, values, by=by)
        _audit("search.rules_restored", owner, by, f"v{made.number}", {"from": number, "changes": made.changes})
    transaction.on_commit(forget_rules)
    return made


@transaction.atomic
def discard_draft(owner: Owner, *, by: str) -> None:
    """Let the draft be what is in force."""
    with in_public():
        _lock(owner)
        _replace_draft(owner, values_of(in_force(owner)), by=by)
        _audit("search.draft_discarded", owner, by, "")


@transaction.atomic
def replace_kind(owner: Owner, kind: str, values: Sequence[RuleValue], *, by: str) -> int:
    """Let the draft's rules of one kind be exactly these and return how many differ; for the import of a file."""
    with in_public():
        _lock(owner)
        draft = draft_of(owner)
        others = [value for value in draft if value.kind != kind]
        changes = _changes(draft, [*others, *values])
        if changes:
            _replace_draft(owner, [*others, *values], by=by)
            _audit("search.rules_imported", owner, by, kind, {"rules": len(values), "changes": len(changes)})
        return len(changes)


def _new_version(owner: Owner, values: Sequence[RuleValue], changes: Sequence[Change], *, by: str, note: str) -> CurationVersion:
    newest = CurationVersion.objects.owned_by(owner).order_by("-number").values_list("number", flat=True).first()
    CurationVersion.objects.owned_by(owner).filter(is_active=True).update(is_active=False)
    made: CurationVersion = CurationVersion.objects.create(
        city=City.objects.get(slug=owner.city_slug),
        tenant=Tenant.objects.get(uuid=owner.site) if owner.site else None,
        number=(newest or 0) + 1,
        rules=[value.to_json() for value in values],
        changes=[_as_json(change) for change in changes],
        note=note[:300],
        activated_by=by,
    )
    return made


def _replace_draft(owner: Owner, values: Sequence[RuleValue], *, by: str) -> None:
    Rule.objects.owned_by(owner).delete()
    city = City.objects.get(slug=owner.city_slug)
    tenant = Tenant.objects.get(uuid=owner.site) if owner.site else None
    Rule.objects.bulk_create(
        Rule(city=city, tenant=tenant, changed_by=by, **{name: getattr(value, name) for name in _FIELDS}) for value in values
    )


def _changes(before: Sequence[RuleValue], after: Sequence[RuleValue]) -> list[Change]:
    old, new = {rule.identity: rule for rule in before}, {rule.identity: rule for rule in after}
    added = [Change("added", rule) for key, rule in new.items() if key not in old]
    changed = [Change("changed", rule, old[key]) for key, rule in new.items() if key in old and rule.to_json() != old[key].to_json()]
    removed = [Change("removed", rule) for key, rule in old.items() if key not in new]
    return [*added, *changed, *removed]


def _as_json(change: Change) -> dict[str, Any]:
    return {"sort": change.sort, "rule": change.rule.to_json()} | ({"before": change.before.to_json()} if change.before else {})


def _lock(owner: Owner) -> None:
    """Let two people who change the same owner's rules wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"search-rules {owner.city_slug} {owner.site or ''}"])


def _audit(action: str, owner: Owner, by: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    record_audit(action, actor=by, subject=subject, tenant_uuid=owner.site, detail={"city": owner.city_slug, **(detail or {})})
