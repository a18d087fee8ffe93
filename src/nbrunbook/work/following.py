"""Following: a runbook's plan, events and progress, kept up to date with its journal."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from nbrunbook.documents.letters import meant
from nbrunbook.errors import JournalBrokenError, NbrunbookError, UnknownSectionError, UnknownStepError
from nbrunbook.journal import kept_states, runs
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.reading import Reader
from nbrunbook.project.settings import Project
from nbrunbook.runbook import kept_state, replay
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.kept_state import EVERY
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.plan_json import plan_from_json
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import Heard
from nbrunbook.work.other_runbooks import OtherRunbooks


class ReadSoFar(TypedDict):
    """What was read of a journal so far."""

    after: int
    """The seq of the last event; 0 for none."""
    last_id: str
    """Its id; empty for none."""


class Following:
    """One runbook as its journal shows it, for whoever looks. Safe to use from several threads."""

    def __init__(self, journal: Journal, runbook: RunbookRow, *, project: Project | None = None) -> None:
        """`project` says which environments are released together; without it no other runbook is asked."""
        self.journal, self.runbook = journal, runbook
        self.others = OtherRunbooks(runbook, project, journal, self._follow) if project else None
        self.lock = threading.RLock()
        self.plan: Plan = self._plan(runbook.plan_digest)
        """The plan that the runbook was made from; `progress.plan` is the one in force."""
        self.progress: Progress = replay.start(self.plan)
        self.plans: dict[str, Plan] = {}
        """The plans of the revisions that were read, by their digests."""
        self._events: list[Event] | None = None
        self._last_id = ""
        self._kept_at = 0
        """Up to which event it is known that a state is kept."""
        self._open()
        self._look_around()

    @property
    def key(self) -> str:
        """The runbook's key."""
        return self.runbook.key

    def _open(self) -> None:
        """Go on from the state that is kept; where there is none, or one that does not fit, replay all."""
        kept, found = kept_states.opening(self.journal, self.runbook)
        self._read_plans(found)
        try:
            start = kept_state.restored(kept, self.progress, found, self.plans, self._notes) if kept else self.progress
        except ValueError:
            kept, found, start = None, self.journal.events(self.runbook), self.progress
            self._read_plans(found)
        self.progress = replay.apply_all(start, [event for event in found if event.seq > start.seq], self.plans)
        self._events, self._kept_at = (None, kept.seq) if kept else (found, 0)
        self._last_id = found[-1].id if found else ""

    @property
    def events(self) -> list[Event]:
        """All events that are known; where it was opened by a kept state they are read, and replayed, only now."""
        with self.lock:
            return self._events if self._events is not None else self._replay_all(until=self.progress.seq)

    def of_kinds(self, *kinds: Kind) -> list[Event]:
        """Return the events of some kinds; no others are read for them."""
        with self.lock:
            if self._events is None:
                return self.journal.of_kinds(self.runbook, *kinds)
            return [event for event in self._events if event.kind in kinds]

    def ticks(self) -> Iterator[Event]:
        """Yield the ticks, of others too where they count here; first those for which nothing has to be read."""
        counting = [each for state in self.progress.steps.values() for each in (state.by, state.confirmed) if each]
        counting += [each.event for each in self.progress.once.values()]
        yield from (event for event in counting if event.kind == "ticked")
        yield from self.of_kinds("ticked")

    def read_all(self) -> None:
        """Read what others wrote, and go by all events from now on, and by no state that was kept."""
        self.refresh()
        with self.lock:
            self._replay_all(until=self.progress.seq)

    def _notes(self, step_id: str) -> Sequence[Event]:
        """All notes on a step, or on the runbook itself."""
        with self.lock:
            self._replay_all(until=self.progress.seq)
            return list(self.progress.steps[step_id].notes if step_id else self.progress.notes)

    def refresh(self) -> bool:
        """Read what others wrote, also into other runbooks that this one asks; return whether it changed anything."""
        changed = self._read()
        return self._look_around() or changed

    def _look_around(self) -> bool:
        with self.lock:
            found = [self.look_elsewhere(), self.listen()]
            if any(heard.host == "" for heard in self.progress.heard.values()):  # perhaps it ended in between
                found += [self._read(), self.listen()]
            return any(found)

    def _read(self) -> bool:
        new = self.journal.events(self.runbook, **self.known())
        with self.lock:
            return self.learn([event for event in new if event.seq > self.progress.seq])

    def _follow(self, runbook: RunbookRow) -> Following:
        return Following(self.journal, runbook)

    def look_elsewhere(self) -> bool:
        """Ask the other runbooks; return whether they say something new."""
        if self.others is None:
            return False
        said, before = self.others.look(self.progress), self.progress.elsewhere
        if said != before:
            self.progress = replace(self.progress, elsewhere=said)
        return said != before

    def listen(self) -> bool:
        """Ask what was last heard of runs that go on; return whether there is something new to show."""
        going_on = [state.run.id for state in self.progress.steps.values() if state.run]
        if not going_on and not self.progress.heard:
            return False
        rows = runs.heard(self.journal, self.runbook) if going_on else {}
        said, before = {each: rows.get(each, Heard()) for each in going_on}, self.progress.heard
        self.progress = replace(self.progress, heard=said)
        return to_show(said) != to_show(before)

    def known(self) -> ReadSoFar:
        """Return what the journal has to hold still, for what it says to continue what is shown."""
        with self.lock:
            return {"after": self.progress.seq, "last_id": self._last_id}

    def learn(self, new: Sequence[Event]) -> bool:
        """Take in events that follow what is known; return whether there were any."""
        if any(event.kind == "redacted" for event in new):
            self._replay_all()  # one that was read earlier holds what is blanked now
        elif new:
            self._read_plans(new)
            self.progress = replay.apply_all(self.progress, new, self.plans)
            self._last_id = new[-1].id
            if self._events is not None:
                self._events.extend(new)
        return bool(new)

    def _replay_all(self, *, until: int | None = None) -> list[Event]:
        if until is not None:
            self.journal.events(self.runbook, **self.known())  # it holds still what it held
        found = [event for event in self.journal.events(self.runbook) if until is None or event.seq <= until]
        self._read_plans(found)
        start = replace(replay.start(self.plan), elsewhere=self.progress.elsewhere, heard=self.progress.heard)
        progress = replay.apply_all(start, found, self.plans)
        if self._state(progress, found[-1]) != self._state(self.progress, found[-1]):
            self._kept_at = 0  # what is kept is not what the events come to, so it is kept anew
        self.progress, self._events, self._last_id = progress, found, found[-1].id
        return found

    def keep(self, seen: Reader, new: Sequence[Event]) -> str:
        """Return the state to keep with the last of some events, which are not learnt yet; empty where it is not time.

        A redaction wants one at once, of what is left: `seen` is the journal as the transaction sees it.
        """
        event, redacts = new[-1], any(each.kind == "redacted" for each in new)
        if event.seq // EVERY <= (0 if redacts else self._kept_at // EVERY):
            return ""
        start, found = (replay.start(self.plan), seen.events(self.runbook)) if redacts else (self.progress, new)
        self._kept_at = event.seq
        return self._state(replay.apply_all(start, found, self.plans), event)

    def _state(self, progress: Progress, last: Event) -> str:
        return kept_state.text_of(progress, runbook=self.runbook.digest, last_hash=last.hash())

    def _read_plans(self, new: Sequence[Event]) -> None:
        for digest in [event.data["plan"] for event in new if event.kind == "revised" and "plan" in event.data]:
            if digest not in self.plans:
                self.plans[digest] = self._plan(digest)

    def _plan(self, digest: str) -> Plan:
        """A plan of the journal's; JournalBrokenError for one that cannot be read, such as one of a newer nbrunbook."""
        body = self.journal.plan_body(digest)
        try:
            return plan_from_json(json.loads(body))
        except (NbrunbookError, ValueError, RecursionError) as error:
            raise JournalBrokenError(self.key, 0, f"the plan of {self.key}: {error}") from None

    @property
    def template(self) -> Mapping[str, Any]:
        """The name and the parts of the template that the plan in force was read from."""
        last = self.progress.versions[-1].event
        found: Mapping[str, Any] = json.loads(last.data["template"]) if last else self.runbook.facts["template"]
        return found

    def if_needed(self, name: str) -> str:
        """Return the id of an `.if-needed` section, from that or from a step in it; UnknownSectionError for neither."""
        plan = self.progress.plan
        step = plan.by_id.get(name)
        ids = [section.id for section in plan.sections if section.closed_by == section.id]
        found = name if name in ids else plan.section(step.section).closed_by if step else None
        if found is None:
            raise UnknownSectionError(name, ids)
        return found

    def step(self, step_id: str) -> Step:
        """Return a step, also one that was added; UnknownStepError where there is none of that id."""
        by_id = self.progress.plan.by_id
        if step_id not in by_id:
            self.refresh()
            by_id = self.progress.plan.by_id
        try:
            return by_id[meant(step_id, by_id)]
        except KeyError:
            raise UnknownStepError(self.key, step_id, by_id) from None


def to_show(heard: Mapping[str, Heard]) -> dict[str, tuple[object, ...]]:
    """Return what somebody sees of what is heard of runs; not how long ago that was, as long as words come."""
    return {run: (each.is_unknown, each.attempt, each.lines, each.stopper) for run, each in heard.items()}
