"""Strangers' checklists: exported and imported again they are the same steps in the same text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.template.template import Template, read_template
from tests.conftest import Workplace

CORPUS = os.environ.get("NBRUNBOOK_CORPUS")
NAMES = sorted(path.name for path in (Path(CORPUS) / "checklists").glob("*.md")) if CORPUS else []

pytestmark = pytest.mark.skipif(not CORPUS, reason="NBRUNBOOK_CORPUS names no folder of checklists")

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)
ID = re.compile(r" ?<!--\{#[^\s{}]+(?: \.group)?\}-->")


def _steps(read: Template) -> list[dict[str, Any]]:
    """What may not change: not the lines, and not the ids of sections, which cells may share."""
    titles = {section.id: section.title for section in read.sections}
    kept = ("id", "pinned", "title", "body", "box", "parent", "attributes")
    return [{**{name: vars(step)[name] for name in kept}, "under": titles[step.section]} for step in read.steps]


def _lines(text: str) -> list[str]:
    """A text's lines without the ids; where headings part it, blank lines may be more or less."""
    return [line.rstrip() for line in ID.sub("", text).splitlines() if line.strip()]


@pytest.mark.parametrize("name", NAMES)
def test_a_strangers_checklist_comes_back_whole(work: Workplace, corpus: Path, name: str) -> None:
    """Import, export and import give the same steps, and the text outside the boxes stays to the letter."""
    path = corpus / "checklists" / name
    assert work.run("import", path, "-o", "first.ipynb") == 0, work.err
    assert work.run("export", "first.ipynb", "-o", "exported.md") == 0, work.err
    assert work.run("import", "exported.md", "-o", "second.ipynb") == 0, work.err
    assert work.run("export", "second.ipynb", "-o", "again.md") == 0, work.err
    first, second = read_template(Path("first.ipynb")), read_template(Path("second.ipynb"))
    assert _steps(second) == _steps(first)
    assert [problem.message for problem in second.problems] == [problem.message for problem in first.problems]
    exported = Path("exported.md").read_text(encoding="utf-8")
    assert Path("again.md").read_text(encoding="utf-8") == exported
    original = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    matter = FRONT_MATTER.match(original)
    text = original[matter.end() :] if matter else original
    added = _lines(exported)[: len(_lines(exported)) - len(_lines(text))]
    assert _lines(exported) == [*added, *_lines(text)]
    assert len(added) <= 1
    assert all(line.startswith("# ") for line in added)
