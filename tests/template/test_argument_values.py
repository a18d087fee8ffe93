"""What an argument comes to."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.template.argument_values import EXPECTED, OPTIONS, planned, read
from nbrunbook.template.bindings import Binding, Named
from nbrunbook.template.placed_cells import Place

CHECK = Binding(
    kind="check",
    step="a",
    made=ast.parse("check('a')", mode="eval").body,
    function=None,
    at_top=True,
    place=Place(path=Path(), number=None, above=0, cell={}),
)


def test_each_option_is_read_as_its_kind_does() -> None:
    """No two kinds have an option of one name that means two things."""
    assert [read("attempts", 3), read("timeout", "2m"), read("target", "2s"), read("max_errors", None)] == [
        3,
        120,
        2.0,
        None,
    ]
    named = {name for kind, options in OPTIONS.items() if kind != "batch" for name in options}
    assert named.isdisjoint(OPTIONS["batch"])
    assert set(EXPECTED) == named | set(OPTIONS["batch"])


@pytest.mark.parametrize(("option", "value"), [("attempts", 0), ("every", "soon"), ("batch_size", 0), ("target", 1)])
def test_what_is_not_taken_says_what_is(option: str, value: object) -> None:
    """With the step; in a template with findings it is left out, since one of them says it."""
    with pytest.raises(ValueError, match=r".*"):
        read(option, value)
    with pytest.raises(NbrunbookError, match=rf"step a: {option}={value!r}"):
        planned(CHECK, option, value, {}, faulty=False)
    assert planned(CHECK, option, value, {}, faulty=True) is None


def test_a_parameter_gives_its_value() -> None:
    """One that has none yet leaves it open: such a plan is for showing."""
    assert planned(CHECK, "attempts", Named(parameter="tries"), {"tries": 5}, faulty=False) == 5
    assert planned(CHECK, "attempts", Named(parameter="tries"), {}, faulty=False) is None
