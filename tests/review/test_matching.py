"""What left its order."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.review import matching
from tests.comparing import BASE, only, reviewed, told


def _in_order(old: list[str], kept: list[str]) -> bool:
    return kept == [each for each in old if each in kept]


@given(st.permutations("abcdef"))
def test_the_fewest_move(new: list[str]) -> None:
    """What stays is in its old order, and no longer part of the new order is."""
    old = sorted(new)
    stayed = [each for each in new if each not in matching.moved(old, new)]
    assert _in_order(old, stayed)
    assert not any(_in_order(old, list(more)) for more in combinations(new, len(stayed) + 1))


def test_nothing_moves_where_nothing_stands() -> None:
    """Of no ids none moves."""
    assert matching.moved([], []) == set()


def test_a_step_whose_title_is_alike_has_a_new_id() -> None:
    """An unpinned step that was reworded is matched, and its change of id is told."""
    change = only(reviewed("## A\n- [ ] Press the red button", "## A\n- [ ] Press the big red button"))
    assert [each.name for each in change.edits] == ["id", "title"]
    assert change.edits[0].old == "a-press-the-red-button"


def test_a_step_with_another_title_is_another_step() -> None:
    """Titles with nothing in common are one removed and one added step."""
    assert told(reviewed("- [ ] Press the button {#a}", "- [ ] Mail support {#b}")) == {
        ("step", "a", "removed"),
        ("step", "b", "added"),
    }


def test_of_two_alike_the_one_in_the_same_section_is_matched() -> None:
    """Where two old steps are alike, the one in the same section is taken."""
    old = "## A\n- [ ] Restart web {#a}\n## B\n- [ ] Restart web {#b}"
    new = "## A\n- [ ] Keep {#k}\n## B\n- [ ] Restart web {#c}"
    assert told(reviewed(old, new)) == {
        ("step", "c", "id"),
        ("step", "a", "removed"),
        ("step", "k", "added"),
    }


def test_the_fewest_steps_move() -> None:
    """One step that went to the end has moved, not all the others."""
    old = "\n".join(f"- [ ] Step {each} {{#{each}}}" for each in "abcde")
    new = "\n".join(f"- [ ] Step {each} {{#{each}}}" for each in "acdeb")
    assert told(reviewed(old, new)) == {("step", "b", "order")}


def test_a_renamed_section_keeps_its_steps() -> None:
    """A section whose title and so its id changed is the same one: none of its steps has moved."""
    found = told(reviewed(BASE, BASE.replace("## Switch over", "## The switch")))
    assert found == {("section", "the-switch", "id"), ("section", "the-switch", "title")}


def test_a_template_written_anew_is_compared_by_titles_that_are_equal() -> None:
    """Where very much is new, an equal title still finds its step; of the rest nothing is guessed."""
    old = "\n".join(f"- [ ] Press button number {number} {{#a{number}}}" for number in range(120))
    new = "\n".join(f"- [ ] Press button number {number} now {{#b{number}}}" for number in range(119))
    found = reviewed(old, f"{new}\n- [ ] Press button number 7 {{#c}}")
    assert {change.kind for change in found.changes} == {"added", "removed", "changed"}
    assert [change.id for change in found.changes if change.kind == "changed"] == ["c"]
    assert len(found.changes) == 239
