"""The live runbook in a kernel: several threads at one session, and panels that lose nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import Panel
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from tests.conftest import Workplace
from tests.jupyter.conftest import Tab, wait
from tests.making import plan_of, registered, session_on

STEPS = [f"s{number}" for number in range(20)]
MARKDOWN = "\n".join(f"{'## Part' if number % 10 == 0 else ''}\n- [ ] x {{#s{number}}}" for number in range(20))


def _shown(live: Live) -> dict[str, str]:
    """What the panels say of every step."""
    return {
        step: each["status"] for panel in live.panels if panel.section for step, each in panel.view["steps"].items()
    }


@pytest.mark.parametrize("each_s", [200, pytest.param(1000, marks=[pytest.mark.whole, pytest.mark.faults])])
def test_two_threads_of_one_session(work: Workplace, monkeypatch: pytest.MonkeyPatch, each_s: int) -> None:
    """800 ticks and unticks (or 4,000) from two threads are all answered, all in the journal, and all on the panels."""
    live = Live(session_on(registered(MARKDOWN)), find_project())
    sections = [section.id for section in live.session.plan.sections if live.session.plan.by_section.get(section.id)]
    panels = [live.panel("header"), *(live.panel("checklist", section) for section in sections)]
    answers: list[str] = []
    monkeypatch.setattr(Panel, "send", lambda _, reply, buffers=(): answers.append(reply["answer"]))

    def browser(mine: list[str]) -> None:
        """Click as a browser does, every box by turns."""
        for number in range(each_s):
            ask = ("tick", "untick")[number // len(mine) % 2]
            asked: dict[str, Any] = {"ask": ask, "event": events.new_id(), "reason": "by mistake"}
            live.answer(panels[-1], {**asked, "step": mine[number % len(mine)]})

    def code(mine: list[str]) -> None:
        """Record as code in the same kernel does, and show it."""
        for number in range(each_s):
            kind = ("ticked", "unticked")[number // len(mine) % 2]
            live.session.append(kind, mine[number % len(mine)], data={"reason": "by mistake"})  # type: ignore[arg-type]
            live.refresh()

    work_of = [(browser, STEPS[:5]), (browser, STEPS[5:10]), (code, STEPS[10:15]), (code, STEPS[15:])]
    threads = [threading.Thread(target=what, args=(mine,)) for what, mine in work_of]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    live.answers.worker.shutdown(wait=True)
    assert answers == ["done"] * 2 * each_s
    held = session_on()
    assert [event.seq for event in held.events] == list(range(1, 4 * each_s + 2))
    assert held.journal.faults(held.runbook) == []
    truth = {step: held.progress.of(step).status for step in STEPS}
    wait(lambda: _shown(live) == truth)
    assert panels[0].view["summary"] == held.progress.summary()
    assert {step.id: live.session.progress.of(step.id) for step in held.plan.steps} == dict(held.progress.steps)
    live.stop()


def test_an_open_notebook_shows_what_another_environment_settled(work: Workplace) -> None:
    """A `.once` step that eu ticks is ticked in the open notebook of us, says where, and is not undone there."""
    settings = "[tool.nbrunbook.environments]\neu = {group = 'production'}\nus = {group = 'production'}\n"
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}', encoding="utf-8")
    text = "## Tell\n- [ ] Mail {#mail .once}\n- [ ] Look {#look after=mail@production}"
    eu, us = (session_on(registered(text, key=f"{name}/1.0")) for name in ("eu", "us"))
    live = Live(us, find_project())
    panel = live.panel("checklist", "tell")
    assert panel.view["steps"]["mail"]["status"] == "open"
    eu.append("ticked", "mail")
    wait(lambda: panel.view["steps"]["mail"]["status"] != "open")
    steps = panel.view["steps"]
    assert (steps["mail"]["status"], steps["look"]["waiting"]) == ("done", "")
    assert "in eu/1.0" in steps["mail"]["line"]
    live.stop()


def test_an_open_notebook_forgets_what_was_redacted(work: Workplace) -> None:
    """What another session redacts is gone from the panels without anybody asking: evidence, and an added step."""
    key = registered("- [ ] A {#a evidence=text as=said}\n- [ ] B {{said}} {#b}")
    live = Live(session_on(key), find_project())
    live.session.append("ticked", "a", data={"evidence": "hunter2"})
    live.session.add("Revoke hunter2", after="b")
    panel = live.panel("checklist", live.session.plan.sections[-1].id)
    live.refresh()
    assert "hunter2" in panel.drawn
    other = session_on(key, "ben")
    other.redact(2, "a password")
    other.redact(3, "a password")
    wait(lambda: live.shown.seq >= 5)
    id_of_added = next(iter(live.session.progress.added))
    shown = f"{panel.drawn}{panel.view}".replace(id_of_added, "")
    assert "hunter2" not in shown
    assert panel.view["steps"]["a"]["status"] == "done"
    assert "B (redacted)" in shown
    live.stop()


def test_what_others_did_is_shown_with_the_refusal(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second is told who was first, and the row shows it after a look into the journal, without a click."""
    session_on(operator="ben").append("ticked", "a")
    refused = tab.ask("tick", "a")
    assert refused["answer"] == "refused"
    assert refused["why"].startswith("already done by ben, ")
    before_each_look: list[str] = []
    look = Live._look_into_journal

    def watched(live: Live) -> str:
        before_each_look.append(tab.shown("a")["status"])
        return look(live)

    monkeypatch.setattr(Live, "_look_into_journal", watched)
    wait(lambda: "done" in before_each_look)


TEMPLATE = {"name": "1.0", "parts": []}
REVISED = """- [ ] A {#a owner="release manager"}
- [ ] B, otherwise {#b evidence="file with it" as=it}
## New {.if-needed #new}
- [ ] N {#n}
"""


def test_a_revision_redraws_every_panel(tab: Tab) -> None:
    """New sections are drawn in the panel above, reworded steps are marked, and a click confirms them."""
    tab.ask("tick", "b", buffers=(b"1,2",), name="a.csv")
    ben, panel = session_on(operator="ben"), tab.panels[0]
    ben.revise(plan_of(REVISED), shown=ben.plan, template=TEMPLATE)
    wait(lambda: "n" in panel.view["steps"])
    assert list(panel.view["steps"]) == ["a", "b", "n"]
    assert panel.drawn.index('data-step="b"') < panel.drawn.index("<h2>New</h2>") < panel.drawn.index('data-step="n"')
    assert panel.view["put_in"]["new"]["opens"] == "new"
    assert tab.shown("n")["offers"] == []
    assert tab.shown("b")["reworded"].endswith("it said “B”")
    assert tab.ask("tick", "b")["answer"] == "done"
    assert tab.shown("b")["reworded"] == ""
    assert "confirmed as reworded by ana" in tab.shown("b")["line"]
    assert tab.ask("open", "new")["answer"] == "done"
    assert tab.ask("tick", "n")["answer"] == "done"
    assert "no step 'c'" in tab.ask("tick", "c")["why"]
