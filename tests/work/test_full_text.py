"""A whole runbook as plain text: what its notebook says, in its order, as the journal has it now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.work.full_text import FullText, full_text
from tests.conftest import MakeRunbook, WithoutExtras, Workplace
from tests.making import clock, registered, session_on

MARKDOWN = (
    "# Release {{release}}\nSee [the notes](notes.md).\n\n## A\nprose of A\n- [ ] Do {#do}\n\n## Only prose\nBye.",
    "## B {.if-needed}\n- [ ] Back {#back}",
)


def found(key: str = "staging/1.0") -> FullText:
    """Return a runbook's text."""
    return full_text(session_on(key), find_project(), clock())


def test_texts_between_the_sections_are_there(runbook: MakeRunbook) -> None:
    """Headings, prose and steps in their order, links from the project's root; code is counted."""
    runbook(*MARKDOWN, code="x = 1")
    made = found()
    assert "\n".join(made.lines) == (
        "Release 1.0\n\nSee the notes <templates/notes.md>.\n\nA\n\nprose of A\n\n[ ] Do  (do)\n\n"
        "Only prose\n\nBye.\n\nB\n\nIf needed: closed, and not counted, until an operator opens it.\n[ ] Back  (back)"
    )
    assert (made.left_out, made.missing) == (1, "")


def test_where_the_journal_has_lost_the_notebook_the_steps_are_there(work: Workplace) -> None:
    """With their sections' titles, and why the rest is not."""
    registered(*MARKDOWN)
    made = found()
    assert made.missing
    assert made.lines[:3] == ["A", "prose of A", ""]
    assert "[ ] Back  (back)" in made.lines


def test_it_needs_no_extra(runbook: MakeRunbook, work: Workplace, without_extras: WithoutExtras) -> None:
    """On a machine that has the light distribution alone."""
    runbook(*MARKDOWN)
    whole = found()
    without_extras()
    assert found() == whole


def test_what_a_revision_brought_is_in_its_place(runbook: MakeRunbook, work: Workplace) -> None:
    """New sections behind their neighbours, under their titles."""
    key = runbook("## A\n- [ ] Do {#do}")
    work.template("## A\n- [ ] Do {#do}\n\n## New\n- [ ] More {#more}")
    assert work.run("revise", key, "--yes") == 0, work.err
    assert "\n".join(found().lines) == "A\n\n[ ] Do  (do)\n\nNew\n\n[ ] More  (more)\n    new in a revision"


def test_a_release_that_never_went_there_has_none(work: Workplace) -> None:
    """And nothing is missing."""
    assert work.run("skip", "staging/9.0", "--reason", "never") == 0, work.err
    assert found("staging/9.0") == FullText(lines=[], left_out=0)
    assert not Path("runbooks").exists()


@pytest.mark.parametrize("outside", ["templates", "runbooks"])
def test_links_lead_from_the_root_wherever_folders_are(work: Workplace, outside: str) -> None:
    """In a section as between them; folders may be configured outside of the project."""
    root = work.root / "shop"
    root.mkdir()
    os.chdir(root)
    (root / "nbrunbook.toml").write_text(f'{outside} = "../{outside}"\n', encoding="utf-8")
    folder = find_project().templates
    folder.mkdir()
    link = "See [this](notes.md)."
    (folder / "1.0.md").write_text(f"# Release\n{link}\n\n## A\n{link}\n- [ ] Do {{#do}}\n", encoding="utf-8")
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    notes = "../templates/notes.md" if outside == "templates" else "templates/notes.md"
    assert [line for line in found().lines if "See" in line] == [f"See this <{notes}>."] * 2
