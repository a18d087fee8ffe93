"""The address that never moves: what the cells of every runbook ever made import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nbrunbook import checklist
from nbrunbook.jupyter import cells
from tests.conftest import MakeRunbook, Workplace
from tests.making import runbook_file


def test_a_runbook_s_cells_find_what_they_import(work: Workplace, runbook: MakeRunbook) -> None:
    """Every cell of ours imports `runbook` from here, and calls what it has."""
    runbook("## One\n- [ ] A {#a}\n## Two\n- [ ] B {#b}")
    sources = ["".join(cell["source"]) for cell in runbook_file(work)["cells"]]
    ours = [source for source in sources if "nbrunbook.checklist" in source]
    assert len(ours) >= 1
    names: dict[str, object] = {}
    for source in ours:
        line = next(line for line in source.splitlines() if "nbrunbook.checklist" in line)
        exec(line, names)
    assert names["runbook"] is checklist.runbook is cells.runbook


@pytest.mark.parametrize("name", ["header", "checklist", "sign_off"])
def test_what_cells_call_is_there(name: str) -> None:
    """Runbooks of earlier versions call these three."""
    assert callable(getattr(checklist.runbook, name))


def test_a_kernel_without_our_notebooks_side_says_what_to_install() -> None:
    """A cell shows one line that says it, not the first module that was missed."""
    code = "import sys; sys.modules['anywidget'] = None; from nbrunbook.checklist import runbook"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(
        "a runbook cannot go live in this kernel: nbrunbook[ci] is not installed whole (no anywidget); "
        "pip install 'nbrunbook[ci]'"
    )
