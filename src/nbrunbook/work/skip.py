"""Skipping a release that never went to an environment: all is checked before the first runbook is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, words
from nbrunbook.runbook.attempt import check_texts
from nbrunbook.runbook.events import Event
from nbrunbook.runbook.remedies import reopening
from nbrunbook.runbook.times import local
from nbrunbook.template import files as template_files
from nbrunbook.work import deployments
from nbrunbook.work.deployments import KnownDeployment
from nbrunbook.work.keys import Key
from nbrunbook.work.lost_journals import refuse_to_lose
from nbrunbook.work.opening import free_key, register_skipped
from nbrunbook.work.origin import skipped_stub
from nbrunbook.work.session import Session


@dataclass(frozen=True, kw_only=True)
class Skip:
    """A release that is to be skipped in some environments, and where it stands in them."""

    project: Project
    operator: Operator
    release: str
    reason: str
    journal: Journal | None
    """None where there is none yet."""
    there: Mapping[str, KnownDeployment | None]
    """By environment; None where the journal knows no runbook of it."""

    @property
    def already(self) -> dict[str, Event]:
        """The events that skipped it before, by environment."""
        closed = {name: each.closed for name, each in self.there.items() if each is not None}
        return {name: event for name, event in closed.items() if event is not None and event.kind == "skipped"}

    @property
    def left(self) -> list[str]:
        """The environments in which it is not skipped yet."""
        return [name for name in self.there if name not in self.already]

    @property
    def is_known(self) -> bool:
        """Whether a runbook or a template has the release's name."""
        named = template_files.called_in(self.project.template_homes, self.release)
        return any(self.there.values()) or named is not None

    def has_runbook(self, environment: str) -> bool:
        """Tell whether a runbook that is not abandoned is there to be skipped."""
        known = self.there[environment]
        return known is not None and known.runbook is not None


def prepare(project: Project, key: Key, reason: str, operator: Operator) -> Skip:
    """Return where the release stands that is to be skipped; raises NbrunbookError for what cannot be skipped."""
    release = check_name(key.release, "release")
    refuse_to_lose(project)
    if release in template_files.FOLDERS:
        raise NbrunbookError(f"{release!r} is no release", "ENV/RELEASE, such as staging/1.0")
    environments = project.members(key.place)
    project.check_served(environments)
    check_texts(f"cannot skip {key.given}", "skipped", {"reason": reason, "operator": operator.name})
    journal = Journal.if_any(project.journal)
    known = deployments.known_deployments(journal, project, environments, [release]) if journal else {}
    there = {each: known.get((each, release)) for each in environments}
    return Skip(project=project, operator=operator, release=release, reason=reason, journal=journal, there=there)


def open_journal(skip: Skip) -> Journal:
    """Return the journal to write to, made where there is none; RefusedError where the release is signed off."""
    for environment in skip.left:
        _refuse_signed_off(skip, environment)
    return skip.journal or Journal.open(skip.project.journal, create=True)


def _refuse_signed_off(skip: Skip, environment: str) -> None:
    key, known = f"{environment}/{skip.release}", skip.there[environment]
    if known is not None and known.closed is not None and known.runbook is not None:
        signed = known.closed
        why = f"{known.runbook.key} is signed off by {words.who(signed)}, {local(events.now()).day(signed.at)}"
        raise RefusedError(f"cannot skip {key}", why, reopening(known.runbook.key))
    if known is None and deployments.record_of(skip.project, environment, skip.release):
        raise RefusedError(f"cannot skip {key}", "its record says that it is signed off")


def carry_out(skip: Skip, journal: Journal, environment: str) -> Session:
    """Skip the release in an environment: what is left of its runbook, or else a new one without steps."""
    known = skip.there[environment]
    if known is not None and known.runbook is not None:
        session = Session(journal, known.runbook, skip.operator, project=skip.project)
        session.append("skipped", data={"reason": skip.reason})
        return session
    key = free_key(journal, skip.project, f"{environment}/{skip.release}", skip.operator, again=True)
    stub = skipped_stub(
        skip.project,
        key=key,
        environment=environment,
        release=skip.release,
        created_by=skip.operator.name,
        created_at=events.now(),
    )
    return register_skipped(journal, stub, skip.operator, skip.reason)
