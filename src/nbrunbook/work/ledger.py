"""Pending: the releases without a settled deployment in an environment.

What is asked is the releases that have templates, and the runbooks that are open:
the rest of the journal is not looked through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from nbrunbook.errors import JournalBrokenError
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project import sites
from nbrunbook.project.settings import Project
from nbrunbook.runbook import looks, replay
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.plan import Plan
from nbrunbook.work import deployments
from nbrunbook.work.asked_for import is_asked_for, runbook_number
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.deployments import KnownDeployment, Records
from nbrunbook.work.following import Following
from nbrunbook.work.pending import NOT_MADE, Pending, PendingState, in_order, where_it_stands
from nbrunbook.work.release_templates import ReleaseTemplate, is_page, planned, release_templates


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What is pending in some environments."""

    pending: Mapping[str, tuple[Pending, ...]]
    """By environment, in the order asked; the oldest release first."""
    by_record: tuple[str, ...] = ()
    """Keys that the journal does not know, and that count as signed off because their records hold."""
    passed_over: tuple[str, ...] = ()
    """Records that do not count, and why."""
    templates: Mapping[str, Path] = field(default_factory=dict)
    """Where the templates are read, by their paths from the project's root."""


def find_pending(
    project: Project,
    environments: Sequence[str],
    *,
    journal: Journal | None,
    now: datetime,
    there: Checkout | None = None,
) -> Ledger:
    """Return what is pending in some environments; `there` are the templates, else those of the work tree.

    Raises JournalError.
    """
    written = release_templates(there or Checkout(project=project))
    opened = journal.runbooks(project.name, environments=environments, open_only=True) if journal else []
    edited = list(journal.edited.values()) if journal else []
    releases = {*written, *(row.release for row in [*opened, *edited])}
    known = deployments.known_deployments(journal, project, environments, releases) if journal else {}
    reading = _Reading(project, journal, written, known, now, _word(there))
    listed = {name: in_order(reading.pending(name)) for name in environments}
    records = reading.records
    return Ledger(
        pending=listed,
        by_record=tuple(records.counted),
        passed_over=tuple(dict.fromkeys(records.passed_over)),
        templates={each.shown: each.path for each in written.values()},
    )


def not_made_here(project: Project, environment: str, *, journal: Journal | None, now: datetime) -> tuple[Pending, ...]:
    """Return the releases whose templates the code of this process has, and no runbook there, oldest first.

    Those that are open elsewhere are not looked through: it is for a page that asks each time. Raises JournalError.
    """
    written = release_templates(Checkout(project=project))
    known = deployments.known_deployments(journal, project, [environment], {*written}) if journal else {}
    reading = _Reading(project, journal, written, known, now, "not made yet")
    left = {release: each for release, each in written.items() if (environment, release) not in known}
    found = (reading.not_there(environment, release, each) for release, each in left.items())
    return in_order(each for each in found if each is not None and each.state in NOT_MADE)


def _word(there: Checkout | None) -> PendingState:
    """What a release without a runbook is called: a site's own templates are those of the code that is live."""
    return "not made yet" if sites.registered() and not (there and there.sources) else "not instantiated"


