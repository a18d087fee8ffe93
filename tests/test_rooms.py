"""The rooms: every module is tested beside its own name, short, and keeps to itself what begins with an underscore."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "src" / "nbrunbook"
MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
ROOMS = [name for name in MODULES if name.endswith("/__init__.py")]
BROWSER = sorted(each for kind in ("js", "css") for each in (PACKAGE / "jupyter" / kind).iterdir())
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_IN_A_BROWSER = 300, 50, 250
WITH_MORE = {"commands/__init__.py": "the entry point: which verbs there are, each loaded when it is asked for"}


def home_of(name: str) -> Path:
    """Return where a module's tests are: commands/import_.py has its own in commands/test_import.py."""
    return TESTS / Path(name).parent / f"test_{Path(name).stem.rstrip('_')}.py"


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__init__.py")])
def test_every_module_has_a_test_file_of_its_name(name: str) -> None:
    """Whoever changes a module finds its tests in the room of the same name."""
    assert home_of(name).is_file()


@pytest.mark.parametrize("name", MODULES)
def test_no_module_and_no_function_is_long(name: str) -> None:
    """A module has at most 300 lines, and a function 50."""
    text = MODULES[name].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [each.name for each in functions if (each.end_lineno or 0) - each.lineno + 1 > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", BROWSER, ids=lambda each: each.name)
def test_no_file_of_the_browser_s_is_long(path: Path) -> None:
    """A module or a style sheet that a page loads has at most 250 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_IN_A_BROWSER


@pytest.mark.parametrize("name", [name for name in ROOMS if name not in WITH_MORE])
def test_a_room_says_what_it_is_for_and_nothing_else(name: str) -> None:
    """Whatever stood in a room's `__init__` would be loaded with each of its modules."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    purpose = ast.get_docstring(tree)
    assert len(tree.body) == 1
    assert purpose
    assert len(purpose.splitlines()) == 1


def reached_into(path: Path) -> Iterator[str]:
    """Yield the underscore names of other modules of ours that a module imports, or asks an imported module for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nbrunbook"
    ]
    names = [alias for node in ours for alias in node.names]
    yield from (alias.name for alias in names if is_private(alias.name))
    known = {alias.asname or alias.name for alias in names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            yield from [f"{node.value.id}.{node.attr}"] if is_private(node.attr) else []


def is_private(name: str) -> bool:
    """Tell whether a name begins with an underscore, and is none of Python's own."""
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize("name", MODULES)
def test_what_begins_with_an_underscore_stays_in_its_module(name: str) -> None:
    """No module imports, or reaches for, another one's underscore name."""
    assert list(reached_into(MODULES[name])) == []
