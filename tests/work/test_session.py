"""Sessions: the only writer of events, for the widget and the command line alike."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.errors import JournalBusyError, RefusedError, UnknownStepError
from nbrunbook.journal.entries import sha256
from nbrunbook.project.operator import Operator
from nbrunbook.runbook import events
from nbrunbook.runbook.attempt import LONGEST_TEXT, NEEDS_REASON
from nbrunbook.runbook.events import Kind
from nbrunbook.runbook.evidence import EvidenceFile
from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import raw_journal, registered, session_on
from tests.work.conftest import STEPS


def _seen_by_others(key: str = "staging/1.0") -> list[tuple[str, str]]:
    return [(event.kind, event.step) for event in session_on(key, "ben").events]


def test_what_is_recorded_is_in_the_journal(ana: Session) -> None:
    """An event is committed before it is returned: everybody else sees it."""
    event = ana.append("ticked", "mail", data={"note": " sent at noon\n"})
    other = session_on(operator="ben")
    assert other.events[-1] == event
    assert (event.operator, event.known, event.known_by) == ("ana", "declared", "env")
    assert event.data == {"note": "sent at noon"}
    assert ana.progress == other.progress


def test_empty_words_are_not_recorded(ana: Session) -> None:
    """What is blank is left out."""
    assert ana.append("ticked", "mail", data={"note": " ", "for": "", "evidence": "\n"}).data == {}


def test_an_event_may_be_recorded_for_another_operator(ana: Session) -> None:
    """The operator of one event may be another than the session's: the browser says who clicked."""
    ben = Operator(name="ben", known="verified", known_by="jupyter")
    event = ana.append("ticked", "mail", operator=ben)
    assert (event.operator, event.known, event.known_by) == ("ben", "verified", "jupyter")


def test_sending_an_event_again_gives_the_first_answer(ana: Session) -> None:
    """A browser that heard nothing sends the same id again: it was done once, and is not refused."""
    event_id = events.new_id()
    first = ana.append("ticked", "mail", event_id=event_id)
    assert ana.append("ticked", "mail", event_id=event_id) == first
    assert session_on(operator="ben").append("ticked", "mail", event_id=event_id) == first
    assert _seen_by_others().count(("ticked", "mail")) == 1


def test_a_session_takes_the_time_from_its_clock(ana: Session) -> None:
    """Events bear the time of the clock that a session was given."""
    later = events.now() + timedelta(days=7)
    other = Session(ana.journal, ana.runbook, ana.operator, clock=lambda: later)
    assert events.instant(other.append("ticked", "mail").at) == events.instant(later)


def test_an_event_is_found_by_its_id(ana: Session) -> None:
    """An answer that was lost can be looked up."""
    event = ana.append("ticked", "mail")
    assert ana.find(event.id) == event
    assert ana.find(events.new_id()) is None


def test_a_refusal_writes_nothing(ana: Session) -> None:
    """What the rules do not allow is refused with what was tried and why, and nothing is written."""
    ana.append("ticked", "mail")
    before = _seen_by_others()
    with pytest.raises(RefusedError, match="cannot tick mail: already done by ana"):
        ana.append("ticked", "mail")
    assert _seen_by_others() == before


def test_a_refusal_brings_what_others_did(ana: Session) -> None:
    """Whoever is refused because somebody else was faster sees what the other did."""
    session_on(operator="ben").append("ticked", "mail")
    with pytest.raises(RefusedError, match="already done by ben"):
        ana.append("ticked", "mail")
    assert ana.progress.of("mail").status == "done"
    assert len(ana.events) == ana.progress.seq == 2


def test_two_operators_see_each_other(ana: Session) -> None:
    """A refresh brings the events of others, and says whether there were any."""
    ben = session_on(operator="ben")
    assert not ana.refresh()
    ben.append("ticked", "mail")
    assert ana.refresh()
    assert not ana.refresh()
    assert ana.progress == ben.progress
    assert ana.events == ben.events


def test_an_unknown_step_is_told_with_the_nearest(ana: Session) -> None:
    """A step that the plan does not have is an error that offers the nearest one."""
    with pytest.raises(UnknownStepError, match="did you mean 'mail'"):
        ana.append("ticked", "mial")
    assert _seen_by_others() == [("opened", "")]


@pytest.mark.parametrize("kind", NEEDS_REASON)
@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_a_reason_is_asked_for(ana: Session, kind: Kind, reason: str) -> None:
    """Whatever takes something back, or leaves it out, needs a reason."""
    step = "mail" if kind in ("unticked", "skipped", "unskipped") else ""
    with pytest.raises(RefusedError, match="a reason is asked for"):
        ana.append(kind, step, data={"reason": reason})


