"""Placed cells: what a file holds, and the line at which a person finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NotebookError
from nbrunbook.template.placed_cells import load, text_of
from tests.conftest import template_bytes

PART = "---\ntitle: x\n---\n\n```python parameters\nrelease: str\n```\n- [ ] See [notes](notes.md) {#see}\n"


def test_a_problem_is_shown_where_a_person_looks(tmp_path: Path) -> None:
    """In a notebook a line counts in its cell, in a Markdown file from its top."""
    (tmp_path / "a.ipynb").write_bytes(template_bytes("- [ ] A {#a}"))
    book = load(tmp_path / "a.ipynb", tmp_path)
    assert book.places[1].problem("RB203", "x", line=1).where.endswith("a.ipynb, cell 2, line 1")
    text = load(tmp_path / "b.md", tmp_path, PART.encode())
    declaring, written = text.places
    assert PART.splitlines()[declaring.problem("RB102", "x", line=1).line - 1] == "release: str"  # type: ignore[operator]
    assert (written.number, written.problem("RB203", "x", line=8).line) == (None, 8)


def test_links_of_a_part_lead_from_the_runbooks_templates(tmp_path: Path) -> None:
    """A part in another folder keeps what its links mean; code and a file's own folder stay to the letter."""
    part = tmp_path / "always" / "z.md"
    (_, written) = load(part, tmp_path / "1.0", PART.encode()).places
    assert "[notes](../always/notes.md)" in written.cell["source"]
    (_, own) = load(part, part.parent, PART.encode()).places
    assert "[notes](notes.md)" in own.cell["source"]


@pytest.mark.parametrize(("content", "text"), [(b"\xef\xbb\xbfa", "a"), ("ü".encode(), "ü")])
def test_a_byte_order_mark_is_no_text(content: bytes, text: str) -> None:
    """A file from Windows reads as any other."""
    assert text_of(Path("a.md"), content) == text


def test_what_cannot_be_read_is_told_with_its_file() -> None:
    """Another encoding, broken front matter and a runbook are no parts of a template."""
    with pytest.raises(NotebookError, match=r"a\.md: not UTF-8 \(byte 1\)"):
        text_of(Path("a.md"), b"a\xff")
    with pytest.raises(NotebookError, match=r"a\.md: its front matter is no YAML"):
        load(Path("a.md"), Path(), b"---\nnbrunbook: [\n---\n")
