"""The live runbook in a kernel: the door to anywidget.

A runbook's own cells say `from nbrunbook.checklist import runbook` and draw one panel each.
Panels hold no rule and no truth: they show what the session says and send clicks to it.
"""

from __future__ import annotations

import os
import posixpath
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import anywidget
import traitlets

from nbrunbook import drawing, events, journal, notebook, operator, progress, project, record
from nbrunbook import session as sessions
from nbrunbook.errors import JournalBusyError, JournalError, NbrunbookError, NotLiveError, RefusedError
from nbrunbook.events import Event, Kind
from nbrunbook.markdown import escape
from nbrunbook.operator import Operator
from nbrunbook.project import Project
from nbrunbook.runbook import facts_in
from nbrunbook.session import Session

HERE = Path(__file__).parent
FOLLOW_SECONDS = 0.5
"""How often a session looks for the events of others."""
CLOCK_SECONDS = 15.0
"""How often what waits for a time is drawn anew."""

CLICKS: Mapping[str, Kind] = {
    "tick": "ticked",
    "untick": "unticked",
    "skip": "skipped",
    "unskip": "unskipped",
    "note": "noted",
    "approve": "approved",
}
"""What the browser may ask for, and the event that it becomes."""


class Panel(anywidget.AnyWidget):
    """One cell's view: the header, a section or the sign-off."""

    _esm = HERE / "checklist.js"
    _css = HERE / "checklist.css"

    role = traitlets.Unicode().tag(sync=True)
    """header, checklist or sign-off."""
    instance = traitlets.Unicode().tag(sync=True)
    """Which kernel it belongs to: a new one after every restart."""
    drawn = traitlets.Unicode().tag(sync=True)
    """The section as sanitised HTML, without anything to click."""
    view = traitlets.Dict().tag(sync=True)
    """What changes; always set whole."""

    def __init__(self, live: Live, role: str, section: str = "") -> None:
        self.live, self.section = live, section
        super().__init__(role=role, instance=live.instance, drawn=live.drawn(section), view=live.view(role, section))
        self.on_msg(lambda _, content, __: live.answer(self, content))

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and static text for where there is no kernel: never a box to click."""
        html, plain = self.live.static(self.role, self.section)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/html": html, "text/plain": plain}, {}


@dataclass(frozen=True, kw_only=True)
class Static:
    """What stands in place of a panel that cannot go live."""

    html: str
    plain: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.plain}


class Live:
    """A session and its panels. Messages come on several threads: the session's lock orders them."""

    def __init__(self, session: Session, found: Project) -> None:
        self.session, self.found = session, found
        self.instance = uuid.uuid4().hex
        self.panels: list[Panel] = []
        self.void: set[str] = set()
        """Ids of events that a browser was told are not recorded: they never will be."""
        self._known = session.progress.evidence_by_name()
        self.trouble = ""
        """Why the journal cannot be read just now, in words."""
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nbrunbook-events")
        self._stop = threading.Event()
        self._drawn_at = sessions.now()
        threading.Thread(target=self._follow, name="nbrunbook-follow", daemon=True).start()

    def panel(self, role: str, section: str = "") -> Panel:
        """Return a new panel; one that the same cell drew before is closed."""
        with self.session.lock:
            for old in [each for each in self.panels if (each.role, each.section) == (role, section)]:
                self.panels.remove(old)
                old.close()
            panel = Panel(self, role, section)
            self.panels.append(panel)
        return panel

    # What is shown

    def _links(self) -> Callable[[str], str]:
        folder = posixpath.dirname(self.found.relative(self.found.session_path(self.session.key)))
        return self.session.plan.link_from(folder)

    def drawn(self, section: str) -> str:
        """Return a section as HTML; empty for panels that are no section."""
        if not section:
            return ""
        return drawing.section_html(self.session.progress, section, self._links(), now=sessions.now())

    def static(self, role: str, section: str) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        done = self.session.progress
        about = {
            "key": self.session.key,
            "journal": self._journal_words(),
            "how_to_go_live": f"As last saved, not live. To work on it: nbrunbook work {self.session.key}",
        }
        if role == "header":
            return drawing.header_html(done, **about), drawing.header_text(done, **about)
        if role == "sign-off":
            return drawing.sign_off_html(done), drawing.sign_off_text(done)
        return self.drawn(section), drawing.section_text(done, section, now=sessions.now())

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        done = self.session.progress
        common = {"state": done.state, "trouble": self.trouble}
        if role == "header":
            return {**common, **self._header_view(done)}
        if role == "sign-off":
            return {**common, **self._sign_off_view(done)}
        now = sessions.now()
        steps = done.plan.by_section.get(section, ())
        closed_by = done.plan.section(section).closed_by
        return {
            **common,
            "about": drawing.section_about(done, section),
            "closed_by": closed_by if closed_by and closed_by not in done.opened_sections else "",
            "steps": {step.id: self._step_view(done, step, now) for step in steps},
        }

    def _step_view(self, done: progress.Progress, step: Any, now: datetime) -> dict[str, Any]:
        return {
            **drawing.step_view(done, step, now=now),
            "title": done.title(step),
            "group": step.is_group,
            "asks": step.evidence or "",
            "irreversible": "irreversible" in step.flags,
            "approval": "approval" in step.flags and done.of(step.id).approved is None,
        }

    def _header_view(self, done: progress.Progress) -> dict[str, Any]:
        environment = done.plan.environment
        return {
            "release": done.plan.release,
            "environment": environment,
            "production": project.is_production(environment, self.found.environments.get(environment, _NOWHERE).group),
            "key": self.session.key,
            "summary": done.summary(),
            "words": drawing.state_words(done),
            "settled": done.settled,
            "total": done.total,
            "journal": self._journal_words(),
            "handover": drawing.handover(done),
            "next": next((step.id for step in done.counted if not done.of(step.id).settled), ""),
        }

    def _sign_off_view(self, done: progress.Progress) -> dict[str, Any]:
        required = {step.id for step in done.required_open}
        optional = [step.title for step in done.counted if not done.of(step.id).settled and step.id not in required]
        return {
            "words": drawing.state_words(done),
            "open": [done.title(step) for step in done.required_open],
            "optional": optional,
            "archived": done.archived.data.get("record", "") if done.archived else "",
        }

    def _journal_words(self) -> str:
        reach = "shared" if self.session.journal.shared else "only on this computer"
        return f"{self.found.relative(Path(self.session.journal.where))} ({reach})"

    def refresh(self) -> None:
        """Set every panel's view whole, where it changed."""
        with self.session.lock:
            self._drawn_at = sessions.now()
            known = self.session.progress.evidence_by_name()
            for panel in self.panels:
                view = self.view(panel.role, panel.section)
                if view != panel.view:
                    panel.view = view
                if panel.section and known != self._known:
                    panel.drawn = self.drawn(panel.section)
            self._known = known

    def _follow(self) -> None:
        """Show what others did: look into the journal twice a second."""
        while not self._stop.wait(FOLLOW_SECONDS):
            try:
                changed = self.session.refresh()
                trouble = ""
            except NbrunbookError as error:
                changed, trouble = False, error.found
            except Exception as error:
                changed, trouble = False, f"{type(error).__name__}: {error}"
            late = (sessions.now() - self._drawn_at).total_seconds() > CLOCK_SECONDS
            if changed or late or trouble != self.trouble:
                self.trouble = trouble
                try:
                    self.refresh()
                except Exception as error:
                    self.trouble = f"{type(error).__name__}: {error}"

    # What is asked

    def answer(self, panel: Panel, message: Any) -> None:
        """Answer one message of a browser: a beat at once, an event when the journal has answered.

        Events go through one worker, in order, so that a slow journal never looks like a dead kernel,
        and a question after an event is asked after it.
        """
        asked = message if isinstance(message, dict) else {}
        if asked.get("ask") in ("hello", "beat"):
            who = self._operator(asked)
            reply = {"answer": "here", "operator": who.name, "known": f"{who.known}: {who.known_by}"}
            panel.send({"reply_to": asked.get("id", ""), **reply})
        else:
            self._worker.submit(self._answer_event, panel, asked)

    def _answer_event(self, panel: Panel, asked: Mapping[str, Any]) -> None:
        """Answer in every case: an exception here would be seen nowhere."""
        event_id = str(asked.get("event", ""))
        reply: dict[str, Any]
        try:
            reply = self._reply(asked, event_id)
        except JournalBusyError as error:
            reply = self._never(event_id, str(error))
        except RefusedError as error:
            reply = {"answer": "refused", "why": error.why}
        except JournalError as error:
            reply = self._look(event_id, str(error))
        except NbrunbookError as error:
            reply = {"answer": "refused", "why": str(error)}
        except Exception as error:
            reply = self._look(event_id, f"a bug in nbrunbook: {type(error).__name__}: {error}")
        panel.send({"reply_to": asked.get("id", ""), **reply})

    def _reply(self, asked: Mapping[str, Any], event_id: str) -> dict[str, Any]:
        what = str(asked.get("ask", ""))
        if what == "find":
            return self._found(event_id, "the journal does not hold it")
        self._record(what, asked)
        self.refresh()
        return {"answer": "done"}

    def _look(self, event_id: str, why: str) -> dict[str, Any]:
        """The journal failed: say that nothing was recorded only if it says so itself."""
        try:
            return self._found(event_id, why)
        except Exception:
            return {"answer": "unknown", "why": why}

    def _never(self, event_id: str, why: str) -> dict[str, Any]:
        """It is not recorded, and nothing that still arrives under this id will be."""
        self.void.add(event_id)
        return {"answer": "refused", "why": why}

    def _found(self, event_id: str, why: str) -> dict[str, Any]:
        if self.session.find(event_id) is None:
            return self._never(event_id, why)
        self.session.refresh()
        self.refresh()
        return {"answer": "done"}

    def _record(self, what: str, asked: Mapping[str, Any]) -> Event:
        event_id = str(asked.get("event", ""))
        if not events.is_id(event_id):
            raise RefusedError(f"cannot {what}", "the browser sent no id for the event")
        step_id, who = str(asked.get("step", "")), self._operator(asked)
        with self.session.lock:
            if event_id in self.void:
                raise RefusedError(f"cannot {what}", "it came too late; click again")
            if what == "sign-off":
                return self.session.sign_off(self.found.session_path(self.session.key), event_id=event_id, operator=who)
            if what == "archive":
                return self._archive(who, event_id)
            if what == "open":
                return self.session.record("opened", step_id, event_id=event_id, operator=who)
            if what not in CLICKS:
                raise RefusedError(f"cannot {what}", "this nbrunbook does not know it")
            said = {name: str(asked.get(name, "")) for name in ("note", "reason", "evidence")}
            return self.session.record(CLICKS[what], step_id, data=said, event_id=event_id, operator=who)

    def _archive(self, who: Operator, event_id: str) -> Event:
        record.archive(self.session, self.found, operator=who, event_id=event_id)
        return cast(Event, self.session.progress.archived)

    def _operator(self, asked: Mapping[str, Any]) -> Operator:
        named = operator.from_browser(str(asked.get("username", "")), self.found.operators)
        return named or self.session.operator


