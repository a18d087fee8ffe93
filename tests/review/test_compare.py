"""What changed between two templates: each change is found, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrunbook.documents import attributes
from nbrunbook.review.compare import compare
from nbrunbook.review.snapshot import Snapshot
from tests.comparing import BASE, edit, only, reviewed, reviewed_code, side, told
from tests.template.conftest import BATCH


def test_equal_sides_have_no_change() -> None:
    """A template against itself shows nothing."""
    assert reviewed(BASE, BASE).changes == ()


def test_an_added_and_a_removed_step_are_told_with_their_text() -> None:
    """What came or went is told whole: attributes, body and section."""
    more = BASE.replace("\n## Switch", "- [ ] Ring the bell {#bell .optional}\n  Loudly.\n\n## Switch")
    change = only(reviewed(BASE, more))
    assert (change.kind, change.id, change.where) == ("added", "bell", "Tell people")
    assert (change.block, change.text) == ("{.optional}", "  Loudly.")
    assert only(reviewed(more, BASE)).kind == "removed"


def test_a_reworded_step_keeps_its_id() -> None:
    """A pinned step whose title changed is reworded, not removed and added."""
    found = edit(BASE, BASE.replace("Add the dashboard", "Add the search dashboard"))
    assert (found.name, found.old, found.new) == ("title", "Add the dashboard", "Add the search dashboard")


def test_a_step_that_changes_its_section_or_parent_moves() -> None:
    """Another section and another parent are told with the old and the new one."""
    found = edit(
        "## A\n- [ ] x {#x}\n- [ ] y {#y}\n## B\n- [ ] z {#z}", "## A\n- [ ] x {#x}\n## B\n- [ ] z {#z}\n- [ ] y {#y}"
    )
    assert (found.name, found.old, found.new) == ("section", "a", "b")
    found = edit("- [ ] x {#x}\n- [ ] y {#y}", "- [ ] x {#x}\n  - [ ] y {#y}")
    assert (found.name, found.old, found.new) == ("parent", None, "x")


def test_a_section_that_moves_takes_its_steps_along() -> None:
    """Only the section has moved."""
    sections = [f"## {name}\n- [ ] {name} one {{#{name}1}}\n- [ ] {name} two {{#{name}2}}\n" for name in "abc"]
    found = reviewed("".join(sections), "".join([sections[2], sections[0], sections[1]]))
    assert told(found) == {("section", "c", "order")}


def test_an_after_that_follows_a_new_id_is_no_risk() -> None:
    """A step that was given a new id, and an `after` that follows it, take nothing away."""
    found = reviewed("- [ ] Press it {#a}\n- [ ] b {#b after=a}", "- [ ] Press it {#c}\n- [ ] b {#b after=c}")
    assert told(found) == {("step", "c", "id"), ("step", "b", "after")}
    assert found.riskier == ()


def test_text_outside_of_steps_is_compared() -> None:
    """A paragraph beside steps, between sub-steps and in a cell of its own shows."""
    assert edit(BASE, BASE.replace("Before all else", "First of all")).name == "text"
    between = "- [ ] a {#a}\n  - [ ] b {#b}\n\n  {}\n\n  - [ ] c {#c}"
    assert edit(between.replace("{}", "Wait."), between.replace("{}", "Go on.")).name == "text"
    assert told(compare(side("# A\nOne.", BASE), side("# A\nTwo.", BASE))) == {("text", "text-0", "text")}


PARAMETERS = {"default": "n: int = 1  # how many", "help": "n: int = 0  # number", "type": "n: float = 0  # how many"}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_compared(name: str) -> None:
    """A parameter's type, default and help are told by name."""
    old, new = (side(BASE, parameters=text) for text in ("n: int = 0  # how many", PARAMETERS[name]))
    found = told(compare(old, new))
    assert ("parameter", "n", name) in found
    assert told(compare(side(BASE, parameters="m: int = 0"), old)) == {
        ("parameter", "m", "removed"),
        ("parameter", "n", "added"),
    }


