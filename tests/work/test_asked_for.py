"""Which of a deployment's runbooks decides, and which releases are asked for."""

from __future__ import annotations

from nbrunbook.journal.entries import RunbookRow, row_of
from nbrunbook.runbook import events
from nbrunbook.work.asked_for import deciding_runbook, is_asked_for
from tests.making import event


def _row(key: str) -> RunbookRow:
    environment, _, release = key.partition("/")
    facts = {"project": "shop", "key": key, "release": release.partition("@")[0], "environment": environment}
    return row_of({**facts, "plan_digest": events.digest(key)})


def test_the_latest_runbook_that_was_not_abandoned_decides() -> None:
    """A later runbook replaces an earlier one; an abandoned one says nothing; ten comes after nine."""
    first, second, tenth = (_row(f"staging/1.0{more}") for more in ("", "@2", "@10"))
    abandoned = event("abandoned")
    assert deciding_runbook([first, second], {}) == second
    assert deciding_runbook([tenth, second], {}) == tenth
    assert deciding_runbook([first, second], {second.digest: abandoned}) == first
    assert deciding_runbook([first], {first.digest: event("signed_off")}) == first
    assert deciding_runbook([first], {first.digest: abandoned}) is None


def test_a_baseline_leaves_out_what_is_older() -> None:
    """`since` leaves out older releases, not itself and not names that it cannot be compared with."""
    found = {name: is_asked_for(name, "2026.9.0") for name in ("2026.8.1", "2026.9.0", "2026.10.0", "drop-sku")}
    assert found == {"2026.8.1": False, "2026.9.0": True, "2026.10.0": True, "drop-sku": True}
    assert is_asked_for("0.1", None)
