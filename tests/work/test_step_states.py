"""How a step stands in each environment of a place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.errors import JournalError, ProjectError, UnknownEnvironmentError
from nbrunbook.project.settings import find_project
from nbrunbook.work.step_states import StepState, step_states
from tests.conftest import Workplace
from tests.making import put, registered, session_on

REGIONS = """
[project]
name = "shop"
[tool.nbrunbook.environments]
staging = {}
eu = {group = "production"}
us = {group = "production", since = "2.0"}
"""
GONE = "- [ ] The old code is gone {#gone}\n- [ ] Look {#look .optional}"


@pytest.fixture
def regions(work: Workplace) -> Workplace:
    """A project whose production is two environments."""
    (work.root / "pyproject.toml").write_text(REGIONS, encoding="utf-8")
    return work


def states(place: str, release: str = "1.0", step: str = "gone") -> list[StepState]:
    """Return how a step stands in the project here."""
    return list(step_states(find_project(), place, release, step))


def stands(place: str, release: str = "1.0", step: str = "gone") -> list[str]:
    """Return the same without words."""
    return [each.stand for each in states(place, release, step)]


def test_an_open_step_is_not_settled_and_a_done_one_is(regions: Workplace) -> None:
    """What the runbook says of the step counts, and the runbook is named."""
    registered(GONE, key="staging/1.0")
    (found,) = states("staging")
    assert (found.stand, found.settled, found.runbook) == ("open", False, "staging/1.0")
    assert found.words == "“The old code is gone” is open in the runbook staging/1.0"
    session_on("staging/1.0").append("ticked", "gone")
    (found,) = states("staging")
    assert (found.stand, found.settled) == ("settled", True)
    assert found.event is not None


def test_a_skipped_step_is_settled_with_its_reason(regions: Workplace) -> None:
    """Who skipped it, and why, is told."""
    registered(GONE, key="staging/1.0")
    session_on("staging/1.0").append("skipped", "gone", data={"reason": "no\nworkers"})
    (found,) = states("staging")
    assert (found.stand, found.settled) == ("skipped", True)
    assert found.words.endswith("was skipped in the runbook staging/1.0 by ana: no ⏎ workers")


def test_a_group_is_settled_where_each_of_it_is(regions: Workplace) -> None:
    """A group's name means all its environments, in the order declared; one that begins later is not asked for."""
    registered(GONE, key="eu/1.0")
    assert stands("production") == ["open", "not asked for"]
    registered(GONE, key="eu/2.0")
    assert stands("production", "2.0") == ["open", "not made"]


def test_a_once_step_is_settled_by_another_environment(regions: Workplace) -> None:
    """A `.once` step that eu settled is settled in us."""
    for key in ("eu/2.0", "us/2.0"):
        registered(GONE.replace("#gone", "#gone .once"), key=key)
    session_on("eu/2.0").append("ticked", "gone")
    assert stands("production", "2.0") == ["settled", "settled"]
    assert "eu/2.0" in states("us", "2.0")[0].words


def test_a_step_that_nobody_has_is_never_settled(regions: Workplace) -> None:
    """Neither a runbook without the step, although it is signed off, nor none at all, settles anything."""
    registered(GONE, key="staging/1.0")
    assert stands("staging", "2.0") == ["not made"]
    done = session_on("staging/1.0")
    done.append("ticked", "gone")
    done.append("signed_off")
    assert stands("staging", step="gnoe") == ["no such step"]
    assert "did you mean gone?" in states("staging", step="gnoe")[0].words
    assert stands("staging", step="look") == ["open"]
    assert states("staging", step="look")[0].words.endswith("although that is signed off")


def test_the_latest_runbook_that_was_not_abandoned_counts(regions: Workplace) -> None:
    """An abandoned runbook settles nothing; the next one does."""
    registered(GONE, key="staging/1.0")
    first = session_on("staging/1.0")
    first.append("ticked", "gone")
    first.append("abandoned", data={"reason": "again"})
    assert stands("staging") == ["abandoned"]
    registered(GONE, key="staging/1.0@2")
    assert stands("staging") == ["open"]


def test_a_release_that_was_skipped_whole_settles_its_steps(regions: Workplace) -> None:
    """It never went there, and somebody said why."""
    registered(GONE, key="staging/1.0")
    session_on("staging/1.0").append("skipped", data={"reason": "never deployed"})
    (found,) = states("staging")
    assert found.stand == "skipped"
    assert "never deployed" in found.words


def test_a_template_that_is_not_for_an_environment_is_not_asked_for(regions: Workplace) -> None:
    """Nothing will ever be made there."""
    put(regions.root / "templates", **{"7.0": f"---\nnbrunbook: {{environments: [production]}}\n---\n{GONE}\n"})
    registered(GONE, key="eu/9.0")
    assert stands("staging", "7.0") == ["not asked for"]
    assert stands("eu", "7.0") == ["not made"]


def test_what_the_journal_cannot_say_is_an_error(regions: Workplace) -> None:
    """No journal, an unknown environment, and one that the journal does not serve."""
    with pytest.raises(JournalError):
        states("staging")
    registered(GONE, key="staging/1.0")
    with pytest.raises(UnknownEnvironmentError):
        states("stagign")
    with pytest.raises(ProjectError, match="us cannot reach it"):
        step_states(replace(find_project(), serves="eu"), "production", "1.0", "gone")
