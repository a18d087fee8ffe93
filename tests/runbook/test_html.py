"""Drawing: a section looks the same in the widget, in a runbook at rest and in the record."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from nbrunbook.runbook import phrases, replay
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.html import GLYPHS, header_html, section_html, sign_off_html
from nbrunbook.runbook.plain import ASCII_BOXES, header_text, section_text
from nbrunbook.runbook.progress import Progress
from nbrunbook.runbook.status import STATUSES
from tests.making import AT, HOSTILE, event, plan_of, with_event

MARKDOWN = """## Tell people {owner=ops}
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


def _done(*facts: tuple[Kind, str], **more: object) -> Progress:
    start = with_event(replay.start(plan_of(MARKDOWN)), event("opened"))
    made = [event(kind, step, seq=number, **more) for number, (kind, step) in enumerate(facts, 2)]
    return replay.apply_all(start, made)


def _html(done: Progress, section: str = "tell-people", **more: object) -> str:
    return section_html(done, section, str, **{"now": AT, **more})  # type: ignore[arg-type]


def _text(done: Progress, section: str = "tell-people", **more: object) -> str:
    return section_text(done, section, **{"now": AT, **more})  # type: ignore[arg-type]


def _line(done: Progress, step: str) -> str:
    return phrases.line(done.of(step))


def test_boxes_stand_where_the_author_put_them() -> None:
    """Steps, plain bullets, paragraphs and bodies keep their order; each step has one box."""
    drawn = _html(_done())
    order = ["Intro", "Mail", "A body that stays", "plain bullet", "Board", "All:", "Web", "Old"]
    assert sorted(order, key=drawn.index) == order
    assert re.findall(r'data-step="(\w+)" data-status="([\w-]+)"', drawn)[:2] == [("mail", "open"), ("board", "open")]
    assert drawn.count('class="nbr-box"') == 4


@pytest.mark.parametrize("length", range(1, 24))
def test_a_long_id_loses_no_box(length: int) -> None:
    """A step has its box however long its section's name and its own are, wherever its id is cut."""
    for title in ("abcdefghi " * 5, f"Mail {{#{'p' * length}{'-abcdefghi' * 6}}}"):
        done = replay.start(plan_of(f"## {'s' * length}\n- [ ] {title.strip()}"))
        (step,) = done.plan.steps
        drawn = section_html(done, step.section, str, now=AT)
        assert drawn.count('class="nbr-box"') == 1
        assert f'data-step="{step.id}"' in drawn


def test_a_pinned_id_stays_to_the_letter() -> None:
    """An id that the author pinned is never cut, however long it is."""
    long = "-".join(["mail"] * 20)
    done = plan_of(f"- [ ] Mail {{#{long}}}\n- [ ] Board {{#board after={long}}}")
    assert [step.id for step in done.steps] == [long, "board"]


def test_numbered_steps_stay_numbered() -> None:
    """A numbered list of steps is still one."""
    assert "<ol>" in _html(_done(), "then")


def test_nothing_can_be_clicked() -> None:
    """A checkbox without a kernel could be clicked and would record nothing, so there is none."""
    drawn = _html(_done())
    assert not re.search(r"<(input|button|form|script|select|textarea)\b|\bon\w+=", drawn)


def test_the_text_has_the_same_boxes() -> None:
    """The plain text has one line a step with the same states, and what is said below."""
    text = _text(_done(("ticked", "mail"), ("skipped", "board")))
    boxes = re.findall(r"^ *(\[.\]|-) (\w+)", text, re.MULTILINE)
    assert boxes == [("[x]", "Mail"), ("[-]", "Board"), ("-", "All"), ("[ ]", "Web"), ("[/]", "Old")]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_its_signs(status: str) -> None:
    """Each status has a glyph and an ASCII box of its own."""
    assert len(set(GLYPHS.values())) == len(GLYPHS) == len(STATUSES)
    assert GLYPHS[status]
    assert ASCII_BOXES[status]


def test_a_tick_says_who_how_known_and_when() -> None:
    """Beside a done step stands who did it, how the operator is known, and when."""
    assert _line(_done(("ticked", "mail")), "mail") == "done by ana (declared), 22 Nov 14:02 UTC"


def test_a_skip_says_why() -> None:
    """Beside a skipped step stands the reason."""
    done = _done(("skipped", "mail"), reason="nobody uses staging")
    assert _line(done, "mail") == "skipped by ana (declared), 22 Nov 14:02 UTC — nobody uses staging"


def test_a_tick_for_somebody_says_for_whom() -> None:
    """A tick that was recorded for somebody else names both."""
    done = _done(("ticked", "mail"), **{"for": "Kim, support"})
    assert _line(done, "mail").startswith("done by Kim, support, recorded by ana (declared)")


