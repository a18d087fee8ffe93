"""A session and its panels: they show what the session says, and follow what others do."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ipywidgets import Layout

from nbrunbook.automation import reporting
from nbrunbook.errors import NbrunbookError, bug
from nbrunbook.jupyter.answers import Answers
from nbrunbook.jupyter.panel import Panel
from nbrunbook.jupyter.template_watch import TemplateWatch
from nbrunbook.jupyter.views import Told, Views
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.other_answers import Elsewhere
from nbrunbook.runbook.times import marked
from nbrunbook.runbook.waiting import next_change
from nbrunbook.work.following import to_show
from nbrunbook.work.session import Session

CELLS_NOT_RUN = (
    "The kernel was started anew. What is ticked here is recorded as before; "
    "the notebook's own code cells have not run in it: Run > Run All Cells runs them."
)
FOLLOW_SECONDS = 0.5
"""How often a session looks for the events of others."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is on the screen now."""

    seq: int
    """The last event."""
    elsewhere: Elsewhere
    """What other runbooks say."""
    heard: Mapping[str, tuple[object, ...]]
    """What is heard of runs."""
    boards: tuple[str, ...]
    """Which versions of the boards of batches."""
    told: Told
    depends_on: tuple[Any, ...]
    """What the drawn HTML was made from."""
    changes_at: datetime | None
    """When it changes by itself, because a wait ends; None for never."""


class Live:
    """A session and its panels. Messages come on several threads: the session's lock orders them."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session = session
        session.times = marked  # what it refuses is told in a browser
        self.views = Views(session, project)
        self.instance = uuid.uuid4().hex
        self.runbook = self.views.runbook
        self.panels: list[Panel] = []
        self.layout = Layout()
        """One for all of them: each would be a comm of its own."""
        self.answers = Answers(session, project, self.refresh, self.views.boards)
        self.template = TemplateWatch(session, project)
        self.told_of_cells = ""
        self.shown = self._now(Told(revision=self.template.words))
        self._stop = threading.Event()
        threading.Thread(target=self._follow, name="nbrunbook-follow", daemon=True).start()

    def panel(self, role: str, section: str = "") -> Panel:
        """Return the panel of a cell, up to date. It is made once: another browser may show it just now."""
        with self.session.lock:
            for panel in self.panels:
                if (panel.role, panel.section) == (role, section):
                    return panel
            panel = Panel(self, role, section)
            self.panels.append(panel)
        return panel

    def make_panels(self) -> None:
        """Make every panel that the runbook's notebook has a cell for. Repeating is safe."""
        self.panel("header")
        for home in self.session.progress.homes:
            self.panel("checklist", home)
        self.panel("sign-off")

    def cells_not_run(self, told: bool = True) -> None:
        """Tell that this kernel has not run the author's cells, or no longer."""
        self.told_of_cells = CELLS_NOT_RUN if told else ""

    def drawn(self, section: str) -> str:
        """Return what has its home in a section's cell as HTML; empty for panels that are no section."""
        return self.views.drawn(section)

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        return self.views.view(role, section, self.shown.told)

    def static(self, role: str, section: str, drawn: str) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        return self.views.static(role, section, drawn, self.shown.told)

    def answer(self, panel: Panel, message: object, buffers: Sequence[Any] = ()) -> None:
        """Answer one message of a browser."""
        self.answers.answer(panel, message, buffers)

    def refresh(self) -> None:
        """Set every panel's view whole, where it changed."""
        self._show(self.shown.told)

    def _show(self, told: Told) -> None:
        with self.session.lock:
            now = self._now(told)
            for panel in self.panels:
                if panel.section and now.depends_on != self.shown.depends_on:
                    panel.drawn = self.drawn(panel.section)
                view = self.views.view(panel.role, panel.section, told)
                if view != panel.view:
                    panel.view = view
            self.shown = now

    def _now(self, told: Told) -> Shown:
        progress = self.session.progress
        return Shown(
            seq=progress.seq,
            elsewhere=progress.elsewhere,
            heard=to_show(progress.heard),
            boards=self.views.boards.versions(),
            told=told,
            depends_on=self.views.depends_on(),
            changes_at=next_change(progress, now=events.now()),
        )

    def stop(self) -> None:
        """Follow the journal no longer. Repeating is safe."""
        self._stop.set()

    def _follow(self) -> None:
        """Show what others did, and what time does: look into the journal twice a second."""
        fault = ""
        while not self._stop.wait(FOLLOW_SECONDS):
            self.template.look()
            trouble = self._look_into_journal() or self.template.fault or fault
            told = Told(revision=self.template.words, trouble=trouble or self.told_of_cells)
            try:
                if self._is_stale(told):
                    self._show(told)
                fault = ""
            except Exception as error:  # a thread's own end would be seen nowhere
                fault = bug(error)

    def _is_stale(self, told: Told) -> bool:
        progress, shown = self.session.progress, self.shown
        due = shown.changes_at is not None and shown.changes_at <= events.now()
        now = (progress.seq, progress.elsewhere, to_show(progress.heard), self.views.boards.versions(), told)
        return due or now != (shown.seq, shown.elsewhere, shown.heard, shown.boards, shown.told)

    def _look_into_journal(self) -> str:
        """Read what others wrote, and what runs of this host have left; return why that cannot be done, or nothing."""
        try:
            self.session.refresh()
            if self.session.progress.running:
                reporting.report_left(self.session)
            self.views.boards.look(marked(events.now()))
        except NbrunbookError as error:
            return f"The journal cannot be read just now: {error.found}"
        except Exception as error:
            return bug(error)
        return ""
