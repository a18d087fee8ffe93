"""Code that nobody reviewed is run as no step."""

from __future__ import annotations

from tests.conftest import Workplace
from tests.making import raw_journal, session_on
from tests.running import KEY, made

__all__ = ["made"]


def test_code_that_was_edited_in_the_journal_is_not_run(made: Workplace) -> None:
    """Whoever edits a cell behind the triggers is found out by its sha256, and nothing of it is run."""
    with raw_journal(without="blob") as raw:
        for name in session_on().progress.plan.code:
            raw.execute("UPDATE blob SET content = ? WHERE sha256 = ?", (b"open('evil', 'w')", name))
    assert made.run("check", KEY, "green") == 1
    assert "was edited in the journal" in made.err
    assert not (made.root / "evil").exists()


def test_a_template_that_was_edited_since_is_not_run(made: Workplace) -> None:
    """Neither what lies in the checkout nor in the runbook's file is what runs."""
    for path in (*made.root.glob("templates/*"), *made.root.glob("runbooks/*/*")):
        path.write_text(path.read_text(encoding="utf-8").replace("12 shards", "evil"), encoding="utf-8")
    assert made.run("check", KEY, "green") == 0, made.err
    assert "12 shards" in made.out
    assert "***" in made.out
    assert "s3cret-token" not in made.out + made.err
