"""A panel whose kernel has ended: how it comes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.jupyter.js.conftest import MakePanels, Panels

MANAGER = """(status) => {
  globalThis.ran = [];
  const requestExecute = (asked) => {
    ran.push(asked.code);
    return { done: Promise.resolve({ content: globalThis.reply ?? { status: "ok" } }) };
  };
  const kernel = status && { status, requestExecute };
  const get_model = async (place) => globalThis.successor ?? models.checklist;
  models.checklist.widget_manager = { kernel, get_model };
  models.checklist.silent = true;
}"""
GONE = "No answer from the kernel: nothing can be recorded now. "


@pytest.fixture
def made(panels: MakePanels) -> Panels:
    """A checklist."""
    drawn = panels("## Steps\n- [ ] Mail {#mail}")
    drawn.draw("checklist", "steps")
    return drawn


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("busy", "This comes back by itself as soon as the kernel answers."),
        ("dead", "The kernel has ended. Choose Kernel > Restart Kernel…: this comes back by itself then."),
        (None, "The kernel has ended. Choose Kernel > Restart Kernel…: this comes back by itself then."),
    ],
)
def test_every_panel_says_how_it_comes_back(made: Panels, status: str | None, words: str) -> None:
    """By itself where a kernel is there; one that is at work, or none, is asked nothing."""
    made.page.evaluate(MANAGER, status)
    made.page.clock.run_for(12_000)
    expect(made.page.locator(".nbr-alarm")).to_have_text(GONE + words)
    assert made.page.evaluate("ran") == []


def test_a_new_kernel_is_asked_for_its_panels(made: Panels) -> None:
    """Once Jupyter says that it is idle; the panel goes on with the model of the new kernel."""
    made.page.evaluate(MANAGER, "idle")
    values = {"instance": "two", "role": "checklist", "drawn": made.live.drawn("steps")}
    made.live.session.append("ticked", "mail")
    made.live.refresh()
    made.page.evaluate(
        "(values) => { globalThis.successor = models.two = new Model(values); }",
        {**values, "view": made.live.view("checklist", "steps")},
    )
    made.page.clock.run_for(12_000)
    expect(made.page.locator("input.nbr-check")).to_be_checked()
    expect(made.page.locator("input.nbr-check")).to_be_enabled()
    assert set(made.page.evaluate("ran")) == {"from nbrunbook.checklist import runbook\nrunbook.come_back()"}
    expect(made.page.locator(".nbr")).to_have_count(1)


def test_why_a_new_kernel_draws_nothing_is_told(made: Panels) -> None:
    """Such as a journal that cannot be reached: in the kernel's words."""
    made.page.evaluate("globalThis.reply = { status: 'error', evalue: 'NOT LIVE: the journal is gone' }")
    made.page.evaluate(MANAGER, "idle")
    made.page.clock.run_for(20_000)
    expect(made.page.locator(".nbr-alarm")).to_have_text(GONE + "NOT LIVE: the journal is gone")
