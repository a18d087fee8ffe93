"""The top level of Python: what it binds and what it uses."""

from __future__ import annotations

import pytest

from nbrunbook.documents import top_level


def _bound(source: str) -> set[str]:
    return {name for each in top_level.statements(source) for name in top_level.bound(each)}


def _used(source: str) -> set[str]:
    return {name for each in top_level.statements(source) for name in top_level.used(each)}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = y = 1", "x y"),
        ("x, (y, *z) = f()", "x y z"),
        ("x: int = 1", "x"),
        ("x += 1", "x"),
        ("import a.b, c as d", "a d"),
        ("from a import b as c, d", "c d"),
        ("from a import *", "*"),
        ("def f(a): b = 1", "f"),
        ("async def f(): ...", "f"),
        ("class A:\n    b = 1", "A"),
        ("if a:\n    x = 1\nelse:\n    def g(): ...", "x g"),
        ("try:\n    import a\nexcept E as e:\n    a = None", "a e"),
        ("for x in y:\n    z = x", "x z"),
        ("with a as b: pass", "b"),
        ("if (x := f()): pass", "x"),
        ("match a:\n    case {'k': v, **rest}: pass\n    case [*more]: pass", "v rest more"),
        ("x['a'].b = 1", "x"),
        ("del x", "x"),
        ("x.update(a=1)", "x"),
        ("[y for y in z]", ""),
        ("f = lambda a: (b := a)", "f"),
        ("print", ""),
    ],
)
def test_what_a_statement_binds(source: str, names: str) -> None:
    """Every way in which a name at the top level gets, or may change, its value."""
    assert _bound(source) == set(names.split())


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(a, b=c):\n    d = a\n    return d + e", "c e"),
        ("def f():\n    def g():\n        return x\n    x = 1\n    return g() + y", "y"),
        ("def f():\n    global x\n    x = x + 1", "x"),
        ("class A(B):\n    c = d\n    def m(self): return c", "B d c"),
        ("f = lambda a: a + b", "b"),
        ("x = [a for a in b if c]", "b c"),
        ("@d(e)\ndef f(a: T) -> U: ...", "d e T U"),
        ("x.y.z(w)", "x w"),
        ("import a", ""),
        ("x = f'{a!r:>{b}}'", "a b"),
        ("async def f():\n    async with a as b: await b()", "a"),
    ],
)
def test_what_a_statement_uses(source: str, names: str) -> None:
    """Names of the top level, not those that a function has for itself."""
    assert _used(source) == set(names.split())


def test_what_cannot_be_analysed_uses_all_its_names() -> None:
    """Rather a name too many than one that is missed."""
    assert _used("def f(a, a): return b") == {"b"} or "b" in _used("def f(a, a): return b")


def test_an_import_of_several_names_is_one_for_each() -> None:
    """So that a name more in a line touches no other."""
    assert len(top_level.statements("from a import b, c\nimport d, e")) == 4
