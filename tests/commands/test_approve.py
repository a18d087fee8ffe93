"""nbrunbook approve."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook with a step that needs an approval, and one that needs none."""
    return registered("- [ ] A {#a .approval}\n- [ ] B {#b}")


def test_a_second_operator_approves(work: Workplace, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An approval comes before the act, and never from the one who acts."""
    assert work.run("tick", key, "a") == 1
    assert "a second operator has to approve it first" in work.err
    assert work.run("approve", key, "a", "--note", "looked at it") == 0
    assert work.out.startswith("a: approved by ana (declared), ")
    assert work.run("tick", key, "a") == 1
    assert "somebody else has to do it" in work.err
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ben")
    assert work.run("tick", key, "a") == 0
    assert session_on().progress.of("a").approved.operator == "ana"  # type: ignore[union-attr]


def test_a_second_approval_is_no_event(work: Workplace, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever approves what they approved is told so, and the journal holds it once; another person may approve too."""
    for status, said in ((0, "approved by ana"), (1, "cannot approve a: already approved by ana, ")):
        assert work.run("approve", key, "a") == status
        assert said in work.out + work.err
    assert [event.kind for event in session_on().events] == ["opened", "approved"]
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ben")
    assert work.run("approve", key, "a") == 0


def test_two_names_of_one_person_are_one(work: Workplace, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has two names cannot approve under one and act under the other."""
    names = '[tool.nbrunbook.operators]\n"ana@example.org" = "ana"\n'
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{names}', encoding="utf-8")
    assert work.run("approve", key, "a") == 0
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ana@example.org")
    assert work.run("tick", key, "a") == 1
    assert "somebody else has to do it" in work.err


def test_what_needs_no_approval_takes_none(work: Workplace, key: str) -> None:
    """A step without .approval cannot be approved."""
    assert work.run("approve", key, "b") == 1
    assert "it needs no approval" in work.err


def test_an_environment_may_ask_for_verified_approvals(work: Workplace, key: str) -> None:
    """Approval = "verified" in an environment accepts no declared operator's approval."""
    table = '[tool.nbrunbook.environments.staging]\napproval = "verified"\n'
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{table}', encoding="utf-8")
    assert work.run("approve", key, "a") == 1
    assert "verified" in work.err
