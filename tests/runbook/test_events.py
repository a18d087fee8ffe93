"""Events: facts and the bytes that are hashed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.runbook import events
from nbrunbook.runbook.events import KINDS, Event
from tests.making import AT, event

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 7_000_000_000_000).map(lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds))


@st.composite
def any_event(draw: st.DrawFn) -> Event:
    """Any event that a journal may hold."""
    data = draw(st.dictionaries(TEXTS, TEXTS, max_size=3))
    salt, data_digest = events.salted(data)
    return Event(
        id=str(draw(st.uuids())),
        runbook=draw(TEXTS),
        seq=draw(st.integers(1)),
        kind=draw(st.sampled_from(KINDS)),  # type: ignore[arg-type]
        step=draw(TEXTS),
        operator=draw(TEXTS),
        known=draw(st.sampled_from(["verified", "declared"])),  # type: ignore[arg-type]
        known_by=draw(st.sampled_from(["jupyter", "env", "hub", "git", "os", "typed"])),
        at=draw(INSTANTS),
        prev_hash=events.digest(draw(TEXTS)),
        data=data,
        salt=salt,
        data_digest=data_digest,
    )


@given(any_event())
def test_an_event_comes_back_from_its_row(made: Event) -> None:
    """An event written as a row and read again is the same event, to the byte."""
    data = events.canonical(dict(made.data)) if made.data else None
    again = events.from_body(made.body(), data=data, salt=made.salt or None)
    assert again == made
    assert again.body() == made.body()
    assert again.hash() == made.hash()


@given(any_event())
def test_a_body_is_one_line_of_strings_integers_and_booleans(made: Event) -> None:
    """A body is canonical: one line, keys sorted, and nothing in it but strings, integers and booleans."""
    facts = json.loads(made.body())
    assert "\n" not in made.body()
    assert list(facts) == sorted(facts)
    assert {type(value) for value in facts.values()} <= {str, int, bool}


def test_the_data_is_not_in_the_body() -> None:
    """What was said stands outside the body, so that it can be redacted; only its digest is hashed."""
    made = event("noted", note="a token pasted at 3 a.m.")
    assert "token" not in made.body()
    assert made.data_digest in made.body()


@pytest.mark.parametrize("name", ["id", "runbook", "step", "operator", "known_by", "prev_hash", "data_digest"])
def test_every_text_is_hashed(name: str) -> None:
    """A change to any text of an event changes its hash."""
    made = event("ticked", "mail")
    assert replace(made, **{name: "another"}).hash() != made.hash()


@pytest.mark.parametrize(
    "changes", [{"seq": 2}, {"kind": "skipped"}, {"known": "verified"}, {"at": AT.replace(hour=3)}]
)
def test_everything_else_is_hashed(changes: dict[str, object]) -> None:
    """A change to an event's place, kind, standing or instant changes its hash."""
    made = event("ticked", "mail")
    assert replace(made, **changes).hash() != made.hash()


@pytest.mark.parametrize("text", ["\0", "a\0b", "\\\0", "\ud800", "\udc00\ud800", "a\udfff"])
def test_what_no_database_takes_is_refused(text: str) -> None:
    """A NUL and half of a surrogate pair cannot be written down, wherever they stand."""
    for value in (text, {"note": text}, {text: "note"}, [[text]]):
        with pytest.raises(ValueError, match="cannot be written down"):
            events.canonical(value)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\\", "u0000", "\x1f", "\x7f", "👩\u200d🚀", "\u2028"])
def test_what_only_looks_like_a_nul_is_written_down(text: str) -> None:
    """Every other text is written down and read back as it was."""
    assert json.loads(events.canonical({"note": text})) == {"note": text}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_does_not_know_is_refused(number: float) -> None:
    """NaN and the infinities are no JSON."""
    with pytest.raises(ValueError, match="JSON"):
        events.canonical(number)


