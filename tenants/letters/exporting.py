"""Letters as a table for the hotline: its work orders with our answers, or all letters; what `importing` reads again."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone

from spreadsheets import sheets
from tenants.letters.contract import COLUMNS
from tenants.letters.models import Letter


def rows_of(letters: Iterable[Letter]) -> Iterator[Sequence[str]]:
    """Yield the titles and the cells of each letter."""
    yield COLUMNS
    for letter in letters:
        yield (
            letter.order_no or "",
            letter.number,
            letter.get_kind_display(),
            letter.subject,
            letter.text,
            letter.writer,
            letter.contact,
            letter.organ_name,
            _moment(letter.received_at),
            "是" if letter.may_publish else "否",
            letter.get_state_display(),
            letter.reply,
            _moment(letter.answered_at),
        )


def as_csv(letters: Iterable[Letter]) -> bytes:
    """Return the table as CSV."""
    return sheets.written_csv(rows_of(letters))


def as_xlsx(letters: Iterable[Letter]) -> bytes:
    """Return the table as a workbook."""
    return sheets.written_xlsx(rows_of(letters), title="工单")


def _moment(value: object) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}" if value else ""  # type: ignore[arg-type] # a moment
