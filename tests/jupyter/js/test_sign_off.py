"""The sign-off: the kernel's lines and buttons, as they are."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.jupyter.js.conftest import MakePanels, OpenPage


def test_what_is_left_and_what_may_be_done(panels: MakePanels) -> None:
    """What is missing is listed and the button waits for it; then it is signed off, and its record written once."""
    made = panels("## Steps\n- [ ] Mail {#mail}\n- [ ] Tidy {#tidy .optional}")
    made.draw("sign-off")
    panel, button = made.page.locator(".nbr-sign-off"), made.page.locator(".nbr-sign-off .nbr-actions button")
    assert panel.locator("p:visible").all_inner_texts() == ["Open before sign-off: 1", "Optional and open: 1"]
    assert panel.locator("li button").all_inner_texts() == ["Mail", "Tidy"]
    assert (button.all_inner_texts(), button.is_disabled()) == (["Sign off…"], True)
    made.live.session.append("ticked", "mail")
    made.show("sign-off")
    expect(panel.locator("p:visible").first).to_have_text("All that is required is settled: it can be signed off.")
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
    expect(panel.locator(".nbr-ended strong")).to_have_text("Signed off by ana, 1 done, 1 left open, in 1 min")
    expect(panel.locator("[role=status]").first).to_contain_text("from the first recorded work")
    expect(panel.get_by_text("Optional and open: Tidy")).to_be_visible()
    assert button.all_inner_texts() == ["Write the record"]
    button.click()
    assert made.sent("sign-off")[-1]["ask"] == "archive"
    made.live.session.append("archived", data={"record": "staging/1.0.html"})
    made.show("sign-off")
    expect(panel).to_contain_text("Its record: records/staging/1.0.html")
    expect(panel.get_by_role("link")).to_have_count(0)  # its file is not there
    expect(button).to_have_count(0)


def test_the_focus_is_not_lost_to_another_view(panels: MakePanels) -> None:
    """A question that is no longer what would be closed goes, and the button that asked it has the focus."""
    made = panels("## Steps\n- [ ] Mail {#mail}\n- [ ] Tidy {#tidy .optional}")
    made.draw("sign-off")
    made.live.session.append("ticked", "mail")
    made.show("sign-off")
    made.page.locator(".nbr-sign-off .nbr-actions button").click()
    made.live.session.append("ticked", "tidy")
    made.show("sign-off")
    expect(made.page.locator(".nbr-form")).to_have_count(0)
    expect(made.page.locator(".nbr-sign-off .nbr-actions button")).to_be_focused()


def test_what_is_left_is_a_click_away(panels: MakePanels) -> None:
    """Each title leads to its step, with its section beside it; the focus stays when another one is settled."""
    made = panels("# One\n- [ ] A {#a}\n- [ ] B {#b}\n# Two\n- [ ] C {#c}")
    for section in ("one", "two"):
        made.draw("checklist", section, called=section)
    made.draw("sign-off")
    assert made.page.locator(".nbr-left li").all_inner_texts() == ["A One", "B One", "C Two"]
    made.page.get_by_role("button", name="C", exact=True).click()
    expect(made.page.locator("[data-step=c] input")).to_be_focused()
    made.page.get_by_role("button", name="B", exact=True).focus()
    made.live.session.append("ticked", "a")
    made.show("sign-off")
    expect(made.page.locator(".nbr-left button")).to_have_text(["B", "C"])
    expect(made.page.get_by_role("button", name="B", exact=True)).to_be_focused()


def test_the_record_is_a_link_where_the_server_has_it(open_page: OpenPage) -> None:
    """Named from the notebook's folder, of whatever folder Jupyter serves; what lies above that is named alone."""
    page = open_page("http://localhost/hub/lab/tree/x.ipynb", baseUrl="/hub/")
    found = page.evaluate("""async () => {
      const { projectAddress } = await import("/js/links.js");
      const model = (path) => ({ widget_manager: { context: { path } } });
      const to = "../../records/eu/1.0 ä.html";
      return [
        projectAddress(to, model("RTC:shop/runbooks/_sessions/a.ipynb")),
        projectAddress(to, model("runbooks/_sessions/a.ipynb")),
        projectAddress(to, model("_sessions/a.ipynb")),
        projectAddress("1.0.html", {}),
      ];
    }""")
    place = "records/eu/1.0%20%C3%A4.html"
    assert found == [f"/hub/files/shop/{place}", f"/hub/files/{place}", "", "/hub/files/1.0.html"]
