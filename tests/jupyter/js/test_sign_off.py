"""The sign-off: the kernel's lines and buttons, as they are."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.jupyter.js.conftest import MakePanels


def test_what_is_left_and_what_may_be_done(panels: MakePanels) -> None:
    """What is missing is listed and the button waits for it; then it is signed off, and its record written once."""
    made = panels("## Steps\n- [ ] Mail {#mail}\n- [ ] Tidy {#tidy .optional}")
    made.draw("sign-off")
    panel, button = made.page.locator(".nbr-sign-off"), made.page.locator(".nbr-sign-off button")
    assert panel.locator("p").all_inner_texts() == ["Open before sign-off: 1", "Optional and open: Tidy"]
    assert panel.locator("li").all_inner_texts() == ["Mail"]
    assert (button.all_inner_texts(), button.is_disabled()) == (["Sign off…"], True)
    made.live.session.append("ticked", "mail")
    made.show("sign-off")
    expect(panel.locator("p").first).to_have_text("All that is required is settled: it can be signed off.")
    button.click()
    assert made.sent("sign-off") == []
    question = panel.locator(".nbr-question")
    expect(question).to_have_text("This closes staging/1.0: 1 of 2 done.\nOptional and open: Tidy")
    expect(question).to_be_focused()
    made.page.keyboard.press("Enter")
    made.page.keyboard.press("Space")
    assert made.sent("sign-off") == []
    panel.locator("button[type=submit]").click()
    assert [each["ask"] for each in made.sent("sign-off")] == ["sign-off"]
    assert button.first.is_disabled()
    made.page.evaluate("models['sign-off'].reply({ answer: 'done' })")
    made.live.session.append("signed_off")
    made.show("sign-off")
    expect(panel.locator("p").first).to_contain_text("This runbook is signed off by ana")
    expect(panel.locator("p").nth(1)).to_have_text("Optional and open: Tidy")
    assert button.all_inner_texts() == ["Write the record"]
    button.click()
    assert made.sent("sign-off")[-1]["ask"] == "archive"
    made.live.session.append("archived", data={"record": "staging/1.0.html"})
    made.show("sign-off")
    expect(panel).to_contain_text("Its record: records/staging/1.0.html")
    expect(button).to_have_count(0)


def test_the_focus_is_not_lost_to_another_view(panels: MakePanels) -> None:
    """A question that is no longer what would be closed goes, and the button that asked it has the focus."""
    made = panels("## Steps\n- [ ] Mail {#mail}\n- [ ] Tidy {#tidy .optional}")
    made.draw("sign-off")
    made.live.session.append("ticked", "mail")
    made.show("sign-off")
    made.page.locator(".nbr-sign-off button").click()
    made.live.session.append("ticked", "tidy")
    made.show("sign-off")
    expect(made.page.locator(".nbr-form")).to_have_count(0)
    expect(made.page.locator(".nbr-sign-off button")).to_be_focused()
