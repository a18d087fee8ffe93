"""Cells: what a template's cells become in a runbook, cut at headings."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.documents import notebook
from tests.template.conftest import section_of, step_of, template_of


def test_cells_are_cut_at_headings_only(tmp_path: Path) -> None:
    """What follows a heading and holds steps is one piece; sections without steps stay text."""
    found = template_of(
        tmp_path, "# A\nwords\n\n- [ ] a {#a}\n\nwords\n\n- [ ] b {#b}\n# B\nwords", "only *words*", code="x = 1"
    )
    assert [(piece.kind, piece.source or piece.section) for piece in found.pieces] == [
        ("parameters", ""),
        ("text", "# A"),
        ("section", "a"),
        ("text", "# B\nwords"),
        ("text", "only *words*"),
        ("code", ""),
    ]


def test_cell_ids_are_stable_and_unique(tmp_path: Path) -> None:
    """The template's own cell ids stay, ours come from what they show, and no two are the same."""
    first = template_of(tmp_path, "# A\n- [ ] a {#a}\n# B {#größe}\n- [ ] b {#b}", "words")
    again = template_of(tmp_path, "# A\n- [ ] other {#a}\n# B {#größe}\n- [ ] b {#b}", "words")
    found = [piece.cell_id for piece in first.pieces]
    assert found == [piece.cell_id for piece in again.pieces]
    assert len(set(found)) == len(found)
    assert {"parameters", "text-0", "nbrunbook-a", "text-1"} <= set(found)
    assert all(notebook.dump(notebook.document([notebook.markdown_cell(each, "")], {})) for each in found)


def test_comments_never_reach_a_template_s_pieces(tmp_path: Path) -> None:
    """HTML comments are the author's: no piece, section or title holds one."""
    found = template_of(
        tmp_path,
        "<!-- psst -->\n\n# A <!-- psst -->\n\n<!--\n- psst\n-->\n\n"
        "- [ ] a <!-- psst --> b {#a} <!-- psst 2 -->\n  <!-- psst -->",
        "words <!-- psst -->",
    )
    assert "psst" not in f"{found.pieces} {found.sections} {found.steps}"
    assert (step_of(found, "a").title, section_of(found, "a").title) == ("a b", "A")
