"""How a step stands in each environment of a place, for whoever waits for it from outside of a runbook.

It is asked more strictly than an `after`: what never was made, or has no such step, settles nothing, since what
waits may be something that cannot be undone. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from nbrunbook.errors import JournalBrokenError, NbrunbookError, nearest, one_line
from nbrunbook.journal.entries import RunbookRow
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import Project
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.progress import Progress
from nbrunbook.template import files as template_files
from nbrunbook.template.template import read_template
from nbrunbook.texts import short
from nbrunbook.work import deployments
from nbrunbook.work.asked_for import applies_in, is_since
from nbrunbook.work.following import Following

Stand = Literal["settled", "skipped", "not asked for", "open", "no such step", "not made", "abandoned", "unreadable"]
SETTLED: tuple[Stand, ...] = ("settled", "skipped", "not asked for")
LONGEST_REASON = 200
"""Characters of a reason that are told."""


@dataclass(frozen=True, kw_only=True)
class StepState:
    """How a step stands in one environment."""

    environment: str
    stand: Stand
    words: str
    """The same in words, with the runbook and who said it."""
    runbook: str = ""
    """The key of the runbook that says so; empty where there is none."""
    event: Event | None = None
    """What settled or skipped it; None for a group, and while it is open."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to wait for there."""
        return self.stand in SETTLED


def step_states(project: Project, place: str, release: str, step_id: str) -> tuple[StepState, ...]:
    """Return how a step of a release stands in an environment, or in all of a group, in the order declared.

    Raises UnknownEnvironmentError, ProjectError for an environment that the journal does not serve, and JournalError.
    """
    members = project.members(place)
    project.check_served(members)
    journal = Journal.open(project.journal)
    try:
        looking = _Looking(project, journal, release, step_id)
        return tuple(looking.state(each) for each in members)
    finally:
        journal.close()


class _Looking:
    """One look at a step."""

    def __init__(self, project: Project, journal: Journal, release: str, step_id: str) -> None:
        self.project, self.journal, self.release, self.step_id = project, journal, release, step_id
        everywhere = deployments.environments(project, journal)
        self.known = deployments.known_deployments(journal, project, everywhere, {release})

    def state(self, environment: str) -> StepState:
        deployment = self.known.get((environment, self.release))
        if deployment is None:
            return self._without(environment)
        if deployment.runbook is None:
            key = deployment.shown.key
            return StepState(
                environment=environment, stand="abandoned", runbook=key, words=f"the runbook {key} was abandoned"
            )
        return self._with(environment, deployment.runbook)

    def _without(self, environment: str) -> StepState:
        since = self.project.settings(environment).since
        if not is_since(self.release, since):
            words = f"{self.release} is not asked for in {environment}, where runbooks begin with {since}"
            return StepState(environment=environment, stand="not asked for", words=words)
        if not applies_in(self._applies_in(), environment, self.project):
            words = f"the template of {self.release} is not for {environment}"
            return StepState(environment=environment, stand="not asked for", words=words)
        if record := deployments.record_of(self.project, environment, self.release):
            return StepState(environment=environment, stand="settled", words=f"the record of {record} is signed off")
        words = f"there is no runbook {environment}/{self.release}"
        return StepState(environment=environment, stand="not made", words=words)

    def _applies_in(self) -> Sequence[str] | None:
        """Where the template says that it applies; None for everywhere, and where nobody can tell."""
        for deployment in self.known.values():
            with suppress(JournalBrokenError):
                names: Sequence[str] | None = deployment.runbooks[0].facts["template"].get("environments")
                return names
        template = template_files.called_in(self.project.template_homes, self.release)
        with suppress(NbrunbookError):
            return read_template(template, check=False).environments if template else None
        return None

    def _with(self, environment: str, row: RunbookRow) -> StepState:
        try:
            progress = Following(self.journal, row, project=self.project).progress if row.facts else None
        except JournalBrokenError:
            progress = None
        if progress is None:
            words = f"the runbook {row.key} cannot be read: 'nbrunbook verify {row.key}' says why"
            return StepState(environment=environment, stand="unreadable", runbook=row.key, words=words)
        stand, words, event = _in_runbook(progress, row.key, self.step_id)
        return StepState(environment=environment, stand=stand, runbook=row.key, words=words, event=event)


def _in_runbook(progress: Progress, key: str, step_id: str) -> tuple[Stand, str, Event | None]:
    if progress.ended is not None and progress.ended.kind == "skipped":
        return "skipped", f"the runbook {key} was skipped {_said(progress.ended)}", progress.ended
    step = progress.plan.by_id.get(step_id)
    if step is None:
        close = nearest(step_id, progress.plan.by_id)
        return (
            "no such step",
            f"the runbook {key} has no step {step_id}{f' (did you mean {close}?)' if close else ''}",
            None,
        )
    state, title = progress.of(step_id), f"“{short(progress.title(step))}”"
    if not state.settled:
        signed = ", although that is signed off" if progress.signed_off else ""
        return "open", f"{title} is open in the runbook {key}{signed}", None
    if state.status == "not-applicable":
        return "settled", f"{title} does not apply in the runbook {key}", None
    where = state.where or key
    if state.status == "skipped":
        return "skipped", f"{title} was skipped in the runbook {where} {_said(state.by)}".rstrip(), state.by
    return "settled", f"{title} is done in the runbook {where}", state.by


def _said(event: Event | None) -> str:
    if event is None:
        return ""
    reason = short(one_line(event.data.get("reason", "")), LONGEST_REASON)
    return f"by {event.operator}: {reason}" if reason else f"by {event.operator}"
