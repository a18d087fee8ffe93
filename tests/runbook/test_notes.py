"""Notes: how many there are is known without reading the earlier ones."""

from __future__ import annotations

import pytest

from nbrunbook.runbook.events import Event
from nbrunbook.runbook.notes import HELD, Notes
from nbrunbook.runbook.words import step_view
from tests.making import clock, event, progress_of, then


def test_earlier_notes_are_read_only_where_one_is_asked_for() -> None:
    """How many there are, the last one and the last few are known without."""

    def read() -> list[Event]:
        raise ZeroDivisionError("they are read")

    notes = Notes([event("noted", seq=8)], earlier=7, read=read).followed_by(event("noted", seq=9))
    assert (len(notes), bool(notes), notes[-1].seq, [each.seq for each in notes.last]) == (9, True, 9, [8, 9])
    with pytest.raises(ZeroDivisionError):
        list(notes)


def test_earlier_ones_are_read_in_their_place() -> None:
    """They come first, whoever counts, looks through them or asks for one; those at hand are not read again."""
    found = [event("noted", seq=seq) for seq in range(1, 8)]
    notes = Notes(found[4:], earlier=4, read=lambda: found)
    assert list(notes) == found
    assert (notes[0], notes[-7], notes[5], [*notes[2:4]]) == (found[0], found[0], found[5], found[2:4])
    assert notes == Notes(found)
    assert notes != Notes(found[:-1])
    assert hash(notes) == hash(Notes(found))


def test_the_last_few_are_shown_with_a_step() -> None:
    """Of many it is said how many came before, where they stand, and how many there are; a record has all."""
    done = then(progress_of("- [ ] A {#a}"), *[("noted", "a")] * (HELD + 2), note="seen")
    step = done.plan.by_id["a"]
    view = step_view(done, step, clock())
    assert view["notes"][0] == "2 earlier notes: 'nbrunbook journal KEY' shows all"
    assert (len(view["notes"]), view["note_count"]) == (HELD + 1, HELD + 2)
    assert len(step_view(done, step, clock(), whole=True)["notes"]) == HELD + 2
