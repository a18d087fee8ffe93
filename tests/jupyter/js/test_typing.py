"""Forms and keys: what is typed is kept, and no key of a text records anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.clicking import choose
from tests.jupyter.js.conftest import MakePanels, Panels

STEPS = """\
## Steps
- [ ] Mail {#mail}
- [ ] Ask {#ask evidence="who agreed"}
- [ ] Drop {#drop .irreversible}
- [ ] Show {#show .approval}
"""


@pytest.fixture
def made(panels: MakePanels) -> Panels:
    """A checklist of some steps."""
    drawn = panels(STEPS)
    drawn.draw("checklist", "steps")
    return drawn


def _row(page: Page, step: str) -> Locator:
    return page.locator(f'[data-step="{step}"]')


def _asked(made: Panels) -> list[str]:
    return [each["ask"] for each in made.sent()]


def test_what_is_typed_is_the_reason(made: Panels) -> None:
    """The text has the focus, not the first ready reason, which a blank would press."""
    choose(_row(made.page, "mail"), "Skip")
    made.page.keyboard.type("no screenshot")
    expect(_row(made.page, "mail").locator("input[type=text]")).to_have_value("no screenshot")
    assert _asked(made) == []
    made.page.keyboard.press("Enter")
    assert [(each["ask"], each["reason"]) for each in made.sent()] == [("skip", "no screenshot")]


def test_a_blank_presses_nothing_that_records(made: Panels) -> None:
    """A ready reason, and what sends a form, want a click or Enter; Cancel is pressed as ever."""
    row = _row(made.page, "mail")
    choose(row, "Skip")
    for name in ("already done", "Skip"):
        row.locator(".nbr-form").get_by_role("button", name=name, exact=True).focus()
        made.page.keyboard.press("Space")
    assert _asked(made) == []
    row.get_by_role("button", name="Cancel").focus()
    made.page.keyboard.press("Space")
    expect(row.locator(".nbr-form")).to_have_count(0)
    choose(row, "Skip")
    row.get_by_role("button", name="already done").focus()
    made.page.keyboard.press("Enter")
    assert [each["reason"] for each in made.sent()] == ["already done"]


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_pressed_twice_records_nothing_that_asks(made: Panels, key: str) -> None:
    """What asks first has the focus on the question or the text: the same key again confirms nothing."""
    for step in ("drop", "ask"):
        _row(made.page, step).locator("input.nbr-check").focus()
        made.page.keyboard.press(key)
        made.page.keyboard.press(key)
    assert [each for each in made.sent() if each["step"] == "drop"] == []
    assert [each for each in made.sent() if each.get("evidence", "").strip()] == []


def test_a_done_box_pressed_twice_stays_done(made: Panels) -> None:
    """The second blank stands in the reason that is asked for."""
    made.live.session.append("ticked", "mail")
    made.show("checklist", "steps")
    _row(made.page, "mail").locator("input.nbr-check").focus()
    made.page.keyboard.press("Space")
    made.page.keyboard.press("Space")
    assert _asked(made) == []


@pytest.mark.parametrize("name", ["More", "Approve"])
def test_a_key_that_is_held_presses_once(made: Panels, name: str) -> None:
    """The repetitions of one key do not press what it has brought."""
    _row(made.page, "show").get_by_role("button", name=name).focus()
    for _ in range(4):
        made.page.keyboard.down("Enter")
    made.page.keyboard.up("Enter")
    assert _asked(made) == (["approve"] if name == "Approve" else [])


def test_a_held_blank_is_typed(made: Panels) -> None:
    """In a text a repetition is what it is."""
    choose(_row(made.page, "mail"), "Note")
    for _ in range(3):
        made.page.keyboard.down("Space")
    expect(_row(made.page, "mail").locator("input[type=text]")).to_have_value("   ")


def test_after_an_answer_no_key_records(made: Panels) -> None:
    """The focus stays in the row, on nothing that could be pressed."""
    made.live.session.append("ticked", "mail")
    made.show("checklist", "steps")
    row = _row(made.page, "mail")
    row.locator("input.nbr-check").click()
    made.page.keyboard.type("by mistake")
    made.page.keyboard.press("Enter")
    made.live.session.append("unticked", "mail", data={"reason": "by mistake"})
    made.show("checklist", "steps")
    made.page.evaluate("models.checklist.reply({ answer: 'done' })")
    expect(row).to_be_focused()
    for key in ("Enter", "Space"):
        made.page.keyboard.press(key)
    assert _asked(made) == ["untick"]


def test_not_recorded_goes_once_another_settles_the_step(made: Panels) -> None:
    """What was refused is no news when the step is done."""
    row = _row(made.page, "mail")
    row.locator("input.nbr-check").click()
    made.page.evaluate("models.checklist.reply({ answer: 'refused', why: 'the journal is busy' })")
    expect(row.locator(".nbr-answer")).to_have_text("Not recorded, because the journal is busy")
    made.live.session.append("ticked", "mail")
    made.show("checklist", "steps")
    expect(row.locator(".nbr-answer")).to_have_text("")


def _again(made: Panels) -> None:
    """Draw the panel as another kernel's page would: the old one is gone, and nothing of it is left."""
    made.page.evaluate("() => { models.checklist.close(); document.body.replaceChildren(); delete models.checklist; }")
    made.draw("checklist", "steps")


def test_what_is_typed_outlives_its_kernel(made: Panels) -> None:
    """A form that was being filled is there again with its words; the focus is where somebody has put it since."""
    _row(made.page, "ask").locator("input.nbr-check").click()
    made.page.keyboard.type("Kim, by phone")
    made.page.evaluate("document.activeElement.blur()")
    _again(made)
    expect(_row(made.page, "ask").locator("input[type=text]")).to_have_value("Kim, by phone")
    assert made.page.evaluate("document.activeElement === document.body")
    made.page.get_by_role("button", name="Cancel").click()
    _again(made)
    expect(made.page.locator(".nbr-form")).to_have_count(0)


def test_who_types_goes_on_typing(made: Panels) -> None:
    """Keys must not go to Jupyter, where they cut cells, when a panel is drawn anew under somebody's hands."""
    choose(_row(made.page, "mail"), "Note")
    made.page.keyboard.type("half a sen")
    _again(made)
    made.page.keyboard.type("tence")
    expect(_row(made.page, "mail").locator("input[type=text]")).to_have_value("half a sentence")


def test_what_is_typed_is_forgotten_where_it_cannot_be_said(made: Panels) -> None:
    """Somebody else has settled the step meanwhile: nothing opens by itself, and nothing is ever sent by itself."""
    choose(_row(made.page, "mail"), "Skip")
    made.page.keyboard.type("not here")
    made.live.session.append("ticked", "mail")
    _again(made)
    expect(made.page.locator(".nbr-form")).to_have_count(0)
    assert _asked(made) == []
    made.live.session.append("unticked", "mail", data={"reason": "x"})
    _again(made)
    expect(made.page.locator(".nbr-form")).to_have_count(0)


def test_an_added_step_is_typed_on(made: Panels) -> None:
    """The form behind a step keeps its words, too."""
    choose(_row(made.page, "ask"), "Add")
    made.page.keyboard.type("Warm the cache")
    _again(made)
    expect(_row(made.page, "ask").locator("input[type=text]")).to_have_value("Warm the cache")
    made.page.keyboard.press("Enter")
    assert made.sent() == [{"ask": "add", "step": "ask", "title": "Warm the cache", "after": "ask", "bytes": []}]


@pytest.mark.parametrize("reply", ["{ answer: 'done' }", "{ answer: 'refused', why: 'ben was faster' }"])
def test_an_answer_takes_the_focus_from_nobody(made: Panels, reply: str) -> None:
    """Whoever goes on at another step while a slow journal answers keeps typing there."""
    _row(made.page, "mail").locator("input.nbr-check").focus()
    made.page.keyboard.press("Space")
    expect(_row(made.page, "mail").locator("input.nbr-check")).to_be_disabled()
    choose(_row(made.page, "ask"), "Note")
    made.page.keyboard.type("half a sen")
    made.page.evaluate(f"models.checklist.reply({reply})")
    expect(_row(made.page, "mail").locator("input.nbr-check")).to_be_enabled()
    made.page.keyboard.type("tence")
    expect(_row(made.page, "ask").locator("input[type=text]")).to_have_value("half a sentence")
