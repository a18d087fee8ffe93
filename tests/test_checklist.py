"""The live runbook in a kernel: several threads at one session, and panels that lose nothing."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from nbrunbook import checklist, events, project
from nbrunbook.checklist import Live, Panel
from tests.conftest import Workplace
from tests.making import registered, session_on

STEPS = [f"s{number}" for number in range(20)]
MARKDOWN = "\n".join(f"{'## Part' if number % 10 == 0 else ''}\n- [ ] x {{#s{number}}}" for number in range(20))


def _shown(live: Live) -> dict[str, str]:
    """What the panels say of every step."""
    return {
        step: each["status"] for panel in live.panels if panel.section for step, each in panel.view["steps"].items()
    }


def test_two_threads_of_one_session(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 ticks and unticks from two threads are all answered, all in the journal, and all on the panels."""
    live = Live(session_on(registered(MARKDOWN)), project.find())
    sections = [section.id for section in live.session.plan.sections if live.session.plan.by_section.get(section.id)]
    panels = [live.panel("header"), *(live.panel("checklist", section) for section in sections)]
    answers: list[str] = []
    monkeypatch.setattr(Panel, "send", lambda _, reply, buffers=(): answers.append(reply["answer"]))

    def browser(mine: list[str]) -> None:
        """Click as a browser does, every box by turns."""
        for number in range(1000):
            ask = ("tick", "untick")[number // len(mine) % 2]
            asked: dict[str, Any] = {"ask": ask, "event": events.new_id(), "reason": "by mistake"}
            live.answer(panels[-1], {**asked, "step": mine[number % len(mine)]})

    def code(mine: list[str]) -> None:
        """Record as code in the same kernel does, and show it."""
        for number in range(1000):
            kind = ("ticked", "unticked")[number // len(mine) % 2]
            live.session.record(kind, mine[number % len(mine)], data={"reason": "by mistake"})  # type: ignore[arg-type]
            live.refresh()

    work_of = [(browser, STEPS[:5]), (browser, STEPS[5:10]), (code, STEPS[10:15]), (code, STEPS[15:])]
    threads = [threading.Thread(target=what, args=(mine,)) for what, mine in work_of]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    live._worker.shutdown(wait=True)
    assert answers == ["done"] * 2000
    held = session_on()
    assert [event.seq for event in held.events] == list(range(1, 4002))
    assert held.journal.faults(held.runbook) == []
    truth = {step: held.progress.of(step).status for step in STEPS}
    deadline = time.monotonic() + 10 * checklist.FOLLOW_SECONDS
    while _shown(live) != truth and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _shown(live) == truth
    assert panels[0].view["summary"] == held.progress.summary()
    assert {step.id: live.session.progress.of(step.id) for step in held.plan.steps} == dict(held.progress.steps)
    live._stop.set()