@given(INSTANTS)
def test_an_instant_comes_back_from_its_text(at: datetime) -> None:
    """An instant is written in UTC, to the millisecond, and read back as it was."""
    text = events.instant(at)
    assert text.endswith("Z")
    assert len(text) == len("2026-11-22T14:02:00.000Z")
    assert events.from_instant(text) == at


def test_an_instant_of_another_zone_is_written_in_utc() -> None:
    """An aware instant of any zone is written in UTC."""
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert events.instant(there) == events.instant(AT) == "2026-11-22T14:02:00.000Z"


def test_ids_are_uuids_as_a_browser_writes_them() -> None:
    """An id is a UUID in small letters with dashes, and no two are the same."""
    made = {events.new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(events.is_id(each) for each in made)
    for text in ("", "mail", events.new_id().upper(), events.new_id().replace("-", ""), f"{{{events.new_id()}}}"):
        assert not events.is_id(text)


def test_an_event_that_there_can_be_only_one_of_has_one_id() -> None:
    """It is a UUID as any other, and the names do not run into each other."""
    assert events.is_id(events.derived_id("notebook", "a"))
    assert events.derived_id("notebook", "a") == events.derived_id("notebook", "a")
    assert len({events.derived_id(*each) for each in (("ab", "c"), ("a", "bc"), ("abc",))}) == 3


def test_no_data_has_no_salt() -> None:
    """Where nothing was said there is neither salt nor digest."""
    assert events.salted({}) == ("", "")


def test_the_same_data_has_another_digest_each_time() -> None:
    """A salt keeps a redacted text from being guessed from its digest."""
    (salt, digest), (other_salt, other_digest) = events.salted({"note": "yes"}), events.salted({"note": "yes"})
    assert salt != other_salt
    assert digest != other_digest
    assert len(salt) == 32


def test_a_redacted_event_keeps_its_digest() -> None:
    """An event whose data was blanked says so, and its hash and place still hold."""
    made = event("noted", note="a token")
    blank = events.from_body(made.body(), data=None, salt=None)
    assert blank.redacted
    assert not made.redacted
    assert not event("ticked", "mail").redacted
    assert (blank.hash(), blank.data_digest) == (made.hash(), made.data_digest)


def _without(name: str) -> str:
    facts = json.loads(event("ticked").body())
    return json.dumps({key: value for key, value in facts.items() if key != name})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "Expecting value"),
        ("no JSON", "Expecting value"),
        ("[]", "no JSON object"),
        ("{}", "other fields"),
        ("null", "no JSON object"),
        ('"ticked"', "no JSON object"),
        *(
            (_without(name), f"other fields than expected .*'{name}'")
            for name in json.loads(event("ticked").body())
            if name not in ("step", "data_digest")
        ),
        (event("ticked").body().replace('"kind"', '"sort"'), "other fields than expected .*'sort'"),
        (event("ticked").body().replace('"ticked"', '"tocked"'), "an unknown kind 'tocked'"),
        (event("ticked").body().replace("2026-", "soon-"), "soon-11-22"),
        (event("ticked").body().replace("{", '{"more":1,', 1), "other fields than expected .*'more'"),
    ],
)
def test_a_body_that_no_event_wrote_is_refused(body: str, said: str) -> None:
    """A body with other fields, kinds or values than an event's is a ValueError."""
    with pytest.raises(ValueError, match=said):
        events.from_body(body, data=None, salt=None)


@pytest.mark.parametrize("data", ["[]", "7", '"note"', '{"note": 7}', "no JSON"])
def test_data_that_no_event_wrote_is_refused(data: str) -> None:
    """Data that is not an object of texts is a ValueError."""
    with pytest.raises(ValueError, match=r"no JSON object of texts|Expecting value"):
        events.from_body(event("noted", note="x").body(), data=data, salt="0" * 32)


def test_kinds_are_those_of_the_design() -> None:
    """The kinds are past participles, and these."""
    said = (
        "opened taken ticked unticked skipped unskipped noted approved added started passed warned failed undecided "
        "stopped paused resumed resized advanced quarantined revised redacted signed_off reopened abandoned archived "
        "closed"
    )
    assert list(KINDS) == said.split()
