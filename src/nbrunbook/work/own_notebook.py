"""A runbook's own notebook: the journal's; where it holds none yet, built from the template that the runbook names.

A runbook that was instantiated where no papermill is has a plan and no notebook. Its template is looked for where the
runbook says it came from, by its parts' sha256: in the checkout, then in git. Where neither has it, the plan's own
sections are laid out: every step is there, and what else the author wrote is not.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from nbrunbook.documents import notebook
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NbrunbookError, RunbookError
from nbrunbook.journal.entries import sha256
from nbrunbook.project import git
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, replay
from nbrunbook.runbook.parameters import Parameter, Secret
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import files as template_files
from nbrunbook.template.cells import Piece
from nbrunbook.template.template import Template, read_template
from nbrunbook.work.build import Layout, build, laid_out
from nbrunbook.work.following import Following
from nbrunbook.work.session import Session

NOT_FOUND = (
    "*The template that this runbook was made from was found neither in the checkout nor in git: "
    "its steps are all here, its other texts are not.*"
)


def own_notebook(session: Session, project: Project) -> bytes:
    """Return a runbook's notebook; one that has to be built is written to the journal while the runbook is open.

    Repeating is safe: who comes second, also at the same moment, gets the notebook of who came first.
    Raises RunbookError where there is none and none can be made, MissingExtraError where one has to be and papermill
    is not installed.
    """
    kept = held(session)
    if kept is not None:
        return kept
    if _named(session):
        raise RunbookError(f"the journal holds no notebook for {session.key}", "the one it was made with")
    if not session.runbook.facts["template"]["parts"]:
        raise RunbookError(
            f"{session.key} has no notebook: it was skipped for a release that never went there",
            "",
            "'nbrunbook instantiate … --again' makes a runbook after all",
        )
    made = built(session, project)
    if session.progress.state != "open":
        return made
    event_id = events.derived_id("notebook", session.runbook.digest)
    event = session.append("opened", data={"notebook": sha256(made)}, contents=[made], event_id=event_id)
    return session.journal.blob(event.data["notebook"]) or made


def held(following: Following) -> bytes | None:
    """Return the notebook that the journal holds of a runbook; None where it holds none."""
    return next(filter(None, map(following.journal.blob, _named(following))), None)


def _named(following: Following) -> list[str]:
    """The sha256 of each notebook that an `opened` names."""
    opened = [event for event in following.events if event.kind == "opened" and not event.step]
    return [event.data["notebook"] for event in opened if event.data.get("notebook")]


def cells(following: Following, project: Project) -> list[Cell]:
    """Return the cells of a runbook as it was made, also where no notebook was made yet; none are executed.

    Raises NbrunbookError where the journal has lost it.
    """
    kept = held(following)
    if kept is not None:
        return notebook.parse(kept, Path(f"{following.key}.ipynb"), check=False).cells
    if _named(following):
        raise NbrunbookError(f"the journal holds no notebook of {following.key}", "the runbook as it was made")
    return laid_out(_layout(following, project), following.plan, project, following.key)


def as_made(following: Following, project: Project) -> list[Cell]:
    """Return the cells of a notebook built now for a runbook of which no notebook was ever made; else none."""
    if _named(following) or not following.runbook.facts["template"]["parts"]:
        return []
    return notebook.parse(built(following, project), Path(f"{following.key}.ipynb"), check=False).cells


def built(following: Following, project: Project) -> bytes:
    """Return the notebook of a runbook, built as `instantiate` would have; nothing is written."""
    facts = following.runbook.facts
    return build(_layout(following, project), following.plan, _values(following.plan), project, facts).content


def _values(plan: Plan) -> dict[str, Any]:
    """The parameters' values that a plan was made with; secrets by their names."""
    return {
        each.name: Secret(each.value) if each.type.startswith("Secret") and each.value is not None else each.value
        for each in plan.values
    }


# Where its cells come from


@dataclass(frozen=True, kw_only=True)
class _PlansOwn:
    """A layout of a plan's sections alone."""

    pieces: Sequence[Piece]
    parameters: Sequence[Parameter] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


def _layout(following: Following, project: Project) -> Layout:
    homes = set(replay.start(following.plan).homes)
    for template in _templates(following, project):
        drawn = {piece.section for piece in template.pieces if piece.kind == "section"}
        if not template.stopping and homes <= drawn:
            return template
    return _PlansOwn(pieces=list(_plans_own(following.plan, list(replay.start(following.plan).homes))))


def _plans_own(plan: Plan, homes: Sequence[str]) -> Iterator[Piece]:
    yield Piece(kind="text", cell_id="nbrunbook-not-found", source=NOT_FOUND)
    for number, home in enumerate(homes, 1):
        title = plan.section(home).title if home else ""
        if title:
            yield Piece(kind="text", cell_id=f"nbrunbook-title-{number}", source=f"## {title}")
        yield Piece(kind="section", cell_id=f"nbrunbook-section-{number}", section=home)


def _templates(following: Following, project: Project) -> Iterator[Template]:
    """The template with the very parts that the runbook names: in the checkout, and in the commits that it names."""
    about = following.runbook.facts
    parts: Sequence[Mapping[str, str]] = about["template"]["parts"]
    named = template_files.of_parts(about["template"]["name"], [part["path"] for part in parts])
    if not named or PurePosixPath(named).is_absolute() or ".." in PurePosixPath(named).parts:
        return
    digests = sorted(part["sha256"] for part in parts)
    yield from _of_digests(project.root / named, digests, project)
    commits = dict.fromkeys([about["deployment"].get("commit", ""), *(part["commit"] for part in parts)])
    for commit in (each for each in commits if re.fullmatch("[0-9a-f]{7,64}", each)):
        yield from _in_git(project, commit, named, digests)


def _in_git(project: Project, commit: str, named: str, digests: Sequence[str]) -> Iterator[Template]:
    try:
        path = (project.root.resolve() / named).relative_to(git.top(project.root).resolve()).as_posix()
        with git.checked_out(project.root, commit, posixpath.dirname(path) or path) as tree:
            yield from _of_digests(tree / path, digests, project)
    except (NbrunbookError, ValueError):
        return  # a shallow clone, another repository: the next place is asked


def _of_digests(path: Path, digests: Sequence[str], project: Project) -> Iterator[Template]:
    if not template_files.is_template(path):
        return
    try:
        found = [hashlib.sha256(each.read_bytes()).hexdigest() for each in template_files.files_of(path)]
        if sorted(found) == list(digests):
            yield read_template(path, declared=project.declared)
    except (NbrunbookError, OSError):
        return
