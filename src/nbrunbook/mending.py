"""Mending: what `lint --fix` changes in a template's files, where there is one right answer.

Everything else stays to the letter, and mending twice is mending once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbrunbook import markdown, notebook, parts, places, source, template
from nbrunbook.markdown import Document
from nbrunbook.notebook import Cell
from nbrunbook.steps import Step, unique

BARE = "it has no list marker in front"
"""Why Markdown does not see the box of a line such as `[ ] Mail support`."""

CLEARED: Mapping[str, Any] = {"execution_count": None, "outputs": []}
"""What a code cell in a template holds, and no other cell."""


def mended(path: Path) -> dict[Path, bytes]:
    """Return what the files of a template should hold, those that need it; its standing parts are left alone.

    Raises as `template.read` does.
    """
    own = [file for file in places.files_of(path) if path in (file, file.parent)]
    before = {file: notebook.read_bytes(file) for file in own}
    with_items = {file: _edited(file, content, _with_items) for file, content in before.items()}
    read = template.read(path, instead=with_items)
    steps: dict[tuple[Path, int | None], list[Step]] = {}
    for step in read.steps:
        steps.setdefault((step.place.path, step.place.number), []).append(step)

    def pinned(file: Path, number: int | None, text: str) -> str:
        return _pinned(text, steps.get((file, number), []))

    after = {file: _edited(file, content, pinned) for file, content in with_items.items()}
    after = {file: _tidied(content) if file.suffix == ".ipynb" else content for file, content in after.items()}
    return {file: content for file, content in after.items() if content != before[file]}


# Text


def _with_items(_: Path, __: int | None, text: str) -> str:
    """Make items of lines that begin with a bare box, from the last to the first, where nothing else moves."""
    for unseen in reversed(markdown.read(text).unseen if "[ ]" in text else ()):
        lines = text.split("\n")
        if unseen.why == BARE and re.match(r"[ \t>]*\[ \] ", lines[unseen.line]):
            lines[unseen.line] = lines[unseen.line].replace("[ ]", "- [ ]", 1)
            tried = "\n".join(lines)
            text = tried if _has_one_more(text, tried) else text
    return text


def _has_one_more(before: str, after: str) -> bool:
    was, now = markdown.read(before), markdown.read(after)
    titles = _boxes(now)
    for box in _boxes(was):
        if box not in titles:
            return False
        titles.remove(box)
    return len(titles) == 1 and len(now.unseen) == len(was.unseen) - 1


def _boxes(document: Document) -> list[tuple[str, bool, str | None]]:
    return [(item.title, item.ticked, item.id) for item in document.items if item.box]


def _pinned(text: str, steps: Sequence[Step]) -> str:
    """Write the ids that the plan gives behind the titles that have none."""
    document = markdown.read(text)
    pins = {
        index: f"#{step.id}"
        for index, (item, step) in enumerate(zip(document.items, steps, strict=True))
        if step.box and not step.pinned and item.title
    }
    if not pins:
        return text
    together = source.pin(document, pins)
    if _holds(document, together, pins):
        return together
    one_by_one: dict[int, str] = {}
    for index, pin in pins.items():
        tried = {**one_by_one, index: pin}
        one_by_one = tried if _holds(document, source.pin(document, tried), tried) else one_by_one
    return source.pin(document, one_by_one)


def _holds(document: Document, text: str, pins: Mapping[int, str]) -> bool:
    """Whether a text with ids written into it is read as before, with those ids."""
    wanted = [
        (item.title, item.box, item.ticked, pins[index][1:] if index in pins else item.id)
        for index, item in enumerate(document.items)
    ]
    return wanted == [(item.title, item.box, item.ticked, item.id) for item in markdown.read(text).items]


# Files


def _edited(file: Path, content: bytes, edit: Any) -> bytes:
    """Put each Markdown text of a file through `edit(file, cell's number, text)`."""
    if file.suffix == ".md":
        return _edited_text(file, content, edit)
    document = notebook.raw(content, file)
    changed = False
    for number, cell in enumerate(document["cells"], 1):
        if cell["cell_type"] == "markdown":
            text = _joined(cell["source"])
            new = _rewritten(text, edit(file, number, markdown.normal(text)))
            changed |= new != text
            cell["source"] = new.splitlines(keepends=True) if isinstance(cell["source"], list) else new
    return _dumped(document, content) if changed else content


def _edited_text(file: Path, content: bytes, edit: Any) -> bytes:
    text = content.decode()
    mark = text[: len(text) - len(text.removeprefix("\ufeff"))]
    shown = parts.split(text.removeprefix(mark)).text
    new = edit(file, None, shown)
    return content if new == shown else (mark + _rewritten(text.removeprefix(mark), new, shown)).encode()


def _rewritten(text: str, new: str, shown: str | None = None) -> str:
    """Put the lines of `new` that differ into a text, whose line ends and other lines stay as they are."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z|\Z", text)
    before = (markdown.normal(text) if shown is None else shown).split("\n")
    for number, (was, now) in enumerate(zip(before, new.split("\n"), strict=True)):
        if was != now:
            end = re.search(r"[\r\n]*\Z", lines[number])
            lines[number] = now + (end[0] if end else "")
    return "".join(lines)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _tidied(content: bytes) -> bytes:
    """Clear outputs, sort metadata, and give each cell an id of its own."""
    document = notebook.raw(content, Path())
    before = json.dumps(document)
    document["metadata"] = _sorted(document["metadata"])
    document["cells"] = list(_tidied_cells(document["cells"]))
    if isinstance(document.get("nbformat_minor", 0), int) and document.get("nbformat_minor", 0) < 5:
        document["nbformat_minor"] = 5
    return content if json.dumps(document) == before else _dumped(document, content)


def _tidied_cells(cells: Sequence[Cell]) -> Iterator[Cell]:
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            cell = {**cell, **{name: empty for name, empty in CLEARED.items() if name in cell}}
        else:
            cell = {name: value for name, value in cell.items() if name not in CLEARED}
        if isinstance(cell.get("metadata"), dict):
            cell = {**cell, "metadata": _sorted(cell["metadata"])}
        yield _with_id(cell, number, taken)


def _with_id(cell: Cell, number: int, taken: set[str]) -> Cell:
    wanted = cell.get("id")
    if notebook.is_cell_id(wanted) and wanted not in taken:
        taken.add(str(wanted))
        return cell
    made = hashlib.sha256(f"{number} {_joined(cell['source'])}".encode()).hexdigest()[:8]
    order = sorted if list(cell) == sorted(cell) else list
    with_id = {**cell, "id": unique(made, taken)}
    return {name: with_id[name] for name in order(with_id)}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _dumped(document: dict[str, Any], before: bytes) -> bytes:
    """Return a notebook's bytes in the layout that it had; in Jupyter's where that is not one that we know."""
    text = before.decode("utf-8-sig")
    end = text[len(text.rstrip()) :]
    was = json.loads(text)
    for indent in (1, 2, 4, "\t", None):
        for ascii_only in (False, True):
            if json.dumps(was, indent=indent, ensure_ascii=ascii_only) + end == text:
                return (json.dumps(document, indent=indent, ensure_ascii=ascii_only) + end).encode()
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