def test_an_empty_note_is_refused(ana: Session) -> None:
    """A note without words is none."""
    with pytest.raises(RefusedError, match="the note is empty"):
        ana.append("noted", data={"note": "  "})


@pytest.mark.parametrize("name", ["note", "evidence", "for"])
def test_the_longest_text_is_taken(ana: Session, name: str) -> None:
    """100,000 characters are written down to the letter; one more is refused."""
    text = "ü" * LONGEST_TEXT
    with pytest.raises(RefusedError, match="100,001 characters"):
        ana.append("ticked", "mail", data={name: text + "ü"})
    ana.append("ticked", "mail", data={name: text})
    assert session_on().events[-1].data == {name: text}


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"])
def test_what_cannot_be_written_down_is_refused(ana: Session, text: str) -> None:
    """A NUL or half of a character is refused with the name of the field, and nothing is written."""
    with pytest.raises(RefusedError, match="the note holds what cannot be written down"):
        ana.append("ticked", "mail", data={"note": text})
    assert _seen_by_others() == [("opened", "")]


def test_a_name_that_cannot_be_written_down_is_refused(work: Workplace) -> None:
    """An operator's name from an environment that is no UTF-8 is an expected error, not a bug."""
    broken = session_on(registered(STEPS), "\udcff")
    with pytest.raises(RefusedError, match="the operator holds what cannot be written down"):
        broken.append("ticked", "mail")


# Approval


def test_a_second_operator_approves(ana: Session) -> None:
    """An approval comes before the act, and never from the one who acts."""
    ben = session_on(operator="ben")
    with pytest.raises(RefusedError, match="has to approve"):
        ana.append("ticked", "promote")
    ana.append("approved", "promote")
    with pytest.raises(RefusedError, match="somebody else"):
        ana.append("ticked", "promote")
    assert ben.append("ticked", "promote").operator == "ben"


# Sections that are closed


def test_a_tick_opens_its_section(ana: Session) -> None:
    """Ticking a step of a closed section opens it first, in the journal too."""
    ana.append("ticked", "back")
    assert _seen_by_others()[-2:] == [("opened", "wrong"), ("ticked", "back")]
    assert ana.progress.total == 5


def test_a_refused_tick_opens_nothing(ana: Session) -> None:
    """A tick that is refused leaves its section closed."""
    with pytest.raises(RefusedError, match="evidence"):
        ana.append("ticked", "prove")
    assert _seen_by_others() == [("opened", "")]


def test_a_section_that_is_closed_meanwhile_takes_no_tick(work: Workplace) -> None:
    """Whoever ticks in a section that another session has just closed is told; the next try opens it again."""
    key = registered("- [ ] A {#a}\n## Wrong {.if-needed #wrong}\n- [ ] B {#b}")
    ana, ben = session_on(key), session_on(key, "ben")
    ana.open_section("wrong")
    ben.refresh()
    ana.close_section("wrong")
    with pytest.raises(RefusedError, match="closed just now; try again"):
        ben.append("ticked", "b")
    ben.append("ticked", "b")
    assert [event.kind for event in ben.events] == ["opened", "opened", "closed", "opened", "ticked"]
    with pytest.raises(RefusedError, match="“B” in it is done"):
        ana.close_section("wrong")


def test_a_section_is_opened_though_a_step_is_called_so(work: Workplace) -> None:
    """Sections and steps have ids of their own."""
    session = session_on(registered("- [ ] A {#back}\n## Back {.if-needed #back}\n- [ ] B {#b}"))
    session.append("ticked", "b")
    assert "back" in session.progress.opened_sections


def test_a_section_is_opened_once(ana: Session) -> None:
    """Opening an open section writes nothing; a section that cannot be opened is refused."""
    assert ana.open_section("wrong")
    assert ana.open_section("wrong") is None
    for unknown in ("tell", "nothing", ""):
        with pytest.raises(RefusedError, match="no section of that id"):
            ana.open_section(unknown)


def test_two_operators_open_a_section(ana: Session) -> None:
    """A section that somebody else opened just now is no reason for a tick to fail."""
    ben = session_on(operator="ben")
    ana.open_section("wrong")
    ben.append("ticked", "back")
    ana.refresh()
    assert ana.progress.of("back").status == "done"


# Signing off


def _settle(one: Session) -> None:
    for step in ("mail", "board", "promote"):
        one.append("skipped", step, data={"reason": "not here"})


def test_a_sign_off_keeps_the_session_copy(ana: Session, tmp_path: Path) -> None:
    """The session copy as last saved goes into the journal with the sign-off."""
    _settle(ana)
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(b"as last saved")
    event = ana.sign_off(copy, note="all well")
    assert event.data == {"note": "all well", "notebook": sha256(b"as last saved")}
    assert ana.journal.blob(event.data["notebook"]) == b"as last saved"


