"""Batches in an author's code: what can be wrong with one beside its arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import PARAMETERS, template_bytes
from tests.template.conftest import BATCH, ids_of, problems_of

STEPS = "- [ ] a {#a}\n- [ ] b {#b}"
MADE, FUNCTIONS = BATCH.split("\n", 1)
IMPORT = "from nbrunbook import batch, window\n"


def _told(folder: Path, code: str) -> list[str]:
    found = problems_of(template_bytes(STEPS, parameters=f"{PARAMETERS}\nlate: str = '22:00'", code=code), folder)
    return [f"{each.id} {each.line}: {each.message}; {each.hint}" for each in found]


@pytest.mark.parametrize(
    "code",
    [
        BATCH,
        f"{BATCH}@fill.left\nasync def _(db, *more): ...",
        BATCH.replace("(db, rows)", "(*all, why=1)").replace("(db, cursor, batch_size)", "(a, b, c, d=None, /)"),
        f"import nbrunbook\n{BATCH.replace(' batch(', ' nbrunbook.batch(')}",
        f"from nbrunbook import batch as all_of\n{BATCH.replace(' batch(', ' all_of(')}",
        f"{BATCH}@other.chunks\ndef _(): ...",
    ],
)
def test_what_is_no_finding(tmp_path: Path, code: str) -> None:
    """Functions that can be called with what they get, however the batch was imported."""
    assert _told(tmp_path, code) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (MADE, ["RB125 1: no function has @fill.fetch", "RB125 1: no function has @fill.process"]),
        (f"{BATCH}@fill.chunks\ndef _(): ...", ["RB125 6: a batch has no chunks"]),
        (f"{BATCH}@fill.proces\ndef _(): ...", ["did you mean process?"]),
        (f"{BATCH}@fill.left()\ndef _(db): ...", ["RB125 6: @fill.left is called; write @fill.left alone"]),
        (f"{BATCH}@fill.process\ndef _(db, rows): ...", ["a second function with @fill.process: line 4; keep one"]),
        (f"{FUNCTIONS}{MADE}", ["@fill.fetch stands above fill = batch(…)", "@fill.process stands above"]),
    ],
)
def test_rb125_a_batch_without_its_functions(tmp_path: Path, code: str, words: list[str]) -> None:
    """Those that are missing, too many, not known, or given before there is a batch."""
    found = _told(tmp_path, code)
    assert len(found) == len(words), found
    assert all(said in each for said, each in zip(words, found, strict=True)), found


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (BATCH.replace("(db, rows)", "(rows)"), "_ takes rows; process is called with db, rows"),
        (BATCH.replace("(db, rows)", "(db, rows, *, why)"), "takes db, rows, *, why"),
        (BATCH.replace("(db, rows)", "()"), "_ takes nothing"),
        (BATCH.replace("(db, rows): ...", "(db, rows): yield 1"), "yields"),
        (f"{BATCH}@fill.left\nclass A: ...", "@fill.left stands above a class"),
        (f"{BATCH}if True:\n    @fill.left\n    def _(db): ...", "stands inside of something else"),
        (f"{BATCH}fill = 5", "something else is called fill, too"),
        (BATCH.replace("fill", "late"), "something else is called late, too"),
        (f"if True:\n    {MADE}\n{FUNCTIONS}", "fill stands inside of something else"),
        (f"{IMPORT}{BATCH}batch('b', databases=['eu'])", "not put into one variable"),
        (f"{IMPORT}{BATCH}them = [batch('b', databases=['eu'])]", "not put into one variable"),
        (f"{BATCH}x = y = batch('b', databases=['eu'])", "not put into one variable"),
    ],
)
def test_rb122_what_cannot_be_a_step_s(tmp_path: Path, code: str, words: str) -> None:
    """A run finds a batch by the one name that it has, and calls its functions with what they are for."""
    (found,) = _told(tmp_path, code)
    assert found.startswith("RB122 ")
    assert words in found


def test_a_batch_of_another_library_is_none_of_ours(tmp_path: Path) -> None:
    """Only what is imported from nbrunbook, or from nowhere, is ours."""
    code = "from toolz import batch\nfill = batch('a', 5)\ndef f(): return [batch(x) for x in fill]"
    assert "RB122" not in ids_of(tmp_path, STEPS, code=code)
    assert ids_of(tmp_path, STEPS, code="from x import *\ndef f(rows): return list(batch(rows, 10))") == []


@pytest.mark.parametrize("said", ["window('22:00', late)", "[nbrunbook.replica_lag('10s'), own]", "()", "own"])
def test_what_may_hold_it_back(tmp_path: Path, said: str) -> None:
    """Ours, and functions of the template; nothing of them runs when the runbook is opened."""
    code = BATCH.replace("['eu']", f"['eu'], throttle={said}")
    assert _told(tmp_path, f"import nbrunbook\nfrom nbrunbook import window\ndef own(): ...\n{code}") == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("lambda: ''", "throttle=lambda: ''"),
        ("[other]", "throttle=other is no function of the template"),
        ("['22:00']", "throttle='22:00'"),
        ("window(late + ':00')", "what it takes are literals or names of parameters"),
        ("window('22', '06:00')", "'22' is no time of day; expected such as 22:00"),
        ("window('22:00', '06:00', tz='Mars')", "no time zone 'Mars'"),
        ("window('22:00')", "missing 1 required positional argument"),
        ("replica_lag('soon')", "no length of time"),
        ("much", "much takes db, more; what holds a batch back takes nothing, or db"),
    ],
)
def test_rb126_what_cannot_hold_it_back(tmp_path: Path, said: str, words: str) -> None:
    """What is computed, a lambda without a name, and what the template does not define."""
    code = BATCH.replace("['eu']", f"['eu'], throttle={said}")
    (found,) = _told(tmp_path, f"def much(db, more): ...\n{code}")
    assert found.startswith("RB126 2: ")
    assert words in found
