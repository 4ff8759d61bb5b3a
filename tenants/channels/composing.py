"""What an account shows, as plain values."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from tenants.pages import composing as pages

if TYPE_CHECKING:
    from tenants.channels.models import AccountPage, Post

NEWEST = 20
QR_SIZE = "max-240x240"


def account(page: "AccountPage", request: HttpRequest) -> dict[str, Any]:
    """Return what an account's template shows; a fixed number of queries."""
    posts = page.posts.select_related("page").order_by("-posted_date", "-pk")[:NEWEST] if page.pk else []
    open_ones = [(post, post.page if post.page and _is_open(post.page, request) else None) for post in posts]
    shown = {"facts": facts_of(page), "qr": qr_of(page), "link": page.link, "posts": [_post(post, text) for post, text in open_ones]}
    return pages.text(page, request) | shown


def facts_of(page: "AccountPage") -> list[dict[str, str]]:
    """Return the rows of the account's table; what is not known is left out."""
    rows = [
        ("平台", page.get_kind_display()),
        ("账号", page.account_id),
        ("主办单位", page.organ_name),
        ("责任部门", page.responsible),
        ("开设日期", page.opened_date),
        ("备案编号", page.filing_no),
        ("备案日期", page.filed_date),
        ("状态", page.get_state_display()),
        ("关停日期", page.closed_date),
        ("关停说明", page.closing_note),
    ]
    return [{"label": label, "value": str(value)} for label, value in rows if value]


def qr_of(page: "AccountPage") -> dict[str, Any] | None:
    """Return the picture to scan, and what it is for those who cannot see it."""
    if page.qr is None:
        return None
    rendition = page.qr.get_rendition(QR_SIZE)
    alt = f"{page.get_kind_display()}“{page.title}”的二维码"
    return {"url": rendition.url, "width": rendition.width, "height": rendition.height, "alt": alt}


def _is_open(page: Any, request: HttpRequest) -> bool:
    return bool(page.live) and not page.path.startswith(tuple(pages.hidden_paths(request)))


def _post(post: "Post", text: Any) -> dict[str, Any]:
    return {"title": post.title, "date": post.posted_date, "url": pages.path_of(text) if text else post.link}
