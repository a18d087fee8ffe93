"""The keyboard: from step to step, one stop a step for Tab, and the list of keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from nbrunbook.jupyter.panel import CODE
from tests.jupyter.js.conftest import MakePanels, Panels

STEPS = """\
# One
- [ ] A [link](https://example.com) {#a}
- [ ] Group: {#g .group}
  - [ ] B {#b}

# Two
- [ ] C {#c after=a}
- [ ] D {#d}
"""


def drawn(panels: MakePanels, steps: str = STEPS) -> Panels:
    """Draw all panels of a runbook with two sections."""
    made = panels(steps)
    made.draw("header")
    for section in ("one", "two"):
        made.draw("checklist", section, called=section)
    made.draw("sign-off")
    return made


def at(page: Page) -> tuple[str, str]:
    """Return the step that has the focus, and what in it."""
    found = page.evaluate("""() => {
      const at = document.activeElement;
      return [at.closest("[data-step]")?.dataset.step ?? "", at.type || at.tagName];
    }""")
    return found[0], found[1]


def test_arrows_lead_from_step_to_step(panels: MakePanels) -> None:
    """Over sections and panels; to a step that cannot be clicked, too; Home and End to the ends."""
    page = drawn(panels).page
    page.locator("[data-step=a] input").focus()
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Home", "End"):
        page.keyboard.press(key)
        seen.append(at(page))
    assert [step for step, _ in seen] == ["g", "b", "c", "d", "d", "c", "a", "d"]
    assert [what for _, what in seen][:4] == ["LI", "checkbox", "LI", "checkbox"]


def test_tab_stops_once_at_a_step(panels: MakePanels) -> None:
    """What a step offers, and the links in it, are to the right of its box; Escape leads back to it."""
    page = drawn(panels).page
    page.locator("[data-step=a] input").focus()
    for step in ("g", "b", "c", "d"):
        page.keyboard.press("Tab")
        assert at(page)[0] == step
    page.keyboard.press("Shift+Tab")
    assert at(page) == ("c", "LI")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert at(page) == ("a", "A")
    page.keyboard.press("ArrowRight")
    assert at(page) == ("a", "button")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert at(page) == ("a", "checkbox")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert at(page) == ("a", "checkbox")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    assert at(page)[0] == "g"


@pytest.mark.parametrize("body", ["```\n  ls\n  ```", "| a |\n  |---|\n  | b |"])
def test_what_does_not_scroll_lets_the_keys_pass(panels: MakePanels, body: str) -> None:
    """Code and tables that fit keep no arrow for themselves: what the step offers is behind them."""
    page = drawn(panels, f"# One\n- [ ] A {{#a}}\n\n  {body}\n\n# Two\n- [ ] B {{#b}}\n").page
    page.locator("[data-step=a] input").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="More: A")).to_be_focused()


def test_what_scrolls_has_the_keys_until_its_end(panels: MakePanels) -> None:
    """A long line of code is read to its end by the arrow, which then leads on."""
    page = drawn(panels, f"# One\n- [ ] A {{#a}}\n\n  ```\n  {'x' * 400}\n  ```\n\n# Two\n- [ ] B {{#b}}\n").page
    page.add_style_tag(content=CODE["css"])
    code = page.locator("[data-step=a] pre")
    code.focus()
    page.keyboard.press("ArrowRight")
    expect(code).to_be_focused()
    code.evaluate("(each) => { each.scrollLeft = each.scrollWidth; }")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Copy")).to_be_focused()


def test_the_stop_follows_what_can_be_done(panels: MakePanels) -> None:
    """A box that becomes free is where Tab stops, and what is drawn anew has one stop, too."""
    made = drawn(panels)
    page = made.page
    expect(page.locator("[data-step=c]")).to_have_attribute("tabindex", "0")
    made.live.session.append("ticked", "a")
    made.show("checklist", "two", called="two", drawn=True)
    expect(page.locator("[data-step=c]")).to_have_attribute("tabindex", "-1")
    expect(page.locator("[data-step=c] input")).to_have_attribute("tabindex", "0")


def test_keys_that_are_typed_are_words(panels: MakePanels) -> None:
    """Where somebody types, arrows, n, / and ? belong to the text."""
    page = drawn(panels).page
    page.locator("[data-step=a] input").focus()
    page.get_by_role("button", name="Handover note").click()
    page.keyboard.type("n/? ")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Note for whoever")).to_have_value("n/? ")
    expect(page.get_by_label("Note for whoever")).to_be_focused()
    expect(page.locator("dialog")).to_have_count(0)


def test_n_leads_to_what_can_be_done(panels: MakePanels) -> None:
    """From wherever in the panels, as the button does."""
    page = drawn(panels).page
    page.locator("[data-step=d] input").focus()
    page.keyboard.press("n")
    expect(page.locator("[data-step=a] input")).to_be_focused()


def test_a_list_of_keys(panels: MakePanels) -> None:
    """Behind ? and its button; Escape and ? close it, and the focus is where it was."""
    page = drawn(panels).page
    page.locator("[data-step=d] input").focus()
    keys = page.get_by_role("dialog", name="Keys")
    for close in ("Escape", "?"):
        page.keyboard.press("?")
        expect(keys).to_contain_text("find a step")
        page.keyboard.press(close)
        expect(keys).to_have_count(0)
        expect(page.locator("[data-step=d] input")).to_be_focused()
    page.get_by_role("button", name="List of keys").click()
    keys.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="List of keys")).to_be_focused()
