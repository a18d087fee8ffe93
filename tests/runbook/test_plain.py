"""Plain text: the same boxes, states and words as in HTML."""

from __future__ import annotations

import re

from nbrunbook.runbook import words
from nbrunbook.runbook.plain import header_text, toned_step
from tests.making import clock, event, plan_of, progress_of, with_event
from tests.runbook.conftest import HEADER, SHOWN, text_of, with_facts


def test_the_text_has_the_same_boxes() -> None:
    """The plain text has one line a step with the same states, and what is said below."""
    text = text_of(with_facts(("ticked", "mail"), ("skipped", "board")))
    boxes = re.findall(r"^ *(\[.\]|-) (\w+)", text, re.MULTILINE)
    assert boxes == [("[x]", "Mail"), ("[-]", "Board"), ("-", "All"), ("[ ]", "Web"), ("[/]", "1")]
    assert "[/] 1 step does not apply here" in text


def test_a_note_on_a_group_is_shown() -> None:
    """A note on a group stands under its title."""
    group = next(step.id for step in plan_of(SHOWN).steps if step.is_group)
    assert "half way" in text_of(with_facts(("noted", group), note="half way"))


def test_what_a_step_waits_for_is_told() -> None:
    """A step whose turn has not come says what it waits for."""
    assert "not yet: behind a gate: first settle “Mail” and 2 more" in text_of(with_facts(), "then")


def test_the_header_says_what_how_far_and_where() -> None:
    """The header says release, environment, progress, journal, and how to go live."""
    text = header_text(with_facts(("ticked", "mail")), clock(), **HEADER)
    for part in ("Release: 1.0", "Environment: staging", "Progress: 1 of 4 done", "Journal: /j.db", "Not live"):
        assert part in text


def test_the_header_says_who_deployed_what() -> None:
    """Deployer, commit and pipeline stand in the header where they are known; without any there is no such line."""
    told = {"deployed_by": "kim", "commit": "c0ffee" * 6, "pipeline": "https://ci.example.com/42"}
    text = header_text(with_facts(), clock(), **HEADER, origin=words.origin({"deployment": told}, {}))
    assert "Deployed: by kim, commit c0ffeec0ffee, https://ci.example.com/42\n" in text
    assert words.origin({"deployment": {"commit": ""}}, {}) == []


def test_the_header_says_what_it_was_made_from() -> None:
    """*Deployed* is a word for what a pipeline or --at said; files that no commit holds are named, some of them."""
    commit = "c0ffee" * 6
    about = {"deployment": {"commit": commit, "deployed_by": "", "pipeline": ""}, "created_by": "ana"}
    assert words.origin(about, {}) == [("Made from", "commit c0ffeec0ffee by ana")]
    for said_by, shown in (("--at v1", ", --at v1"), ("TeamCity", "")):
        said = {"deployment": {**about["deployment"], "said_by": said_by}}
        assert words.origin({**about, **said}, {}) == [("Deployed", f"commit c0ffeec0ffee{shown}")]
    found = words.origin(about, {"uncommitted": [f"{each}.md" for each in "abcdefg"]})
    assert found[1:] == [("Not committed", "a.md, b.md, c.md, d.md, e.md and 2 more")]


def test_the_handover_stands_in_the_header() -> None:
    """The last note on the runbook itself is the handover line."""
    done = with_event(with_facts(("noted", ""), note="early"), event("noted", seq=3, note="ben takes over at 22:00"))
    text = header_text(done, clock(), **HEADER)
    assert "Handover: ben takes over at 22:00 — ana (declared)" in text
    assert "early" not in text


def test_the_handover_is_one_line() -> None:
    """No line of the header is forged by it."""
    noted = with_facts(("noted", ""), note="x\nState: signed off")
    assert "Handover: x ⏎ State: signed off — ana (declared)" in header_text(noted, clock(), **HEADER)


def test_a_long_title_leaves_its_id_and_what_is_next_in_sight() -> None:
    """A title that would flood a terminal is cut; by what the step is named to a command stands behind it."""
    done = progress_of(f"- [ ] {'word ' * 300}{{#long}}")
    first, *_ = toned_step(done, done.plan.by_id["long"], clock(), ids=True, is_next=True)
    assert first.text.endswith("… (1,499 characters)  (long)  ← next")
