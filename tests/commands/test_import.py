"""nbrunbook import."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.template.template import read_template
from tests.conftest import Workplace
from tests.making import listing

CHECKLIST = """## Before
- [ ] Write the notes
- [ ] Platforms:
  * [ ] web
  * [ ] web

## After
1. [ ] **Announce** it everywhere {.approval}
"""


def _imported(work: Workplace, text: str | bytes, name: str = "1.0") -> str:
    source = work.root / "checklist.md"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    target = f"templates/{name}.ipynb"
    assert work.run("import", source, "-o", target) == 0, work.err
    return target


def test_an_imported_template_has_no_findings_that_stop(work: Workplace) -> None:
    """An imported checklist can be instantiated as it is."""
    target = _imported(work, CHECKLIST)
    assert [step.pinned for step in read_template(Path(target)).steps] == [True] * 5
    assert work.run("instantiate", target, "-e", "staging") == 0, work.err
    assert "4 steps" in work.out


def test_the_release_is_the_targets_name(work: Workplace) -> None:
    """The template's release is its file's name, whatever it holds."""
    target = _imported(work, CHECKLIST, "2.0 {rc} “ü”")
    assert work.run("plan", target) == 0
    assert work.out.startswith("2.0 {rc} “ü”")


def test_a_fence_that_is_no_python_is_a_finding(work: Workplace) -> None:
    """Parameters that cannot be read are kept as they are, and told."""
    _imported(work, "```python parameters\nrelease: = 1\n```\n\n- [ ] Mail")
    assert "RB102" in work.err


def test_findings_are_told(work: Workplace) -> None:
    """What the template should mend is told on stderr."""
    _imported(work, "- [x] Mail\n\n<!-- - [ ] hidden -->\n")
    assert "RB202" in work.err
    assert "RB201" in work.err
    assert "1 step" in work.out


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("none.md", "t.ipynb", "none.md: no such file"),
        ("pyproject.toml", "t.txt", "ends in .ipynb or .md"),
        ("pyproject.toml", "there.ipynb", "there.ipynb exists"),
        ("latin.md", "t.ipynb", "not UTF-8"),
        ("pyproject.toml", "a:b.ipynb", "cannot be a file's name"),
        ("pyproject.toml", "pyproject.toml/t.ipynb", "cannot be written"),
        (".", "t.ipynb", "a folder"),
    ],
)
def test_what_cannot_be_imported_is_told(work: Workplace, source: str, target: str, said: str) -> None:
    """A bad source or target is one clear error, and nothing is written."""
    (work.root / "there.ipynb").write_text("theirs", encoding="utf-8")
    (work.root / "latin.md").write_bytes(b"- [ ] caf\xe9")
    before = listing(work.root)
    assert work.run("import", source, "-o", target) == 1
    assert said in work.err
    assert len(work.err.splitlines()) == 1
    assert listing(work.root) == before
