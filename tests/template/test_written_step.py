"""Steps as they were written: which id they get where they have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.template.conftest import template_of


def test_an_id_comes_from_the_section_and_five_words(tmp_path: Path) -> None:
    """An unpinned step is called by its section and its first five words, before values are put in."""
    found = template_of(tmp_path, "# Tell people\n- [ ] Say that *{{release}}* is out now everywhere")
    assert [(each.id, each.pinned) for each in found.steps] == [("tell-people-say-that-release-is-out", False)]


@pytest.mark.parametrize(
    ("title", "step_id"),
    [
        ("**Tag it:** then push it to all", "tag-it"),
        ("Über ÄÖ & ß!", "über-äö-ss"),
        ("発表 する", "発表-する"),
        ("!!!", "step"),
        ("`make  release`", "make-release"),
        ("don't_do", "don-t-do"),
    ],
)
def test_an_id_is_letters_and_digits_of_any_script(tmp_path: Path, title: str, step_id: str) -> None:
    """A leading bold text names a step; an id is small letters and digits with dashes between."""
    assert [each.id for each in template_of(tmp_path, f"- [ ] {title}").steps] == [step_id]


def test_a_second_step_of_one_name_gets_another_id(tmp_path: Path) -> None:
    """A second one of the same name has an id of its own for now, and must be pinned."""
    found = template_of(tmp_path, "- [ ] Say it\n- [ ] Say it")
    assert [each.id for each in found.steps] == ["say-it", "say-it-2"]
    assert [(problem.id, problem.line) for problem in found.stopping] == [("RB103", 2)]


def test_a_pinned_id_is_never_taken(tmp_path: Path) -> None:
    """A pinned step keeps its id, though a step above it would be called so; the one above must be pinned."""
    found = template_of(tmp_path, "- [ ] Say it\n- [ ] Shout {#say-it}")
    assert [each.id for each in found.steps] == ["say-it-2", "say-it"]
    assert [(problem.id, problem.line) for problem in found.stopping] == [("RB103", 1)]


@pytest.mark.parametrize(
    ("title", "step_id"),
    [("Tag <version> and push", "b-tag-and-push"), ("**Set <x>**", "b-set"), ("<release-branch>", "b-step")],
)
def test_an_id_is_made_without_tags(tmp_path: Path, title: str, step_id: str) -> None:
    """Ids are what they were before such a tag was read as text; nothing that was signed is called otherwise."""
    found = template_of(tmp_path, f"# <a>b\n- [ ] {title}")
    assert [(each.id, each.section) for each in found.steps] == [(step_id, "b")]
    assert found.stopping == []
