"""Locks: one holder at a time, and none left when the holder is gone."""

import os
from pathlib import Path

import pytest

from deploy.embedded.locking import LockTimeoutError, claim, held, is_held


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    path = tmp_path / "below" / "lock"

    first = claim(path)

    assert first is not None
    assert is_held(path)
    assert claim(path, patience=0.1) is None
    os.close(first)
    assert not is_held(path)


def test_a_file_nobody_holds_is_not_held_whatever_it_says(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)

    path.write_text(str(os.getpid()))

    assert not is_held(path)


def test_waiting_is_told_and_ends(tmp_path: Path) -> None:
    said: list[str] = []
    with (
        held(tmp_path / "lock", what="starting"),
        pytest.raises(LockTimeoutError, match="another process has been starting"),
        held(tmp_path / "lock", what="starting", progress=said.append, timeout=0.1),
    ):
        raise AssertionError("two holders")

    assert said == ["waiting for another process that is starting…"]
    with held(tmp_path / "lock", what="starting", progress=said.append):
        pass
    assert len(said) == 1
