"""The catalogue: chains, and each way a theme can be refused."""

from pathlib import Path

import pytest

from tests.factories.themes import MakeTheme
from theming.catalogue import Catalogue, catalogue
from theming.contract import BrokenThemeError, LowContrastError, UnknownThemeError

GREY = {"tokens": {"ink": "#999999", "paper": "#ffffff"}, "contrast": [{"front": "ink", "back": "paper"}]}


def test_the_installed_themes_are_read_with_their_chains() -> None:
    chains = {name: theme.chain for name, theme in catalogue().themes.items()}

    assert chains == {"azure": ("azure", "base"), "base": ("base",), "vermilion": ("vermilion", "base")}
    assert [catalogue().get(name).label for name in ("azure", "base", "vermilion")] == ["天青", "素白", "朱红"]


def test_the_installed_themes_look_different() -> None:
    assert len({sheet.digest for sheet in catalogue().stylesheets.values()}) == 3


def test_an_unknown_theme_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownThemeError, match=r"no theme called 'pink'. Choose one of: azure, base, vermilion\."):
        catalogue().get("pink")
    with pytest.raises(UnknownThemeError):
        catalogue().stylesheet("pink")


def test_a_circle_of_parents_is_refused(make_theme: MakeTheme) -> None:
    make_theme("a", extends="b")
    root = make_theme("b", extends="a")

    with pytest.raises(BrokenThemeError, match="a → b → a"):
        Catalogue.read(root)


def test_a_missing_parent_is_refused(make_theme: MakeTheme) -> None:
    root = make_theme("a", extends="lost")

    with pytest.raises(BrokenThemeError, match="extends 'lost', which does not exist"):
        Catalogue.read(root)


@pytest.mark.parametrize("text", ["not toml at all", 'name = "other"\nlabel = "x"', 'name = "a"'])
def test_a_record_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "theme.toml").write_text(text, encoding="utf-8")

    with pytest.raises(BrokenThemeError, match=r"theme\.toml"):
        Catalogue.read(tmp_path)


def test_a_theme_below_the_contrast_limit_does_not_load(make_theme: MakeTheme) -> None:
    root = make_theme("grey", tokens=GREY)

    with pytest.raises(LowContrastError, match=r"ink on paper in theme 'grey' has a contrast of 2\.85:1; text needs at least 4\.5:1"):
        Catalogue.read(root)


def test_a_child_is_held_to_the_pairs_of_its_parent(make_theme: MakeTheme) -> None:
    make_theme("base", tokens=GREY | {"tokens": {"ink": "#000000", "paper": "#ffffff"}})
    root = make_theme("pale", extends="base", tokens={"tokens": {"ink": "#cccccc"}})

    with pytest.raises(LowContrastError, match="'pale'"):
        Catalogue.read(root)
