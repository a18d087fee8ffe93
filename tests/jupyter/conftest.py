"""One tab of a browser in front of a live runbook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nbrunbook.jupyter.live import Live
from nbrunbook.jupyter.panel import Panel
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from tests.conftest import Workplace
from tests.making import registered, session_on


def wait(what: Callable[[], Any]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Tab:
    """What one tab of a browser says to a live runbook, and the answers that it gets."""

    def __init__(self, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.live, self.answers = live, []  # type: ignore[var-annotated]
        sections = {section.id for section in live.session.plan.sections}
        self.header = live.panel("header")
        self.panels = [live.panel("checklist", each) for each in live.session.plan.by_section if each in sections]
        monkeypatch.setattr(Panel, "send", lambda _, reply, buffers=(): self.answers.append({**reply, "sent": buffers}))

    def ask(self, ask: str, step: str = "", *, buffers: tuple[bytes, ...] = (), **more: Any) -> dict[str, Any]:
        """Ask one thing and return the answer."""
        count = len(self.answers)
        asked = {"ask": ask, "id": "1", "event": events.new_id(), "step": step, **more}
        self.live.answer(self.panels[0], asked, buffers)
        wait(lambda: len(self.answers) > count)
        found: dict[str, Any] = self.answers[-1]
        return found

    def shown(self, step: str) -> dict[str, Any]:
        """Return what the panels show of a step."""
        views = [panel.view["steps"] for panel in self.panels]
        return next(view[step] for view in views if step in view)  # type: ignore[no-any-return]


@pytest.fixture
def tab(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tab]:
    """One tab of a browser in front of a live runbook."""
    settings = '[tool.nbrunbook.owners]\n"Release Manager" = "ana@example.org"\n'
    names = '[tool.nbrunbook.operators]\n"ana@example.org" = "ana"\n'
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{settings}{names}', encoding="utf-8")
    steps = '- [ ] A {#a owner="release manager"}\n- [ ] B {#b evidence="file with it" as=it}\n- [ ] C {{it}} {#c}'
    live = Live(session_on(registered(steps)), find_project())
    yield Tab(live, monkeypatch)
    live.stop()
