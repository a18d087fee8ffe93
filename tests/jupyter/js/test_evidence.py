"""Evidence: what has to be given with a tick, and what was."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.jupyter.js.conftest import MakePanels

FIELDS = """async (step) => {
  const { evidenceFields } = await import("/js/evidence.js");
  const asked = evidenceFields(step);
  return [asked.fields.map(({ input, label }) => [input.type, label.textContent]), await asked.read()];
}"""


@pytest.mark.parametrize(
    ("label", "kind", "fields"),
    [
        ("", "", []),
        ("who agreed", "text", [["text", "who agreed"], ["file", "or a file, at most 5 MB"]]),
        ("link to the board", "link", [["text", "link to the board"]]),
        ("file with it", "file", [["file", "file with it"]]),
    ],
)
def test_the_fields_for_what_is_asked(panels: MakePanels, label: str, kind: str, fields: list[list[str]]) -> None:
    """A text may be a file as well, a link is typed, a file is chosen; nothing is asked where nothing is wanted."""
    made = panels("## Steps\n- [ ] A {#a}")
    found, given = made.page.evaluate(FIELDS, {"asks": label, "asks_for": kind})
    assert found == fields
    assert given == {"evidence": "", "name": "", "buffers": []}


def test_a_file_that_is_too_large_is_never_sent(panels: MakePanels) -> None:
    """It would close the kernel's websocket: the form says what to do instead; a small one goes with its bytes."""
    made = panels('## Steps\n- [ ] A {#a evidence="file with it"}')
    made.draw("checklist", "steps")
    made.page.locator("input.nbr-check").click()
    chosen = made.page.locator("input[type=file]")
    for size in (5_000_001, 3):
        chosen.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"x" * size})
        made.page.get_by_role("button", name="Record as done").click()
        if size > 3:
            expect(made.page.locator(".nbr-step .nbr-answer")).to_contain_text("Not sent: a.csv has 5.0 MB")
            assert made.sent() == []
    made.page.wait_for_function("models.checklist.events().length === 1")
    assert made.sent() == [{"ask": "tick", "step": "a", "evidence": "", "name": "a.csv", "bytes": [3]}]


def test_a_file_is_saved_never_opened(panels: MakePanels) -> None:
    """Whatever it holds it is only ever downloaded, byte by byte; silence is told as such."""
    made = panels('## Steps\n- [ ] A {#a evidence="file with it"}')
    made.draw("checklist", "steps")
    page, steps = made.page, made.live.view("checklist", "steps")["steps"]
    view = {"steps": {"a": {**steps["a"], "status": "done", "file": "a.html (3 bytes)"}}}
    page.evaluate("(view) => models.checklist.set({ view: { ...models.checklist.values.view, ...view } })", view)
    save = page.get_by_role("button", name="Save a.html (3 bytes)")
    save.click()
    with page.expect_download() as download:
        page.evaluate(
            "models.checklist.reply({ answer: 'done', name: 'a.html', buffers: [new TextEncoder().encode('<b>')] })"
        )
    assert (download.value.suggested_filename, download.value.path().read_bytes()) == ("a.html", b"<b>")
    save.click()
    page.clock.run_for(32_000)
    expect(page.locator(".nbr-step .nbr-answer")).to_have_text(
        "No answer from the kernel: the file is in the journal all the same."
    )
