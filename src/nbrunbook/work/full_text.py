"""A whole runbook as plain text: its steps in place, what is to be done for each, and its author's other texts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.filling import Fill, is_relative, rebased
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.markdown.text import plain_text
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import Project
from nbrunbook.runbook.full_text import home_lines
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.times import Clock
from nbrunbook.work import own_notebook
from nbrunbook.work.following import Following


@dataclass(frozen=True, kw_only=True)
class FullText:
    """A runbook's lines, and what is not among them."""

    lines: Sequence[str]
    left_out: int
    """How many of its author's cells are code."""
    missing: str = ""
    """Why the texts between the sections are not there, in words; empty where they are."""


def full_text(following: Following, project: Project, clock: Clock) -> FullText:
    """Return all that a runbook says, as the journal has it now; links lead from the project's root."""
    folder, root = project.place(project.runbook_path(following.key))
    progress, plan = following.progress, following.progress.plan
    links = replace(plan, images={}).link_from("", root)
    missing, has_texts = "", bool(plan.steps or following.runbook.facts["template"]["parts"])
    try:
        cells = own_notebook.cells(following, project) if has_texts else []
    except NbrunbookError as error:
        cells, missing = [], str(error)
    blocks, drawn = [], set()
    for cell in cells:
        section = cell["metadata"].get("nbrunbook", {}).get("section")
        if section in progress.homes and section not in drawn:
            drawn.add(section)
            blocks.append(home_lines(progress, section, links, clock))
        elif cell["cell_type"] == "markdown":
            blocks.append(_text(cell, plan, _from_root(folder, root)))
    for home in [each for each in progress.homes if each not in drawn]:
        title = progress.heading(home) if home and home in progress.homes[home] else ""
        blocks.append([*([title] if title else []), *home_lines(progress, home, links, clock)])
    left_out = sum(map(notebook.is_author_s_code, cells))
    return FullText(lines=_joined(blocks), left_out=left_out, missing=missing)


def _text(cell: Cell, plan: Plan, links: Callable[[str], str]) -> list[str]:
    return plain_text(draw(str(cell["source"]), Fill(references=plan.references, links=links)))


def _from_root(folder: str, root: str) -> Callable[[str], str]:
    """What a link in a runbook's own cell leads to, from the project's root."""
    base = posixpath.join(root, folder)
    return lambda target: rebased(target, base, root) if is_relative(target) else target


def _joined(blocks: Sequence[Sequence[str]]) -> list[str]:
    """The blocks with one empty line between them."""
    lines: list[str] = []
    for block in filter(None, blocks):
        lines += ["", *block] if lines and lines[-1] and block[0] else block
    return lines
