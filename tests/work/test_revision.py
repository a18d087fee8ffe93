"""Revisions: an open runbook's template as it is now, and the plan that it gives for the runbook's own values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.errors import ParameterError
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import session_on
from tests.work.conftest import OF_A_REGION, WITH_REGION


def test_a_runbook_keeps_its_values(regional: str, work: Workplace) -> None:
    """What it was made with is put in again, a new parameter has what is given, else its default."""
    work.template("- [ ] B {{region}} {{count}} {#b}", parameters=f"{WITH_REGION}\ncount: int = 2")
    project, session = find_project(), session_on(regional)
    assert revision.renew(session, project, {}).plan.steps[0].title == "B us 2"
    found = revision.renew(session, project, {"count": "3"})
    assert (found.plan.steps[0].title, found.parameters, found.template["name"]) == ("B us 3", {"count": "3"}, "1.0")


@pytest.mark.parametrize("name", ["region", "environment", "release"])
def test_what_a_runbook_was_made_with_is_not_given_again(regional: str, name: str) -> None:
    """Its own parameters and what says which deployment it is stay as they are."""
    with pytest.raises(ParameterError, match=f"parameter {name}: the runbook was made with '(us|staging|1.0)'"):
        revision.renew(session_on(regional), find_project(), {name: "other"})


def test_a_value_that_no_longer_fits_may_be_given_anew(regional: str, work: Workplace) -> None:
    """Where the template changed a parameter's type, the old value is told, and another one is taken."""
    work.template(OF_A_REGION, parameters=f"{PARAMETERS}\nregion: int = 1")
    with pytest.raises(ParameterError, match="parameter region"):
        revision.renew(session_on(regional), find_project(), {})
    assert revision.renew(session_on(regional), find_project(), {"region": "7"}).plan.steps[0].title == "A 7"


def test_what_only_reads_otherwise_now_is_no_revision(runbook: MakeRunbook, work: Workplace) -> None:
    """A plan in which an older nbrunbook left <version> out of a title has nothing to gain from the same text."""
    new = revision.renew(session_on(runbook("- [ ] Tag <version> {#a}")), find_project(), {})
    before = replace(new.shown, steps=(replace(new.shown.steps[0], title="Tag"),))
    assert not revision.is_new(new.plan, before)
    work.template("- [ ] Tag <other> {#a}")
    assert revision.is_new(revision.renew(session_on(), find_project(), {}).plan, before)
