"""Patterns that others wrote into pre-commit's configuration: what they say, and what they match."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence


def said(value: str) -> str | None:
    """Return the text that stands behind a key of YAML; None where that is not plain to see."""
    text = value.strip()
    block = re.match(r"\|[-+]?[ \t]*(?:#.*)?\r?\n", text)
    if block:
        return textwrap.dedent(value.lstrip(" \t")[block.end() :]).strip("\r\n")
    quoted = re.match(r"""('(?:[^'\n]|'')*'|"(?:[^"\\\n]|\\.)*")(?:[ \t]+#.*)?$""", text)
    try:
        if quoted:
            return quoted[1][1:-1].replace("''", "'") if text[0] == "'" else str(json.loads(quoted[1]))
    except ValueError:
        return None
    is_plain = re.match(r"""[^\s\[\]{}&*!|>%@"'#`,?:-]""", text) and "\n" not in text and ": " not in text
    return re.split(r"[ \t]#", text, maxsplit=1)[0].strip() if is_plain else None


def seen(pattern: str | None, folder: str, names: Sequence[str]) -> list[bool]:
    """Whether a pattern matches each of some names in a folder: none where that may take time, as others wrote it."""
    if pattern is None:
        return []
    many, either, optional, groups = (len(re.findall(each, pattern)) for each in (r"[*+{]", r"\|", r"(?<!\()\?", r"\("))
    ways = (1 + either) ** min(groups, 25) * 2 ** min(optional, 25) * 100 ** min(many, 4)
    if len(folder) > 100 or ways > 10_000_000 or re.search(r"\)[*+{]", pattern):
        return []
    try:
        return [bool(re.search(pattern, name if folder == "." else f"{folder}/{name}")) for name in names]
    except (re.error, OverflowError, RecursionError):
        return []
