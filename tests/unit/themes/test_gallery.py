"""Every template of every theme, drawn from its sample contexts: complete, well-formed, without inline code."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template import Context
from django.template.loader import get_template
from django.test.signals import template_rendered
from typing_extensions import override

from tests.factories import gallery
from theming.activation import use_theme
from theming.catalogue import catalogue

THEMES = ("azure", "base", "vermilion")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Outline(HTMLParser):
    """Notes what is open, what is closed wrongly, and what a strict content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.headings: list[int] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name, times in Counter(names).items() if times > 1]
        self.faults += [f"<{tag} {name}>" for name in names if name == "style" or name.startswith("on")]
        self.faults += [f"<{tag} {name}={value}>" for name, value in attrs if (value or "").lower().startswith(("javascript:", "data:"))]
        if tag == "style" or (tag == "script" and "src" not in names and ("type", "application/ld+json") not in attrs):
            self.faults.append(f"inline <{tag}>")
        self.ids.update(value for name, value in attrs if name == "id" and value)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")


def _outline(html: str) -> _Outline:
    outline = _Outline()
    outline.feed(html)
    outline.close()
    outline.faults += [f"<{tag}> stays open" for tag in outline.open]
    outline.faults += [f"id {name!r} twice" for name, times in outline.ids.items() if times > 1]
    return outline


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", gallery.samples(), ids=str)
def test_each_template_renders_well_formed_and_without_inline_code(sample: gallery.Sample, theme: str) -> None:
    html = gallery.rendered(sample.template, sample.state, theme)

    faults = _outline(html).faults
    if sample.state == "long_contents":  # the sample repeats links, never anchors
        faults = [fault for fault in faults if not fault.startswith("id ")]
    assert faults == []
    assert "{%" not in html
    assert "{{" not in html


@pytest.mark.parametrize("sample", gallery.page_samples(), ids=str)
def test_each_page_has_its_language_one_title_and_headings_in_order(sample: gallery.Sample) -> None:
    html = gallery.rendered(sample.template, sample.state, "vermilion")
    headings = _outline(html).headings

    assert '<html lang="zh-Hans">' in html
    assert headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(headings))
    for landmark in ("<main ", "<header ", '<a class="skip" href="#content">'):
        assert html.count(landmark) >= 1


@pytest.mark.parametrize("theme", THEMES)
def test_each_template_is_drawn_by_some_whole_page_of_the_gallery(theme: str) -> None:
    """A new template without a sample page fails here, and with a sample it is looked at by axe in every theme, size and contrast."""
    drawn: set[str] = set()

    def note(sender: object, template: object, context: Context, **kwargs: object) -> None:
        drawn.add(str(getattr(template, "name", "")))

    template_rendered.connect(note)
    try:
        with use_theme(theme):
            for sample in gallery.page_samples():
                gallery.rendered.__wrapped__(sample.template, sample.state, theme)
    finally:
        template_rendered.disconnect(note)

    assert gallery.template_names(theme) - drawn == set()


def test_the_base_theme_brings_every_template() -> None:
    own = {theme: gallery.template_names(theme) for theme in THEMES}

    assert own["vermilion"] | own["azure"] <= own["base"]


def test_required_meta_tags_are_on_every_page_of_a_site() -> None:
    html = gallery.rendered("pages/article_page.html", "usual", "vermilion")

    names = ["SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"]
    for name in [*names, "ArticleTitle", "PubDate", "ContentSource", "Keywords", "Description"]:
        assert html.count(f'<meta name="{name}" content="') == 1
    assert '<meta name="PubDate" content="2026-11-23 09:05">' in html
    assert '<link rel="canonical" href="https://www.xiaodian.example/xwdt/1/">' in html


def test_the_footer_says_what_the_law_wants() -> None:
    html = gallery.rendered("pages/column_page.html", "usual", "vermilion")

    for text in ("主办单位", "承办单位", "联系电话", "网站标识码", "1401050001", "ICP备案", "公安备案", "站点地图"):
        assert text in html


def test_text_of_readers_and_editors_is_escaped() -> None:
    sample = next(s for s in gallery.samples() if s.template == "search/results.html")
    context = dict(sample.context) | {"search": {**sample.context["search"], "query": "<script>alert(1)</script>", "hits": []}}

    with use_theme("vermilion"):
        html = get_template(sample.template).render(context)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_scripts_stay_small_and_styles_load_nothing_from_elsewhere() -> None:
    files = [file for theme in THEMES for file in (catalogue().root / theme / "static").rglob("*") if file.is_file()]
    scripts = [file for file in files if file.suffix == ".js"]

    assert sorted(file.name for file in scripts) == ["search.js", "site.js"]
    assert sum(file.stat().st_size for file in scripts) <= 12 * 1024
    for sheet in (file for file in files if file.suffix == ".css"):
        css = sheet.read_text(encoding="utf-8")
        assert set(re.findall(r"url\(([^)]*)\)", css)) <= {'"pointer.svg"', '"pointer-link.svg"'}  # beside it
        assert "@import" not in css


def test_the_stylesheet_takes_every_colour_and_face_from_tokens() -> None:
    css = (catalogue().root / "base/static/base/site.css").read_text(encoding="utf-8")
    screen = css.partition("@media print")[0]
    used = {part.partition(")")[0] for part in css.split("var(--")[1:]}
    known = {
        line.strip()[2:].partition(":")[0] for line in catalogue().stylesheet("base").css.splitlines() if line.strip().startswith("--")
    }

    assert used - known == set()
    assert "#" not in screen.replace("/*", "").replace("#content", "")


def test_themes_hold_no_code() -> None:
    assert [str(file) for file in Path(catalogue().root).rglob("*.py") if file.read_text(encoding="utf-8").strip()] == []
