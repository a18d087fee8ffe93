"""Audits: a whole journal, or one runbook, held against itself, the records and SHA256SUMS.

An audit goes on after a fault, and holds one runbook's events or one file at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from nbrunbook.journal import kept_states
from nbrunbook.journal.chain import Fault, check_chain
from nbrunbook.journal.entries import RunbookRow, row_fault, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.raw_rows import Rows
from nbrunbook.journal.reading import LISTED
from nbrunbook.project.settings import Project
from nbrunbook.record import verify
from nbrunbook.runbook import events, redactions
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.past_runs import past_runs
from nbrunbook.runbook.plan_json import code_in
from nbrunbook.texts import many

NAMING = (*redactions.BLOBS, "revised", "archived")
"""Kinds whose data may name a plan, a blob or a record."""


@dataclass(kw_only=True)
class Seen:
    """How much an audit has looked at."""

    runbooks: int = 0
    events: int = 0
    records: int = 0
    remarks: list[str] = field(default_factory=list)
    """What an auditor should know, although nothing is wrong with it."""


@dataclass(kw_only=True)
class _Archived:
    """A record that the journal says was written."""

    name: str
    redacted_since: bool


class Audit:
    """One look at a journal and the records of a project."""

    def __init__(
        self, journal: Journal, project: Project, seen: Seen, *, follow: Callable[[], None] = lambda: None
    ) -> None:
        self.journal, self.project, self.seen, self.follow = journal, project, seen, follow
        self.rows = Rows(journal)
        self._plans: dict[str, Fault] = {}
        """Names of plans that have to be there, and what to say where they are not."""
        self._blobs: dict[str, Fault] = {}
        self._blanked: set[str] = set()
        self._archived: dict[str, _Archived] = {}
        """By the record's sha256."""

    def whole(self) -> Iterator[Fault]:
        """Yield all that does not hold in the database and in the records."""
        yield from self.database()
        yield from self._records()

    def database(self) -> Iterator[Fault]:
        """Yield all that does not hold in the database alone."""
        for words in self.rows.catalog_faults():
            yield Fault(words=words)
        yield from self.every_row()

    def every_row(self) -> Iterator[Fault]:
        """Yield all that does not hold about its rows, whatever stands beside them."""
        for runbook in self.rows.every_runbook():
            yield from self._runbook(runbook)
            if len(self._plans) + len(self._blobs) >= LISTED:
                yield from self._missing()
        yield from self._missing()
        yield from self._contents(self.rows.every_plan(), self.rows.every_blob())
        yield from self._lost()

    def one(self, runbook: RunbookRow) -> Iterator[Fault]:
        """Yield all that does not hold about one runbook and its records."""
        yield from self._runbook(runbook)
        plans, blobs = list(self._plans), list(self._blobs)
        gone = self.rows.missing_plans(plans), self.rows.missing_blobs(blobs)
        yield from self._missing()
        blobs += [each for plan in plans for each in code_in(self.journal.plan_text(plan) or "")]
        yield from self._contents(iter(set(plans) - gone[0]), iter(set(blobs) - gone[1]))
        yield from self._records(runbook.key)

    # One runbook

    def _runbook(self, runbook: RunbookRow) -> Iterator[Fault]:
        words = row_fault(runbook)
        if words:
            yield Fault(runbook=runbook.key, words=words)
        heard = self.rows.heard_of(runbook)
        kept = kept_states.text_kept(self.journal, runbook)  # before its rows: there are more of them then, if any
        rows, listed = self.journal.stored(runbook)
        checked = check_chain(runbook.key, runbook.digest, rows)
        yield from checked.faults
        for event in self._over(runbook, checked.events, heard):
            yield Fault(runbook=runbook.key, seq=event.seq, words="its run is over, and the table run lists it")
        if checked.is_open != listed:
            state, index = ("open", "does not list it") if checked.is_open else ("closed", "lists it as open")
            yield Fault(runbook=runbook.key, words=f"it is {state} by its events, and the table open_runbook {index}")
        words = None if checked.faults else kept_states.fault(self.journal, runbook, kept, checked.events)
        if words:
            yield Fault(runbook=runbook.key, words=words)
        self.seen.runbooks, self.seen.events = self.seen.runbooks + 1, self.seen.events + len(rows)
        self._note(runbook, checked.events)
        self.follow()

    def _over(self, runbook: RunbookRow, found: Sequence[Event], heard: set[str]) -> Iterator[Event]:
        """The starts of runs that are over and listed; one that ended meanwhile is not listed any more."""
        ended = [run.started for runs in past_runs(found).values() for run in runs if run.started and run.end]
        if heard.intersection(each.id for each in ended):
            heard = heard & self.rows.heard_of(runbook)
        yield from (each for each in ended if each.id in heard)

    def _note(self, runbook: RunbookRow, found: Sequence[Event]) -> None:
        """Keep in mind which plans, blobs and records its events name."""
        whose = Fault(runbook=runbook.key, words="")
        self._plans.setdefault(runbook.plan_digest, _without(whose, "plan", runbook.plan_digest))
        self._blanked |= redactions.blanked(found)
        for event in (each for each in found if each.kind in NAMING):
            at, plan, blob = replace(whose, seq=event.seq), event.data.get("plan", ""), redactions.blob_of(event)
            if event.kind == "revised" and plan:
                self._plans.setdefault(plan, _without(at, "plan", plan))
            if blob:
                self._blobs.setdefault(blob, _without(at, redactions.BLOBS[event.kind], blob))
            if event.kind == "archived" and runbook.project == self.project.name:
                since = any(each.kind == "redacted" and each.seq > event.seq for each in found)
                about = _Archived(name=event.data.get("record", ""), redacted_since=since)
                self._archived[event.data.get("sha256", "")] = about

    def _missing(self) -> Iterator[Fault]:
        """What was named since the last time, and is not there."""
        for plan in sorted(self.rows.missing_plans(self._plans)):
            yield self._plans[plan]
        for blob in sorted(self.rows.missing_blobs(self._blobs)):
            yield self._blobs[blob]
        self._plans.clear()
        self._blobs.clear()

    # Contents

    def _contents(self, plans: Iterator[str], blobs: Iterator[str]) -> Iterator[Fault]:
        for name in plans:
            body = self.journal.plan_text(name)
            if body is not None and events.digest(body) != name:
                keys = self.rows.planned_by(name)
                named = [*keys, *(f"event {each.seq} of {each.runbook}" for each in self.journal.users(name))]
                yield Fault(words=f"the plan {name[:12]}… was edited; it is named by {', '.join(named) or 'nothing'}")
            for blob in sorted(self.rows.missing_blobs(code_in(body or ""))):
                yield Fault(words=f"the code {blob[:12]}… that the plan {name[:12]}… names is missing")
        for name in blobs:
            content = self.journal.blob(name)
            # The code of a plan is other runbooks' too, and each of them may have it blanked.
            if content == b"" and (name in self._blanked or self.journal.redactions_of(name)):
                continue
            if content is not None and sha256(content) != name:
                yield Fault(words=self._about_blob(name, content))

    def _about_blob(self, name: str, content: bytes) -> str:
        users = [f"event {each.seq} of {each.runbook}" for each in self.journal.users(name)]
        what = "was edited" if content else "was blanked, and no `redacted` says so"
        plans = [] if users else [f"the plan {each[:12]}…" for each in self.rows.plans_with(name)]
        named = f"it is named by {', '.join([*users, *plans])}" if users or plans else "no event names it"
        return f"the {'code' if plans else 'file'} {name[:12]}… {what}; {named}"

    def _lost(self) -> Iterator[Fault]:
        for key, count, seq in self.rows.lost_events():
            there = f"{many(count, 'event')} of it {'is' if count == 1 else 'are'} there"
            yield Fault(runbook=key, words=f"its row is missing, and {there}, from event {seq} on")
        for event in self.rows.lost_data():
            yield Fault(words=f"there is data of an event that is missing: {event}")
        for run in self.rows.lost_runs():
            yield Fault(words=f"the table run lists a run that no event started: {run}")
        for run in self.rows.lost_runners():
            yield Fault(words=f"the tables runner and board tell of a run that does not go on: {run}")
        for digest in self.rows.lost_open():
            yield Fault(words=f"the table open_runbook lists a runbook that is missing: {digest[:12]}…")
        for digest in self.rows.lost_states():
            yield Fault(words=f"the table kept_state holds a state of a runbook that is missing: {digest[:12]}…")

    # Records

    def _records(self, key: str = "") -> Iterator[Fault]:
        """What does not hold about the records of the project, or of one runbook."""
        folder = self.project.records
        listed = {name: each for name, each in verify.listed(folder / verify.SUMS).items() if _is_of(name, key)}
        files = folder.rglob("*.html") if folder.is_dir() else []
        names = [path.relative_to(folder).as_posix() for path in files if path.is_file()]
        for name in sorted(name for name in names if _is_of(name, key) and not name.endswith(".draft.html")):
            yield from self._record(name, listed.pop(name, None))
        for name, digest in listed.items():
            yield from self._gone(name, digest)
        for words in [] if key else verify.no_sums(folder / verify.SUMS):
            yield Fault(words=words)
        away = [each.name for each in self._archived.values()]
        if away:
            more = f" and {len(away) - 1} more" if len(away) > 1 else ""
            self.seen.remarks.append(f"archived, but neither here nor in {verify.SUMS}: {away[0]}{more}")

    def _record(self, name: str, listed: str | None) -> Iterator[Fault]:
        content = (self.project.records / name).read_bytes()
        if listed is None and verify.DIGEST.search(content) is None:
            self.seen.remarks.append(f"{name} is no record")
            return
        self.seen.records += 1
        digest, own = sha256(content), verify.own_fault(content)
        archived = self._archived.pop(digest, None)
        if archived is None:
            self._edited(name, listed)
        if own:
            yield Fault(record=name, words=own)
        if listed is None:
            yield Fault(record=name, words=f"no line of {verify.SUMS} lists it")
        elif listed != digest:
            yield Fault(record=name, words=f"{verify.SUMS} says that its sha256 is {listed}, and it is {digest}")
        if not own:
            words = verify.misplaced(name, verify.embedded(content)["runbook"]["key"])
            yield from [Fault(record=name, words=words)] if words else []
            yield from self._against_journal(name, content, digest, archived)

    def _edited(self, name: str, listed: str | None) -> None:
        """Keep no record in mind as away that is here or listed, with other bytes than were archived."""
        here = [digest for digest, each in self._archived.items() if digest == listed or each.name == name]
        for digest in here:
            del self._archived[digest]

    def _against_journal(self, name: str, content: bytes, digest: str, archived: _Archived | None) -> Iterator[Fault]:
        facts = verify.embedded(content)
        said = facts["runbook"]
        stored = self.journal.find(said["project"], said["key"])
        where = {"record": name, "runbook": said["key"]}
        if stored is None:
            yield Fault(**where, words="the journal has no such runbook, and this record proves that there was one")
            return
        if stored.body != events.canonical(said):
            yield Fault(**where, words="the journal has other facts about this runbook")
            return
        for words in verify.differences(self.journal, stored, facts, digest):
            yield Fault(**where, words=words)
        if archived is not None and archived.redacted_since:
            self.seen.remarks += [f"{name}: {each}" for each in verify.redacted_since(self.journal, stored, facts)]

    def _gone(self, name: str, digest: str) -> Iterator[Fault]:
        """A line of SHA256SUMS without its record."""
        archived = self._archived.pop(digest, None)
        if archived is not None and archived.redacted_since:
            self.seen.remarks.append(f"{name} was taken away after something in it was redacted")
            return
        yield Fault(record=name, words=f"{verify.SUMS} lists it, and it is missing")
        if archived is None:
            words = "the journal has no `archived` for it: it was cut off at the end, or the runbook is missing"
            yield Fault(record=name, runbook=_key_of(name), words=words)


def _without(where: Fault, what: str, name: str) -> Fault:
    return replace(where, words=f"the {what} {name[:12]}… that it names is missing")


def _key_of(name: str) -> str:
    """The key of a record's name: 1.0.html, and 1.0~2.html of a runbook that was reopened."""
    return re.sub(r"(~\d+)?\.html$", "", name)


def _is_of(name: str, key: str) -> bool:
    return not key or _key_of(name) == key or name == f"{key}.html"
