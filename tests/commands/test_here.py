"""Where we stand: who is at work on this machine, and a session on a runbook of the project here."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nbrunbook.commands import here
from nbrunbook.errors import ProjectNotFoundError, UnknownRunbookError
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import registered


def test_a_name_of_the_machine_is_written_down_as_the_project_says(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of operators is the project's; what names nobody in it is taken as it is."""
    config = '[tool.nbrunbook.operators]\n"ana@example.org" = "ana"\n'
    (work.root / "pyproject.toml").write_text(config, encoding="utf-8")
    for said, name in (("ana@example.org", "ana"), ("ben", "ben")):
        monkeypatch.setenv("NBRUNBOOK_OPERATOR", said)
        assert str(here.operator_of(find_project())) == f"{name} (declared: env)"


def test_a_session_is_on_the_project_that_we_stand_in(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any folder of the project will do, and what is recorded is by who is at work there."""
    key = registered("- [ ] A {#a}")
    (work.root / "below").mkdir()
    monkeypatch.chdir(work.root / "below")
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ben")
    session = here.session_on(key)
    assert (session.key, session.append("ticked", "a").operator) == (key, "ben")


def test_what_is_not_here_is_told(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of no runbook, and a folder outside of any project, are expected errors."""
    registered("- [ ] A {#a}")
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'staging/1\.0'"):
        here.session_on("staging/1.1")
    monkeypatch.chdir(work.root.parent)
    with pytest.raises(ProjectNotFoundError, match="no project at or above"):
        here.session_on("staging/1.0")


def test_a_verb_that_shows_its_help_loads_no_journal() -> None:
    """Sessions are loaded when one is opened: a shell that completes options does not wait for a database's library."""
    code = "import sys, nbrunbook.commands.tick; print('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"False\n"
