"""Panels of the editor that say what a text lacks: beside the field, and in one list on top."""

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from typing_extensions import override
from wagtail.admin.panels import FieldPanel, InlinePanel, Panel

from tenants.pages.blocks import films_without_captions
from tenants.pages.contract import Element


class ElementPanel(FieldPanel):
    """A field that the law or a rule asks for: empty, it is marked and says why; saving is not refused.

    With an `element`, the page tells whether it lacks it (`missing_elements`): other fields may say it too.
    """

    def __init__(self, field_name: str, *, basis: str = "", element: Any = None, **kwargs: Any) -> None:
        super().__init__(field_name, **kwargs)
        self.basis, self.element = basis, element

    @override
    def clone_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().clone_kwargs()
        return kwargs | {"basis": self.basis, "element": self.element}

    class BoundPanel(FieldPanel.BoundPanel):
        """The field of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.bound_field is not None and self._is_missing():
                helped: str = self.bound_field.help_text or self.panel.help_text
                self.help_text = format_html("{} {}", warning(self.panel.basis), helped)

        def _is_missing(self) -> bool:
            element = self.panel.element
            return lacks(self.instance, element) if element is not None else is_blank(self.bound_field.value())


class ElementRowsPanel(InlinePanel):
    """Rows that hold an element the law or a rule asks for: while they lack it, the mark stands above them."""

    def __init__(self, relation_name: str, *, basis: str, element: Any, **kwargs: Any) -> None:
        super().__init__(relation_name, **kwargs)
        self.basis, self.element = basis, element

    @override
    def clone_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().clone_kwargs()
        return kwargs | {"basis": self.basis, "element": self.element}

    class BoundPanel(InlinePanel.BoundPanel):
        """The rows of one page."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if lacks(self.instance, self.panel.element):
                self.help_text = format_html("{} {}", warning(self.panel.basis), self.panel.help_text)


class CaptionsPanel(FieldPanel):
    """A film's captions: says beside the field that a film has none; other media need none."""

    class BoundPanel(FieldPanel.BoundPanel):
        """The field of one film."""

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            is_film = getattr(self.instance, "medium", "") == "video" and self.instance.pk
            if is_film and self.bound_field is not None and is_blank(self.bound_field.value()):
                self.help_text = format_html("{} {}", warning("听不见的读者看不懂这段视频"), self.bound_field.help_text)


class FilmsPanel(Panel):
    """Which films of a body have no captions; a warning, not a wall."""

    class BoundPanel(Panel.BoundPanel):
        """The list of one text."""

        @override
        def is_shown(self) -> bool:
            return bool(self.instance.pk and self._missing())

        def _missing(self) -> list[str]:
            return [without_captions(title) for title in films_without_captions(self.instance.body)]

        @override
        def render_html(self, parent_context: Any = None) -> SafeString:
            """Return the list."""
            rows = format_html_join("", "<p>{}</p>", ((line,) for line in self._missing()))
            return format_html('<div class="help-block help-warning">{}</div>', rows)


class MissingPanel(Panel):
    """All that a page lacks, in one list; the page tells it (`missing_elements`)."""

    class BoundPanel(Panel.BoundPanel):
        """The list of one page."""

        @override
        def is_shown(self) -> bool:
            return bool(self.instance.pk and self.missing())

        def missing(self) -> list[str]:
            """Return what the page as it is edited lacks."""
            found: list[str] = self.instance.missing_elements()
            return found

        @override
        def render_html(self, parent_context: Any = None) -> SafeString:
            """Return the list."""
            rows = format_html_join("", "<li>{}</li>", ((name,) for name in self.missing()))
            return format_html('<div class="help-block help-warning"><p>尚缺 {} 项：</p><ul>{}</ul></div>', len(self.missing()), rows)


def without_captions(title: str) -> str:
    """Return what to tell an editor of a film without captions."""
    return f"视频{f'“{title}”' if title else ''}没有字幕，听不见的读者看不懂：请上传 WebVTT（.vtt）字幕文件，并在视频处选择。"


def warning(basis: str) -> SafeString:
    """Return the mark of an empty field, with what asks for it."""
    return format_html('<strong class="element-missing">缺项{}</strong>', f"：{basis}" if basis else "")


def missing_of(page: Any, elements: Iterable[Element]) -> list[str]:
    """Return the labels of the fields of a page, or of a row of it, that are empty."""
    return [element.label for element in elements if is_blank(getattr(page, element.name))]


def lacks(page: Any, element: Any) -> bool:
    """Whether a page that is kept already says that it lacks an element."""
    return bool(page.pk) and element in page.missing_elements


def is_blank(value: Any) -> bool:
    """Whether a field's value says nothing: none, a text of nothing but space, a body without blocks; a zero says something."""
    said = value.strip() if isinstance(value, str) else value
    return said is None or (hasattr(said, "__len__") and len(said) == 0)
