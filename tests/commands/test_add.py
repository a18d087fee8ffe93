"""nbrunbook add."""

from __future__ import annotations

import json

from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

MARKDOWN = "## Do\n1. [ ] A {#a}\n\n   Its body.\n2. [ ] B {#b}\n"


def test_an_added_step_stands_where_it_was_put(work: Workplace, runbook: MakeRunbook) -> None:
    """It is told with its id, shown in `status` behind its neighbour, and ticked as any other."""
    key = runbook(MARKDOWN)
    assert work.run("add", key, "Look at *this*", "--after", "a") == 0
    assert work.out == "added-look-at-this: added by ana (declared) after a\n"
    assert work.run("status", key) == 0
    assert work.out.index("(a)") < work.out.index("[ ] Look at *this*  (added-look-at-this)") < work.out.index("(b)")
    assert "added by ana (declared)" in work.out
    assert work.run("tick", key, "added-look-at-this") == 0


def test_an_added_step_stands_in_the_record(work: Workplace, runbook: MakeRunbook) -> None:
    """The record shows it in its place, as text, with who added it; and the record holds."""
    key = runbook(MARKDOWN)
    assert work.run("add", key, "<b>Look</b> {{release}} [x](javascript:y)", "--after", "a") == 0
    steps = [step.id for step in session_on(key).progress.plan.steps]
    assert work.run("tick", key, *steps) == 0, work.err
    assert work.run("sign-off", key) == 0
    assert work.run("archive", key) == 0
    page = (find_project().records / f"{key}.html").read_text(encoding="utf-8")
    title = "&lt;b&gt;Look&lt;/b&gt; {{release}} [x](javascript:y)"
    behind = page[page.index("Its body.") :]
    assert behind.index(title) < behind.index('data-step="b"')
    assert "added by ana (declared)" in page
    assert work.run("verify", f"records/{key}.html") == 0


def test_an_added_step_is_told_to_machines(work: Workplace, runbook: MakeRunbook) -> None:
    """`status --json` lists it in its place, with who added it and who is on it."""
    key = runbook(MARKDOWN)
    assert work.run("add", key, "Look", "--after", "a") == 0
    assert work.run("take", key, "added-look") == 0
    assert work.run("status", key, "--json") == 0
    steps = json.loads(work.out)["runbooks"][0]["steps"]
    assert [step["id"] for step in steps] == ["a", "added-look", "b"]
    assert [step["added_by"] for step in steps] == [None, "ana", None]
    assert [step["taken_by"] for step in steps] == [None, "ana", None]


def test_a_step_cannot_be_added_to_what_is_over(work: Workplace, runbook: MakeRunbook) -> None:
    """A signed-off runbook has to be reopened first; an unknown neighbour and an empty title are refused."""
    key = runbook(MARKDOWN)
    assert work.run("add", key, "x", "--after", "c") == 1
    assert "expected" in work.err
    assert work.run("add", key, "  ") == 1
    assert "it has no title" in work.err
    assert work.run("tick", key, "a", "b") == 0
    assert work.run("sign-off", key) == 0
    assert work.run("add", key, "x") == 1
    assert "reopen it first" in work.err
