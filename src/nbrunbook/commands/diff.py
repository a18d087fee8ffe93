"""nbrunbook diff: show what changed in the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from nbrunbook.commands.terminal import show, show_json, show_styled, tell, tell_error, wants_colour
from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.review import as_markdown, as_text, changes, revisions
from nbrunbook.review.changes import Review

STYLES: Mapping[str, Mapping[str, Any]] = {
    "removed": {"fg": "red"},
    "added": {"fg": "green"},
    "went": {"fg": "red"},
    "came": {"fg": "green"},
    "risk": {"fg": "yellow", "bold": True},
    "title": {"bold": True},
}


@click.command(name="diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="For a terminal, for a pull request, or for a machine.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything changed.")
def command(old: str | None, new: str | None, format_: str, exit_code: bool) -> int:
    """Show what changed in the steps, with what makes the release riskier first.

    OLD and NEW are templates, runbooks or REV:path, as git names what a commit holds.
    One template is compared with what the branch began with, REV:path with the file that stands there now,
    a runbook with its template as it is now. Without arguments: every template that the branch changed.
    Notebooks need nbrunbook[ci]; Markdown templates do not.

    \b
    Example:
      nbrunbook diff main:templates/1.0.ipynb templates/1.0.ipynb
    """
    notebook.skip_iri_checks()
    unreadable: dict[str, NbrunbookError] = {}
    if old is None:
        here = find_project()
        branch = revisions.branch_of(here)
        found = revisions.of_branch(here, branch, unreadable)
        if others := revisions.not_compared(here, branch):
            tell(others)
    else:
        found = revisions.reviews(old, new, unreadable)
    if format_ == "json":
        show_json({"summary": changes.summary(found), "reviews": [each.to_json() for each in found]})
    elif format_ == "markdown":
        show(as_markdown.show(found))
    elif found or not unreadable:
        show_text(found)
    for fault in unreadable.values():
        tell_error(fault)
    return 1 if unreadable or (exit_code and any(each.changes for each in found)) else 0


def show_text(found: Sequence[Review]) -> None:
    """Print reviews, in colour on a terminal that wants it."""
    if wants_colour():
        show_styled(as_text.show(found, _paint))  # already visible
    else:
        show(as_text.show(found))


def _paint(kind: str, text: str) -> str:
    if kind not in STYLES:
        return as_text.without_colour(kind, text)
    return click.style(text, **STYLES[kind])
