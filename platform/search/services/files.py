"""Verbs: the words of attached files, read once and kept as long as a live page offers the file."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from outbox.services import record_many, require_transaction
from registry.contract import TenantRef
from search import documents
from search.contract import FILE_TEXT_LENGTH, FILE_TOPIC, TOPIC, file_key
from search.models import FileText, Projection
from search.services.writing import upsert


def keep_file_text(tenant: TenantRef, *, file_id: int, digest: str, text: str, reason: str = "") -> int:
    """Keep what was read of a file and let the pages that offer it be found by it; return how many pages changed.

    `reason` says why there is no text, or why not all of it. Where no live page offers the file, nothing is kept.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    key = file_key(tenant.uuid, file_id)
    if not Projection.objects.live().with_file(key).exists():
        FileText.objects.filter(pk=key).delete()
        return 0
    state = FileText.State.UNREAD if not text else FileText.State.CUT if reason or len(text) > FILE_TEXT_LENGTH else FileText.State.READ
    kept = {"digest": digest, "state": state, "reason": reason[:200], "text": text[:FILE_TEXT_LENGTH]}
    FileText.objects.update_or_create(pk=key, defaults={"tenant_id": tenant.id, **kept})
    return _spread(key)


def spread_file_text(tenant: TenantRef, *, file_id: int, digest: str) -> bool:
    """Let pages be found by what is known of a file already; return whether this content of it is known.

    Raises:
        OutsideTransactionError: no transaction is open.

    """
    require_transaction()
    key = file_key(tenant.uuid, file_id)
    if not FileText.objects.filter(pk=key, digest=digest).exists():
        return False
    _spread(key)
    return True


def known_texts(files: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the words of files by key, as far as they were read of the content the files have now."""
    digests = {file["key"]: file["digest"] for file in files}
    if not digests:
        return {}
    known = FileText.objects.filter(pk__in=digests).values_list("pk", "digest", "text")
    return {key: text for key, digest, text in known if digest == digests[key]}


def ask_for_words(files: Iterable[Mapping[str, Any]]) -> None:
    """Have files read whose words are not known, in the caller's transaction."""
    digests = {file["key"]: file["digest"] for file in files}
    if digests:
        known = set(FileText.objects.filter(pk__in=digests).values_list("pk", "digest"))
        record_many(FILE_TOPIC, keys=sorted(key for key, digest in digests.items() if (key, digest) not in known))


def forget_words(keys: Collection[str]) -> None:
    """Delete the words of files that no live page offers any more."""
    for key in keys:
        if not Projection.objects.live().with_file(key).exists():
            FileText.objects.filter(pk=key).delete()


def _spread(key: str) -> int:
    rows = list(Projection.objects.live().with_file(key).select_for_update(no_key=True).order_by("pk"))
    texts = known_texts(file for row in rows for file in row.files)
    renewed = {row.pk: documents.with_file_texts(row, texts) for row in rows}
    changed = [documents.with_terms(renewed[row.pk]) for row in rows if renewed[row.pk].content_hash != row.content_hash]
    if changed:
        record_many(TOPIC, keys=upsert(changed))
    return len(changed)
