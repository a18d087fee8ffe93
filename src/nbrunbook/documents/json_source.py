"""JSON that somebody else wrote, read so that everything that walks it comes to its end."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 100
"""How deep it may stand in itself; an output with a chart does some twenty."""


def parsed(text: str) -> Any:
    """Return what a JSON text says; ValueError, in words, for what is none, or nobody can write down again."""
    try:
        document = json.loads(text)
        deep = _is_deep(document)
    except json.JSONDecodeError as error:
        raise ValueError("empty" if not text.strip() else f"not JSON (line {error.lineno}: {error.msg})") from None
    except RecursionError:
        deep = True
    except ValueError as error:
        raise ValueError(f"not JSON that can be read ({error})") from None
    if deep:
        raise ValueError("JSON that is nested too deeply")
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair in its text (\\ud800 to \\udfff), not whole characters") from None
    return document


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        inside = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [child for each in inside for child in each if isinstance(child, dict | list)]
        if not level:
            return False
    return True