def test_an_undone_step_says_who_undid_it() -> None:
    """A step that is open again says who opened it, and why."""
    done = _done(("ticked", "mail"), ("unticked", "mail"), reason="wrong list")
    assert _line(done, "mail") == "unticked by ana (declared), 22 Nov 14:02 UTC — wrong list"


def test_an_approval_is_shown() -> None:
    """An approval is shown before the act, and after it beside the act."""
    assert _line(_done(("approved", "web")), "web") == "approved by ana (declared), 22 Nov 14:02 UTC"
    assert _line(_done(("approved", "web"), ("ticked", "web")), "web").endswith(" · approved by ana (declared)")
    assert "a second operator has to approve it first" in _text(_done())


def test_who_is_on_it_is_shown() -> None:
    """I am on it: a step that was taken says by whom and since when."""
    assert _line(_done(("taken", "mail")), "mail") == "ana (declared) is on it since 22 Nov 14:02 UTC"


def test_an_untouched_step_says_nothing() -> None:
    """A step that nobody touched, or that does not apply, has no line."""
    assert _line(_done(), "mail") == _line(_done(), "old") == ""


def test_what_was_redacted_is_not_shown() -> None:
    """A redacted reason or note leaves a mark in its place."""
    note = event("noted", "mail", seq=2, note="a token")
    done = with_event(_done(), replace(note, data={}, salt=""))
    assert "(redacted), ana (declared)" in _text(done)
    skip = event("skipped", "board", seq=2, reason="a token")
    done = with_event(_done(), replace(skip, data={}, salt=""))
    assert "redacted" in _line(done, "board")


def test_notes_and_evidence_are_shown() -> None:
    """Notes stand under their step, and evidence too."""
    done = with_event(_done(("noted", "mail"), note="no answer yet"), event("ticked", "board", seq=3, evidence="u"))
    for shown in (_text(done), _html(done)):
        assert "no answer yet — ana (declared), 22 Nov 14:02 UTC" in shown
        assert "vidence: u" in shown


def test_a_note_on_a_group_is_shown() -> None:
    """A note on a group stands under its title."""
    group = next(step.id for step in plan_of(MARKDOWN).steps if step.is_group)
    assert "half way" in _text(_done(("noted", group), note="half way"))


def test_evidence_is_put_in_once_it_is_known() -> None:
    """A {{name}} of an `as` says where it comes from, and then what it is."""
    assert "See (from Board)" in re.sub(r"<[^>]+>", "", _html(_done(), "then"))
    known = _done(("ticked", "board"), evidence="<b>https://x</b>")
    assert "See &lt;b&gt;https://x&lt;/b&gt;" in _html(known, "then")


def test_a_long_text_is_reached_with_the_keyboard() -> None:
    """What scrolls in a box of its own takes the focus; what is short does not."""
    assert '<span class="nbr-note" tabindex="0">xxx' in _html(_done(("noted", "mail"), note="x" * 601))
    assert "tabindex" not in _html(_done(("noted", "mail"), note="x" * 60))


def test_badges_say_what_to_know_before() -> None:
    """Owner, flags and what is asked for stand beside a step before it is done."""
    by_id = plan_of(MARKDOWN).by_id
    assert phrases.badges(_done(), by_id["mail"]) == ["ops"]
    assert phrases.badges(_done(), by_id["board"]) == ["ops", "asks for: link to the board"]
    assert phrases.badges(_done(), by_id["web"]) == ["ops", "needs an approval"]
    assert phrases.badges(_done(), by_id["see"]) == ["optional"]
    assert phrases.badges(_done(), by_id["back"]) == ["cannot be undone", "once for the whole group"]
    assert phrases.badges(_done(), by_id["old"]) == ["ops", "only when environment == 'production'"]


@pytest.mark.parametrize(("days", "overdue"), [(0, False), (2, True)])
def test_a_due_step_is_overdue_after_its_time(days: int, overdue: bool) -> None:
    """A step that is due says until when, and that it is overdue."""
    done, now = _done(), AT + timedelta(days=days)
    assert ("OVERDUE" in _text(done, "then", now=now)) is overdue
    assert ("nbr-overdue" in _html(done, "then", now=now)) is overdue
    assert "due 23 Nov 14:02 UTC" in _text(done, "then", now=now)


def test_a_gate_and_a_closed_section_are_told() -> None:
    """A gate is told, and a section that is closed until it is opened."""
    assert phrases.section_about(_done(), "then")[0].startswith("Gate: ")
    assert phrases.section_about(_done(), "wrong")[0].startswith("If needed: closed")
    assert phrases.section_about(_done(("opened", "wrong")), "wrong") == []
    assert phrases.section_about(_done(), "tell-people") == []


def test_what_a_step_waits_for_is_told() -> None:
    """A step whose turn has not come says what it waits for."""
    assert "not yet: behind a gate: first settle “Mail” and 2 more" in _text(_done(), "then")


