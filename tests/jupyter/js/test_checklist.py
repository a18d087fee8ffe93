"""A section's panel: what is added, opened, and the way to the next step."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from nbrunbook.jupyter.panel import CODE
from tests.clicking import choose
from tests.jupyter.js.conftest import MakePanels

TWO = "## Steps\n- [ ] A {#a}\n- [ ] B {#b}\n## Way back {.if-needed #back}\n- [ ] C {#c}"


def test_a_step_is_added_where_the_kernel_allows_it(panels: MakePanels) -> None:
    """Behind which steps is the kernel's word; where there is none nothing is added."""
    made = panels(TWO)
    made.draw("checklist", "steps")
    choose(made.page.locator("[data-step=b]"), "Add")
    made.page.get_by_label("What is to be done after this?").fill("Look")
    made.page.get_by_role("button", name="Add this step").click()
    assert made.sent()[-1] == {"ask": "add", "step": "b", "title": "Look", "after": "b", "bytes": []}
    for step in ("a", "b"):
        made.live.session.append("ticked", step)
    made.live.session.append("signed_off")
    made.show("checklist", "steps")
    expect(made.page.get_by_role("button", name="Add:")).to_have_count(0)


def test_a_closed_section_is_opened_by_a_click(panels: MakePanels) -> None:
    """Nothing in it is offered, but to open it; afterwards that is offered no more."""
    made = panels(TWO)
    made.draw("checklist", "back")
    assert made.page.locator("input.nbr-check:enabled").count() == 0
    assert made.page.locator(".nbr-actions button:visible").count() == 0
    made.page.get_by_role("button", name="Open this section").click()
    assert made.sent()[-1] == {"ask": "open", "step": "back", "bytes": []}
    made.live.session.open_section("back")
    made.show("checklist", "back")
    expect(made.page.get_by_role("button", name="Open this section")).to_have_count(0)
    expect(made.page.locator("input.nbr-check")).to_be_enabled()
    made.page.get_by_role("button", name="Close this section again").click()
    assert made.sent()[-1] == {"ask": "close", "step": "back", "bytes": []}
    made.live.session.append("ticked", "c")
    made.show("checklist", "back")
    expect(made.page.get_by_role("button", name="Close this section")).to_have_count(0)


def test_the_way_on_is_shown_when_all_is_settled(panels: MakePanels) -> None:
    """A panel whose steps are settled leads to the next open one, which the header knows."""
    made = panels("## Steps\n- [ ] A {#a}\n## More\n- [ ] B {#b}")
    made.draw("checklist", "steps")
    made.draw("header")
    onward = made.page.locator(".nbr-foot button", has_text="Next: ")
    expect(onward).to_be_hidden()
    made.live.session.append("ticked", "a")
    made.show("checklist", "steps")
    made.show("header")
    expect(onward).to_have_text("Next: B")


def test_the_count_takes_no_line_of_its_own(panels: MakePanels) -> None:
    """How far a section is stands beside its first step, is seen there, and no word of the step is under a button."""
    made = panels(f"# Steps\n- [ ] {'One of many words ' * 20} {{#one}}\n- [ ] Two {{#two}}\n")
    made.draw("header")
    made.draw("checklist", "steps")
    made.page.add_style_tag(content=str(CODE["css"]))
    count = made.page.locator(".nbr-count")
    expect(count).to_have_text("0 of 2 done")
    said, title = count.bounding_box(), made.page.locator('[data-step="one"] .nbr-title').bounding_box()
    acts = made.page.locator('[data-step="one"] > .nbr-actions').bounding_box()
    assert said
    assert title
    assert acts
    assert abs(said["y"] - title["y"]) < title["height"]
    assert said["x"] + said["width"] <= acts["x"]
    assert title["x"] + title["width"] <= acts["x"]
    expect(made.page.locator('[data-step="one"]')).to_have_class(re.compile("nbr-current"))
    seen = "(count, [x, y]) => document.elementFromPoint(x, y) === count"
    assert count.evaluate(seen, [said["x"] + said["width"] / 2, said["y"] + said["height"] / 2])


def test_a_section_s_button_keeps_the_focus(panels: MakePanels) -> None:
    """While others work the button stays; once it was pressed the focus is at the words, not at what undoes it."""
    made = panels("## Steps\n- [ ] A {#a}\n## Back {.if-needed #back}\n- [ ] B {#b}")
    made.draw("checklist", "back")
    button = made.page.get_by_role("button", name="Open this section")
    button.focus()
    made.live.session.append("ticked", "a")
    made.show("checklist", "back")
    expect(button).to_be_focused()
    made.page.keyboard.press("Enter")
    made.live.session.open_section("back")
    made.show("checklist", "back")
    expect(made.page.get_by_role("button", name="Close this section again")).to_be_visible()
    assert made.page.evaluate("document.activeElement.textContent").startswith("If needed: opened by ana")
