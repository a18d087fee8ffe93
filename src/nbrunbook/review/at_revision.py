"""What an argument of a review names: a file or folder, or what a commit holds at a path; and comparing two."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.documents.notebook import Notebook
from nbrunbook.errors import NbrunbookError, TemplateError
from nbrunbook.extras import MissingExtraError
from nbrunbook.project import commit_homes, commits, git
from nbrunbook.project.settings import find_project, project_if_any
from nbrunbook.review import snapshot
from nbrunbook.review.changes import Review
from nbrunbook.review.compare import compare
from nbrunbook.runbook.plan import SOMEWHERE, Plan
from nbrunbook.runbook.plan_json import plan_from_json
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


@dataclass(frozen=True, kw_only=True)
class FileAtRevision:
    """A template, or a runbook with its plan; with neither, nothing stands there."""

    label: str
    template: Template | None = None
    runbook: Notebook | None = None
    plan: Plan | None = None
    fault: NbrunbookError | None = None
    """Why nobody can say what its steps are; it may be what was, and not what is."""


def read(argument: str) -> FileAtRevision:
    """Return what an argument names: a file or folder, or `REV:path`."""
    revision, path = parted(argument)
    if not revision:
        homes = homes_here()
        named = template_files.template_named(Path(argument), homes)
        return load(named, str(named), {}, homes=homes)
    found = _at(Path.cwd(), revision, path)
    if found.template is None and found.plan is None:
        raise NbrunbookError(f"{revision} holds no {path}", "a path from the work tree's root, or one that begins ./")
    return found


def homes_here() -> tuple[Path, ...]:
    """Return the folders of templates of the project here; none outside of any."""
    project = project_if_any()
    return project.template_homes if project else ()


def parted(argument: str) -> tuple[str, str]:
    """Return a revision and a path from the work tree's root; no revision for a plain path."""
    revision, colon, path = argument.partition(":")
    if not colon or not revision or Path(argument).exists():
        return "", argument
    if path.startswith(("./", "../")):
        path = from_top(Path(path), git.top(Path.cwd()))
    return revision, posixpath.normpath(path)


def from_top(path: Path, top: Path) -> str:
    """Return a path as git names it; NbrunbookError where it lies outside of the work tree."""
    absolute = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    try:
        return absolute.relative_to(top.resolve()).as_posix()
    except ValueError:
        raise NbrunbookError(f"{path} lies outside of the repository", f"a path below {top}") from None


def load(
    path: Path, label: str, shown: Mapping[str, str], *, homes: Sequence[Path] = (), standing: bool = True
) -> FileAtRevision:
    """Return what stands at a path; `shown` says how folders are called in messages."""
    try:
        if path.suffix == ".ipynb" and path.is_file() and "nbrunbook" in notebook.read_metadata(path):
            found = notebook.read(path)
            facts = found.metadata["nbrunbook"]
            if isinstance(facts, dict) and "plan" in facts:
                return FileAtRevision(label=label, runbook=found, plan=_plan(facts["plan"], label))
        template = read_template(path, homes=homes, standing=standing)
        fault = _as_shown(TemplateError(path, template.unclear), shown) if template.unclear else None
        return FileAtRevision(label=label, template=template, fault=fault)
    except MissingExtraError:
        raise
    except NbrunbookError as error:
        raise _as_shown(error, shown) from None


def _as_shown(error: NbrunbookError, shown: Mapping[str, str]) -> NbrunbookError:
    message = error.found
    for folder, name in shown.items():
        message = message.replace(folder, name)
    return NbrunbookError(message, error.expected, error.do)


def _plan(facts: Any, label: str) -> Plan:
    try:
        return plan_from_json(facts)
    except NbrunbookError as error:
        raise NbrunbookError(f"{label}: {error.found}", error.expected, error.do) from None


def _at(folder: Path, revision: str, path: str) -> FileAtRevision:
    """What a commit holds at a path from the work tree's root."""
    if not git.known(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"):
        git.top(folder)
        raise NbrunbookError(f"git knows no commit {revision!r}", "a branch, a tag or a commit, as in main:path")
    label = f"{revision[:10] if len(revision) == 40 else revision}:{path}"
    # The folder around it too: there stand its images, and the standing parts.
    with commits.checked_out(folder, revision, posixpath.dirname(path) or path) as tree:
        homes = _homes_around(folder, revision, path, tree)
        there = tree / path
        if not there.exists() and len(homes) > 1:
            there = template_files.called_in(homes, template_files.release_of(there)) or there
        if not there.exists():
            return FileAtRevision(label=f"{label} (not there)")
        return load(there, label, {f"{tree}/": f"{revision}:"}, homes=homes)


def _homes_around(folder: Path, revision: str, path: str, tree: Path) -> list[Path]:
    """The folders of templates in a commit's tree, where a path is in one of several; else none."""
    project = project_if_any(folder)
    if project is None or project.templates_listed == project.templates_listed[:1]:
        return []
    top = git.top(folder).resolve()
    parent = (top / path).parent
    if parent not in [each.resolve() for each in commit_homes.at_commit(project, top, revision)]:
        return []
    return commit_homes.write_out(project, top, revision, tree)


def at_merge_base(path: Path) -> FileAtRevision:
    """Return what the branch began with at a path of the work tree."""
    folder = path.resolve().parent
    top = git.top(folder)
    return _at(folder, git.merge_base(folder), from_top(path, top))


def template_of(found: FileAtRevision) -> FileAtRevision:
    """Return the template of a runbook as it is now; NbrunbookError where it is not there."""
    facts = found.runbook.metadata["nbrunbook"] if found.runbook else {}
    project = find_project()
    about = facts.get("template")
    name, parts = (about.get("name"), about.get("parts")) if isinstance(about, dict) else (None, None)
    paths = [str(part.get("path")) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    wanted = template_files.of_parts(str(name), paths)
    if not wanted or not (project.root / wanted).exists():
        raise NbrunbookError(
            f"{found.label}: its template {wanted or '(none is named)'} is not there",
            "the template that it was made from",
            "name it: nbrunbook diff RUNBOOK TEMPLATE",
        )
    homes = project.template_homes
    first = template_files.places_of(project.root / wanted, homes)[0]
    label = wanted if first == project.root / wanted else project.relative(first)
    return load(first, label, {}, homes=homes)


def compare_two(old: FileAtRevision, new: FileAtRevision) -> Review:
    """Return what changed from one to the other; raises what keeps the new one from being understood."""
    if new.fault:
        raise new.fault
    return compare(_side(old, new), _side(new, old))


def _side(found: FileAtRevision, other: FileAtRevision) -> snapshot.Snapshot:
    if found.runbook is not None and found.plan is not None:
        return snapshot.of_runbook(found.runbook, found.plan, found.label)
    if found.template is None:
        return snapshot.Snapshot(label=found.label)
    if other.plan is not None:
        folder, root = _place(other.plan)
        return snapshot.as_planned(found.template, other.plan, folder, found.label, root=root)
    return snapshot.of_template(found.template, found.label)


def _place(made: Plan) -> tuple[str, str]:
    """Where the links of a plan's runbook begin."""
    project = project_if_any()
    if project is None:
        return f"runbooks/{made.environment}", SOMEWHERE
    return project.place(project.runbook_path(f"{made.environment}/{made.release}"))
