"""Writing the declarations of a template's parameters, in the author's own lines."""

from __future__ import annotations

import ast
import json
from typing import Any

RELEASE = "release: str = {}  # what is being shipped"
ENVIRONMENT = 'environment: str = "staging"  # where it goes'


def for_release(source: str, release: str) -> str:
    """Return declarations with the release's name in place, and what is missing on top, behind the imports.

    Comments, order and all other values stay to the letter. What is not Python stays whole: that is a finding.
    """
    try:
        declared = {name: node for node in ast.parse(source).body if (name := _name(node))}
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return source
    quoted = json.dumps(release, ensure_ascii=False)
    missing = [ENVIRONMENT] if "environment" not in declared else []
    if "release" in declared:
        source = _with_value(source, declared["release"], quoted)
    else:
        missing.insert(0, RELEASE.format(quoted))
    if not source.strip():
        return "\n".join(missing)
    return _with_lines(source, missing) if missing else source


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""


def _with_lines(source: str, added: list[str]) -> str:
    """The source with lines behind its imports, which stand apart; on top where it has none."""
    end = 0
    for node in ast.parse(source).body:
        # A statement that begins on an import's line must not be cut either.
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not _is_docstring(node) and node.lineno > end:
            break
        end = node.end_lineno or end
    lines = source.split("\n")
    above, below = lines[:end], lines[end:]
    if not above:
        return "\n".join([*added, *below])
    while below and not below[0].strip():
        below.pop(0)
    return "\n".join([*above, "", *added, *below])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _with_value(source: str, node: ast.stmt, value: str) -> str:
    """The source with another value; a declaration without one gets it behind its annotation."""
    old = getattr(node, "value", None)
    place: Any = old or getattr(node, "annotation", node)
    lines = source.split("\n")
    first, last = place.lineno - 1, place.end_lineno - 1
    # ast counts columns in bytes of UTF-8.
    before = lines[first].encode()[: place.col_offset].decode()
    after = lines[last].encode()[place.end_col_offset :].decode()
    kept = "" if old else f"{ast.unparse(place)} = "
    lines[first : last + 1] = [f"{before}{kept}{value}{after}"]
    return "\n".join(lines)
