"""Gates: what they hold back, and what they never do."""

from __future__ import annotations

from tests.conftest import Workplace
from tests.making import event, progress_of, then, why_not, with_event
from tests.runbook.conftest import KIND


def test_a_gate_on_a_heading_holds_its_steps() -> None:
    """Nothing in a gated section may be done until all required above is settled."""
    done = progress_of(
        "## One\n- [ ] A {#a}\n- [ ] B {#b .optional}\n## Two {.gate}\n- [ ] C {#c}\n## Three\n- [ ] D {#d}"
    )
    assert "behind a gate: first settle “A”" in str(why_not(done, "ticked", "c"))
    assert why_not(done, "ticked", "d")
    done = then(done, ("skipped", "a"))
    assert why_not(done, "ticked", "c") is None
    assert why_not(done, "ticked", "d") is None


def test_a_gate_on_a_step_holds_what_is_below() -> None:
    """Nothing below a gate may be done until it is settled; what is above may."""
    done = progress_of("- [ ] A {#a}\n- [ ] G {#g .gate}\n  - [ ] H {#h}\n- [ ] B {#b}")
    assert "behind a gate" in str(why_not(done, "ticked", "b"))
    assert why_not(done, "ticked", "a") is None
    assert why_not(done, "ticked", "h") is None
    assert why_not(then(done, ("ticked", "h"), ("ticked", "g")), "ticked", "b") is None


def test_closed_and_left_out_steps_hold_no_gate() -> None:
    """A gate waits for nothing that is not counted."""
    done = progress_of(
        "## A\n- [ ] A {#a when=\"kind == 'major'\"}\n## If {.if-needed}\n- [ ] B {#b}\n## C {.gate}\n- [ ] C {#c}",
        declare=KIND,
    )
    assert why_not(done, "ticked", "c") is None


def test_a_gate_in_a_closed_section_holds_nothing() -> None:
    """A gate that stands in a section nobody has opened holds nothing below; once it is open it does."""
    done = progress_of("## A\n- [ ] A {#a}\n## If {.if-needed #if}\n- [ ] B {#b .gate}\n## C\n- [ ] C {#c}")
    assert why_not(done, "ticked", "c") is None
    opened = with_event(done, event("opened", "if"))
    assert "B" in (why_not(opened, "ticked", "c") or "")


def test_a_gate_on_a_closed_heading_holds_nothing_below() -> None:
    """A heading that is a gate and only if needed holds nothing back until it is opened."""
    done = progress_of("## A\n- [ ] A {#a}\n## If {.if-needed .gate #if}\n- [ ] B {#b}\n## C\n- [ ] C {#c}")
    assert why_not(done, "ticked", "c") is None


def test_a_parent_is_not_its_own_gate() -> None:
    """A gated sub-step never waits for the step that waits for it."""
    done = progress_of("## One\n- [ ] A {#a}\n  - [ ] B {#b .gate}\n  - [ ] C {#c}")
    done = then(done, ("ticked", "b"))
    assert why_not(done, "ticked", "c") is None


def test_no_gate_holds_back_a_way_back(work: Workplace) -> None:
    """A step in an `.if-needed` section can be done whatever is open above a gate outside it."""
    path = work.template(
        "## A {.gate}\n- [ ] a {#a .gate}\n## Wrong {.if-needed}\n- [ ] back {#back}\n- [ ] say {#say}"
    )
    assert work.run("instantiate", path, "-e", "staging") == 0
    assert work.run("tick", "staging/1.0", "back") == 0, work.err
