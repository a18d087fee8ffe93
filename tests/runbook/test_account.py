"""The account of a runbook: from when to when, how it ended, and who took part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nbrunbook.runbook import account, replay
from nbrunbook.runbook.account import Person
from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.times import utc
from tests.making import AT, TELL_PEOPLE, event, plan_of


def _happened(*said: tuple[Kind, str, dict[str, str]]) -> list[Event]:
    """Events a minute apart: what, on which step, and who and what was said."""
    return [
        event(kind, step, seq=seq, at=AT + timedelta(minutes=seq), **more)
        for seq, (kind, step, more) in enumerate(said, 1)
    ]


def _people(*said: tuple[Kind, str, dict[str, str]]) -> dict[str, Person]:
    return {person.name: person for person in account.people(_happened(*said))}


def test_what_somebody_did_is_counted() -> None:
    """Each operator is told once, with what they did and how often."""
    found = _people(
        ("opened", "", {}),
        ("ticked", "mail", {}),
        ("ticked", "board", {"operator": "bob"}),
        ("unticked", "mail", {"reason": "no"}),
        ("ticked", "mail", {}),
        ("skipped", "web", {"reason": "no"}),
        ("noted", "mail", {"note": "x", "operator": "bob"}),
        ("noted", "", {"note": "y", "operator": "bob"}),
        ("signed_off", "", {}),
        ("reopened", "", {"reason": "no"}),
        ("signed_off", "", {}),
    )
    assert found["ana"].did == "made the runbook, 2 done, 1 skipped, 1 undone, signed off 2 times, reopened it"
    assert found["bob"].did == "1 done, 2 notes"


def test_each_way_in_which_somebody_is_known_is_told() -> None:
    """Who was declared first and verified later is one person, known in both ways."""
    first, second = _happened(("ticked", "mail", {}), ("ticked", "board", {}))
    second = replace(second, known="verified", known_by="jupyter")
    (person,) = account.people([first, second, replace(first, seq=3)])
    assert person.how_known == "declared (env), verified (jupyter)"


def test_who_is_only_named_is_told_too() -> None:
    """Who did a step without recording it stands there, with who recorded it; so does for whom that was."""
    found = _people(("ticked", "mail", {"for": "Kim"}), ("ticked", "board", {}))
    assert found["ana"].did == "2 done; 1 for Kim"
    assert (found["Kim"].how_known, found["Kim"].did) == ("only named by others", "1 recorded by ana")


def test_a_confirmation_is_no_second_tick() -> None:
    """A tick on what is done says that it holds for another wording; after it was undone it is a tick again."""
    again: tuple[Kind, str, dict[str, str]] = ("ticked", "mail", {})
    assert _people(again, again)["ana"].did == "1 done, 1 confirmed as reworded"
    assert _people(again, ("unticked", "mail", {"reason": "no"}), again)["ana"].did == "2 done, 1 undone"


def test_letting_go_is_not_taking() -> None:
    """Who is on a step and lets it go took it once."""
    assert _people(("taken", "mail", {}), ("taken", "mail", {"let_go": "yes"}))["ana"].did == "1 taken on"


def test_sections_texts_and_the_whole_are_told() -> None:
    """What was done about a section, a text or the runbook as a whole has words of its own."""
    found = _people(
        ("opened", "way-back", {}),
        ("closed", "way-back", {}),
        ("redacted", "", {"reason": "x"}),
        ("skipped", "", {"reason": "x"}),
        ("archived", "", {"record": "x"}),
    )
    told = "1 section opened, 1 section closed again, 1 text redacted, skipped it as a whole, wrote a record"
    assert found["ana"].did == told


def test_a_name_is_one_line() -> None:
    """A name with a line break in it cannot pass for another row."""
    assert list(_people(("ticked", "mail", {"for": "a\nb", "operator": "c\nd"}))) == ["c ⏎ d", "a ⏎ b"]


def _course(*said: tuple[Kind, str, dict[str, str]]) -> dict[str, str]:
    happened = _happened(*said)
    progress = replay.apply_all(replay.start(plan_of(TELL_PEOPLE)), happened)
    told = account.course(progress, happened, utc(AT))
    return {name: text.replace("22 Nov 2026 ", "").replace(" UTC", "") for name, text in told}


MADE: tuple[Kind, str, dict[str, str]] = ("opened", "", {})


def test_the_course_says_from_when_to_when() -> None:
    """When it was made, when the work began, when it was signed off and how long that took, each by whom."""
    done = [("ticked", "mail", {}), ("skipped", "board", {"reason": "none here"})]
    found = _course(MADE, *done, ("signed_off", "", {"operator": "bob", "note": "all green"}))  # type: ignore[arg-type]
    assert found == {
        "Made": "14:03 by ana (declared)",
        "First work": "14:04 by ana (declared)",
        "Signed off": "14:06 by bob (declared), 2 min after the first work — all green",
        "Steps": "1 of 2 done, 1 skipped",
    }


def test_the_course_of_what_has_not_ended() -> None:
    """A runbook that is open says so, and one that nobody has worked on has no first work."""
    assert _course(MADE) == {
        "Made": "14:03 by ana (declared)",
        "Ended": "not yet: it is open",
        "Steps": "0 of 2 done",
    }


def test_the_course_of_what_was_given_up() -> None:
    """An abandoned runbook says who gave it up, and why."""
    found = _course(MADE, ("abandoned", "", {"reason": "rolled back"}))
    assert found["Abandoned"] == "14:04 by ana (declared) — rolled back"


def test_the_first_work_is_the_one_that_the_screen_counts_from() -> None:
    """A note is no work, nor is a section that was opened: the record and the line of the sign-off agree."""
    happened = _happened(MADE, ("noted", "mail", {"note": "x"}), ("ticked", "mail", {}), ("signed_off", "", {}))
    progress = replay.apply_all(replay.start(plan_of(TELL_PEOPLE)), happened)
    assert ("First work", "22 Nov 2026 14:05 UTC by ana (declared)") in account.course(progress, happened, utc(AT))
    assert progress.began == happened[2]
