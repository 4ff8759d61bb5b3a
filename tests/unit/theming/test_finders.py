"""Static files are found by theme, and only a theme's own."""

from tests.factories.themes import MakeTheme, UseCatalogue
from theming.finders import ThemeFinder


def test_files_are_found_under_the_name_of_their_theme(make_theme: MakeTheme, use_catalogue: UseCatalogue) -> None:
    make_theme("base", **{"static/base/site.css": "a", "static/other/site.css": "b"})
    root = make_theme("red", extends="base", **{"static/red/mark.svg": "c"})
    use_catalogue(root)
    finder = ThemeFinder()

    assert finder.find("base/site.css") == str(root / "base/static/base/site.css")
    assert finder.find("red/mark.svg", find_all=True) == [str(root / "red/static/red/mark.svg")]
    for absent in ("other/site.css", "red/site.css", "red/../../base/theme.toml", "lost.css"):
        assert finder.find(absent) == []
    assert sorted(path for path, _ in finder.list([])) == ["base/site.css", "red/mark.svg"]
    assert [path for path, _ in finder.list(["*.svg"])] == ["base/site.css"]
    assert finder.check() == []
