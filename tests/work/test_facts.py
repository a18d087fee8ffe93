"""Facts: a runbook and its progress as JSON."""

from __future__ import annotations

import json

from nbrunbook.project.settings import find_project
from nbrunbook.work.facts import runbook_facts
from nbrunbook.work.session import Session


def test_each_step_says_what_became_of_it(ana: Session) -> None:
    """Who, how known, for whom, with which evidence or reason; and who added it or is on it."""
    ana.append("ticked", "board", data={"evidence": "https://e.com", "for": "kim"})
    ana.append("skipped", "mail", data={"reason": "not here"})
    ana.append("taken", "promote")
    ana.append("noted", "promote", data={"note": "soon"})
    added = ana.add("Look").step
    found = runbook_facts(ana, find_project())
    steps = {each["id"]: each for each in found["steps"]}
    assert json.loads(json.dumps(found)) == found
    assert (found["state"], found["settled"], found["total"]) == ("open", 2, 4)
    assert [steps["board"][name] for name in ("status", "by", "known", "for", "evidence", "reason")] == [
        "done", "ana", "declared", "kim", "https://e.com", None,
    ]  # fmt: skip
    assert (steps["mail"]["status"], steps["mail"]["reason"]) == ("skipped", "not here")
    assert (steps["promote"]["by"], steps["promote"]["taken_by"], steps["promote"]["notes"]) == (None, "ana", ["soon"])
    assert (steps[added]["title"], steps[added]["added_by"], steps["mail"]["added_by"]) == ("Look", "ana", None)


def test_what_was_redacted_says_so(ana: Session) -> None:
    """A mark stands in the place of a blanked reason or note."""
    skip = ana.append("skipped", "mail", data={"reason": "a secret"})
    note = ana.append("noted", "mail", data={"note": "a secret"})
    for event in (skip, note):
        ana.redact(event.seq, "typed by mistake")
    mail = next(each for each in runbook_facts(ana, find_project())["steps"] if each["id"] == "mail")
    assert (mail["reason"], mail["notes"]) == ("(redacted)", ["(redacted)"])
