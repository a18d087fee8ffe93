"""Whoever executes an edited cell is told that runs go by the plan's code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbrunbook.jupyter import edited_cells
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on
from tests.template.conftest import BATCH

CODE = "from nbrunbook import check\n\n@check('a')\ndef look():\n    return 'green'"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """What runs cells in a kernel."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (CODE, ""),
        (CODE.replace("green", "red"), "Runs of a use the plan's code, which this cell is not"),
        (f"%%time\n{CODE}", "Runs of a use"),
        (f"{CODE}\n1 / 0", "Runs of a use"),
        ("look()", ""),
        (CODE.replace("'a'", "'other'"), ""),
        ("def look(", ""),
    ],
)
def test_an_edited_cell_says_that_runs_go_by_the_plan(
    cell: str, said: str, work: Workplace, runbook: MakeRunbook, shell: InteractiveShell, engine: str
) -> None:
    """It is said below a cell that does a step otherwise than the plan, and below no other."""
    session = session_on(runbook("- [ ] A {#a}\n- [ ] B {#b}", code=CODE))
    edited_cells.watch(session, shell)
    work.capsys.readouterr()
    shell.run_cell(cell)
    written = work.capsys.readouterr().err
    assert ("Runs of" in written) == bool(said)
    assert said in written
    assert ("'nbrunbook revise staging/1.0'" in written) == bool(said)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    ("cell", "said"), [("@fill.process\ndef _(db, rows): ...", "Runs of a"), ("@x.left\ndef _(): ...", "")]
)
def test_an_edited_part_of_a_batch_says_so(cell: str, said: str, runbook: MakeRunbook, engine: str) -> None:
    """Also where the batch is made in another cell."""
    assert edited_cells.told(session_on(runbook("- [ ] A {#a}", code=BATCH)), cell)[: len("Runs of a")] == said


def test_a_cell_that_was_not_revised_says_so(
    work: Workplace, runbook: MakeRunbook, shell: InteractiveShell, engine: str
) -> None:
    """After a revision the notebook's cell is not what runs any more."""
    session = session_on(runbook("- [ ] A {#a}", code=CODE))
    assert edited_cells.told(session, CODE) == ""
    work.template("- [ ] A {#a}", code=CODE.replace("green", "red"))
    assert work.run("revise", "staging/1.0", "--yes") == 0, work.err
    session.refresh()
    assert "or the plan was revised" in edited_cells.told(session, CODE)
    assert edited_cells.told(session, CODE.replace("green", "red")) == ""


def test_outside_of_a_kernel_nothing_is_watched(runbook: MakeRunbook, engine: str) -> None:
    """Where no IPython runs there are no cells, and no error."""
    session = session_on(runbook("- [ ] A {#a}", code=CODE))
    edited_cells.watch(session, None)
    assert edited_cells.told(session, "1") == ""
