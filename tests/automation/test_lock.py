"""Lock: whether anything of a run lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.automation import lock
from nbrunbook.errors import RefusedError


def test_a_lock_is_free_before_and_afterwards(tmp_path: Path) -> None:
    """A folder that nobody made yet is free, too."""
    folder = tmp_path / "run-1"
    assert lock.is_free(folder)
    with lock.held(folder):
        assert not lock.is_free(folder)
    assert lock.is_free(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    """Two supervisors on one lock are one too many."""
    with lock.held(tmp_path), pytest.raises(RefusedError, match="it runs already"), lock.held(tmp_path):
        pass


def test_a_lock_lives_with_whoever_inherited_it(tmp_path: Path) -> None:
    """It is held until the last process that has it ends, though the first one has let go of it."""
    with lock.held(tmp_path) as handle:
        wait = [sys.executable, "-c", "input()"]
        process = subprocess.Popen(wait, stdin=subprocess.PIPE, pass_fds=[handle])
    assert not lock.is_free(tmp_path)
    process.communicate(b"\n")
    assert lock.is_free(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Nobody has a file of another place locked or made."""
    (tmp_path / "run-1").mkdir()
    (tmp_path / "run-1" / lock.PLACE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=r"symbolic|symlink"), lock.held(tmp_path / "run-1"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run-1"]


def test_whoever_may_hold_it_is_named(tmp_path: Path) -> None:
    """Each process that has it open; nobody who has that open where a link leads."""
    with lock.held(tmp_path) as handle:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[handle])
    try:
        assert lock.holders(tmp_path) == (process.pid,)
        (tmp_path / lock.PLACE).rename(tmp_path / "kept")
        (tmp_path / lock.PLACE).symlink_to("kept")
        assert lock.holders(tmp_path) == ()
    finally:
        process.communicate(b"\n")
    assert lock.holders(tmp_path / "nowhere") == ()
