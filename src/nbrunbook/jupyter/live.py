"""A session and its panels: what they show, and what a browser asks."""

from __future__ import annotations

import posixpath
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ipywidgets import Layout

from nbrunbook.errors import JournalBusyError, JournalError, NbrunbookError, RefusedError
from nbrunbook.jupyter.panel import CODE, Panel
from nbrunbook.project import operator
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Environment, Project, is_production
from nbrunbook.runbook import events, evidence, phrases
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.evidence import File
from nbrunbook.runbook.html import header_html, home_html, sign_off_html
from nbrunbook.runbook.plain import header_text, home_text
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.waiting import is_overdue, next_change
from nbrunbook.work import waiting_revision
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session

FOLLOW_SECONDS = 0.5
"""How often a session looks for the events of others."""
TEMPLATE_SECONDS = 5.0
"""How often it looks whether the template's files have changed."""
CLICKS: Mapping[str, Kind] = {
    "tick": "ticked",
    "untick": "unticked",
    "skip": "skipped",
    "unskip": "unskipped",
    "note": "noted",
    "approve": "approved",
    "take": "taken",
    "release": "taken",
}
"""What the browser may ask for of a step, and the event that it becomes."""


class Live:
    """A session and its panels. Messages come on several threads: the session's lock orders them."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session, self.project = session, project
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
        self._redraw_at = next_change(session.progress, now=events.now())
        self.revision = waiting_revision.revision_waits_words(session, project)
        """That the template changed since, in words."""
        self._traces = waiting_revision.traces(session, project)
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
        folder = posixpath.dirname(self.project.relative(self.project.session_path(self.session.key)))
        return self.session.progress.plan.link_from(folder)

    def drawn(self, section: str) -> str:
        """Return what has its home in a section's cell as HTML; empty for panels that are no section."""
        if not section:
            return ""
        return home_html(self.session.progress, section, self._links(), now=events.now())

    def static(self, role: str, section: str, drawn: str) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        progress = self.session.progress
        about = {
            "key": self.session.key,
            "journal": self._journal_words(),
            "how_to_go_live": f"As last saved, not live. To work on it: nbrunbook work {self.session.key}",
            "revision": self.revision,
            "deployed": phrases.deployed(self.session.runbook.facts["deployment"]),
        }
        if role == "header":
            return header_html(progress, **about), header_text(progress, **about)
        if role == "sign-off":
            return sign_off_html(progress), phrases.sign_off_text(progress)
        return drawn, home_text(progress, section, now=events.now())

    def view(self, role: str, section: str) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        progress = self.session.progress
        common = {"state": progress.state, "trouble": self.trouble}
        if role == "header":
            return {**common, **self._header_view(progress)}
        if role == "sign-off":
            return {**common, **self._sign_off_view(progress)}
        now, drawn = events.now(), progress.homes[section]
        steps = [step for each in drawn for step in progress.plan.by_section.get(each, ())]
        nothing = {"about": phrases.home_about(progress, section), "closed_by": ""}
        return {
            **common,
            **(self._section_view(progress, section) if section in drawn else nothing),
            "put_in": {each: self._section_view(progress, each) for each in drawn if each != section},
            "steps": {step.id: self._step_view(progress, step, now) for step in steps},
        }

    def _section_view(self, progress: Progress, section: str) -> dict[str, Any]:
        closed_by = progress.plan.section(section).closed_by
        return {
            "about": phrases.section_about(progress, section),
            "closed_by": closed_by if closed_by and closed_by not in progress.opened_sections else "",
        }

    def _step_view(self, progress: Progress, step: Any, now: datetime) -> dict[str, Any]:
        state, view = progress.of(step.id), phrases.step_view(progress, step, now=now)
        del view["left"]  # the browser counts down by itself
        return {
            **view,
            "title": progress.title(step),
            "group": step.is_group,
            "closed": progress.closed(step),
            "owner": step.owner or "",
            "taken_by": state.taken.operator if state.taken else "",
            "asks": step.evidence or "",
            "asks_for": evidence.kind(step.evidence) if step.evidence else "",
            "irreversible": "irreversible" in step.flags,
            "where": state.where,
            "approval": "approval" in step.flags and state.approved is None,
        }

    def _header_view(self, progress: Progress) -> dict[str, Any]:
        environment, now = progress.plan.environment, events.now()
        overdue = [progress.title(step) for step in progress.open_steps if is_overdue(progress, step, now=now)]
        first = next(iter(progress.open_steps), None)
        return {
            "release": progress.plan.release,
            "environment": environment,
            "production": is_production(environment, self.project.environments.get(environment, _NOWHERE).group),
            "key": self.session.key,
            "summary": progress.summary(),
            "words": phrases.state_words(progress),
            "settled": progress.settled,
            "total": progress.total,
            "journal": self._journal_words(),
            "deployed": phrases.deployed({**self.session.runbook.facts["deployment"], "pipeline": ""}),
            "pipeline": self.session.runbook.facts["deployment"].get("pipeline", ""),
            "handover": phrases.handover(progress),
            "revision": self.revision,
            "overdue": ", ".join(overdue),
            "next": {"id": first.id, "title": progress.title(first)} if first else None,
            "owners": sorted({step.owner for step in progress.plan.steps if step.owner}),
            "owners_of": self._owners_of(),
        }

    def _owners_of(self) -> dict[str, list[str]]:
        """By an operator's name, the owners, in small letters, that it acts for."""
        found: dict[str, list[str]] = {}
        for owner, people in self.project.owners.items():
            for name in people:
                found.setdefault(self.project.operators.get(name, name), []).append(owner.lower())
        return found

    def _sign_off_view(self, progress: Progress) -> dict[str, Any]:
        return {
            "words": phrases.state_words(progress),
            "open": [progress.title(step) for step in progress.required_open],
            "unconfirmed": [progress.title(step) for step in progress.unconfirmed_required],
            "optional": [step.title for step in progress.open_steps if "optional" in step.flags],
            "archived": progress.archived.data.get("record", "") if progress.archived else "",
        }

    def _journal_words(self) -> str:
        opened = self.session.journal
        if opened.shared:
            return f"{opened.where} (shared)"
        return f"{self.project.relative(Path(opened.where))} (only on this computer)"

    def _what_is_drawn(self) -> tuple[Any, ...]:
        progress = self.session.progress
        titles = tuple((each, progress.plan.by_id[each].title) for each in progress.added)
        return (progress.evidence_by_name(), titles, len(progress.versions))

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
            self._redraw_at = next_change(self.session.progress, now=events.now())

    def _follow(self) -> None:
        """Show what others did, and what time does: look into the journal twice a second."""
        while not self._stop.wait(FOLLOW_SECONDS):
            trouble = self._look_into_journal()
            due = self._redraw_at is not None and self._redraw_at <= events.now()
            due = self._look_at_template() or due
            if due or trouble != self.trouble or self._is_behind():
                self.trouble = trouble
                try:
                    self.refresh()
                except Exception as error:
                    self.trouble = f"{type(error).__name__}: {error}"

    def _is_behind(self) -> bool:
        progress = self.session.progress
        return progress.seq != self._seq or progress.elsewhere != self._elsewhere

    def _look_at_template(self) -> bool:
        """Look now and then whether its files changed, and only then whether a revision waits; return whether."""
        revised = len(self.session.progress.versions) != self._versions
        if time.monotonic() < self._look_at and not revised:
            return False
        self._look_at = time.monotonic() + TEMPLATE_SECONDS
        before = self._traces, self.revision
        try:
            self._traces = waiting_revision.traces(self.session, self.project)
            self.revision = (
                waiting_revision.revision_waits_words(self.session, self.project)
                if self._traces != before[0]
                else self.revision
            )
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
            who, at = self._operator(asked), events.instant(events.now())
            reply = {"answer": "here", "operator": who.name, "known": f"{who.known}: {who.known_by}", "now": at}
            panel.send({"reply_to": asked.get("id", ""), **reply})
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
                return self.session.sign_off(
                    self.project.session_path(self.session.key), event_id=event_id, operator=who
                )
            if what == "archive":
                return self._archive(who, event_id)
            if what == "open":
                return self.session.append("opened", step_id, event_id=event_id, operator=who)
            if what == "add":
                title, after = str(asked.get("title", "")), str(asked.get("after", ""))
                return self.session.add(title, after=after, event_id=event_id, operator=who)
            if what not in CLICKS:
                raise RefusedError(f"cannot {what}", "this nbrunbook does not know it")
            said = {name: str(asked.get(name, "")) for name in ("note", "reason", "evidence")}
            said["let_go"] = "yes" if what == "release" else ""
            file = File(name=str(asked.get("name", "")), content=buffers[0]) if buffers else None
            return self.session.append(CLICKS[what], step_id, data=said, event_id=event_id, operator=who, file=file)

    def _archive(self, who: Operator, event_id: str) -> Event:
        archive(self.session, self.project, operator=who, event_id=event_id)
        return cast(Event, self.session.progress.archived)

    def _operator(self, asked: Mapping[str, Any]) -> Operator:
        named = operator.from_browser(str(asked.get("username", "")), self.project.operators)
        typed = operator.from_keyboard(str(asked.get("typed", "")), self.project.operators)
        return named or typed or self.session.operator


_NOWHERE = Environment(name="")
