"""The search field: it finds steps, and leads from one to the next."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from nbrunbook.jupyter.panel import CODE
from nbrunbook.jupyter.step_texts import StepTexts
from tests.jupyter.js.conftest import MakePanels

STEPS = """\
# One
- [ ] Export the *orders* {#export owner=ops}
  To the `Café` bucket.
- [ ] Mail support {#mail}

# Two
- [ ] Import the orders {#import}
"""


def searching(panels: MakePanels) -> Page:
    """Draw a runbook whose kernel says what its steps are."""
    made = panels(STEPS)
    made.draw("header")
    for section in ("one", "two"):
        made.draw("checklist", section, called=section)
    page = made.page
    page.evaluate(
        """(steps) => {
          const send = Model.prototype.send;
          Model.prototype.send = function (message, ...more) {
            send.call(this, message, ...more);
            if (message.ask === "steps") this.answer(message, { answer: "steps", steps });
          };
        }""",
        json.loads(json.dumps(StepTexts(made.live.session).steps())),
    )
    page.locator("[data-step=mail] input").focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Find a step")).to_be_focused()
    return page


def test_steps_are_found_as_one_types(panels: MakePanels) -> None:
    """By all words, in title or text, whatever the case, accents and marks; it says how many, and when none."""
    page = searching(panels)
    found = page.locator(".nbr-found")
    for words, said in {"ORDERS": "2 found", "orders cafe": "1 found", "nowhere": "none", "": ""}.items():
        page.get_by_label("Find a step").fill(words)
        expect(found).to_have_text(said)


def test_enter_leads_from_hit_to_hit(panels: MakePanels) -> None:
    """It goes round, marks the hit and keeps the focus; Escape clears it and goes on at the hit."""
    page = searching(panels)
    page.keyboard.type("orders")
    for key, said, step in (
        ("Enter", "1 of 2", "export"),
        ("ArrowDown", "2 of 2", "import"),
        ("Enter", "1 of 2", "export"),
        ("ArrowUp", "2 of 2", "import"),
    ):
        page.keyboard.press(key)
        expect(page.locator(".nbr-found")).to_have_text(said)
        expect(page.locator(".nbr-hit")).to_have_count(1)
        expect(page.locator(f"[data-step={step}].nbr-hit")).to_be_visible()
        expect(page.get_by_label("Find a step")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-step=import] input")).to_be_focused()
    expect(page.locator(".nbr-hit")).to_have_count(0)
    expect(page.get_by_label("Find a step")).to_have_value("")


def test_a_search_that_found_nothing_ends_where_it_began(panels: MakePanels) -> None:
    """Escape leads back to the step from which it was asked for."""
    page = searching(panels)
    page.keyboard.type("nowhere")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("[data-step=mail] input")).to_be_focused()


def test_a_hit_is_shown_whoever_it_belongs_to(panels: MakePanels) -> None:
    """What is found is brought into view, under *Show*, too."""
    page = searching(panels)
    page.add_style_tag(content=CODE["css"])
    page.get_by_label("Show").select_option("ops")
    expect(page.locator("[data-step=import]")).to_be_hidden()
    page.get_by_label("Find a step").fill("import")
    page.keyboard.press("Enter")
    expect(page.locator("[data-step=import].nbr-hit")).to_be_visible()


def test_a_kernel_that_does_not_answer_is_told(panels: MakePanels) -> None:
    """Steps that nobody could ask for are not said to be nowhere."""
    made = panels(STEPS)
    made.draw("header")
    made.page.get_by_label("Find a step").fill("orders")
    made.page.clock.run_for(60_000)
    expect(made.page.locator(".nbr-found")).to_have_text("no answer from the kernel")
