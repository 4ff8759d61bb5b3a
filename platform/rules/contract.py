"""What a rule is asked for: a key, a day, and the place whose rules count; and the ways to have no answer."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where a rule holds; the later in this list, the narrower."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    TENANT = "tenant"


SCOPE_LABELS = {Scope.NATION: "全国", Scope.PROVINCE: "省级", Scope.CITY: "市级", Scope.TENANT: "站点"}
NARROWNESS = {scope: place for place, scope in enumerate(Scope)}


class Unit(StrEnum):
    """What a rule's number counts."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    MONTHS = "months"
    HOURS = "hours"
    TIMES_A_YEAR = "times_a_year"
    PERCENT = "percent"
    RECORDS = "records"
    MONTH_DAY = "month_day"  # a day of every year: 131 is 31 January


UNIT_LABELS = {
    Unit.WORKING_DAYS: "工作日",
    Unit.DAYS: "日",
    Unit.MONTHS: "个月",
    Unit.HOURS: "小时",
    Unit.TIMES_A_YEAR: "次／年",
    Unit.PERCENT: "%",
    Unit.RECORDS: "条",
    Unit.MONTH_DAY: "每年（月日）",
}


class Mark(StrEnum):
    """How sure we are of a rule: read in the law, seen in a published page, or still to be checked."""

    LAW = "law"
    SEEN = "seen"
    CHECK = "check"
    OWN = "own"


MARK_LABELS = {Mark.LAW: "法律条文", Mark.SEEN: "公开文件", Mark.CHECK: "待核实", Mark.OWN: "平台约定"}


class Key(StrEnum):
    """The rules that code asks for."""

    OFFLINE_NOTICE = "site.offline.notice"
    OFFLINE_LONGEST = "site.offline.longest"
    OFFLINE_TIMES = "site.offline.times"
    CLOSING_NOTICE = "site.closing.notice"
    CLOSING_GRACE = "site.closing.grace"
    DOMAIN_JUMP = "site.domain.jump"
    SEARCH_TEXT_KEPT = "search.text.kept"
    SEARCH_FIGURES_KEPT = "search.figures.kept"
    OPENNESS_PUBLISH = "openness.publish"
    OPENNESS_BUDGET = "openness.budget"
    OPENNESS_PENALTY_WITHDRAW = "openness.penalty.withdraw"
    OPENNESS_REPORT_ORGAN = "openness.report.organ"
    OPENNESS_REPORT_GOVERNMENT = "openness.report.government"
    OPENNESS_ITEM_RECORDS = "openness.item.records"
    OPENNESS_ITEM_STALE = "openness.item.stale"
    SITE_REPORT = "site.report"
    DOCUMENT_PUBLISH = "document.publish"
    DOCUMENT_FORCE_AFTER = "document.force.after"
    DOCUMENT_VALID_LONGEST = "document.valid.longest"
    DOCUMENT_VALID_TRIAL = "document.valid.trial"
    DOCUMENT_VALID_WARNING = "document.valid.warning"
    DOCUMENT_CLEANING = "document.cleaning"
    INTERPRETATION_LATEST = "interpretation.latest"
    INTERPRETATION_DIVERSIFIED = "interpretation.diversified"
    INTERPRETATION_CHANNELS = "interpretation.channels"
    RESPONSE_EMERGENCY = "response.emergency"
    RESPONSE_PRESS = "response.press"
    RESPONSE_OPINION = "response.opinion"
    RESPONSE_MISREADING = "response.misreading"
    HOME_STALE = "home.stale"
    COLUMN_NEWS_STALE = "column.news.stale"
    COLUMN_NOTICES_STALE = "column.notices.stale"
    COLUMN_DOCUMENTS_STALE = "column.documents.stale"
    COLUMN_PERSONNEL_STALE = "column.personnel.stale"
    COLUMN_PLANNING_STALE = "column.planning.stale"
    COLUMN_ITEMS = "column.items"
    COLUMN_WARNING = "column.warning"
    NEW_MEDIA_STALE = "new_media.stale"
    SERVICE_ELEMENTS_MISSING = "service.elements.missing"
    SERVICE_ITEMS_INCOMPLETE = "service.items.incomplete"
    LETTER_ANSWER_CONSULT = "letter.answer.consult"
    LETTER_ANSWER = "letter.answer"
    LETTER_LONGEST = "letter.longest"
    LETTER_KEPT = "letter.kept"
    RELAY_STATE_COUNCIL = "relay.state_council"
    CONSULTATION_DECISION = "consultation.decision"
    CONSULTATION_RULE = "consultation.rule"
    CONSULTATION_MARKET = "consultation.market"
    CONSULTATION_NORMATIVE = "consultation.normative"
    CONSULTATION_FEEDBACK = "consultation.feedback"
    CONSULTATION_A_YEAR = "consultation.a_year"
    CONSULTATION_CONTACT_KEPT = "consultation.contact.kept"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose rules count: the first two digits of the division code, the city's division code, the site's slug; empty where none."""

    province: str = ""
    city: str = ""
    tenant: str = ""

    @classmethod
    def of(cls, *, region_code: str, tenant: str = "") -> "Place":
        """Return the place of a site by its division code."""
        return cls(province=region_code[:2], city=f"{region_code[:4]}00", tenant=tenant)

    def codes(self) -> dict[Scope, str]:
        """Return what each scope is called here."""
        return {Scope.NATION: "", Scope.PROVINCE: self.province, Scope.CITY: self.city, Scope.TENANT: self.tenant}


class RuleError(LookupError):
    """A rule that cannot be told; the message says what to do."""


class NoRuleError(RuleError):
    """No row of the table holds on that day in that place."""

    def __init__(self, key: str, day: str) -> None:
        super().__init__(
            f"No rule {str(key)!r} holds on {day} there. See `manage.py rule show {key}`; add one with `manage.py rule set {key} VALUE …`."
        )


class RuleRefusedError(ValueError):
    """A row that cannot be added; the message says why and what to do."""


class RuleExistsError(RuleRefusedError):
    """The table has another value for the same key, scope and first day."""


class RuleOverlapError(RuleRefusedError):
    """A later row of the same key and scope begins, on `begins`, while the new one would still hold."""

    def __init__(self, later: str, begins: dt.date) -> None:
        super().__init__(f"{later} begins while this would hold. Let it end by {begins - dt.timedelta(days=1)}.")
        self.begins = begins


class RuleUnitError(RuleRefusedError):
    """The rule counts something else, `unit`; code that reads it would take the number for what it is not."""

    def __init__(self, key: str, unit: Unit, given: Unit) -> None:
        super().__init__(f"{key} counts {unit.value}, not {given.value}: give the number in that unit.")
        self.unit = unit


class RuleValueError(RuleRefusedError):
    """The number or the days cannot be: no such day of the year, more than all, an end before the beginning."""
