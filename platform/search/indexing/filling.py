"""Keeps readers from an index that is not whole: a first one, one that was lost, one that came back from an old copy.

The relay fills it; meanwhile there is no alias to read from, so PostgreSQL answers, and readers are told.
"""

import datetime as dt
import logging

from django.db import transaction
from django.db.models.functions import Now

from outbox.models import Event
from outbox.services import record_many
from search import client, mapping
from search.contract import TOPIC
from search.indexing import counting, indices
from search.models import Projection, SearchIndex

logger = logging.getLogger(__name__)

MISSING_SHARE = 0.02  # of what is published; more than this is no longer a delay


def ensure() -> None:
    """Make an index where there is none, and let the relay fill it from the projection; one of an earlier release gets what it lacks.

    Raises:
        EngineDownError: the engine is away.

    """
    if indices.has_lost_previous():
        indices.give_up_previous("it is gone")
    if (written := indices.aliased(mapping.write_alias())) and (fields := indices.complete(written)):
        logger.warning("the index lacked fields: rebuild it", extra={"index": written, "fields": fields})
    if _is_ready() and indices.building().exists() == bool(indices.aliased(mapping.next_alias())):
        return
    try:
        with indices.locked():
            indices.drop(indices.leftovers())  # nobody builds now, or the lock would be taken
            if not _is_ready():
                _make_first()
    except indices.BusyError:  # whoever has the lock makes it
        return


def settle() -> bool:
    """Show an index that was being filled to readers once it lacks nothing but what is parked; return whether it is shown now.

    Raises:
        EngineDownError: the engine is away.

    """
    name = indices.filling().values_list("name", flat=True).first()
    if name is None or counting.missing_in(name) > Event.objects.of_topic(TOPIC).parked().count():
        return False
    try:
        with indices.locked():
            indices.drop(indices.swap(name))
    except indices.BusyError:
        return False
    logger.warning("the index is whole: readers use it again", extra={"index": name})
    return True


def watch() -> bool:
    """Hide the index from readers when it lacks much of what is published and that is not on its way; return whether it was hidden.

    Raises:
        EngineDownError: the engine is away.

    """
    name = indices.aliased(mapping.read_alias())
    if name is None:
        return False
    published, missing = Projection.objects.live().count(), counting.missing_in(name)
    if missing <= max(published * MISSING_SHARE, Event.objects.of_topic(TOPIC).count()):
        return False
    logger.error("the index is not whole: PostgreSQL answers until it is", extra={"index": name, "missing": missing, "of": published})
    try:
        with indices.locked():
            _hide(name)
    except indices.BusyError:
        return False
    return True


def _is_ready() -> bool:
    """Whether there is an index to write to, and either readers use it or it is known to be filling."""
    written = indices.aliased(mapping.write_alias())
    if written is None:
        return False
    return indices.aliased(mapping.read_alias()) is not None or indices.filling().filter(name=written).exists()


def _make_first() -> None:
    """Make an index that is written to; readers get it when it is whole."""
    name = indices.aliased(mapping.write_alias())
    if name is None:
        name = indices.new_name(dt.datetime.now(dt.UTC))
        indices.create(name, alias=mapping.write_alias())
    with transaction.atomic():
        SearchIndex.objects.filter(is_reading=True).update(is_reading=False, is_writing=False)
        SearchIndex.objects.update_or_create(
            name=name,
            defaults={"is_reading": False, "is_writing": True, "filling_since": Now(), "retired_at": None},
            create_defaults={"mapping_hash": mapping.mapping_hash(), "filling_since": Now()},
        )
        _record_everything()


def _hide(name: str) -> None:
    with transaction.atomic():
        SearchIndex.objects.filter(name=name).update(is_reading=False, is_writing=True, filling_since=Now())
        with client.guarded():
            client.writer().indices.delete_alias(index=name, name=mapping.read_alias())
        _record_everything()


def _record_everything() -> None:
    record_many(TOPIC, keys=Projection.objects.live().order_by("pk").values_list("pk", flat=True).iterator())
