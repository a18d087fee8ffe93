"""The live runbook in a kernel: the door to anywidget.

A runbook's own cells say `from nbrunbook.checklist import runbook` and draw one panel each.
Panels hold no rule and no truth: they show what the session says and send clicks to it.
"""

from __future__ import annotations

import os
import posixpath
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import anywidget
import traitlets
from ipywidgets import Layout

from nbrunbook import (
    drawing,
    events,
    evidence,
    journal,
    notebook,
    offers,
    operator,
    progress,
    project,
    record,
    renewal,
    rules,
)
from nbrunbook import session as sessions
from nbrunbook.errors import JournalBusyError, JournalError, NbrunbookError, NotLiveError, RefusedError
from nbrunbook.events import Event
from nbrunbook.evidence import File
from nbrunbook.markdown import escape
from nbrunbook.operator import Operator
from nbrunbook.project import Project
from nbrunbook.runbook import facts_in
from nbrunbook.session import Session

HERE = Path(__file__).parent / "jupyter"


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


_MODULES = _texts(HERE / "js")
LOADER = _MODULES.pop("loader.js")
"""What every panel carries: it loads the rest."""
CODE = {"js": _MODULES, "css": "\n".join(_texts(HERE / "css").values())}
"""What the browser's side of the panels is made of, the modules by their names; it is loaded once a page."""
FOLLOW_SECONDS = 0.5
"""How often a session looks for the events of others."""
TEMPLATE_SECONDS = 5.0
"""How often it looks whether the template's files have changed."""
HINT = (
    "If a panel below shows an error or nothing to click, choose Run > Run All Cells: it shows what the journal holds."
)
"""For a page that outlives its kernel: a live header hides it."""


