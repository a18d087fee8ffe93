"""Notebook files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import NotebookError
from tests.conftest import Workplace, template_bytes

PATH = Path("a.ipynb")


def parsed(**more: Any) -> notebook.Notebook:
    """Return a notebook with these facts at its top."""
    return notebook.parse(json.dumps({**notebook.document([], {}), **more}).encode(), PATH)


def test_a_notebook_reads() -> None:
    """Cells, metadata and bytes are there, and sources are one string however they were stored."""
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["one\n", "two"]}
    found = parsed(cells=[cell], metadata={"x": 1})
    assert (found.cells[0]["source"], found.metadata, found.violations) == ("one\ntwo", {"x": 1}, ())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not JSON (line 1"),
        (b"\xff\xfe", "not UTF-8"),
        (b"null", "no notebook"),
        (b"[]", "no notebook"),
        (b"{}", "no notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "nbformat 3"),
        (b'{"nbformat": 99}', "nbformat 99; expected nbformat 4; it is newer than what"),
        (b'{"nbformat": 4.0}', "its nbformat is 4.0, no whole number"),
        (b'{"nbformat": "4"}', 'its nbformat is "4", no whole number'),
        (b'{"nbformat": true}', "its nbformat is true, no whole number"),
        (b'{"nbformat": null}', "its nbformat is null, no whole number"),
        (b'{"nbformat": 4, "metadata": {}}', "cells is null or missing"),
        (b'{"nbformat": 4, "cells": []}', "metadata is null or missing"),
        (b'{"nbformat": 4, "metadata": [], "cells": []}', "metadata is a list"),
        (b"[" * 100_000, "nested too deeply"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer"),
        (b"<!DOCTYPE html>", "not JSON"),
        (rb'{"nbformat": 4, "metadata": {}, "cells": [], "x": "\ud800"}', "half of a surrogate pair"),
    ],
)
def test_what_is_no_notebook_is_an_expected_error(content: bytes, found: str) -> None:
    """What no person could read either is an error that names the file and what was found."""
    with pytest.raises(NotebookError, match=r"^a\.ipynb: ") as caught:
        notebook.parse(content, PATH)
    assert found in str(caught.value)


@pytest.mark.parametrize(
    "cell",
    ["text", None, {}, {"cell_type": "heading"}, {"cell_type": "code"}, {"cell_type": "code", "source": ["a", 1]}],
)
def test_a_cell_that_is_none_is_an_expected_error(cell: Any) -> None:
    """A cell without a type or a source is an error that says which one."""
    with pytest.raises(NotebookError, match="cell 1 "):
        parsed(cells=[cell])


@pytest.mark.parametrize("minor", ["5", 5.0, None, True])
def test_a_minor_version_that_is_no_whole_number_is_told(minor: Any) -> None:
    """It is told as what it is, once, and the cells are read as those of the newest version."""
    found = parsed(cells=[notebook.markdown_cell("a", "text")], nbformat_minor=minor)
    assert [each.message for each in found.violations] == [
        f"its nbformat_minor is {json.dumps(minor)}, no whole number"
    ]
    assert found.minor == 5


def test_what_only_breaks_the_schema_still_reads() -> None:
    """A notebook that a person could read is read; what breaks the schema is told with its cell."""
    good = notebook.markdown_cell("a", "text")
    found = parsed(cells=[good, {"cell_type": "markdown", "source": "text"}, {**good, "id": "b", "outputs": []}])
    assert [cell["source"] for cell in found.cells] == ["text"] * 3
    assert {violation.cell for violation in found.violations} == {2, 3}


def test_a_byte_order_mark_is_no_fault() -> None:
    """A file that begins with a byte order mark reads as any other."""
    content = b"\xef\xbb\xbf" + template_bytes("- [ ] a")
    assert len(notebook.parse(content, PATH).cells) == 2


def test_a_file_that_is_not_there_is_an_expected_error(tmp_path: Path) -> None:
    """A missing file and a folder are errors that name what was asked for."""
    with pytest.raises(NotebookError, match="no such file"):
        notebook.read(tmp_path / "a.ipynb")
    with pytest.raises(NotebookError, match="a folder"):
        notebook.read(tmp_path)


@pytest.mark.parametrize(("tags", "expected"), [(["a", 1, "b"], ["a", "b"]), ("parameters", []), (None, []), ([], [])])
def test_tags_are_a_list_of_strings(tags: Any, expected: list[str]) -> None:
    """Anything that is not a list of strings counts as no tag."""
    assert notebook.tags(notebook.code_cell("a", "", {"tags": tags})) == expected


def test_what_is_written_reads_back() -> None:
    """Dump, parse: cells and metadata are as they were, and the bytes end in a newline."""
    cells = [notebook.code_cell("a", "x = 1\ny = 'ü'"), notebook.markdown_cell("b", "# B")]
    content = notebook.dump(notebook.document(cells, {"nbrunbook": {"schema": 1}}))
    found = notebook.parse(content, PATH)
    assert (found.cells, found.metadata, found.violations) == (cells, {"nbrunbook": {"schema": 1}}, ())
    assert content.endswith(b"}\n")
    assert "ü".encode() in content


def test_a_notebook_of_ours_is_valid() -> None:
    """What breaks the schema is never written."""
    import nbformat

    with pytest.raises(nbformat.ValidationError, match="'not an id!' does not match"):
        notebook.dump(notebook.document([notebook.markdown_cell("not an id!", "")], {}))


def notebooks() -> list[str]:
    """Return the corpus' notebooks."""
    folder = os.environ.get("NBRUNBOOK_CORPUS")
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.ipynb")) if folder else []


@pytest.mark.skipif("NBRUNBOOK_CORPUS" not in os.environ, reason="NBRUNBOOK_CORPUS names no corpus")
@pytest.mark.parametrize("name", notebooks())
def test_a_stranger_s_notebook_is_no_bug(work: Workplace, corpus: Path, name: str) -> None:
    """Every notebook of the corpus can be planned, or the answer is no; none is a bug of ours."""
    assert work.run("plan", corpus / name) in (0, 1)
    assert work.out or work.err.startswith("error: ")


@pytest.mark.parametrize(
    ("kind", "source", "tags", "is_code"),
    [
        ("code", "x", [], True),
        ("raw", "x", ["mine"], True),
        ("code", " \n", [], False),
        ("markdown", "x", [], False),
        ("code", "x", ["parameters"], False),
        ("code", "x", ["skip-execution", "nbrunbook"], False),
    ],
)
def test_code_of_the_author_s_is_known(kind: str, source: str, tags: list[str], is_code: bool) -> None:
    """Neither ours, nor one of parameters, nor empty."""
    cell = {**notebook.code_cell("a", source, {"tags": tags}), "cell_type": kind}
    assert notebook.is_author_s_code(cell) == is_code
