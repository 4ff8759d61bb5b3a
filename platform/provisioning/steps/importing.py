"""The steps of a site from an open archive: those of its preparation, with its pages taken from the archive."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.utils.module_loading import import_string
from typing_extensions import override

from provisioning.backups import files
from provisioning.backups.contract import FILES, ArchiveError
from provisioning.backups.exchange import Opened
from provisioning.contract import FilingSpec, SiteSpec, StepDefinition, Walk
from provisioning.steps.opening import PREPARE_SITE, schema_name
from registry.contract import Kind
from registry.schemas import in_schema_of
from registry.selectors import tenant_by_slug
from search import services as search

_opened: ContextVar[Opened | None] = ContextVar("opened", default=None)


@dataclass(frozen=True, slots=True)
class ImportRequest(SiteSpec):
    """A site to prepare, and the open archive its pages come from."""

    file: str = ""
    sha256: str = ""

    @override
    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the request the journal kept."""
        filings = tuple(FilingSpec.from_json(each) for each in data["filings"])
        return cls(**data | {"kind": Kind(data["kind"]), "aliases": tuple(data["aliases"]), "filings": filings})


@contextmanager
def reading(opened: Opened) -> Iterator[None]:
    """Let the steps of the block read this archive."""
    token = _opened.set(opened)
    try:
        yield
    finally:
        _opened.reset(token)


def opened_in_hand() -> Opened:
    """Return the archive the walk reads.

    Raises:
        ArchiveError: there is none; only `importing.import_site` brings one.

    """
    found = _opened.get()
    if found is None:
        raise ArchiveError("No archive is at hand: give the file again with `manage.py site import`.")
    return found


def take_pages(walk: Walk[Any]) -> None:
    """Lay the files, make the pages, and let search know, all or nothing."""
    opened, tenant = opened_in_hand(), tenant_by_slug(walk.request.slug)
    folder = files.folder_of(tenant.schema_name)
    for name in opened.files:
        target = folder / name.removeprefix(FILES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(opened.folder / name, target)
    with in_schema_of(tenant):
        made = import_string(settings.SITE_IMPORTER)(tenant, opened.rows)
        walk.memory |= {"pages": made.pages, "records": made.records, "refused": made.refused}
        for path in settings.SITE_PROJECTORS:
            import_string(path)(tenant)


def withdraw_pages(walk: Walk[Any]) -> None:
    """Take the pages out of search; their rows and files go with the tables."""
    search.withdraw_site(tenant_by_slug(walk.request.slug).uuid)


_TAKE: StepDefinition[Any] = StepDefinition(
    "import", "导入页面", take_pages, withdraw_pages, lambda request: f"makes the pages of {schema_name(request.slug)} from the archive"
)
_BEFORE = [step.name for step in PREPARE_SITE].index("pages") + 1
IMPORT_SITE: tuple[StepDefinition[Any], ...] = (*PREPARE_SITE[:_BEFORE], _TAKE, *PREPARE_SITE[_BEFORE:])
