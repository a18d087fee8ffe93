"""Mending: what `lint --fix` changes in a template's files, where there is one right answer.

Everything else stays to the letter, and mending twice is mending once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from nbrunbook.documents import json_text, notebook, source
from nbrunbook.documents.markdown.box_shapes import run_on
from nbrunbook.documents.markdown.items import Item
from nbrunbook.documents.markdown.parser import normalized
from nbrunbook.documents.markdown.reading import MarkdownDocument, read_markdown
from nbrunbook.documents.notebook import Cell
from nbrunbook.project.author_files import LARGEST_TEMPLATE
from nbrunbook.template import files as template_files
from nbrunbook.template import front_matter, limits, placed_cells
from nbrunbook.template.template import read_template
from nbrunbook.template.written_step import Names, WrittenStep

ROUNDS = 10
"""How often a text is mended again: an item that is made may show another box."""

BOM = b"\xef\xbb\xbf"

Mend = Callable[[int | None, str], str]

CLEARED: Mapping[str, Any] = {"execution_count": None, "outputs": []}
"""What a code cell in a template holds, and no other cell."""


def mended(path: Path, homes: Sequence[Path] = ()) -> dict[Path, bytes]:
    """Return what the files of a template should hold, those that need it; its standing parts are left alone.

    So is all of it where nobody can say what its steps are.

    Raises as `read_template` does.
    """
    own = template_files.files_of(path, homes, standing=False)
    before = {file: notebook.read_bytes(file, at_most=LARGEST_TEMPLATE) for file in own}
    limits.check_text(path, (text for file, content in before.items() for text in _texts(file, content)))
    if read_template(path, homes=homes, instead=before, standing=False, check=False).unclear:
        return {}  # which steps are meant is for a person to say
    after = before
    for _ in range(ROUNDS):
        once = _mended_text(path, after, homes)
        if once == after:
            break
        after = once
    after = {file: _tidied(content) if file.suffix == ".ipynb" else content for file, content in after.items()}
    return {file: content for file, content in after.items() if content != before[file]}


def _texts(file: Path, content: bytes) -> Iterator[str]:
    if file.suffix == ".md":
        yield content.decode(errors="replace")
    else:
        yield from (str(notebook.joined(cell["source"])) for cell in notebook.raw(content, file)["cells"])


def _mended_text(path: Path, contents: Mapping[Path, bytes], homes: Sequence[Path]) -> dict[Path, bytes]:
    with_items = {file: _edited(file, content, lambda _, text: _with_items(text)) for file, content in contents.items()}
    return pinned(path, with_items, homes)


def pinned(path: Path, contents: Mapping[Path, bytes], homes: Sequence[Path] = ()) -> dict[Path, bytes]:
    """Return the files of a template with the ids that the plan gives behind the titles that have none.

    `contents` is what they hold; it need not be written yet. Raises as `read_template` does.
    """
    steps: dict[tuple[Path, int | None], list[WrittenStep]] = {}
    for step in read_template(path, homes=homes, instead=contents).steps:
        steps.setdefault((step.place.path, step.place.number), []).append(step)
    return {
        file: _edited(
            file,
            content,
            lambda number, text, file=file: _pinned(text, steps.get((file, number), [])),  # type: ignore[misc]
        )
        for file, content in contents.items()
    }


# Text


def _with_items(text: str) -> str:
    """Make items of lines that were meant as such where nothing else moves: all at once, else from the last on."""
    document = read_markdown(text)
    meant = {each.line: each.instead for each in document.unseen if each.instead}
    if meant and _has_more(document, together := _itemised(text, meant), len(meant)):
        return together
    for line in sorted(meant, reverse=True)[: limits.tries(text)]:
        tried = _itemised(text, {line: meant[line]})
        text = tried if _has_more(read_markdown(text), tried, 1) else text
    return text


def _itemised(text: str, meant: Mapping[int, str]) -> str:
    return "\n".join(meant.get(number, line) for number, line in enumerate(text.split("\n")))


def _has_more(was: MarkdownDocument, after: str, how_many: int) -> bool:
    """Whether a text holds all boxes that were there, and some more in place of lines that looked like some."""
    now = read_markdown(after)
    more = Counter(_boxes(now))
    more.subtract(_boxes(was))
    fewer = len(was.unseen) - len(now.unseen)
    return min(more.values(), default=0) >= 0 and more.total() == how_many == fewer


def _boxes(document: MarkdownDocument) -> list[tuple[str, bool, str | None]]:
    """What is known of each box; a title ends where a line with a bare box ran into it."""
    return [(item.title[: run_on(item.title)], item.ticked, item.id) for item in document.items if item.box]


def _pinned(text: str, steps: Sequence[WrittenStep]) -> str:
    """Write the ids that the plan gives behind the titles that have none."""
    document = read_markdown(text)
    pins = {
        index: f"#{step.id}"
        for index, (item, step) in enumerate(zip(document.items, steps, strict=True))
        if step.box and not step.pinned and item.title and not _is_doubtful(document, item)
    }
    if not pins:
        return text
    together = source.pin(document, pins)
    if _holds(document, together, pins):
        return together
    one_by_one: dict[int, str] = {}
    for index, pin in islice(pins.items(), limits.tries(text)):
        tried = {**one_by_one, index: pin}
        one_by_one = tried if _holds(document, source.pin(document, tried), tried) else one_by_one
    return source.pin(document, one_by_one)


def _is_doubtful(document: MarkdownDocument, item: Item) -> bool:
    """Whether its title holds what was probably meant as something else: another box, or attributes."""
    return run_on(item.title) < len(item.title) or any(
        item.line <= near.line < item.end for near in document.near_blocks
    )


def _holds(document: MarkdownDocument, text: str, pins: Mapping[int, str]) -> bool:
    """Whether a text with ids written into it is read as before, with those ids."""
    wanted = [
        (item.title, item.box, item.ticked, pins[index][1:] if index in pins else item.id)
        for index, item in enumerate(document.items)
    ]
    return wanted == [(item.title, item.box, item.ticked, item.id) for item in read_markdown(text).items]


# Files


def _edited(file: Path, content: bytes, edit: Mend) -> bytes:
    """Put each Markdown text of a file through `edit(cell's number, text)`."""
    if file.suffix == ".md":
        return _edited_text(file, content, edit)
    document = notebook.raw(content, file)
    changed = False
    for number, cell in enumerate(document["cells"], 1):
        if cell["cell_type"] == "markdown":
            text = notebook.joined(cell["source"])
            new = _rewritten(text, edit(number, normalized(text)))
            changed |= new != text
            cell["source"] = _in_pieces(cell["source"], new) if isinstance(cell["source"], list) else new
    return _dumped(document, content) if changed else content


def _in_pieces(before: Sequence[str], new: str) -> list[str]:
    """A text of as many lines in the pieces in which it stood: each a line, or some, as long as they end with one."""
    lines = new.splitlines(keepends=True)
    counts = [len(piece.splitlines()) for piece in before]
    whole = all(piece[-1:] in ("\r", "\n") for piece in before[:-1])
    if not whole or sum(counts) != len(lines):
        return lines
    ends = list(accumulate(counts))
    return ["".join(lines[end - count : end]) for count, end in zip(counts, ends, strict=True)]


def _edited_text(file: Path, content: bytes, edit: Mend) -> bytes:
    mark, text = _mark(content), placed_cells.text_of(file, content)
    shown = front_matter.split(text).text
    new = edit(None, shown)
    return content if new == shown else mark + _rewritten(text, new, shown).encode()


def _mark(content: bytes) -> bytes:
    """The byte-order mark that a file begins with, if any."""
    return content[: len(content) - len(content.removeprefix(BOM))]


def _rewritten(text: str, new: str, shown: str | None = None) -> str:
    """Put the lines of `new` that differ into a text, whose line ends and other lines stay as they are."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z|\Z", text)
    before = (normalized(text) if shown is None else shown).split("\n")
    for number, (was, now) in enumerate(zip(before, new.split("\n"), strict=True)):
        if was != now:
            end = re.search(r"[\r\n]*\Z", lines[number])
            lines[number] = now + (end[0] if end else "")
    return "".join(lines)


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
    taken = Names()
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            cell = {**cell, **{name: empty for name, empty in CLEARED.items() if name in cell}}
        else:
            cell = {name: value for name, value in cell.items() if name not in CLEARED}
        if isinstance(cell.get("metadata"), dict):
            cell = {**cell, "metadata": _sorted(cell["metadata"])}
        yield _with_id(cell, number, taken)


