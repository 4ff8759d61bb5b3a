"""Blueprint files: what a right one says, and every mistake of a wrong one by its line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprints.catalogue import shipped
from blueprints.contract import SamplePage, UnreadableBlueprintError
from blueprints.reading import check_blueprint, read_blueprint
from blueprints.writing import write_blueprint
from tenants.pages.shaping import vocabulary
from tests.factories.blueprints import WORDS, blueprint

GOOD = """\
format = 1
name = "small"
version = 2
title = "小站"
kind = "county"
theme = "azure"

[settings]
home_panels = 4

[roles]
editor = ["change", "add"]

[workflow]
name = "审核"
[[workflow.steps]]
name = "初审"
roles = ["reviewer"]

[[columns]]
path = "news"
title = "动态"
type = "news"

[[pages]]
column = "news"
slug = "welcome"
title = "欢迎"
kind = "article"
text = \"\"\"
第一段。
path = "不是键"
第二段。\"\"\"
"""


def problems(text: str) -> list[str]:
    found, noted = check_blueprint(text, vocabulary=WORDS)
    assert (found is None) == bool(noted)
    return [problem.text("x.toml") for problem in noted]


def test_a_file_is_read() -> None:
    found = read_blueprint(GOOD, file="x.toml", vocabulary=WORDS)

    assert (found.name, found.version, found.theme) == ("small", 2, "azure")
    assert found.roles == {"editor": ("add", "change")}  # in one order, however they are written
    assert [column.path for column in found.columns] == ["news"]
    assert found.pages[0].text == '第一段。\npath = "不是键"\n第二段。'


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('theme = "azure"', 'theme = "azur"'), "x.toml:6: unknown theme 'azur': did you mean 'azure'? known: azure, vermilion"),
        (('kind = "county"', 'kind = "village"'), "x.toml:5: unknown kind 'village': known: city, county, department"),
        (("version = 2", "version = true"), "x.toml:3: version is true or false: write a whole number: version = 1"),
        (("version = 2", "version = 0"), "x.toml:3: version is 0: 1 or more"),
        (('name = "small"\n', ""), "x.toml:1: 'name' is missing: add name = \"…\""),
        (("format = 1", "format = 9"), "x.toml:1: the file is of format 9: this release reads format 1: format = 1"),
        (("home_panels = 4", "home_panels = 40"), "x.toml:9: home_panels is 40: a number from 1 to 12"),
        (("home_panels = 4", "home_panel = 4"), "x.toml:9: unknown key 'home_panel': did you mean 'home_panels'? known: home_panels"),
        (
            ("editor = [", "editors = ["),
            "x.toml:12: unknown key 'editors': did you mean 'editor'? known: administrator, auditor, editor, reviewer",
        ),
        (('"change", "add"', '"change", "delete"'), "x.toml:12: unknown word 'delete' in editor: known: add, change, publish"),
        (
            ('roles = ["reviewer"]', "roles = []"),
            'x.toml:18: the step has no role, so nobody could take it: name one: roles = ["reviewer"]',
        ),
        (
            ('path = "news"', 'path = "world/news"'),
            "x.toml:21: there is no column 'world' above this line: put the column 'world' before 'world/news'",
        ),
        (
            ('path = "news"', 'path = "News"'),
            "x.toml:21: 'News' is no path: small letters, digits and hyphens, a slash between levels: zwdt/yaowen",
        ),
        (
            ('title = "动态"', 'titel = "动态"'),
            "x.toml:22: unknown key 'titel': did you mean 'title'? known: description, in_menu, keywords, on_home, path, title, type",
        ),
        (('kind = "article"', 'kind = "film"'), "x.toml:29: unknown kind 'film': known: article, document"),
        (
            ('column = "news"', 'column = "newz"'),
            "x.toml:26: there is no column 'newz' in this blueprint: did you mean 'news'? known: news",
        ),
        (("[settings]\n", "settings = 3\n[other]\n"), "x.toml:8: settings is a whole number: make it a table: [settings]"),
        (("[[columns]]", "[columns]"), "x.toml:20: columns is a table: write each as a table of its own: [[columns]]"),
    ],
)
def test_a_mistake_is_named_by_its_line_with_what_to_write_instead(change: tuple[str, str], says: str) -> None:
    assert says in problems(GOOD.replace(*change, 1))


def test_all_mistakes_are_named_at_once_in_the_order_of_lines() -> None:
    wrong = GOOD.replace("azure", "pink").replace('type = "news"', 'type = "gossip"').replace('slug = "welcome"', 'slug = "W!"')

    assert [line.split(": ")[0] for line in problems(wrong)] == ["x.toml:6", "x.toml:23", "x.toml:27"]


def test_a_column_that_is_there_twice_names_the_first_line() -> None:
    twice = GOOD + '\n[[columns]]\npath = "news"\ntitle = "又一个"\ntype = "news"\n'

    assert problems(twice) == ["x.toml:36: 'news' is here a second time: it is on line 21 already; choose another path"]


def test_a_page_may_not_stand_where_a_column_does() -> None:
    both = GOOD + '\n[[columns]]\npath = "news/welcome"\ntitle = "栏目"\ntype = "news"\n'

    assert problems(both) == ["x.toml:27: 'news/welcome' is the path of a column: choose another slug for the page"]


def test_what_is_no_toml_is_named_by_its_line() -> None:
    (line,) = problems(GOOD.replace('title = "小站"', "title = 小站"))

    assert line.startswith("x.toml:4: this is no TOML: invalid value")


def test_reading_a_wrong_file_raises_with_every_line() -> None:
    with pytest.raises(UnreadableBlueprintError, match=r"x\.toml:6: unknown theme 'pink'"):
        read_blueprint(GOOD.replace("azure", "pink"), file="x.toml", vocabulary=WORDS)


def test_what_is_written_reads_back_the_same() -> None:
    text = write_blueprint(blueprint())

    assert check_blueprint(text, vocabulary=WORDS) == (blueprint(), [])
    assert write_blueprint(read_blueprint(text, file="x", vocabulary=WORDS)) == text


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip),
    st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp"]), min_size=1, max_size=80).filter(str.strip),
)
def test_any_text_survives_writing_and_reading(title: str, text: str) -> None:
    page = SamplePage("news", "x", title, "article", text.strip())
    whole = replace(blueprint(), title=title, pages=(page,))

    assert check_blueprint(write_blueprint(whole), vocabulary=WORDS) == (whole, [])


@pytest.mark.parametrize("name", ["city-portal", "county", "department"])
def test_the_releases_own_blueprints_are_right(name: str) -> None:
    found = read_blueprint(shipped()[name].text, file=name, vocabulary=vocabulary())

    assert found.name == name
    assert len(found.columns) == (22 if name == "department" else 23)
    assert set(found.roles) == {"administrator", "editor", "reviewer", "auditor"}
    assert len(shipped()) == 3
