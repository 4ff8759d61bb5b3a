"""Every command of the operator's handbook runs against a small city, in the order in which it is written."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class

from observability.terminal import CommandFailure, Verb
from provisioning.fleet import drift
from provisioning.models import Backup
from registry.contract import State
from registry.models import Tenant
from tests.factories.indices import SearchIndex
from tests.factories.sites import open_sites

HANDBOOK = Path(__file__).resolve().parents[3] / "deploy" / "README.md"
CHAPTERS = ("Every day", "Every week", "Incident", "Upgrade", "Disaster")


def commands(chapter: str) -> list[list[str]]:
    """Return the commands of a chapter's blocks, without what is said of them."""
    text = HANDBOOK.read_text(encoding="utf-8").split(f"### {chapter}\n", 1)[1]
    text = re.split(r"^##", text, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for block in re.findall(r"```\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


@pytest.fixture
def small_city(fresh_database: str, settings: Any, tmp_path: Path) -> Any:
    """Return a city of two sites with an index."""
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.VAR_DIR = str(tmp_path)
    index = SearchIndex()
    index.remove()
    call_command("search", "rebuild", verbosity=0)
    yield [*open_sites("taiyuan", identifier="1401000001"), *open_sites("xiaodian", identifier="1401050001")]
    index.remove()


@pytest.mark.elasticsearch
def test_every_command_of_the_handbook_runs(small_city: Any) -> None:
    failed = {}
    for chapter in CHAPTERS:
        for words in commands(chapter):
            archive = Backup.objects.filter(slug="xiaodian").order_by("taken_at").last()
            given = [archive.path if word == "$ARCHIVE" and archive else word for word in words]
            assert given[0] == "manage.py"
            try:
                call_command(*given[1:], verbosity=0)
            except CommandFailure as failure:
                failed[chapter, " ".join(words)] = str(failure)

    assert failed == {}
    assert set(Tenant.objects.values_list("slug", "state")) == {("taiyuan", State.LIVE.value), ("xiaodian", State.LIVE.value)}
    assert [(row.lacks, row.drift) for row in drift.status()] == [([], [])] * 2


def test_every_chapter_has_commands_and_every_one_is_a_verb_of_ours() -> None:
    for chapter in CHAPTERS:
        found = commands(chapter)

        assert len(found) >= 4, chapter
        for _, name, *words in found:
            verbs: list[Verb] = load_command_class(get_commands()[name], name).verbs()  # type: ignore[attr-defined] # a VerbCommand
            assert [verb.name for verb in verbs] == [""] or words[0] in {verb.name for verb in verbs}, (name, words)
