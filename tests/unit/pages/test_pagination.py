"""The links under a paged list."""

from tenants.pages.composing import pagination


def test_the_middle_of_many_pages() -> None:
    links = pagination(10, 20, {"year": "2024"})["links"]

    assert [("…" if link["is_gap"] else link["number"]) for link in links] == [1, "…", 8, 9, 10, 11, 12, "…", 20]
    assert links[2]["url"] == "?year=2024&page=8"
    assert [link["number"] for link in links if link["is_current"]] == [10]


def test_one_page_has_no_neighbours() -> None:
    only = pagination(1, 1, {})

    assert (only["previous_url"], only["next_url"], len(only["links"])) == ("", "", 1)
