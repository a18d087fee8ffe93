"""Kept states: going on from one is the same as replaying all, whatever happened and in whatever order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.runbook import kept_state, other_answers, replay
from nbrunbook.runbook.events import CONTROLS, KINDS, Event, digest, salted
from nbrunbook.runbook.notes import HELD
from nbrunbook.runbook.other_answers import Once
from nbrunbook.runbook.plan import Plan
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.redactions import NEEDED, Redaction
from nbrunbook.runbook.status import StepState
from tests.conftest import PARAMETERS
from tests.making import event, plan_of

DECLARED = f"from nbrunbook import action, check\n{PARAMETERS}"
CODE = "@check('green')\ndef look(): ...\n@action('purge')\ndef purge(): ...\n@check('inner')\ndef inner(): ..."
MADE = """## One
- [ ] Green {#green .approval}
- [ ] Purge {#purge}
- [ ] Manual {#manual}
  - [ ] Inner {#inner}
- [ ] All: {#all .group}
  - [ ] Web {#web .once}
## If {.if-needed #if}
- [ ] Back {#back evidence=link}
"""
OTHER = MADE.replace("Web", "Webs").replace("Manual", "By hand").replace("- [ ] Purge {#purge}\n", "")
RUNBOOK = "d" * 64


def _plan(markdown: str) -> Plan:
    return plan_of(markdown, declare=DECLARED, code=CODE if "purge" in markdown else CODE.replace("'purge'", "'web'"))


PLANS = {each.digest: each for each in (_plan(MADE), _plan(OTHER))}
THERE = replace(event("ticked", "web", note="a text"), id="1" * 32, salt="", data_digest="")
ELSEWHERE = other_answers.kept({"web": Once(runbook="eu/1.0", event=THERE)})
DATA: list[dict[str, str]] = [
    *({}, {"note": "n"}, {"key": "k-1"}, {"let_go": "yes"}, {"evidence": "e", "reason": "r"}),
    *({"title": "X", "after": "web"}, {"title": "Y"}, {"elsewhere": ELSEWHERE}),
    *({"plan": each} for each in PLANS),
]
STEPS = ["", "green", "purge", "manual", "inner", "all", "web", "back", "if", "x", "unknown"]
OFTEN = [
    *("started", "passed", "failed", "undecided", "stopped", "noted", "ticked", "unticked"),
    *("redacted", "added", "signed_off", "reopened", "revised"),
]
FACTS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, *OFTEN]),
        st.one_of(st.sampled_from(STEPS), st.sampled_from(["green", "manual", "inner"])),
        st.sampled_from(DATA),
        st.integers(min_value=1, max_value=40),
    ),
    max_size=40,
)


def _event(kind: Any, step: str, seq: int, data: dict[str, str]) -> Event:
    salt, data_digest = salted(data)
    return replace(event(kind, step, seq=seq), data=data, salt=salt, data_digest=data_digest)


def _events_of(facts: Sequence[tuple[Any, str, dict[str, str], int]]) -> list[Event]:
    """Events as a journal would hold them in the end: what was redacted is blank."""
    found: list[Event] = []
    for seq, (kind, step, data, target) in enumerate(facts, 1):
        if kind != "redacted":
            found.append(_event(kind, step, seq, data))
            continue
        blanked = found[target - 1] if target < seq else None
        if blanked is None or blanked.kind in NEEDED or not blanked.data:
            found.append(_event("redacted", "", seq, {}))
            continue
        again = other_answers.without_texts(blanked.data.get("elsewhere", ""))
        said = Redaction(event=blanked, blob="").data("why", kept=again)
        found[target - 1] = replace(blanked, data={}, salt="")
        found.append(_event("redacted", "", seq, said))
    return found


def _whole(found: Sequence[Event]) -> Progress:
    return replay.apply_all(replay.start(_plan(MADE)), found, PLANS)


def _text(progress: Progress, last: Event) -> str:
    return kept_state.text_of(progress, runbook=RUNBOOK, last_hash=last.hash())


def _restored(text: str, found: Sequence[Event]) -> Progress:
    """Go on from a state with the events alone that it names."""
    kept = kept_state.parsed(text, runbook=RUNBOOK)
    assert kept is not None
    named = [each for each in found if each.seq in kept.seqs]
    notes = _whole(found[: kept.seq])
    start = replay.start(_plan(MADE))
    return kept_state.restored(kept, start, named, PLANS, lambda step: notes.steps[step].notes if step else notes.notes)


@settings(max_examples=150)
@given(facts=FACTS)
def test_going_on_from_any_event_is_the_same_as_replaying_all(
    facts: list[tuple[Any, str, dict[str, str], int]],
) -> None:
    """At every event, of every kind, in every order; until something is redacted, when all is replayed."""
    found = _events_of(facts)
    for seq in range(1, len(found) + 1):
        whole = _whole(found[:seq])
        restored = _restored(_text(whole, found[seq - 1]), found)
        assert restored == whole
        later = list(takewhile(lambda each: each.kind != "redacted", found[seq:]))
        after = replay.apply_all(restored, later, PLANS)
        assert after == _whole(found[: seq + len(later)])
        assert _text(after, found[-1]) == _text(_whole(found[: seq + len(later)]), found[-1])


def test_many_notes_are_counted_and_the_last_ones_named() -> None:
    """However many there are, a state is no longer for them; all are there for whoever asks."""
    found = [event("noted", "web", seq=seq, note=str(seq)) for seq in range(1, 31)]
    text = _text(_whole(found), found[-1])
    assert json.loads(text)["steps"]["web"] == {"notes": [30, *range(26, 31)]}
    notes = _restored(text, found).steps["web"].notes
    assert (len(notes), notes[-1].data["note"], len(notes.last)) == (30, "30", HELD)
    assert [note.seq for note in notes] == list(range(1, 31))
    assert notes[0].seq == 1


def test_a_state_grows_with_the_steps_and_not_with_the_events() -> None:
    """A thousand runs, ticks and notes come to as many names as a few."""
    round_ = ["started", "failed", "noted", "started", "passed", "started", "failed"]
    few, many = ([event(kind, "green", seq=n) for n, kind in enumerate(round_ * times, 1)] for times in (2, 200))
    sizes = [len(json.loads(_text(_whole(each), each[-1]))["steps"]["green"]) for each in (few, many)]
    assert sizes[0] == sizes[1]
    kept = kept_state.parsed(_text(_whole(many), many[-1]), runbook=RUNBOOK)
    assert kept is not None
    assert len(kept.seqs) <= HELD + 5


BEFORE = [
    *[("opened", "", {}), ("ticked", "green", {}), ("unticked", "green", {"reason": "r"}), ("ticked", "web", {})],
    *[("noted", "web", {"note": "n"}), ("added", "x", {"title": "X", "after": "web"}), ("opened", "if", {})],
    *[("started", "green", {"key": "k"}), ("undecided", "green", {}), ("noted", "", {"note": "n"})],
]


def _kept() -> tuple[dict[str, Any], list[Event]]:
    found = [event(kind, step, seq=seq, **data) for seq, (kind, step, data) in enumerate(BEFORE, 1)]  # type: ignore[arg-type]
    return json.loads(_text(_whole(found), found[-1])), found


FORGED: dict[str, dict[str, Any]] = {
    "a tick of another step": {"steps": {"purge": {"by": 4}}},
    "an event of another kind": {"steps": {"green": {"by": 3}}},
    "an event that is not there": {"steps": {"green": {"by": 11}}},
    "another chain": {"hash": "e" * 64},
    "other rules": {"rules": kept_state.RULES + 1},
    "fewer notes than are named": {"notes": [0, 10]},
    "a note of a step as the runbook's": {"notes": [1, 5]},
    "no number": {"steps": {"green": {"runs": "<b>"}}},
    "no step": {"steps": {"green": []}},
    "nothing": {"steps": None},
    "no instant": {"created_at": "yesterday"},
    "something more": {"more": 1},
    "no plan": {"revisions": [4]},
    "a list": {"places": []},
}


@pytest.mark.parametrize("name", FORGED)
def test_what_does_not_fit_is_not_gone_by(name: str) -> None:
    """A state that names other events than there can be, or is of another form or chain, is refused."""
    facts, found = _kept()
    assert _restored(json.dumps(facts, sort_keys=True, separators=(",", ":")), found) == _whole(found)
    text = json.dumps({**facts, **FORGED[name]}, sort_keys=True, separators=(",", ":"))
    kept = kept_state.parsed(text, runbook=RUNBOOK)
    if kept is not None:
        with pytest.raises(ValueError, match=r"event|state|counts|notes|instant|yesterday"):
            kept_state.restored(kept, replay.start(_plan(MADE)), found, PLANS, lambda _: [])


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", "{" * 100_000, '{"runbook":"other"}'])
def test_what_is_no_state_is_none(text: str) -> None:
    """Whatever stands in the table: it is a state of that runbook, or nothing."""
    assert kept_state.parsed(text, runbook=RUNBOOK) is None
    facts, _ = _kept()
    assert kept_state.parsed(json.dumps(facts), runbook="another") is None


def test_every_field_is_kept_or_follows() -> None:
    """Whoever gives a step or a runbook another field says here where it comes from, and raises RULES."""
    of_step = {*kept_state.OF_STEP, *kept_state.COUNTED, "notes"}
    assert {each.name for each in fields(StepState)} - of_step == {"status", "where", "reworded"}
    kept = {*kept_state.OF_RUNBOOK, *kept_state.parsed(json.dumps(_kept()[0]), runbook=RUNBOOK).facts}  # type: ignore[union-attr]
    follow = {"plan", "state", "opened_sections", "added", "versions", "elsewhere", "heard"}
    assert {each.name for each in fields(Progress)} - kept == follow


USUAL: list[tuple[Any, str, dict[str, str], int]] = [
    *((kind, "green", {"key": "k"}, 0) for kind in ("started", "failed", "started", "undecided", "started", "passed")),
    *(("ticked", step, {"evidence": "e"}, 0) for step in ("manual", "web", "purge")),
    ("revised", "", {"plan": _plan(OTHER).digest}, 0),
    ("ticked", "web", {"reason": "it holds"}, 0),
    ("signed_off", "", {"elsewhere": ELSEWHERE}, 0),
    ("archived", "", {}, 0),
    ("failed", "green", {}, 0),
    ("redacted", "", {}, 12),
    ("reopened", "", {}, 0),
]


def _course() -> list[tuple[Any, str, dict[str, str], int]]:
    """A fixed course in which everything comes to pass, also what nobody would do."""
    known = [kind for kind in KINDS if kind not in (*CONTROLS, "quarantined")]  # which came later
    kinds, whole = [*known, *OFTEN], ("revised", "reopened", "signed_off")
    facts = [(kinds[n * 7 % len(kinds)], STEPS[n * 5 % len(STEPS)], DATA[n * 3 % len(DATA)], n) for n in range(300)]
    return [*USUAL, *((kind, "" if kind in whole else step, data, n // 2 + 1) for kind, step, data, n in facts)]


def test_rules_have_a_number() -> None:
    """A fixed course of events comes to the same states as ever: where it does not any more, RULES has to be raised."""
    found = _events_of(_course())
    texts = [json.loads(_text(_whole(found[:seq]), found[seq - 1])) for seq in range(1, len(found) + 1, 6)]
    told = json.dumps([{**each, "hash": ""} for each in texts], sort_keys=True)
    assert (kept_state.RULES, digest(told)[:16]) == (1, "33c0f93bf8335011")
