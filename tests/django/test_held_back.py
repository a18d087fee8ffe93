"""What is said of migrations that have to wait."""

from __future__ import annotations

from dataclasses import replace

from nbrunbook.django.held_back import Held, asked_for
from nbrunbook.django.runbook_steps import RunbookStep, Waiting
from nbrunbook.work.step_states import Stand, StepState


def held(stand: Stand, *, place: str = "", by: str = "0003_drop") -> Held:
    """Return a migration that waits for a step that stands so in eu."""
    step = RunbookStep(release="1.0", step="gone", place=place)
    waiting = Waiting(migration=("shop", "0003_drop"), step=step, said_by=("shop", by))
    return Held(waiting=waiting, states=(StepState(environment="eu", stand=stand, words="it is so", runbook="eu/1.0"),))


def test_each_stand_says_what_to_do() -> None:
    """What helps is a command that can be copied, where there is one."""
    assert held("open").lines() == [
        "shop.0003_drop waits for the step gone of 1.0. eu: it is so.",
        "  once it is so: manage.py runbook tick eu/1.0 gone",
    ]
    assert held("not made").lines()[1].endswith("manage.py runbook instantiate --pending")
    assert "where no template is of 1.0: mend runbook_step in shop.0003_drop" in held("not made").lines()[2]
    assert held("abandoned").lines()[1].endswith("manage.py runbook instantiate 1.0 -e eu --again")
    assert "mend runbook_step in shop.0003_drop" in held("no such step").lines()[1]
    assert len(held("unreadable").lines()) == 1


def test_a_group_and_a_squash_are_named() -> None:
    """It is told where the step has to be settled, and which file says so."""
    assert asked_for(held("open", place="production").waiting).endswith("of 1.0 in all of production")
    assert asked_for(held("open", by="0002").waiting).endswith("(as shop.0002 says, which it replaces)")


def test_a_key_is_quoted_for_the_shell() -> None:
    """A release may be called what a shell would run, or take for two words."""
    waiting = replace(held("open").waiting, step=RunbookStep(release="1 $(x)", step="gone", place=""))
    (state,) = held("open").states
    lines = Held(
        waiting=waiting, states=(replace(state, runbook="eu/1 $(x)"), replace(state, stand="abandoned"))
    ).lines()
    assert lines[1].endswith("manage.py runbook tick 'eu/1 $(x)' gone")
    assert lines[2].endswith("manage.py runbook instantiate '1 $(x)' -e eu --again")
