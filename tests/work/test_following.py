"""Following: whoever looks sees what the journal holds, and nothing of what was blanked."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from nbrunbook.errors import UnknownStepError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.runbook.kept_state import EVERY
from nbrunbook.runbook.plain import section_text
from nbrunbook.work import following, runs
from nbrunbook.work.following import Following
from nbrunbook.work.own_notebook import held
from tests.conftest import Workplace
from tests.making import clock, plan_of, registered, session_on
from tests.running import KEY, made

__all__ = ["made"]


@pytest.fixture
def follower(work: Workplace, engine: str) -> Following:
    """Somebody who looks at a runbook on which ana is at work."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b}")
    journal = Journal.open(find_project().journal)
    return Following(journal, journal.runbook("shop", key))


def test_a_look_brings_what_is_new(follower: Following) -> None:
    """It says whether there was anything, and reads only what it does not know."""
    assert not follower.refresh()
    written = session_on().append("ticked", "a")
    assert follower.refresh()
    assert not follower.refresh()
    assert follower.progress.of("a").status == "done"
    assert follower.known() == {"after": written.seq, "last_id": written.id}


def test_what_was_redacted_is_forgotten(follower: Following) -> None:
    """An event that was read before holds its text no longer, and the progress neither."""
    noted = session_on().append("noted", "a", data={"note": "a secret"})
    follower.refresh()
    assert follower.progress.of("a").notes[0].data == {"note": "a secret"}
    session_on().redact(noted.seq, "typed by mistake")
    follower.refresh()
    assert follower.progress.of("a").notes[0].redacted
    assert "a secret" not in str(follower.events)


def test_a_revision_brings_its_plan(follower: Following) -> None:
    """The plan in force is the last one, the template that of the revision; the first plan stays known."""
    assert follower.template["name"] == "1.0"
    ana = session_on()
    made = plan_of("- [ ] A {#a}\n- [ ] C {#c}")
    ana.revise(made, template={"name": "renamed", "parts": []}, shown=ana.plan)
    assert follower.step("c").title == "C"
    assert follower.template["name"] == "renamed"
    assert [step.id for step in follower.plan.steps] == ["a", "b"]
    assert set(follower.plans) == {made.digest}


def test_a_step_that_is_not_there_is_told_with_the_nearest(follower: Following) -> None:
    """The journal is asked once more before a step counts as unknown."""
    session_on().add("Look", after="a")
    assert follower.step("added-look").title == "Look"
    with pytest.raises(UnknownStepError, match=r"staging/1\.0 has no step 'added-lok'.*did you mean 'added-look'"):
        follower.step("added-lok")


def test_a_step_is_found_however_its_id_is_typed(work: Workplace) -> None:
    """A decomposed id on the command line is the step's own in the journal."""
    key = registered("- [ ] a {#größe}")
    assert work.run("tick", key, unicodedata.normalize("NFD", "größe")) == 0
    assert work.run("note", key, "x", "--step", unicodedata.normalize("NFD", "größe")) == 0
    assert [event.step for event in session_on().events][1:] == ["größe", "größe"]


def test_a_run_that_ends_meanwhile_is_never_unknown(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end may come between what is read of the chain and of its row, which goes with it."""
    ana, run = session_on(KEY), events.new_id()
    runs.begin(ana, "green", run=run, folder=made.root / "nowhere", data={})
    other = Following(ana.journal, ana.runbook)
    assert list(other.progress.heard) == [run]
    heard = following.runs.heard

    def ends(*args: Any) -> Any:
        if ana.progress.of("green").run:
            runs.end(ana, "green", run, "passed", {"value": "12"})
        return heard(*args)

    monkeypatch.setattr(following.runs, "heard", ends)
    assert other.refresh()
    assert (other.progress.of("green").status, dict(other.progress.heard)) == ("done", {})


def test_a_long_runbook_is_worked_on_without_reading_all_of_it(
    work: Workplace, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps are drawn and ticked, its evidence is shown and its notebook found by the events that matter alone."""
    ana = session_on(registered("- [ ] A {#a evidence=file}\n- [ ] B {#b}"))
    proof = EvidenceFile(name="proof.txt", content=b"proof")
    ticked = ana.append("ticked", "a", file=proof)
    undone = ana.append("ticked", "b", file=EvidenceFile(name="old.txt", content=b"old"))
    ana.append("unticked", "b", data={"reason": "again"})
    for number in range(EVERY):
        ana.append("noted", "b", data={"note": f"note {number}"})
    monkeypatch.setattr(Following, "_replay_all", lambda *_, **__: pytest.fail("it reads all"))
    ben = session_on(operator="ben")
    assert "45 earlier notes: 'nbrunbook journal KEY' shows all" in section_text(
        ben.progress, ben.plan.sections[0].id, clock()
    )
    assert work.run("status", ben.key) == 0
    assert [ben.file(each.data["file"]) for each in (ticked, undone)] == [b"proof", b"old"]
    assert held(ben) == b"no notebook"
    ben.append("ticked", "b")
    assert ana.refresh()
    assert ana.progress.of("b").by == ben.progress.of("b").by