class Panel(anywidget.AnyWidget):
    """One cell's view: the header, a section or the sign-off."""

    _esm = LOADER

    code = traitlets.Dict().tag(sync=True)
    """The header brings CODE for all panels."""
    role = traitlets.Unicode().tag(sync=True)
    """header, checklist or sign-off."""
    instance = traitlets.Unicode().tag(sync=True)
    """Which kernel it belongs to: a new one after every restart."""
    drawn = traitlets.Unicode().tag(sync=True)
    """The sections that have their home here as sanitised HTML, without anything to click."""
    view = traitlets.Dict().tag(sync=True)
    """What changes; always set whole."""

    def __init__(self, live: Live, role: str, section: str = "") -> None:
        self.live, self.section = live, section
        super().__init__(
            layout=live.layout,
            code=CODE if role == "header" else {},
            role=role,
            instance=live.instance,
            drawn=live.drawn(section),
            view=live.view(role, section),
        )
        _answer_beside_cells(self.comm)
        self.on_msg(lambda _, content, buffers: live.answer(self, content, buffers))

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and static text for where there is no kernel: never a box to click."""
        html, plain = self.live.static(self.role, self.section, self.drawn)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/html": html, "text/plain": plain}, {}


def _answer_beside_cells(comm: Any) -> None:
    """Let a comm's messages be heard in the subshell that the browser asks for, also while a cell runs.

    ipykernel 7.4 hands them to the thread that last spoke on the comm instead, which is the one that runs cells;
    and JupyterLab 4.6 goes on asking for the subshell of a kernel that was restarted: then any other has to do.
    """
    thread = getattr(getattr(comm, "kernel", None), "shell_channel_thread", None)
    if thread is None:
        return

    def route(_: object, asked: str | None) -> str | None:
        there: list[str] = thread.manager.list_subshell()
        return asked if asked is None or asked in there else next(iter(there), None)

    comm._reply_subshell_for = route


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
        self.layout = Layout()
        """One for all of them: each would be a comm of its own."""
        self.void: set[str] = set()
        """Ids of events that a browser was told are not recorded: they never will be."""
        self._text = self._what_is_drawn()
        """What the drawn HTML of the sections depends on."""
        self._seq, self._elsewhere = session.progress.seq, session.progress.elsewhere
        """The last event that the panels show, and what they show of other runbooks."""
        self._redraw_at = rules.next_change(session.progress, now=sessions.now())
        self.revision = renewal.words(session, found)
        """That the template changed since, in words."""
        self._traces = renewal.traces(session, found)
        self._versions = len(session.progress.versions)
        self._look_at = time.monotonic() + TEMPLATE_SECONDS
        self.trouble = ""
        """Why the journal cannot be read just now, in words."""
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nbrunbook-events")
        self._stop = threading.Event()
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
        return self.session.progress.plan.link_from(folder)

    def drawn(self, section: str) -> str:
        """Return what has its home in a section's cell as HTML; empty for panels that are no section."""
        if not section:
            return ""
        return drawing.home_html(self.session.progress, section, self._links(), now=sessions.now())

    def static(self, role: str, section: str, drawn: str) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        done = self.session.progress
        about = {
            "key": self.session.key,
            "journal": self._journal_words(),
            "how_to_go_live": f"As last saved, not live. To work on it: nbrunbook work {self.session.key}",
            "revision": self.revision,
            "deployed": drawing.deployed(self.session.runbook.facts["deployment"]),
        }
        if role == "header":
            return drawing.header_html(done, **about), drawing.header_text(done, **about)
        if role == "sign-off":
            return drawing.sign_off_html(done), drawing.sign_off_text(done)
        return drawn, drawing.home_text(done, section, now=sessions.now())

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        done = self.session.progress
        common = {"trouble": self.trouble}
        if role == "header":
            return {**common, **self._header_view(done)}
        if role == "sign-off":
            return {**common, **self._sign_off_view(done)}
        now, drawn = sessions.now(), done.homes[section]
        steps = [step for each in drawn for step in done.plan.by_section.get(each, ())]
        nothing = {"about": drawing.home_about(done, section), "opens": ""}
        return {
            **common,
            **(self._section_view(done, section) if section in drawn else nothing),
            "put_in": {each: self._section_view(done, each) for each in drawn if each != section},
            "steps": {step.id: self._step_view(done, step, now) for step in steps},
            "settled": bool(steps) and all(done.of(step.id).settled for step in steps),
            "add_after": offers.add_after(done, steps),
        }

    def _section_view(self, done: progress.Progress, section: str) -> dict[str, Any]:
        return {
            "about": drawing.section_about(done, section),
            "opens": offers.opens(done, section, now=sessions.now()),
        }

    def _step_view(self, done: progress.Progress, step: Any, now: datetime) -> dict[str, Any]:
        state, view = done.of(step.id), drawing.step_view(done, step, now=now)
        del view["left"]  # the browser counts down by itself
        return {
            **view,
            **offers.step_view(done, step, now=now),
            "title": done.title(step),
            "owner": step.owner or "",
            "taken_by": state.taken.operator if state.taken else "",
            "belongs_to": offers.belongs_to(step, state, self.found),
            "asks_for": evidence.kind(step.evidence) if step.evidence else "",
        }

    def _header_view(self, done: progress.Progress) -> dict[str, Any]:
        environment, now = done.plan.environment, sessions.now()
        overdue = [done.title(step) for step in done.open_steps if rules.is_overdue(done, step, now=now)]
        first = next(iter(done.open_steps), None)
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
            "deployed": drawing.deployed({**self.session.runbook.facts["deployment"], "pipeline": ""}),
            "pipeline": self.session.runbook.facts["deployment"].get("pipeline", ""),
            "handover": drawing.handover(done),
            "revision": self.revision,
            "overdue": ", ".join(overdue),
            "next": {"id": first.id, "title": done.title(first)} if first else None,
            "owners": sorted({step.owner for step in done.plan.steps if step.owner}),
            "may_note": offers.may_note(done, now=now),
        }

    def _sign_off_view(self, done: progress.Progress) -> dict[str, Any]:
        """The same words as in a saved notebook, and what of interest comes after them."""
        first, *items = drawing.sign_off_text(done).split("\n")
        optional = [done.title(step) for step in done.open_steps if "optional" in step.flags]
        archived = done.archived.data.get("record", "") if done.archived else ""
        more = [f"Optional and open: {', '.join(optional)}"] if optional and done.state == "open" else []
        more += [f"Its record: records/{archived}"] if archived else []
        return {
            "lines": [{"words": first, "items": [each.removeprefix("- ") for each in items]}]
            + [{"words": each, "items": []} for each in more],
            "offers": [offer.as_json() for offer in offers.of_sign_off(done, now=sessions.now())],
        }

    def _journal_words(self) -> str:
        opened = self.session.journal
        if opened.shared:
            return f"{opened.where} (shared)"
        return f"{self.found.relative(Path(opened.where))} (only on this computer)"

    def _what_is_drawn(self) -> tuple[Any, ...]:
        done = self.session.progress
        titles = tuple((each, done.plan.by_id[each].title) for each in done.added)
        return (done.evidence_by_name(), titles, len(done.versions))

    def refresh(self) -> None:
        """Set every panel's view whole, where it changed."""
        with self.session.lock:
            text = self._what_is_drawn()
            for panel in self.panels:
                if panel.section and text != self._text:
                    panel.drawn = self.drawn(panel.section)
                view = self.view(panel.role, panel.section)
                if view != panel.view:
                    panel.view = view
            self._text, self._seq = text, self.session.progress.seq
            self._elsewhere = self.session.progress.elsewhere
            self._redraw_at = rules.next_change(self.session.progress, now=sessions.now())

    def _follow(self) -> None:
        """Show what others did, and what time does: look into the journal twice a second."""
        while not self._stop.wait(FOLLOW_SECONDS):
            trouble = self._look_into_journal()
            due = self._redraw_at is not None and self._redraw_at <= sessions.now()
            due = self._look_at_template() or due
            if due or trouble != self.trouble or self._is_behind():
                self.trouble = trouble
                try:
                    self.refresh()
                except Exception as error:
                    self.trouble = f"{type(error).__name__}: {error}"

    def _is_behind(self) -> bool:
        done = self.session.progress
        return done.seq != self._seq or done.elsewhere != self._elsewhere

    def _look_at_template(self) -> bool:
        """Look now and then whether its files changed, and only then whether a revision waits; return whether."""
        revised = len(self.session.progress.versions) != self._versions
        if time.monotonic() < self._look_at and not revised:
            return False
        self._look_at = time.monotonic() + TEMPLATE_SECONDS
        before = self._traces, self.revision
        try:
            self._traces = renewal.traces(self.session, self.found)
            self.revision = renewal.words(self.session, self.found) if self._traces != before[0] else self.revision
        except Exception:
            self.revision = ""  # what is wrong with a template is for its author to see
        self._versions = len(self.session.progress.versions)
        return (self._traces, self.revision) != before

    def _look_into_journal(self) -> str:
        """Read what others wrote; return why that cannot be done, in words, or nothing."""
        try:
            self.session.refresh()
        except NbrunbookError as error:
            return error.found
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    # What is asked

    def answer(self, panel: Panel, message: Any, buffers: Sequence[Any] = ()) -> None:
        """Answer one message of a browser: a beat at once, an event when the journal has answered.

        Events go through one worker, in order, so that a slow journal never looks like a dead kernel,
        and a question after an event is asked after it.
        """
        asked = message if isinstance(message, dict) else {}
        if asked.get("ask") == "code":
            panel.send({"answer": "code", **CODE})
        elif asked.get("ask") in ("hello", "beat"):
            who, at = self._operator(asked), events.instant(sessions.now())
            reply = {"answer": "here", "operator": who.name, "known": f"{who.known}: {who.known_by}", "now": at}
            panel.send({"reply_to": asked.get("id", ""), **reply, "may_rename": who.known != "verified"})
        elif asked.get("ask") == "file":
            self._worker.submit(self._answer_file, panel, asked)
        else:
            self._worker.submit(self._answer_event, panel, asked, [bytes(each) for each in buffers])

    def _answer_file(self, panel: Panel, asked: Mapping[str, Any]) -> None:
        """Send a file that was given as evidence."""
        reply, content = {"reply_to": asked.get("id", ""), "answer": "refused"}, None
        try:
            given = self.session.progress.of(self.session.step(str(asked.get("step", ""))).id).file
            content = self.session.file(given.data["file"]) if given else None
            found = {"answer": "done", "name": given.data.get("name", "")} if given and content else {}
            reply |= found or {"why": "the journal does not hold the file"}
        except Exception as error:
            reply["why"] = str(error)
        panel.send(reply, [content] if content else [])

    def _answer_event(self, panel: Panel, asked: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        """Answer in every case: an exception here would be seen nowhere."""
        event_id = str(asked.get("event", ""))
        reply: dict[str, Any]
        try:
            reply = self._reply(asked, event_id, buffers)
        except JournalBusyError as error:
            reply = self._never(event_id, str(error))
        except RefusedError as error:
            reply = {"answer": "refused", "why": error.why}
        except JournalError as error:
            reply = self._look(event_id, error.found)
        except NbrunbookError as error:
            reply = {"answer": "refused", "why": str(error)}
        except Exception as error:
            reply = self._look(event_id, f"a bug in nbrunbook: {type(error).__name__}: {error}")
        panel.send({"reply_to": asked.get("id", ""), **reply})

    def _reply(self, asked: Mapping[str, Any], event_id: str, buffers: Sequence[bytes]) -> dict[str, Any]:
        what = str(asked.get("ask", ""))
        if what == "find":
            return self._found(event_id, "the journal does not hold it")
        self._record(what, asked, buffers)
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

    def _record(self, what: str, asked: Mapping[str, Any], buffers: Sequence[bytes]) -> Event:
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
            if what == "add":
                title, after = str(asked.get("title", "")), str(asked.get("after", ""))
                return self.session.add(title, after=after, event_id=event_id, operator=who)
            if what not in offers.CLICKS:
                raise RefusedError(f"cannot {what}", "this nbrunbook does not know it")
            said = {name: str(asked.get(name, "")) for name in ("note", "reason", "evidence")}
            said["let_go"] = "yes" if what == "release" else ""
            file = File(name=str(asked.get("name", "")), content=buffers[0]) if buffers else None
            kind = offers.CLICKS[what]
            return self.session.record(kind, step_id, data=said, event_id=event_id, operator=who, file=file)

    def _archive(self, who: Operator, event_id: str) -> Event:
        record.archive(self.session, self.found, operator=who, event_id=event_id)
        return cast(Event, self.session.progress.archived)

    def _operator(self, asked: Mapping[str, Any]) -> Operator:
        named = operator.from_browser(str(asked.get("username", "")), self.found.operators)
        typed = operator.from_keyboard(str(asked.get("typed", "")), self.found.operators)
        return named or typed or self.session.operator


_NOWHERE = project.Environment(name="")


class Runbook:
    """What the cells of a runbook call. It goes live with the first call in a kernel."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: Live | None = None

    def header(self) -> Panel | Static:
        """Draw the header."""
        from IPython.display import HTML, display

        display(HTML(f'<p class="nbr-hint">{escape(HINT)}</p>'))  # type: ignore[no-untyped-call]
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
    about = facts_in(notebook.read_metadata(path))
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
