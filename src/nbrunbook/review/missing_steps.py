"""Changes that should come with a step: `expect` in the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project import git
from nbrunbook.project.git import Branch
from nbrunbook.project.settings import Project
from nbrunbook.review import change_names, revisions
from nbrunbook.review.changes import Review
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template
from nbrunbook.texts import listed

ANSWER = re.compile(r"(?im)^[ \t]*nbrunbook:[ \t]*none needed\b")
"""What a commit message says where a change needs no step."""


def problems(project: Project, branch: Branch) -> list[Problem]:
    """Return RB301 where files that `expect` names changed on a branch, and no step that was added names them.

    A pattern goes by the path from the project's root, with a / in front or without; * stands for anything, / too.
    None where a message of its commits says `nbrunbook: none needed`. Raises GitError where git cannot say.
    """
    paths = [branch.top / name for name in branch.files] if project.expect else []
    matching = [path for path in paths if any(_matches(project.relative(path), each) for each in project.expect)]
    if not matching or is_answered(branch):
        return []
    said = _said_by_new_steps(project)
    named = {path: change_names.of(path) for path in matching} if said is not None else {}
    left = [path for path, names in named.items() if not change_names.stand_in(said or [], names)]
    if not left:
        return []
    others = [project.relative(path) for path in left[1:]]
    return [
        Problem(
            id="RB301",
            message=f"it changed{f' (and {listed(others)})' if others else ''}, and {_missing(said or [])}",
            hint=f"add one that names {listed(named[left[0]], 3)} (nbrunbook new NAME --next), "
            "or say in a commit message: nbrunbook: none needed",
            path=Path(project.relative(left[0])),
        )
    ]


def is_answered(branch: Branch) -> bool:
    """Tell whether a message of a branch's commits says that no step is needed."""
    return bool(ANSWER.search(git.messages(branch.top, branch.base)))


def _missing(said: Sequence[str]) -> str:
    return "no step that a template gained names it" if said else "no template gained a step"


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) or fnmatch(f"/{name}", pattern)


def _said_by_new_steps(project: Project) -> list[str] | None:
    """What the steps say that a branch added; None where a template cannot be read: that is a finding by itself."""
    unreadable: revisions.Unreadable = {}
    branch = revisions.branch_of(project)
    reviews = revisions.of_branch(project, branch, unreadable)
    return None if unreadable else [text for review in reviews for text in _said(review, branch)]


def _said(review: Review, branch: Branch) -> Iterator[str]:
    added = [each for each in review.changes if each.subject == "step" and each.kind == "added"]
    values = dict(_defaults(branch.top / review.new)) if added else {}
    for step in added:
        text = "\n".join((step.id, step.title, step.block, step.text, step.where))
        yield re.sub(r"{{(\w+)}}", lambda match: values.get(match[1], match[0]), text)


def _defaults(template_path: Path) -> Iterator[tuple[str, str]]:
    """What stands for a {{name}} in a template, as far as it says so itself."""
    try:
        declared = read_template(template_path, standing=False).parameters
    except NbrunbookError:
        return
    yield from ((each.name, str(each.default)) for each in declared if isinstance(each.default, str | int))
