"""Indices and aliases: the first index, the swap to a new one and back, and what a crash left behind."""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import elasticsearch
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from search import client, mapping
from search.models import SearchIndex

logger = logging.getLogger(__name__)

_LOCK = 0x5EA12C41  # of all that makes or swaps indices; any number that nobody else uses
_NOT_FOUND = 404
MERGE_SECONDS = 3600.0  # for an index of a million documents and a slow disk


class BusyError(Exception):
    """Another process is making or swapping indices."""


class NoPreviousError(Exception):
    """There is no index to go back to."""


@dataclass(frozen=True, slots=True)
class Target:
    """An alias the relay writes through; `spare` names the index that served before: it must never hold up the others."""

    alias: str
    spare: str = ""


@contextmanager
def locked(number: int = _LOCK) -> Iterator[None]:
    """Keep others from making or swapping indices, or from what else has this number; a crash leaves no lock, it goes with the connection.

    Raises:
        BusyError: somebody else has it.

    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise BusyError("Another process is building an index. Wait for it to end; `search status` shows how far it is.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


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


def create(name: str, *, alias: str, refresh_interval: str = mapping.REFRESH_INTERVAL) -> None:
    """Create an index that an alias leads to, in one step.

    Raises:
        EngineDownError: the engine is away.

    """
    body = mapping.index_body(refresh_interval=refresh_interval)
    with client.guarded():
        client.writer().indices.create(index=name, settings=body["settings"], mappings=body["mappings"], aliases={alias: {}})


def settle(name: str) -> None:
    """Make an index that was filled at one go ready for readers: new documents show soon, and all lie in one segment.

    A query looks each of its words up in every segment, so that twenty-five of them cost half as much again as one.

    Raises:
        EngineDownError: the engine is away, or needs longer than MERGE_SECONDS.

    """
    with client.guarded():
        patient = client.writer().options(request_timeout=MERGE_SECONDS)
        patient.indices.forcemerge(index=name, max_num_segments=1)
        patient.indices.put_settings(index=name, settings={"index": {"refresh_interval": mapping.REFRESH_INTERVAL}})


def complete(name: str) -> list[str]:
    """Give an index that an earlier release made the fields it lacks, so that it takes what is written today, and return them.

    What is in it already lacks them until it is rebuilt.

    Raises:
        EngineDownError: the engine is away.

    """
    wanted = mapping.index_body()["mappings"]["properties"]
    with client.guarded():
        known = client.writer().indices.get_mapping(index=name)[name]["mappings"]["properties"]
        lacking = {field: options for field, options in wanted.items() if field not in known}
        if lacking:
            client.writer().indices.put_mapping(index=name, properties=lacking)
    return sorted(lacking)


def swap(name: str) -> list[str]:
    """Let readers and the relay use this index, in one step; the one in use becomes the previous one. Return those nobody needs now.

    Raises:
        EngineDownError: the engine is away.

    """
    served = {alias: aliased(alias) for alias in (mapping.read_alias(), mapping.write_alias(), mapping.previous_alias())}
    before = {old for old in served.values() if old and old != name}
    previous = served[mapping.read_alias()]
    every = (*served, mapping.next_alias())
    actions = [{"remove": {"index": old, "alias": alias, "must_exist": False}} for old in sorted({*before, name}) for alias in every]
    actions += [{"add": {"index": name, "alias": alias}} for alias in (mapping.read_alias(), mapping.write_alias())]
    if previous and previous != name:
        actions.append({"add": {"index": previous, "alias": mapping.previous_alias()}})
    with client.guarded():
        client.writer().indices.update_aliases(actions=actions)
    note_reading()
    return sorted(before - {previous})


def go_back() -> str:
    """Let readers and the relay use the index that served before; the one in use becomes the previous one. Return its name.

    Raises:
        NoPreviousError: there is none, or it is not kept in step any more.
        EngineDownError: the engine is away.

    """
    name = aliased(mapping.previous_alias())
    if name is None or not _previous().filter(name=name).exists():
        raise NoPreviousError("There is no earlier index that was kept in step. Build one with this code: manage.py search rebuild.")
    swap(name)
    return name


def note_reading() -> None:
    """Write into the table what the aliases say: they are the truth, and a crash may have come between."""
    reading, previous = aliased(mapping.read_alias()), aliased(mapping.previous_alias())
    with transaction.atomic():
        SearchIndex.objects.filter(is_reading=True).exclude(name=reading or "").update(is_reading=False, is_writing=False)
        SearchIndex.objects.filter(retired_at__isnull=False).exclude(name=previous or "").update(is_writing=False)
        if previous:
            SearchIndex.objects.filter(name=previous, retired_at=None).update(is_writing=True, retired_at=Now())
        if reading:
            SearchIndex.objects.update_or_create(
                name=reading,
                defaults={"is_reading": True, "is_writing": True, "filling_since": None, "retired_at": None},
                create_defaults={"is_reading": True, "mapping_hash": hash_of(reading)},
            )


def filling() -> QuerySet[SearchIndex]:
    """Return the index that is written to and not whole yet."""
    return SearchIndex.objects.filter(is_writing=True, is_reading=False, filling_since__isnull=False)


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
    """Return our indices that serve nobody: what a crash left.

    Raises:
        EngineDownError: the engine is away.

    """
    with client.guarded():
        existing = set(client.writer().indices.get(index=mapping.index_pattern(), allow_no_indices=True))
    known = set(SearchIndex.objects.values_list("name", flat=True))
    serving = {aliased(alias) for alias in (mapping.read_alias(), mapping.write_alias(), mapping.previous_alias())}
    return sorted((existing | known) - serving)


def feeds() -> list[Target]:
    """Return what the relay writes to: the index in use, the one being built, the one that served before."""
    others = SearchIndex.objects.filter(is_writing=True, is_reading=False, filling_since=None)
    return [
        Target(mapping.write_alias()),
        *(Target(mapping.previous_alias(), spare=row.name) if row.retired_at else Target(mapping.next_alias()) for row in others),
    ]


def has_lost_previous() -> bool:
    """Whether the index that served before ought to be fed and is not there.

    Raises:
        EngineDownError: the engine is away.

    """
    name = _previous().values_list("name", flat=True).first()
    return name is not None and aliased(mapping.previous_alias()) != name


def give_up_previous(reason: str) -> None:
    """Stop feeding the index that served before: it cannot take what is published now."""
    logger.warning("the previous index is not kept any more", extra={"reason": reason})
    _previous().update(is_writing=False)


def drop_previous(*, before: dt.datetime) -> list[str]:
    """Delete indices that stopped serving before a moment and return their names.

    Raises:
        EngineDownError: the engine is away.

    """
    names = list(SearchIndex.objects.filter(is_reading=False, retired_at__lt=before).values_list("name", flat=True))
    drop(names)
    return names


@cache
def fields_of(name: str) -> frozenset[str]:
    """Return the fields an index knows; its mapping is strict, so they stay.

    Raises:
        EngineDownError: the engine is away.

    """
    with client.guarded():
        answer = client.writer().indices.get_mapping(index=name)
    return frozenset(answer[name]["mappings"]["properties"])


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


def building() -> QuerySet[SearchIndex]:
    """Return the index that is being built."""
    return SearchIndex.objects.filter(is_writing=True, is_reading=False, filling_since=None, retired_at=None)


def _previous() -> QuerySet[SearchIndex]:
    return SearchIndex.objects.filter(is_writing=True, is_reading=False, retired_at__isnull=False)
