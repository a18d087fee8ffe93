"""States: what may follow what, and the complement of it."""

from __future__ import annotations

import pytest

from nbrunbook.runbook.events import KINDS, Kind
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import LIFE, STATES, STATUSES, TRANSITIONS, State, Status
from tests.making import progress_of, then, why_not
from tests.runbook.conftest import APPROVED, KIND, LIVES

INTO: dict[str, list[tuple[Kind, str]]] = {
    "open": [("approved", "mail")],
    "done": [("approved", "mail"), ("ticked", "mail")],
    "skipped": [("skipped", "mail")],
}


def _in_status(status: str) -> Progress:
    if status == "not-applicable":
        return progress_of("- [ ] Mail {#mail .approval when=\"kind == 'major'\"}", declare=KIND)
    return then(progress_of(APPROVED), *INTO[status], operator="ben")


@pytest.mark.parametrize(("status", "kind"), TRANSITIONS)
def test_what_may_follow_is_allowed(status: Status, kind: Kind) -> None:
    """Every transition of the table is allowed, and leads where the table says."""
    done = _in_status(status)
    assert done.of("mail").status == status
    assert why_not(done, kind, "mail") is None
    assert then(done, (kind, "mail")).of("mail").status == TRANSITIONS[status, kind]


COMPLEMENT = [(status, kind) for status in STATUSES for kind in KINDS if (status, kind) not in TRANSITIONS]


@pytest.mark.parametrize(("status", "kind"), COMPLEMENT)
def test_what_may_not_follow_is_refused(status: Status, kind: Kind) -> None:
    """Whatever the table of transitions does not hold is refused, and changes nothing if it is there all the same."""
    done = _in_status(status)
    assert why_not(done, kind, "mail")
    after = then(done, (kind, "mail"))
    assert after.of("mail") == done.of("mail")
    assert after.seq == done.seq + 1


@pytest.mark.parametrize(("state", "kind"), LIFE)
def test_what_may_happen_to_a_runbook_is_allowed(state: State, kind: Kind) -> None:
    """Every arrow of a runbook's life is allowed, and leads where the table says."""
    done = then(progress_of("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert done.state == state
    assert why_not(done, kind) is None
    assert then(done, (kind, "")).state == LIFE[state, kind]


LIFELESS = [(state, kind) for state in STATES for kind in KINDS if (state, kind) not in LIFE]


@pytest.mark.parametrize(("state", "kind"), LIFELESS)
def test_what_may_not_happen_to_a_runbook_is_refused(state: State, kind: Kind) -> None:
    """Whatever the table of a runbook's life does not hold is refused, and changes nothing."""
    done = then(progress_of("- [ ] Mail {#mail .optional}"), *LIVES[state])
    assert why_not(done, kind)
    assert then(done, (kind, "")).state == state


def test_the_tables_name_only_what_there_is() -> None:
    """The tables lead to known states, by known kinds, and every state has one sentence."""
    assert {status for status, _ in TRANSITIONS} | set(TRANSITIONS.values()) <= set(STATUSES)
    assert {state for state, _ in LIFE} | set(LIFE.values()) == set(STATES)
    assert {kind for _, kind in (*TRANSITIONS, *LIFE)} <= set(KINDS)
    assert all(STATUSES.values())
    assert all(STATES.values())
