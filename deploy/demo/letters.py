"""Sample letters in every state, one handed from the portal to a county, and answers for all to read; nobody is invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from deploy.demo import writing
from deploy.demo.samples import NOTE
from intake import services as intake
from intake.contract import Purpose
from registry.contract import Kind, TenantRef
from registry.schemas import in_schema_of
from tenants.letters import services
from tenants.letters.contract import LetterKind
from tenants.letters.models import AnswerPage, Letter
from tenants.letters.selectors import deadlines_of

WRITER, CONTACT = "样例甲", "sample@example.org"
ORGAN = "样例承办单位"


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter: what it asks, how long ago it came, and after how many days it was answered, if it was."""

    kind: LetterKind
    subject: str
    text: str
    days_ago: int
    answer: str = ""
    answered_after: int = 0


SAMPLES = (
    Sample(
        LetterKind.CONSULT,
        "居住证在哪里办理",
        "在本地租房工作半年多，想办理居住证，请问到哪里办，要带什么材料？",
        36,
        "可以到居住地社区服务站或派出所户籍窗口申请，携带身份证件、居住地住址或者就业证明。具体材料以窗口告知为准。",
        2,
    ),
    Sample(
        LetterKind.COMPLAINT,
        "小区门口路灯不亮",
        "小区东门外的路灯三天不亮了，老人晚上出门不安全，请尽快修复。",
        25,
        "经现场查看，是线路老化造成的，已经更换线路和灯具，恢复照明。感谢您的监督。",
        4,
    ),
    Sample(
        LetterKind.ADVICE,
        "建议公交站增加座椅",
        "换乘站等车的老人多，建议在站台增加座椅和遮阳棚。",
        12,
        "建议已经采纳，将在今年的站台改造中增加座椅和遮阳棚，分批实施。",
        5,
    ),
    Sample(LetterKind.CONSULT, "周末可以办理营业执照吗", "平时上班走不开，请问政务大厅周末是否开放办理营业执照？", 9),
    Sample(LetterKind.COMPLAINT, "夜间施工噪声扰民", "附近工地夜里十一点以后还在施工，影响休息，请查处。", 1),
)


def publish_letters(site: TenantRef) -> int:
    """Put sample letters onto the current site, the portal's five or a county's two, with the answers that may be read.

    Return how many pages were made.
    """
    column = writing.column("lx")
    if column is None or Letter.objects.exists():
        return 0
    wanted = SAMPLES if site.kind is Kind.CITY else (SAMPLES[0], SAMPLES[-1])
    pages = [page for number, sample in enumerate(wanted, start=1) for page in _letter(site, column, number, sample)]
    return writing.make_findable(site, pages)


def _letter(site: TenantRef, column: object, number: int, sample: Sample) -> Iterator[AnswerPage]:
    now = timezone.now() - timedelta(days=sample.days_ago)
    issued = intake.issue_for(f"demo:{site.slug}:{number}", tenant=site, purpose=Purpose.LETTER, now=now)
    due = deadlines_of(sample.kind, received=timezone.localtime(now).date(), tenant=site)
    letter = Letter.objects.create(
        number=issued.number,
        code_hash=intake.digest(issued.code, issued.number),
        kind=sample.kind,
        subject=writing.marked(sample.subject),
        text=f"{sample.text}\n{NOTE}",
        writer=WRITER,
        contact=CONTACT,
        may_publish=bool(sample.answer),
        received_at=now,
        due_on=due.due_on,
        limit_on=due.limit_on,
    )
    if not sample.answer:
        return
    answered = now + timedelta(days=sample.answered_after)
    services.reply(letter, sample.answer, organ=ORGAN, tenant=site, by="demo", now=answered)
    page = AnswerPage(
        title=writing.marked(sample.subject),
        kind=sample.kind,
        question=sample.text,
        answer=sample.answer,
        organ_name=ORGAN,
        received_date=timezone.localtime(now).date(),
        answered_date=timezone.localtime(answered).date(),
        source=f"{site.name}网站"[:100],
        body=writing.paragraphs(),
    )
    made = writing.put(column, page, f"sample-letter-{number}", days_ago=sample.days_ago - sample.answered_after)
    Letter.objects.filter(pk=letter.pk).update(decision="publish", decision_reason="有普遍性", answer_page=made)
    yield made


def hand_over(portal: TenantRef, county: TenantRef) -> None:
    """Let the portal's newest question be a county's to answer."""
    with in_schema_of(portal), transaction.atomic():
        letter = Letter.objects.filter(state="waiting", kind=LetterKind.CONSULT, may_publish=False).order_by("pk").first()
        if letter is not None and not Letter.objects.exclude(handler=None).exists():
            services.hand_over(letter, to=county, tenant=portal, by="demo")
