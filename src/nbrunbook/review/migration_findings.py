"""What is wrong with the migrations that a branch changed, as problems. Nothing of them is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nbrunbook.documents import migrations
from nbrunbook.documents.migrations import Migration
from nbrunbook.errors import NbrunbookError, one_line
from nbrunbook.project import git, versions
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project
from nbrunbook.review import app_history, missing_steps, removals, two_phases
from nbrunbook.review.app_history import App
from nbrunbook.review.removals import Judged, Removal
from nbrunbook.runbook.other_answers import reference
from nbrunbook.template import files as template_files
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template
from nbrunbook.texts import listed

OTHERWISE = "or say in a commit message: nbrunbook: none needed"


@dataclass(frozen=True)
class Changed:
    """The migrations of one folder that a branch changed."""

    folder: Path
    app: App
    now: dict[str, Migration] = field(default_factory=dict)
    """By name, as they are."""
    were: dict[str, Migration] = field(default_factory=dict)
    """As they were where the branch began: those that it deleted, too."""

    @property
    def new(self) -> Mapping[str, Migration]:
        """Those that were not there."""
        return {name: found for name, found in self.now.items() if name not in self.were}

    @property
    def judged(self) -> Sequence[str]:
        """Those that may take something away: what was a squash is one of what has run, also where it is none now."""
        return [name for name in self.now if name not in self.were or not self.were[name].replaces]


def problems(project: Project, branch: Branch) -> list[Problem]:
    """Return what is wrong with the migrations that a branch changed; GitError where git cannot say.

    None where a message of its commits says `nbrunbook: none needed`.
    """
    found: list[Problem] = []
    folders = changed(project, branch)
    for folder in folders if folders and not missing_steps.is_answered(branch) else ():
        behind = folder.app.last
        for name in folder.judged:
            judged = removals.judged(folder.folder / f"{name}.py", folder.app, folder.new)
            if judged:
                found += _of_removals(judged, project, behind)
                behind = two_phases.second_name(judged, behind) if judged.at_once else behind
        found += _of_squashes(folder)
    return found


def changed(project: Project, branch: Branch) -> list[Changed]:
    """Return the migrations below the project's root that a branch changed, by their folders."""
    found: dict[Path, Changed] = {}
    for name in branch.files:
        path = branch.top / name
        if path.suffix != ".py" or not path.absolute().is_relative_to(project.root):
            continue
        now, was = app_history.read_migration(path), _at_base(branch, name)
        if now or was:
            folder = found.setdefault(path.parent, Changed(path.parent, app_history.read(path.parent)))
            folder.now.update({path.stem: now} if now else {})
            folder.were.update({path.stem: was} if was else {})
    return list(found.values())


def _at_base(branch: Branch, name: str) -> Migration | None:
    text = git.known(branch.top, "cat-file", "blob", f"{branch.base}:{PurePosixPath(name)}")
    return migrations.read(text)


# Removals


def _of_removals(judged: Judged, project: Project, last: str) -> Iterator[Problem]:
    path = template_files.as_typed(judged.path)
    if judged.at_once:
        what = _listed(judged.at_once)
        yield Problem(
            id="RB302",
            message=f"{what}: removed from the models and the database at once, and code that runs still asks for it",
            hint=f"remove it in two migrations, {OTHERWISE}",
            path=path,
            line=judged.at_once[0].operation.line,
            code=two_phases.migrations(judged, _release(project), last) if _can_be_told(judged) else "",
        )
    if judged.unprepared:
        first = judged.unprepared[0]
        yield Problem(
            id="RB304",
            message=f"{_listed(judged.unprepared)}: forgotten, and the database still asks for a value in each new row",
            hint=f'forget it by RemoveFieldFromState("{first.model}", "{first.field}"), {OTHERWISE}',
            path=path,
            line=first.operation.line,
        )
    if judged.unguarded:
        why = _why_unguarded(judged.migration.runbook_step, project)
        if why:
            yield Problem(
                id="RB303",
                message=f"{_listed(judged.unguarded)}: dropped, {why}",
                hint=f"let it wait for a step that says so, {OTHERWISE}",
                path=path,
                line=judged.unguarded[0].operation.line,
                code=_waiting(judged, project),
            )


def _can_be_told(judged: Judged) -> bool:
    """Whether the two migrations can be written: what goes is known by its model."""
    return all(each.model for each in judged.at_once)


def _listed(found: tuple[Removal, ...]) -> str:
    return listed(list(dict.fromkeys(each.what for each in found)))


def _waiting(judged: Judged, project: Project) -> str:
    release = _release(project)
    return "\n".join(
        [
            "# in its class Migration:",
            f"runbook_step = {two_phases.python(f'{release}#{two_phases.STEP}')}",
            "",
            one_line(f"# in the template of {release}:"),
            f"# {two_phases.step(_listed(judged.unguarded))}",
        ]
    )


def _why_unguarded(step: str | None, project: Project) -> str:
    """Why nobody knows that the old code is gone when it runs; empty where a step says so, or cannot be looked up."""
    if step is None:
        return "and no step says that the old code is gone"
    named = reference(step)
    if not step or named is None or not named.release:
        return ""  # computed, or a fault that is told by itself
    homes = project.template_homes
    there = [template_files.called_in(homes, each) for each in (named.release, *template_files.FOLDERS)]
    try:
        read = [read_template(path, homes=homes, standing=False) for path in there if path]
        ids = {step.id for template in read for step in template.steps}
    except NbrunbookError:
        return ""  # a finding says why it cannot be read
    if named.step in ids:
        return ""
    return f"and waits for {step}, which is in no template here"


def _release(project: Project) -> str:
    """The release that the work is for, as far as its templates say."""
    if template_files.called_in(project.template_homes, template_files.NEXT):
        return "RELEASE"
    found = template_files.templates_in_all(project.template_homes)
    names = {template_files.release_of(each) for each in found} - {*template_files.FOLDERS}
    return max(names, key=versions.key, default="RELEASE")


# Squashes


def _of_squashes(folder: Changed) -> Iterator[Problem]:
    """A squash without the step that a migration waits for which it replaces, there still or deleted."""
    known = {**folder.were, **folder.app.migrations}
    for name, squash in folder.app.migrations.items():
        replaces = (folder.were.get(name) or squash).replaces or squash.replaces
        lost = [old for _, old in replaces if old in known and known[old].runbook_step]
        is_changed = name in folder.now or any(old not in folder.app.migrations for old in lost)
        if not lost or not is_changed or squash.runbook_step is not None:
            continue
        last = known[lost[-1]].runbook_step
        yield Problem(
            id="RB305",
            message=f"it replaces {listed(lost)}, and does not wait for {last}",
            hint=f'write it into its class: runbook_step = "{last}"',
            path=template_files.as_typed(folder.folder / f"{name}.py"),
        )
