"""Instantiating: runbooks made from templates. All of them are checked and built before the first is written."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbrunbook import extras
from nbrunbook.documents import files
from nbrunbook.errors import NbrunbookError, ParameterError, RunbookExistsError
from nbrunbook.extras import MissingExtraError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.names import check_name
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events
from nbrunbook.runbook.attempt import check_texts
from nbrunbook.runbook.metadata import Built
from nbrunbook.template import files as template_files
from nbrunbook.template.planning import Planned, Wanted, plan_runbook
from nbrunbook.template.template import Template
from nbrunbook.work import deployments
from nbrunbook.work.asked_for import applies_in
from nbrunbook.work.build import build, laid_out
from nbrunbook.work.checkout import Checkout
from nbrunbook.work.commits import Held, refuse_uncommitted
from nbrunbook.work.ledger import find_pending
from nbrunbook.work.lost_journals import refuse_to_lose
from nbrunbook.work.opening import free_key, register
from nbrunbook.work.origin import facts_for
from nbrunbook.work.pending import NOT_MADE


@dataclass(frozen=True, kw_only=True)
class RunbookRequest:
    """Which runbooks are asked for, and by whom."""

    project: Project
    operator: Operator
    environment: str
    """An environment, or a group for all of it."""
    template: Template | None = None
    """None for those of all releases that are pending and have no runbook."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Values of parameters, as texts; of several templates each takes those that it declares."""
    release: str | None = None
    """The release of a template that has no name yet."""
    again: bool = False
    """Whether a deployment that has a runbook gets another one."""
    detached: bool = False
    """Whether no journal hears of it."""
    revision: Checkout | None = None
    """Where the templates are read; None for the work tree."""
    dirty: bool = False
    """Whether steps that are not committed are taken where the environment asks for committed ones."""

    @property
    def there(self) -> Checkout:
        """Where the templates are read."""
        return self.revision or Checkout(project=self.project)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A runbook that is built and not yet written, and its place."""

    key: str
    target: Path
    built: Built
    held: Held
    """What git says of its template's files."""

    @property
    def has_notebook(self) -> bool:
        """Whether there is a notebook to put there; without papermill the first `work` makes it."""
        return bool(self.built.content)


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A runbook that nothing keeps from being made."""

    planned: Planned
    key: str
    target: Path
    held: Held


def known_journal(asked: RunbookRequest) -> Journal | None:
    """Return the journal that hears of it, as far as there is one already.

    Raises NbrunbookError where it would end with the CI's machine.
    """
    if not asked.detached:
        refuse_to_lose(asked.project, "or --detached, which makes the file alone")
    check_texts("cannot instantiate", "opened", {"operator": asked.operator.name})
    return None if asked.detached else Journal.if_any(asked.project.journal)


def where_it_applies(asked: RunbookRequest) -> tuple[str, ...]:
    """Return the environments asked for in which the template applies; NbrunbookError where there is none.

    Nor for an environment that the journal does not serve.
    """
    environments = asked.project.members(asked.environment)
    if not asked.detached:
        asked.project.check_served(environments)
    if asked.template is None:
        return environments
    names = asked.template.environments
    applies = tuple(name for name in environments if applies_in(names, name, asked.project))
    if not applies:
        found = f"{asked.template.path} does not apply in {', '.join(environments)}"
        raise NbrunbookError(found, f"one of: {', '.join(names or ())}")
    return applies


def make(
    asked: RunbookRequest,
    environments: Sequence[str],
    known: Journal | None,
    *,
    execute: bool = False,
    passed_over: list[NbrunbookError] | None = None,
) -> list[Made]:
    """Return the runbooks for some environments, all of them checked before the first is built; nothing is written.

    `execute` runs the author's cells too: `Made.built` says what failed. Where papermill is not installed they have
    plans and no notebooks. Raises NbrunbookError for whatever keeps one of them from being made; of all that is
    pending, templates that cannot be read are told in `passed_over`, if that is given, and the others made.
    """
    if execute or asked.detached:
        extras.require("ci", "--execute runs notebooks" if execute else "--detached makes a notebook")
    if asked.template is None:
        prepared = _pending(asked, environments, known, passed_over)
    else:
        held = asked.there.held(asked.template)
        prepared = [_prepare(asked, asked.template, held, each, known) for each in environments]
    return [_build(asked, each, execute=execute) for each in prepared]


def publish(journal: Journal | None, made: Made, operator: Operator) -> None:
    """Put a runbook in its place, within the transaction that registers it; without a journal, just so.

    One without a notebook is registered alone.
    """
    if journal is not None and not made.has_notebook:
        register(journal, made.built, operator)
        return
    placed = False

    def place(temporary: Path) -> None:
        nonlocal placed
        files.put(temporary, made.target)
        placed = True

    try:
        with files.beside(made.target) as temporary:
            temporary.write_bytes(made.built.content)
            if journal is None:
                place(temporary)
            else:
                register(journal, made.built, operator, publish=lambda: place(temporary))
    except OSError as error:
        raise NbrunbookError(
            f"{made.target} cannot be written ({error.strerror})", "a folder that can be written to"
        ) from None
    except NbrunbookError:
        if placed:
            made.target.unlink(missing_ok=True)
        raise


# What is checked


def _pending(
    asked: RunbookRequest,
    environments: Sequence[str],
    known: Journal | None,
    passed_over: list[NbrunbookError] | None,
) -> list[_Prepared]:
    """All that is pending and has no runbook, in order; a value goes to those that declare it."""
    project, given = asked.project, asked.given
    if "release" in given:
        raise ParameterError("release", "given with --pending", "no value: each template is of its own release")
    ledger = find_pending(project, environments, journal=known, now=events.now(), there=asked.there)
    left = [each for name in environments for each in ledger.pending[name] if each.state in NOT_MADE]
    paths = [str(each.template) for each in left]
    templates = dict(_readable(asked, {path: ledger.templates[path] for path in paths}, passed_over))
    declared = {path: {each.name for each in template.parameters} for path, template in templates.items()}
    _refuse_undeclared(given, declared.values())
    own = {path: {name: given[name] for name in given if name in names} for path, names in declared.items()}
    held = {path: asked.there.held(template) for path, template in templates.items()}
    prepared = []
    for each, path in ((each, str(each.template)) for each in left):
        with suppress(RunbookExistsError):  # somebody else has just made it
            if path in templates:
                request = replace(asked, given=own[path])
                prepared.append(_prepare(request, templates[path], held[path], each.environment, known))
    return prepared


def _readable(
    asked: RunbookRequest, paths: Mapping[str, Path], passed_over: list[NbrunbookError] | None
) -> Iterator[tuple[str, Template]]:
    for name, path in paths.items():
        try:
            yield name, asked.there.read(path)
        except MissingExtraError:
            raise
        except NbrunbookError as error:
            if passed_over is None:
                raise
            passed_over.append(error)


def _refuse_undeclared(given: Mapping[str, str], declared: Collection[set[str]]) -> None:
    """Refuse a value that no template declares."""
    for name in given if declared else ():
        if not any(name in names for names in declared):
            raise ParameterError.unknown(name, set().union(*declared))


def _prepare(
    asked: RunbookRequest, template: Template, held: Held, environment: str, known: Journal | None
) -> _Prepared:
    """Check all that may keep one runbook from being made."""
    project = asked.project
    wanted = Wanted(environment=environment, given=asked.given, release=asked.release)
    planned = plan_runbook(asked.there.project, template, wanted)
    release = check_name(planned.plan.release, "release")
    _require_release(asked.there.project, planned.template, release)
    if not asked.dirty:
        refuse_uncommitted(project, environment, held)
    key = _free_key(asked, planned.plan.environment, release, known)
    target = project.runbook_path(key)
    _refuse_unknown_file(project, target)
    return _Prepared(planned=planned, key=key, target=target, held=held)


def _free_key(asked: RunbookRequest, environment: str, release: str, known: Journal | None) -> str:
    """The key of the new runbook; refused where the deployment has one, or is signed off as a record says."""
    project, deployment = asked.project, f"{environment}/{release}"
    key = free_key(known, project, deployment, asked.operator, again=asked.again) if known else deployment
    if key == deployment and not asked.again and deployments.record_of(project, environment, release):
        raise NbrunbookError(
            f"{deployment} is signed off: a record says so, and the journal does not know it",
            "",
            "'instantiate … --again' makes a runbook all the same",
        )
    return key


def _require_release(project: Project, template: Template, release: str) -> None:
    """Refuse the name of a folder of parts for a release, and one part of several for a template."""
    if release in template_files.FOLDERS:
        raise NbrunbookError(
            f"{template.path} is of a release without a name",
            "--release NAME",
            "or give its parts one: nbrunbook cut NAME",
        )
    if template.path.is_file() and template_files.is_part_in(template.path, project.template_homes):
        raise NbrunbookError(f"{template.path} is one part of a template", f"all of it: {template.path.parent}")


def _refuse_unknown_file(project: Project, target: Path) -> None:
    if target.exists():
        name = project.relative(target)
        raise NbrunbookError(
            f"{name} exists, and the journal does not know it",
            "a place that is free",
            f"'nbrunbook work {shlex.quote(name)}' takes it into the journal; or move it away",
        )


def _build(asked: RunbookRequest, each: _Prepared, *, execute: bool) -> Made:
    planned, who = each.planned, asked.operator.name
    about = facts_for(
        planned.template, planned.plan, asked.there, each.held, key=each.key, created_by=who, created_at=events.now()
    )
    if extras.missing("ci"):
        laid_out(planned.template, planned.plan, asked.project, each.key)  # refuses what no notebook could hold
        built = Built(content=b"", facts=about, plan=planned.plan)
    else:
        built = build(planned.template, planned.plan, planned.values, asked.project, about, execute=execute)
    return Made(key=each.key, target=each.target, built=replace(built, code=planned.code), held=each.held)
