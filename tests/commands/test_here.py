"""Where we stand: who is at work, and on which runbook."""

from __future__ import annotations

import pytest

from nbrunbook.commands import here
from nbrunbook.errors import ProjectNotFoundError, UnknownRunbookError
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import registered


def test_the_machine_says_who_is_at_work(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's own names for its people are used."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook.operators]\n"ana@e.com" = "ana"\n', encoding="utf-8")
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ana@e.com")
    assert str(here.operator_of(find_project())) == "ana (declared: env)"


def test_a_key_means_a_runbook_of_the_project_that_we_stand_in(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any folder below the root will do; elsewhere there is no project to ask."""
    key = registered("- [ ] A {#a}")
    (work.root / "below").mkdir()
    monkeypatch.chdir(work.root / "below")
    session = here.session_on(key)
    assert (session.key, session.operator.name) == (key, "ana")
    with pytest.raises(UnknownRunbookError, match=r"did you mean 'staging/1\.0'"):
        here.session_on("staging/1.1")
    monkeypatch.chdir("/")
    with pytest.raises(ProjectNotFoundError, match="no project"):
        here.session_on(key)
