"""Notebooks as text in which a difference reads well; what `git diff` shows of them.

Plain JSON only: git calls this once for every version of every notebook that it shows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from nbrunbook.errors import visible

HEAD = "── "
"""In front of a cell's first line: its kind, id, tags and other metadata."""
OUTPUT = "│ "
"""In front of each line of an output."""
NOTEBOOK = "══ "
"""In front of the lines on the notebook itself, which come last."""

LIKE_OURS = re.compile(rf"\\*(?:{HEAD}|{OUTPUT}|{NOTEBOOK})")
"""A line of a source that would pass for one of ours; it gets one more backslash in front."""

ANSI = re.compile(r"\x1b\[[0-9;:]*m")
"""Colours and other styles; whatever else would steer a terminal is shown as what it is."""

NOISE = ("widgets", "papermill")
"""Metadata of a notebook or cell that says nothing of what a person wrote or did."""


def text(content: bytes) -> str | None:
    """Return a notebook's text; None for what is no notebook of nbformat 4."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        if document["nbformat"] != 4:
            return None
        lines = [*_cells(document["cells"]), *_notebook(document)]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return visible("\n".join(lines)) + "\n"


def _cells(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        yield _head(cell)
        for line in _joined(cell["source"]).split("\n"):
            yield f"\\{line}" if LIKE_OURS.match(line) else line
        for name, bundle in (cell.get("attachments") or {}).items():
            yield f"{OUTPUT}[attachment {name}: {', '.join(bundle)}, {_digest(bundle)}]"
        ours = isinstance(cell["metadata"].get("nbrunbook"), dict)
        for output in cell.get("outputs", ()):
            for part in _output(output, ours=ours):
                yield from (f"{OUTPUT}{line}".rstrip(" ") for line in part.removesuffix("\n").split("\n"))
        yield ""


def _head(cell: Mapping[str, Any]) -> str:
    metadata = {name: value for name, value in cell["metadata"].items() if name not in NOISE}
    tags = metadata.get("tags")
    listed = isinstance(tags, list) and bool(tags) and all(isinstance(tag, str) for tag in tags)
    if listed:
        del metadata["tags"]
    parts = [
        cell["cell_type"],
        f"#{cell['id']}" if "id" in cell else "",
        f"[{', '.join(tags)}]" if listed and tags else "",
        f"run {cell['execution_count']}" if cell.get("execution_count") is not None else "",
        _compact(metadata) if metadata else "",
    ]
    return HEAD + "  ".join(part for part in parts if part)


def _output(output: Mapping[str, Any], *, ours: bool) -> Iterator[str]:
    """The parts of an output; of our own static ones only the text."""
    kind = output["output_type"]
    if kind == "stream":
        yield f"[{output['name']}]\n{ANSI.sub('', _joined(output['text']))}"
    elif kind == "error":
        yield f"[{output['ename']}] {output['evalue']}"
        yield ANSI.sub("", "\n".join(output["traceback"]))
    else:
        data = output["data"]
        if "text/plain" in data:
            yield ANSI.sub("", _joined(data["text/plain"]))
        for mime, value in data.items() if not ours else ():
            if mime.startswith("text/") and mime not in ("text/plain", "text/html"):
                yield f"[{mime}]\n{_joined(value)}"
            elif mime != "text/plain":
                yield f"[{mime}]"


def _notebook(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"{NOTEBOOK}nbformat: 4.{document.get('nbformat_minor', 0)}"
    for name, value in sorted(document["metadata"].items()):
        if name == "nbrunbook" and isinstance(value, dict):
            yield from _runbook(value)
        elif name not in NOISE:
            yield f"{NOTEBOOK}{name}: {_compact(value)}"


def _runbook(facts: Mapping[str, Any]) -> Iterator[str]:
    """A runbook's facts, one a line; of its plan no more than a digest, as each step stands in a cell."""
    for name, value in sorted(facts.items()):
        if name == "plan":
            yield f"{NOTEBOOK}nbrunbook.plan: {_digest(value)}"
        elif isinstance(value, dict):
            for key, inner in sorted(value.items()):
                each = inner if isinstance(inner, list) and key == "parts" else [inner]
                yield from (f"{NOTEBOOK}nbrunbook.{name}.{key}: {_compact(one)}" for one in each)
        else:
            yield f"{NOTEBOOK}nbrunbook.{name}: {_compact(value)}"


def _joined(value: Any) -> str:
    """A text that a file keeps as one string or as lines; TypeError for anything else."""
    return "".join([value] if isinstance(value, str) else value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
