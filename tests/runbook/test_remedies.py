"""Remedies: where the rules refuse, the terminal hears by which verb, option and ids it goes on."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta

import pytest

from nbrunbook.project.operator import declared
from nbrunbook.runbook import rules
from nbrunbook.runbook.attempt import Attempt
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.other_answers import Elsewhere, Once
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.remedies import of_adding, of_file, remedy, reopening
from tests.making import AT, clock, event, progress_of, then

KEY = "staging/1.0"
SHOP = """
- [ ] Mail {#mail}
- [ ] Board {#board evidence="link to it"}
- [ ] Dump {#dump evidence="file with it"}
- [ ] Text {#text evidence="what it said"}
- [ ] Promote {#promote .irreversible .approval}
- [ ] Top {#top}
  - [ ] Left {#left}
  - [ ] Right {#right}
- [ ] Later {#later wait=24h}
- [ ] Drain {#drain .group}
  - [ ] Web {#web}
  - [ ] Workers {#workers}
- [ ] Behind {#behind after="mail drain"}
- [ ] Elsewhere {#elsewhere after="mail@production"}
- [ ] Not here {#not-here when="environment == 'moon'"}
"""


def helped(done: Progress, kind: Kind, step: str = "", **more: str | bool) -> str:
    """Return what helps with an attempt that has to be refused."""
    attempt = Attempt(
        kind=kind, step=done.plan.by_id[step] if step else None, operator=declared("ben", "env"), clock=clock(), **more
    )  # type: ignore[arg-type]
    assert rules.refusal(done, attempt), "it is allowed"
    return remedy(done, attempt, key=KEY)


@pytest.fixture
def shop() -> Progress:
    """A runbook in which nothing was done."""
    return progress_of(SHOP)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("board", "add --evidence LINK"),
        ("dump", "add --file FILE"),
        ("text", "add --evidence TEXT, or --file FILE"),
        ("promote", "somebody else: 'nbrunbook approve staging/1.0 promote'"),
        ("top", "tick or skip first: left, right"),
        ("drain", "tick or skip first: web, workers"),
        ("behind", "tick or skip first: mail, web, workers"),
        ("later", ""),
        ("elsewhere", ""),
        ("not-here", ""),
    ],
)
def test_what_helps_with_a_tick(shop: Progress, step: str, words: str) -> None:
    """The option, the verb or the ids; nothing where only time or another runbook does."""
    assert helped(shop, "ticked", step) == words


def test_wrong_evidence_names_the_option_again(shop: Progress) -> None:
    """As one that is missing does."""
    assert helped(shop, "ticked", "board", evidence="done") == "add --evidence LINK"
    assert helped(shop, "ticked", "dump", evidence="done") == "add --file FILE"


def test_a_gate_names_what_it_holds_back_for(shop: Progress) -> None:
    """The first few of them."""
    many = "\n".join(f"- [ ] S {number} {{#s{number}}}" for number in range(7))
    done = progress_of(f"## A\n{many}\n\n## B {{.gate}}\n- [ ] Last {{#last}}")
    assert helped(done, "ticked", "last") == "tick or skip first: s0, s1, s2, s3, s4 and 2 more"


@pytest.mark.parametrize(
    ("did", "kind", "words"),
    [
        (("ticked", "mail"), "skipped", "'nbrunbook untick staging/1.0 mail --reason …' opens it again"),
        (("skipped", "mail"), "ticked", "'nbrunbook untick staging/1.0 mail --reason …' opens it again"),
        (("ticked", "mail"), "ticked", ""),
        (("ticked", "mail"), "approved", ""),
        (("noted", "mail"), "unticked", ""),
        (("noted", "mail"), "approved", "'nbrunbook tick staging/1.0 mail' does it"),
    ],
)
def test_what_is_settled_is_opened_first(shop: Progress, did: tuple[Kind, str], kind: Kind, words: str) -> None:
    """Where that leads to what was wanted."""
    assert helped(then(shop, did), kind, "mail") == words


def test_what_cannot_be_undone_takes_a_note(shop: Progress) -> None:
    """And no *untick* is named for it, whatever was tried."""
    done = then(shop, ("approved", "promote"), ("ticked", "promote"))
    assert helped(done, "unticked", "promote") == "'nbrunbook note staging/1.0 TEXT --step promote' writes one"
    assert helped(done, "skipped", "promote") == ""


def test_a_step_above_that_is_done_is_opened_first(shop: Progress) -> None:
    """For undoing one below it, and for adding one there."""
    done = then(shop, ("ticked", "left"), ("ticked", "right"), ("ticked", "top"))
    words = "'nbrunbook untick staging/1.0 top --reason …' opens that again"
    assert helped(done, "unticked", "left") == words
    assert rules.add_refusal(done, "left")
    assert of_adding(done, "left", key=KEY) == words
    assert of_adding(then(shop, ("abandoned", "")), "left", key=KEY).startswith("'nbrunbook reopen staging/1.0")
    assert of_adding(progress_of("text"), None, key=KEY) == ""


def test_who_is_only_declared_approves_in_the_live_runbook(shop: Progress) -> None:
    """Where only verified operators approve."""
    assert "in the live runbook" in helped(shop, "approved", "promote", verified_approvals=True)


def test_the_sign_off_names_what_is_left(shop: Progress) -> None:
    """By id, and what has to be confirmed."""
    assert helped(progress_of("- [ ] A {#a}\n- [ ] B {#b}"), "signed_off") == "tick or skip first: a, b"


@pytest.mark.parametrize("life", ["signed_off", "abandoned", "skipped"])
def test_a_closed_runbook_is_opened_again_first(life: Kind) -> None:
    """For steps, and for what is about all of it; what it is already needs nothing."""
    words = "'nbrunbook reopen staging/1.0 --reason …' opens it again"
    done = then(progress_of("- [ ] A {#a .optional}"), (life, ""))
    assert helped(done, "ticked", "a") == words
    assert helped(done, "signed_off") == ("" if life == "signed_off" else words)
    assert helped(done, "opened") == words
    assert helped(progress_of("- [ ] A {#a}"), "reopened") == ""


def test_an_approval_is_not_named_before_its_time() -> None:
    """What waits, waits first."""
    done = progress_of("- [ ] A {#a .approval wait=1h}")
    assert helped(done, "ticked", "a") == ""
    late = Attempt(
        kind="ticked", step=done.plan.by_id["a"], operator=declared("ben", "env"), clock=clock(AT + timedelta(days=1))
    )
    assert remedy(done, late, key=KEY) == "somebody else: 'nbrunbook approve staging/1.0 a'"


def test_a_step_that_was_settled_elsewhere_is_opened_there() -> None:
    """By the key of that runbook."""
    once = {"a": Once(runbook="eu/1.0", event=event("ticked", "a"))}
    done = replace(progress_of("- [ ] A {#a .once}"), elsewhere=Elsewhere(once=once))
    assert helped(done, "unticked", "a") == "'nbrunbook untick eu/1.0 a --reason …' opens it again"


@pytest.mark.parametrize("named", ["staging/a b", "staging/it's"])
def test_names_are_quoted_for_the_shell(shop: Progress, named: str) -> None:
    """A key with a blank or a quote is one argument of what is suggested."""
    attempt = Attempt(kind="ticked", step=shop.plan.by_id["promote"], operator=declared("ben", "env"), clock=clock())
    command = remedy(shop, attempt, key=named).partition("somebody else: '")[2][:-1]
    assert shlex.split(command) == ["nbrunbook", "approve", named, "promote"]
    assert shlex.split(reopening(named)[1:].partition(" …'")[0]) == ["nbrunbook", "reopen", named, "--reason"]


@pytest.mark.parametrize("size", [0, 6_000_000])
@pytest.mark.parametrize(
    ("label", "option"),
    [("file with it", None), ("link to it", "--evidence"), ("what it said", "--evidence"), (None, "--evidence")],
)
def test_a_file_that_is_not_kept_is_helped_by_what_the_step_takes(
    label: str | None, option: str | None, size: int
) -> None:
    """A link helps where the step takes one; a step that asks for a file is told of another file alone."""
    words = of_file(label, size)
    assert ("--evidence" in words, "--file" in words) == (option is not None, False)
    assert ("smaller" in words) == (size > 0 and label != "link to it")
