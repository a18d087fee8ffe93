"""nbrunbook note."""

from __future__ import annotations

import pytest

from tests.conftest import Workplace
from tests.making import HOSTILE, registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of one step."""
    return registered("- [ ] A {#a}")


def test_a_note_on_the_runbook_is_the_handover(work: Workplace, key: str) -> None:
    """Without --step a note is the handover line."""
    assert work.run("note", key, "ben takes over at 22:00") == 0
    assert work.out.startswith("staging/1.0: noted by ana, ")
    assert session_on().progress.notes[-1].data == {"note": "ben takes over at 22:00"}


def test_a_note_on_a_step_stands_there(work: Workplace, key: str) -> None:
    """With --step a note stands at the step, and changes nothing."""
    assert work.run("note", key, "no answer yet", "--step", "a") == 0
    state = session_on().progress.of("a")
    assert (state.status, len(state.notes)) == ("open", 1)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_note_is_kept_to_the_letter(work: Workplace, key: str, text: str) -> None:
    """What was typed is kept to the letter, and shown without steering the terminal."""
    assert work.run("note", key, text) == 0
    assert session_on().events[-1].data == {"note": text}
    assert work.run("status", key) == work.run("journal", key) == 0
    assert not set("\x1b\u202e\u2066") & set(work.out)


@pytest.mark.parametrize("text", ["", "  ", "x" * 100_001, "\udcff"])
def test_a_bad_note_is_refused(work: Workplace, key: str, text: str) -> None:
    """An empty note, one that is too long, and one that is no text are refused."""
    assert work.run("note", key, text) == 1
    assert "cannot note staging/1.0" in work.err
    assert len(session_on().events) == 1
