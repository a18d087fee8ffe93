"""nbrunbook skip."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from nbrunbook.journal import journal, writing
from nbrunbook.journal.entries import Draft, RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import listing, registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of two steps."""
    return registered("- [ ] A {#a .approval}\n- [ ] B {#b}")


def test_steps_are_skipped_with_a_reason(work: Workplace, key: str) -> None:
    """A skip settles a step, and says who and why."""
    assert work.run("skip", key, "a", "b", "--reason", "nobody uses staging") == 0
    assert "a: skipped by ana (declared), " in work.out
    assert "— nobody uses staging" in work.out
    assert session_on().progress.summary() == "0 of 2 done, 2 skipped"


@pytest.mark.parametrize("reason", [[], ["--reason", ""], ["--reason", " \n"]])
def test_a_reason_is_asked_for(work: Workplace, key: str, reason: list[str]) -> None:
    """Nothing is skipped without a reason."""
    assert work.run("skip", key, "a", *reason) in (1, 2)
    assert "reason" in work.err
    assert len(session_on().events) == 1


def test_what_is_done_is_not_skipped(work: Workplace, key: str) -> None:
    """A step that is done cannot be skipped."""
    assert work.run("tick", key, "b") == 0
    assert work.run("skip", key, "b", "--reason", "x") == 1
    assert "already done by ana" in work.err


# A release that never went there

CONFIG = """[project]
name = "shop"
[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.eu]
group = "production"
[tool.nbrunbook.environments.us]
group = "production"
"""


def _events(key: str) -> list[tuple[str, str]]:
    return [(event.kind, event.data.get("reason", "")) for event in session_on(key).events]


def test_an_open_runbook_is_skipped_as_a_whole(work: Workplace, key: str) -> None:
    """Without steps the runbook of a deployment is closed with the reason, and can be reopened."""
    assert work.run("skip", key, "--reason", "rolled over") == 0, work.err
    assert "staging/1.0: skipped as a whole, 0 of 2 done" in work.out
    assert _events(key) == [("opened", ""), ("skipped", "rolled over")]
    assert session_on().progress.state == "skipped"
    assert work.run("reopen", key, "--reason", "it went there after all") == 0, work.err
    assert session_on().progress.state == "open"


def test_a_release_without_a_runbook_is_skipped(work: Workplace) -> None:
    """Neither a template nor a runbook nor a journal is needed: what is written is opened and skipped."""
    assert work.run("skip", "staging/0.9", "--reason", "1.0 came first") == 0, work.err
    assert _events("staging/0.9") == [("opened", ""), ("skipped", "1.0 came first")]
    assert "no template is called 0.9" in work.err
    found = find_project()
    journal = Journal.open(found.journal)
    assert journal.runbooks(found.name, open_only=True) == []
    assert journal.faults(journal.runbook(found.name, "staging/0.9")) == []
    assert not (work.root / "runbooks").exists()


def test_a_skipped_release_says_how_it_is_taken_back(work: Workplace) -> None:
    """Where there was no runbook, the way back is to make one; the command is told, and it works."""
    work.template("- [ ] A {#a}")
    assert work.run("skip", "staging/1.0", "--reason", "x") == 0, work.err
    assert "if it goes there after all: 'nbrunbook instantiate 1.0 -e staging --again'" in work.err
    assert work.run("instantiate", "1.0", "-e", "staging", "--again") == 0, work.err


