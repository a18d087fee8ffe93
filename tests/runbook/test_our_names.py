"""What an author's code calls what it has from us."""

from __future__ import annotations

import ast

import pytest

from nbrunbook.documents import top_level
from nbrunbook.runbook.our_names import called, our_names


@pytest.mark.parametrize(
    ("code", "written", "meant"),
    [
        ("", "batch", "batch"),
        ("", "nb.window(1)", "window"),
        ("from nbrunbook import batch as b", "b('x')", "batch"),
        ("import nbrunbook as rb", "rb.replica_lag", "replica_lag"),
        ("from elsewhere import batch", "batch('x')", ""),
        ("def window(): ...", "window()", ""),
        ("import elsewhere as nb", "nb.check", ""),
        ("", "other.batch", ""),
        ("", "nbrunbook", ""),
    ],
)
def test_what_is_called(code: str, written: str, meant: str) -> None:
    """As it is usual, unless the code binds the name to something else."""
    node = ast.parse(written, mode="eval").body
    assert called(node, our_names(top_level.statements(code))) == meant
