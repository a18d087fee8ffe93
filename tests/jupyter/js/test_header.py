"""The header: who is at work, what is next, and the handover note."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from nbrunbook.jupyter.panel import CODE
from nbrunbook.work.session import Session
from tests.jupyter.js.conftest import MakePanels

STEPS = "## Steps\n- [ ] A {#a}"


def test_a_name_is_typed_only_where_the_kernel_takes_one(panels: MakePanels) -> None:
    """Whom Jupyter names cannot be somebody else; a typed name goes with every message."""
    made = panels(STEPS)
    made.draw("header")
    made.page.get_by_role("button", name="Somebody else").click()
    made.page.get_by_label("Your name").fill(" Kim ")
    made.page.keyboard.press("Enter")
    assert made.page.evaluate("models.header.sent.at(-1).typed") == "Kim"
    made.page.evaluate(
        "() => { const here = models.header.here; models.header.here = () =>"
        " ({ ...here.call(models.header), operator: 'kim', known: 'verified: jupyter', may_rename: false }); }"
    )
    made.page.clock.run_for(3000)
    expect(made.page.locator(".nbr-operator", has_text="kim (verified: jupyter)")).to_be_visible()
    expect(made.page.get_by_role("button", name="Somebody else")).to_be_hidden()


def test_a_note_where_the_rules_take_one(panels: MakePanels) -> None:
    """A runbook that was given up takes none."""
    made = panels(STEPS)
    made.draw("header")
    made.page.get_by_role("button", name="Handover note").click()
    made.page.get_by_label("Note for whoever works on this next").fill("ben takes over")
    made.page.keyboard.press("Enter")
    assert made.sent("header")[-1] == {"ask": "note", "note": "ben takes over", "bytes": []}
    made.live.session.append("abandoned", data={"reason": "rolled back"})
    made.show("header")
    expect(made.page.get_by_role("button", name="Handover note")).to_be_hidden()


def test_nothing_is_offered_that_cannot_be_used(panels: MakePanels) -> None:
    """Where nothing is open, or the runbook is signed off, no button leads to a next step."""
    made = panels("## Steps\n- [ ] A {#a}\n- [ ] B {#b .optional}")
    made.draw("header")
    following = made.page.locator("button", has_text="Next: ")
    expect(following).to_have_text("Next: A")
    made.live.session.append("ticked", "a")
    made.show("header")
    expect(following).to_have_text("Next: B")
    made.live.session.append("signed_off")
    made.show("header")
    expect(made.page.locator("button", has_text="Next: ")).to_be_hidden()


def test_the_journals_trouble_stands_in_the_header(panels: MakePanels) -> None:
    """It holds for all panels, so one of them tells it."""
    made = panels(STEPS)
    made.draw("header", trouble="database is locked")
    made.draw("checklist", "steps", trouble="database is locked")
    alarms = made.page.locator(".nbr-alarm").all_inner_texts()
    assert alarms == ["database is locked", ""]


def test_what_no_commit_holds_is_shown(panels: MakePanels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the plan in force is of a template that is committed."""
    template = {"name": "1.0", "parts": [], "uncommitted": ["templates/1.0.md"]}
    monkeypatch.setattr(Session, "template", template)
    made = panels(STEPS)
    made.draw("header")
    line = made.page.locator(".nbr-uncommitted", has_text="templates/1.0.md")
    expect(made.page.get_by_text("Not committed")).to_be_visible()
    expect(line).to_be_visible()
    expect(made.page.get_by_text("Deployed")).to_be_hidden()
    template["uncommitted"] = []
    made.show("header")
    expect(made.page.get_by_text("Not committed")).to_be_hidden()


def test_the_end_stands_in_the_header(panels: MakePanels) -> None:
    """One line in place of the progress, and its record beside it."""
    made = panels(STEPS)
    made.draw("header")
    expect(made.page.locator(".nbr-ended")).to_be_hidden()
    made.live.session.append("ticked", "a")
    made.live.session.append("signed_off")
    made.show("header")
    expect(made.page.locator(".nbr-ended strong")).to_have_text("Signed off by ana, 1 done, in 1 min")
    expect(made.page.locator("progress")).to_be_hidden()


def test_the_cells_of_parameters_are_out_of_the_way(panels: MakePanels) -> None:
    """Those that Jupyter says have such a tag, until the header is asked for them; an error in one is always shown."""
    made = panels(STEPS)
    made.page.evaluate("""() => {
      document.body.className = "jp-NotebookPanel";
      const tags = [["nbrunbook"], ["parameters"], ["injected-parameters"], undefined];
      document.body.innerHTML = tags.map((_, index) =>
        `<div class="jp-CodeCell ${index ? "jp-mod-noOutputs" : ""}" data-windowed-list-index="${index}">${index}</div>`
      ).join("");
      const cells = { get: (index) => ({ getMetadata: () => tags[index] }) };
      models.header = new Model();
      models.header.widget_manager = { context: { model: { cells } } };
    }""")
    values = {"role": "header", "instance": "one", "drawn": "", "view": made.live.view("header", "")}
    made.page.evaluate("(values) => Object.assign(models.header.values, values)", values)
    made.page.add_style_tag(content=CODE["css"])
    made.draw("header")
    cells = made.page.locator(".jp-CodeCell")
    assert [each.is_visible() for each in cells.all()] == [True, False, False, True]
    cells.nth(2).evaluate("(cell) => cell.classList.remove('jp-mod-noOutputs')")
    expect(cells.nth(2)).to_be_visible()
    made.page.locator("summary", has_text="More").click()
    made.page.get_by_role("button", name="Show the cells").click()
    expect(cells.nth(1)).to_be_visible()
    made.page.get_by_role("button", name="Hide the cells").click()
    expect(cells.nth(1)).to_be_hidden()


@pytest.mark.parametrize(("width", "moved"), [(1200, True), (600, False)])
def test_production_takes_no_room_of_a_narrow_toolbar(page: Page, width: int, moved: bool) -> None:
    """Jupyter fits its buttons into the toolbar's width: what else stands in it would push them onto the page."""
    toolbar = '<div class="jp-NotebookPanel-toolbar" data-nbr-production="PRODUCTION: eu"><button>Save</button></div>'
    page.set_content(f'<div class="jp-NotebookPanel" style="width: {width}px">{toolbar}</div>')
    page.add_style_tag(content=f"{CODE['css']} .jp-NotebookPanel-toolbar {{ display: flex; position: relative }}")
    assert page.locator("button").evaluate("(each) => each.offsetLeft > 50") is moved
    shown = page.locator(".jp-NotebookPanel-toolbar").evaluate("(each) => getComputedStyle(each, '::before').display")
    assert shown != "none"


def test_the_way_to_the_sign_off(panels: MakePanels) -> None:
    """Once all that is required is settled the header leads to the sign-off, and puts the focus on no button of it."""
    made = panels("## Steps\n- [ ] A {#a}")
    made.draw("header")
    made.draw("sign-off")
    way = made.page.get_by_role("button", name="To the sign-off")
    expect(way).to_be_hidden()
    made.live.session.append("ticked", "a")
    made.show("header")
    made.show("sign-off")
    way.click()
    expect(made.page.locator(".nbr-sign-off")).to_be_focused()
    made.live.session.sign_off(None)
    made.show("header")
    expect(way).to_be_hidden()
