"""What ran: the lines by which a function goes, as the author wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.runbook.program import named
from nbrunbook.runbook.what_ran import Code, excerpt, lines_from, lines_words, split
from tests.conftest import PARAMETERS
from tests.making import plan_of
from tests.template.conftest import BATCH

DECLARED = f"from nbrunbook import check\n{PARAMETERS}"
CODE = """import json  # unused

LIMIT = 3

# What is far too much.
# In two lines.
def too_much(n):
    return n > LIMIT  # compared


@check("a")
def look():
    assert not too_much(4)


def other(): ...


LIMIT = 5
"""
PLAN = plan_of("- [ ] A {#a}", declare=DECLARED, code=CODE)
SOURCES = {name: CODE if name == named(CODE) else "from nbrunbook import check" for name in PLAN.code}


def test_the_function_and_what_it_uses() -> None:
    """With decorators and the comments above and within; what it does not use is left out, and a sign says so."""
    found = Code(PLAN, SOURCES.get).of("look")
    assert [(each.number, lines_words(each.lines)) for each in found] == [(1, "1"), (2, "3-13, 19")]
    assert found[1].name == named(CODE)
    assert found[1].text.startswith("LIMIT = 3\n\n# What is far too much.\n# In two lines.\ndef too_much")
    assert found[1].text.endswith("assert not too_much(4)\n⋮\nLIMIT = 5")


def test_a_batch_and_the_functions_that_it_was_given() -> None:
    """All of them, though they may have the same name, and none of another batch's."""
    code = f"LIMIT = 3\n{BATCH.replace('(db, rows): ...', '(db, rows): return LIMIT')}other = 1\n"
    code += BATCH.replace("fill", "mend").replace("'a'", "'b'")
    found = Code(plan_of("- [ ] A {#a}\n- [ ] B {#b}", code=code), lambda _: code)
    assert [lines_words(each.lines) for each in found.of("fill")] == ["1-6"]
    assert [lines_words(each.lines) for each in found.of("mend")] == ["8-12"]


def test_a_cell_that_is_gone_is_left_out() -> None:
    """What is there of the others is shown."""
    assert [each.number for each in Code(PLAN, {PLAN.code[0]: SOURCES[PLAN.code[0]]}.get).of("look")] == []
    assert Code(PLAN, lambda _: None).of("look") == []


def test_what_a_later_python_cannot_read_is_shown_whole() -> None:
    """Better too much than nothing."""
    odd = {**SOURCES, named(CODE): f"print 'old'\n{CODE}"}
    found = Code(PLAN, odd.get).of("look")
    assert [each.number for each in found] == [1, 2]
    assert found[1].text == odd[named(CODE)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(end: str) -> None:
    """Whatever ends them; a form feed does not."""
    source = end.join(["a = 1", "b = '\x0c'", "c = 3"])
    assert excerpt(source, ((1, 1), (3, 3))) == "a = 1\n⋮\nc = 3"
    assert split(source)[1] == "b = '\x0c'"


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 999)), min_size=1, max_size=5))
def test_lines_are_read_as_they_are_told(pairs: list[tuple[int, int]]) -> None:
    """1, 3-7: from words to lines and back."""
    lines = tuple((min(pair), max(pair)) for pair in pairs)
    assert lines_from(lines_words(lines)) == lines
    with pytest.raises(ValueError, match="invalid literal"):
        lines_from("all")
