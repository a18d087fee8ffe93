"""The heart: whether the kernel answers, told to all panels of that kernel."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

MAKE = """async () => {
  const { Heart } = await import("/js/heart.js");
  globalThis.Heart = Heart;
  globalThis.reply = null;
  globalThis.panel = () => ({
    told: [],
    asked: [],
    setLive(live) { this.told.push(live); },
    show() { this.told.push("show"); },
    showTimes() { this.told.push("times"); },
    showAlarm() { this.told.push("alarm"); },
    showFoot() { this.told.push("foot"); },
    async ask(ask) {
      this.asked.push(ask);
      return reply && { now: new Date(Date.now() + 7000).toISOString(), ...reply };
    },
  });
  globalThis.first = panel();
  globalThis.heart = Heart.of("one");
  heart.add(first);
}"""
HERE = {"operator": "ana", "known": "declared: env", "may_rename": True}


def _live(page: Page) -> list[str]:
    """What the first panel was told, clock and alarm apart."""
    told: list[str] = page.evaluate("first.told.filter((each) => !['times', 'alarm'].includes(each))")
    return told


def _let(page: Page, ms: int, reply: dict[str, Any] | None) -> None:
    """Let time pass while the kernel answers, or is silent."""
    page.evaluate("(given) => { reply = given; }", reply)
    page.clock.run_for(ms)


def test_asking_live_gone_and_live_again(page: Page) -> None:
    """It asks until the kernel answers; more than 4 s of silence are *gone*, and one answer takes that back."""
    page.evaluate(MAKE)
    _let(page, 3000, None)
    assert _live(page) == ["asking"]
    _let(page, 1500, HERE)
    assert _live(page) == ["asking", "live"]
    _let(page, 3000, None)
    assert _live(page) == ["asking", "live"]
    _let(page, 3000, None)
    assert _live(page) == ["asking", "live", "gone"]
    _let(page, 1500, HERE)
    assert _live(page) == ["asking", "live", "gone", "live"]


def test_hello_until_it_lives_and_beats_after(page: Page) -> None:
    """A kernel that is not known to live is greeted: a restarted one answers nothing else."""
    page.evaluate(MAKE)
    _let(page, 3000, HERE)
    assert page.evaluate("first.asked") == ["hello", "beat"]
    _let(page, 6000, None)
    _let(page, 1500, HERE)
    assert page.evaluate("first.asked.at(-1)") == "hello"


def test_a_kernel_that_never_answered_is_told(page: Page) -> None:
    """After 8 s without any answer the panels say what to do; before that it is still starting."""
    page.evaluate(MAKE)
    _let(page, 7500, None)
    assert page.evaluate("[heart.isStillAsking, first.told.includes('alarm')]") == [False, False]
    _let(page, 1500, None)
    assert page.evaluate("[heart.isStillAsking, first.told.includes('alarm')]") == [True, True]


def test_another_operator_is_shown_at_once(page: Page) -> None:
    """Who is at work stands in every panel: another name shows all of them again, the same name none."""
    page.evaluate(MAKE)
    _let(page, 3000, HERE)
    assert _live(page) == ["asking", "live"]
    _let(page, 1500, {**HERE, "operator": "ben"})
    assert _live(page) == ["asking", "live", "show"]
    assert page.evaluate("[heart.operator, heart.mayRename]") == ["ben", True]


def test_times_are_by_the_kernels_clock(page: Page) -> None:
    """A browser whose clock is slow counts by the kernel's, and shows times each second."""
    page.evaluate(MAKE)
    _let(page, 1500, HERE)
    assert page.evaluate("heart.aheadMs") == 7000
    page.evaluate("first.told.length = 0")
    _let(page, 3000, HERE)
    assert page.evaluate("first.told").count("times") == 3


def test_one_heart_a_kernel(page: Page) -> None:
    """Panels of one kernel share a heart, another kernel has its own, and with its last panel it stops."""
    page.evaluate(MAKE)
    found = page.evaluate("""() => {
      const second = panel();
      const same = Heart.of("one") === heart, other = Heart.of("two") !== heart;
      heart.add(second);
      heart.remove(first);
      const kept = Heart.of("one") === heart;
      heart.remove(second);
      return [same, other, kept, Heart.of("one") === heart];
    }""")
    assert found == [True, True, True, False]
    page.evaluate("first.asked.length = 0")
    _let(page, 6000, HERE)
    assert page.evaluate("first.asked") == []


def test_whose_steps_are_wanted(page: Page) -> None:
    """Everybody's, one owner's, or mine: what the kernel says belongs to the operator, whatever the case."""
    page.evaluate(MAKE)
    _let(page, 1500, {**HERE, "operator": "Ana"})
    wanted = """async (only) => {
      const { MINE } = await import("/js/heart.js");
      heart.only = only === "mine" ? MINE : only;
      const steps = [["ops", ["ops"]], ["rm", ["rm", "ana"]], ["", []]];
      return steps.map(([owner, belongs_to]) => heart.wants({ owner, belongs_to }));
    }"""
    assert page.evaluate(wanted, None) == [True, True, True]
    assert page.evaluate(wanted, "ops") == [True, False, False]
    assert page.evaluate(wanted, "mine") == [False, True, False]


def test_the_next_step_is_told_when_it_changes(page: Page) -> None:
    """The header sets it; every panel shows the way there, and none is disturbed by the same step again."""
    page.evaluate(MAKE)
    page.evaluate("for (const id of ['a', 'a', 'b']) heart.setNext({ id, title: 'A' })")
    assert page.evaluate("first.told").count("foot") == 2
