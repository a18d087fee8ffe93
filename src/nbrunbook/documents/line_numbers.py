"""Where a line of a cell stands in its notebook's file."""

from __future__ import annotations

import json


def line_in_file(content: bytes, cell: int, line: int | None) -> int | None:
    """Return where a cell, or a line of it, stands in the file, from 1; None where it is not laid out by lines."""
    document = json.loads(content.decode("utf-8-sig"))
    try:
        found = document["cells"][cell - 1]
        lines = found["source"]
        mark = "\0here"
        if line is not None and isinstance(lines, list):
            lines[line - 1] = mark
        else:
            found["cell_type"] = mark
    except (LookupError, TypeError):
        return None
    shown = json.dumps(document, indent=1, ensure_ascii=False).split("\n")
    same = len(shown) == len(content.decode("utf-8-sig").rstrip().split("\n"))
    return next((number for number, each in enumerate(shown, 1) if "\\u0000here" in each), None) if same else None
