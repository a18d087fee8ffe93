"""An offer, as a panel is told of it."""

from __future__ import annotations

from nbrunbook.runbook.offer import Offer


def test_what_is_empty_is_left_out() -> None:
    """A runbook has thousands of offers, and most of them are two words."""
    assert Offer(ask="run", words="Check").as_json() == {"ask": "run", "words": "Check"}
    assert Offer(ask="run", held="wait", sure="sure?").as_json() == {"ask": "run", "held": "wait", "sure": "sure?"}
