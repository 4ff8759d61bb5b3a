"""What a body is made of: paragraphs, pictures, tables, and official text with its articles."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from typing_extensions import override
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from search.analysis.numbering import parse_number
from search.analysis.passages import LONGEST_HEADING, article_of, numbered
from tenants.media.contract import CAPTIONS
from tenants.pages.contract import Heading, Line

FILM = "mp4"
RICH_TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link", "superscript", "subscript", "hr"]

_NUMERAL = "[零〇一二三四五六七八九十百千两0-9]+"
_PARTS = tuple(
    (re.compile(rf"第({_NUMERAL}){character}(?=[\s　]|$)"), css_class)
    for character, css_class in (("编", "part"), ("章", "chapter"), ("节", "section"))
)
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[^\s，。]{1,14}[〔\[（(]\d{4}[〕\]）)]第?\d+号")
_DATE = re.compile(r"[\d〇零一二三四五六七八九十]{2,4}年[\d〇一二三四五六七八九十]{1,3}月[\d〇一二三四五六七八九十]{1,3}日")
_FILE_LINK = re.compile(r'<a (?=[^>]*linktype="document")[^>]*\bid="(\d+)"')
LOOKED_AT = 2_000  # characters of an official text in which its first sentence is looked for
_NOT_SENTENCES = ("title", "number", "salutation", "part", "chapter", "section", "signature", "date")
LINES_OF_A_TITLE, LINES_OF_A_HEAD, LONGEST_SIGNATURE = 4, 6, 30


def lines_of(text: str, *, title: str = "") -> list[Line]:
    """Return the paragraphs of an official text, with an anchor on each 编, 章, 节 and 条; anchors are unique.

    Opening lines that repeat `title`, which the page shows above, are left out; number, salutation, signature and date are told apart.
    """
    paragraphs = [paragraph for raw in text.splitlines() if (paragraph := raw.strip())]
    paragraphs = paragraphs[_opening(paragraphs, title) :]
    seen: dict[str, int] = {}
    lines = [_line(paragraph, seen) for paragraph in paragraphs]
    _mark_head(lines)
    _mark_end(lines)
    return lines


def _opening(paragraphs: list[str], title: str) -> int:
    """Return how many of the first lines spell the title."""
    wanted, spelled = _NOT_WORDS.sub("", title), ""
    for count, paragraph in enumerate(paragraphs[:LINES_OF_A_TITLE], start=1):
        spelled += _NOT_WORDS.sub("", paragraph)
        if wanted and spelled == wanted:
            return count
    return 0


def _mark_head(lines: list[Line]) -> None:
    for place, line in enumerate(lines[:LINES_OF_A_HEAD]):
        if _NUMBER.fullmatch(line.text):
            lines[place] = replace(line, css_class="number")
        elif line.text.endswith(("：", ":")) and not line.css_class:
            lines[place] = replace(line, css_class="salutation")
            return


def _mark_end(lines: list[Line]) -> None:
    if len(lines) > LINES_OF_A_HEAD and _DATE.fullmatch(lines[-1].text):
        lines[-1] = replace(lines[-1], css_class="date")
        if len(lines[-2].text) <= LONGEST_SIGNATURE and not lines[-2].css_class:
            lines[-2] = replace(lines[-2], css_class="signature")


def _line(paragraph: str, seen: dict[str, int]) -> Line:
    name, css_class, label = _name(paragraph)
    if not name:
        return Line(paragraph)
    return Line(paragraph.removeprefix(label).lstrip(), label, numbered(name, seen), css_class)


def _name(paragraph: str) -> tuple[str, str, str]:
    name, label = article_of(paragraph)  # the search cuts texts by the same articles and links to these anchors
    if name:
        return name, "article", label
    if len(paragraph) <= LONGEST_HEADING:
        for pattern, css_class in _PARTS:
            if match := pattern.match(paragraph):
                return f"{css_class}-{parse_number(match[1])}", css_class, ""
    return "", "", ""


def headings_of(lines: list[Line]) -> list[Heading]:
    """Return the table of contents of an official text: its parts, chapters, sections and articles."""
    levels = {"part": 1, "chapter": 2, "section": 3, "article": 4}
    return [Heading(line.anchor, line.label or line.text, levels[line.css_class]) for line in lines if line.anchor]


class HeadingBlock(blocks.StructBlock):
    """A heading inside a body."""

    text = blocks.CharBlock(label="标题", max_length=100)
    level = blocks.ChoiceBlock(label="级别", choices=[("2", "一级"), ("3", "二级")], default="2")

    class Meta:
        icon = "title"
        label = "小标题"
        template = "blocks/heading_block.html"


class ImageBlock(blocks.StructBlock):
    """A picture with its caption and what it shows for those who cannot see it."""

    image = ImageChooserBlock(label="图片")
    alt = blocks.CharBlock(label="图片说明（供读屏软件）", required=False, max_length=200)
    caption = blocks.CharBlock(label="图注", required=False, max_length=200)

    class Meta:
        icon = "image"
        label = "图片"
        template = "blocks/image_block.html"

    @override
    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the picture at most 1,200 px wide, as plain values."""
        context: dict[str, Any] = super().get_context(value, parent_context)
        rendition = value["image"].get_rendition("width-1200") if value["image"] else None
        if rendition:
            context |= {"url": rendition.url, "width": rendition.width, "height": rendition.height}
        return context | {"alt": value["alt"], "caption": value["caption"]}