def test_a_sign_off_keeps_no_widget_state(ana: Session, tmp_path: Path) -> None:
    """What "Save Widget State Automatically" adds is left out of what is kept; the copy itself stays as it is."""
    _settle(ana)
    copy, plain = tmp_path / "copy.ipynb", notebook.dump(notebook.document([], {"title": "A"}))
    saved = notebook.dump(notebook.document([], {"title": "A", "widgets": {"state": {"x": "\x00"}}}))
    copy.write_bytes(saved)
    event = ana.sign_off(copy)
    assert event.data == {"notebook": sha256(plain)}
    assert ana.journal.blob(event.data["notebook"]) == plain
    assert copy.read_bytes() == saved


@pytest.mark.parametrize("copy", [None, Path("missing.ipynb"), Path()])
def test_a_sign_off_needs_no_session_copy(ana: Session, copy: Path | None) -> None:
    """A runbook that was worked through on the command line has no session copy."""
    _settle(ana)
    assert ana.sign_off(copy).data == {}


def test_a_refused_sign_off_keeps_nothing(ana: Session, tmp_path: Path) -> None:
    """A sign-off that is refused names what is open, and writes nothing."""
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(b"too early")
    with pytest.raises(RefusedError, match="3 required open: “Mail”"):
        ana.sign_off(copy)
    assert ana.journal.blob(sha256(b"too early")) is None


def test_a_runbook_is_reopened_and_signed_off_again(ana: Session) -> None:
    """A reopened runbook can be worked on, and both sign-offs stay in the journal."""
    _settle(ana)
    ana.sign_off(None)
    ana.append("reopened", data={"reason": "the wrong board"})
    ana.append("unskipped", "mail", data={"reason": "after all"})
    ana.append("ticked", "mail")
    ana.sign_off(None)
    assert [kind for kind, _ in _seen_by_others()].count("signed_off") == 2


def test_an_abandoned_runbook_can_be_reopened(ana: Session) -> None:
    """A runbook that nobody was going to complete takes nothing until it is reopened."""
    ana.append("abandoned", data={"reason": "rolled back"})
    with pytest.raises(RefusedError, match="reopen it first"):
        ana.append("ticked", "mail")
    ana.append("reopened", data={"reason": "rolled forward"})
    assert ana.append("ticked", "mail").seq == 4


# At the same time


