"""The board of a batch in its row: it shows what is told of each database, and asks for what is offered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.board import DatabaseStatus
from nbrunbook.runbook.times import marked
from tests.conftest import Workplace
from tests.jupyter.batches import FILL, batch_session, begun, ended, heard
from tests.jupyter.js.conftest import Panels
from tests.making import AT

EU = DatabaseStatus(name="eu", state="running", done=50, left=50, rate=5.0, batch_size=10)
US = DatabaseStatus(name="us", state="holding", hold="lag <b>", since="2030-01-01T00:00:00.000Z", left=3)
MANY = [DatabaseStatus(name=f"shop-{number:03}", left=number) for number in range(300)]


class Batch:
    """A row with a batch that runs; its kernel answers what is asked of the board."""

    def __init__(self, page: Page, work: Workplace) -> None:
        self.page, session = page, batch_session(work)
        self.live = Live(session, find_project())
        self.live.stop()
        self.run = begun(session)
        self.panels = Panels(page, self.live)
        self.panels.draw("checklist", "steps")
        self.row: Locator = page.locator(f'[data-step="{FILL}"]')

    def say(self, statuses: Sequence[DatabaseStatus], *, end: bool = False) -> None:
        """Let a runner say where the databases stand, or how it ended."""
        (ended if end else heard)(self.live.session, self.run, statuses)
        self.show()

    def tell(self, statuses: Sequence[DatabaseStatus]) -> None:
        """Let the board be of other databases than the plan's two."""
        self.live.views.boards._boards[FILL].learn(statuses, marked(AT))
        self.panels.show("checklist", "steps")
        self.answer()

    def show(self) -> None:
        """Let the kernel see it, and answer the browser."""
        self.live.session.refresh()
        self.live.views.boards.look(marked(AT))
        self.panels.show("checklist", "steps")
        self.answer()

    def answer(self) -> None:
        """Answer the last question for the board, if there is one."""
        asked = "models.checklist.sent.findLast(({ ask, done }) => ask === 'board' && !done)"
        self.page.wait_for_function(f"() => Boolean({asked})")
        seen = self.page.evaluate(f"{asked}.seen")
        news = {"answer": "done", **self.live.views.boards.since(FILL, seen)}
        self.page.evaluate(f"(news) => {{ const m = {asked}; m.done = true; models.checklist.answer(m, news); }}", news)

    def names(self) -> list[str]:
        """Return the databases in the order in which they are seen."""
        return self.row.locator(".nbr-db-name").all_inner_texts()


@pytest.fixture
def batch(work: Workplace, page: Page) -> Iterator[Batch]:
    """A batch over two databases, of which nothing was said yet."""
    made = Batch(page, work)
    made.show()
    yield made
    made.live.stop()


def test_each_database_has_a_line_the_broken_first(batch: Batch) -> None:
    """Its numbers, and why it stands still, as text; what changes is asked for by what was seen."""
    assert batch.names() == ["eu", "us"]
    batch.say([EU, US])
    assert batch.names() == ["us", "eu"]
    eu, us = (batch.row.get_by_role("row", name=each) for each in ("eu", "us"))
    shown = eu.get_by_role("cell", include_hidden=True).all_inner_texts()
    assert shown == ["50 %", "50 of 100", "5.0/s", "10 s", "10", ""]
    expect(us.locator(".nbr-db-why")).to_have_text("holds since 1 Jan 00:00: lag <b>")
    expect(batch.row.locator(".nbr-board-sum")).to_contain_text("0 of 2 databases done, 50 of 103 rows")
    assert batch.row.get_attribute("data-run") == "running"
    batch.say([replace(EU, state="holding", hold="lag"), US])
    assert batch.row.get_attribute("data-run") == "holding"


