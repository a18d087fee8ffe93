"""Cells: a runbook goes live where its journal knows it, and says why where it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.errors import NotLiveError, RunbookError
from nbrunbook.jupyter import cells
from nbrunbook.jupyter.panel import Static
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import forget


@pytest.fixture
def path(work: Workplace, runbook: MakeRunbook) -> Path:
    """A runbook's file."""
    return find_project().runbook_path(runbook("- [ ] A {#a}"))


def test_a_notebook_is_named_by_jupyter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JPY_SESSION_NAME says which it is; without it, or where nothing is there, nothing goes live."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert cells.notebook_path() == path
    for name in ("", str(path.with_name("gone.ipynb"))):
        monkeypatch.setenv("JPY_SESSION_NAME", name)
        with pytest.raises(NotLiveError, match="does not say which notebook it belongs to"):
            cells.notebook_path()


def test_a_runbook_of_the_journal_goes_live(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author's cells run in the project's root from then on."""
    root = find_project().root
    monkeypatch.chdir(path.parent)
    live = cells.go_live(path)
    live.stop()
    assert (live.session.key, Path.cwd()) == ("staging/1.0", root)


def test_what_the_journal_does_not_know_is_not_live(path: Path, work: Workplace) -> None:
    """Another notebook, a runbook of another journal, and one with other facts record nothing, and say so."""
    with pytest.raises(NotLiveError, match=r"1\.0\.ipynb is no runbook"):
        cells.go_live(work.root / work.template("- [ ] A {#a}"))
    document = json.loads(path.read_text(encoding="utf-8"))
    document["metadata"]["nbrunbook"]["created_by"] = "somebody else"
    other = path.with_name("other.ipynb")
    other.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(NotLiveError, match=r"the journal disagree on what staging/1\.0 is"):
        cells.go_live(other)
    forget(work)
    with pytest.raises(NotLiveError, match="nothing that is clicked here would be recorded"):
        cells.go_live(path)


def test_a_cell_says_why_it_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, as text and as HTML without markup of anybody's, in place of a panel."""
    found = cells.not_live(RunbookError("<b>x</b>", ""))
    assert found.plain == "NOT LIVE: <b>x</b>"
    assert "<b>" not in found.html
    assert 'role="alert"' in found.html
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    drawn = cells.Cells().sign_off()
    assert isinstance(drawn, Static)
    assert "does not say which notebook" in drawn.plain