class FilmBlock(blocks.StructBlock):
    """A film of the site's own, with captions for those who cannot hear it and its words for those who cannot play it."""

    title = blocks.CharBlock(label="标题", max_length=100)
    film = DocumentChooserBlock(label="视频文件", help_text="先在“文件”中上传 mp4。页面不会自动播放。")
    captions = DocumentChooserBlock(label="字幕文件", required=False, help_text="WebVTT（.vtt），上传时检查格式。")
    poster = ImageChooserBlock(label="封面", required=False)
    transcript = blocks.TextBlock(label="文字稿", help_text="说了什么、画面上有什么要紧的内容，供听障、视障读者使用，也供搜索。")

    class Meta:
        icon = "media"
        label = "视频"
        template = "blocks/film_block.html"

    @override
    def clean(self, value: Any) -> Any:
        """Refuse files of another kind.

        Raises:
            StructBlockValidationError: it is no film, or these are no captions.

        """
        cleaned = super().clean(value)
        wanted = {"film": FILM, "captions": CAPTIONS}
        wrong = {name: kind for name, kind in wanted.items() if cleaned[name] and cleaned[name].file_extension.lower() != kind}
        if wrong:
            raise blocks.StructBlockValidationError({name: ValidationError(f"请选择 {kind} 格式的文件。") for name, kind in wrong.items()})
        return cleaned

    @override
    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the film, its captions and its words as plain values; without an address where the file is gone."""
        context: dict[str, Any] = super().get_context(value, parent_context)
        poster = value["poster"].get_rendition("width-1200").url if value["poster"] else ""
        addresses = {name: value[name].url if value[name] else "" for name in ("film", "captions")}
        film = {"title": value["title"], "url": addresses["film"], "captions": addresses["captions"], "poster": poster}
        return context | {"film": film | {"transcript": [line for raw in value["transcript"].splitlines() if (line := raw.strip())]}}


class QuoteBlock(blocks.StructBlock):
    """A quotation and who said it."""

    text = blocks.TextBlock(label="引文")
    source = blocks.CharBlock(label="出处", required=False, max_length=100)

    class Meta:
        icon = "openquote"
        label = "引文"
        template = "blocks/quote_block.html"


class OfficialTextBlock(blocks.TextBlock):
    """The wording of an official text, one paragraph a line; 编, 章, 节 and 条 get anchors by themselves."""

    class Meta:
        icon = "doc-full"
        label = "公文正文"
        template = "blocks/official_text_block.html"

    @override
    def get_context(self, value: str, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the paragraphs as `lines`, without opening lines that repeat the page's title."""
        context: dict[str, Any] = super().get_context(value, parent_context)
        title = str(getattr((parent_context or {}).get("page"), "title", ""))
        return context | {"lines": lines_of(value, title=title)}


class BodyBlock(blocks.StreamBlock):
    """The body of articles and documents."""

    paragraph = blocks.RichTextBlock(label="段落", features=RICH_TEXT_FEATURES, icon="pilcrow", template="blocks/paragraph_block.html")
    official_text = OfficialTextBlock(rows=16)
    heading = HeadingBlock()
    image = ImageBlock()
    film = FilmBlock()
    table = TableBlock(label="表格", template="blocks/table_block.html")
    quote = QuoteBlock()


class AttachmentsBlock(blocks.StreamBlock):
    """Files offered below a text."""

    file = DocumentChooserBlock(label="附件")


def plain_text(body: Any) -> str:
    """Return a body's words, one paragraph a line: what search reads."""
    return "\n".join(text for child in body for text in _texts(child.block, child.value) if text)


def opening(body: Any, *, title: str, most: int) -> str:
    """Return the first words a body says, about so many characters, without what repeats the title or addresses somebody; no query."""
    said = ""
    for child in body:
        if child.block_type == "official_text":
            lines = lines_of(child.value[:LOOKED_AT], title=title)
            said += "".join(f"{line.label} {line.text}".strip() for line in lines if line.css_class not in _NOT_SENTENCES)
        elif child.block_type == "paragraph":
            said += " ".join(_texts(child.block, child.value))
        if len(said) >= most:
            break
    return said


def films_without_captions(body: Any) -> list[str]:
    """Return the titles of a body's films that have no captions."""
    return [child.value["title"] for child in body if child.block_type == "film" and not child.value["captions"]]


def file_ids_of(page: Any) -> list[int]:
    """Return the numbers of the files a page offers: those below it, then those its paragraphs link to, each once."""
    below = [child.value.pk for child in page.attachments if child.value]
    linked = [int(pk) for child in page.body if child.block_type == "paragraph" for pk in _FILE_LINK.findall(child.value.source)]
    return list(dict.fromkeys([*below, *linked]))


def _texts(block: Any, value: Any) -> Iterator[str]:
    if isinstance(block, OfficialTextBlock):
        yield value
        return
    for text in block.get_searchable_content(value):
        yield " ".join(str(text).split())
