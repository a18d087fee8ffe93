"""What a record, or whoever writes one at the same moment, must not be taken for."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import forget

pytestmark = pytest.mark.on("sqlite")
STEP = "- [ ] A {#a .optional}"


@pytest.fixture
def archived(work: Workplace, runbook: MakeRunbook, engine: str) -> Path:
    """The record of staging, and an open runbook of production."""
    key = runbook(STEP)
    assert work.run("sign-off", key) == 0
    assert work.run("archive", key) == 0
    runbook(STEP, environment="production")
    return Path("records/staging/1.0.html")


def _list(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with Path("records/SHA256SUMS").open("a", encoding="utf-8") as sums:
        sums.write(f"{digest}  {path.relative_to('records').as_posix()}\n")


@pytest.mark.parametrize("name", ["production/1.0.html", "staging/1.1.html", "staging/1.0~x.html", "1.0.html"])
def test_a_record_under_another_name_does_not_hold(work: Workplace, archived: Path, name: str) -> None:
    """A copy with a line of its own would say that another deployment is done."""
    copy = Path("records") / name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(archived, copy)
    _list(copy)
    assert work.run("verify", copy) == 1
    assert f"it is the record of staging/1.0, and stands as {name}" in work.out + work.err
    assert work.run("verify", "--all") == 1
    assert f"stands as {name}" in work.out + work.err
    assert work.run("verify", archived) == 0
    assert work.run("pending", "-e", "production", "--check") == 1


def test_a_record_that_nothing_lists_is_not_counted(work: Workplace, archived: Path) -> None:
    """Without a journal that knows the runbook, SHA256SUMS is what vouches for it."""
    forget(work)
    shutil.rmtree("runbooks")
    work.template(STEP)
    assert work.run("pending", "-e", "staging", "--check") == 0
    assert "staging/1.0" in work.err
    Path("records/SHA256SUMS").unlink()
    assert work.run("pending", "-e", "staging", "--check") == 1
    assert "does not count: no line of SHA256SUMS lists it" in work.err


@pytest.mark.parametrize("line", ["<<<<<<< ours", "=======", "not a sum", "abc  staging/1.0.html"])
def test_a_line_that_is_no_sum_is_named(work: Workplace, archived: Path, line: str) -> None:
    """What a merge left there would fail sha256sum for good, and hide what it says."""
    sums = Path("records/SHA256SUMS")
    sums.write_text(f"{line}\n{sums.read_text(encoding='utf-8')}", encoding="utf-8")
    assert work.run("verify", "--all") == 1
    assert f"line 1 of SHA256SUMS is no sum: {line!r}" in work.out + work.err


def test_two_who_archive_at_once_write_one_record(work: Workplace, runbook: MakeRunbook, engine: str) -> None:
    """The second finds it archived, and sha256sum agrees with all that is there."""
    key = runbook(STEP)
    assert work.run("sign-off", key) == 0
    code = "from nbrunbook.commands import main; main()"
    begun = [
        subprocess.Popen([sys.executable, "-c", code, "archive", key], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = [each.communicate() for each in begun]
    assert [each.returncode for each in begun] == [0] * 4, outputs
    assert [path.name for path in Path("records/staging").iterdir()] == ["1.0.html"]
    assert sum(b"archived before" in err for _, err in outputs) == 3
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd="records", check=True)
    assert work.run("verify", "--all") == 0, work.out
