"""Deployments: where a release stands, from the journal, and from records without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.work import deployments
from nbrunbook.work.archive import archive
from nbrunbook.work.deployments import Records
from tests.conftest import MakeRunbook, Workplace
from tests.making import forget, registered, session_on

STEPS = "- [ ] A {#a .optional}"


def test_the_journal_says_what_is_settled(work: Workplace, engine: str) -> None:
    """The latest runbook that was not abandoned decides; of several deployments each stands for itself."""
    for key in ("staging/1.0", "staging/1.0@2", "staging/1.1", "eu/1.0"):
        registered(STEPS, key=key)
    session_on("staging/1.0").sign_off(None)
    session_on("staging/1.0@2").append("abandoned", data={"reason": "by mistake"})
    session_on("staging/1.1").append("abandoned", data={"reason": "by mistake"})
    project = find_project()
    known = deployments.known_deployments(
        Journal.open(project.journal), project, ["staging", "eu", "us"], ["1.0", "1.1"]
    )
    assert set(known) == {("staging", "1.0"), ("staging", "1.1"), ("eu", "1.0")}
    first, second = known["staging", "1.0"], known["staging", "1.1"]
    assert first.runbook is not None
    assert ([each.key for each in first.runbooks], first.runbook.key) == (
        ["staging/1.0", "staging/1.0@2"],
        "staging/1.0",
    )
    assert (first.settled, second.runbook, second.settled, known["eu", "1.0"].settled) == (True, None, False, False)


@pytest.mark.parametrize(
    ("name", "can_be"),
    [("1.0", True), ("next", False), ("always", False), ("a/b", False), (".x", False), ("", False)],
)
def test_a_folder_s_name_may_be_none_of_a_release(name: str, can_be: bool) -> None:
    """What holds the next release and the standing parts, and what no file can be called, is no release."""
    assert deployments.can_be_named(name) is can_be


def test_without_declared_environments_folders_and_journal_say_which(work: Workplace) -> None:
    """Both are asked, in order of the names; a folder that can be no environment's is left out."""
    registered(STEPS, key="staging/1.0")
    for name in ("eu", ".git"):
        (work.root / "records" / name).mkdir(parents=True)
    project = find_project()
    assert deployments.environments(project, Journal.open(project.journal)) == ("eu", "staging")
    assert deployments.environments(project, None) == ("eu",)


@pytest.fixture
def record(work: Workplace, runbook: MakeRunbook) -> Path:
    """A record whose journal was lost."""
    session = session_on(runbook(STEPS))
    session.sign_off(None)
    path = archive(session, find_project()).path
    forget(work)
    return path


def test_a_record_says_that_a_release_was_signed_off(record: Path) -> None:
    """The key and the time of the sign-off come from it, of its own environment and release only."""
    project = find_project()
    assert deployments.record_of(project, "staging", "1.0") == "staging/1.0"
    assert deployments.signed_off_by_record(project, "staging", "1.0") is not None
    for environment, release in (("eu", "1.0"), ("staging", "1.1")):
        assert deployments.record_of(project, environment, release) is None
        assert deployments.signed_off_by_record(project, environment, release) is None


@pytest.mark.parametrize(("name", "found"), [("1.0@2", 2), ("1.0~2", 2), ("1.0.draft", 2), ("1.0.1", 1)])
def test_a_record_is_found_by_its_name(record: Path, name: str, found: int) -> None:
    """A second runbook's, a record that was written again and a draft may be of a release; a longer name is not."""
    record.with_name(f"{name}.html").write_bytes(record.read_bytes())
    assert len(Records(find_project()).of("staging", "1.0")) == found


def test_why_a_record_does_not_count_is_remembered(record: Path) -> None:
    """An edited record is passed over with the reason, and the next one that may be of the release is read."""
    records = Records(find_project())
    assert records.find("staging", "1.0")
    assert (list(records.counted), records.passed_over) == (["staging/1.0"], [])
    record.write_bytes(record.read_bytes().replace(b"ana", b"eve"))
    edited = Records(find_project())
    assert edited.find("staging", "1.0") is None
    (why,) = edited.passed_over
    assert why.startswith("records/staging/1.0.html does not count: the file was edited")
