"""nbrunbook skip: record steps, or a release that never went somewhere, as skipped, with a reason."""

from __future__ import annotations

import click

from nbrunbook.commands.here import operator_of, session_on, tell_if_new
from nbrunbook.commands.options import key_argument
from nbrunbook.commands.terminal import show, tell
from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project, find_project
from nbrunbook.runbook import events, phrases
from nbrunbook.runbook.attempt import check_texts
from nbrunbook.runbook.times import day
from nbrunbook.template import files as template_files
from nbrunbook.work import deployments
from nbrunbook.work.build import skipped_stub
from nbrunbook.work.deployments import KnownDeployment
from nbrunbook.work.lost_journals import refuse_to_lose
from nbrunbook.work.opening import free_key, register_skipped
from nbrunbook.work.session import Session


@click.command(name="skip")
@key_argument
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option("--reason", required=True, help="Why it is not going to be done.")
def command(key: str, steps: tuple[str, ...], reason: str) -> None:
    """Record steps as skipped; the reason stands in the record.

    Without steps: the release never went there, and is not pending there any more.
    ENV may be a group then; no runbook and no template is needed.

    \b
    Example: nbrunbook skip staging/1.0 mail-support --reason "nobody uses staging"
             nbrunbook skip production/1.0 --reason "1.1 followed within the hour"
    """
    if not steps:
        _skip_release(find_project(), key, reason.strip())
        return
    found = session_on(key)
    for step_id in [found.step(step_id).id for step_id in steps]:
        found.append("skipped", step_id, data={"reason": reason})
        show(f"{step_id}: {phrases.line(found.progress.of(step_id))}")


def _skip_release(project: Project, key: str, reason: str) -> None:
    """Skip a release in an environment or a group: all is checked before the first is written."""
    name, _, release = key.partition("/")
    if "@" in release:
        _done(session_on(key), reason)
        return
    check_name(release, "release")
    refuse_to_lose(project)
    if release in template_files.FOLDERS:
        raise NbrunbookError(f"{release!r} is no release", "ENV/RELEASE, such as staging/1.0")
    members, operator = project.members(name), operator_of(project)
    check_texts(f"cannot skip {key}", "skipped", {"reason": reason, "operator": operator.name})
    known = Journal.if_any(project.journal)
    there = deployments.known_deployments(known, project, members, [release]) if known else {}
    left = [each for each in members if not _is_skipped(there.get((each, release)), f"{each}/{release}")]
    for each in left:
        _refuse_signed_off(project, each, release, there.get((each, release)))
    journal = known or Journal.open(project.journal, create=True)
    tell_if_new(project, journal)
    if not there and template_files.taken(project.templates, release) is None:
        tell(f"no template is called {release}; check that the name is meant")
    for each in left:
        _skip(project, journal, operator, each, release, reason, there.get((each, release)))


def _is_skipped(deployment: KnownDeployment | None, key: str) -> bool:
    closed = deployment.closed if deployment else None
    if closed is None or closed.kind != "skipped":
        return False
    tell(f"{key}: skipped already by {phrases.who(closed)}; nothing changed")
    return True


def _refuse_signed_off(project: Project, environment: str, release: str, deployment: KnownDeployment | None) -> None:
    key = f"{environment}/{release}"
    if deployment is not None and deployment.closed is not None and deployment.runbook is not None:
        signed = deployment.closed
        words = f"{deployment.runbook.key} is signed off by {phrases.who(signed)}, {day(signed.at)}"
        raise RefusedError(f"cannot skip {key}", words)
    record = deployments.record_of(project, environment, release) if deployment is None else None
    if record:
        raise RefusedError(f"cannot skip {key}", "its record says that it is signed off")


def _skip(
    project: Project,
    journal: Journal,
    operator: Operator,
    environment: str,
    release: str,
    reason: str,
    deployment: KnownDeployment | None,
) -> None:
    if deployment is not None and deployment.runbook is not None:
        _done(Session(journal, deployment.runbook, operator, project=project), reason)
        return
    key = free_key(journal, project, f"{environment}/{release}", operator, again=True)
    stub = skipped_stub(
        project,
        key=key,
        environment=environment,
        release=release,
        created_by=operator.name,
        created_at=events.now(),
    )
    register_skipped(journal, stub, operator, reason)
    show(f"{key}: skipped: it never went there")
    tell(f"if it goes there after all: 'nbrunbook instantiate {release} -e {environment} --again'")
    tell(f"if it was a mistake: 'nbrunbook abandon {key} --reason …'")


def _done(opened: Session, reason: str) -> None:
    """Skip what is left of an open runbook, and say how to take it back."""
    opened.append("skipped", data={"reason": reason})
    show(f"{opened.key}: skipped as a whole, {opened.progress.summary()}")
    tell(f"'nbrunbook reopen {opened.key} --reason …' takes it back")
