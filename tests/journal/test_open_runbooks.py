"""Which runbooks a journal holds, of which deployments, and which of them are open."""

from __future__ import annotations

import pytest

from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import registered, session_on

STEPS = "- [ ] Mail {#mail}\n- [ ] Call {#call .optional}"
KEYS = ("staging/1.0", "eu/1.0", "eu/2.0", "eu/2.0@2")


@pytest.fixture
def held(work: Workplace) -> Journal:
    """A journal with four runbooks of three deployments."""
    for key in KEYS:
        registered(STEPS, key=key)
    return Journal.open(find_project().journal)


def keys(held: Journal, **which: object) -> list[str]:
    """Return the keys of some runbooks."""
    return [each.key for each in held.runbooks("shop", **which)]  # type: ignore[arg-type]


def test_all_of_a_project_come_in_the_order_in_which_they_were_made(held: Journal) -> None:
    """Another project's are not among them."""
    assert keys(held) == list(KEYS)
    assert held.runbooks("other") == []


def test_those_of_some_deployments_can_be_asked_for(held: Journal) -> None:
    """Environments and releases narrow each other down; none asked for is none found."""
    assert keys(held, environments=["eu"]) == ["eu/1.0", "eu/2.0", "eu/2.0@2"]
    assert keys(held, environments=["eu", "staging"], releases=["1.0"]) == ["staging/1.0", "eu/1.0"]
    assert keys(held, environments=[]) == []


@pytest.mark.parametrize("kind", ["signed_off", "abandoned", "skipped"])
def test_a_closed_runbook_is_not_among_the_open_ones(held: Journal, kind: str) -> None:
    """Signing off, abandoning and skipping close a runbook, and reopening opens it again."""
    session = session_on("eu/1.0")
    session.append("ticked", "mail")
    session.append(kind, data={"reason": "so"})  # type: ignore[arg-type]
    assert keys(held, open_only=True) == ["staging/1.0", "eu/2.0", "eu/2.0@2"]
    (closing,) = held.closed(held.runbooks("shop")).values()
    assert (closing.kind, closing.runbook) == (kind, "eu/1.0")
    session.append("reopened", data={"reason": "so"})
    assert keys(held, open_only=True) == ["staging/1.0", "eu/1.0", "eu/2.0", "eu/2.0@2"]
    assert held.closed(held.runbooks("shop")) == {}


def test_a_skipped_step_closes_nothing(held: Journal) -> None:
    """Only what is skipped as a whole is closed."""
    session_on("eu/1.0").append("skipped", "mail", data={"reason": "so"})
    assert keys(held, open_only=True) == list(KEYS)
    assert held.closed(held.runbooks("shop")) == {}


def test_many_are_asked_about_in_several_queries(held: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine takes a list without an end."""
    monkeypatch.setattr("nbrunbook.journal.reading.LISTED", 3)
    for key in KEYS:
        session_on(key).append("abandoned", data={"reason": "so"})
    assert sorted(each.runbook for each in held.closed(held.runbooks("shop")).values()) == sorted(KEYS)
