"""The relay's handler of files whose words search does not know yet; each event enters the site the file belongs to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from outbox.contract import DONE, Outcome
from registry.schemas import in_schema_of
from registry.selectors import directory
from tenants.media import services

AT_ONCE = 1  # a file may take seconds, and what was published meanwhile must not wait for ten of them


class FileReader:
    """Reads files one by one."""

    def prepare(self) -> None:
        """Nothing is needed but the database."""

    def handle(self, keys: Sequence[str]) -> Mapping[str, Outcome]:
        """Read each file; one whose site is gone needs no reading."""
        sites = directory().by_uuid
        for key in keys:
            uuid, _, file_id = key.split(":")
            if site := sites.get(UUID(uuid)):
                with in_schema_of(site):
                    services.read_file(site, file_id=int(file_id))
        return dict.fromkeys(keys, DONE)
