"""Index numbers (索引号) by a site's template, each once."""

import datetime as dt
import re

from django.db import IntegrityError, transaction

from tenants.documents.contract import TakenNumberError
from tenants.documents.models import DocumentNumbering
from tenants.documents.services.writing import write
from tenants.pages.contract import INDEX_NO_CONSTRAINT
from tenants.pages.models import DocumentPage

TRIES = 5  # an editor may type the very number between two looks; each try sees it
_VALUE = re.compile(r"\(index_no\)=\((.*)\)")


def number(page: DocumentPage, *, today: dt.date) -> str:
    """Give a document that has none the next free index number of its site; return it, nothing where the site has no template.

    Raises:
        TakenNumberError: others took every number that was tried.

    """
    wanted = ""
    for _ in range(TRIES):
        wanted = number_for(page, today=today)
        try:
            with transaction.atomic():
                return wanted if wanted and write(page, index_no=wanted) else ""
        except IntegrityError as error:
            if not is_clash(error):
                raise
            page.index_no = ""  # it was written on the page, not into its row
    raise TakenNumberError(wanted, "")


@transaction.atomic
def number_for(page: DocumentPage, *, today: dt.date) -> str:
    """Return the next free index number of the site; none where it has no template. Two at once wait for each other."""
    numbering = DocumentNumbering.objects.select_for_update().first()
    if numbering is None or not numbering.template:
        return ""
    day = page.signed_date or today
    last = numbering.last_number if numbering.year == day.year else 0
    taken = True
    while taken:
        last += 1
        found: str = numbering.numbered(day, last)
        taken = DocumentPage.objects.filter(index_no=found).exists()
    DocumentNumbering.objects.filter(pk=numbering.pk).update(year=day.year, last_number=last)
    return found


def is_clash(error: IntegrityError) -> bool:
    """Whether the database refused an index number because another document has it."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return diagnosis is not None and diagnosis.constraint_name == INDEX_NO_CONSTRAINT


def clash_of(error: IntegrityError) -> TakenNumberError:
    """Return the refusal in words, with the document that has the number; for a clash, once its transaction is undone."""
    found = _VALUE.search(str(error))
    taken = found.group(1) if found else ""
    other = DocumentPage.objects.filter(index_no=taken).first() if taken else None
    return TakenNumberError(taken, other.title if other else "", is_live=other is None or other.live)
