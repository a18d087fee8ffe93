"""A step's parts: in the order in which they are read, each in its own direction."""

from __future__ import annotations

from playwright.sync_api import expect

from nbrunbook.jupyter.panel import CODE
from tests.jupyter.js.conftest import MakePanels

ORDER = """(item) => ["nbr-title", "nbr-body", "nbr-actions", "nbr-step"].map((name) => item.querySelector(`.${name}`))
  .every((each, at, all) => at === 0 ||
    all[at - 1].compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING)"""
TEXT = """\
## Steps
- [ ] Mail **support** {#mail}

  The words.

  - [ ] Part {#part}
- [ ] {#code}

  ```
  make
  ```

## Languages
- [ ] שלום {#rtl}

| service | configuration |
|---|---|
| authentication | admission_control_configuration_of_ours_with_a_long_name |

- [ ] After {#ltr}
"""


def test_a_step_is_read_as_title_body_and_actions(panels: MakePanels) -> None:
    """Its sub-steps come last; what is only a block of code has that as its title."""
    made = panels(TEXT)
    made.draw("checklist", "steps")
    mail = made.page.locator('[data-step="mail"]')
    assert mail.evaluate(ORDER)
    expect(mail.locator(".nbr-title").first).to_have_text("Mail support")
    expect(mail.locator(".nbr-body").first).to_have_text("The words.")
    expect(made.page.locator('[data-step="code"] .nbr-title')).to_contain_text("make")


def test_a_text_has_its_direction_and_a_table_its_words(panels: MakePanels) -> None:
    """A list of Hebrew steps runs from the right; a table that is too wide scrolls, its words whole."""
    made = panels(TEXT)
    made.page.add_style_tag(content=str(CODE["css"]))
    made.page.set_viewport_size({"width": 360, "height": 600})
    made.draw("checklist", "languages")
    of = "(each) => getComputedStyle(each).direction"
    found = [made.page.locator(f'[data-step="{step}"]').evaluate(of) for step in ("rtl", "ltr")]
    assert found == ["rtl", "ltr"]
    table = made.page.get_by_role("group", name="Table")
    assert table.evaluate("(each) => each.scrollWidth > each.clientWidth")
    assert made.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    line = "(each) => each.getClientRects().length"
    assert table.locator("td").last.evaluate(line) == 1
    assert table.locator("td").last.bounding_box()["height"] < 40  # type: ignore[index]
