"""Where the two sides of a review come from: files, commits, and what a branch changed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.documents.notebook import Notebook
from nbrunbook.errors import NbrunbookError, TemplateError
from nbrunbook.extras import MissingExtraError
from nbrunbook.project import commits, git
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project, find_project, project_if_any
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


Unreadable = dict[str, NbrunbookError]
"""Why templates cannot be read, by their names."""


def reviews(old: str | None, new: str | None, unreadable: Unreadable | None = None) -> list[Review]:
    """Return what changed between two arguments of `diff`, or between one and what it is compared with.

    Without arguments `unreadable` is as in `of_branch`.
    """
    if old is None:
        return of_branch(project := find_project(), branch_of(project), unreadable)
    if new is not None:
        return [_compare(read(old), read(new))]
    revision, path = _parted(old)
    if revision:
        return [_compare(read(old), _load(git.top(Path.cwd()) / path, path, {}))]
    found = read(old)
    if found.plan is not None:
        return [_compare(found, _template_of(found))]
    return [_compare(_at_merge_base(Path(found.label)), found)]


def read(argument: str) -> FileAtRevision:
    """Return what an argument names: a file or folder, or `REV:path`."""
    revision, path = _parted(argument)
    if not revision:
        project = project_if_any()
        named = template_files.template_named(Path(argument), project.templates if project else None)
        return _load(named, str(named), {})
    found = _at(Path.cwd(), revision, path)
    if found.template is None and found.plan is None:
        raise NbrunbookError(f"{revision} holds no {path}", "a path from the work tree's root, or one that begins ./")
    return found


def _parted(argument: str) -> tuple[str, str]:
    """A revision and a path from the work tree's root; no revision for a plain path."""
    revision, colon, path = argument.partition(":")
    if not colon or not revision or Path(argument).exists():
        return "", argument
    if path.startswith(("./", "../")):
        path = _from_top(Path(path), git.top(Path.cwd()))
    return revision, posixpath.normpath(path)


def _from_top(path: Path, top: Path) -> str:
    """A path as git names it; NbrunbookError where it lies outside of the work tree."""
    absolute = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    try:
        return absolute.relative_to(top.resolve()).as_posix()
    except ValueError:
        raise NbrunbookError(f"{path} lies outside of the repository", f"a path below {top}") from None


def _load(path: Path, label: str, shown: Mapping[str, str], *, standing: bool = True) -> FileAtRevision:
    """What stands at a path; `shown` says how folders are called in messages."""
    try:
        if path.suffix == ".ipynb" and path.is_file() and "nbrunbook" in notebook.read_metadata(path):
            found = notebook.read(path)
            facts = found.metadata["nbrunbook"]
            if isinstance(facts, dict) and "plan" in facts:
                return FileAtRevision(label=label, runbook=found, plan=_plan(facts["plan"], label))
        template = read_template(path, standing=standing)
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
        if not (tree / path).exists():
            return FileAtRevision(label=f"{label} (not there)")
        return _load(tree / path, label, {f"{tree}/": f"{revision}:"})


def _at_merge_base(path: Path) -> FileAtRevision:
    """What the branch began with at a path of the work tree."""
    folder = path.resolve().parent
    top = git.top(folder)
    return _at(folder, git.merge_base(folder), _from_top(path, top))


def _template_of(found: FileAtRevision) -> FileAtRevision:
    """The template of a runbook as it is now."""
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
    return _load(project.root / wanted, wanted, {})


def _compare(old: FileAtRevision, new: FileAtRevision) -> Review:
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


# What a branch changed


def branch_of(project: Project) -> Branch:
    """Return what the work has changed in the repository of the templates, which may be a submodule; else GitError."""
    return git.branch(git.repository_of(project.templates) or project.root)


