"""Python that an author wrote, parsed and never run."""

from __future__ import annotations

import ast

import pytest

from nbrunbook.documents import python_source


def test_statements_and_expressions_are_read() -> None:
    """As Python reads them; spaces around an expression are left out."""
    assert [type(each) for each in python_source.statements("x = 1\n\ndef f(): pass\n")] == [
        ast.Assign,
        ast.FunctionDef,
    ]
    assert ast.dump(python_source.expression("  a or b\n")) == ast.dump(ast.parse("a or b", mode="eval").body)


@pytest.mark.parametrize(
    "source", ["x = 1" + "+1" * 5_000, "x" + ".a" * 3_000, "x" + "()" * 3_000, "x = " + "-" * 3_000 + "1"]
)
def test_what_stands_too_deep_in_itself_is_no_python(source: str) -> None:
    """Python parses it, and all that walks it would end in a RecursionError."""
    with pytest.raises(SyntaxError):
        python_source.statements(source)


@pytest.mark.parametrize("source", ["x = ", "x = '\0'", "(" * 300, "x = " + "[" * 3_000])
def test_what_does_not_parse_is_a_syntax_error(source: str) -> None:
    """Whatever Python raises for it."""
    with pytest.raises(SyntaxError):
        python_source.statements(source)
    with pytest.raises(SyntaxError):
        python_source.expression(source)


def test_a_warning_of_pythons_is_kept_to_itself(recwarn: pytest.WarningsRecorder) -> None:
    """The author's code is not ours to be warned of."""
    python_source.statements("x = '\\d' is 1")
    assert not recwarn


def test_what_people_write_is_python() -> None:
    """An `elif` stands in the one before it, and a sum in the next one: a hundred of them are no reason."""
    python_source.statements("if a: pass\n" + "elif a: pass\n" * 150)
    python_source.statements("x = 1" + " + 1" * 150)


def test_python_is_shown_as_it_may_be_written() -> None:
    """However deep it is."""
    assert python_source.shown(python_source.expression("a.b")) == "a.b"
    deep: ast.expr = ast.Name(id="a")
    for _ in range(5_000):
        deep = ast.UnaryOp(op=ast.USub(), operand=deep)
    assert python_source.shown(deep) == "…"
