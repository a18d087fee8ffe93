"""Importing: a Markdown checklist becomes a template, with every box."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.template.importing import import_checklist


def test_a_checklist_becomes_a_template(tmp_path: Path) -> None:
    """Each box is a step with an id that is pinned, and the release is the new file's name."""
    (tmp_path / "list.md").write_text("# Release\n\n- [ ] Mail all\n- [x] Call\n", encoding="utf-8")
    made = import_checklist(tmp_path / "list.md", tmp_path / "1.0.ipynb")
    assert (made.name, [step.title for step in made.steps]) == ("1.0", ["Mail all", "Call"])
    assert all(step.pinned for step in made.steps)
    assert not made.stopping


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("1.0.md", "is no notebook's name; expected a name that ends in .ipynb"),
        ("there.ipynb", "there.ipynb exists; expected a new file"),
        (".ipynb", "expected"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, target: str, said: str) -> None:
    """A name that is no notebook's, and one that is taken, are refused before anything is read."""
    (tmp_path / "list.md").write_text("- [ ] A", encoding="utf-8")
    (tmp_path / "there.ipynb").write_text("mine", encoding="utf-8")
    with pytest.raises(NbrunbookError, match=said):
        import_checklist(tmp_path / "list.md", tmp_path / target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.md", "there.ipynb"]
    assert (tmp_path / "there.ipynb").read_text(encoding="utf-8") == "mine"
