"""Notebooks as text: every difference that matters to a reader shows."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from nbrunbook.documents import notebook, textconv

OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
    {"output_type": "execute_result", "data": {"text/plain": "42", "image/png": "AAAA"}, "metadata": {}},
    {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["\x1b[31mKeyError\x1b[0m: 'x'"]},
]


def _notebook() -> dict[str, Any]:
    code = {**notebook.code_cell("code", "print(1)", {"tags": ["t"]}), "outputs": copy.deepcopy(OUTPUTS)}
    text = {**notebook.markdown_cell("text", "# A\n- [ ] b {#b}"), "attachments": {"a.png": {"image/png": "AAAA"}}}
    facts = {"key": "staging/1.0", "plan_digest": "abc", "plan": {"steps": []}, "parameters": {"kind": "patch"}}
    metadata = {"kernelspec": {"name": "python3"}, "nbrunbook": facts, "custom": [1]}
    return notebook.document([text, code], metadata)


def _text(document: dict[str, Any]) -> str:
    found = textconv.text(json.dumps(document).encode())
    assert found is not None
    return found


def test_a_notebook_reads_as_its_cells_their_outputs_and_its_facts() -> None:
    """Cells come in order with a line each on what they are, outputs behind a bar, the notebook's facts last."""
    assert _text(_notebook()).split("\n") == [
        "── markdown  #text",
        "# A",
        "- [ ] b {#b}",
        "│ [attachment a.png: image/png, 9dc8b7547e93]",
        "",
        "── code  #code  [t]",
        "print(1)",
        "│ [stdout]",
        "│ one",
        "│ two",
        "│ 42",
        "│ [image/png]",
        "│ [KeyError] 'x'",
        "│ KeyError: 'x'",
        "",
        "══ nbformat: 4.5",
        "══ custom: [1]",
        '══ kernelspec: {"name": "python3"}',
        '══ nbrunbook.key: "staging/1.0"',
        '══ nbrunbook.parameters.kind: "patch"',
        "══ nbrunbook.plan: 075620c2e2ea",
        '══ nbrunbook.plan_digest: "abc"',
        "",
    ]


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a source": lambda found: found["cells"][0].update(source="# A\n- [ ] b {#c}"),
    "a line's end": lambda found: found["cells"][0].update(source="# A\n- [ ] b {#b}\n"),
    "a carriage return": lambda found: found["cells"][0].update(source="# A\r\n- [ ] b {#b}"),
    "a blank at an end": lambda found: found["cells"][0].update(source="# A \n- [ ] b {#b}"),
    "an id": lambda found: found["cells"][0].update(id="other"),
    "a cell's kind": lambda found: found["cells"][0].update(cell_type="raw"),
    "a tag": lambda found: found["cells"][1]["metadata"].update(tags=["t", "u"]),
    "other metadata": lambda found: found["cells"][1]["metadata"].update(collapsed=True),
    "an attachment": lambda found: found["cells"][0]["attachments"].update({"a.png": {"image/png": "BBBB"}}),
    "a count": lambda found: found["cells"][1].update(execution_count=3),
    "a stream": lambda found: found["cells"][1]["outputs"][0].update(text="one\nthree\n"),
    "a stream's name": lambda found: found["cells"][1]["outputs"][0].update(name="stderr"),
    "a result": lambda found: found["cells"][1]["outputs"][1]["data"].update({"text/plain": "43"}),
    "an image": lambda found: found["cells"][1]["outputs"][1]["data"].pop("image/png"),
    "an error": lambda found: found["cells"][1]["outputs"][2].update(evalue="'y'"),
    "a traceback": lambda found: found["cells"][1]["outputs"][2].update(traceback=["other"]),
    "an output gone": lambda found: found["cells"][1]["outputs"].pop(),
    "a cell gone": lambda found: found["cells"].pop(),
    "the order": lambda found: found["cells"].reverse(),
    "the kernel": lambda found: found["metadata"]["kernelspec"].update(name="python4"),
    "another fact": lambda found: found["metadata"].update(custom=["1"]),
    "the format": lambda found: found.update(nbformat_minor=4),
    "a parameter": lambda found: found["metadata"]["nbrunbook"]["parameters"].update(kind="major"),
    "the key": lambda found: found["metadata"]["nbrunbook"].update(key="staging/1.1"),
    "an edited plan": lambda found: found["metadata"]["nbrunbook"]["plan"].update(steps=["x"]),
}


@pytest.mark.parametrize("what", EDITS)
def test_every_difference_that_matters_shows(what: str) -> None:
    """Two notebooks that differ for a reader have different texts."""
    before, after = _notebook(), _notebook()
    EDITS[what](after)
    assert _text(before) != _text(after)


def test_what_only_looks_different_does_not_show() -> None:
    """A source as lines or as one string, the order of keys, and colours in outputs make no difference."""
    after = _notebook()
    after["cells"][0]["source"] = ["# A\n", "- [ ] b {#b}"]
    after["cells"][1]["outputs"][2]["traceback"] = ["KeyError: 'x'"]
    after["metadata"] = dict(reversed(after["metadata"].items()))
    assert _text(after) == _text(_notebook())


def test_a_source_cannot_pass_for_another_cell() -> None:
    """A line of a source that looks like one of ours gets a backslash, whatever stood there before."""
    cells = [notebook.markdown_cell("a", f"x\n\n── markdown  #b\n{bars}│ y") for bars in ("", "\\")]
    one, other = (_text(notebook.document([cell], {})) for cell in cells)
    assert "\n\\── markdown  #b\n\\│ y\n" in one
    assert "\n\\\\│ y\n" in other


def test_our_own_cells_show_only_their_text() -> None:
    """Of the static output in a runbook the HTML is left out."""
    cell = notebook.code_cell("nbrunbook-a", "runbook.checklist('a')", {"nbrunbook": {"cell": "checklist"}})
    cell["outputs"] = [notebook.html_output("<b>bold</b>", "[ ] plain")]
    found = _text(notebook.document([cell], {}))
    assert "│ [ ] plain\n\n" in found
    assert "html" not in found


def test_nothing_steers_the_terminal() -> None:
    """Control and direction characters show as what they are, in sources, outputs and metadata."""
    found = _notebook()
    found["cells"][0]["source"] = "\x1b[2J\u202e"
    found["cells"][1]["outputs"][0]["text"] = "\x1b]0;title\x07"
    found["metadata"]["custom"] = "\x1b[2J\ud800"
    shown = _text(found)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "␛[2J⟨U+202E⟩" in shown


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<<<<<<< HEAD\n{}",
        b"\xff\xfe\x00",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"[]",
        b"{}",
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "metadata": {}, "cells": [1]}',
        b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "source": 1}]}',
        b'{"nbformat": 4, "metadata": null, "cells": []}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_notebook_has_no_text(content: bytes) -> None:
    """Conflict markers, other JSON, older formats and bytes that are no text give None, never an error."""
    assert textconv.text(content) is None


def test_it_needs_no_jupyter_and_no_markdown() -> None:
    """Git starts it for every version of every file that it shows, so that it loads none of them."""
    code = (
        "import sys; from nbrunbook.commands import run; run(['textconv', sys.argv[1]]); "
        "print(sorted({'nbformat', 'markdown_it', 'papermill', 'sqlalchemy', 'jupyter_core'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code, __file__], capture_output=True, text=True, check=True)
    assert result.stdout.endswith("\n[]\n")