def of_branch(project: Project, branch: Branch, unreadable: Unreadable | None = None) -> list[Review]:
    """Return what a branch changed in each template, those that did not change left out.

    A template that moved, as `cut` moves one, is compared with what it was. The standing parts count as one template
    of their own; one that could not be read where the branch began counts as not there.
    Those that cannot be read now are put into `unreadable`, if that is given, and the others are compared.
    """
    folder = _from_top(project.templates.resolve(), branch.top)  # git looks behind no link
    prefix = f"{folder}/" if folder != "." else ""
    names = {name.removeprefix(prefix).split("/")[0] for name in branch.files if name.startswith(prefix)}
    if has_other_changes(project, branch):
        names |= {path.name for path in template_files.templates_in(project.templates)}
    began = f"{branch.base[:10]}:"
    with commits.checked_out(branch.top, branch.base, folder) as tree:
        old = dict(_templates(tree / folder, names, f"{began}{prefix}", {f"{tree}/": began}, {}))
        new = dict(_templates(template_files.as_typed(project.templates), names, prefix, {}, unreadable))
    for name in unreadable or ():
        old.pop(name, None)
    found = [_compare(*pair) for pair in _paired(old, new, f"{began}{prefix}", prefix)]
    return [each for each in found if each.changes]


def changed_templates(project: Project, branch: Branch) -> list[Path]:
    """Return the templates that are there and of which a branch changed, added or deleted a part."""
    changed = _changed_files(branch)
    found = [path for path in template_files.templates_in(project.templates) if _has_changed(path.resolve(), changed)]
    return [template_files.as_typed(path) for path in found]


def changed_among(project: Project, branch: Branch, paths: Sequence[Path]) -> list[Path]:
    """Return those of some templates that a branch changed.

    All of them where a standing part or an image changed, which may be in any of them.
    """
    names = {path.resolve() for path in changed_templates(project, branch)}
    standing = (project.templates / template_files.STANDING).resolve()
    everything = standing in names or has_other_changes(project, branch)
    return [path for path in paths if everything or path.resolve() in names]


def has_other_changes(project: Project, branch: Branch) -> bool:
    """Tell whether a file below the templates changed that is no part, such as an image: any of them may show it."""
    inside = [path for path in _changed_files(branch) if project.templates.resolve() in path.parents]
    return any(path.suffix not in template_files.SUFFIXES and not path.name.startswith(".") for path in inside)


def _changed_files(branch: Branch) -> set[Path]:
    return {(branch.top / name).resolve() for name in branch.files}


def _has_changed(template_path: Path, changed: Iterable[Path]) -> bool:
    parts = {path for path in changed if path.suffix in template_files.SUFFIXES}
    return template_path in {*parts, *(path.parent for path in parts)}


def _templates(
    folder: Path, names: Iterable[str], prefix: str, shown: Mapping[str, str], unreadable: Unreadable | None
) -> Iterator[tuple[str, FileAtRevision]]:
    for name in sorted(names):
        path = folder / name
        if template_files.is_template(path):
            try:
                found = _load(path, f"{prefix}{name}", shown, standing=False)
            except MissingExtraError:
                raise
            except NbrunbookError as error:
                if unreadable is None:
                    raise
                unreadable[name] = error
                continue
            # A page of Markdown among the templates, such as a README, has no steps.
            if found.template and (found.template.steps or path.suffix != ".md"):
                yield name, found


def _paired(
    old: Mapping[str, FileAtRevision], new: Mapping[str, FileAtRevision], old_prefix: str, new_prefix: str
) -> Iterator[tuple[FileAtRevision, FileAtRevision]]:
    was = {name: name for name in new if name in old} | _moved(old, new)
    moved_away = {origin for name, origin in was.items() if name != origin}
    for name, found in new.items():
        origin = was.get(name)
        if origin is None or (origin == name and name in moved_away):
            yield FileAtRevision(label=f"{old_prefix}{name} (not there)"), found
        else:
            yield old[origin], found
    for name in sorted(set(old) - set(new) - moved_away):
        yield old[name], FileAtRevision(label=f"{new_prefix}{name} (not there)")


def _moved(old: Mapping[str, FileAtRevision], new: Mapping[str, FileAtRevision]) -> dict[str, str]:
    """New templates -> the old ones that have become them: most of their steps are there now."""
    found: dict[str, str] = {}
    for name in sorted(set(new) - set(old)):
        shared = {}
        for origin in set(old) - set(found.values()):
            gone = _ids(old[origin]) - (_ids(new[origin]) if origin in new else set())
            common = len(gone & _ids(new[name]))
            if common * 2 > len(_ids(old[origin])):
                shared[origin] = common
        if shared:
            found[name] = max(sorted(shared), key=lambda each: shared[each])
    return found


def _ids(found: FileAtRevision) -> set[str]:
    return {step.id for step in found.template.steps} if found.template else set()
