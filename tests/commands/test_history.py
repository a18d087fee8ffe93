"""nbrunbook history."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Workplace
from tests.making import registered


@pytest.fixture
def work_done(work: Workplace) -> Workplace:
    """A release that was reopened and archived in one environment, and abandoned in another."""
    for key in ("staging/1.0", "production/1.0"):
        registered("- [ ] A {#a}", key=key)
    for command in (
        ["tick", "staging/1.0", "a"],
        ["sign-off", "staging/1.0", "--note", "all well"],
        ["reopen", "staging/1.0", "--reason", "too early"],
        ["sign-off", "staging/1.0"],
        ["archive", "staging/1.0"],
        ["abandon", "production/1.0", "--reason", "rolled back"],
    ):
        assert work.run(*command) == 0, work.err
    return work


def test_what_happened_is_told_in_order(work_done: Workplace) -> None:
    """Each line says when, to which runbook, what, by whom and how that is known, and why; newest last."""
    assert work_done.run("history") == 0
    assert [line.split(" UTC")[1] for line in work_done.out.splitlines()] == [
        "  staging/1.0  made by ana (declared)",
        "  production/1.0  made by ana (declared)",
        "  staging/1.0  signed off by ana (declared)  all well",
        "  staging/1.0  reopened by ana (declared)  too early",
        "  staging/1.0  signed off by ana (declared)",
        "  staging/1.0  archived by ana (declared)  staging/1.0.html",
        "  production/1.0  abandoned by ana (declared)  rolled back",
    ]


def test_what_never_went_there_was_not_made(work: Workplace) -> None:
    """A release that was only skipped has no runbook that anybody made; one that was made and then skipped has."""
    registered("- [ ] A {#a}", key="staging/1.0")
    for key in ("staging/1.0", "production/1.0"):
        assert work.run("skip", key, "--reason", "x") == 0
    assert work.run("history") == 0
    assert [line.split("UTC", 1)[1].strip() for line in work.out.splitlines()] == [
        "staging/1.0  made by ana (declared)",
        "staging/1.0  skipped by ana (declared)  x",
        "production/1.0  skipped by ana (declared)  x",
    ]


@pytest.mark.parametrize(
    ("asked", "count"), [(["-e", "production"], 2), (["--release", "1.0"], 7), (["--release", "2.0"], 0)]
)
def test_only_what_was_asked_for(work_done: Workplace, asked: list[str], count: int) -> None:
    """An environment or a release alone."""
    assert work_done.run("history", *asked) == 0
    assert len(work_done.out.splitlines()) == count
    assert ("nothing has happened" in work_done.err) == (count == 0)


def test_the_history_for_a_machine(work_done: Workplace) -> None:
    """--json gives the facts of each event, with the record and its sha256."""
    assert work_done.run("history", "-e", "staging", "--json") == 0
    *_, last = json.loads(work_done.out)["history"]
    assert (last["runbook"], last["kind"], last["by"], last["known"]) == ("staging/1.0", "archived", "ana", "declared")
    assert last["record"] == "staging/1.0.html"
    assert len(last["sha256"]) == 64


def test_a_redacted_reason_is_not_shown(work_done: Workplace) -> None:
    """What was redacted says so."""
    assert work_done.run("redact", "production/1.0", "2", "--reason", "a name", "--yes") == 0
    assert work_done.run("history", "-e", "production") == 0
    assert work_done.out.endswith("abandoned by ana (declared)  (redacted)\n")


def test_steps_are_no_history(work: Workplace) -> None:
    """A step that was skipped, or a section that was opened, is none of it."""
    registered("- [ ] A {#a}\n\n## If {.if-needed}\n- [ ] B {#b}")
    assert work.run("skip", "staging/1.0", "a", "--reason", "no") == work.run("tick", "staging/1.0", "b") == 0
    assert work.run("history") == 0
    assert len(work.out.splitlines()) == 1
