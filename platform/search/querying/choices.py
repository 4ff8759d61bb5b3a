"""What a reader chose, as filters of the engine: one a facet, which the facet itself is counted without, and limits that hold for all."""

import datetime as dt

from search.contract import Facet, Place, Question, Tab
from search.documents import CHINA
from search.querying import clauses
from search.querying.parts import Query, term, terms

SERVICES_ONLY = term("tab", Tab.SERVICE.value)


def chosen(question: Question) -> dict[Facet, Query]:
    """Return the filter of each facet of which a value was chosen."""
    values: dict[Facet, str | int | None] = {
        Facet.TAB: question.tab,
        Facet.SITE: str(question.site) if question.site else None,
        Facet.REGION: question.region,
        Facet.ISSUER: question.issuer,
        Facet.KIND: question.kind,
        Facet.YEAR: question.year,
        Facet.VALIDITY: question.validity,
        Facet.FILE: question.file,
    }
    return {facet: term(facet.value, str(value) if isinstance(value, str) else value) for facet, value in values.items() if value}


def limits(question: Question) -> list[Query]:
    """Return the filters that hold for hits and for all counts: days from and to, both included, a topic, and the title alone."""
    found: list[Query] = []
    if question.since:
        found.append({"range": {"date": {"gte": _midnight(question.since)}}})
    if question.until:
        found.append({"range": {"date": {"lt": _midnight(question.until + dt.timedelta(days=1))}}})
    if question.topic:
        found.append(terms("topic", question.topic.family))
    if question.text and question.place is Place.TITLE:
        found.append(clauses.in_title(clauses.reading_of(question)))
    return found


def _midnight(day: dt.date) -> str:
    return dt.datetime.combine(day, dt.time(), CHINA).isoformat()
