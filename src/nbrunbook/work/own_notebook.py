"""A runbook's own notebook: the journal's; where it holds none yet, built from the template that the runbook names.

A runbook that was instantiated where no papermill is has a plan and no notebook. Its template is looked for where the
runbook says it came from, by its parts' sha256: in the checkout, then in git. Where neither has it, the plan's own
sections are laid out: every step is there, and what else the author wrote is not.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbrunbook.documents import notebook, source
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import GitError, NbrunbookError, RefusedError, RunbookError
from nbrunbook.journal.entries import sha256
from nbrunbook.project import author_files, commit_homes, commits, git, paths
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, redactions, replay
from nbrunbook.runbook.parameters import Parameter, Secret
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.program import values_of
from nbrunbook.template import files as template_files
from nbrunbook.template.cells import Piece
from nbrunbook.template.template import Template, read_template
from nbrunbook.work import redacting
from nbrunbook.work.build import Layout, build, laid_out
from nbrunbook.work.following import Following
from nbrunbook.work.session import Session

NOT_FOUND = (
    "*The template that this runbook was made from was found neither in the checkout nor in git: "
    "its steps are all here, its other texts are not.*"
)
REDACTED = (
    "*Code of this runbook was redacted, and its notebook with it: its steps are all here, its other texts are not.*"
)


def own_notebook(session: Session, project: Project) -> bytes:
    """Return a runbook's notebook; one that has to be built is written to the journal while the runbook is open.

    Repeating is safe: who comes second, also at the same moment, gets the notebook of who came first.
    One that lacks what its author wrote is not written there while git here does not know a commit that may have it.
    Raises RunbookError where there is none and none can be made, MissingExtraError where one has to be and papermill
    is not installed.
    """
    kept = held(session)
    if kept is not None:
        return kept
    if _named(session):
        raise RunbookError(f"the journal holds no notebook for {session.key}", "the one it was made with")
    _refuse_skipped(session)
    layout = _layout(session, project)
    made = built(session, project, layout)
    if session.progress.state != "open" or _unknown_commits(session, project, layout):
        return made
    return _journaled(session, made)


def _journaled(session: Session, made: bytes) -> bytes:
    """Write a notebook to the journal, or find the one of whoever was first, and return that."""
    said: dict[str, Any] = {"data": {"notebook": sha256(made)}, "contents": [made]}
    try:
        event = session.append("opened", event_id=events.derived_id("notebook", session.runbook.digest), **said)
        if "notebook" not in event.data:  # somebody gave that id to something else
            event = session.append("opened", **said)
    except RefusedError:
        return made  # somebody has just closed the runbook
    return session.journal.blob(event.data["notebook"]) or made


def _refuse_skipped(following: Following) -> None:
    if not following.runbook.facts["template"]["parts"]:
        raise RunbookError(
            f"{following.key} has no notebook: it was skipped for a release that never went there",
            "",
            "'nbrunbook instantiate … --again' makes a runbook after all",
        )


def held(following: Following) -> bytes | None:
    """Return the notebook that the journal holds of a runbook; None where it holds none."""
    return next(filter(None, map(following.journal.blob, _named(following))), None)


def _named(following: Following) -> list[str]:
    """The sha256 of each notebook that an `opened` names; without those that were redacted, with the code in them."""
    gone = redactions.blanked(following.of_kinds("redacted"))
    return [name for name in redacting.notebooks(following) if name not in gone]


def cells(following: Following, project: Project) -> list[Cell]:
    """Return the cells of a runbook as it was made, also where no notebook was made yet; none are executed.

    Raises NbrunbookError where the journal has lost it, and for a release that never went there.
    """
    kept = held(following)
    if kept is not None:
        return notebook.parse(kept, Path(f"{following.key}.ipynb"), check=False).cells
    if _named(following):
        raise NbrunbookError(f"the journal holds no notebook of {following.key}", "the runbook as it was made")
    _refuse_skipped(following)
    return laid_out(_layout(following, project), following.plan, project, following.key)


def as_made(following: Following, project: Project) -> list[Cell]:
    """Return the cells of a notebook built now for a runbook of which no notebook was ever made; else none."""
    if _named(following) or not following.runbook.facts["template"]["parts"]:
        return []
    return notebook.parse(built(following, project), Path(f"{following.key}.ipynb"), check=False).cells


def built(following: Following, project: Project, layout: Layout | None = None) -> bytes:
    """Return the notebook of a runbook, built as `instantiate` would have; nothing is written.

    `layout` is what its cells are made from, where that was looked for already.
    """
    layout = layout or _layout(following, project)
    values = values_of(following.plan)
    if isinstance(layout, _PlansOwn):  # no cell of the author's is there that would ask for a secret
        values = {name: value for name, value in values.items() if not isinstance(value, Secret)}
    return build(layout, following.plan, values, project, following.runbook.facts).content


def lacks_words(following: Following, project: Project) -> str:
    """Return that a notebook built here would lack what its author wrote, and what to do; empty where it does not.

    Empty, too, where no other clone can be expected to have it: git here knows every commit that the runbook names.
    """
    if _named(following) or not following.runbook.facts["template"]["parts"]:
        return ""
    unknown = _unknown_commits(following, project, _layout(following, project))
    if not unknown:
        return ""
    here = f"git here does not know the commit {unknown[0][:12]} that {following.key} was made from"
    try:
        git.top(project.root)
    except GitError as error:
        return f"{following.key} was made from commit {unknown[0][:12]}, and git does not answer here: {error}"
    return f"{here}: its steps are there, its author's other texts are not; 'git fetch' first (not in a shallow clone)"


def _unknown_commits(following: Following, project: Project, layout: Layout) -> list[str]:
    """The commits that git here does not know, and that may have what a layout of a plan's sections lacks."""
    if not isinstance(layout, _PlansOwn):
        return []
    home = git.repository_of(project.templates) or project.root  # which may be a submodule
    return [
        each
        for each in _commits(following)
        if not any(git.known(folder, "cat-file", "-t", each) for folder in (project.root, home))
    ]


