"""A step's menu: by the pointer and by keys, as the WAI-ARIA pattern of a menu button has it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from nbrunbook.jupyter.panel import CODE
from tests.jupyter.js.conftest import MakePanels, Panels

FOCUSED = "document.activeElement.textContent"


@pytest.fixture
def made(panels: MakePanels) -> Panels:
    """A section with one step."""
    drawn = panels("## Steps\n- [ ] Mail {#mail}")
    drawn.page.add_style_tag(content=str(CODE["css"]))
    drawn.draw("checklist", "steps")
    return drawn


def _more(made: Panels) -> Locator:
    return made.page.get_by_role("button", name="More: Mail", exact=True)


def test_a_menu_opens_and_closes_by_clicks(made: Panels) -> None:
    """A click opens it, a second one or one beside it closes it; a choice asks what it has to."""
    more, menu = _more(made), made.page.get_by_role("menu")
    for away in (more, made.page.locator(".nbr-title")):
        more.click()
        expect(menu).to_be_visible()
        expect(more).to_have_attribute("aria-expanded", "true")
        away.click(force=True)
        expect(menu).to_have_count(0)
        expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    made.page.get_by_role("menuitem", name="Note: Mail").click()
    expect(menu).to_have_count(0)
    expect(made.page.get_by_label("Note", exact=True)).to_be_focused()


def test_a_menu_is_used_by_keys(made: Panels) -> None:
    """Arrows open it, lead round and to its ends, a letter leads to a word; Escape leads back to the button."""
    more, keys = _more(made), made.page.keyboard
    more.focus()
    keys.press("ArrowUp")
    seen = [made.page.evaluate(FOCUSED)]
    for key in ("ArrowDown", "End", "Home", "ArrowUp", "n"):
        keys.press(key)
        seen.append(made.page.evaluate(FOCUSED))
    assert seen == ["Add…", "Skip…", "Add…", "Skip…", "Add…", "Note…"]
    keys.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    keys.press("Enter")
    expect(made.page.get_by_role("menuitem", name="Skip")).to_be_focused()
    keys.press("Enter")
    expect(made.page.get_by_label("Reason")).to_be_focused()
    assert made.sent() == []


def test_a_menu_is_never_cut(made: Panels) -> None:
    """In a narrow place at the end of the window, which hides what is too long for it, the menu is seen whole."""
    made.page.set_viewport_size({"width": 300, "height": 200})
    made.page.locator(".nbr").evaluate(
        "(each) => Object.assign(each.parentElement.style, "
        "{ position: 'fixed', bottom: 0, left: 0, right: 0, overflow: 'hidden', height: '40px' })"
    )
    _more(made).click()
    at = made.page.get_by_role("menu").bounding_box()
    assert at
    assert at["x"] >= 0
    assert at["y"] >= 0
    assert at["x"] + at["width"] <= 300
    assert at["y"] + at["height"] <= 200


def test_a_menu_closes_when_its_step_is_drawn_anew(panels: MakePanels) -> None:
    """The focus is its button's then, which opens it again; so does one whose cell Jupyter took off the page."""
    made = panels("## Steps\n- [ ] Count {#count as=total evidence=total}\n- [ ] Mail {#mail}\n  Of {{total}}.")
    made.draw("checklist", "steps")
    more, menu = _more(made), made.page.get_by_role("menu")
    more.click()
    made.live.session.append("ticked", "count", data={"evidence": "7"})
    made.show("checklist", "steps", drawn=True)
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(menu).to_be_visible()
    made.page.locator(".nbr").evaluate("(cell) => cell.parentElement.replaceChildren(cell)")
    expect(menu).to_be_hidden()
    more.click()
    expect(menu).to_be_visible()
    made.live.session.append("taken", "mail")
    made.show("checklist", "steps")
    expect(menu).to_be_hidden()
    expect(_more(made)).to_be_focused()
