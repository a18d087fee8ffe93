"""The rate of a database."""

from __future__ import annotations

from nbrunbook.batches.rate import Rate


def test_it_is_over_the_last_minutes() -> None:
    """What was long ago does not count, and no more samples are kept than a few hundred."""
    rate = Rate()
    for second in range(1000):
        rate.note(second, 100 * second if second < 500 else 50_000 + 10 * (second - 500))
    assert rate.value == 10.0
    assert len(rate._samples) < 200


def test_it_is_not_known_at_once() -> None:
    """Nor after a pause."""
    rate = Rate()
    assert rate.value is None
    rate.note(0, 5)
    assert rate.value is None
    rate.note(2, 9)
    assert rate.value == 2.0
    rate.forget()
    assert rate.value is None
