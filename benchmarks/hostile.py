"""Hostile inputs: what a stranger may write, twice as much of it, takes a reader no more than three times as long.

Each text repeats what a reader is slow with, or was. Processor time, the readers in this process;
less than ten milliseconds are ten, since they say nothing.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median

from measure import Comparison, size

from nbrunbook.documents import textconv
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import find_project
from nbrunbook.record import verify
from nbrunbook.review import revisions
from nbrunbook.template import linting, mending
from nbrunbook.template.template import read_template

LENGTH = size(20_000, smallest=500)
ROUNDS = size(3, smallest=1)
SHORTEST = 0.01
EACH = size(1, smallest=8)
"""Of the smallest only some: tests/attacks/test_hanging.py reads all of them."""

Text = Callable[[int], str]
"""A text of about so many characters."""
Reader = Callable[[Path, str], object]
"""Reads a text in a folder of its own; what it refuses it has read."""

ZEROS = "0" * 64


def _of(piece: str, *, before: str = "", after: str = "") -> Text:
    """The same piece again and again."""
    return lambda length: before + piece * (length // len(piece)) + after


def _title(piece: str, *, after: str = "") -> Text:
    return _of(piece, before="- [ ] ", after=f"{after} {{#a}}\n")


def _steps(block: str) -> Text:
    """Steps, each with a block in which N is its number."""
    return lambda length: "".join(
        f"- [ ] A {{#a{number} {block.replace('N', str(number))}}}\n" for number in range(length // (len(block) + 14))
    )


def _matter(piece: str, *, before: str = "nbrunbook: ", after: str = "") -> Text:
    return _of(piece, before=f"---\n{before}", after=f"{after}\n---\n- [ ] A {{#a}}\n")


def _bomb(length: int) -> str:
    """YAML in which each line stands for nine times the one above."""
    rows = "".join(f"  a{row}: &a{row} [{f'*a{row - 1},' * 9}]\n" for row in range(1, length // 50))
    return f"---\nnbrunbook:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n{rows}---\n- [ ] A {{#a}}\n"


MARKDOWN: Mapping[str, Text] = {
    "YAML bomb": _bomb,
    "front matter, comments": _of("# a\n", before="---\n"),
    "front matter, blanks": _of(" ", before="---\na: b", after="c\n---\n"),
    "front matter, colons": _of(": ", before="---\na"),
    "front matter, lists in lists": _matter("["),
    "front matter, tables in tables": _matter("{a: "),
    "front matter, environments": _matter("e, ", before="nbrunbook:\n  environments: [", after="e]"),
    "Markdown, images of HTML": _title("<img src='"),
    "Markdown, drawings": _of("<svg>"),
    "Markdown, links to programs": _title("[a](x:y) "),
    "Markdown, formulas": _title("$a "),
    "attributes, comments behind": _of("<!-- -->", before="- [ ] A {#a}", after="!"),
    "attributes, comments open": _of("<!--", before="- [ ] A {#a}"),
    "attributes, open comments behind": _title(" {.a}<!--", after="!"),
    "attributes, in comments": _title("<!--{#a}-->", after="!"),
    "attributes, behind code": _title("`a` {#a} "),
    "attributes, ids": _of("#a ", before="- [ ] A {", after="!"),
    "attributes, flags": lambda length: "- [ ] A {" + " ".join(f".b{number}" for number in range(length // 7)) + "}",
    "attributes, quotation marks": _of("\\\\", before='- [ ] A {a="'),
    "attributes, nearly": _of("<!-- -->", before="- [ ] A {owner}", after="x"),
    "attributes, braces": _title("{ "),
    "after, wrong": _steps("after=bN"),
    "after, wrong and alike": _steps("after=aaaaaaaaaaaaaaaaaaaaN"),
    "after, many in one": _of("b,", before='- [ ] A {#a after="', after='"}'),
    "after, of others": _steps("after=bN@production"),
    "steps, alike": _of("- [ ] a\n"),
    "headings, alike": _of("# a\n"),
    "expressions, comparisons": _of("a<", before='- [ ] A {#a when="', after='a"}'),
    "expressions, brackets": _of("(", before='- [ ] A {#a when="', after='"}'),
    "expressions, not": _of("not ", before='- [ ] A {#a when="', after='a"}'),
    "addresses, many": _title("http://"),
    "addresses, of dots": _title("://.."),
    "addresses, with ports": _title("a://b:"),
    "addresses, long": _of("a.", before="http://"),
    "addresses, with a value": _of("://..a{{", before="- [ ] {{b}} "),
    "Markdown, brackets": _of("[", after="a"),
    "Markdown, emphasis": _title("*a **a "),
    "Markdown, backticks": lambda length: "".join("e" + "`" * run for run in range(int((2 * length) ** 0.5))),
    "Markdown, quotations": _of("> ", after="a"),
    "Markdown, lists in lists": _of("- ", after="[ ] a"),
    "Markdown, comments": _title("a <!-- b --> "),
    "Markdown, comments in lines": _of("<!-- a -->\n"),
    "Markdown, HTML": _of("<div><!-- a -->\n"),
    "Markdown, references": _of("[a\n"),
    "Markdown, titles of references": _of("x\n", before="[a]: u\n'"),
    "Markdown, names": _of("{{a}}\n", before="```\n", after="```\n"),
    "Markdown, names with spaces": _title("]({{ release }} "),
    "Markdown, blanks": _of(" ", before="# a", after="# b"),
    "Markdown, accents": _of("\u0301\u0316", before="# a"),
    "tables, wide": lambda length: "|a" * (length // 6) + "|\n" + "|-" * (length // 6) + "|\n" + "|b" * (length // 6),
    "tables, long": _of("|c|d|\n", before="|a|b|\n|-|-|\n"),
    "tables, of nothing": lambda length: "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "x\n" * (length // 2),
}
CODE: Mapping[str, Text] = {
    "secrets, addresses": _of("a://a:"),
    "secrets, schemes": _of("a+", before="# ", after="://"),
    "secrets, tokens": _of("eyJ-", before="# "),
    "secrets, more tokens": _of("eyJaaaaaaaa.", before="# "),
    "secrets, stars": _of("*", before="# a://a:"),
    "secrets, keys": _of("-----BEGIN A ", before="# "),
    "code, calls": _of("f()\n"),
    "code, chained calls": _of("()", before="x"),
    "code, sums": _of("+1", before="x = 1"),
    "code, magic": _of("a, ", after="\n1 1"),
    "code, decorators": _of("@check('x')\ndef f(): pass\n"),
    "code, decorators above each other": _of("@f.left\n", before="f = batch('a')\n", after="def _(db): pass\n"),
    "code, batches": _of("f = batch('a', databases=['x'], throttle=[f, f])\n"),
}
FILES: Mapping[str, tuple[str, Text]] = {
    "JSON, lists in lists": ("1.0.ipynb", _of("[")),
    "JSON, metadata in metadata": (
        "1.0.ipynb",
        lambda length: (
            '{"nbformat": 4, "cells": [], "metadata": ' + '{"a":' * (length // 6) + "1" + "}" * (length // 6) + "}"
        ),
    ),
    "settings, keys in keys": ("nbrunbook.toml", _of("a.", after="a = 1")),
    "settings, lists in lists": ("nbrunbook.toml", _of("[", before="expect = ")),
    "settings, tables": ("nbrunbook.toml", lambda length: "".join(f"[a{row}.b]\n" for row in range(length // 9))),
    "settings, environments": (
        "nbrunbook.toml",
        lambda length: "".join(f'[environments.e{row}]\ngroup = "g"\n' for row in range(length // 32)),
    ),
    "record, digests": ("1.0.html", _of(f' "sha256:{ZEROS}"', before="<meta ")),
    "record, journals": ("1.0.html", _of('<pre id="nbrunbook-journal">')),
}


def inputs() -> dict[str, tuple[Text, Reader]]:
    """Return by its name each text and who reads it."""
    found: dict[str, tuple[Text, Reader]] = {f"lint, {name}": (text, _linted) for name, text in MARKDOWN.items()}
    for name, text in MARKDOWN.items():
        if name.startswith(("Markdown", "tables", "steps")):
            found[f"instantiate, {name}"] = (text, _read)
    found["lint --fix, bare boxes"] = (_of("[ ] a long one that is bare\n\n"), _mended)
    found["lint --fix, boxes without ids"] = (_of("- [ ] `a` long one that is not pinned\n"), _mended)
    found["diff, alike lines"] = (_of("x\n", before="- [ ] A {#a}\n\n  '"), _diffed)
    found["diff, all steps others"] = (_steps("owner=b"), _diffed)
    for name, text in CODE.items():
        found[f"lint, {name}"] = (text, _code_linted)
        found[f"textconv, {name}"] = (text, _shown)
    return found | {name: (text, READERS[Path(file).suffix]) for name, (file, text) in FILES.items()}


def compare() -> Iterator[Comparison]:
    """Compare the time of each text with that of one that is half as long."""
    for name, (text, reader) in islice(inputs().items(), None, None, EACH):
        once, twice = (max(SHORTEST, _seconds(text(length), reader)) for length in (LENGTH, 2 * LENGTH))
        yield Comparison(what=f"{name}, doubled : once", ours=twice, theirs=once, at_most=3)


def read_once(name: str, length: int) -> None:
    """Have a text of about so many characters read."""
    text, reader = inputs()[name]
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as folder, suppress(NbrunbookError):
        reader(Path(folder), text(length))


def _seconds(text: str, reader: Reader) -> float:
    found = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="nbrunbook-") as folder:
            gc.collect()  # what other inputs have left is not this one's to clear away
            start = time.process_time()
            with suppress(NbrunbookError):
                reader(Path(folder), text)
            found.append(time.process_time() - start)
    return median(found)


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _notebook(code: str) -> str:
    cells = [
        {"cell_type": "code", "id": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": code},
        {"cell_type": "markdown", "id": "text", "metadata": {}, "source": "- [ ] A {#a}"},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _linted(folder: Path, text: str) -> object:
    return linting.problems_in([_written(folder, "1.0.md", text)], None)


def _read(folder: Path, text: str) -> object:
    return read_template(_written(folder, "1.0.md", text))


def _mended(folder: Path, text: str) -> object:
    return mending.mended(_written(folder, "1.0.md", text))


def _diffed(folder: Path, text: str) -> object:
    other = text.replace("#a", "#b").replace("A", "Something else")
    return revisions.reviews(str(_written(folder, "1.0.md", text)), str(_written(folder, "2.0.md", other)))


def _code_linted(folder: Path, text: str) -> object:
    return linting.problems_in([_written(folder, "1.0.ipynb", _notebook(text))], None)


def _shown(_: Path, text: str) -> object:
    return textconv.text(_notebook(text).encode())


def _notebook_linted(folder: Path, text: str) -> object:
    return linting.problems_in([_written(folder, "1.0.ipynb", text)], None)


def _settings(folder: Path, text: str) -> object:
    return find_project(_written(folder, "nbrunbook.toml", text).parent)


def _verified(_: Path, text: str) -> object:
    return verify.own_fault(text.encode())


READERS: Mapping[str, Reader] = {".ipynb": _notebook_linted, ".toml": _settings, ".html": _verified}
