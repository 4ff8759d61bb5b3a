"""Templates: the chain of themes, and one compiled copy per chain."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.template import Context, Engine, TemplateDoesNotExist

from tests.factories.themes import MakeTheme, UseCatalogue
from theming.activation import current_theme, use_theme
from theming.loaders import ThemeLoader


@pytest.fixture
def engine(make_theme: MakeTheme, use_catalogue: UseCatalogue) -> Engine:
    """An engine over three themes: base, and red and blue on top of it."""
    make_theme(
        "base", **{"templates/page.html": "base[{% include 'part.html' %}]", "templates/part.html": "plain", "templates/only.html": "only"}
    )
    make_theme("red", extends="base", **{"templates/part.html": "red"})
    root = make_theme("blue", extends="base", **{"templates/page.html": "{% extends 'page.html' %}", "templates/part.html": "blue"})
    use_catalogue(root)
    return Engine(loaders=["theming.loaders.ThemeLoader"])


def _render(engine: Engine, name: str, theme: str) -> str:
    with use_theme(theme):
        return engine.get_template(name).render(Context())


def test_each_theme_finds_its_own_part_and_else_its_parents(engine: Engine) -> None:
    assert _render(engine, "page.html", "base") == "base[plain]"
    assert _render(engine, "page.html", "red") == "base[red]"
    assert _render(engine, "only.html", "red") == "only"


def test_a_template_may_extend_its_namesake_further_down(engine: Engine) -> None:
    assert _render(engine, "page.html", "blue") == "base[blue]"


def test_a_missing_template_is_missing_in_every_theme(engine: Engine) -> None:
    for _ in range(2):  # the second time the absence comes from the cache
        with use_theme("red"), pytest.raises(TemplateDoesNotExist):
            engine.get_template("lost.html")


@pytest.mark.parametrize("name", ["../theme.toml", "/etc/hostname", "a/../../../blue/templates/part.html"])
def test_a_name_cannot_lead_out_of_the_themes(engine: Engine, name: str) -> None:
    with use_theme("red"), pytest.raises(TemplateDoesNotExist):
        engine.get_template(name)


def test_sites_of_one_theme_share_one_compiled_copy(engine: Engine) -> None:
    loader = engine.template_loaders[0]
    assert isinstance(loader, ThemeLoader)

    with use_theme("red"):
        copies = {id(loader.get_template("page.html")) for _ in range(1000)}
    with use_theme("base"):
        other = loader.get_template("page.html")

    assert len(copies) == 1
    assert id(other) not in copies
    assert sorted(loader.get_template_cache) == ["base:page.html", "red/base:page.html"]


def test_threads_do_not_see_each_others_theme(engine: Engine) -> None:
    themes = ["red", "blue", "base"] * 200

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda theme: _render(engine, "part.html", theme), themes))

    assert pages == ["red", "blue", "plain"] * 200


def test_the_former_theme_is_back_after_the_block(engine: Engine) -> None:
    with use_theme("red"):
        with use_theme("blue"):
            assert current_theme().name == "blue"
        assert current_theme().name == "red"
