"""Drafts: what is about to be written, made of what an operator says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nbrunbook.errors import RefusedError
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import other_answers
from nbrunbook.work import drafts
from tests.making import plan_of, progress_of, then


@pytest.mark.parametrize(
    ("title", "step_id"),
    [
        ("Look", "added-look"),
        ("Look at all the logs of today", "added-look-at-all-the-logs"),
        ("…", "added-step"),
        ("", "added-step"),
    ],
)
def test_an_added_step_is_called_by_its_first_words(title: str, step_id: str) -> None:
    """Five words at most, and an id says that its step was added."""
    assert drafts.free_step_id(title, ()) == step_id


def test_an_id_that_is_taken_gets_a_number() -> None:
    """The second one is -2, and a number that is free is not passed over."""
    assert drafts.free_step_id("Look", {"added-look"}) == "added-look-2"
    assert drafts.free_step_id("Look", {"added-look", "added-look-3"}) == "added-look-2"
    assert drafts.free_step_id("Look", {"added-look", "added-look-2"}) == "added-look-3"


def test_a_draft_says_who_said_what() -> None:
    """The operator, and what vouches for the name, stand beside what was said and what comes with it."""
    who = Operator(name="ana", known="verified", known_by="jupyter")
    draft = drafts.draft_of("ticked", "mail", who, {"note": "x"}, [b"file"])
    assert (draft.kind, draft.step, draft.data, draft.contents) == ("ticked", "mail", {"note": "x"}, [b"file"])
    assert (draft.operator, draft.known, draft.known_by) == ("ana", "verified", "jupyter")


def test_a_step_that_was_just_removed_is_refused() -> None:
    """What the operator saw is looked up in the plan that is in force by now."""
    seen = plan_of("- [ ] A {#a}\n- [ ] B {#b}")
    now = progress_of("- [ ] A, otherwise {#a}")
    assert drafts.as_it_is_now("staging/1.0", now, seen.by_id["a"]).title == "A, otherwise"
    with pytest.raises(RefusedError, match=r"staging/1\.0, step b: a revision has just removed it"):
        drafts.as_it_is_now("staging/1.0", now, seen.by_id["b"])


def test_only_a_sign_off_keeps_what_others_settled() -> None:
    """Of the `.once` steps those are kept that another runbook settled; a tick here is in this journal anyway."""
    here = then(progress_of("- [ ] A {#a .once}\n- [ ] B {#b .once}"), ("ticked", "b"))
    tick = then(progress_of("- [ ] A {#a .once}"), ("ticked", "a")).of("a").by
    assert tick is not None
    once = {"a": other_answers.Once(runbook="eu/1.0", event=tick)}
    both = replace(here, elsewhere=replace(here.elsewhere, once=once))
    assert drafts.kept_elsewhere("signed_off", here) == {}
    assert drafts.kept_elsewhere("archived", both) == {}
    kept = drafts.kept_elsewhere("signed_off", both)["elsewhere"]
    assert {name: each.runbook for name, each in other_answers.from_kept(kept).items()} == {"a": "eu/1.0"}