@pytest.mark.on("sqlite")
def test_a_journal_that_would_be_lost_is_refused_in_ci(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a release is not skipped in a file that goes with the machine: nothing is written."""
    before = listing(work.root)
    monkeypatch.setenv("CI", "true")
    assert work.run("skip", "staging/1.0", "--reason", "x") == 1
    assert "the journal .nbrunbook/journal.db would be lost with this CI job" in work.err
    assert "--detached" not in work.err
    assert listing(work.root) == before


def test_what_others_settled_counts_in_what_is_told(work: Workplace) -> None:
    """A runbook that is skipped as a whole says how far it was, with the steps that others settled."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    for key in ("eu/1.0", "us/1.0"):
        registered("- [ ] A {#a .once}\n- [ ] B {#b}", key=key)
    assert work.run("tick", "eu/1.0", "a") == work.run("skip", "us/1.0", "--reason", "x") == 0
    assert "us/1.0: skipped as a whole, 1 of 2 done" in work.out


def test_skipping_again_changes_nothing(work: Workplace) -> None:
    """A release that was skipped is told, with who did it, and nothing is written."""
    assert work.run("skip", "staging/0.9", "--reason", "x") == 0
    before = listing(work.root)
    assert work.run("skip", "staging/0.9", "--reason", "y") == 0
    assert "staging/0.9: skipped already by ana (declared)" in work.err
    assert listing(work.root) == before


def test_a_group_is_skipped_in_all_its_environments(work: Workplace) -> None:
    """A group's name in the key means each of its environments; what was skipped there is completed."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    registered("- [ ] A {#a}", key="eu/1.0")
    assert work.run("skip", "us/1.0", "--reason", "x") == 0
    assert work.run("skip", "production/1.0", "--reason", "y") == 0, work.err
    assert _events("us/1.0")[-1] == ("skipped", "x")
    assert _events("eu/1.0")[-1] == ("skipped", "y")


def test_what_is_signed_off_is_not_skipped(work: Workplace) -> None:
    """A deployment that is signed off stays so, and with it the rest of its group."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    registered("- [ ] A {#a .optional}", key="us/1.0")
    assert work.run("sign-off", "us/1.0") == 0
    before = listing(work.root)
    assert work.run("skip", "production/1.0", "--reason", "x") == 1
    assert "cannot skip us/1.0: us/1.0 is signed off by ana (declared)" in work.err
    assert listing(work.root) == before


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("prod/1.0", "unknown environment 'prod'"),
        ("staging", "release '' cannot be a file's name"),
        ("staging/next", "'next' is no release"),
        ("staging/a/b", "release 'a/b' cannot be"),
        ("staging/1.0@2", "no "),
    ],
)
def test_what_is_no_deployment_is_told(work: Workplace, key: str, said: str) -> None:
    """An unknown environment and a bad name are one clear error, and nothing is written."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    before = listing(work.root)
    assert work.run("skip", key, "--reason", "x") == 1
    assert said in work.err
    assert listing(work.root) == before


def test_an_empty_reason_makes_no_runbook(work: Workplace) -> None:
    """A reason is asked for, and without one nothing is registered."""
    assert work.run("skip", "staging/1.0", "--reason", " ") == 1
    assert "a reason is asked for" in work.err
    assert not (work.root / ".nbrunbook").exists()


def test_a_second_runbook_follows_a_skip(work: Workplace) -> None:
    """`instantiate` says that it was skipped, `--again` makes a runbook, and `reopen` points there."""
    path = work.template("- [ ] A {#a}")
    assert work.run("skip", "staging/1.0", "--reason", "x") == 0
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "the release never went there: staging/1.0 (skipped" in work.err
    assert work.run("reopen", "staging/1.0", "--reason", "y") == 1
    assert "'nbrunbook instantiate TEMPLATE -e ENVIRONMENT --again' makes a runbook" in work.err
    assert work.run("instantiate", path, "-e", "staging", "--again") == 0
    assert work.out.startswith("staging/1.0@2")


@pytest.mark.parametrize("closed", ["skipped", "abandoned"])
def test_what_never_had_steps_is_not_to_be_reopened(work: Workplace, closed: str) -> None:
    """Whatever is refused there names what works: to make a runbook."""
    path = work.template("- [ ] A {#a}")
    assert work.run("skip", "staging/1.0", "--reason", "x") == 0
    if closed == "abandoned":
        assert work.run("abandon", "staging/1.0", "--reason", "y") == 0
    for verb, *more in (["sign-off"], ["revise", "--yes"], ["add", "A"]):
        assert work.run(verb, "staging/1.0", *more) == 1
        assert "'nbrunbook instantiate 1.0 -e staging --again' makes a runbook" in work.err
        assert "reopen" not in work.err
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "'instantiate … --again' starts a" in work.err
    assert "nbrunbook reopen" not in work.err
    assert work.run("instantiate", "1.0", "-e", "staging", "--again") == 0, work.err


def test_a_skip_by_mistake_is_abandoned(work: Workplace) -> None:
    """A release that nobody ever had, skipped by a slip of the hand, is pending nowhere once that is abandoned."""
    assert work.run("skip", "staging/2026.99.0", "--reason", "x") == 0
    assert "'nbrunbook abandon staging/2026.99.0 --reason …'" in work.err
    assert work.run("abandon", "staging/2026.99.0", "--reason", "mistyped") == 0, work.err
    assert work.run("pending", "-e", "staging", "--strict") == 0, work.out


def test_what_was_skipped_can_be_looked_at(work: Workplace) -> None:
    """`status` and `journal` show it; `work` and `archive` say in one line why there is nothing to open."""
    assert work.run("skip", "staging/1.0", "--reason", "it was withdrawn") == 0
    assert work.run("status", "staging/1.0") == work.run("status", "--check") == 0
    assert work.run("journal", "staging/1.0") == 0
    assert "skipped  reason: it was withdrawn" in work.out
    assert work.run("work", "staging/1.0") == 1
    assert "staging/1.0 has no notebook: it was skipped" in work.err
    assert work.run("archive", "staging/1.0") == 1
    assert "cannot archive staging/1.0: it is skipped" in work.err
    assert work.run("archive", "staging/1.0", "--draft") == 0, work.err


def test_a_half_made_skip_is_none(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the second event cannot be written, there is no runbook either: repeating completes it."""

    def failing(connection: Connection, runbook: RunbookRow, draft: Draft, **about: Any) -> object:
        if draft.kind == "skipped":
            raise OSError(28, "No space left on device")
        return writing.insert_event(connection, runbook, draft, **about)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "insert_event", failing)
        assert work.run("skip", "staging/1.0", "--reason", "x") == 1
    assert Journal.open(find_project().journal).runbooks("shop") == []
    assert work.run("skip", "staging/1.0", "--reason", "x") == 0


def test_what_is_suggested_is_quoted(work: Workplace) -> None:
    """A release's name with a blank is one argument of the commands that skip suggests."""
    work.template("- [ ] A {#a}", name="a b")
    assert work.run("skip", "staging/a b", "--reason", "nobody uses it") == 0, work.err
    assert "'nbrunbook instantiate 'a b' -e staging --again'" in work.err
    assert "'nbrunbook abandon 'staging/a b' --reason …'" in work.err
