"""The code that a plan names, on its way into the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import program
from nbrunbook.runbook.program import as_kept, named
from nbrunbook.work import adopt, plan_code
from tests.conftest import PARAMETERS, WithoutExtras, Workplace, template_bytes
from tests.making import raw_journal, session_on

STEPS = "- [ ] A {#a}\n- [ ] B {#b}"
IMPORTS = "from nbrunbook import check"
CODE = "@check('a')\ndef look():\n    return 'green'"
DECLARED = f"{IMPORTS}\n{PARAMETERS}"


@pytest.fixture
def template(work: Workplace) -> Path:
    """A template with a check."""
    return work.template(STEPS, parameters=DECLARED, code=CODE)


def _program() -> program.Program:
    session = session_on()
    return program.program_of(session.progress.plan, "a", session.journal.blob)


def test_instantiate_keeps_it(work: Workplace, template: Path, engine: str) -> None:
    """What a run needs is in the journal, on whatever machine it is."""
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    assert _program().cells == (IMPORTS, CODE)
    assert work.run("verify", "--all") == 0, work.out


def test_a_runbook_without_a_notebook_has_it_too(work: Workplace, without_extras: WithoutExtras) -> None:
    """A Markdown template has no code, so a plan without a notebook names none."""
    (work.root / "templates").mkdir()
    (work.root / "templates" / "1.0.md").write_text(STEPS)
    without_extras()
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    assert session_on().plan.code == ()


def test_parts_bring_their_code_in_order(work: Workplace) -> None:
    """Notebooks of a folder of parts are one runbook, and one program; Markdown parts hold the steps of others."""
    folder = work.root / "templates" / "1.0"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("## A\n- [ ] A {#a}\n")
    for name, code in (("b", "LIMIT = 1"), ("c", CODE)):
        content = template_bytes(f"## {name}\n- [ ] {name} {{#{name}}}", parameters=DECLARED, code=code)
        (folder / f"{name}.ipynb").write_bytes(content)
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    assert _program().cells == (IMPORTS, "LIMIT = 1", CODE)


def test_revise_brings_it(work: Workplace, template: Path) -> None:
    """Mended code follows, also where only a comment changed, and what was done by the old one is to be confirmed."""
    assert (
        work.run("instantiate", template, "-e", "staging") == work.run("tick", "staging/1.0", "a", "--reason", "r") == 0
    ), work.err
    work.template(STEPS, parameters=DECLARED, code=CODE.replace("green", "blue"))
    assert work.run("revise", "staging/1.0", "--yes") == 0, work.err
    assert "settled, and to be confirmed: A (a)" in work.out
    assert "! what it does has changed" in work.out
    assert "return '[-green-]{+blue+}'" in work.out
    assert _program().cells[1] == CODE.replace("green", "blue")
    work.template(STEPS, parameters=DECLARED, code="# why\n" + CODE.replace("green", "blue"))
    assert work.run("revise", "staging/1.0", "--yes") == 0, work.err
    assert "to be confirmed" not in work.out
    assert "what it does" not in work.out
    assert "+# why" in work.out
    assert _program().cells[1].startswith("# why\n")
    assert work.run("verify", "--all") == 0, work.out


def test_a_file_that_is_adopted_brings_it(work: Workplace, template: Path) -> None:
    """The code stands in the runbook's own cells."""
    assert work.run("instantiate", template, "-e", "staging", "--detached") == 0, work.err
    found = adopt.look_up(find_project(), work.root / "runbooks" / "staging" / "1.0.ipynb")
    adopt.adopt(find_project(), found, declared("ben", "env"))
    assert _program().cells == (IMPORTS, CODE)


def test_a_file_whose_code_was_edited_is_not_adopted(work: Workplace, template: Path) -> None:
    """What runs is the plan's code, and it is not there any more."""
    assert work.run("instantiate", template, "-e", "staging", "--detached") == 0, work.err
    path = work.root / "runbooks" / "staging" / "1.0.ipynb"
    document = json.loads(path.read_bytes())
    for cell in document["cells"]:
        cell["source"] = [line.replace("green", "evil") for line in cell["source"]]
    path.write_text(json.dumps(document))
    with pytest.raises(NotebookError, match="its code was edited"):
        adopt.look_up(find_project(), path)


def test_code_that_was_redacted_comes_in_no_more(work: Workplace, template: Path) -> None:
    """It would be in the journal again, or a plan could never be run."""
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    with raw_journal(without="blob") as raw:
        raw.execute("UPDATE blob SET content = ? WHERE sha256 = ?", (b"", named(CODE)))
    journal = Journal.open(find_project().journal)
    assert plan_code.contents(journal, [IMPORTS]) == (as_kept(IMPORTS),)
    with pytest.raises(NbrunbookError, match="was redacted from the journal before"):
        plan_code.contents(journal, [IMPORTS, CODE])
    assert work.run("instantiate", template, "-e", "production") == 1
    assert "take it out of the template" in work.err
    assert not list((work.root / "runbooks").rglob("production/*"))


def test_a_rehearsal_has_it_as_well(work: Workplace, template: Path) -> None:
    """Everything is as it is for operators."""
    assert work.run("rehearse", template) == 0, work.err


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("verb", [["verify", "--all"], ["verify", "staging/1.0"]])
def test_an_audit_finds_code_that_is_missing_or_was_edited(
    work: Workplace, template: Path, engine: str, verb: list[str]
) -> None:
    """It is what ran: an auditor has to know."""
    assert work.run("instantiate", template, "-e", "staging") == 0, work.err
    assert work.run(*verb) == 0, work.out
    for content, words in ((b"evil", "was edited"), (b"", "was blanked, and no `redacted` says so")):
        with raw_journal(without="blob") as raw:
            raw.execute("UPDATE blob SET content = ? WHERE sha256 = ?", (content, named(CODE)))
        assert work.run(*verb) == 1
        assert f"{named(CODE)[:12]}… {words}" in work.out + work.err
    with raw_journal(without="blob") as raw:
        raw.execute("DELETE FROM blob WHERE sha256 = ?", (named(CODE),))
    assert work.run(*verb) == 1
    assert f"the code {named(CODE)[:12]}… that the plan" in work.out + work.err
