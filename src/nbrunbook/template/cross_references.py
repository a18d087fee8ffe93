"""References of an `after` to other runbooks that nobody can ever settle: RB220."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nbrunbook.documents import attributes, notebook
from nbrunbook.errors import NbrunbookError, nearest
from nbrunbook.project.settings import Project
from nbrunbook.runbook import other_answers
from nbrunbook.runbook.other_answers import Reference
from nbrunbook.template import files as template_files
from nbrunbook.template.problems import Problem
from nbrunbook.template.template import read_template

AFTER = re.compile(rb"after\s*+=")


def problems(path: Path, project: Project) -> Iterator[Problem]:
    """Yield RB220 for each `after` that names no environment or group, no step of a release, or its own step.

    A release that has no template beside this one is not looked for. Raises as `read_template` does.
    """
    homes = project.template_homes
    if not any(_may_name_others(notebook.read_bytes(file)) for file in template_files.files_of(path, homes)):
        return
    for step in read_template(path, homes=homes).steps:
        for text in attributes.references(step.attributes.keys.get("after", "")):
            asked = other_answers.reference(text) if "{{" not in text else None
            message, hint = _fault(asked, path.parent, project) if asked else ("", "")
            own = template_files.release_of(path)
            if asked == Reference(step=step.id, release=own, place=""):
                message, hint = "names this step itself, which would wait for ever", "another step"
            if message:
                yield step.place.problem("RB220", f"after={text} {message}", hint, step.line)


def _may_name_others(content: bytes) -> bool:
    """Whether a file may name a step of other runbooks; most do not, and are not read again."""
    for line in content.split(b"\n") if b"after" in content else ():
        written = AFTER.search(line) if b"after" in line else None
        if written and (b"@" in (rest := line[written.end() :]) or b"#" in rest):
            return True
    return False


def _fault(asked: Reference, home: Path, project: Project) -> tuple[str, str]:
    known = [*project.environments, *project.groups]
    if asked.place and known and asked.place not in known:
        close = nearest(asked.place, known)
        return (
            "names no environment and no group",
            f"did you mean {close}?" if close else f"there are {', '.join(known)}",
        )
    # Beside this one: that is a home of the project, or a folder that somebody named.
    homes = project.template_homes if home.resolve() in map(Path.resolve, project.template_homes) else (home,)
    other = template_files.called_in(homes, asked.release) if asked.release else None
    ids = _ids(other, homes) if other else frozenset()
    if ids and asked.step not in ids:
        close = nearest(asked.step, ids)
        return f"names no step of {asked.release}", f"did you mean {close}?" if close else "an id of a step there"
    return "", ""


@cache
def _ids(path: Path, homes: tuple[Path, ...]) -> frozenset[str]:
    try:
        return frozenset(step.id for step in read_template(path, homes=homes, check=False).steps)
    except NbrunbookError:
        return frozenset()
