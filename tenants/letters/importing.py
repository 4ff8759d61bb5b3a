"""Work orders of the hotline 12345 as a table: good lines become letters or bring them up to date, each bad one is told with its mend."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from registry.contract import TenantRef
from spreadsheets import sheets
from spreadsheets.sheets import Problem, SheetError
from tenants.letters import services
from tenants.letters.contract import (
    AGREED,
    ANSWERED,
    COLUMNS,
    CONTACT,
    KIND,
    NEEDED,
    ORDER,
    ORGAN,
    RECEIVED,
    REPLY,
    SUBJECT,
    TEXT,
    WRITER,
    LetterError,
    LetterKind,
    LetterState,
)
from tenants.letters.models import Letter

_KINDS = {label: kind for kind, label in LetterKind.choices} | {"求助": "consult", "举报": "complaint", "建议": "advice", "意见": "advice"}
_AGREED = {"是": True, "同意": True, "否": False, "不同意": False, "": False}
_LONGEST = {SUBJECT: 100, WRITER: 40, CONTACT: 100, ORGAN: 100, ORDER: 40}
_ORDER_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

Cells = Mapping[str, str]


class TableError(ValueError):
    """A file that is no table of work orders; the message says what to do."""


class _CellError(ValueError):
    def __init__(self, column: str, mend: str) -> None:
        super().__init__(mend)
        self.column = column


@dataclass
class Report:
    """What an import did, and what is wrong by line."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def read(content: bytes) -> list[tuple[int, Cells]]:
    """Return the lines of a CSV or a workbook with their numbers.

    Raises:
        TableError: it cannot be read, or lacks the columns that every order needs.

    """
    try:
        rows = list(sheets.read(content))
    except SheetError as error:
        raise TableError(str(error)) from error
    titles = rows[0][1] if rows else []
    lacking = [title for title in NEEDED if title not in titles]
    unknown = [title for title in titles if title and title not in COLUMNS]
    if lacking or unknown:
        told = [f"缺少列：{'、'.join(lacking)}"] if lacking else []
        told += [f"不认识的列：{'、'.join(unknown)}"] if unknown else []
        raise TableError(f"{'；'.join(told)}。第一行的列名请用：{'、'.join(COLUMNS)}。")
    return [(number, {title: cell for title, cell in zip(titles, cells, strict=False) if title}) for number, cells in rows[1:]]


def import_orders(lines: Sequence[tuple[int, Cells]], *, tenant: TenantRef, now: dt.datetime, is_dry_run: bool = False) -> Report:
    """Make each line a letter, or bring the letter of its order up to date; each in a transaction of its own.

    A column that is not in the table leaves what is there. A second run changes nothing.
    """
    report, seen = Report(), set[str]()
    for number, cells in lines:
        try:
            order_no = _order(cells, seen)
            with transaction.atomic():
                is_new = services.take_order(order_no, _facts(order_no, cells, now), tenant=tenant, now=now)
                transaction.set_rollback(is_dry_run)
        except _CellError as error:
            report.problems.append(Problem(number, error.column, str(error)))
            continue
        except (LetterError, ValidationError) as error:
            report.problems.append(Problem(number, ORDER, "；".join(getattr(error, "messages", [str(error)]))))
            continue
        report.unchanged += is_new is None
        report.created += is_new is True
        report.changed += is_new is False
    return report


def _order(cells: Cells, seen: set[str]) -> str:
    order_no = _needed(cells, ORDER).upper()
    if len(order_no) > _LONGEST[ORDER] or any(sign not in _ORDER_SIGNS for sign in order_no):
        raise _CellError(ORDER, f"“{order_no[:50]}”不是工单编号：请用字母、数字和连字符，最多 {_LONGEST[ORDER]} 个。")
    if order_no in seen:
        raise _CellError(ORDER, f"“{order_no}”在表中出现过，只导入了第一次出现的一行。")
    seen.add(order_no)
    return order_no


def _facts(order_no: str, cells: Cells, now: dt.datetime) -> dict[str, Any]:
    """Return what a line says of a letter; the words of those who were handed it here stand where the hotline says nothing."""
    facts: dict[str, Any] = {
        "kind": _chosen(KIND, _needed(cells, KIND), _KINDS),
        "subject": _short(SUBJECT, _needed(cells, SUBJECT)),
        "text": _needed(cells, TEXT),
        "received_at": _moment(RECEIVED, _needed(cells, RECEIVED), now),
    }
    facts |= {name: _short(title, cells[title]) for title, name in ((WRITER, "writer"), (CONTACT, "contact")) if title in cells}
    facts |= {"organ_name": _short(ORGAN, cells[ORGAN])} if cells.get(ORGAN) else {}
    facts |= {"may_publish": _chosen(AGREED, cells[AGREED], _AGREED)} if AGREED in cells else {}
    if cells.get(REPLY):
        known = Letter.objects.filter(order_no=order_no).values_list("answered_at", flat=True).first()
        answered = _moment(ANSWERED, cells[ANSWERED], now) if cells.get(ANSWERED) else known or now
        if answered < facts["received_at"]:
            raise _CellError(ANSWERED, "答复时间早于受理时间，请改正。")
        facts |= {"reply": cells[REPLY], "answered_at": answered, "state": LetterState.ANSWERED.value}
    return facts


def _needed(cells: Cells, title: str) -> str:
    if not cells.get(title):
        raise _CellError(title, "不能为空。")
    return cells[title]


def _short(title: str, text: str) -> str:
    if len(text) > _LONGEST[title]:
        raise _CellError(title, f"超过 {_LONGEST[title]} 个字，请缩短。")
    return text


def _chosen(title: str, text: str, known: Mapping[str, Any]) -> Any:
    if text not in known:
        raise _CellError(title, f"“{text[:20]}”不在可填的值里：{'、'.join(word for word in known if word)}。")
    return known[text]


def _moment(title: str, text: str, now: dt.datetime) -> dt.datetime:
    clean = text.replace("/", "-").strip()
    try:
        moment = parse_datetime(clean)
        day = None if moment else parse_date(clean)
    except ValueError as error:
        raise _CellError(title, f"“{text[:30]}”没有这一天或这一刻。") from error
    if moment is None and day is None:
        raise _CellError(title, f"“{text[:30]}”不是时间，请写成 2026-11-26 09:30。")
    moment = moment or dt.datetime.combine(day, dt.time())  # type: ignore[arg-type] # one of both is there
    moment = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    if moment > now:
        raise _CellError(title, f"“{text[:30]}”还没有到，请改正。")
    return moment
