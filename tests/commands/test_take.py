"""nbrunbook take."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook with a step that cannot be undone."""
    return registered("- [ ] A {#a .irreversible}\n- [ ] B {#b}")


def test_everybody_sees_who_is_on_it(work: Workplace, key: str) -> None:
    """A taken step shows its operator in `status`; it stays open."""
    assert work.run("take", key, "a", "b") == 0
    assert work.out.startswith("a: ana (declared) is on it since ")
    assert work.run("status", key) == 0
    assert work.out.count("ana (declared) is on it since ") == 2
    assert session_on().progress.of("a").status == "open"


def test_letting_go_ends_it(work: Workplace, key: str) -> None:
    """With --release nobody is on it any more, and taking it again is possible."""
    assert work.run("take", key, "a") == 0
    assert work.run("take", key, "a", "--release") == 0
    assert work.out == "a: nobody is on it\n"
    assert work.run("take", key, "a") == 0


def test_what_is_settled_is_not_taken(work: Workplace, key: str) -> None:
    """A step that is done needs nobody on it."""
    assert work.run("tick", key, "b") == 0
    assert work.run("take", key, "b") == 1
    assert "already done by ana" in work.err
    assert work.run("take", key, "c") == 1
    assert "expected" in work.err
