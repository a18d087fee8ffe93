"""What several tests of runbooks tell: runbooks with everything in them, and what may happen to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st

from nbrunbook.runbook import replay
from nbrunbook.runbook.events import KINDS, Event, Kind
from nbrunbook.runbook.plain import section_text
from nbrunbook.runbook.progress import Progress
from tests.making import AT, clock, event, plan_of, with_event

KIND = "kind: str = 'minor'\n"
APPROVED = "- [ ] Mail {#mail .approval}"
LIVES: dict[str, list[tuple[Kind, str]]] = {
    "open": [],
    "signed_off": [("signed_off", "")],
    "abandoned": [("abandoned", "")],
    "skipped": [("skipped", "")],
}
EVERYTHING = """## One
- [ ] A {#a .approval}
- [ ] B: {#b .group}
  - [ ] C {#c}
  - [ ] D {#d .optional}
## If {.if-needed #if}
- [ ] E {#e after=a wait=1h due=2h}
## Two {.gate}
- [ ] F {#f .gate evidence=link as=link}
  - [ ] G {#g}
"""
FACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["", *"abcdefg", "if", "unknown"])), max_size=30)


def events_of(facts: Sequence[tuple[Kind, str]]) -> list[Event]:
    """Return events in the order of their facts, each a kind and a step."""
    return [event(kind, step, seq=number) for number, (kind, step) in enumerate(facts, 1)]


TREE = """## Do
- [ ] A {#a}
  - [ ] A1 {#a1}
- [ ] B {#b}
## Wrong {.if-needed}
- [ ] Back {#back}
"""


SHOWN = """## Tell people {owner=ops}
Intro with a [link](notes.md).

- [ ] Mail {#mail}
  A body that stays.
- plain bullet
- [ ] Board {#board evidence="link to the board" as=board}
- All:
  - [ ] Web {#web .approval}
  - [ ] Old {#old when="environment == 'production'"}

## Then {.gate #then}
1. [ ] See {{board}} {#see due=1d .optional}

## If it goes wrong {.if-needed #wrong}
- [ ] Back {#back .irreversible .once}
"""


def with_facts(*facts: tuple[Kind, str], **more: object) -> Progress:
    """Return the progress of the runbook that is shown after some events, each a kind and a step."""
    start = with_event(replay.start(plan_of(SHOWN)), event("opened"))
    made = [event(kind, step, seq=number, **more) for number, (kind, step) in enumerate(facts, 2)]
    return replay.apply_all(start, made)


def text_of(done: Progress, section: str = "tell-people", *, now: datetime = AT) -> str:
    """Return a section as plain text."""
    return section_text(done, section, clock(now))


HEADER = {"key": "staging/1.0", "journal": "/j.db", "how_to_go_live": "Not live: nbrunbook work"}
