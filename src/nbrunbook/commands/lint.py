"""nbrunbook lint: say what is wrong in templates, and mend what has one right answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from nbrunbook.commands.terminal import show, show_code, show_json, tell
from nbrunbook.documents import files, notebook
from nbrunbook.documents.line_numbers import line_in_file
from nbrunbook.errors import NbrunbookError, visible
from nbrunbook.extras import MissingExtraError
from nbrunbook.project import git, sites
from nbrunbook.project.settings import Project, find_project, project_if_any
from nbrunbook.review import migration_findings, missing_steps, revisions
from nbrunbook.template import files as template_files
from nbrunbook.template import mending, named
from nbrunbook.template.linting import problems_in
from nbrunbook.template.problems import Problem
from nbrunbook.texts import many


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
    the branch that it goes to, at `expect` in the configuration (files whose change should come with a step that names
    it), and at Django's migrations: what they take away from code that runs still.
    The exit status is 1 while there are findings. docs/findings.md explains each.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook lint --fix templates/1.0.ipynb
    """
    notebook.skip_iri_checks()
    project = project_if_any()
    targets = [] if changed and _is_new_site(project) else _targets(paths, project)
    homes = project.template_homes if project else ()
    problems: list[Problem] = []
    if changed:
        here = project or find_project()
        branch = git.branch(here.root)
        problems += [*missing_steps.problems(here, branch), *migration_findings.problems(here, branch)]
        of_templates = revisions.branch_of(here)
        targets = revisions.changed_among(here, of_templates, targets)
        if others := revisions.not_compared(here, of_templates):
            tell(others)
    mended = [_mended(path, homes) for path in targets] if fix else []
    for file, content in [pair for each in mended for pair in each.items()]:
        files.rewrite(file, content)
        tell(f"mended {file}")
    for file, why in [pair for path in targets for pair in _left_alone(path, homes).items()] if fix else ():
        tell(f"{file} is left as it is: {why}")
    problems += problems_in(targets, project)
    ignored = project.ignore if project else ()
    problems = [problem for problem in dict.fromkeys(problems) if problem.id not in ignored]
    _show(problems, targets, shape)
    return 1 if problems else 0


def _is_new_site(project: Project | None) -> bool:
    """Whether a site has no folder of templates in any of its apps yet: its migrations are looked at all the same."""
    return sites.registered() is not None and not any(
        each.is_dir() for each in (project.template_homes if project else ())
    )


def _targets(paths: Sequence[Path], project: Project | None) -> list[Path]:
    """The templates meant by some paths; without any, all of the project's."""
    if not paths:
        return named.templates_of((project or find_project()).template_homes)
    homes = project.template_homes if project else ()
    found: list[Path] = []
    for given in paths:
        path = template_files.template_named(given, homes)
        meant = named.templates_at(path, homes)
        if not meant and path.is_file():
            tell(f"{path} is no part of a template")
        found += meant
    return list(dict.fromkeys(found))


def _mended(path: Path, homes: Sequence[Path]) -> Mapping[Path, bytes]:
    try:
        return mending.mended(path, homes)
    except MissingExtraError:
        raise
    except NbrunbookError:
        return {}  # a finding says why it cannot be read


def _left_alone(path: Path, homes: Sequence[Path]) -> Mapping[Path, str]:
    try:
        return mending.left_alone(path, homes)
    except NbrunbookError:
        return {}  # a finding says why it cannot be read


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
        if problem.code and shape == "text":
            show_code(f"\n{problem.code}\n")
    stops = sum(problem.stops for problem in problems)
    found = f"{many(len(targets), 'template')}, {many(len(problems), 'finding')}"
    stop = f", {stops} of which {'stops' if stops == 1 else 'stop'} a runbook"
    tell(f"{found}{stop if stops else ''}")


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "id": problem.id,
        "path": visible(str(problem.path)),
        "cell": problem.cell,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
        "code": problem.code,
        "stops": problem.stops,
    }


def _for_github(problem: Problem, top: Path) -> str:
    """A workflow command that annotates a line of the file (https://docs.github.com/actions, "Workflow commands")."""
    line = problem.line
    if problem.cell and problem.path.is_file():
        line = line_in_file(notebook.read_bytes(problem.path), problem.cell, problem.line)
    where = f"file={_property(_from_top(problem.path, top))}{f',line={line}' if line else ''}"
    text = f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}"
    text += f"\n\n{problem.code}" if problem.code else ""
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
