"""Widget state that Jupyter saved into a notebook is left out of what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nbrunbook.documents import notebook, widget_state

CELL = notebook.markdown_cell("a", "Ein Schluß \u2028 ü")


def bytes_of(**metadata: Any) -> bytes:
    """Return a notebook with some metadata, laid out as Jupyter lays it out."""
    return notebook.dump(notebook.document([CELL], metadata))


def test_widget_state_is_left_out() -> None:
    """Nothing else of the notebook changes, to the byte, whatever the state holds."""
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"x": {"view": "\x00at\x00"}}, "version_major": 2}}
    author_s = {"title": "Größe", "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    assert widget_state.left_out(bytes_of(**author_s, widgets=state)) == bytes_of(**author_s)


@pytest.mark.parametrize(
    "content",
    [
        b"as last saved",
        b"",
        b"\xff",
        b"[1]",
        b'{"metadata": []}',
        b'{"metadata": {"title": "widgets"}, "cells": []}',
        b'{"metadata":{"widgets":"\\ud800"}}',
        b"[" * 100_000,
        json.dumps({"metadata": {}, "cells": [{"metadata": {"widgets": 1}}]}).encode(),
        b"\xef\xbb\xbf" + bytes_of(),
    ],
)
def test_what_holds_none_stays_as_it_is(content: bytes) -> None:
    """To the byte, also where it is no notebook, or not as Jupyter lays one out."""
    assert widget_state.left_out(content) == content
