"""Badges: what to know of a step before it is done, each with its kind."""

from __future__ import annotations

from datetime import timedelta

from nbrunbook.runbook import words
from nbrunbook.runbook.badges import badges
from nbrunbook.runbook.progress import Progress
from tests.making import AT, clock, progress_of, then
from tests.runbook.conftest import with_facts


def _of(progress: Progress, step: str) -> list[tuple[str, str]]:
    return [(each.kind, each.words) for each in badges(progress, progress.plan.by_id[step])]


def _shown(progress: Progress, step: str, hours: int = 0) -> tuple[list[list[str]], str]:
    at = clock(AT + timedelta(hours=hours))
    view = words.step_view(progress, progress.plan.by_id[step], at)
    return view["badges"], words.lock_words(view)


def test_badges_say_what_to_know_before() -> None:
    """Owner, flags and what is asked for stand beside a step before it is done."""
    assert _of(with_facts(), "mail") == [("owner", "ops")]
    assert _of(with_facts(), "board") == [("owner", "ops"), ("evidence", "asks for: link to the board")]
    assert _of(with_facts(), "web") == [("owner", "ops"), ("approval", "needs an approval")]
    assert _of(with_facts(("approved", "web")), "web") == [("owner", "ops")]
    assert _of(with_facts(), "see") == [("optional", "optional")]
    assert _of(with_facts(), "back") == [("irreversible", "cannot be undone"), ("once", "once for the whole group")]
    assert _of(with_facts(), "old") == [("owner", "ops"), ("left-out", "only when environment == 'production'")]


def test_a_wait_is_told_before_it_begins() -> None:
    """What a wait or a due time counts from is a badge; once it counts, the lock says how long that still is."""
    progress = progress_of("- [ ] Mail support {#a}\n- [ ] B {#b after=a wait=24h due=7d}\n- [ ] C {#c wait=2h}")
    waits, due = ["wait", "waits 1 d after “Mail support”"], ["due", "due 7 d after “Mail support”"]
    assert _shown(progress, "b") == ([waits, due], "")
    assert _shown(progress, "c") == ([["wait", "waits 2 h after “B”"]], "")
    done = then(progress, ("ticked", "a"))
    assert _shown(done, "b") == ([], "waits 1 d, until 23 Nov 14:02 UTC")
    assert _shown(done, "b", hours=25) == ([], "")


def test_a_lock_has_a_short_reason() -> None:
    """Behind a gate, after a step, for its sub-steps: a few words beside the sentence; an approval's badge says it."""
    progress = progress_of(
        "- [ ] G {#g .gate}\n- [ ] P {#p}\n  - [ ] S {#s}\n- [ ] T {#t after=g,p}\n- [ ] U {#u .approval}"
    )
    assert [_shown(progress, step)[1] for step in "pstu"] == [
        "after its sub-steps", "behind the gate", "behind the gate", "behind the gate"
    ]  # fmt: skip
    passed = then(progress, ("ticked", "g"))
    assert [_shown(passed, step)[1] for step in "pstu"] == ["after its sub-steps", "", "after “P”", ""]
