"""Homes: which sections are drawn in which cell of a runbook, once its plan was revised.

A runbook's notebook never changes, so a section that came with a revision has no cell of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from nbrunbook.runbook.plan import Plan


def of(made: Plan, now: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return, for each section that had a cell when the runbook was made, the sections that are drawn there now.

    A section is drawn in its own cell; a new one in that of the nearest section above it that has one,
    else in the first cell. A section that was removed leaves its cell to nobody.
    Where there was no cell at all everything is drawn under the name "".
    """
    cells = [section.id for section in made.sections if section.text]
    found: dict[str, list[str]] = {cell: [] for cell in cells or [""]}
    home = next(iter(found))
    for section in now.sections:
        if section.text:
            home = section.id if section.id in found else home
            found[home].append(section.id)
    return {cell: tuple(sections) for cell, sections in found.items()}
