"""Trust: which notebooks this user's Jupyter takes for its own."""

from __future__ import annotations

from nbrunbook.documents import notebook, trust


def test_what_was_signed_is_trusted_and_nothing_else() -> None:
    """A notebook with another character is another one."""
    content = notebook.dump(notebook.document([notebook.code_cell("a", "x = 1")], {}))
    assert not trust.is_signed(content)
    trust.sign(content)
    assert trust.is_signed(content)
    assert trust.is_signed(content + b"\n\n")
    assert not trust.is_signed(content.replace(b"x = 1", b"x = 2"))


def test_what_is_no_notebook_is_not_trusted() -> None:
    """Whatever it is."""
    assert not any(map(trust.is_signed, (b"", b"{}", b"\xff", b'{"nbformat": 4}')))