def test_one_session_serves_several_threads(work: Workplace) -> None:
    """Widget messages come on several threads: each is written once, in order, and none is lost."""
    steps = [f"s{number}" for number in range(24)]
    one = session_on(registered("\n".join(f"- [ ] {step} {{#{step}}}" for step in steps)))

    def tick(mine: list[str]) -> None:
        for step in mine:
            one.append("ticked", step)

    threads = [threading.Thread(target=tick, args=(steps[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert one.progress.settled == 24
    assert [event.seq for event in one.events] == list(range(1, 26))
    assert one.events == session_on().events


def test_one_of_two_wins(ana: Session) -> None:
    """Of two operators who tick the same step at once one is told that the other was faster."""
    answers: list[str] = []
    start = threading.Barrier(2)

    def tick(one: Session) -> None:
        start.wait()
        try:
            answers.append(one.append("ticked", "mail").operator)
        except RefusedError as error:
            answers.append(error.why)

    threads = [threading.Thread(target=tick, args=(one,)) for one in (ana, session_on(operator="ben"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    winner = next(answer for answer in answers if answer in ("ana", "ben"))
    assert any(answer.startswith(f"already done by {winner}") for answer in answers)
    assert _seen_by_others().count(("ticked", "mail")) == 1


def test_a_locked_journal_can_be_tried_again(ana: Session, work: Workplace) -> None:
    """A tick that met a lock was not recorded; the same tick goes through once the lock is free."""
    busy, event_id = session_on(wait_seconds=0.1), events.new_id()
    with raw_journal() as raw:
        raw.lock()
        with pytest.raises(JournalBusyError, match="try again"):
            busy.append("ticked", "mail", event_id=event_id)
    assert ana.find(event_id) is None  # not by the one that waits 0.1 s: a busy server frees a lock later than that
    assert ana.append("ticked", "mail", event_id=event_id).seq == 2


# Steps that nobody foresaw


def test_a_step_is_added_with_who_and_where(ana: Session) -> None:
    """It gets an id that says what it is, is in everybody's plan, and can be ticked at once."""
    event = ana.add("Restart the\n cache by hand, and look", after="mail")
    assert (event.kind, event.step, event.operator) == ("added", "added-restart-the-cache-by-hand", "ana")
    assert event.data == {"title": "Restart the cache by hand, and look", "after": "mail"}
    other = session_on(operator="ben")
    other.append("ticked", event.step)
    assert other.progress.of(event.step).status == "done"
    ana.refresh()
    assert ana.step(event.step).title == "Restart the cache by hand, and look"


def test_the_same_title_twice_is_two_steps(ana: Session) -> None:
    """Two who add the same step at once get two, each with an id of its own."""
    ben = session_on(operator="ben")
    assert ana.add("Look").step == "added-look"
    assert ben.add("Look").step == "added-look-2"
    assert ana.add("🎉").step == "added-step"


def test_sending_an_added_step_again_adds_it_once(ana: Session) -> None:
    """Repeating is safe: the same id of an event gives the first answer."""
    event_id = events.new_id()
    assert ana.add("Look", event_id=event_id) == ana.add("Look", event_id=event_id)
    assert _seen_by_others().count(("added", "added-look")) == 1


def test_without_a_neighbour_it_stands_at_the_end(ana: Session) -> None:
    """It comes after the last step, before what is only needed if it goes wrong."""
    assert ana.add("Look").data["after"] == "promote"
    assert [step.id for step in ana.progress.plan.steps][3] == "added-look"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "it has no title"),
        (" \n ", "it has no title"),
        ("x" * 100_001, "the title has 100,001 characters, at most 100,000"),
        ("half \ud800", "the title holds what cannot be written down"),
    ],
    ids=["empty", "blank", "long", "half"],
)
def test_a_title_that_cannot_be_is_refused(ana: Session, title: str, said: str) -> None:
    """An added step has a title that can be written down."""
    with pytest.raises(RefusedError, match=f"cannot add a step to staging/1.0: {said}"):
        ana.add(title)
    assert "added" not in {kind for kind, _ in _seen_by_others()}


def test_a_step_is_added_behind_one_that_there_is(ana: Session) -> None:
    """A neighbour that is not there is an error that names the nearest."""
    with pytest.raises(UnknownStepError, match="mail"):
        ana.add("Look", after="mial")


# Files as evidence


def test_a_file_is_kept_with_its_tick(ana: Session) -> None:
    """The event names the file, its sha256 and its size; the content is in the journal."""
    ana.add("Show it")
    event = ana.append("ticked", "mail", file=EvidenceFile(name="a<b>.csv", content=b"1,2\n"))
    assert event.data == {"file": sha256(b"1,2\n"), "name": "a<b>.csv", "size": "4"}
    other = session_on(operator="ben")
    assert other.file(event.data["file"]) == b"1,2\n"
    assert other.journal.faults(other.runbook) == []


def test_only_evidence_is_given_out(ana: Session) -> None:
    """Another blob of the journal, such as the notebook, is not given as a file."""
    notebook = ana.events[0].data["notebook"]
    assert ana.journal.blob(notebook) is not None
    assert ana.file(notebook) is None


@pytest.mark.parametrize("size", [0, 5_000_001])
def test_a_file_that_is_not_kept_leaves_nothing(ana: Session, size: int) -> None:
    """An empty or too large file is refused before anything is written."""
    with pytest.raises(RefusedError, match="file"):
        ana.append("ticked", "mail", file=EvidenceFile(name="a", content=b"x" * size))
    assert ("ticked", "mail") not in _seen_by_others()


def test_a_link_is_asked_for_a_link(ana: Session) -> None:
    """A label that begins with link takes no other text and no file."""
    with pytest.raises(RefusedError, match="is no link"):
        ana.append("ticked", "board", data={"evidence": "the board"})
    with pytest.raises(RefusedError, match="not for a file"):
        ana.append("ticked", "board", file=EvidenceFile(name="a", content=b"1"))
    assert ana.append("ticked", "board", data={"evidence": "https://x.example/1"}).data["evidence"]


def test_who_lets_go_is_recorded(ana: Session) -> None:
    """I am on it, and no longer: both are events of the kind taken."""
    ana.append("taken", "mail")
    session_on(operator="ben").append("taken", "mail", data={"let_go": "yes"})
    ana.refresh()
    assert ana.progress.of("mail").taken is None
    assert [event.operator for event in ana.events if event.kind == "taken"] == ["ana", "ben"]


def test_a_refused_tick_opens_no_section(work: Workplace) -> None:
    """A step behind a gate of its own closed section is refused before anything is written for it."""
    session = session_on(registered("## Wrong {.if-needed #wrong}\n- [ ] B {#b .gate}\n- [ ] C {#c}"))
    with pytest.raises(RefusedError, match="behind a gate: first settle “B”"):
        session.append("ticked", "c")
    assert [event.kind for event in session.events] == ["opened"]
    assert session.append("ticked", "b").seq == 3
    assert session.append("ticked", "c").kind == "ticked"
