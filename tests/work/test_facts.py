"""Facts of a runbook and its progress, as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.status import REDACTED
from nbrunbook.work.facts import runbook_facts
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook, Workplace
from tests.making import plan_of, registered, session_on


def facts(session: Session) -> dict[str, Any]:
    """Return a runbook's facts as whoever reads the JSON gets them."""
    found: dict[str, Any] = json.loads(json.dumps(runbook_facts(session, find_project())))
    return found


def of_step(session: Session, step: str) -> dict[str, Any]:
    """Return the facts of one step."""
    return next(each for each in facts(session)["steps"] if each["id"] == step)


@pytest.fixture
def ana(work: Workplace) -> Session:
    """Ana at work on a runbook."""
    text = (
        '- [ ] A {#a evidence="link" as=link}\n- [ ] B {{link}} {#b due=0m owner=ops}\n- [ ] C {#c after=b .optional}'
    )
    return session_on(registered(text))


def test_what_a_runbook_is_and_how_far(ana: Session) -> None:
    """Which release it is and where, how many steps are settled, what is late, what waits, and whose steps are open."""
    found = facts(ana)
    del found["steps"]
    assert found.pop("overdue") == ["b"]
    assert list(found.pop("waiting")) == ["c"]
    assert found == {
        "runbook": "staging/1.0",
        "release": "1.0",
        "environment": "staging",
        "state": "open",
        "settled": 0,
        "total": 3,
        "owners": ["ops"],
        "revision_waits": False,
    }


def test_an_open_step_says_nothing_of_who_settled_it(ana: Session) -> None:
    """What is not known is null, and never an empty text."""
    assert of_step(ana, "a") == {
        "id": "a",
        "kind": "manual",
        "title": "A",
        "status": "open",
        "reworded": False,
        "notes": [],
        **dict.fromkeys(("by", "known", "at", "for", "reason", "evidence", "settled_in", "taken_by", "added_by")),
    }


def test_a_settled_step_says_by_whom_when_and_for_whom(ana: Session) -> None:
    """The evidence stands with its step, and in the titles that use it."""
    event = ana.append("ticked", "a", data={"evidence": "https://e.com", "for": "kim"})
    found = of_step(ana, "a")
    assert (found["status"], found["by"], found["known"], found["for"]) == ("done", "ana", "declared", "kim")
    assert (found["at"], found["evidence"]) == (events.instant(event.at), "https://e.com")
    assert of_step(ana, "b")["title"] == "B https://e.com"


def test_who_is_busy_and_who_added_a_step_are_told(ana: Session) -> None:
    """A step that nobody foresaw, and one that somebody is on, name their operators."""
    ana.append("taken", "c")
    added = ana.add("Look", after="a").step
    assert (of_step(ana, "c")["taken_by"], of_step(ana, added)["added_by"]) == ("ana", "ana")
    assert of_step(ana, "c")["added_by"] is None


def test_what_was_redacted_is_told_as_that(ana: Session) -> None:
    """A reason and a note that were blanked are not there, and are no null: somebody did write them."""
    skipped = ana.append("skipped", "c", data={"reason": "hunter2"})
    ana.append("noted", "c", data={"note": "seen"})
    noted = ana.append("noted", "c", data={"note": "hunter2"})
    assert (of_step(ana, "c")["reason"], of_step(ana, "c")["notes"]) == ("hunter2", ["seen", "hunter2"])
    for each in (skipped, noted):
        ana.redact(each.seq, "a password")
    found = of_step(ana, "c")
    assert (found["status"], found["reason"], found["notes"]) == ("skipped", REDACTED, ["seen", REDACTED])


def test_a_step_that_was_settled_elsewhere_names_the_runbook(work: Workplace) -> None:
    """What eu ticked once for the group is done in us by the same operator, and says where."""
    config = "".join(f'[tool.nbrunbook.environments.{each}]\ngroup = "production"\n' for each in ("eu", "us"))
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{config}', encoding="utf-8")
    eu, us = (session_on(registered("- [ ] A {#a .once}", key=f"{each}/1.0")) for each in ("eu", "us"))
    eu.append("ticked", "a")
    us.refresh()
    assert (of_step(us, "a")["status"], of_step(us, "a")["by"], of_step(us, "a")["settled_in"]) == (
        "done",
        "ana",
        "eu/1.0",
    )
    assert of_step(eu, "a")["settled_in"] is None


def test_a_settled_step_that_reads_otherwise_says_so(ana: Session) -> None:
    """Who reads `done` has to know that it is to be confirmed."""
    ana.append("ticked", "a", data={"evidence": "https://e.com"})
    made = plan_of('- [ ] A, otherwise {#a evidence="link" as=link}')
    ana.revise(made, shown=ana.plan, template={"name": "1.0", "parts": []})
    assert (of_step(ana, "a")["status"], of_step(ana, "a")["reworded"]) == ("done", True)


def test_a_revision_that_waits_is_told(work: Workplace, runbook: MakeRunbook) -> None:
    """A machine learns from the facts that the template on disk gives other steps by now."""
    session = session_on(runbook("- [ ] A {#a}"))
    work.template("- [ ] B {#b}")
    assert facts(session)["revision_waits"] is True