_NOWHERE = project.Environment(name="")


class Runbook:
    """What the cells of a runbook call. It goes live with the first call in a kernel."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Live | None = None

    def header(self) -> Panel | Static:
        """Draw the header."""
        return self._panel("header")

    def checklist(self, section: str) -> Panel | Static:
        """Draw a section's steps."""
        return self._panel("checklist", section)

    def sign_off(self) -> Panel | Static:
        """Draw the sign-off."""
        return self._panel("sign-off")

    def _panel(self, role: str, section: str = "") -> Panel | Static:
        try:
            with self._lock:
                if self._live is None:
                    self._live = go_live(notebook_path())
            self._live.session.refresh()
            return self._live.panel(role, section)
        except NbrunbookError as error:
            return not_live(error)


def not_live(error: NbrunbookError) -> Static:
    """Return what a cell shows where nothing can be recorded, and why."""
    words = str(error) if isinstance(error, NotLiveError) else f"NOT LIVE: {error}"
    html = f'<div class="nbr-not-live" role="alert"><strong>{escape(words)}</strong></div>'
    return Static(html=html, plain=words)


def notebook_path() -> Path:
    """Return the notebook that this kernel belongs to; NotLiveError where Jupyter does not say."""
    named = os.environ.get("JPY_SESSION_NAME", "")
    if not named:
        from IPython import get_ipython

        shell = get_ipython()
        named = str(shell.user_ns.get("__vsc_ipynb_file__", "")) if shell else ""
    path = Path(named)
    if not named or not path.is_file():
        raise NotLiveError(
            "this kernel does not say which notebook it belongs to",
            "open the runbook with 'nbrunbook work KEY', or in JupyterLab or Notebook 7",
        )
    return path


def go_live(path: Path) -> Live:
    """Return a live session on the runbook in a notebook file; the project's root becomes the folder.

    Raises NotLiveError where the notebook is no runbook, or no journal knows it.
    """
    about = facts_in(notebook.read(path).metadata)
    if not about:
        raise NotLiveError(f"{path.name} is no runbook", "make one with 'nbrunbook instantiate'")
    key = str(about["key"])
    try:
        found = project.find(path.parent)
        who = operator.from_machine(found.root, found.operators)
        session = sessions.open_session(found, key, who, wait_seconds=journal.SESSION_WAIT_SECONDS)
    except NbrunbookError as error:
        raise NotLiveError(f"nothing that is clicked here would be recorded ({error})", "") from None
    if journal.row(about).digest != session.runbook.digest:
        raise NotLiveError(
            f"{path.name} and the journal disagree on what {key} is", f"'nbrunbook work {key}' opens the journal's own"
        )
    os.chdir(found.root)
    return Live(session, found)


runbook = Runbook()
"""The runbook of this kernel."""
