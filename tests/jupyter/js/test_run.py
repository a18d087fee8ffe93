"""The row of a step that the machine does: it shows where that stands, and asks for what is offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import CODE as ASSETS
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.status import Heard
from nbrunbook.work import runs
from tests.conftest import Workplace
from tests.jupyter.js.conftest import Panels
from tests.making import session_on
from tests.running import DECLARED

CODE = """@check("green", attempts=3, every="2s")
def green(): ...
@action("purge")
def purge(): ...
"""
STEPS = "## Steps\n- [ ] Green {#green}\n- [ ] Purge {#purge .irreversible}\n- [ ] Tell {#tell}\n"


@pytest.fixture
def row(work: Workplace, page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panels]:
    """The panel of a section with a check, an action and a step of a person's."""
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    template = work.template(STEPS, parameters=DECLARED, code=CODE)
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    live = Live(session_on(), find_project())
    live.stop()
    made = Panels(page, live)
    made.draw("checklist", "steps")
    yield made
    live.stop()


def _row(made: Panels, step: str) -> Locator:
    return made.page.locator(f'[data-step="{step}"]')


def _begun(made: Panels, step: str = "green", **heard: object) -> str:
    """Let a run begin, and be heard of."""
    session, run = made.live.session, events.new_id()
    runs.begin(session, step, run=run, folder=Path("nowhere"), data={})
    said = Heard(host="h", seconds=3.0, pid=1, lines=("one <b>", "two"), attempt=2)
    session.progress = replace(session.progress, heard={run: replace(said, **heard)})  # type: ignore[arg-type]
    made.show("checklist", "steps")
    return run


def _ended(made: Panels, run: str, kind: events.Kind, step: str = "green", **said: str) -> None:
    runs.end(made.live.session, step, run, kind, said)
    made.show("checklist", "steps")


def _reply(made: Panels, reply: str) -> None:
    made.page.evaluate(f"models.checklist.reply({reply})")


def _asked(made: Panels, ask: str) -> dict[str, Any]:
    """Wait until the panel has asked for something, and return its message."""
    made.page.wait_for_function("(ask) => models.checklist.asked().includes(ask)", arg=ask)
    found: dict[str, Any] = made.page.evaluate("(ask) => models.checklist.sent.find((each) => each.ask === ask)", ask)
    return found


def test_its_verb_is_where_it_begins(row: Panels) -> None:
    """A sign stands in place of the box; a click asks for a run, once, until there is an answer."""
    green = _row(row, "green")
    assert green.locator("input").count() == 0
    expect(green.locator(".nbr-sign-of-run")).to_have_attribute("aria-label", "Green: not done yet")
    expect(green.locator(".nbr-facts")).to_contain_text("check: 3 attempts, every 2s")
    verb = green.get_by_role("button", name="Check: Green")
    verb.click()
    assert row.sent() == [{"ask": "run", "step": "green", "bytes": []}]
    expect(verb).to_be_disabled()
    _reply(row, "{ answer: 'refused', why: 'ben was faster' }")
    expect(green.locator(":scope > .nbr-answer")).to_have_text("Not recorded, because ben was faster")
    expect(verb).to_be_enabled()
    assert _row(row, "tell").locator(".nbr-run, .nbr-output").count() == 0


def test_silence_is_looked_up(row: Panels) -> None:
    """What was not answered is asked for by the id that it was sent with: never is it shown as not begun."""
    green = _row(row, "green")
    row.page.evaluate("models.checklist.silent = true")
    green.get_by_role("button", name="Check: Green").click()
    row.page.clock.run_for(9_000)
    expect(green.locator(":scope > .nbr-answer")).to_contain_text("Not known yet whether it was recorded")
    row.page.evaluate("models.checklist.silent = false")
    row.page.clock.run_for(9_000)
    asked = row.page.evaluate("models.checklist.events().map(({ ask, event }) => [ask, event])")
    assert [ask for ask, _ in asked][:2] == ["run", "find"]
    assert len({event for _, event in asked}) == 1


def test_a_run_that_goes_on(row: Panels) -> None:
    """How long, who, the attempt and the last lines, as text; nothing but to stop it, which is asked for once."""
    _begun(row)
    green = _row(row, "green")
    assert green.get_attribute("data-run") == "running"
    expect(green.locator(".nbr-facts")).to_contain_text("attempt 2")
    expect(green.locator(".nbr-facts")).to_contain_text("started by ana (declared)")
    assert green.locator(".nbr-run-lines").inner_text() == "one <b>\ntwo"
    row.page.evaluate("models.checklist.get('view').steps.green.run.since = new Date(Date.now() - 5000).toISOString()")
    row.page.clock.run_for(3_000)
    expect(green.locator(".nbr-elapsed")).to_have_text("running for 8 s")
    green.get_by_role("button", name="Stop: Green").click()
    asked = row.page.evaluate("models.checklist.sent.map(({ ask }) => ask)")
    assert asked.count("stop") == 1
    expect(green.locator(":scope > .nbr-answer")).to_have_text("Asking it to stop…")
    _reply(row, "{ answer: 'unknown', why: 'the journal is away' }")
    expect(green.locator(":scope > .nbr-answer")).to_contain_text("Not known whether it was asked to stop")


