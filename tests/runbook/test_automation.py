"""What a plan says of a step that the machine does."""

from __future__ import annotations

from nbrunbook.runbook.automation import Automation


def test_what_goes_without_saying_is_not_said() -> None:
    """The pause belongs to attempts, and only what a decorator would say is an option."""
    once = Automation(function="f", fingerprint="0", every_seconds=10)
    assert once.options == {}
    often = Automation(function="f", fingerprint="0", attempts=3, every_seconds=90, timeout_seconds=600)
    assert often.options == {"attempts": "3", "every": "90s", "timeout": "10m"}
    assert Automation(**often.to_json()) == often
