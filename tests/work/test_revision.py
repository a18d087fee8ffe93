"""Revisions: an open runbook's template as it is now, and the plan that it gives for the runbook's own values."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError, ParameterError
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, template_on_disk, waiting_revision
from tests.conftest import PARAMETERS, Workplace
from tests.making import session_on
from tests.work.conftest import DECLARED, REGIONAL


def test_a_runbook_keeps_its_values(key: str, work: Workplace) -> None:
    """What it was made with is put in again, a new parameter has what is given, else its default."""
    work.template("- [ ] B {{region}} {{count}} {#b}", parameters=f"{DECLARED}\ncount: int = 2")
    project, session = find_project(), session_on(key)
    assert revision.renew(session, project, {}).plan.steps[0].title == "B us 2"
    found = revision.renew(session, project, {"count": "3"})
    assert (found.plan.steps[0].title, found.parameters, found.template["name"]) == ("B us 3", {"count": "3"}, "1.0")


@pytest.mark.parametrize("name", ["region", "environment", "release"])
def test_what_a_runbook_was_made_with_is_not_given_again(key: str, name: str) -> None:
    """Its own parameters and what says which deployment it is stay as they are."""
    with pytest.raises(ParameterError, match=f"parameter {name}: the runbook was made with '(us|staging|1.0)'"):
        revision.renew(session_on(key), find_project(), {name: "other"})


def test_a_value_that_no_longer_fits_may_be_given_anew(key: str, work: Workplace) -> None:
    """Where the template changed a parameter's type, the old value is told, and another one is taken."""
    work.template(REGIONAL, parameters=f"{PARAMETERS}\nregion: int = 1")
    with pytest.raises(ParameterError, match="parameter region"):
        revision.renew(session_on(key), find_project(), {})
    assert revision.renew(session_on(key), find_project(), {"region": "7"}).plan.steps[0].title == "A 7"


def test_a_template_that_is_gone_brings_nothing(key: str, work: Workplace) -> None:
    """Nothing waits for it, and whoever asks for it is told."""
    (work.root / "templates" / "1.0.ipynb").unlink()
    session, project = session_on(key), find_project()
    assert template_on_disk.template_path(session, project) is None
    assert not waiting_revision.waits(session, project)
    with pytest.raises(NbrunbookError, match=r"the template 1\.0 of staging/1\.0 is not there"):
        revision.renew(session, project, {})
