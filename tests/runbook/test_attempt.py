"""Attempts: every kind has a verb, and what an attempt has to bring is said in its words."""

from __future__ import annotations

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.runbook.attempt import LONGEST_TEXT, NEEDS_REASON, VERBS, check_texts
from nbrunbook.runbook.events import CONTROLS, KINDS, Kind
from nbrunbook.runbook.status import LIFE, TRANSITIONS


def test_every_kind_has_a_verb() -> None:
    """Whatever may follow on a step or a runbook can be said of somebody who tries it."""
    assert set(VERBS) == {kind for _, kind in (*TRANSITIONS, *LIFE)} | {"started", *CONTROLS}
    assert set(NEEDS_REASON) < set(VERBS) < set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_takes_something_back_needs_a_reason(kind: Kind) -> None:
    """A skip, an undo and an end need a reason, a note needs its words, and nothing else needs any."""
    said = {"note": "x"} if kind == "noted" else {}
    if kind not in NEEDS_REASON:
        check_texts("note it", kind, said)
        return
    with pytest.raises(RefusedError, match="leave it: a reason is asked for; say why with --reason"):
        check_texts("leave it", kind, said)
    check_texts("leave it", kind, {"reason": "it was rolled back"})


@pytest.mark.parametrize("said", [{}, {"note": ""}])
def test_a_note_without_words_is_none(said: dict[str, str]) -> None:
    """A note that says nothing is refused."""
    with pytest.raises(RefusedError, match="the note is empty"):
        check_texts("write a note", "noted", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * LONGEST_TEXT, ""),
        ("x" * (LONGEST_TEXT + 1), "the evidence has 100,001 characters, at most 100,000"),
        ("a\0b", "the evidence holds what cannot be written down"),
    ],
    ids=["longest", "longer", "NUL"],
)
def test_a_text_is_named_that_cannot_be_recorded(text: str, said: str) -> None:
    """Of several texts the refusal names the one that is too long or cannot be written down."""
    if not said:
        check_texts("tick mail", "ticked", {"note": "fine", "evidence": text})
        return
    with pytest.raises(RefusedError, match=f"tick mail: {said}"):
        check_texts("tick mail", "ticked", {"note": "fine", "evidence": text})
