"""What panels show: JSON for a page that is live, HTML and plain text for one that is not."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbrunbook.documents.markdown.html import Html
from nbrunbook.jupyter.boards import Boards
from nbrunbook.jupyter.run_views import RunViews
from nbrunbook.project import paths
from nbrunbook.project.settings import Project
from nbrunbook.runbook import closing, events, evidence, looks, offers, run_html, words
from nbrunbook.runbook.board_html import board_html
from nbrunbook.runbook.html import header_html, home_html, sign_off_html
from nbrunbook.runbook.plain import header_text, home_text
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import StepState
from nbrunbook.runbook.times import Clock, marked, utc
from nbrunbook.runbook.waiting import is_overdue, quoted_titles
from nbrunbook.work.lost_journals import place
from nbrunbook.work.session import Session


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told beside what the journal holds."""

    revision: str = ""
    """That the template changed since, in words; empty where it did not."""
    trouble: str = ""
    """What keeps the page from being up to date, in words: the journal cannot be read, or a fault of ours."""


class Views:
    """What the panels of one session show now."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session, self.project, self.runs, self.boards = (
            session,
            project,
            RunViews(session, project),
            Boards(session),
        )
        self.boards.look(marked(events.now()))
        self.runbook = f"{project.name} {session.key}"
        """Which runbook it is, among all that a browser may have open."""

    def depends_on(self) -> tuple[Any, ...]:
        """Return what the drawn HTML of sections depends on: evidence, added steps, the plan and approvals."""
        progress = self.session.progress
        titles = tuple((each, progress.plan.by_id[each].title) for each in progress.added)
        approved = tuple(step_id for step_id, state in progress.steps.items() if state.approved is not None)
        return (progress.evidence_by_name(), titles, len(progress.versions), approved)

    def drawn(self, section: str, *, with_runs: bool = False) -> str:
        """Return what has its home in a section's cell as HTML; empty for panels that are no section."""
        if not section:
            return ""
        progress, clock = self.session.progress, utc(events.now())

        def wrote(step_id: str) -> Html:
            if not with_runs:
                return Html()
            board = board_html(self.boards.of(step_id), clock)
            return board + run_html.written(progress, progress.plan.by_id[step_id])

        return home_html(progress, section, self._links(), now=events.now(), more=wrote)

    def _links(self) -> Callable[[str], str]:
        return self.session.progress.plan.link_from(*self.project.place(self.project.session_path(self.session.key)))

    def static(self, role: str, section: str, drawn_section: str, told: Told) -> tuple[str, str]:
        """Return what a saved notebook shows where there is no kernel: HTML and plain text."""
        progress, now = self.session.progress, events.now()
        clock = utc(now)
        drawn = f"drawn on {clock(now)} ({progress.summary()}), and not brought up to date since"
        about: dict[str, Any] = {
            "key": self.session.key,
            "journal": place(self.project, self.session.journal),
            "how_to_go_live": f"Not live: {drawn}. To work on it: nbrunbook work {shlex.quote(self.session.key)}",
            "revision": told.revision,
            "origin": words.origin(self.session.runbook.facts, self.session.template),
        }
        if role == "header":
            production = self.project.is_production(progress.plan.environment)
            html = header_html(progress, now=now, production=production, **about)
            return html, header_text(progress, clock, **about)
        if role == "sign-off":
            return sign_off_html(progress, now=now), closing.sign_off_text(progress, clock)
        steps = [step for each in progress.homes[section] for step in progress.plan.by_section.get(each, ())]
        if any(step.automation for step in steps):  # what they wrote is for whoever has no kernel to ask for it
            drawn_section = self.drawn(section, with_runs=True)
        return drawn_section, home_text(progress, section, clock)

    def view(self, role: str, section: str, told: Told) -> dict[str, Any]:
        """Return what a panel shows, as JSON."""
        progress, clock = self.session.progress, marked(events.now())
        if role == "header":
            shown = self._header(progress, told, clock)
        elif role == "sign-off":
            shown = self._sign_off(progress, clock)
        else:
            shown = self._home(progress, section, clock)
        return {"trouble": told.trouble, "runbook": self.runbook, **shown}

    def _home(self, progress: Progress, home: str, clock: Clock) -> dict[str, Any]:
        drawn = progress.homes[home]
        steps = [step for each in drawn for step in progress.plan.by_section.get(each, ())]
        states = [state for step in steps if (state := progress.of(step.id)).status != "not-applicable"]
        nothing = {"about": words.home_about(progress, home), "opens": "", "closes": ""}
        return {
            **(_section(progress, home, clock) if home in drawn else nothing),
            "put_in": {each: _section(progress, each, clock) for each in drawn if each != home},
            "steps": {step.id: self._step(progress, step, clock) for step in steps},
            "add_after": offers.add_after(progress, steps),
            "settled": bool(states) and all(_is_quiet(state) for state in states),
        }

    def _step(self, progress: Progress, step: Step, clock: Clock) -> dict[str, Any]:
        state, view = progress.of(step.id), words.step_view(progress, step, clock, apart=True)
        del view["left"]  # the browser counts down by itself
        if "run" in view:
            view["run"] = self.boards.shown(step.id, {**view["run"], "gone": self.runs.elsewhere(step)})
        return {
            **view,
            **self.runs.held(step, offers.step_view(progress, step, clock)),
            "title": progress.title(step),
            "owner": step.owner or "",
            "taken_by": state.taken.operator if state.taken else "",
            "belongs_to": offers.belongs_to(step, state, self.project),
            "asks_for": evidence.kind(step.evidence) if step.evidence else "",
        }

    def _header(self, progress: Progress, told: Told, clock: Clock) -> dict[str, Any]:
        environment, facts = progress.plan.environment, self.session.runbook.facts
        overdue = [step for step in progress.open_steps if is_overdue(progress, step, now=clock.now)]
        return {
            "release": progress.plan.release,
            "environment": environment,
            "production": self.project.is_production(environment),
            "key": self.session.key,
            "summary": progress.summary(),
            "state": progress.state,
            "words": words.state_words(progress, clock),
            "settled": progress.settled,
            "total": progress.total,
            "journal": place(self.project, self.session.journal),
            "origin": dict(words.origin(facts, self.session.template, link=False)),
            "pipeline": facts["deployment"].get("pipeline", ""),
            "handover": words.handover(progress, clock),
            "revision": told.revision,
            "overdue": quoted_titles(progress, overdue, 2),
            "failing": "; ".join(looks.all_words(looks.failing(progress), clock)),
            "next": self._next(progress, clock),
            "owners": sorted({step.owner for step in progress.plan.steps if step.owner}),
            "may_note": offers.may_note(progress, clock),
            "may_sign_off": closing.is_ready(progress),
            **self._end(progress, clock),
        }

    def _next(self, progress: Progress, clock: Clock) -> dict[str, Any] | None:
        step, waits = offers.next_step(progress, clock)
        if step is None:
            return None
        owner = {"owner": step.owner or "", "belongs_to": offers.belongs_to(step, progress.of(step.id), self.project)}
        return {"id": step.id, "title": progress.title(step), "waits": waits, **owner}

    def _sign_off(self, progress: Progress, clock: Clock) -> dict[str, Any]:
        """What is left, as steps to go to; once that is over, what it was."""
        is_told = closing.is_ready(progress) or progress.state not in ("open", "signed_off")
        said = [closing.sign_off_text(progress, clock)] if is_told else []
        return {
            "lines": said + (closing.lines(progress) if progress.signed_off else []),
            "left": [self._left(progress, each, clock) for each in closing.left(progress, now=clock.now)],
            "offers": [offer.as_json() for offer in offers.of_sign_off(progress, clock, key=self.session.key)],
            **self._end(progress, clock),
        }

    @staticmethod
    def _left(progress: Progress, left: closing.Left, clock: Clock) -> dict[str, Any]:
        shown = [
            {
                "id": step.id,
                "title": progress.title(step),
                "section": progress.heading(step.section),
                "late": is_overdue(progress, step, now=clock.now),
            }
            for step in left.steps[: closing.MOST]
        ]
        return {"words": left.words, "steps": shown, "more": len(left.steps) - len(shown)}

    def _end(self, progress: Progress, clock: Clock) -> dict[str, Any]:
        """What a sign-off has closed, from when to when, and its record: its name, and where it is from the notebook.

        Without a link where its file is not on this computer.
        """
        archived = progress.archived
        path = self.project.records / archived.data["record"] if archived and archived.data.get("record") else None
        there = path is not None and paths.below(path, self.project.records) is not None and path.is_file()
        here = posixpath.dirname(self.project.from_root(self.project.session_path(self.session.key)))
        return {
            "ended": closing.ended(progress),
            "from_to": closing.from_to(progress, clock),
            "record": self.project.relative(path) if path else "",
            "record_link": posixpath.relpath(self.project.from_root(path), here) if path and there else "",
        }


def _section(progress: Progress, section: str, clock: Clock) -> dict[str, Any]:
    opens, closes = offers.opens(progress, section, clock), offers.closes(progress, section)
    return {"about": words.section_about(progress, section, clock), "opens": opens, "closes": closes}


def _is_quiet(state: StepState) -> bool:
    """Whether a step may be folded away: it is settled, nothing runs, and no look since the sign-off says otherwise."""
    return state.settled and state.run is None and (state.since is None or state.since.kind not in events.NOT_PASSED)
