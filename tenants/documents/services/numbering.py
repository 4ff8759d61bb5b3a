"""Index numbers (索引号) by a site's template, each once."""

import datetime as dt

from django.db import transaction

from tenants.documents.models import DocumentNumbering
from tenants.pages.models import DocumentPage


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
        number: str = numbering.numbered(day, last)
        taken = DocumentPage.objects.filter(index_no=number).exists()
    DocumentNumbering.objects.filter(pk=numbering.pk).update(year=day.year, last_number=last)
    return number