def test_the_end_is_said_and_not_each_line(row: Panels) -> None:
    """A screen reader hears what came out, once; what was there before the page was opened is no news."""
    run = _begun(row)
    green = _row(row, "green")
    ended = green.locator(".nbr-run > [role=status]")
    expect(ended).to_have_text("")
    _ended(row, run, "failed", message="health is <i>red</i>")
    expect(ended).to_have_text("Green: failed. health is <i>red</i>")
    assert green.locator(".nbr-run-lines").is_hidden()
    expect(green.locator(".nbr-message")).to_have_text("health is <i>red</i>")
    row.draw("checklist", "steps", called="again")
    assert row.page.locator('[data-step="green"]').nth(1).locator(".nbr-run > [role=status]").inner_text() == ""


def test_what_it_wrote_is_fetched_when_it_is_unfolded(row: Panels) -> None:
    """As text, cut with words that say so; all of it is saved as a file."""
    _ended(row, _begun(row), "failed", message="red", output="wrote")
    green = _row(row, "green")
    green.locator("summary").click()
    run = row.live.session.progress.of("green").last.id  # type: ignore[union-attr]
    sent = _asked(row, "output")
    assert (sent["step"], sent["run"]) == ("green", run)
    told = "about: 'The end of it: 1 of 2.', log: true"
    reply = f"{{ answer: 'done', text: '<b>wrote', traceback: 'Traceback', {told} }}"
    row.page.evaluate(f"models.checklist.answer(models.checklist.sent.find(({{ ask }}) => ask === 'output'), {reply})")
    expect(green.locator(".nbr-cut")).to_contain_text("The end of it: 1 of 2.")
    assert green.locator(".nbr-output pre").all_inner_texts() == ["<b>wrote", "Traceback"]
    green.get_by_role("button", name="Save all of it").click()
    assert _asked(row, "log")["run"] == run
    green.locator("summary").click()
    expect(green.locator(".nbr-output pre").first).to_be_hidden()
    green.locator("summary").click()
    expect(green.locator(".nbr-output pre").first).to_be_visible()
    assert row.page.evaluate("models.checklist.asked().filter((ask) => ask === 'output').length") == 1


def test_what_passed_is_one_quiet_line(row: Panels) -> None:
    """Its value is evidence, a warning stays in sight, and it is checked again from the menu."""
    _ended(row, _begun(row), "warned", message="only 3 of 5", value="3", output="wrote")
    green = _row(row, "green")
    expect(green.locator(".nbr-evidence")).to_have_text("Evidence: 3")
    assert green.locator(".nbr-message").is_visible()
    assert green.locator(".nbr-output").is_hidden()
    assert green.locator(".nbr-verb").count() == 0
    green.locator("[aria-haspopup=menu]").click()
    green.get_by_role("menuitem", name="Check again: Green").click()
    assert row.sent()[-1] == {"ask": "run", "step": "green", "bytes": []}


def test_a_revision_may_give_a_step_back_to_a_person(row: Panels) -> None:
    """Then it has its box again."""
    _begun(row)
    view = row.live.view("checklist", "steps")
    del view["steps"]["green"]["run"]
    row.page.evaluate("(view) => models.checklist.set({ view })", view)
    green = _row(row, "green")
    assert green.locator("input.nbr-check").count() == 1
    assert green.locator(".nbr-run").is_hidden()


def test_the_count_and_what_confirms_are_seen(row: Panels) -> None:
    """Nothing of the count is under the buttons beside it, and to confirm is in sight as to run once more is."""
    row.page.add_style_tag(content=str(ASSETS["css"]))
    _ended(row, _begun(row, "green"), "failed")
    count, verb = row.page.locator(".nbr-count"), _row(row, "green").locator(".nbr-verb")
    expect(verb).to_have_text("Check again")
    said = count.bounding_box()
    assert said
    seen = "(count, [x, y]) => document.elementFromPoint(x, y) === count"
    for x in (said["x"] + 1, said["x"] + said["width"] - 1):
        assert count.evaluate(seen, [x, said["y"] + said["height"] / 2])
