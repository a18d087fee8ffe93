"""What migrations have to wait for still, as the journal says; and what is noted where somebody goes on anyway."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nbrunbook.commands import program
from nbrunbook.django.management.commands.runbook import PROGRAM
from nbrunbook.django.runbook_steps import Waiting
from nbrunbook.errors import NbrunbookError
from nbrunbook.project import operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook.attempt import LONGEST_TEXT
from nbrunbook.texts import short
from nbrunbook.work.opening import open_session
from nbrunbook.work.step_states import StepState, step_states

Say = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Held:
    """A migration that has to wait."""

    waiting: Waiting
    states: tuple[StepState, ...]
    """Where its step is not settled."""

    def lines(self) -> list[str]:
        """Return why, and what to do, in words."""
        with program.called(PROGRAM):
            said = "; ".join(f"{each.environment}: {program.as_called(each.words)}" for each in self.states)
        return [f"{asked_for(self.waiting)}. {said}.", *(f"  {each}" for each in self._to_do())]

    def _to_do(self) -> list[str]:
        step = self.waiting.step
        mend = f"mend runbook_step in {'.'.join(self.waiting.said_by)}"
        found = []
        for each in self.states:
            if each.stand == "not made":
                found.append("make what this code holds: manage.py runbook instantiate --pending")
                found.append(f"where no template is of {step.release}: {mend}, or add the template")
            elif each.stand == "open":
                found.append(f"once it is so: manage.py runbook tick {shlex.join([each.runbook, step.step])}")
            elif each.stand == "abandoned":
                which = shlex.join([step.release, "-e", each.environment])
                found.append(f"make another: manage.py runbook instantiate {which} --again")
            elif each.stand == "no such step":
                found.append(f"{mend}, or add the step to the runbook")
        return list(dict.fromkeys(found))


def asked_for(waiting: Waiting) -> str:
    """Return which migration waits, and for what, in words."""
    where = f" in all of {waiting.step.place}" if waiting.step.place else ""
    said = ".".join(waiting.said_by)
    by = f" (as {said} says, which it replaces)" if waiting.said_by != waiting.migration else ""
    return f"{waiting} waits for the step {waiting.step.step} of {waiting.step.release}{where}{by}"


def held_back(project: Project, environment: str, asked: Sequence[Waiting], say: Say) -> list[Held]:
    """Return what of some migrations has to wait; what was skipped or is not asked for passes, and is said.

    NbrunbookError, which names the migration, where the journal cannot answer.
    """
    found = [Held(waiting=each, states=_states(project, environment, each)) for each in asked]
    for each in found:
        for state in each.states:
            if state.stand in ("skipped", "not asked for"):
                say(f"{each.waiting} goes on: {state.words}.")
    left = [(each.waiting, tuple(state for state in each.states if not state.settled)) for each in found]
    return [Held(waiting=each, states=states) for each, states in left if states]


def _states(project: Project, environment: str, waiting: Waiting) -> tuple[StepState, ...]:
    step = waiting.step
    try:
        return step_states(project, step.place or environment, step.release, step.step)
    except NbrunbookError as error:
        with program.called(PROGRAM):
            why = program.as_called(str(error))
        raise NbrunbookError(f"{asked_for(waiting)}, and nobody can say whether it is settled: {why}") from None


def pass_on(project: Project, environment: str, asked: Sequence[Waiting], reason: str, say: Say) -> None:
    """Let migrations pass that have to wait, note that in their runbooks, and say whether it was noted."""
    for each in asked:
        try:
            held = held_back(project, environment, [each], lambda _: None)
        except NbrunbookError as error:
            say(f"{each} goes on unguarded ({reason}), which is not noted: {error}.")
            continue
        for one in held:
            say(f"{each} goes on unguarded ({reason}); {_note(project, environment, one, reason)}.")


def _note(project: Project, environment: str, held: Held, reason: str) -> str:
    keys = {each.environment: each.runbook for each in held.states if each.runbook}
    key = keys.get(environment) or next(iter(keys.values()), "")
    if not key:
        return "there is no runbook to note it in"
    said = "; ".join(f"{each.environment}: {each.words}" for each in held.states)
    note = short(f"NBRUNBOOK_UNGUARDED in {environment}: {reason}. {asked_for(held.waiting)}. {said}", LONGEST_TEXT)
    try:
        session = open_session(project, key, operator.from_machine(project.root, project.operators))
        session.append("noted", data={"note": note})
    except NbrunbookError as error:
        return f"it could not be noted in {key}: {error}"
    return f"noted in the runbook {key}"