def test_links_are_rewritten() -> None:
    """A relative link is rewritten for the folder in which it is shown."""
    drawn = section_html(_done(), "tell-people", lambda target: f"../{target}", now=AT)
    assert 'href="../notes.md"' in drawn


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["note", "reason", "evidence", "for"])
def test_what_was_typed_is_text(text: str, name: str) -> None:
    """Everything typed is shown as text: no element, no attribute, no control character comes of it."""
    done = _done(("noted", "mail"), ("skipped", "mail"), ("ticked", "board"), **{name: text})
    plain, drawn = _html(_done(("noted", "mail"), ("skipped", "mail"), ("ticked", "board"), **{name: "x"})), _html(done)
    assert re.findall(r"</?(\w+)", drawn) == re.findall(r"</?(\w+)", plain)
    for shown in (drawn, _text(done)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_value_is_text(text: str) -> None:
    """A parameter's value comes out as text, wherever it was put in."""
    if "\x1b" in text:
        text = text.replace("\x1b", "")
    markdown = "- [ ] See {{what}} and `{{what}}` {#see}"
    declare = f"what: str = {text!r}"
    done = replay.start(plan_of(markdown, declare=declare))
    drawn = section_html(done, "steps", str, now=AT)
    assert set(re.findall(r"<(\w+)", drawn)) == {"ul", "li", "span", "code"}
    assert "\u202e" not in section_text(done, "steps", now=AT)


# The header and the sign-off


FACTS = {"key": "staging/1.0", "journal": "/j.db", "how_to_go_live": "Not live: nbrunbook work"}


@pytest.mark.parametrize(
    ("environment", "marked"),
    [("staging", False), ("production", True), ("production-eu", True), ("prod", True), ("preprod", False)],
)
def test_production_is_marked(environment: str, marked: bool) -> None:
    """Production cannot be mistaken: its header says so."""
    done = replay.start(plan_of("- [ ] A {#a}", environment=environment))
    drawn = header_html(done, **FACTS)
    assert ("PRODUCTION" in drawn) is marked
    assert ("nbr-production" in drawn) is marked


def test_the_header_says_what_how_far_and_where() -> None:
    """The header says release, environment, progress, journal, and how to go live."""
    text = header_text(_done(("ticked", "mail")), **FACTS)
    for part in ("Release: 1.0", "Environment: staging", "Progress: 1 of 4 done", "Journal: /j.db", "Not live"):
        assert part in text


def test_the_header_says_who_deployed_what() -> None:
    """Deployer, commit and pipeline stand in the header where they are known; without any there is no such line."""
    told = {"deployed_by": "kim", "commit": "c0ffee" * 6, "pipeline": "https://ci.example.com/42"}
    assert phrases.deployed(told) == "by kim, commit c0ffeec0ffee, https://ci.example.com/42"
    text = header_text(_done(), **FACTS, deployed=phrases.deployed(told))
    assert "Deployed: by kim, commit c0ffeec0ffee" in text
    assert "Deployed" not in header_text(_done(), **FACTS, deployed=phrases.deployed({"commit": ""}))


def test_the_handover_stands_in_the_header() -> None:
    """The last note on the runbook itself is the handover line."""
    done = with_event(_done(("noted", ""), note="early"), event("noted", seq=3, note="ben takes over at 22:00"))
    text = header_text(done, **FACTS)
    assert "Handover: ben takes over at 22:00 — ana (declared)" in text
    assert "early" not in text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_header_is_text(text: str) -> None:
    """Nothing in the header becomes an element or steers a screen."""
    done = with_event(_done(), event("noted", seq=2, note=text))
    facts = {**FACTS, "key": text, "deployed": text}
    elements = re.findall(
        r"</?(\w+)", header_html(with_event(_done(), event("noted", note="x")), **FACTS, deployed="x")
    )
    assert re.findall(r"</?(\w+)", header_html(done, **facts)) == elements
    assert "\x1b" not in header_text(done, **facts)


def test_the_sign_off_says_what_is_open() -> None:
    """What stands between a runbook and its sign-off is listed; then that it can be signed off."""
    assert phrases.sign_off_text(_done()).splitlines() == ["Open before sign-off: 3", "- Mail", "- Board", "- Web"]
    settled = _done(*(("skipped", step) for step in ("mail", "board", "web")))
    assert "can be signed off" in phrases.sign_off_text(settled)
    assert phrases.sign_off_text(with_event(settled, event("signed_off", seq=9))) == (
        "This runbook is signed off by ana (declared), 22 Nov 14:02 UTC."
    )


def test_a_long_list_of_open_steps_is_cut() -> None:
    """A hundred open steps are counted, and a dozen listed."""
    done = replay.start(plan_of("\n".join(f"- [ ] Step {number} {{#s{number}}}" for number in range(100))))
    assert phrases.sign_off_text(done).splitlines()[-1] == "… and 88 more"
    assert sign_off_html(done).count("<li>") == 13
