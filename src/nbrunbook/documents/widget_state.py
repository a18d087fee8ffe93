"""Widget state, which JupyterLab's "Save Widget State Automatically" adds to a notebook's file."""

from __future__ import annotations

import json

from nbrunbook.documents import json_source

KEY = "widgets"
"""Where it stands in a notebook's metadata."""


def left_out(content: bytes) -> bytes:
    """Return a notebook's bytes without its widgets' state; to the byte as they are where they hold none.

    The panels' state repeats the journal, and is drawn for one browser: it is not what anybody signs.
    """
    try:
        document = json_source.parsed(content.decode("utf-8-sig"))
        del document["metadata"][KEY]
    except (ValueError, LookupError, TypeError):
        return content
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()
