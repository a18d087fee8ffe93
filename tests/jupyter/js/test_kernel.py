"""What is asked of a kernel: three answers, of which silence is none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.jupyter.js.conftest import OpenPage

RECORD = """async () => {
  const { Kernel } = await import("/js/kernel.js");
  Object.assign(globalThis, { model: new Model(), told: [], isThere: true, reply: undefined });
  globalThis.kernel = new Kernel(model);
  kernel.record("tick", { step: "a" }, (kind, words) => told.push([kind, words]), () => isThere)
    .then((found) => { reply = found; });
}"""
WRITING = ["asking", "Writing it to the journal…"]
LOOKING = ["unknown", "Not known yet whether it was recorded: looking in the journal…"]


def _asked(page: Page) -> list[str]:
    asked: list[str] = page.evaluate("model.asked()")
    return asked


def _told(page: Page) -> list[Any]:
    told: list[Any] = page.evaluate("told")
    return told


@pytest.fixture
def clicked(page: Page) -> Page:
    """A page on which somebody has just ticked a step."""
    page.evaluate(RECORD)
    return page


def test_done_is_told_by_silence_on_screen(clicked: Page) -> None:
    """Until the kernel answers it says that it is writing, then nothing more: the box tells the rest."""
    assert _told(clicked) == [WRITING]
    clicked.evaluate("model.reply({ answer: 'done' })")
    assert _told(clicked) == [WRITING, ["", ""]]
    assert clicked.evaluate("reply.answer") == "done"
    assert _asked(clicked) == ["tick"]


def test_refused_says_why(clicked: Page) -> None:
    """What the kernel refuses was not recorded, and the reason is told."""
    clicked.evaluate("model.reply({ answer: 'refused', why: 'ben was faster' })")
    assert _told(clicked) == [WRITING, ["refused", "Not recorded, because ben was faster"]]


def test_silence_is_looked_up_by_the_same_id(clicked: Page) -> None:
    """After 8 s it is not known; the journal is asked for that very event, as often as it takes."""
    clicked.clock.run_for(7900)
    assert _told(clicked) == [WRITING]
    clicked.clock.run_for(200)
    assert _told(clicked) == [WRITING, LOOKING]
    clicked.clock.run_for(30_000)
    assert _asked(clicked)[:4] == ["tick", "find", "find", "find"]
    assert len(set(clicked.evaluate("model.sent.map((each) => each.event)"))) == 1
    assert len(set(clicked.evaluate("model.sent.map((each) => each.id)"))) == len(_asked(clicked))
    assert not [words for _, words in _told(clicked) if words.startswith("Not recorded")]
    clicked.evaluate("model.reply({ answer: 'done' })")
    assert _told(clicked)[-1] == ["", ""]
    assert clicked.evaluate("reply.answer") == "done"


def test_not_known_is_asked_again_after_a_second(clicked: Page) -> None:
    """A kernel that cannot read its journal says why; only the journal's own word ends it."""
    clicked.evaluate("model.reply({ answer: 'unknown', why: 'the disk is full' })")
    assert _told(clicked)[-1] == ["unknown", f"{LOOKING[1]} (the disk is full)"]
    assert _asked(clicked) == ["tick"]
    clicked.clock.run_for(1000)
    assert _asked(clicked) == ["tick", "find"]
    clicked.evaluate("model.reply({ answer: 'refused', why: 'the journal does not hold it' })")
    assert _told(clicked)[-1] == ["refused", "Not recorded, because the journal does not hold it"]


def test_nobody_looks_for_a_panel_that_is_gone(clicked: Page) -> None:
    """Once its panel was taken from the page nothing is asked any more, and nothing claimed."""
    clicked.evaluate("isThere = false")
    clicked.clock.run_for(60_000)
    assert _asked(clicked) == ["tick"]
    assert clicked.evaluate("reply") is None
    assert _told(clicked)[-1] == LOOKING


def test_a_closed_comm_is_silence(page: Page) -> None:
    """What cannot be sent is not known either: the journal is asked as soon as there is a way again."""
    page.evaluate(RECORD.replace("kernel.record", "model.closed = true; kernel.record"))
    page.clock.run_for(8100)
    assert (_asked(page), _told(page)) == ([], [WRITING, LOOKING])
    page.evaluate("model.closed = false")
    page.clock.run_for(8100)
    assert _asked(page) == ["find"]


def test_a_reply_to_something_else_is_no_answer(clicked: Page) -> None:
    """Only the reply that names the message counts, and a late one no more."""
    clicked.evaluate("model.answer({ id: 'another' }, { answer: 'done' })")
    assert _told(clicked) == [WRITING]
    clicked.clock.run_for(8100)
    clicked.evaluate("model.answer(model.sent[0], { answer: 'refused', why: 'late' })")
    assert _told(clicked) == [WRITING, LOOKING]


def test_nothing_is_recorded_for_nobody(open_page: OpenPage) -> None:
    """While Jupyter does not answer who clicks, events are refused before they are sent; then it is asked again."""
    page = open_page(baseUrl="/", token="secret")
    statuses = [500, 200]
    page.route("**/api/me", lambda route: route.fulfill(status=statuses.pop(0), json={"identity": {"username": "ana"}}))
    page.evaluate(RECORD)
    page.wait_for_function("told.length === 2")
    refused = "Not recorded, because the Jupyter server does not answer who you are; try again"
    assert _told(page)[-1] == ["refused", refused]
    assert _asked(page) == []
    page.evaluate("() => { kernel.record('tick', {}, () => undefined); }")
    page.wait_for_function("model.sent.length === 1")
    assert page.evaluate("model.sent[0].username") == "ana"


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize("host", ["localhost", "shop.example"])
def test_ids_are_uuids_everywhere(open_page: OpenPage, host: str) -> None:
    """A thousand ids are a thousand UUIDs, also over plain http, where the browser makes none by itself."""
    page = open_page(f"http://{host}/")
    ids = page.evaluate("""async () => {
      const { newId } = await import("/js/kernel.js");
      return Array.from({ length: 1000 }, newId);
    }""")
    assert page.evaluate("Boolean(crypto.randomUUID)") == (host == "localhost")
    assert len(set(ids)) == 1000
    assert all(UUID.fullmatch(each) for each in ids)
