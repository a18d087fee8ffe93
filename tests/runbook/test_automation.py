"""What a plan says of a step that the machine does."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import automation
from nbrunbook.runbook.automation import Automation


@pytest.mark.parametrize(
    ("written", "length"), [("30s", 30), ("5m", 300), (" 2 h ", 7200), ("1d", 86400), ("90s", 90), ("1w", 604800)]
)
def test_a_length_of_time(written: str, length: int) -> None:
    """Seconds, too, beside what `wait` and `due` take; what is shown is read as the same."""
    assert automation.seconds(written) == length
    assert automation.seconds(automation.duration(length)) == length


@pytest.mark.parametrize("written", ["", "5", "s", "0s", "0m", "1.5m", "-3s", "5 min", "100000s", "1m 30s"])
def test_what_is_none(written: str) -> None:
    """No time at all is none either: a check without a pause would be a flood."""
    with pytest.raises(ValueError):  # noqa: PT011
        automation.seconds(written)


def test_what_goes_without_saying_is_not_said() -> None:
    """The pause belongs to attempts, and only what a decorator would say is an option."""
    once = Automation(function="f", fingerprint="0", every_seconds=10)
    assert once.options == {}
    often = Automation(function="f", fingerprint="0", attempts=3, every_seconds=90, timeout_seconds=600)
    assert often.options == {"attempts": "3", "every": "90s", "timeout": "10m"}
    assert Automation(**often.to_json()) == often
