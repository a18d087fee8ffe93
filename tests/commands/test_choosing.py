"""What `work` offers without a key."""

from __future__ import annotations

import pytest

from tests.conftest import MakeRunbook, Workplace
from tests.making import forget, listing, registered, session_on
from tests.terminals import on_terminal, without_colours


@pytest.mark.parametrize(
    ("typed", "opened"),
    [("\n", "staging@1.0"), ("2\n", "production@1.0"), ("x\n9\n0\nproduction/1.0\n", "production@1.0")],
)
def test_on_a_terminal_one_is_chosen(work: Workplace, runbook: MakeRunbook, typed: str, opened: str) -> None:
    """By its number or its key; Enter opens the first, which is late; what means nothing is asked again."""
    runbook("- [ ] A {#a}", environment="production")
    runbook("- [ ] A {#a due=0m}\n- [ ] B {#b}")
    shown = without_colours(on_terminal(work.root, "work", typed=typed, JPY_PARENT_PID="1"))
    first, second, *_ = [line for line in shown.splitlines() if line.startswith("  ")]
    assert (first.split(), second.split()) == (
        ["1", "staging/1.0", "0", "of", "2", "done", "1", "overdue"],
        ["2", "production/1.0", "0", "of", "1", "done"],
    )
    assert f"open runbooks/_sessions/{opened}.ipynb in this JupyterLab" in shown
    assert shown.count("Which one?") == typed.count("\n")


def test_a_release_without_a_runbook_is_made_if_it_is_wanted(work: Workplace) -> None:
    """What is pending has none: it is offered to make it, with the command that does; a no makes nothing."""
    registered("- [ ] A {#a}")
    work.template("- [ ] B {#b}", name="2.0")
    before = listing(work.root)
    shown = without_colours(on_terminal(work.root, "work", typed="2\nn\n", status=1, JPY_PARENT_PID="1"))
    assert "    nbrunbook instantiate templates/2.0.ipynb -e staging\n" in shown
    assert "cannot open staging/2.0: it has no runbook" in shown
    assert listing(work.root) == before
    shown = on_terminal(work.root, "work", typed="2\n\n", JPY_PARENT_PID="1")
    assert "open runbooks/_sessions/staging@2.0.ipynb in this JupyterLab" in shown
    assert session_on("staging/2.0").progress.summary() == "0 of 1 done"


def test_what_was_given_up_is_made_again(work: Workplace, runbook: MakeRunbook) -> None:
    """A deployment whose runbook was abandoned gets a second one."""
    assert work.run("abandon", runbook("- [ ] A {#a}"), "--reason", "x") == 0
    shown = on_terminal(work.root, "work", typed="1\ny\n", JPY_PARENT_PID="1")
    assert "open runbooks/_sessions/staging@1.0@2.ipynb in this JupyterLab" in shown


@pytest.mark.on("sqlite")
def test_a_file_that_no_journal_knows_is_chosen_too(work: Workplace, runbook: MakeRunbook) -> None:
    """A runbook whose journal is another one is taken into this one, as `work FILE` does."""
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.nbrunbook.environments.staging]\n")
    runbook("- [ ] A {#a}")
    forget(work)
    assert "staging/1.0 was not in the journal" in on_terminal(work.root, "work", typed="1\n", JPY_PARENT_PID="1")
