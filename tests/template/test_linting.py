"""Linting: many templates at once, each problem told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.template import linting
from tests.conftest import Workplace
from tests.making import put


@pytest.fixture
def targets(work: Workplace) -> list[Path]:
    """Two releases with a finding each, beside standing parts with one of their own."""
    put(work.root, templates__always__z="- [ ] Standing", templates__a="- [ ] One", templates__b="- [ ] Two")
    return [work.root / "templates" / name for name in ("a.md", "always", "b.md")]


def _told(targets: list[Path]) -> list[tuple[str, str]]:
    return [(each.path.name, each.id) for each in linting.problems_in(targets, find_project())]


@pytest.mark.parametrize("many", [100, 2])
def test_what_standing_parts_have_is_told_once(targets: list[Path], monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Each release has the standing parts with it; their findings are theirs, however many processes look."""
    monkeypatch.setattr(linting, "MANY", many)
    assert _told(targets) == [("a.md", "RB203"), ("z.md", "RB203"), ("b.md", "RB203")]


def test_what_cannot_be_read_is_a_problem(targets: list[Path]) -> None:
    """The others are read all the same, and the file is named once."""
    targets[0].write_bytes(b"\xff")
    (problem, *others) = linting.problems_in(targets, find_project())
    assert (problem.id, problem.path, problem.message) == ("RB100", targets[0], "not UTF-8 (byte 0)")
    assert problem.hint == "expected a Markdown file in UTF-8"
    assert [each.id for each in others] == ["RB203", "RB203"]