@dataclass
class _Reading:
    """What is pending, environment by environment."""

    project: Project
    journal: Journal | None
    written: Mapping[str, ReleaseTemplate]
    known: dict[tuple[str, str], KnownDeployment]
    now: datetime
    word: PendingState
    """What a release without a runbook is called."""
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.project)

    def pending(self, environment: str) -> Iterator[Pending]:
        told = set()
        for release, written in self.written.items():
            if (environment, release) in self.known:
                found = self._deployed(environment, release, written)
            else:
                found = self.not_there(environment, release, written)
            if found is not None and found.release not in told:
                told.add(found.release)
                yield found
        for where, release in self.known:
            if where == environment and release not in {*self.written, *told}:
                found = self._deployed(environment, release, None)
                if found is not None:
                    yield found

    def _deployed(self, environment: str, release: str, written: ReleaseTemplate | None) -> Pending | None:
        """A release of which the journal has a runbook there; None where it is settled or not asked for."""
        deployment = self.known[environment, release]
        if deployment.runbook and (fails := self.failing.get(deployment.runbook.digest)):
            return self._failing(environment, release, written, deployment.runbook, fails)
        if deployment.settled or self.journal is None:
            return None
        if deployment.runbook is None:
            return self._abandoned(environment, release, written, deployment)
        key = deployment.runbook.key
        try:
            _ = deployment.runbook.facts
            progress = Following(self.journal, deployment.runbook, project=self.project).progress
        except JournalBrokenError as error:
            shown = written.shown if written else None
            return Pending(
                environment=environment, release=release, state="unreadable", template=shown, runbook=key,
                reason=str(error),
            )  # fmt: skip
        stand = where_it_stands(progress, now=self.now)
        return Pending(
            environment=environment,
            release=release,
            state=stand.state,
            template=written.shown if written else None,
            runbook=key,
            settled=progress.settled,
            total=progress.total,
            summary=progress.summary(),
            until=stand.until,
            due=stand.due,
            reason=stand.reason,
            asked_at=self.now,
        )

    @cached_property
    def failing(self) -> dict[str, tuple[Event, ...]]:
        """What says of checks that they fail since the sign-off, by the digests of the runbooks."""
        decided = [each for each in self.known.values() if each.runbook]
        closed = {each.runbook.digest: each.closed for each in decided if each.runbook and each.closed}
        rows = [each.runbook for each in decided if each.runbook]
        return deployments.failing(self.journal, rows, closed) if self.journal else {}

    def _failing(
        self,
        environment: str,
        release: str,
        written: ReleaseTemplate | None,
        runbook: RunbookRow,
        fails: Sequence[Event],
    ) -> Pending:
        return Pending(
            environment=environment,
            release=release,
            state="check failed" if looks.worst(fails) == "failed" else "check undecided",
            template=written.shown if written else None,
            runbook=runbook.key,
            failing=tuple(fails),
            asked_at=self.now,
        )

    def _abandoned(
        self, environment: str, release: str, written: ReleaseTemplate | None, deployment: KnownDeployment
    ) -> Pending | None:
        if written is None or not is_asked_for(self.project, environment, release, written.applies_in):
            return None
        last = max(deployment.runbooks, key=lambda each: runbook_number(each.key))
        return Pending(
            environment=environment, release=release, state="abandoned", template=written.shown, runbook=last.key
        )

    def not_there(self, environment: str, release: str, written: ReleaseTemplate) -> Pending | None:
        """Return a release of which the journal knows no runbook there; None where it is not asked for."""
        if not is_asked_for(self.project, environment, release) or self.records.find(environment, release):
            return None  # whatever its template says: it is not read
        template = written.read()
        if isinstance(template, str):
            return self._not_made(environment, release, written, reason=template)
        if not is_asked_for(self.project, environment, release, written.applies_in) or is_page(template):
            return None
        made, fault = planned(template, environment, self.project)
        if made is not None and made.release != release and deployments.can_be_named(made.release):
            return self._under_another_name(environment, made.release, written, made, written.told(fault))
        return self._not_made(environment, release, written, made=made, reason=written.told(fault))

    def _under_another_name(
        self, environment: str, release: str, written: ReleaseTemplate, made: Plan, fault: str
    ) -> Pending | None:
        """A template that declares another release than its name: its runbooks are of that one."""
        if release in self.written or not is_asked_for(self.project, environment, release, written.applies_in):
            return None
        if (environment, release) not in self.known and self.journal is not None:
            self.known.update(deployments.known_deployments(self.journal, self.project, [environment], [release]))
        if (environment, release) in self.known:
            return self._deployed(environment, release, written)
        if self.records.find(environment, release):
            return None
        return self._not_made(environment, release, written, made=made, reason=fault)

    def _not_made(
        self, environment: str, release: str, written: ReleaseTemplate, *, made: Plan | None = None, reason: str
    ) -> Pending:
        return Pending(
            environment=environment,
            release=release,
            state=self.word,
            template=written.shown,
            settled=0 if made else None,
            total=replay.start(made).total if made else None,
            reason=reason,
        )
