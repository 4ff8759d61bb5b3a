"""Indices and aliases: the first index, the swap to a new one, and what a crash left behind."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import elasticsearch
from django.db import connection, transaction
from django.db.models import QuerySet

from outbox.services import record_many
from search import client, mapping
from search.contract import TOPIC
from search.models import Projection, SearchIndex

_LOCK = 0x5EA12C41  # of all that makes or swaps indices; any number that nobody else uses
_NOT_FOUND = 404


class BusyError(Exception):
    """Another process is making or swapping indices."""


@contextmanager
def locked() -> Iterator[None]:
    """Keep others from making or swapping indices; the lock goes with the connection, so a crash leaves none.

    Raises:
        BusyError: somebody else has it.

    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise BusyError("Another process is building an index. Wait for it to end; `search status` shows how far it is.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def aliased(alias: str) -> str | None:
    """Return the index behind an alias.

    Raises:
        EngineDownError: the engine is away.

    """
    try:
        with client.guarded():
            return next(iter(client.writer().indices.get_alias(name=alias)), None)
    except client.EngineDownError as error:
        if isinstance(cause := error.__cause__, elasticsearch.ApiError) and cause.status_code == _NOT_FOUND:
            return None
        raise


def is_ready() -> bool:
    """Whether there is an index to read from and to write to.

    Raises:
        EngineDownError: the engine is away.

    """
    return aliased(mapping.read_alias()) is not None and aliased(mapping.write_alias()) is not None


def ensure() -> None:
    """Make the first index where there is none, and let the relay fill it from the projection.

    Raises:
        EngineDownError: the engine is away.

    """
    if is_ready() and _building().exists() == bool(aliased(mapping.next_alias())):
        return
    try:
        with locked():
            drop(leftovers())  # nobody builds now, or the lock would be taken
            if not is_ready():
                _make_first()
    except BusyError:  # whoever has the lock makes it
        return


def create(name: str, *, alias: str, refresh_interval: str = mapping.REFRESH_INTERVAL) -> None:
    """Create an index that an alias leads to, in one step.

    Raises:
        EngineDownError: the engine is away.

    """
    body = mapping.index_body(refresh_interval=refresh_interval)
    with client.guarded():
        client.writer().indices.create(index=name, settings=body["settings"], mappings=body["mappings"], aliases={alias: {}})


def swap(name: str) -> list[str]:
    """Let readers and the relay use this index alone, in one step; return the indices that served before.

    Raises:
        EngineDownError: the engine is away.

    """
    before = {old for alias in (mapping.read_alias(), mapping.write_alias()) if (old := aliased(alias)) and old != name}
    actions = [
        {"remove": {"index": old, "alias": alias, "must_exist": False}}
        for old in sorted(before)
        for alias in (mapping.read_alias(), mapping.write_alias())
    ]
    actions.append({"remove": {"index": name, "alias": mapping.next_alias(), "must_exist": False}})
    actions += [{"add": {"index": name, "alias": alias}} for alias in (mapping.read_alias(), mapping.write_alias())]
    with client.guarded():
        client.writer().indices.update_aliases(actions=actions)
    note_reading()
    return sorted(before)


def note_reading() -> None:
    """Write into the table what the aliases say: they are the truth, and a crash may have come between."""
    name = aliased(mapping.read_alias())
    with transaction.atomic():
        SearchIndex.objects.filter(is_reading=True).exclude(name=name or "").update(is_reading=False, is_writing=False)
        if name:
            SearchIndex.objects.update_or_create(
                name=name,
                defaults={"is_reading": True, "is_writing": True},
                create_defaults={"is_reading": True, "mapping_hash": hash_of(name)},
            )


def drop(names: list[str]) -> None:
    """Delete indices and forget them.

    Raises:
        EngineDownError: the engine is away.

    """
    if names:
        with client.guarded():
            client.writer().indices.delete(index=names, ignore_unavailable=True)
    SearchIndex.objects.filter(name__in=names).delete()


def leftovers() -> list[str]:
    """Return our indices that nobody reads: what a crash left.

    Raises:
        EngineDownError: the engine is away.

    """
    with client.guarded():
        existing = set(client.writer().indices.get(index=mapping.index_pattern(), allow_no_indices=True))
    known = set(SearchIndex.objects.values_list("name", flat=True))
    return sorted((existing | known) - {aliased(mapping.read_alias()), aliased(mapping.write_alias())})


def feeds() -> list[str]:
    """Return the aliases the relay writes through: the index in use, and the one being built."""
    return [mapping.write_alias(), mapping.next_alias()] if _building().exists() else [mapping.write_alias()]


def hash_of(name: str) -> str:
    """Return the hash an index says its mapping has; empty where it says none.

    Raises:
        EngineDownError: the engine is away.

    """
    with client.guarded():
        answer = client.writer().indices.get_mapping(index=name)
    return str(answer[name]["mappings"].get("_meta", {}).get("hash", ""))


def new_name(now: dt.datetime) -> str:
    """Return the name of an index made now."""
    return mapping.index_pattern().replace("v*", f"v{mapping.VERSION}-{now:%Y%m%d-%H%M%S-%f}")


def _building() -> QuerySet[SearchIndex]:
    return SearchIndex.objects.filter(is_writing=True, is_reading=False)


def _make_first() -> None:
    name = aliased(mapping.read_alias()) or aliased(mapping.write_alias())
    if name is None:
        name = new_name(dt.datetime.now(dt.UTC))
        create(name, alias=mapping.next_alias())
    with transaction.atomic():  # the events come before the alias: an index that is searched is never left half filled
        SearchIndex.objects.get_or_create(name=name, defaults={"mapping_hash": mapping.mapping_hash()})
        record_many(TOPIC, keys=Projection.objects.live().order_by("pk").values_list("pk", flat=True).iterator())
    swap(name)
