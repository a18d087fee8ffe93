"""The door to nbformat: read and write notebook files.

The format is nbformat 4, https://nbformat.readthedocs.io/en/latest/format_description.html.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nbrunbook import extras
from nbrunbook.documents import json_source
from nbrunbook.errors import NotebookError
from nbrunbook.project import author_files
from nbrunbook.texts import short

Cell = dict[str, Any]

NEWEST_MINOR = 5
"""Behind nbformat 4."""
CELL_TYPES = ("code", "markdown", "raw")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The output that shows a widget (https://ipywidgets.readthedocs.io, "Embedding Jupyter Widgets")."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A place where a notebook breaks the schema, though a person could still read it."""

    message: str
    cell: int | None
    """Counted from 1; None where it is not about a cell."""


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """A notebook file as read: plain JSON, with every cell's source joined to one string."""

    path: Path
    content: bytes
    cells: list[Cell]
    metadata: dict[str, Any]
    minor: int
    """The version behind nbformat 4."""
    violations: tuple[Violation, ...] = ()


def skip_iri_checks() -> None:
    """Keep jsonschema from importing rfc3987_syntax, 1.0 s of nbformat's 1.2 s.

    For the command line only: in a kernel the author's code may want that module.
    """
    sys.modules.setdefault("rfc3987_syntax", cast(Any, None))


def read_bytes(path: Path, *, at_most: int = author_files.LARGEST) -> bytes:
    """Return a file's bytes, so many at most; NotebookError for one that cannot be read, or may not."""
    try:
        return author_files.read(path, at_most=at_most)
    except ValueError as error:
        raise NotebookError(path, str(error), "a regular file in its repository") from None
    except FileNotFoundError:
        raise NotebookError(path, "no such file", "a notebook (.ipynb)") from None
    except IsADirectoryError:
        raise NotebookError(path, "a folder", "a notebook (.ipynb)") from None
    except OSError as error:
        raise NotebookError(path, f"cannot be read ({error.strerror})", "a readable file") from None


def read(path: Path) -> Notebook:
    """Return the notebook in a file; what no person could read either is a NotebookError."""
    return parse(read_bytes(path), path)


def read_metadata(path: Path) -> dict[str, Any]:
    """Return a notebook's metadata without looking at its cells or its format: in 1 ms, where `read` loads nbformat."""
    metadata: dict[str, Any] = _document(read_bytes(path), path)["metadata"]
    return metadata


def raw(content: bytes, path: Path) -> dict[str, Any]:
    """Return a notebook's JSON as it stands in the file, in its order; raises as `read` does."""
    document = _document(content, path)
    for number, cell in enumerate(document["cells"], 1):
        _cell(cell, number, path)
    return document


def parse(content: bytes, path: Path, *, check: bool = True) -> Notebook:
    """Return the notebook in some bytes; `path` is only for messages.

    Without `check` nbformat is not asked whether it keeps to the schema: it has no violations then.
    """
    document = _document(content, path)
    violations = tuple(_violations(document, path.name)) if document["cells"] and check else ()
    minor = document.get("nbformat_minor", 0)
    return Notebook(
        path=path,
        content=content,
        cells=[_cell(cell, number, path) for number, cell in enumerate(document["cells"], 1)],
        metadata=document["metadata"],
        minor=minor if type(minor) is int else NEWEST_MINOR,
        violations=violations,
    )


def _document(content: bytes, path: Path) -> dict[str, Any]:
    """A notebook's JSON: of nbformat 4, with cells and metadata of the right kind."""
    document = _json(content, path)
    if not isinstance(document, dict) or "nbformat" not in document:
        found = type(document).__name__ if not isinstance(document, dict) else "JSON without nbformat"
        raise NotebookError(path, f"no notebook ({found})", "a notebook of nbformat 4")
    major = document["nbformat"]
    if type(major) is not int:
        raise NotebookError(path, f"its nbformat is {short(json.dumps(major), 20)}, no whole number", '"nbformat": 4')
    if major != 4:
        older = f"'jupyter nbconvert --to notebook --inplace {shlex.quote(path.name)}' brings an older one up to date"
        newer = "it is newer than what this nbrunbook reads" if major > 4 else ""
        raise NotebookError(path, f"a notebook of nbformat {major}", "nbformat 4", older if 0 < major < 4 else newer)
    for name, kind, kind_name in (("cells", list, "a list"), ("metadata", dict, "an object")):
        if not isinstance(document.get(name), kind):
            raise NotebookError(path, f"{name} is {_json_name(document.get(name))}", f"{name} to be {kind_name}")
    return document


def _json(content: bytes, path: Path) -> Any:
    expected = "a notebook (.ipynb), which is JSON in UTF-8"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(path, f"not UTF-8 (byte {error.start})", expected) from None
    if text.startswith("version https://git-lfs"):
        raise NotebookError(path, "a Git LFS pointer", expected, "run 'git lfs pull'")
    try:
        return json_source.parsed(text)
    except ValueError as error:
        raise NotebookError(path, str(error), expected) from None


def _json_name(value: object) -> str:
    names = {"NoneType": "null or missing", "dict": "an object", "list": "a list", "str": "a string"}
    return names.get(type(value).__name__, f"a {type(value).__name__}")


