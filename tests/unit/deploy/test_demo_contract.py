"""What the environment may ask of the demo, and the lines between its two processes."""

import pytest

from deploy.demo.contract import Address, City, DemoError, Login, SettingError, Step, read_line, read_options


def test_an_empty_environment_asks_for_the_defaults() -> None:
    options = read_options({})

    assert (options.port, options.texts, options.var_dir.name) == (8000, 400, "var")


@pytest.mark.parametrize(("asked", "count"), [("1", 1), ("all", 3655), ("ALL", 3655), (" 30 ", 30), ("", 400), ("3655", 3655)])
def test_texts_are_a_number_or_all(asked: str, count: int) -> None:
    assert read_options({"DEMO_DOCS": asked}).texts == count


@pytest.mark.parametrize("asked", ["0", "-3", "3656", "many", "1.5", "４００"])
def test_another_number_of_texts_is_refused(asked: str) -> None:
    with pytest.raises(SettingError, match=r"^DEMO_DOCS is .* set it to a number from 1 to 3655, for example 400, or to `all`\.$"):
        read_options({"DEMO_DOCS": asked})


@pytest.mark.parametrize("asked", ["0", "65536", "80a", "-1"])
def test_a_port_that_is_none_is_refused(asked: str) -> None:
    with pytest.raises(SettingError, match=r"^DEMO_PORT is .* set it to a number from 1 to 65535, for example 8001\.$"):
        read_options({"DEMO_PORT": asked})


def test_what_goes_through_the_pipe_comes_out_as_it_was() -> None:
    step = Step("Sites", 3, 13, "小店区")
    city = City(
        "http://p/", (Address("太原市", "http://a/", "http://b/"),), (Login("admin", "系统管理员", "administrator", "x"),), 7, changed=True
    )

    assert read_line(step.line()) == step
    assert read_line(city.line()) == city
    assert "\n" not in step.line() + city.line()
    assert str(read_line('{"error": "away"}')) == "away"
    assert isinstance(read_line('{"error": "away"}'), DemoError)
