"""A step's row: it shows what the kernel offers, and keeps what somebody types."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from nbrunbook.errors import RefusedError
from nbrunbook.jupyter.panel import CODE
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.runbook.times import marked
from tests.clicking import choose
from tests.jupyter.js.conftest import MakePanels, OpenPage, Panels
from tests.making import session_on

STEPS = """\
## Steps
- [ ] Mail {#mail}
- [ ] Ask {#ask evidence="who agreed"}
- [ ] Drop {#drop .irreversible}
- [ ] Renew {#renew}
"""


def _row(page: Page, step: str) -> Locator:
    return page.locator(f'[data-step="{step}"]')


def _buttons(page: Page, step: str) -> list[str]:
    row = _row(page, step)
    row.locator("[aria-haspopup=menu]").click()
    found = row.locator(".nbr-actions > button:not([aria-haspopup]), [role=menuitem]").all_text_contents()
    page.keyboard.press("Escape")
    return found


def _drawn(panels: MakePanels, markdown: str = STEPS) -> Panels:
    made = panels(markdown)
    made.draw("checklist", "steps")
    return made


def _reply(panels: Panels, reply: str) -> None:
    panels.page.evaluate(f"models.checklist.reply({reply})")


def test_a_box_changes_only_when_the_journal_says_so(panels: MakePanels) -> None:
    """A click asks for a tick; the box stays as it is, and takes no second click, until the kernel's view is here."""
    made = _drawn(panels)
    box = _row(made.page, "mail").locator("input.nbr-check")
    box.click()
    assert [(each["ask"], each["step"]) for each in made.sent()] == [("tick", "mail")]
    assert [box.is_checked(), box.is_disabled()] == [False, True]
    expect(_row(made.page, "mail").locator(".nbr-answer")).to_have_text("Writing it to the journal…")
    made.live.session.append("ticked", "mail")
    made.show("checklist", "steps")
    assert [box.is_checked(), box.is_disabled()] == [True, True]
    _reply(made, "{ answer: 'done' }")
    expect(box).to_be_enabled()
    expect(_row(made.page, "mail").locator(".nbr-answer")).to_have_text("")


def test_a_refusal_leaves_the_form(panels: MakePanels) -> None:
    """What was typed is still there to be mended, and the reason stands beside it."""
    made = _drawn(panels)
    row = _row(made.page, "ask")
    row.locator("input.nbr-check").click()
    row.locator("input[type=text]").fill("Kim")
    row.get_by_role("button", name="Record as done").click()
    assert made.sent()[-1] == {"ask": "tick", "step": "ask", "evidence": "Kim", "name": "", "bytes": []}
    _reply(made, "{ answer: 'refused', why: 'ben was faster' }")
    expect(row.locator(".nbr-answer")).to_have_text("Not recorded, because ben was faster")
    expect(row.locator("input[type=text]")).to_have_value("Kim")


def test_buttons_are_there_under_the_pointer(panels: MakePanels) -> None:
    """At rest only those of the step that is next are seen; those of a group not while one of its own is pointed at."""
    made = _drawn(
        panels, "## Steps\n- [ ] Mail {#mail}\n- [ ] Checks {#checks .group}\n  - [ ] One {#one}\n- [ ] End {#end}"
    )
    made.page.add_style_tag(content=str(CODE["css"]))
    made.draw("header")
    made.page.mouse.move(1, 1)

    def seen() -> list[str]:
        script = "(each) => getComputedStyle(each.querySelector('.nbr-actions')).opacity === '1'"
        return [step for step in ("mail", "checks", "one", "end") if _row(made.page, step).evaluate(script)]

    assert seen() == ["mail"]
    _row(made.page, "checks").hover(position={"x": 60, "y": 8})
    assert seen() == ["mail", "checks"]
    _row(made.page, "one").hover()
    assert seen() == ["mail", "one"]


def test_buttons_are_what_is_offered(panels: MakePanels) -> None:
    """The script adds none and hides none but those that are for somebody else."""
    made = _drawn(panels)
    assert _buttons(made.page, "mail") == ["I am on it", "Skip…", "Note…", "Add…"]
    made.live.session.append("taken", "mail")
    made.live.session.append("ticked", "drop")
    made.show("checklist", "steps")
    assert _buttons(made.page, "mail") == ["Not on it any more", "Skip…", "Note…", "Add…"]
    assert _buttons(made.page, "drop") == ["Note…", "Add…"]
    assert _row(made.page, "drop").locator("input.nbr-check").get_attribute("title") == (
        "it cannot be undone; write a note on what happens next"
    )
    made.page.evaluate("models.checklist.operator = 'ben'")
    made.page.clock.run_for(3000)
    expect(_row(made.page, "mail").locator(".nbr-actions button").first).to_have_text("I am on it")


def test_nothing_can_be_clicked_while_the_kernel_is_silent(panels: MakePanels) -> None:
    """Boxes and buttons wait until it answers again; a form can still be cancelled."""
    made = _drawn(panels)
    row = _row(made.page, "mail")
    choose(row, "Skip")
    made.page.evaluate("models.checklist.silent = true")
    made.page.clock.run_for(12_000)
    expect(made.page.locator(".nbr-alarm")).to_have_text(
        "No answer from the kernel: nothing can be recorded now. "
        "If it does not come back, choose Run > Run All Cells: what the journal holds is shown again."
    )
    assert row.locator("button:enabled:visible").all_inner_texts() == ["Cancel"]
    assert made.page.locator("input.nbr-check:enabled").count() == 0
    made.page.evaluate("models.checklist.silent = false")
    made.page.clock.run_for(12_000)
    expect(row.locator("input.nbr-check")).to_be_enabled()


def test_forms_keep_what_was_typed_over_a_redraw(panels: MakePanels) -> None:
    """While the text is drawn anew, a form keeps its words, its focus and its place."""
    made = _drawn(panels, "## Steps\n- [ ] A {#a evidence=text as=said}\n- [ ] B {{said}} {#b}")
    row = _row(made.page, "b")
    choose(row, "Note")
    made.page.keyboard.type("half a sen")
    made.live.session.append("ticked", "a", data={"evidence": "blue"})
    made.show("checklist", "steps", drawn=True)
    expect(row).to_contain_text("B blue")
    made.page.keyboard.type("tence")
    expect(row.locator("input[type=text]")).to_have_value("half a sentence")
    made.page.keyboard.press("Enter")
    assert made.sent()[-1] == {"ask": "note", "step": "b", "note": "half a sentence", "bytes": []}


def test_a_form_that_came_too_late_cannot_be_sent(panels: MakePanels) -> None:
    """Once somebody else has settled the step a skip is not offered any more; a note still is."""
    made = _drawn(panels)
    for step, name in (("mail", "Skip"), ("renew", "Note")):
        choose(_row(made.page, step), name)
        _row(made.page, step).locator("input[type=text]").fill("words")
        session_on(operator="ben").append("ticked", step)
    made.live.session.refresh()
    made.show("checklist", "steps")
    assert _row(made.page, "mail").locator(".nbr-form button:enabled").all_inner_texts() == ["Cancel"]
    assert _row(made.page, "renew").locator(".nbr-form button:enabled").all_inner_texts() == ["Add note", "Cancel"]


def test_what_cannot_be_undone_asks_again(panels: MakePanels) -> None:
    """The form says so, and who else is on it; nothing is sent before its button."""
    made = _drawn(panels)
    session_on(operator="ben").append("taken", "drop")
    made.live.session.refresh()
    made.show("checklist", "steps")
    _row(made.page, "drop").locator("input.nbr-check").click()
    expect(_row(made.page, "drop").locator("strong")).to_have_text("ben is on it. This cannot be undone.")
    assert made.sent() == []
    _row(made.page, "drop").get_by_role("button", name="Yes, “Drop” was done").click()
    assert [each["ask"] for each in made.sent()] == ["tick"]


def test_a_ready_reason_is_one_click(panels: MakePanels) -> None:
    """Skip and Undo ask why, in the kernel's words, and a ready answer is sent as it stands."""
    made = _drawn(panels)
    row = _row(made.page, "mail")
    choose(row, "Skip")
    expect(row.locator("strong")).to_have_text("Why is it skipped?")
    row.get_by_role("button", name="already done").click()
    assert made.sent()[-1] == {"ask": "skip", "step": "mail", "reason": "already done", "bytes": []}


def test_time_is_counted_down_here(panels: MakePanels) -> None:
    """How long a step waits changes each second without a word from the kernel; the sentence is in the tooltip."""
    made = _drawn(panels)
    until = datetime(2030, 1, 1, 0, 50, tzinfo=UTC)
    instant = marked(until)(until)
    view = {
        "waiting": f"it waits until {instant}",
        "lock": f"until {instant}",
        "waiting_until": "2030-01-01T00:50:00Z",
    }
    made.page.evaluate(
        """(step) => {
          const { view } = models.checklist.values;
          models.checklist.set({ view: { ...view, steps: { ...view.steps, mail: { ...view.steps.mail, ...step } } } });
        }""",
        view,
    )
    waiting = _row(made.page, "mail").locator(".nbr-waiting")
    before = waiting.inner_text()
    made.page.clock.run_for(2000)
    assert (before, waiting.inner_text()) == (
        "waits 50 min 0 s, until 1 Jan 00:50",
        "waits 49 min 58 s, until 1 Jan 00:50",
    )
    assert waiting.get_attribute("title") == "Not yet: it waits until 1 Jan 00:50 (another 49 min 58 s)"


def test_each_browser_tells_its_own_zone(panels: MakePanels, open_page: OpenPage) -> None:
    """Two browsers in front of one kernel show what was done, and why something is refused, each in its zone."""
    made = _drawn(panels)
    session = made.live.session
    done = session.append("ticked", "mail")
    with pytest.raises(RefusedError) as refused:
        session.append("ticked", "mail")
    for zone in ("America/New_York", "Asia/Kathmandu"):
        there = Panels(open_page(zone=zone), made.live)
        there.page.clock.set_fixed_time(done.at)
        there.draw("checklist", "steps")
        at = done.at.astimezone(ZoneInfo(zone))
        told = f"{at.day} {at:%b %H:%M}"
        row = _row(there.page, "mail")
        expect(row.locator(".nbr-line")).to_have_text(f"done by ana (declared), {told}")
        assert row.locator("time").get_attribute("datetime") == events.instant(done.at)
        _row(there.page, "renew").locator("input.nbr-check").click()
        there.page.evaluate("(why) => models.checklist.reply({ answer: 'refused', why })", refused.value.why)
        expected = f"Not recorded, because already done by ana, {told}"
        expect(_row(there.page, "renew").locator(".nbr-answer")).to_have_text(expected)
        assert "\0" not in there.page.content()


def test_a_tooltip_and_a_name_hold_no_mark(panels: MakePanels) -> None:
    """Where there are no elements, an instant is told as text."""
    made = _drawn(panels)
    at = datetime(2030, 1, 1, 0, 50, tzinfo=UTC)
    made.page.evaluate(
        """(held) => {
          const { view } = models.checklist.values;
          models.checklist.set({ view: { ...view, steps: { ...view.steps, mail: { ...view.steps.mail, held } } } });
        }""",
        f"already done, {marked(at)(at)}",
    )
    expect(_row(made.page, "mail").locator("input.nbr-check")).to_have_attribute("title", "already done, 1 Jan 00:50")


def test_mine_are_shown_and_the_rest_is_counted(panels: MakePanels) -> None:
    """A step that is not wanted is hidden, unless one below it is; the number of the hidden ones is told."""
    text = '## Steps\n- [ ] A {#a owner=ops}\n  - [ ] A1 {#a1 owner="release manager"}\n- [ ] B {#b owner=ops}'
    made = _drawn(panels, text)
    assert find_project().owners == {"Release Manager": ("ana",)}
    made.draw("header")
    made.page.get_by_label("Show").select_option(label="mine")
    shown = [each.get_attribute("data-step") for each in made.page.locator("[data-step]:not(.nbr-unwanted)").all()]
    assert shown == ["a", "a1"]
    expect(made.page.locator(".nbr-hides")).to_contain_text("1 of somebody else's not shown here")
