"""What a backup says of itself, and one exception per way to refuse or fail."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from provisioning.contract import ProvisioningError, RefusedError

PRODUCT = "city-platform"  # the distribution whose version an archive names
FORMAT = "site-backup"
FORMAT_VERSION = 1
MANIFEST, SEAL, READ_ME = "manifest.json", "seal.json", "README.txt"
TABLES, FILES = "tables/", "media/"
MOST_PAGES = 20
CHUNK = 1 << 20  # bytes held at once while copying
FACTS = (
    "name",
    "short_name",
    "theme",
    "identifier",
    "organizer",
    "undertaker",
    "contact_phone",
    "contact_address",
    "icp",
    "police_record",
)


class ArchiveError(RefusedError):
    """The file is no archive of ours, was damaged or was changed; nothing was done with it."""


class MemberError(ArchiveError):
    """One member of the archive is wrong."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(
            f"{member}: {reason}. The archive is refused and nothing was changed. Take another copy of it, or an older backup."
        )
        self.member = member


class UnknownSealError(ArchiveError):
    """The archive was made by another installation, whose seal cannot be checked here."""


class KeyNeededError(RefusedError):
    """The archive is encrypted and no key was given, or the wrong one."""


class VersionError(RefusedError):
    """The archive's tables are of a version that this installation cannot make."""


class SpaceError(ProvisioningError):
    """The disk has too little room, or became full; no half archive is left."""


class SnapshotError(ProvisioningError):
    """Asked for inside a transaction, whose view of the data could be torn."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive, as the manifest promises it."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one table: the member `tables/NAME.csv` holds them in the order of `columns`."""

    columns: Sequence[str]
    rows: int


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """What readers got for one address when the backup was made."""

    path: str
    status: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MemberOfStaff:
    """Who worked at the site; no password, no session."""

    uuid: str
    username: str
    name: str
    role: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that an archive promises. `look` names the templates and code the pages were rendered with."""

    taken_at: str
    product_version: str
    look: str
    fingerprint: str
    migrations: Sequence[str]
    snapshot: str
    wal_position: str
    site: Mapping[str, Any]
    domains: Sequence[Mapping[str, Any]]
    staff: Sequence[MemberOfStaff]
    tables: Mapping[str, Table]
    sequences: Mapping[str, tuple[int, bool]]
    members: Mapping[str, Member]
    missing_files: Sequence[str] = ()
    pages: Sequence[RenderedPage] = ()

    def as_bytes(self) -> bytes:
        """Return it as the archive holds it."""
        document = {"format": FORMAT, "format_version": FORMAT_VERSION} | asdict(self)
        return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Manifest":
        """Return what an archive's manifest says.

        Raises:
            MemberError: it is none, or of a format this version does not know.

        """
        try:
            data = json.loads(content)
            if data.pop("format") != FORMAT:
                raise MemberError(MANIFEST, "this is no backup of a site")
            if (version := data.pop("format_version")) != FORMAT_VERSION:
                raise MemberError(MANIFEST, f"the backup's format is {version}, this version reads format {FORMAT_VERSION}")
            data["staff"] = [MemberOfStaff(**each) for each in data["staff"]]
            data["tables"] = {name: Table(**each) for name, each in data["tables"].items()}
            data["sequences"] = {name: (int(last), bool(called)) for name, (last, called) in data["sequences"].items()}
            data["members"] = {name: Member(**each) for name, each in data["members"].items()}
            data["pages"] = [RenderedPage(**each) for each in data["pages"]]
            return cls(**data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MemberError(MANIFEST, f"it cannot be read ({type(error).__name__}: {error})") from error

    @property
    def slug(self) -> str:
        """The site's short name when the backup was made."""
        return str(self.site["slug"])

    @property
    def uuid(self) -> UUID:
        """The site's lasting identity."""
        return UUID(self.site["uuid"])


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive whose every byte was checked, laid out in a folder."""

    manifest: Manifest
    folder: Path
    sha256: str

    def member(self, name: str) -> Path:
        """Return where a member lies."""
        return self.folder / name


@dataclass(frozen=True, slots=True)
class Protection:
    """How an archive is encrypted: to age recipients, or with a passphrase; neither means not at all."""

    recipients: Sequence[str] = ()
    passphrase: str = field(default="", repr=False)

    @property
    def is_wanted(self) -> bool:
        """Whether it is to be encrypted."""
        return bool(self.recipients or self.passphrase)


@dataclass(frozen=True, slots=True)
class Key:
    """What opens an encrypted archive: an age identity, or a passphrase."""

    identity: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a backup would take."""

    slug: str
    path: Path
    tables: int
    files: int
    bytes_needed: int
    bytes_free: int


@dataclass(frozen=True, slots=True)
class Made:
    """A finished archive."""

    slug: str
    path: Path
    taken_at: datetime
    size: int
    sha256: str
    rows: int
    files: int
    missing_files: Sequence[str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What restoring an archive aside has shown."""

    slug: str
    tables: int
    rows: int
    files: int
    pages_equal: int
    pages_rendered: int
    problems: Sequence[str]
    notes: Sequence[str]
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether everything was equal."""
        return not self.problems


OnProgress = Callable[[str], None]


def ignore_progress(_what: str) -> None:
    """Say nothing."""