def test_what_is_done_is_folded(batch: Batch) -> None:
    """With its step; unfolded it shows how each database ended."""
    batch.say([EU, US])
    done = [replace(each, state="done", left=0, hold="") for each in (EU, US)]
    ended(batch.live.session, batch.run, done)
    batch.live.session.refresh()
    batch.live.views.boards.look(marked(AT))
    batch.panels.show("checklist", "steps")
    board = batch.row.locator(".nbr-board")
    expect(board).not_to_be_visible()
    batch.row.locator(".nbr-unfold").click()
    board.locator(":scope > summary").click()
    batch.answer()
    expect(batch.row.get_by_role("row", name="us")).to_contain_text("done")


def test_three_hundred_are_found_and_folded(batch: Batch) -> None:
    """The first twelve, then all, and those of a name; only what changed is drawn anew."""
    batch.tell(MANY)
    assert len(batch.names()) == 12
    assert batch.names()[0] == "shop-299"
    batch.row.get_by_role("button", name="Show all 300 databases").click()
    assert len(batch.names()) == 300
    batch.row.get_by_role("searchbox", name="Find a database").fill("shop-01")
    assert batch.names() == [f"shop-0{number}" for number in range(19, 9, -1)]
    batch.row.get_by_role("searchbox").fill("nothing")
    expect(batch.row.get_by_text("No database of that name.")).to_be_visible()
    batch.row.get_by_role("searchbox").press("Escape")
    batch.row.get_by_role("button", name="Show the first 12 only").click()
    batch.tell([*MANY[:-1], replace(MANY[-1], state="done")])
    assert batch.names()[0] == "shop-298"


def test_what_is_asked_is_answered(batch: Batch) -> None:
    """Pause and batch size are events like others: refused is told, and what nobody knows is looked up."""
    page, row = batch.page, batch.row
    row.get_by_role("button", name="Pause").click()
    assert batch.panels.sent() == [{"ask": "pause", "step": FILL, "bytes": []}]
    expect(row.get_by_role("button", name="Pause")).to_be_disabled()
    page.evaluate("models.checklist.reply({ answer: 'refused', why: 'already paused by ben' })")
    expect(row.locator(":scope > .nbr-answer")).to_have_text("Not recorded, because already paused by ben")
    batch.live.session.append("paused", FILL)
    batch.panels.show("checklist", "steps")
    expect(row.get_by_role("button", name="Resume")).to_be_visible()
    expect(row.locator(".nbr-facts")).to_contain_text("paused by ana (declared)")
    row.get_by_role("button", name="Batch size").click()
    row.get_by_label("Rows").fill("500")
    row.get_by_role("button", name="Change it").click()
    assert batch.panels.sent()[-1] == {"ask": "resize", "step": FILL, "size": "500", "bytes": []}


def test_silence_is_asked_again(batch: Batch) -> None:
    """A question for the board that was not answered is asked with the next change; what is shown stays."""
    heard(batch.live.session, batch.run, [EU])
    batch.live.views.boards.look(marked(AT))
    batch.panels.show("checklist", "steps")
    batch.page.evaluate("models.checklist.sent.at(-1).done = true")
    batch.page.clock.run_for(9_000)
    assert batch.names() == ["eu", "us"]
    batch.say([replace(EU, done=60, left=40)])
    expect(batch.row.get_by_role("row", name="eu")).to_contain_text("60 of 100")


def test_refused_rows_are_fetched_when_somebody_wants_to_see_them(batch: Batch) -> None:
    """As text, with the databases that cannot be asked, and how all of them are seen."""
    batch.say([replace(EU, quarantined=2), replace(US, quarantined=1)])
    batch.row.get_by_text("Refused rows (3)").click()
    asked = "models.checklist.sent.find(({ ask }) => ask === 'refused')"
    batch.page.wait_for_function(f"() => Boolean({asked})")
    rows = [{"database": "eu", "row": "[7]", "error": "no <b>slug"}]
    reply = {"answer": "done", "rows": rows, "away": ["us"]}
    batch.page.evaluate(f"(reply) => models.checklist.answer({asked}, reply)", reply)
    expect(batch.row.locator(".nbr-refused li")).to_have_text("eu, [7]: no <b>slug")
    expect(batch.row.locator(".nbr-refused > .nbr-answer")).to_contain_text("Not to be asked now: us.")
