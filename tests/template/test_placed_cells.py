"""The cells of a template's files, and where each of them stands."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from nbrunbook.errors import NotebookError
from nbrunbook.template import placed_cells
from nbrunbook.template.template import read_template
from tests.conftest import template_bytes
from tests.making import put


def test_a_markdown_file_s_lines_are_the_file_s(tmp_path: Path) -> None:
    """Front matter and the parameters' fence count as lines, and are no text."""
    text = "---\ntitle: x\n---\n\n```python parameters\nurl: str = open('x')\n```\n\n# A\n- [ ] {{ur}}\n"
    put(tmp_path, **{"1.0": text})
    found = read_template(tmp_path / "1.0.md")
    assert [(each.id, each.line, each.cell) for each in found.problems] == [("RB102", 6, None), ("RB203", 10, None)]
    assert found.steps[0].line == 10
    assert "title" not in str(found.pieces)


def test_markdown_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    """A file in another encoding is told with the byte."""
    (tmp_path / "1.0.md").write_bytes(b"- [ ] \xff")
    with pytest.raises(NotebookError, match=r"not UTF-8 \(byte 6\)"):
        read_template(tmp_path / "1.0.md")


def test_links_of_standing_parts_lead_where_they_led(tmp_path: Path) -> None:
    """A standing part's relative links and images start in its own folder, wherever the release's files are."""
    put(tmp_path, **{"1.0__a": "- [ ] a [x](x.txt) {#a}", "always__z": "- [ ] z {#z}\n  [x](x.txt) ![y](y.png)"})
    for name in ("1.0/x.txt", "always/x.txt", "always/y.png"):
        (tmp_path / name).write_bytes(b"x")
    found = read_template(tmp_path / "1.0")
    assert list(found.problems) == []
    assert "[x](../always/x.txt)" in found.sections[1].text
    assert list(found.images) == ["../always/y.png"]


def test_a_notebooks_cells_are_counted_from_one(tmp_path: Path) -> None:
    """A problem names the cell, and the line in the cell: that is what JupyterLab shows."""
    path = tmp_path / "1.0.ipynb"
    found = placed_cells.load(path, tmp_path, template_bytes("- [ ] a", "- [ ] b"))
    assert [(each.number, each.above) for each in found.places] == [(1, 0), (2, 0), (3, 0)]
    told = found.places[2].problem("RB203", "it is not pinned", line=1)
    assert (told.path, told.cell, told.line) == (path, 3, 1)


def test_a_problem_of_a_markdown_file_has_the_files_line(tmp_path: Path) -> None:
    """Lines are counted in the file, whatever stands above a cell; one without a line has none."""
    text = b"---\ntitle: x\n---\n```python parameters\nurl: str = 'x'\n```\n- [ ] a\n"
    declared, written = placed_cells.load(tmp_path / "a.md", tmp_path, text).places
    assert (declared.number, declared.problem("RB102", "x", line=1).line) == (None, 5)
    assert written.problem("RB203", "x", line=7).line == 7
    assert written.problem("RB203", "x").line is None


def test_what_is_given_is_read_instead_of_the_file(tmp_path: Path) -> None:
    """A mended file is checked before it is written; the part is known by the bytes that were read."""
    put(tmp_path, a="- [ ] a")
    found = placed_cells.load(tmp_path / "a.md", tmp_path, b"- [ ] b")
    assert found.places[0].cell["source"] == "- [ ] b"
    assert found.part.sha256 == hashlib.sha256(b"- [ ] b").hexdigest()


def test_links_that_lead_out_of_the_project_stay(tmp_path: Path) -> None:
    """Only what is relative to the file's folder is moved: no address, no anchor, and no path from the root."""
    text = b"[a](https://e.com) [b](#b) [c](/c) [d](d.md)"
    (place,) = placed_cells.load(tmp_path / "always" / "z.md", tmp_path / "1.0", text).places
    assert place.cell["source"] == "[a](https://e.com) [b](#b) [c](/c) [d](../always/d.md)"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """An editor's mark at the beginning keeps no front matter from being one."""
    found = placed_cells.load(tmp_path / "a.md", tmp_path, b"\xef\xbb\xbf---\nnbrunbook: {a: b}\n---\n- [ ] a")
    assert (found.about, found.minor, "\ufeff" in str(found.places[0].cell)) == ({"a": "b"}, None, False)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.md", b"---\nnbrunbook: [\n---\n", "its front matter is no YAML"),
        ("a.ipynb", b"{", "not JSON"),
        (
            "a.ipynb",
            json.dumps({**json.loads(template_bytes()), "metadata": {"nbrunbook": {"key": "eu/1.0"}}}).encode(),
            "a runbook; expected a template; a runbook is made from one",
        ),
    ],
)
def test_what_is_no_file_of_a_template_is_told(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """What cannot be read at all is an error with the file's name, and a runbook is not mistaken for a template."""
    with pytest.raises(NotebookError, match=f"{name}: {told}"):
        placed_cells.load(tmp_path / name, tmp_path, content)
