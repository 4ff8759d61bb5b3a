"""`city` and `site` at the command line: what they say, their JSON, their exit codes."""

import json
from typing import Any

import pytest
from django.core.management import call_command

from observability.terminal import CommandFailure, ExitCode
from registry.models import City, Tenant
from tests.factories.sites import open_sites

pytestmark = pytest.mark.usefixtures("database")

OVERRIDE = ("--override-officer", "示例", "--override-reason", "测试")
SITE = (
    "--name",
    "太原市小店区人民政府",
    "--short-name",
    "小店区",
    "--city",
    "taiyuan",
    "--region",
    "140105",
    "--override-officer",
    "示例",
    "--override-reason",
    "测试",
)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_city_opens_with_its_counties_and_departments_and_only_once(capsys: pytest.CaptureFixture[str]) -> None:
    command = (
        "city",
        "open",
        "taiyuan",
        "--region",
        "140100",
        "--counties",
        "--county-theme",
        "azure",
        "--department",
        "jyj:太原市教育局:市教育局",
        *OVERRIDE,
    )

    planned = run(capsys, *command, "--dry-run")
    assert City.objects.count() == Tenant.objects.count() == 0
    first, second = run(capsys, *command), run(capsys, *command)

    assert planned == first["opened"]
    assert first["opened"] == [
        "taiyuan", "xiaodian", "yingze", "xinghualing", "jiancaoping", "wanbolin", "jinyuan", "qingxu", "yangqu", "loufan", "gujiao", "jyj",
    ]  # fmt: skip
    assert (second["opened"], second["unchanged"], second["failed"]) == ([], 12, {})
    rows = {row["slug"]: row for row in run(capsys, "site", "list")}
    assert {row["state"] for row in rows.values()} == {"live"}
    assert (rows["taiyuan"]["theme"], rows["gujiao"]["theme"], rows["jyj"]["theme"]) == ("vermilion", "azure", "vermilion")
    assert (rows["gujiao"]["name"], rows["gujiao"]["domain"]) == ("太原市古交市人民政府", "gujiao.localhost")


def test_one_taken_slug_fails_alone(capsys: pytest.CaptureFixture[str]) -> None:
    open_sites("taiyuan")
    run(capsys, "site", "open", "yingze", *SITE, "--kind", "department")  # the slug a county will ask for

    with pytest.raises(CommandFailure) as caught:
        call_command("city", "open", "taiyuan", "--region", "140100", "--counties", "--json", *OVERRIDE)

    assert caught.value.returncode == ExitCode.PARTLY_DONE
    assert "The slug 'yingze' belongs to" in str(caught.value)
    document = json.loads(capsys.readouterr().out)
    assert (len(document["opened"]), document["unchanged"], list(document["failed"])) == (9, 1, ["yingze"])


def test_a_site_opens_and_shows_its_journal(capsys: pytest.CaptureFixture[str]) -> None:
    open_sites("taiyuan")

    plan = run(capsys, "site", "open", "xiaodian", *SITE, "--dry-run")
    opened = run(capsys, "site", "open", "xiaodian", *SITE)
    again = run(capsys, "site", "open", "xiaodian", *SITE)
    shown = run(capsys, "site", "show", "xiaodian")

    assert plan["steps"] == opened["ran"] == ["reserve", "schema", "pages", "staff", "approve", "live"]
    assert again["ran"] == []
    assert (shown["schema"], shown["state"], shown["region"]) == ("s_xiaodian", "live", "140105 小店区")
    (operation,) = shown["operations"]
    assert [(step["name"], step["state"]) for step in operation["steps"]] == [(name, "done") for name in plan["steps"]]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("site", "open", "Xiaodian", *SITE), "is no slug"),
        (("site", "open", "xiaodian", *SITE, "--theme", "pink"), "pink"),
        (("site", "open", "xiaodian", *SITE, "--domain", "taiyuan.localhost"), "belongs to 太原市人民政府"),
        (("site", "show", "nowhere"), "There is no site 'nowhere'. Sites: taiyuan."),
        (("city", "open", "datong", "--region", "000000"), "There is no region '000000'"),
        (("city", "open", "taiyuan", "--region", "140200"), "exists with region 140100"),
        (("city", "open", "taiyuan", "--region", "140100", "--department", "jyj"), "SLUG:NAME:SHORT"),
        (("region", "import", "/nonexistent.csv"), "No such file"),
    ],
)
def test_a_wrong_request_ends_with_one_clear_line_and_code_2(arguments: tuple[str, ...], says: str) -> None:
    open_sites("taiyuan")

    with pytest.raises(CommandFailure) as caught:
        call_command(*arguments)

    assert says in str(caught.value)
    assert caught.value.returncode == ExitCode.WRONG_USAGE
    assert Tenant.objects.count() == 1
