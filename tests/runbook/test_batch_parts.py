"""A batch in an author's code, and the functions that it is given."""

from __future__ import annotations

import ast

from nbrunbook.documents import top_level
from nbrunbook.runbook import batch_parts
from nbrunbook.runbook.our_names import our_names

CODE = """
from nbrunbook import batch as all_of
fill = all_of("a", databases=["eu"], throttle=(window("22:00"), own), target="2s")
mend: object = all_of("b")
@fill.fetch
@other.left
def _(db): ...
@fill.left()
def _(db): ...
"""
STATEMENTS = top_level.statements(CODE)
NAMES = our_names(STATEMENTS)


def test_the_variables_that_hold_batches() -> None:
    """However they are imported and annotated."""
    assert batch_parts.variables(STATEMENTS, NAMES) == {"fill", "mend"}


def test_the_functions_that_they_are_given() -> None:
    """By what stands above them; a call gives nothing."""
    found = [batch_parts.given_to(each, frozenset({"fill", "mend"})) for each in STATEMENTS]
    assert [[(name, made.attr) for name, made in each] for each in found] == [[], [], [], [("fill", "fetch")], []]


def test_what_is_left_of_a_batch_without_its_options() -> None:
    """The functions that hold it back; another statement stays what it is."""
    made, other = (batch_parts.without_options(STATEMENTS[number], NAMES) for number in (1, 3))
    assert ast.unparse(made) == "fill = all_of(throttle=[own])"
    assert "target" in ast.unparse(STATEMENTS[1])
    assert other is STATEMENTS[3]
