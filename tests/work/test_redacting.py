"""Redacting code: a secret that an author wrote into a cell that automated steps load."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, RefusedError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import program, redactions
from nbrunbook.runbook.program import named
from nbrunbook.work import own_notebook, redacting
from tests.conftest import PARAMETERS, Workplace
from tests.making import session_on

SECRET = "hunter2-in-the-code"
CODE = f"@check('a')\ndef look():\n    return {SECRET!r}"
DECLARED = f"from nbrunbook import check\n{PARAMETERS}"
KEY, OTHER = "staging/1.0", "production/1.0"


@pytest.fixture
def template(work: Workplace, engine: str) -> Path:
    """A template with a secret in the code of its check, of which two runbooks were made."""
    path = work.template("Some text.\n\n- [ ] A {#a}\n- [ ] B {#b}", parameters=DECLARED, code=CODE)
    for environment in ("staging", "production"):
        assert work.run("instantiate", path, "-e", environment) == 0, work.err
    return path


def test_the_code_is_gone_from_the_journal(work: Workplace, template: Path, engine: str) -> None:
    """With the notebook that holds it; the chain holds, and it is told where it may still be read."""
    assert work.run("redact", KEY, "--code", "2", "--reason", "a password", "--yes") == 0, work.err
    assert work.out == f"{KEY}: the code cell {named(CODE)[:12]}… is redacted, and the notebook that holds it\n"
    assert f"'nbrunbook redact {OTHER} --code {named(CODE)[:12]}' blanks it" in work.err
    assert "the template, and git's history of it" in work.err
    session = session_on(KEY)
    assert session.journal.blob(named(CODE)) == b""
    assert redactions.blanked(session.events) == {named(CODE), session.events[0].data["notebook"]}
    with pytest.raises(NbrunbookError, match="was redacted: nothing can be run"):
        program.program_of(session.plan, "a", session.journal.blob)
    for verb in (["verify", "--all"], ["verify", KEY], ["verify", OTHER]):
        assert work.run(*verb) == 0, work.out
    assert work.run("redact", OTHER, "--code", named(CODE)[:12], "--reason", "a password", "--yes") == 0, work.err
    if engine == "sqlite":
        assert SECRET.encode() not in Path(find_project().journal.removeprefix("sqlite:///")).read_bytes()
    assert work.run("redact", OTHER, "--code", "2", "--reason", "x", "--yes") == 1
    assert "it was redacted before" in work.err


@pytest.mark.on("sqlite")
def test_the_runbook_is_worked_on_without_it(work: Workplace, template: Path) -> None:
    """Its notebook is made of its plan alone, never of the template, which holds what may not stay."""
    session = session_on(KEY)
    session.redact(named(CODE), "a password")
    made = own_notebook.own_notebook(session, find_project())
    assert SECRET.encode() not in made
    assert b"Code of this runbook was redacted" in made
    assert own_notebook.own_notebook(session_on(KEY), find_project()) == made
    assert work.run("tick", KEY, "a", "--reason", "by hand") == work.run("export", KEY) == 0, work.err
    assert work.run("verify", "--all") == 0, work.out


@pytest.mark.on("sqlite")
def test_a_revision_brings_other_code(work: Workplace, template: Path) -> None:
    """Taken out of the template, the step can be run again; with it still there, nothing comes in."""
    session_on(KEY).redact(named(CODE), "a password")
    work.template("- [ ] A {#a}\n- [ ] B {#b}", parameters=f"{DECLARED}\nx: str = '1'", code=CODE)
    assert work.run("revise", KEY, "--yes") == 1
    assert "was redacted from the journal before" in work.err
    work.template("- [ ] A {#a}\n- [ ] B {#b}", parameters=DECLARED, code=CODE.replace(SECRET, "green"))
    assert work.run("revise", KEY, "--yes") == 0, work.err
    session = session_on(KEY)
    assert "green" in program.program_of(session.progress.plan, "a", session.journal.blob).cells[1]


@pytest.mark.on("sqlite")
def test_a_copy_of_the_journal_blanks_it_too(work: Workplace, template: Path) -> None:
    """A journal that had it before forgets it with the next copy."""
    target = f"sqlite:///{work.root / 'copy.db'}"
    assert work.run("journal", "copy", target) == 0, work.err
    session_on(KEY).redact(named(CODE), "a password")
    session_on(OTHER).redact(named(CODE), "a password")
    assert work.run("journal", "copy", target) == 0, work.err
    assert Journal.open(target).blob(named(CODE)) == b""
    assert SECRET.encode() not in (work.root / "copy.db").read_bytes()


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("asked", ["0", "9", "abc", "\u00b2", ""])
def test_a_cell_that_is_none_is_told(work: Workplace, template: Path, asked: str) -> None:
    """With those that there are."""
    with pytest.raises(NbrunbookError, match=rf"one of: 1 \(.*\), 2 \({named(CODE)[:12]}\)"):
        redacting.code_named(session_on(KEY), asked)


@pytest.mark.on("sqlite")
def test_code_of_another_runbook_is_refused(work: Workplace, template: Path) -> None:
    """What no plan of it names is none of its own."""
    with pytest.raises(RefusedError, match="no plan of it names that cell"):
        session_on(KEY).redact("0" * 64, "x")


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("arguments", [[], ["3", "--code", "1"]])
def test_an_event_or_a_cell(work: Workplace, template: Path, arguments: list[str]) -> None:
    """One of the two is asked for."""
    assert work.run("redact", KEY, *arguments, "--reason", "x") == 2
    assert "either SEQ or --code CELL" in work.err
