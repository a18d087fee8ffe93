"""nbrunbook lint: say what is wrong in templates, and mend what has one right answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from nbrunbook.commands.terminal import show, show_json, tell
from nbrunbook.documents import files, notebook
from nbrunbook.errors import NbrunbookError, visible
from nbrunbook.project import git
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project, find_project, project_if_any
from nbrunbook.review import missing_steps, revisions
from nbrunbook.template import cross_references, mending
from nbrunbook.template import files as template_files
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import check_template

Told = tuple[object, ...]

MANY = 100
"""Templates from which on more than one process reads them: a process takes as long to start as some of them."""


@click.command(name="lint")
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Mend what has one right answer.")
@click.option("--changed", is_flag=True, help="Look at what changed since the branch that it goes to.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "json", "github"]), default="text", help="How findings are shown."
)
def command(paths: tuple[Path, ...], fix: bool, changed: bool, shape: str) -> int:
    """Say what is wrong in templates: files, folders of parts, or all of the project's.

    --fix clears outputs, writes ids behind titles, makes items of bare boxes, sorts metadata and gives cells ids;
    everything else stays to the letter. --changed looks at the templates that differ from where the work left
    the branch that it goes to, and at `expect` in the configuration: files whose change should come with a step.
    The exit status is 1 while there are findings. docs/findings.md explains each.

    \b
    Example: nbrunbook lint --fix templates/1.0.ipynb
    """
    notebook.skip_iri_checks()
    project = project_if_any()
    targets = _targets(paths, project)
    problems: list[Problem] = []
    if changed:
        here = project or find_project()
        branch = git.branch(here.root)
        problems += filter(None, [missing_steps.problem(here, branch)])
        targets = _changed(here, branch, targets)
    for path in targets if fix else ():
        _mend(path)
    problems += _all_problems(targets, project)
    ignored = project.ignore if project else ()
    problems = [problem for problem in dict.fromkeys(problems) if problem.id not in ignored]
    _show(problems, targets, shape)
    return 1 if problems else 0


# What is looked at


def _targets(paths: Sequence[Path], project: Project | None) -> list[Path]:
    """The templates meant by some paths; a part stands for the folder that it is in."""
    if not paths and not project:
        find_project()
    home = project.templates if project else None
    if home and not paths and not home.is_dir():
        there = f"{template_files.as_typed(home)}: {'no folder' if home.exists() else 'not there'}"
        raise NbrunbookError(there, "the folder of the project's templates", "'nbrunbook init' makes it")
    given = paths or ([template_files.as_typed(home)] if home else [])
    return list(dict.fromkeys(each for path in given for each in _meant(path, home)))


def _meant(path: Path, home: Path | None) -> Iterable[Path]:
    path = template_files.template_named(path, home)
    if home and home.is_dir() and path.is_dir() and _is_in(home, path):
        return template_files.templates_in(template_files.as_typed(home))
    inside = home is not None and home in path.absolute().parents
    if path.is_file() and inside and not template_files.is_part(path):
        tell(f"{path} is no part of a template")
        return []
    if path.is_file() and path.absolute().parent.parent == home:
        return [path.parent]
    if path.is_dir() and path.absolute().parent != home:
        return template_files.templates_in(path)
    return [path]


def _is_in(home: Path, folder: Path) -> bool:
    return home == folder.absolute() or folder.absolute() in home.parents


def _changed(project: Project, branch: Branch, targets: Sequence[Path]) -> list[Path]:
    """The templates that changed; all of them where a standing part or an image did, which may be in any of them."""
    names = {path.absolute() for path in revisions.changed_templates(project, branch)}
    everything = project.templates / template_files.STANDING in names or revisions.has_other_changes(project, branch)
    return [path for path in targets if everything or path.absolute() in names]


# Findings


def _all_problems(targets: Sequence[Path], project: Project | None) -> Iterable[Problem]:
    """The findings of all templates, in order; many are shared out to all processors."""
    told = {folder: _of_standing(folder) for folder in {path.parent for path in targets}}
    problems_of = partial(_problems_of, told=told, project=project)
    if len(targets) < MANY:
        return [problem for path in targets for problem in problems_of(path)]
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(initializer=notebook.skip_iri_checks) as pool:
        of_each = pool.map(problems_of, targets, chunksize=len(targets) // (4 * (os.cpu_count() or 1)) or 1)
        return [problem for each in of_each for problem in each]


def _problems_of(path: Path, told: Mapping[Path, frozenset[Told]], project: Project | None) -> list[Problem]:
    declared = project.declared if project else ()
    try:
        elsewhere = told[path.parent] if path.name != template_files.STANDING else frozenset()
        problems = [
            *check_template(path, declared=declared),
            *(cross_references.problems(path, project) if project else ()),
        ]
        return [each for each in problems if _told_of(each) not in elsewhere]
    except NbrunbookError as error:
        where = getattr(error, "path", path)
        message = error.found.removeprefix(f"{where}: ")
        hint = "; ".join(filter(None, [f"expected {error.expected}" if error.expected else "", error.do]))
        return [Problem(id="RB100", message=message, hint=hint, path=where)]


def _told_of(problem: Problem) -> Told:
    """What a finding is about, whatever the words."""
    return (problem.id, problem.path, problem.cell, problem.line)


def _of_standing(folder: Path) -> frozenset[Told]:
    """What is wrong by themselves with the standing parts of a folder of templates: that is told once, of those."""
    standing = folder / template_files.STANDING
    try:
        return frozenset(map(_told_of, check_template(standing))) if template_files.parts_in(standing) else frozenset()
    except NbrunbookError:
        return frozenset()


def _mend(path: Path) -> None:
    try:
        mended = mending.mended(path)
    except NbrunbookError:
        return
    for file, content in mended.items():
        mode = file.stat().st_mode
        files.write(file.resolve(), content)
        file.chmod(mode)
        tell(f"mended {file}")


# How they are shown


def _show(problems: Sequence[Problem], targets: Sequence[Path], shape: str) -> None:
    if shape == "json":
        show_json(
            {"templates": [visible(str(path)) for path in targets], "findings": [_as_json(each) for each in problems]}
        )
        return
    top = git.known(Path.cwd(), "rev-parse", "--show-toplevel") if shape == "github" else ""
    for problem in problems:
        show(str(problem) if shape == "text" else _for_github(problem, Path(top or Path.cwd()).resolve()))
    stops = sum(problem.stops for problem in problems)
    templates = "1 template" if len(targets) == 1 else f"{len(targets)} templates"
    findings = "1 finding" if len(problems) == 1 else f"{len(problems)} findings"
    tell(f"{templates}, {findings}{f', {stops} of which stop a runbook' if stops else ''}")


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "id": problem.id,
        "path": visible(str(problem.path)),
        "cell": problem.cell,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
        "stops": problem.stops,
    }


def _for_github(problem: Problem, top: Path) -> str:
    """A workflow command that annotates a line of the file (https://docs.github.com/actions, "Workflow commands")."""
    line = problem.line
    if problem.cell and problem.path.is_file():
        line = notebook.line_in_file(problem.path.read_bytes(), problem.cell, problem.line)
    where = f"file={_property(_from_top(problem.path, top))}{f',line={line}' if line else ''}"
    text = f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}"
    kind = "error" if problem.stops else "warning"
    title = f"{problem.id}{f', cell {problem.cell}' if problem.cell else ''}"
    return f"::{kind} {where},title={_property(title)}::{_data(text)}"


def _from_top(path: Path, top: Path) -> str:
    """A path as GitHub wants it: from the repository's root."""
    found = path.resolve()
    return found.relative_to(top).as_posix() if top in found.parents else path.as_posix()


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
