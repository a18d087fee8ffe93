"""Neighbours: the runbooks that a runbook's steps ask about, as the journal shows them.

Of several runbooks of one deployment the latest that was not abandoned counts. Where a release
was never asked for, before the environment's `since` or where it does not apply, nothing is waited for.
Where the journal was lost a record counts as signed off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol

from nbrunbook.errors import JournalBrokenError, UnknownEnvironmentError
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.runbook import other_answers
from nbrunbook.runbook.other_answers import Answer, Elsewhere, Once, Reference
from nbrunbook.runbook.plan import Plan, Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.waiting import when_settled
from nbrunbook.work import deployments
from nbrunbook.work.asked_for import is_asked_for


class Followed(Protocol):
    """A runbook whose progress is kept up to date."""

    progress: Progress

    def refresh(self) -> bool:
        """Read what is new."""
        ...


class Deployment(NamedTuple):
    """One release in one environment."""

    environment: str
    release: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.release}"


@dataclass(frozen=True, kw_only=True)
class _Settled:
    """How a step stands in one deployment."""

    at: datetime | None
    why_not: str = ""


class OtherRunbooks:
    """What other deployments say about one runbook; each look asks the journal again."""

    def __init__(
        self, runbook: RunbookRow, project: Project, journal: Journal, follow: Callable[[RunbookRow], Followed]
    ) -> None:
        self.project, self.journal, self.follow = project, journal, follow
        self.own = Deployment(runbook.environment, runbook.release)
        self.followed: dict[str, Followed] = {}
        self.reach: dict[str, list[str] | None] = {runbook.release: runbook.facts["template"].get("environments")}
        """By release, where its template says that it applies; None for everywhere."""
        self._asked: _Questions | None = None
        """What the plan that was last looked at asks: it seldom changes, and is looked at with each tick."""
        self.unreadable: set[Deployment] = set()
        """Those whose rows could not be read when they were last looked at: they have settled nothing."""
        self.by_record: dict[Deployment, datetime | None] = {}
        """What the records say of deployments that the journal does not know; read once."""

    def look(self, progress: Progress) -> Elsewhere:
        """Return what the others say now; nothing is read where no step asks."""
        asked = self._asked = (
            self._asked if self._asked and self._asked.plan is progress.plan else _Questions(progress.plan)
        )
        if not asked.references and not asked.once:
            return other_answers.NOTHING
        there = {**self._read(set(self._deployments(asked))), self.own: progress}
        return Elsewhere(
            answers={text: self._answer(each, there) for text, each in asked.references.items()},
            once=dict(self._settled_once(asked.once, self.own, there)),
        )

    def _deployments(self, asked: _Questions) -> Iterator[Deployment]:
        """The others that are asked, with those that may settle a `.once` step for them."""
        places = {(each.release or self.own.release, each.place) for each in asked.references.values()}
        for release, place in [*places, *([(self.own.release, "")] if asked.once else [])]:
            for environment in self._environments(place):
                for each in self.project.group_of(environment):
                    if (each, release) != self.own:
                        yield Deployment(each, release)

    def _environments(self, place: str) -> tuple[str, ...]:
        if not place:
            return self.project.group_of(self.own.environment)
        try:
            return self.project.members(place)
        except UnknownEnvironmentError:
            return ()

    def _read(self, asked: Collection[Deployment]) -> dict[Deployment, Progress]:
        environments = {each.environment for each in asked}
        known = deployments.known_deployments(
            self.journal, self.project, environments, {each.release for each in asked}
        )
        for (_, release), deployment in known.items():
            with suppress(JournalBrokenError):
                self.reach[release] = deployment.runbooks[0].facts["template"].get("environments")
        deciding = {where: known[where].runbook for where in asked if where in known}
        self.unreadable.clear()
        found: dict[Deployment, Progress] = {}
        for where, row in deciding.items():
            try:
                found |= {where: self._progress(row)} if row is not None and row.facts else {}
            except JournalBrokenError:
                self.unreadable.add(where)
        return found

    def _progress(self, row: RunbookRow) -> Progress:
        known = self.followed.get(row.digest)
        if known is None:
            self.followed[row.digest] = known = self.follow(row)
        else:
            known.refresh()
        return known.progress

    def _settled_once(
        self, steps: Iterable[str], where: Deployment, there: Mapping[Deployment, Progress]
    ) -> Iterator[tuple[str, Once]]:
        """The `.once` steps that another environment of a deployment's group has settled, by whom first."""
        for step_id in steps:
            found = []
            for environment in self.project.group_of(where.environment):
                progress = there.get(Deployment(environment, where.release))
                state = progress.steps.get(step_id) if progress and environment != where.environment else None
                if progress and state and state.by is not None and step_id in progress.plan.by_id:
                    found.append(Once(runbook=state.by.runbook, event=state.by))
            if found:
                yield step_id, min(found, key=lambda each: each.event.at)

    def _answer(self, asked: Reference, there: Mapping[Deployment, Progress]) -> Answer:
        environments = self._environments(asked.place)
        if not environments:
            return Answer(waiting=(f"{asked.step} in {asked.place}, which nobody declared",))
        release = asked.release or self.own.release
        found = [self._settled(asked.step, Deployment(each, release), there) for each in environments]
        waiting = tuple(each.why_not for each in found if each.at is None)
        return Answer(waiting=waiting) if waiting else Answer(settled_at=max(each.at for each in found if each.at))

    def _settled_without(self, where: Deployment, own: Progress) -> datetime | None:
        """When a deployment without a runbook was settled: by a record, or since it was never asked for."""
        if not self._is_asked_for(where):
            return own.created_at
        if where not in self.by_record:
            self.by_record[where] = deployments.signed_off_by_record(self.project, where.environment, where.release)
        return self.by_record[where]

    def _is_asked_for(self, where: Deployment) -> bool:
        """Whether a release without a runbook there is pending at all."""
        return is_asked_for(self.project, where.environment, where.release, self.reach.get(where.release))

    def _settled(self, step_id: str, where: Deployment, there: Mapping[Deployment, Progress]) -> _Settled:
        progress = there.get(where)
        if where in self.unreadable:
            return _Settled(at=None, why_not=f"{step_id} in {where} (whose runbook cannot be read)")
        if progress is None:
            at = self._settled_without(where, there[self.own])
            return _Settled(at=at, why_not="" if at else f"{step_id} in {where} (not instantiated)")
        step, closing = progress.plan.by_id.get(step_id), progress.signed_off or progress.ended
        if step is None and closing is None:
            return _Settled(at=None, why_not=f"{step_id} in {where} (which has no such step)")
        at = self._settled_at(step, where, progress, there) if step else None
        if at is None and closing is not None:
            return _Settled(at=closing.at)
        return _Settled(at=at, why_not="" if at or not step else f"“{progress.title(step)}” in {where} (open)")

    def _settled_at(
        self, step: Step, where: Deployment, progress: Progress, there: Mapping[Deployment, Progress]
    ) -> datetime | None:
        once = dict(self._settled_once([step.id], where, there)) if step.is_once else {}
        return once[step.id].event.at if once else when_settled(progress, step.id)


class _Questions:
    """What a plan's steps ask of others."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    @cached_property
    def references(self) -> dict[str, Reference]:
        """By their text."""
        texts = [text for step in self.plan.steps for text in step.after]
        return {text: each for text in texts if (each := other_answers.reference(text))}

    @cached_property
    def once(self) -> list[str]:
        """The ids of the steps that one environment settles for all."""
        return [step.id for step in self.plan.steps if step.is_once and step.applies is not False]
