"""Design tokens: merging, contrast, and the CSS they become."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theming import tokens
from theming.contract import BrokenThemeError, ContrastPair, LowContrastError, TokenSet

INK_ON_PAPER = {"front": "color-ink", "back": "color-paper"}


def _file(folder: Path, name: str, data: Any) -> Path:
    file = folder / name
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_black_on_white_has_the_ratio_of_the_standard() -> None:
    assert round(tokens.contrast_ratio("#000000", "#ffffff"), 2) == 21.0
    assert round(tokens.contrast_ratio("#767676", "#ffffff"), 2) == 4.54
    assert tokens.contrast_ratio("#a8201a", "#a8201a") == 1.0


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast_does_not_depend_on_the_order(front: int, back: int) -> None:
    one, two = f"#{front:06x}", f"#{back:06x}"

    assert tokens.contrast_ratio(one, two) == tokens.contrast_ratio(two, one)
    assert 1.0 <= tokens.contrast_ratio(one, two) <= 21.0


def test_a_child_replaces_tokens_and_keeps_the_pairs_of_its_parent(tmp_path: Path) -> None:
    base = _file(tmp_path, "base.json", {"tokens": {"color-ink": "#000000", "color-paper": "#ffffff"}, "contrast": [INK_ON_PAPER]})
    child = _file(tmp_path, "child.json", {"tokens": {"color-ink": "#111111"}, "contrast": [INK_ON_PAPER]})

    merged = tokens.read_tokens([base, child])

    assert merged.tokens == {"color-ink": "#111111", "color-paper": "#ffffff"}
    assert merged.pairs == (ContrastPair("color-ink", "color-paper", "text"),)


def test_the_stylesheet_holds_the_tokens_and_the_modes_and_its_digest_follows_the_text() -> None:
    plain = TokenSet(tokens={"color-ink": "#000000"}, modes={}, pairs=())
    modal = TokenSet(tokens={"color-ink": "#000000"}, modes={"contrast": {"color-ink": "#ffffff"}}, pairs=())

    assert tokens.stylesheet("base", plain).css == ":root {\n  --color-ink: #000000;\n}\n"
    assert ':root[data-contrast="more"] {\n  --color-ink: #ffffff;\n}' in tokens.stylesheet("base", modal).css
    assert tokens.stylesheet("base", plain).digest != tokens.stylesheet("base", modal).digest
    assert tokens.stylesheet("base", plain).url == f"/-/theme/base.{tokens.stylesheet('base', plain).digest}.css"


@pytest.mark.parametrize(
    ("kind", "front", "refused"), [("text", "#777777", True), ("large", "#777777", False), ("control", "#999999", True)]
)
def test_colours_that_people_cannot_read_are_refused(kind: Any, front: str, refused: bool) -> None:  # noqa: FBT001 - a parameter of the test
    token_set = TokenSet(tokens={"front": front, "back": "#ffffff"}, modes={}, pairs=(ContrastPair("front", "back", kind),))

    if not refused:
        tokens.check_contrast("grey", token_set)
        return
    with pytest.raises(LowContrastError) as caught:
        tokens.check_contrast("grey", token_set)
    assert f"{tokens.contrast_ratio(front, '#ffffff'):.2f}:1" in str(caught.value)
    assert "front on back" in str(caught.value)


def test_a_mode_is_held_to_the_same_limits() -> None:
    token_set = TokenSet(
        tokens={"front": "#000000", "back": "#ffffff"},
        modes={"contrast": {"back": "#222222"}},
        pairs=(ContrastPair("front", "back", "text"),),
    )

    with pytest.raises(LowContrastError, match="in mode 'contrast'"):
        tokens.check_contrast("dark", token_set)


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"tokens": {"Color Ink": "#000000"}},
        {"tokens": {"color-ink": "red; } body { display: none"}},
        {"tokens": {"color-ink": 7}},
        {"modes": {"sepia": {}}},
        {"contrast": [{"front": "color-ink"}]},
        {"contrast": [INK_ON_PAPER | {"kind": "tiny"}]},
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, data: Any) -> None:
    file = _file(tmp_path, "tokens.json", data)

    with pytest.raises(BrokenThemeError) as caught:
        tokens.read_tokens([file])
    assert str(file) in str(caught.value)


def test_a_pair_must_name_colours() -> None:
    token_set = TokenSet(tokens={"front": "blue", "back": "#ffffff"}, modes={}, pairs=(ContrastPair("front", "back", "text"),))

    with pytest.raises(BrokenThemeError, match="'front'"):
        tokens.check_contrast("odd", token_set)
