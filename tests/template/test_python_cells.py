"""Code cells as Python."""

from __future__ import annotations

import ast

from nbrunbook.template import python_cells


def test_python_is_read_as_it_stands() -> None:
    """What looks like a magic in plain Python is none."""
    found = python_cells.read("x = (10\n     % 3)")
    assert found.magic == {}
    assert found.tree is not None


def test_lines_of_ipython_are_taken_out() -> None:
    """What is left is read, with its lines where they were."""
    found = python_cells.read("%time 1\n\ndef f():\n    !ls\n")
    assert found.magic == {1: "%time", 4: "!ls"}
    assert found.tree is not None
    assert [node.lineno for node in found.tree.body if isinstance(node, ast.FunctionDef)] == [3]


def test_a_cell_of_another_language() -> None:
    """A cell magic takes the whole cell, and what is neither Python nor IPython's is told apart."""
    assert python_cells.read("\n%%bash\nls").magic == {2: "%%bash"}
    assert python_cells.read("def (").tree is None
