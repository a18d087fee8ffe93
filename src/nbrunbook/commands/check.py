"""nbrunbook check: have checks look again, of a runbook, or of all that is open or stands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from nbrunbook.commands import completion
from nbrunbook.commands.about_journal import tell_unreadable
from nbrunbook.commands.here import operator_of, session_on
from nbrunbook.commands.looking import looked_again
from nbrunbook.commands.options import environment_option, json_option
from nbrunbook.commands.running import Came, exit_status, facts, followed
from nbrunbook.commands.terminal import show_json, tell, tell_error
from nbrunbook.errors import JournalBrokenError, NbrunbookError, RefusedError
from nbrunbook.runbook.events import now
from nbrunbook.runbook.running import is_unknown
from nbrunbook.runbook.times import local

if TYPE_CHECKING:
    from nbrunbook.work.session import Session


@click.command(name="check")
@click.argument("key", metavar="[KEY]", required=False, shell_complete=completion.any_keys)
@click.argument("steps", metavar="[STEP]...", nargs=-1, shell_complete=completion.checks)
@click.option("--all", "all_", is_flag=True, help="Of all runbooks that are open, and of what was signed off last.")
@environment_option("Only there.")
@json_option
def command(key: str | None, steps: tuple[str, ...], all_: bool, environment: str, as_json: bool) -> int:
    """Have checks look, one after the other; without STEP all that may look now.

    Only a result that is another one than before is recorded, so cron may repeat it as often as it likes. A check
    that passed and now fails opens its step again; after the sign-off it is only told, by status and pending.
    What waits, and what runs still, is left out. Exits with 1 unless all passed, with or without a warning.

    \b
    Example:
      nbrunbook check staging/1.0
      nbrunbook check --all -e production --json
    """
    if bool(key) == all_ or (environment and not all_):
        raise click.UsageError("a KEY and its steps, or --all, with -e for some environments")
    looking = _Looking(quiet=as_json, is_many=all_)
    left_out = looking.at_one(session_on(key), steps) if key else looking.at_all(environment)
    if as_json:
        show_json(facts(looking.found))
    if not looking.found:
        tell("no check could look now" if looking.has_checks else "there is nothing to check")
    return left_out or exit_status(looking.found)


@dataclass
class _Looking:
    """What came out of the checks so far."""

    quiet: bool
    """Whether nothing is shown on stdout."""
    is_many: bool
    """Whether those of many runbooks look."""
    found: list[Came] = field(default_factory=list)
    has_checks: bool = False
    """Whether there was any check."""

    def at_all(self, environment: str) -> int:
        from nbrunbook.work import selection
        from nbrunbook.work.lost_journals import existing_journal
        from nbrunbook.work.naming import project_here
        from nbrunbook.work.opening import open_session

        project = project_here(tell=tell)
        journal, failed = existing_journal(project), 0
        for row in selection.checked(journal, project, environment):
            with journal.passing_over(row.key):
                failed |= self._at(open_session(project, row.key, operator_of(project)))
        return tell_unreadable(journal) | failed

    def at_one(self, session: Session, steps: tuple[str, ...]) -> int:
        """Have checks of a runbook look, or all of it; return 1 where one could not, and somebody has to do something.

        RefusedError for a runbook that was given up, and for what is no check.
        """
        asked = [_check(session, each) for each in steps]
        if session.progress.state not in ("open", "signed_off"):
            raise RefusedError(f"cannot check {session.key}", f"the runbook is {session.progress.state}")
        return self._at(session, asked)

    def _at(self, session: Session, asked: Sequence[str] = ()) -> int:
        from nbrunbook.automation import asking

        asking.catch_up(session)
        failed = 0
        for step_id in asked or _all_of(session):
            self.has_checks = True
            try:
                if asked or not _left_out(session, step_id):
                    self.found.append(self._looked(session, step_id))
            except JournalBrokenError:
                raise
            except NbrunbookError as error:
                failed |= _could_not(session, step_id, error, is_asked=bool(asked))
        return failed

    def _looked(self, session: Session, step_id: str) -> Came:
        """Looked, without an event before, where a result is known; the first one is a run as any other."""
        from nbrunbook.automation import asking
        from nbrunbook.runbook import looks

        if looks.only_looks(session.progress, session.step(step_id)):
            return looked_again(session, step_id, quiet=self.quiet, with_output=not self.is_many)
        begun = asking.begin(session, step_id)
        return followed(session, begun, quiet=self.quiet, key=session.key, with_output=not self.is_many)


def _check(session: Session, name: str) -> str:
    step = session.step(name)
    if step.kind != "check":
        do = f"'nbrunbook run {shlex.join([session.key, step.id])}' runs it" if step.automation else ""
        raise RefusedError(f"cannot check {step.id}", "it is no check", do)
    return step.id


def _all_of(session: Session) -> Iterator[str]:
    """The checks that count: after the sign-off those that were done by then; none where somebody gave it up."""
    progress = session.progress
    statuses = {"open": ("open", "done"), "signed_off": ("done",)}.get(progress.state, ())
    for step in progress.counted:
        if step.kind == "check" and progress.of(step.id).status in statuses:
            yield step.id


def _could_not(session: Session, step_id: str, error: NbrunbookError, *, is_asked: bool) -> int:
    """Say why a check could not look; return 0 where somebody else was faster, and nobody named it."""
    session.refresh()
    nobody_knows = is_unknown(session.progress, session.progress.of(step_id))
    is_left_out = isinstance(error, RefusedError) and not is_asked and not nobody_knows
    (tell if is_left_out else tell_error)(f"{session.key}: {error}")
    return 0 if is_left_out else 1


def _left_out(session: Session, step_id: str) -> bool:
    """Whether a check may not look now, which is said; RefusedError where it may not before somebody says something."""
    from nbrunbook.runbook import looks, remedies

    progress, step = session.progress, session.step(step_id)
    state = progress.of(step.id)
    why = looks.refusal(progress, step, local(now()))
    if why and is_unknown(progress, state):
        nobody = f"{why}, and nobody knows what became of it"
        raise RefusedError(f"cannot check {step.id}", nobody, remedies.of_unknown(session.key, step))
    if why:
        tell(f"{session.key}: {step.id} is left out: {why}")
    return bool(why)