def test_a_new_template_is_added_whole() -> None:
    """Against nothing everything is added."""
    found = compare(Snapshot(label="nothing"), side(BASE, code="x = 1"))
    assert {change.kind for change in found.changes} == {"added"}
    assert {change.subject for change in found.changes} == {"section", "step", "parameter", "code"}


# Any one change of any template is found under its name.


WORDS = st.sampled_from(["mail", "press", "restart", "look", "wait", "drain", "console", "index", "search", "support"])
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
VALUES: dict[str, list[str]] = {
    "owner": ["ops", "ana"],
    "evidence": ["a link", "a number"],
    "as": ["url", "count"],
    "when": ["kind == 'a'", "kind != 'b'"],
    "after": ["s0-0", "2026.1#x"],
    "wait": ["30m", "24h"],
    "due": ["7d", "{{kind}}"],
}


@st.composite
def models(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Sections with steps, as data."""
    return [
        {
            "title": f"{draw(TITLES)} {number}",
            "flags": draw(st.sets(st.sampled_from(sorted(attributes.HEADING_FLAGS)), max_size=2)),
            "keys": draw(_keys(["owner", "when"])),
            "prose": draw(TITLES),
            "steps": [
                {
                    "id": f"s{number}-{at}",
                    "title": f"{draw(TITLES)} {number}.{at}",
                    "body": draw(TITLES),
                    "flags": draw(st.sets(st.sampled_from(sorted(attributes.STEP_FLAGS)), max_size=3)),
                    "keys": draw(_keys(sorted(attributes.STEP_KEYS))),
                    "depth": draw(st.integers(0, min(at, 1))),
                }
                for at in range(draw(st.integers(1, 4)))
            ],
        }
        for number in range(draw(st.integers(1, 3)))
    ]


def _keys(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    pairs = {name: st.sampled_from(VALUES[name]) for name in names}
    return st.fixed_dictionaries({}, optional=pairs)


def _written(model: list[dict[str, Any]]) -> str:
    lines = []
    for number, section in enumerate(model):
        block = attributes.Attributes(id=f"x{number}", flags=tuple(sorted(section["flags"])), keys=section["keys"])
        lines += [f"## {section['title']} {attributes.show(block)}", section["prose"]]
        for step in section["steps"]:
            block = attributes.Attributes(id=step["id"], flags=tuple(sorted(step["flags"])), keys=step["keys"])
            indent = "  " * step["depth"]
            lines += [f"{indent}- [ ] {step['title']} {attributes.show(block)}", f"{indent}  {step['body']}"]
        lines.append("")
    return "\n".join(lines)


Draw = Callable[[Any], Any]


def _change_flag(thing: dict[str, Any], names: dict[str, str], draw: Draw) -> str:
    flag = draw(st.sampled_from(sorted(names)))
    thing["flags"] = thing["flags"] ^ {flag}
    return f".{flag}"


def _change_key(thing: dict[str, Any], names: dict[str, str], draw: Draw) -> str:
    name = draw(st.sampled_from(sorted(names)))
    values = [value for value in (*VALUES[name], None) if value != thing["keys"].get(name)]
    value = draw(st.sampled_from(values))
    thing["keys"] = {key: old for key, old in thing["keys"].items() if key != name} | ({name: value} if value else {})
    return name


def _change_text(thing: dict[str, Any], name: str) -> str:
    thing[name] += " anew"
    return {"prose": "text"}.get(name, name)


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(models(), st.data())
def test_any_one_change_is_found_under_its_name(model: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whatever one thing of whatever template changes, the review names it, and names only that thing."""
    changed = copy.deepcopy(model)
    number = data.draw(st.integers(0, len(model) - 1))
    section = changed[number]
    step = data.draw(st.sampled_from(section["steps"]))
    how = data.draw(st.sampled_from(["flag", "key", "title", "body", "section flag", "section key", "prose", "name"]))
    subject, thing = ("step", step["id"]) if how in ("flag", "key", "title", "body") else ("section", f"x{number}")
    if how == "flag":
        name = _change_flag(step, attributes.STEP_FLAGS, data.draw)
    elif how == "key":
        name = _change_key(step, attributes.STEP_KEYS, data.draw)
    elif how == "section flag":
        name = _change_flag(section, attributes.HEADING_FLAGS, data.draw)
    elif how == "section key":
        name = _change_key(section, attributes.HEADING_KEYS, data.draw)
    elif how in ("title", "body"):
        name = _change_text(step, how)
    else:
        name = _change_text(section, "prose" if how == "prose" else "title")
    old, new = side(_written(model)), side(_written(changed))
    found = told(compare(old, new))
    assert (subject, thing, name) in found
    # A gate inside an .if-needed section holds nothing outside of it: closing one may free steps.
    assert {each[:2] for each in found if each[2] != "holds"} == {(subject, thing)}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(models(), st.data())
def test_removing_adding_and_swapping_steps_is_found(model: list[dict[str, Any]], data: st.DataObject) -> None:
    """A step less, a step more and two that changed places are told, and nothing of the others is reworded."""
    flat = [{**each, "steps": [{**step, "depth": 0} for step in each["steps"]]} for each in model]
    changed = copy.deepcopy(flat)
    steps = data.draw(st.sampled_from(changed))["steps"]
    at = data.draw(st.integers(0, len(steps) - 1))
    gone = steps.pop(at)
    whole, less = side(_written(flat)), side(_written(changed))
    assert ("step", gone["id"], "removed") in told(compare(whole, less))
    assert ("step", gone["id"], "added") in told(compare(less, whole))
    steps.append(gone)
    names = {what for _, _, what in told(compare(whole, side(_written(changed))))}
    assert names <= {"order", "behind", "holds"}
    assert bool(names) == (at < len(steps) - 1)


LOOK = """@check("a", attempts=3, every=pause)
def look():
    return LIMIT + 1  # so many

LIMIT = 1"""


def test_an_automated_step_is_told_with_what_does_it() -> None:
    """A step that comes shows its kind and its options as attributes."""
    found = compare(side("- [ ] b {#b}"), side("- [ ] b {#b}\n- [ ] a {#a}", code=LOOK))
    added = next(change for change in found.changes if change.id == "a")
    assert (added.block, added.risks) == ("{kind=check attempts=3 every=pause}", ())
    acts = compare(side("- [ ] b {#b}"), side("- [ ] b {#b}\n- [ ] a {#a}", code="@action('a')\ndef f(): ..."))
    assert next(change for change in acts.changes if change.id == "a").risks == ("acts",)


def test_what_a_step_does_has_changed() -> None:
    """The function and what it uses are compared as Python; the cell is shown besides, comments and all."""
    found = reviewed_code(LOOK, LOOK.replace("LIMIT = 1", "LIMIT = 2").replace("so many", "many"))
    assert told(found) == {("step", "a", "does"), ("code", "code", "text")}
    (edit_,) = found.riskier[0].edits
    assert (edit_.old, edit_.new) == ("LIMIT = 1", "LIMIT = 2")
    assert told(reviewed_code(LOOK, LOOK.replace("so many", "many"))) == {("code", "code", "text")}


def test_a_batch_is_told_with_its_options() -> None:
    """As its author wrote them; hours that hold it back are an option, and no code of it."""
    code = BATCH.replace("['eu']", "['eu', 'us'], target='2s', throttle=window('22:00', '06:00')")
    found = compare(side("- [ ] b {#b}"), side("- [ ] b {#b}\n- [ ] a {#a}", code=code))
    added = next(change for change in found.changes if change.id == "a")
    assert added.risks == ("acts",)
    assert added.block == "{kind=batch databases=\"eu, us\" target=2s throttle=\"window('22:00', '06:00')\"}"
    other = reviewed_code(code, code.replace("06:00", "08:00"))
    assert told(other) == {("step", "a", "throttle"), ("code", "code", "text")}


def test_options_are_attributes() -> None:
    """Attempts, pauses and timeouts are told as they are written."""
    found = reviewed_code(LOOK, LOOK.replace("attempts=3", "timeout='5m'"))
    change = next(each for each in found.changes if each.subject == "step")
    assert {each.name: (each.old, each.new) for each in change.edits} == {
        "attempts": ("3", None),
        "timeout": (None, "5m"),
    }
