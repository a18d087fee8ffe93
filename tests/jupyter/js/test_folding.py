"""What is done recedes: a step to one line, a section to one line; what is wanted unfolds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from nbrunbook.jupyter.panel import CODE
from tests.jupyter.js.conftest import MakePanels, Panels

STEPS = """\
## Steps
- [ ] Mail {#mail owner=ops}

  Use the [page](https://x.example.com).
- [ ] Drain {#drain}
- [ ] Old {#old when="environment == 'nowhere'"}
"""
REVEAL = "(item) => item.dispatchEvent(new CustomEvent('nbr-reveal', { bubbles: true }))"


@pytest.fixture
def made(panels: MakePanels) -> Panels:
    """A section with two steps that apply, the first with a body."""
    drawn = panels(STEPS)
    drawn.page.add_style_tag(content=str(CODE["css"]))
    drawn.draw("checklist", "steps")
    drawn.page.mouse.move(1, 900)
    return drawn


def _row(page: Page, step: str) -> Locator:
    return page.locator(f'[data-step="{step}"]')


def _tick(made: Panels, *steps: str, kind: str = "ticked") -> None:
    for step in steps:
        made.live.session.append(kind, step, data={} if kind == "ticked" else {"reason": "not needed"})
    made.show("checklist", "steps")


def _is_seen(found: Locator) -> bool:
    return bool(found.evaluate("(each) => each.checkVisibility()"))


def test_a_done_step_is_one_line(made: Panels) -> None:
    """Its body and badges are folded; a click shows them, which is kept while the text is drawn anew."""
    row = _row(made.page, "mail")
    body = row.locator(".nbr-body")
    assert _is_seen(body)
    _tick(made, "mail")
    assert not _is_seen(body)
    expect(row.locator(".nbr-badge")).to_be_hidden()
    assert row.bounding_box()["height"] < 30  # type: ignore[index]
    unfold = row.get_by_role("button", name="Details: Mail")
    expect(unfold).to_have_attribute("aria-expanded", "false")
    unfold.click()
    made.show("checklist", "steps", drawn=True)
    assert _is_seen(row.locator(".nbr-body"))
    expect(row.locator(".nbr-badge")).to_have_text("ops")
    expect(unfold).to_have_attribute("aria-expanded", "true")


def test_a_step_does_not_fold_under_the_focus(made: Panels) -> None:
    """Who reads in its body while somebody else does it goes on reading."""
    row = _row(made.page, "mail")
    row.locator(".nbr-body a").focus()
    _tick(made, "mail")
    assert _is_seen(row.locator(".nbr-body"))
    expect(row.locator(".nbr-body a")).to_be_focused()


def test_notes_and_evidence_are_told_where_they_are_folded(panels: MakePanels) -> None:
    """Evidence stays on the line, as the link that it is; how many notes there are is on what unfolds."""
    made = panels("## Steps\n- [ ] A {#a evidence=link}\n- [ ] B {#b}")
    made.live.session.append("ticked", "a", data={"evidence": "https://x.example.com/7"})
    made.live.session.append("noted", "a", data={"note": "late"})
    made.draw("checklist", "steps")
    row = _row(made.page, "a")
    expect(row.locator(".nbr-evidence a")).to_be_visible()
    assert not _is_seen(row.locator(".nbr-note"))
    row.get_by_role("button", name="1 note: A").click()
    assert _is_seen(row.locator(".nbr-note"))


def test_a_section_that_is_done_is_one_line(made: Panels) -> None:
    """It tells how far it is, folds once all is done, opens on request, and by itself for whom a step is looked for."""
    fold = made.page.locator(".nbr-fold")
    expect(made.page.locator(".nbr-count")).to_have_text("0 of 2 done")
    _tick(made, "mail")
    expect(made.page.locator(".nbr-count")).to_have_text("1 of 2 done")
    expect(fold).to_be_hidden()
    _tick(made, "drain", kind="skipped")
    expect(fold).to_have_text("1 of 2 done, 1 skipped · show")
    assert not _is_seen(_row(made.page, "mail"))
    fold.click()
    assert _is_seen(_row(made.page, "mail"))
    expect(fold).to_have_text("1 of 2 done, 1 skipped · hide")
    fold.click()
    _row(made.page, "mail").evaluate(REVEAL)
    assert _is_seen(_row(made.page, "mail").locator(".nbr-body"))
    fold.click()
    _tick(made, "drain", kind="unskipped")
    assert _is_seen(_row(made.page, "mail"))
    expect(made.page.locator(".nbr-count")).to_have_text("1 of 2 done")


def test_a_section_folds_when_nobody_is_at_work_in_it(made: Panels) -> None:
    """While the focus is in it, it stays as it is; afterwards it folds."""
    _tick(made, "mail")
    _row(made.page, "drain").locator("input.nbr-check").focus()
    _tick(made, "drain")
    assert _is_seen(_row(made.page, "drain"))
    made.page.evaluate("document.activeElement.blur()")
    made.page.clock.run_for(1000)
    assert not _is_seen(_row(made.page, "drain"))


def test_what_is_folded_is_found_by_the_browser(made: Panels) -> None:
    """It is hidden until it is found, and opens then."""
    _tick(made, "mail", "drain")
    drawn, folds = made.page.locator(".nbr-drawn"), _row(made.page, "mail").locator(".nbr-folds")
    assert [each.get_attribute("hidden") for each in (drawn, folds)] == ["until-found", "until-found"]
    folds.evaluate("(each) => each.dispatchEvent(new Event('beforematch', { bubbles: true }))")
    assert _is_seen(folds)


def test_what_does_not_apply_is_one_line_at_the_end(made: Panels) -> None:
    """Its title and why it does not apply unfold there; it is not counted."""
    assert not _is_seen(_row(made.page, "old"))
    aside = made.page.locator(".nbr-left-out")
    expect(aside.locator("summary")).to_have_text("1 step does not apply here")
    aside.locator("summary").click()
    expect(aside.locator("li")).to_have_text("Old (only when environment == 'nowhere')")