def _with_id(cell: Cell, number: int, taken: Names) -> Cell:
    wanted = cell.get("id")
    if notebook.is_cell_id(wanted) and wanted not in taken:
        taken.unique(str(wanted))
        return cell
    made = hashlib.sha256(f"{number} {notebook.joined(cell['source'])}".encode()).hexdigest()[:8]
    order = sorted if list(cell) == sorted(cell) else list
    with_id = {**cell, "id": taken.unique(made)}
    return {name: with_id[name] for name in order(with_id)}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _dumped(document: dict[str, Any], before: bytes) -> bytes:
    """Return a notebook's bytes in the layout that they have; as they are where that cannot be had."""
    mark = _mark(before)
    try:
        return mark + json_text.says(before.removeprefix(mark).decode(), document).encode()
    except ValueError:
        return before


def left_alone(path: Path, homes: Sequence[Path] = ()) -> dict[Path, str]:
    """Return the notebooks of a template that are not mended whatever is wrong with them, and why.

    Raises as `read_template` does.
    """
    found = {}
    for file in template_files.files_of(path, homes, standing=False):
        if file.suffix == ".ipynb":
            content = notebook.read_bytes(file, at_most=LARGEST_TEMPLATE)
            notebook.raw(content, file)
            try:
                json_text.refuse_twice(content.removeprefix(BOM).decode())
            except ValueError as error:
                found[file] = str(error)
    return found
