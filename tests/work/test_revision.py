"""Revisions: an open runbook's template as it is now, and the plan that it gives for the runbook's own values."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError, ParameterError, TemplateError
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import session_on

STEPS = "- [ ] A {{region}} {#a}"
DECLARE = f'{PARAMETERS}\nregion: str = "eu"'


@pytest.fixture
def key(work: Workplace, runbook: MakeRunbook) -> str:
    """A runbook that was made with a value of its own."""
    path = work.template(STEPS, parameters=DECLARE)
    assert work.run("instantiate", path, "-e", "staging", "-p", "region", "us") == 0, work.err
    return "staging/1.0"


def test_a_runbook_keeps_its_values(key: str, work: Workplace) -> None:
    """What it was made with is put in again, a new parameter has what is given, else its default."""
    work.template("- [ ] B {{region}} {{count}} {#b}", parameters=f"{DECLARE}\ncount: int = 2")
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
    work.template(STEPS, parameters=f"{PARAMETERS}\nregion: int = 1")
    with pytest.raises(ParameterError, match="parameter region"):
        revision.renew(session_on(key), find_project(), {})
    assert revision.renew(session_on(key), find_project(), {"region": "7"}).plan.steps[0].title == "A 7"


def test_a_revision_waits_once_the_steps_are_others(key: str, work: Workplace) -> None:
    """Another file with the same steps brings nothing, a closed runbook takes nothing, and a fault waits."""
    project, session = find_project(), session_on(key)
    assert not revision.waits(session, project)
    assert revision.revision_waits_words(session, project) == ""
    work.template(f"{STEPS}\n<!-- for reviewers -->", parameters=DECLARE)
    assert not revision.waits(session, project)
    work.template("- [ ] B {#b}", parameters=DECLARE)
    assert revision.revision_waits_words(session, project) == f"the template changed since: nbrunbook revise {key}"
    work.template("- [ ] B {#b}\n- [ ] C {#b}", parameters=DECLARE)
    assert revision.waits(session, project)
    with pytest.raises(TemplateError, match="RB103"):
        revision.renew(session, project, {})
    session.append("abandoned", data={"reason": "rolled back"})
    assert not revision.waits(session, project)


def test_a_template_that_is_gone_brings_nothing(key: str, work: Workplace) -> None:
    """Nothing waits for it, and whoever asks for it is told."""
    (work.root / "templates" / "1.0.ipynb").unlink()
    session, project = session_on(key), find_project()
    assert revision.template_path(session, project) is None
    assert not revision.waits(session, project)
    with pytest.raises(NbrunbookError, match=r"the template 1\.0 of staging/1\.0 is not there"):
        revision.renew(session, project, {})


def test_traces_tell_when_to_ask_again(key: str, work: Workplace) -> None:
    """They stay as long as nothing was written, and change with the template and with a revision."""
    session, project = session_on(key), find_project()
    before = revision.traces(session, project)
    assert revision.traces(session, project) == before
    work.template("- [ ] B, and longer than before {#b}", parameters=DECLARE)
    changed = revision.traces(session, project)
    assert changed != before
    found = revision.renew(session, project, {})
    session.revise(found.plan, template=found.template, shown=session.progress.versions[-1].plan)
    assert revision.traces(session, project) != changed
