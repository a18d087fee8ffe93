"""Sessions: an operator at work on one runbook. The only writer of events.

The widget and the command line both go through here, so that both obey the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook, widget_state
from nbrunbook.errors import RefusedError, UnknownPlanError
from nbrunbook.journal.entries import Decide, Draft, RunbookRow, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project import paths
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, evidence, replay, rules
from nbrunbook.runbook.attempt import VERBS, Attempt, check_texts
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.remedies import of_adding, of_revising, remedy
from nbrunbook.runbook.times import Clock, local
from nbrunbook.work import redacting
from nbrunbook.work.drafts import as_it_is_now, draft_of, free_step_id, kept_elsewhere
from nbrunbook.work.following import Following


class Session(Following):
    """An operator at work on one runbook. Safe to use from several threads."""

    def __init__(
        self,
        journal: Journal,
        runbook: RunbookRow,
        operator: Operator,
        *,
        project: Project | None = None,
        verified_approvals: bool = False,
        clock: Callable[[], datetime] = events.now,
    ) -> None:
        """`project` says which environments are released together; without it no other runbook is asked."""
        self.operator, self.verified_approvals, self.clock = operator, verified_approvals, clock
        self.times: Callable[[datetime], Clock] = local  # how instants are told in what is refused
        super().__init__(journal, runbook, project=project)

    def append(
        self,
        kind: Kind,
        step_id: str = "",
        *,
        data: Mapping[str, str] | None = None,
        event_id: str | None = None,
        operator: Operator | None = None,
        contents: Sequence[bytes] = (),
        file: EvidenceFile | None = None,
        shape: Callable[[Progress, Draft], Draft] = lambda _, draft: draft,
    ) -> Event:
        """Write one event if the rules allow it, and return it once the journal has committed.

        `file` is evidence that goes with a tick; `shape` has the last word while the journal is locked.
        Sending the same `event_id` again returns the first answer and writes nothing.
        Raises RefusedError (nothing was written) or JournalError (it cannot be known).
        """
        said = {name: text.strip() for name, text in (data or {}).items() if text and text.strip()}
        step = self.step(step_id) if step_id and kind != "opened" else None
        step_id, who = step.id if step else step_id, operator or self.operator
        if file is not None:
            said, contents = {**said, **self._about_file(kind, step, file)}, (file.content,)
        self._check_texts(kind, step, {**said, "operator": who.name})
        with self.lock:
            step = step and as_it_is_now(self.key, self.progress, step)
            if step is not None and _has_to_open(self.progress, kind, step):
                self._require(self._opened_for(kind, step), kind, step, who, said)
                self.open_section(self._closed_by(step), operator=who)

            def draft(current: Progress) -> Draft:
                asked = step and as_it_is_now(self.key, current, step)
                self._require(current, kind, asked, who, said)
                if asked and _has_to_open(current, kind, asked):
                    raise RefusedError(self._attempt(kind, asked), "its section was closed just now; try again")
                return shape(current, draft_of(kind, step_id, who, {**said, **kept_elsewhere(kind, current)}, contents))

            return self.write_down(draft, event_id)

    def write_down(self, draft: Callable[[Progress], Draft], event_id: str | None) -> Event:
        """Write what `draft` makes of the progress as it is while the journal is locked."""
        self.look_elsewhere()

        def decide(new: Sequence[Event]) -> Draft:
            try:
                return draft(replay.apply_all(self.progress, new, self.plans))
            except RefusedError:
                self.learn(new)
                raise

        event_id = event_id or events.new_id()
        try:
            new, event = self._write(decide, event_id)
        except UnknownPlanError:
            # Somebody has just revised it: that plan is read outside of the transaction, which holds the lock.
            self.refresh()
            new, event = self._write(decide, event_id)
        self.learn(new)
        return event

    def _write(self, decide: Decide, event_id: str) -> tuple[list[Event], Event]:
        known, keep = self.known(), self.keep
        return self.journal.append(self.runbook, event_id=event_id, decide=decide, now=self.clock, keep=keep, **known)

    def check_attempt(
        self, kind: Kind, step_id: str, *, data: Mapping[str, str], file: bool = False, operator: Operator | None = None
    ) -> None:
        """Raise RefusedError for a tick or a run that would be refused now, before somebody is asked about it."""
        step = self.step(step_id)
        said = {name: text.strip() for name, text in data.items() if text.strip()} | ({"file": ""} if file else {})
        self._require(self._opened_for(kind, step), kind, step, operator or self.operator, said)

    def _require(
        self, current: Progress, kind: Kind, step: Step | None, who: Operator, said: Mapping[str, str]
    ) -> None:
        """Raise RefusedError, with what helps at the terminal, for what the rules do not allow."""
        attempt = Attempt(
            kind=kind,
            step=step,
            operator=who,
            clock=self.times(self.clock()),
            evidence=said.get("evidence", ""),
            file="file" in said,
            reason=said.get("reason", ""),
            forced="forced" in said,
            verified_approvals=self.verified_approvals,
        )
        why = rules.refusal(current, attempt)
        if why:
            raise RefusedError(self._attempt(kind, step), why, remedy(current, attempt, key=self.key))

    def _opened_for(self, kind: Kind, step: Step) -> Progress:
        """The progress with the section opened that an event opens: what is refused then, nothing is opened for."""
        if not _has_to_open(self.progress, kind, step):
            return self.progress
        return replace(self.progress, opened_sections=self.progress.opened_sections | {self._closed_by(step)})

    def _about_file(self, kind: Kind, step: Step | None, file: EvidenceFile) -> dict[str, str]:
        """What the event says of a file; its content goes into a blob of the name `file`."""
        why = evidence.size_fault(len(file.content))
        if why or self._was_redacted(file.content):
            raise RefusedError(self._attempt(kind, step), why or "this very file was redacted from the journal before")
        return {"file": sha256(file.content), "name": file.name, "size": str(len(file.content))}

    def add(
        self, title: str, *, after: str = "", event_id: str | None = None, operator: Operator | None = None
    ) -> Event:
        """Put in a step that nobody foresaw: behind `after`, else at the end, before what is only if needed.

        It is a step as any other, and the event's `step` is its id. Raises as `append` does.
        """
        who, title = operator or self.operator, " ".join(title.split())
        beside = self.step(after) if after else None
        if not title:
            raise RefusedError(self._attempt("added", None), "it has no title")
        self._check_texts("added", None, {"title": title, "operator": who.name})

        def draft(current: Progress) -> Draft:
            behind = replay.added_after(current, beside.id if beside else "")
            why = rules.add_refusal(current, behind)
            if why:
                raise RefusedError(self._attempt("added", None), why, of_adding(current, behind, key=self.key))
            data = {"title": title, "after": behind or ""}
            return draft_of("added", free_step_id(title, current.plan.by_id), who, data)

        with self.lock:
            return self.write_down(draft, event_id)

    def redact(
        self, what: int | str, reason: str, *, event_id: str | None = None, operator: Operator | None = None
    ) -> Event:
        """Blank what an event says, by its number, or a code cell of the plan's, by its name; the chain still holds.

        A file that another event names too stays. What was done stays done. Raises as `append` does.
        """
        who, reason = operator or self.operator, reason.strip()
        self._check_texts("redacted", None, {"reason": reason, "operator": who.name})
        self.refresh()
        args = (reason, who)
        make = redacting.of_code(self, what, *args) if isinstance(what, str) else redacting.of_event(self, what, *args)

        def draft(current: Progress) -> Draft:
            found = make(current)
            self._require(current, "redacted", None, who, {})
            return found

        with self.lock:
            return self.write_down(draft, event_id)

    def revise(
        self,
        made: Plan,
        *,
        shown: Plan,
        template: Mapping[str, Any],
        summary: str = "",
        parameters: Mapping[str, str] | None = None,
        contents: Sequence[bytes] = (),
        operator: Operator | None = None,
    ) -> Event:
        """Bring another plan into force; what was settled keeps its state.

        `shown` is the plan that it was compared with: RefusedError where somebody revised it meanwhile,
        `template` the name and parts of what it was read from, `parameters` those that came with it,
        `contents` the code that it names.
        """
        who = operator or self.operator
        added = {"parameters": events.canonical(dict(parameters))} if parameters else {}
        data = {"plan": made.digest, "template": events.canonical(dict(template)), "summary": summary, **added}
        self._check_texts("revised", None, {"operator": who.name})

        def draft(current: Progress) -> Draft:
            why = rules.revise_refusal(current, made, shown)
            if why:
                raise RefusedError(self._attempt("revised", None), why, of_revising(current, self.key))
            return replace(draft_of("revised", "", who, data, contents), plans=(made.body,))

        with self.lock:
            self.plans[made.digest] = made
            return self.write_down(draft, None)

    def _attempt(self, kind: Kind, step: Step | None) -> str:
        return f"cannot {VERBS.get(kind, kind)} {step.id if step else self.key}"

    def _check_texts(self, kind: Kind, step: Step | None, said: Mapping[str, str]) -> None:
        check_texts(self._attempt(kind, step), kind, said)

    def _was_redacted(self, content: bytes) -> bool:
        """Whether the journal held this very file, and was told to forget it."""
        return self.journal.blob(sha256(content)) == b"" != content

    def _closed_by(self, step: Step) -> str:
        return self.progress.plan.section(step.section).closed_by or ""

    def file(self, sha256: str) -> bytes | None:
        """Return a file that was given as evidence on this runbook; None for any other blob."""
        given = any(event.data.get("file") == sha256 for event in self.ticks())
        return self.journal.blob(sha256) if given else None

    def open_section(
        self, section_id: str, *, event_id: str | None = None, operator: Operator | None = None
    ) -> Event | None:
        """Open an `.if-needed` section; None where it is open already."""
        with self.lock:
            if section_id in self.progress.opened_sections:
                return None
            if not any(section.closed_by == section_id for section in self.progress.plan.sections):
                raise RefusedError(f"cannot open {section_id}", "there is no section of that id to open")
            return self.append("opened", section_id, event_id=event_id, operator=operator)

    def close_section(self, section_id: str, *, event_id: str | None = None, operator: Operator | None = None) -> Event:
        """Close an `.if-needed` section again, in which nothing was settled. Raises as `append` does."""
        who = operator or self.operator
        self._check_texts("closed", None, {"operator": who.name})

        def draft(current: Progress) -> Draft:
            why = rules.close_refusal(current, section_id)
            if why:
                raise RefusedError(f"cannot close {section_id}", why)
            return draft_of("closed", section_id, who, {"needs": events.NEEDS["closed"]})

        with self.lock:
            return self.write_down(draft, event_id)

    def sign_off(
        self, copy: Path | None, *, event_id: str | None = None, operator: Operator | None = None, note: str = ""
    ) -> Event:
        """Sign the runbook off, and keep the session copy as it was last saved, without its widgets' state."""
        content = notebook.read_bytes(paths.of_ours(copy)) if copy is not None and copy.is_file() else None
        content = widget_state.left_out(content) if content else None
        self.read_all()
        content = None if content and self._was_redacted(content) else content
        data = {"note": note} | ({"notebook": sha256(content)} if content else {})
        return self.append(
            "signed_off", data=data, event_id=event_id, operator=operator, contents=[content] if content else ()
        )

    def find(self, event_id: str) -> Event | None:
        """Look an event up by the id that a browser made: was it recorded after all?

        None only where it cannot be any more. JournalBusyError while whatever may still record it is not over.
        """
        return self.journal.event_for_good(self.runbook, event_id)


def _has_to_open(progress: Progress, kind: Kind, step: Step) -> bool:
    """Whether the section of a step is closed, and an event opens it first."""
    return kind in ("ticked", "skipped", "started") and progress.closed(step)
