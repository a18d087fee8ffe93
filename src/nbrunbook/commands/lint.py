"""nbrunbook lint: say what is wrong in templates, and mend what has one right answer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from nbrunbook import expected, git, mending, notebook, places, project, template
from nbrunbook.commands.opening import show, show_json, tell
from nbrunbook.errors import NbrunbookError, ProjectNotFoundError
from nbrunbook.problems import Problem
from nbrunbook.project import Project

BETWEEN_PARTS = ("RB103", "RB113", "RB114")
"""What a standing part may be wrong in only together with the parts of a release."""

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
    found = _project()
    targets = _targets(paths, found)
    problems: list[Problem] = []
    if changed:
        since = git.merge_base(Path.cwd())
        names = {(git.top(Path.cwd()) / name).resolve() for name in git.changed(Path.cwd(), since)}
        problems += _expected(found, since) if found else []
        targets = [path for path in targets if _is_among(path, names)]
    for path in targets if fix else ():
        _mend(path)
    problems += _all_problems(targets)
    ignored = found.ignore if found else ()
    problems = [problem for problem in dict.fromkeys(problems) if problem.id not in ignored]
    _show(problems, targets, shape)
    return 1 if problems else 0


def _project() -> Project | None:
    try:
        return project.find()
    except ProjectNotFoundError:
        return None


# What is looked at


def _targets(paths: Sequence[Path], found: Project | None) -> list[Path]:
    """The templates meant by some paths; a part stands for the folder that it is in."""
    if not paths and not found:
        project.find()
    home = found.templates if found else None
    given = paths or ([_shown(home)] if home and home.is_dir() else [])
    return list(dict.fromkeys(each for path in given for each in _meant(path, home)))


def _meant(path: Path, home: Path | None) -> Iterable[Path]:
    if home and _is_in(home, path) and path.is_dir() and home.is_dir():
        return places.templates_in(_shown(home))
    if home and path.absolute().parent.parent == home and path.is_file():
        return [path.parent]
    if path.is_dir() and not (home and path.absolute().parent == home):
        return places.templates_in(path)
    return [path]


def _is_in(home: Path, folder: Path) -> bool:
    return home == folder.absolute() or folder.absolute() in home.parents


def _shown(path: Path) -> Path:
    """A path as a person would type it here."""
    return Path(os.path.relpath(path)) if Path.cwd() in (path, *path.parents) else path


def _is_among(path: Path, names: set[Path]) -> bool:
    files = places.files_of(path) if path.exists() else []
    return any(file.resolve() in names for file in files)


# Findings


def _all_problems(targets: Sequence[Path]) -> Iterable[Problem]:
    """The findings of all templates, in order; many are shared out to all processors."""
    if len(targets) < MANY:
        return [problem for path in targets for problem in _problems_of(path)]
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(initializer=notebook.skip_iri_checks) as pool:
        found = pool.map(_problems_of, targets, chunksize=len(targets) // (4 * (os.cpu_count() or 1)) or 1)
        return [problem for each in found for problem in each]


def _problems_of(path: Path) -> list[Problem]:
    try:
        return [each for each in template.check(path) if _is_own(path, each)]
    except NbrunbookError as error:
        message = error.found.removeprefix(f"{path}: ")
        hint = "; ".join(filter(None, [f"expected {error.expected}" if error.expected else "", error.do]))
        return [Problem(id="RB100", message=message, hint=hint, path=getattr(error, "path", path))]


def _is_own(path: Path, problem: Problem) -> bool:
    """Whether a finding is not one of a standing part by itself: that is told once, of the folder of those."""
    standing = path.name != places.STANDING and problem.path.parent == path.parent / places.STANDING
    return not standing or problem.id in BETWEEN_PARTS


def _mend(path: Path) -> None:
    try:
        mended = mending.mended(path)
    except NbrunbookError:
        return
    for file, content in mended.items():
        notebook.write(file, content)
        tell(f"mended {file}")


def _expected(found: Project, since: str) -> list[Problem]:
    problem = expected.problem(found, since)
    return [problem] if problem else []


# How they are shown


def _show(problems: Sequence[Problem], targets: Sequence[Path], shape: str) -> None:
    if shape == "json":
        show_json({"templates": [str(path) for path in targets], "findings": [_as_json(each) for each in problems]})
        return
    for problem in problems:
        show(str(problem) if shape == "text" else _for_github(problem))
    stops = sum(problem.stops for problem in problems)
    templates = "1 template" if len(targets) == 1 else f"{len(targets)} templates"
    findings = "1 finding" if len(problems) == 1 else f"{len(problems)} findings"
    tell(f"{templates}, {findings}{f', {stops} of which stop a runbook' if stops else ''}")


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "id": problem.id,
        "path": str(problem.path),
        "cell": problem.cell,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
        "stops": problem.stops,
    }


def _for_github(problem: Problem) -> str:
    """A workflow command that annotates a line of the file (https://docs.github.com/actions, "Workflow commands")."""
    line = problem.line
    if problem.cell and problem.path.is_file():
        line = notebook.line_in_file(problem.path.read_bytes(), problem.cell, problem.line)
    where = f"file={_property(str(problem.path))}{f',line={line}' if line else ''}"
    text = f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}"
    kind = "error" if problem.stops else "warning"
    title = f"{problem.id}{f', cell {problem.cell}' if problem.cell else ''}"
    return f"::{kind} {where},title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
