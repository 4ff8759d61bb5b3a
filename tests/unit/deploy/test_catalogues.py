"""Reading `.po` and compiling `.mo` without gettext's programs."""

import gettext
import io
from pathlib import Path

import pytest

from deploy.catalogues import CatalogueError, Message, compiled, read_messages

SAMPLE = """\
# A comment.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

#: place.py:1
#, python-format
msgid "%(count)s page"
msgid_plural "%(count)s pages"
msgstr[0] "%(count)s 个页面"

msgctxt "menu"
msgid "Close \\"it\\""
msgstr "关"
"闭"

#, fuzzy
msgid "Guessed"
msgstr "猜的"

msgid "Untranslated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "没了"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sample.po"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_kind_of_entry_is_read(tmp_path: Path) -> None:
    header, plural, context, fuzzy, untranslated = read_messages(written(tmp_path, SAMPLE))

    assert header.text == ""
    assert plural == Message("%(count)s page", plural="%(count)s pages", forms=("%(count)s 个页面",))
    assert context == Message('Close "it"', context="menu", forms=("关闭",))
    assert (fuzzy.text, fuzzy.is_fuzzy) == ("Guessed", True)
    assert untranslated.forms == ("",)


def test_what_is_compiled_is_what_gettext_reads(tmp_path: Path) -> None:
    content = compiled(read_messages(written(tmp_path, SAMPLE)))

    catalogue = gettext.GNUTranslations(io.BytesIO(content))

    assert catalogue.ngettext("%(count)s page", "%(count)s pages", 7) == "%(count)s 个页面"
    assert catalogue.pgettext("menu", 'Close "it"') == "关闭"
    assert catalogue.gettext("Guessed") == "Guessed"
    assert catalogue.gettext("Untranslated") == "Untranslated"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', "'a' is entered twice"),
        ('msgid "a"\nmsgstr broken\n', "line 2: expected"),
        ('msgid "a\nmsgstr "b"\n', "line 1: the quoted text is broken"),
        ('message "a"\n', "line 1: expected"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(CatalogueError, match=reason):
        read_messages(written(tmp_path, text))