def _cell(cell: object, number: int, path: Path) -> Cell:
    if not isinstance(cell, dict):
        raise NotebookError(path, f"cell {number} is {_json_name(cell)}", "an object")
    if cell.get("cell_type") not in CELL_TYPES:
        found = f"cell {number} has the cell_type {cell.get('cell_type')!r}"
        raise NotebookError(path, found, f"one of: {', '.join(CELL_TYPES)}")
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        found = f"cell {number} has a source that is {_json_name(cell.get('source'))}"
        raise NotebookError(path, found, "a string or a list of strings")
    metadata, outputs = cell.get("metadata"), cell.get("outputs")
    read = {**cell, "source": source, "metadata": metadata if isinstance(metadata, dict) else {}}
    if isinstance(outputs, list):
        read["outputs"] = [_output(output) for output in outputs if isinstance(output, dict)]
    return read


def _output(output: dict[str, Any]) -> dict[str, Any]:
    """Join the lines in which a file keeps texts."""
    data = output.get("data")
    texts = {name: joined(value) for name, value in output.items()}
    texts.pop("traceback", None)
    kept = {"traceback": output["traceback"]} if "traceback" in output else {}
    if isinstance(data, dict):
        kept["data"] = {mime: value if mime.endswith("json") else joined(value) for mime, value in data.items()}
    return {**texts, **kept}


def joined(value: Any) -> Any:
    """Return a text that a notebook file keeps as a list of lines; anything else as it is."""
    lines = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "".join(value) if lines else value


def _violations(document: dict[str, Any], name: str) -> Iterator[Violation]:
    extras.require("ci", f"{name} is a notebook")
    import nbformat.validator

    minor = document.get("nbformat_minor", NEWEST_MINOR)
    if type(minor) is not int:
        yield Violation(message=f"its nbformat_minor is {short(json.dumps(minor), 20)}, no whole number", cell=None)
        return
    try:
        errors = nbformat.validator.iter_validate(document)  # type: ignore[no-untyped-call]
        for error in errors:
            path: list[Any] = list(getattr(error, "absolute_path", ()) or ())
            number = path[1] + 1 if len(path) > 1 and path[0] == "cells" else None
            yield Violation(message=_first_reason(error), cell=number)
    except (nbformat.ValidationError, TypeError, AttributeError, LookupError, ValueError, ImportError) as error:
        yield Violation(message=(str(error).splitlines() or [""])[0], cell=None)


def _first_reason(error: Any) -> str:
    original = getattr(error, "original", error)
    message = str(getattr(original, "message", original)).splitlines()[0]
    return message if len(message) < 160 else message[:157] + "…"


def is_cell_id(value: object) -> bool:
    """Tell whether a cell may be known by this (https://nbformat.readthedocs.io, "Cell ids")."""
    return isinstance(value, str) and bool(re.fullmatch(r"[\w-]{1,64}", value, re.ASCII))


def tags(cell: Cell) -> list[str]:
    """Return a cell's tags; anything that is not a list of strings counts as none."""
    found = cell["metadata"].get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def is_author_s(cell: Cell) -> bool:
    """Tell whether a runbook's cell is what its author wrote: neither ours nor one of parameters."""
    return not {"nbrunbook", "injected-parameters", "parameters"} & set(tags(cell))


def is_author_s_code(cell: Cell) -> bool:
    """Tell whether a runbook's cell is its author's and no text, code or raw: what a text of its steps leaves out."""
    return cell["cell_type"] != "markdown" and is_author_s(cell) and bool(cell["source"].strip())


def code_cell(cell_id: str, source: str, metadata: dict[str, Any] | None = None) -> Cell:
    """Return a code cell without outputs."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell_id,
        "metadata": metadata or {},
        "outputs": [],
        "source": source,
    }


def markdown_cell(cell_id: str, source: str, metadata: dict[str, Any] | None = None) -> Cell:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "id": cell_id, "metadata": metadata or {}, "source": source}


def html_output(html: str, plain: str) -> dict[str, Any]:
    """Return a static output: HTML for a browser, plain text for everything else."""
    return {
        "output_type": "display_data",
        "data": {"text/html": html, "text/plain": plain},
        "metadata": {},
    }


def output_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """Return the output that a kernel's message brings to its cell; None for a message that brings none.

    The messages are https://jupyter-client.readthedocs.io/en/stable/messaging.html.
    """
    if message["msg_type"] not in ("stream", "display_data", "execute_result", "error"):
        return None
    from nbformat.v4 import output_from_msg

    return dict(output_from_msg(message))  # type: ignore[no-untyped-call]


def document(cells: Iterable[Cell], metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a whole notebook of nbformat 4.5 as plain JSON."""
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def dump(notebook: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook file, laid out as Jupyter lays them out.

    A notebook that breaks the schema here is a bug of ours: nbformat's ValidationError.
    MissingExtraError where nbformat is not installed.
    """
    extras.require("ci", "a notebook cannot be written")
    import nbformat

    node = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    nbformat.validate(node)
    text = cast(str, nbformat.writes(node))  # type: ignore[no-untyped-call]
    return (text if text.endswith("\n") else text + "\n").encode()


def to_node(notebook: dict[str, Any]) -> Any:
    """Return plain JSON as the NotebookNode that papermill and nbconvert take."""
    import nbformat

    return nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
