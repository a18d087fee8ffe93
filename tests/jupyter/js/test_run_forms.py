"""What has to be said before a run, in place of one, and of one that nobody knows of."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.clicking import choose
from tests.jupyter.js.conftest import Panels
from tests.jupyter.js.test_run import _begun, _ended, _reply, _row, row

__all__ = ["row"]


def test_a_second_click_before_what_cannot_be_undone(row: Panels) -> None:
    """Nothing is asked for with the first; the button that records has not the focus."""
    purge = _row(row, "purge")
    purge.get_by_role("button", name="Run: Purge").click()
    expect(purge.locator(".nbr-question")).to_have_text("This cannot be undone.")
    assert row.sent() == []
    assert row.page.evaluate("document.activeElement.className") == "nbr-question"
    purge.get_by_role("button", name="Yes, run “Purge”").click()
    assert row.sent() == [{"ask": "run", "step": "purge", "bytes": []}]


def test_by_hand_wants_a_reason(row: Panels) -> None:
    """It is a tick, from the menu."""
    green = _row(row, "green")
    choose(green, "By hand")
    green.locator("input[type=text]").fill("I looked")
    green.get_by_role("button", name="Record as done by hand").click()
    sent = row.sent()[-1]
    assert (sent["ask"], sent["reason"]) == ("tick", "I looked")


def test_an_action_that_is_done_runs_again_with_a_reason(row: Panels) -> None:
    """And is asked about once more where it cannot be undone."""
    _ended(row, _begun(row, "purge"), "passed", "purge")
    purge = _row(row, "purge")
    choose(purge, "Run once more")
    expect(purge.locator(".nbr-question")).to_have_text("This cannot be undone. Why is it run once more?")
    purge.locator("input[type=text]").fill("it was warm")
    purge.locator("button[type=submit]").click()
    assert row.sent()[-1] == {"ask": "run", "step": "purge", "reason": "it was warm", "bytes": []}


def test_a_word_on_a_run_of_which_nobody_knows(row: Panels) -> None:
    """How it is known, and whether the host is no more, where only that could say."""
    _begun(row, "purge", seconds=130.0, host="elsewhere")
    purge = _row(row, "purge")
    assert purge.get_attribute("data-run") == "unknown"
    expect(purge.locator(".nbr-elapsed")).to_contain_text("not heard of on elsewhere for ")
    purge.get_by_role("button", name="It ran: Purge").click()
    expect(purge.locator(".nbr-question")).to_contain_text("It ran on elsewhere")
    purge.locator("input[type=text]").fill("the log says so")
    purge.locator("input[type=checkbox]").check()
    purge.locator("button[type=submit]").click()
    assert row.sent()[-1] == {"ask": "it-ran", "step": "purge", "reason": "the log says so", "gone": True, "bytes": []}
    _reply(row, "{ answer: 'refused', why: 'it runs still' }")
    expect(purge.locator(":scope > .nbr-answer")).to_have_text("Not recorded, because it runs still")
    expect(purge.locator("input[type=text]")).to_have_value("the log says so")
