"""The page that says which aids there are for reading, and how to read with the keyboard alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.selectors import site_url

_AIDS = {
    "页面顶部的按钮": (
        ("大字", "全站文字放大到一倍半；再按一次恢复。"),
        ("高对比", "黑底亮字，边线加粗；再按一次恢复。"),
        ("宽行距", "行与行、字与字、段与段之间更宽；再按一次恢复。"),
        ("大鼠标", "鼠标指针放大到 64 像素。"),
        ("朗读", "从标题起读出正文；再按一次停止。浏览器没有语音时不显示。"),
        ("繁體", "把本页和由此打开的页面转换为繁体字。"),
    ),
    "打印": (("打印本页", "文章和公文标题下有“打印”按钮；打印时只留正文、出处和日期，不印导航。"),),
}
_KEYS = (
    ("Tab", "到下一个链接、按钮或输入框；第一下是“跳到正文”。"),
    ("Shift + Tab", "回到上一个。"),
    ("Enter", "打开链接、按下按钮、提交搜索。"),
    ("Esc", "关闭展开的列表。"),
    ("↑ ↓", "在搜索建议中选择。"),
    ("Ctrl + P", "打印本页。"),
)


@require_safe
def reading_aids(request: HttpRequest) -> HttpResponse:
    """Return the page; anybody may read it."""
    groups = [
        {"title": title, "aids": [{"name": name, "what": what, "is_key": False} for name, what in aids]} for title, aids in _AIDS.items()
    ]
    groups.insert(1, {"title": "只用键盘", "aids": [{"name": name, "what": what, "is_key": True} for name, what in _KEYS]})
    context = {
        "groups": groups,
        "breadcrumb": [{"title": "首页", "url": "/"}, {"title": "无障碍与阅读辅助", "url": request.path}],
        "canonical_url": site_url(request.tenant, request.path),  # type: ignore[attr-defined] # set by registry.middleware
        "meta": [],
    }
    return render(request, "pages/reading_aids.html", context)
