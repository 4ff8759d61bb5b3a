"""What a campaign decided, put into effect on one site: documents end together, and the list of them is published."""

from collections.abc import Sequence

from django.utils import timezone

from library.contract import ENDING, Decision, Member
from library.models import Campaign, CampaignItem
from library.selectors import effects_on
from registry.contract import TenantRef
from registry.schemas import in_schema_of
from tenants.documents.contract import NoColumnError
from tenants.documents.services.validity import end
from tenants.pages.composing import path_of
from tenants.pages.contract import ColumnType
from tenants.pages.models import ArticlePage, ColumnPage, DocumentPage

_HEAD = ["序号", "文件标题", "发文字号", "处理意见", "理由"]
LONGEST_TITLE = 255


def clean(tenant: TenantRef, *, campaign: Campaign, items: Sequence[CampaignItem]) -> tuple[int, str]:
    """End the documents that are repealed or expired and publish what became of all; return the page's number and path.

    Runs in the caller's transaction: all of it happens, or nothing. A document that is gone meanwhile is only listed.

    Raises:
        NoColumnError: the site has no column for documents.

    """
    today = timezone.localdate()
    with in_schema_of(tenant):
        for item in items:
            validity = ENDING.get(Decision(item.decision))
            document = DocumentPage.objects.select_for_update().filter(pk=item.page).first() if validity else None
            if document is not None and validity is not None:
                end(document, validity, effects=effects_on(Member(tenant.uuid, item.page), on=today))
        page = _publish(campaign, items)
        return page.pk, path_of(page)


def _publish(campaign: Campaign, items: Sequence[CampaignItem]) -> ArticlePage:
    column = ColumnPage.objects.live().filter(column_type=ColumnType.DOCUMENTS).order_by("-depth", "path").first()
    if column is None:
        raise NoColumnError
    counts = "，".join(f"{choice.label} {sum(item.decision == choice for item in items)} 件" for choice in Decision)
    summary = f"截至 {campaign.as_of}，共清理文件 {len(items)} 件：{counts}。"
    body: list[tuple[str, object]] = [("paragraph", f"<p>{summary}</p>")]
    for choice in (Decision.REPEAL, Decision.EXPIRE, Decision.AMEND):
        chosen = [item for item in items if item.decision == choice]
        if chosen:
            body += [("heading", {"text": f"{choice.label}的文件目录", "level": "2"}), ("table", _table(chosen))]
    page = ArticlePage(
        title=f"{campaign.title}：废止和失效的文件目录"[:LONGEST_TITLE],
        slug=f"qingli-{campaign.pk}",
        summary=summary,
        body=body,
        live=False,
    )
    column.add_child(instance=page)
    page.save_revision().publish()
    published: ArticlePage = ArticlePage.objects.get(pk=page.pk)
    return published


def _table(items: Sequence[CampaignItem]) -> dict[str, object]:
    rows = [[str(place), item.title, item.doc_no, item.get_decision_display(), item.reason] for place, item in enumerate(items, start=1)]
    return {"data": [_HEAD, *rows], "first_row_is_table_header": True, "first_col_is_header": False, "table_header_choice": "row"}