# Where its cells come from


@dataclass(frozen=True, kw_only=True)
class _PlansOwn:
    """A layout of a plan's sections alone."""

    pieces: Sequence[Piece]
    parameters: Sequence[Parameter] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


def _layout(following: Following, project: Project) -> Layout:
    homes = list(replay.start(following.plan).homes)
    if redactions.blanked(following.of_kinds("redacted")).intersection(redacting.notebooks(following)):
        return _PlansOwn(pieces=list(_plans_own(following.plan, homes, REDACTED)))
    for template in _templates(following, project):
        drawn = {piece.section for piece in template.pieces if piece.kind == "section"}
        if drawn.issuperset(homes):
            return template
    return _PlansOwn(pieces=list(_plans_own(following.plan, homes, NOT_FOUND)))


def _plans_own(plan: Plan, homes: Sequence[str], why: str) -> Iterator[Piece]:
    yield Piece(kind="text", cell_id="nbrunbook-not-found", source=why)
    for number, home in enumerate(homes, 1):
        section = plan.section(home) if home else None
        if section is not None and section.title:
            title = source.fill_source("{{title}}", Fill(values={"title": section.heading(plan.texts())}))
            yield Piece(kind="text", cell_id=f"nbrunbook-title-{number}", source=f"{'#' * section.level} {title}")
        yield Piece(kind="section", cell_id=f"nbrunbook-section-{number}", section=home)


def _templates(following: Following, project: Project) -> Iterator[Template]:
    """The template with the very parts that the runbook names: in the checkout, and in the commits that it names."""
    about = following.runbook.facts["template"]
    named = template_files.of_parts(about["name"], [part["path"] for part in about["parts"]])
    place = paths.plain(project.root / named.replace("\0", ""))
    if not named or paths.below(place, author_files.repository(project.root / "pyproject.toml")) is None:
        return
    digests = sorted(part["sha256"] for part in about["parts"])
    after_cut = template_files.called_in(project.template_homes, following.runbook.release)
    for path in (place, *([after_cut] if after_cut else [])):
        yield from _of_digests(path, digests, project.template_homes)
    for commit in _commits(following):
        yield from _in_git(project, commit, place.parent.resolve() / place.name, digests)


def _commits(following: Following) -> list[str]:
    """The commits that a runbook names: of its deployment, and of its template's parts."""
    about = following.runbook.facts
    named = [about["deployment"].get("commit", ""), *(part["commit"] for part in about["template"]["parts"])]
    return [each for each in dict.fromkeys(named) if re.fullmatch("[0-9a-f]{7,64}", each)]


def _in_git(project: Project, commit: str, place: Path, digests: Sequence[str]) -> Iterator[Template]:
    try:
        home = git.repository_of(place) or project.root
        path = place.relative_to(home).as_posix()
        with commits.checked_out(home, commit, posixpath.dirname(path) or path) as tree:
            homes = commit_homes.write_out(project, home, commit, tree)
            yield from _of_digests(tree / path, digests, homes)
    except (NbrunbookError, ValueError):
        return  # a shallow clone, another repository: the next place is asked


def _of_digests(path: Path, digests: Sequence[str], homes: Sequence[Path]) -> Iterator[Template]:
    if not template_files.is_template(path):
        return
    try:
        found = read_template(path, homes=homes, check=False)
    except (NbrunbookError, OSError):
        return
    if sorted(part.sha256 for part in found.parts) == list(digests):
        yield found
