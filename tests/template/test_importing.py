"""Importing: a template made of a Markdown checklist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError
from nbrunbook.template.importing import convert, import_checklist
from nbrunbook.template.template import read_template
from tests.making import listing

CHECKLIST = """---
title: "Release checklist"
labels: release
---
Intro with a [link].

## Before
- [ ] Write the notes
  on two lines

  with a body
- [ ] Platforms:
  * [ ] web
  * [ ] web

## After
1. [ ] **Announce** it everywhere {.approval}

[link]: https://example.com
"""


def _imported(folder: Path, text: str | bytes, name: str = "1.0") -> Path:
    source, target = folder / "checklist.md", folder / f"{name}.ipynb"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    import_checklist(source, target)
    return target


def _text(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_ids_are_pinned_and_the_rest_stays(tmp_path: Path) -> None:
    """An id stands behind every step, and the rest of the text stays to the letter."""
    text = _text(_imported(tmp_path, CHECKLIST))
    for line in (
        "# Release checklist",
        "Intro with a [link].",
        "- [ ] Write the notes\n  on two lines {#before-write-the-notes-on-two}\n\n  with a body",
        "- [ ] Platforms: {#before-platforms .group}",
        "  * [ ] web {#before-web}\n  * [ ] web {#before-web-2}",
        "1. [ ] **Announce** it everywhere {#after-announce .approval}",
        "[link]: https://example.com",
    ):
        assert line in text
    assert "labels" not in text


FENCE = """---
title: Search
---
Before
```python parameters
from typing import Literal

release: str = "next"  # the one we ship
kind: Literal["major", "patch"] = "patch"
```
- [ ] Mail {#mail when="kind == 'major'"}
"""


def test_a_fence_declares_the_parameters(tmp_path: Path) -> None:
    """The fence becomes the parameters cell, with the new release's name and what is missing in it."""
    target = _imported(tmp_path, FENCE)
    cell = json.loads(target.read_text(encoding="utf-8"))["cells"][0]
    assert cell["metadata"] == {"tags": ["parameters"]}
    assert "".join(cell["source"]) == (
        'from typing import Literal\n\nenvironment: str = "staging"  # where it goes\n'
        'release: str = "1.0"  # the one we ship\nkind: Literal["major", "patch"] = "patch"'
    )
    assert _text(target) == "# Search\n\nBefore\n\n- [ ] Mail {#mail when=\"kind == 'major'\"}"
    assert read_template(target).problems == ()


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_do_not_matter(tmp_path: Path, newline: str) -> None:
    """A checklist from Windows gives the same template."""
    target = _imported(tmp_path, CHECKLIST.replace("\n", newline).encode())
    assert "\r" not in _text(target)
    assert _text(target) == _text(_imported(tmp_path, CHECKLIST, "2.0"))


def test_a_mark_at_the_beginning_is_no_text(tmp_path: Path) -> None:
    """A byte order mark is not part of the text."""
    assert "\ufeff" not in _text(_imported(tmp_path, b"\xef\xbb\xbf- [ ] Mail"))


def test_front_matter_keeps_its_title_and_what_is_ours(tmp_path: Path) -> None:
    """The title becomes a heading where the text begins with another one; labels and the like are somebody else's."""
    ours = "nbrunbook:\n  environments: [staging]\nlabels: release\n"
    target = _imported(tmp_path, f"---\ntitle: Search\n{ours}---\n# Notes\n- [ ] Mail")
    assert _text(target).startswith("# Search\n\n# Notes\n")
    assert notebook.read(target).metadata["nbrunbook"] == {"environments": ["staging"]}
    assert _text(_imported(tmp_path, "---\ntitle: Notes\n---\n# Notes\n- [ ] Mail", "2.0")).startswith("# Notes\n- [ ]")


def test_each_heading_begins_a_cell(tmp_path: Path) -> None:
    """Whoever edits the notebook finds a section a cell, and what stands above the first heading in one of its own."""
    made = convert("", "Intro\n\n# A\n- [ ] a\n\n## B\n- [ ] b\n\n```\n# no heading\n```\n", "")
    cells = notebook.parse(made, tmp_path / "1.0.ipynb").cells
    assert [cell["source"].split("\n")[0] for cell in cells] == ["Intro", "# A", "## B"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("---\nnbrunbook: [\n---\n- [ ] a", "its front matter is no YAML .*; expected YAML between the lines of ---"),
        (b"- [ ] caf\xe9", r"not UTF-8 \(byte 9\); expected a Markdown file in UTF-8"),
    ],
)
def test_a_checklist_that_cannot_be_read_writes_nothing(tmp_path: Path, text: str | bytes, told: str) -> None:
    """The error names the file and what was expected, and no half of a template is left behind."""
    with pytest.raises(NbrunbookError, match=rf"checklist\.md: {told}"):
        _imported(tmp_path, text)
    assert list(listing(tmp_path)) == ["checklist.md"]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A template that is there stays to the letter."""
    before = _imported(tmp_path, "- [ ] Mail").read_bytes()
    with pytest.raises(NbrunbookError, match=r"1\.0\.ipynb exists; expected a new file"):
        _imported(tmp_path, "- [ ] Board")
    assert (tmp_path / "1.0.ipynb").read_bytes() == before


@pytest.mark.parametrize("text", [CHECKLIST, FENCE, "- [ ] A\n", "# A\n\n- [ ] B {#b}\n", "---\n- [ ] A\n---\n"])
def test_a_markdown_file_has_the_same_steps_as_a_notebook(tmp_path: Path, text: str) -> None:
    """Ids, attributes, sections, parameters and texts: only the file is another one."""
    (tmp_path / "checklist.md").write_text(text, encoding="utf-8")
    made = [import_checklist(tmp_path / "checklist.md", tmp_path / name) for name in ("1.0.ipynb", "1.0.md")]
    steps = [[(each.id, each.title, each.attributes, each.parent) for each in one.steps] for one in made]
    assert steps[0] == steps[1]
    assert [each.title for each in made[0].sections] == [each.title for each in made[1].sections]
    assert [(each.name, each.type) for each in made[0].parameters] == [
        (each.name, each.type) for each in made[1].parameters
    ]
    texts = [" ".join(each.source for each in one.pieces if each.kind == "text").split() for one in made]
    assert texts[0] == texts[1]


def test_a_markdown_file_keeps_its_text_to_the_letter(tmp_path: Path) -> None:
    """Front matter stays as it is; a heading of its title, the parameters and the ids are added."""
    (tmp_path / "checklist.md").write_text(CHECKLIST, encoding="utf-8")
    import_checklist(tmp_path / "checklist.md", tmp_path / "1.0.md")
    text = (tmp_path / "1.0.md").read_text(encoding="utf-8")
    assert text.startswith('---\ntitle: "Release checklist"\nlabels: release\n---\n\n# Release checklist\n\n```python')
    assert "- [ ] Write the notes\n  on two lines {#before-write-the-notes-on-two}\n\n  with a body" in text
    assert text.endswith("[link]: https://example.com\n")
