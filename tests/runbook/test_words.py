"""Phrases: what is said of a step, a section and a runbook, wherever it is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nbrunbook.runbook import words
from nbrunbook.runbook.progress import Progress
from tests.making import AT, clock, event, plan_of, progress_of, then, with_event
from tests.runbook.conftest import text_of, with_facts


def _line(done: Progress, step: str) -> str:
    return words.line(done.of(step), clock())


def test_a_tick_says_who_how_known_and_when() -> None:
    """Beside a done step stands who did it, how the operator is known, and when."""
    assert _line(with_facts(("ticked", "mail")), "mail") == "done by ana (declared), 22 Nov 14:02 UTC"


def test_a_skip_says_why() -> None:
    """Beside a skipped step stands the reason."""
    done = with_facts(("skipped", "mail"), reason="nobody uses staging")
    assert _line(done, "mail") == "skipped by ana (declared), 22 Nov 14:02 UTC — nobody uses staging"


def test_a_tick_for_somebody_says_for_whom() -> None:
    """A tick that was recorded for somebody else names both."""
    done = with_facts(("ticked", "mail"), **{"for": "Kim, support"})
    assert _line(done, "mail").startswith("done by Kim, support, recorded by ana (declared)")


def test_an_undone_step_says_who_undid_it() -> None:
    """A step that is open again says who opened it, and why."""
    done = with_facts(("ticked", "mail"), ("unticked", "mail"), reason="wrong list")
    assert _line(done, "mail") == "unticked by ana (declared), 22 Nov 14:02 UTC — wrong list"


def test_an_approval_is_shown() -> None:
    """An approval is shown before the act, and after it beside the act."""
    assert _line(with_facts(("approved", "web")), "web") == "approved by ana (declared), 22 Nov 14:02 UTC"
    assert _line(with_facts(("approved", "web"), ("ticked", "web")), "web").endswith(
        " · approved by ana (declared), 22 Nov 14:02 UTC"
    )
    assert "a second operator has to approve it first" in text_of(with_facts())


def test_who_is_on_it_is_shown() -> None:
    """I am on it: a step that was taken says by whom and since when."""
    assert _line(with_facts(("taken", "mail")), "mail") == "ana (declared) is on it since 22 Nov 14:02 UTC"


def test_an_untouched_step_says_nothing() -> None:
    """A step that nobody touched, or that does not apply, has no line."""
    assert _line(with_facts(), "mail") == _line(with_facts(), "old") == ""


def test_what_was_redacted_is_not_shown() -> None:
    """A redacted reason or note leaves a mark in its place."""
    note = event("noted", "mail", seq=2, note="a token")
    done = with_event(with_facts(), replace(note, data={}, salt=""))
    assert "(redacted), ana (declared)" in text_of(done)
    skip = event("skipped", "board", seq=2, reason="a token")
    done = with_event(with_facts(), replace(skip, data={}, salt=""))
    assert "redacted" in _line(done, "board")


def test_what_is_of_another_year_says_so() -> None:
    """What is due, what is waited for and what was done: each with its year where that is not this one."""
    done = then(progress_of("- [ ] A {#a due=60d}\n- [ ] B {#b after=a wait=60d}"), ("noted", "a"), note="soon")
    by_id, now = done.plan.by_id, AT + timedelta(days=1)
    assert words.step_view(done, by_id["a"], clock(now))["due"] == "due 21 Jan 2027 14:02 UTC"
    done = then(done, ("ticked", "a"))
    assert words.step_view(done, by_id["b"], clock(now))["waiting"] == "it waits until 21 Jan 2027 14:02 UTC"
    seen = words.step_view(done, by_id["a"], clock(AT + timedelta(days=60)))
    assert seen["line"] == "done by ana (declared), 22 Nov 2026 14:02 UTC"
    assert seen["notes"] == ["soon — ana (declared), 22 Nov 2026 14:02 UTC"]


def test_steps_are_counted_as_their_progress_counts_them() -> None:
    """What is only if needed is told beside the others, and one step is 1 step."""
    plan = plan_of('- [ ] A {#a}\n## If so {.if-needed}\n- [ ] B {#b}\n- [ ] C {#c}\n- [ ] D {#d when="1 == 2"}')
    assert words.steps_words(plan) == "1 step, and 2 only if needed"
    assert words.steps_words(plan_of("- [ ] A {#a}\n- [ ] B {#b}")) == "2 steps"


def test_a_gate_and_a_closed_section_are_told() -> None:
    """A gate is told, and a section that is closed until it is opened."""
    assert words.section_about(with_facts(), "then", clock()) == [f"{words.GATE} First: “Mail”, “Board”, “Web”."]
    settled = with_facts(("ticked", "mail"), ("skipped", "board"), ("approved", "web"), ("ticked", "web"))
    assert words.section_about(settled, "then", clock()) == [words.GATE_PASSED]
    assert words.section_about(with_facts(), "wrong", clock())[0].startswith("If needed: closed")
    opened, closed = ("opened", "wrong"), ("closed", "wrong")
    assert words.section_about(with_facts(opened), "wrong", clock()) == [
        "If needed: opened by ana (declared), 22 Nov 14:02 UTC."
    ]
    assert words.section_about(with_facts(opened, closed), "wrong", clock())[0].endswith(
        "until an operator opens it. Closed again by ana (declared), 22 Nov 14:02 UTC."
    )
    assert words.section_about(with_facts(), "tell-people", clock()) == []


def test_a_lock_does_not_repeat_what_a_badge_says() -> None:
    """Where a badge tells what a step waits for, and how long, the lock beside it has no words of its own."""
    progress = progress_of("# S\n- [ ] One {#one}\n- [ ] Two {#two wait=2h}\n- [ ] Three {#three after=one}\n")
    locks = {step.id: words.step_view(progress, step, clock())["lock"] for step in progress.plan.steps}
    assert locks == {"one": "", "two": "", "three": "after “One”"}
    two = words.step_view(progress, progress.plan.by_id["two"], clock())
    assert (two["badges"], bool(two["waiting"])) == ([["wait", "waits 2 h after “One”"]], True)


def test_a_heading_that_was_answered_since_is_told() -> None:
    """A cell's heading is drawn once: what is known by now of an `as` in it stands in its panel."""
    markdown = (
        '# S\n- [ ] Agree {#agree evidence="the date" as=day}\n\n# Announce {{day}} {#announce}\n- [ ] Mail {#mail}\n'
    )
    before = progress_of(markdown)
    (section,) = (each.id for each in before.plan.sections if "Announce" in each.title)
    assert words.section_about(before, section, clock()) == []
    after = then(before, ("ticked", "agree"), evidence="8 December")
    assert words.section_about(after, section, clock()) == ["With what was answered since: “Announce 8 December”."]
