"""The block of attributes behind a title."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import Attributes

IDS = st.from_regex(r"\A[a-z0-9](?:[a-z0-9._-]{0,8}[a-z0-9])?\Z")
FLAGS = st.lists(st.sampled_from(sorted({*attributes.STEP_FLAGS, *attributes.HEADING_FLAGS})), unique=True)
LINE = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
KEYS = st.dictionaries(st.sampled_from(sorted(attributes.STEP_KEYS)), LINE, max_size=4)


@given(st.none() | IDS, FLAGS, KEYS)
def test_what_is_shown_parses_to_the_same(id_: str | None, flags: list[str], keys: dict[str, str]) -> None:
    """Parse, show, parse: any id, flags and one-line values come back as they were."""
    wanted = Attributes(id=id_, flags=tuple(flags), keys=keys)
    shown = attributes.show(wanted)
    assert (attributes.parse(shown) if shown else attributes.NONE) == wanted


@given(IDS, KEYS, st.sampled_from(["Tell people", "Deploy `it`", "{version}", "a {{release}} b"]))
def test_a_shown_block_is_split_off_a_title(id_: str, keys: dict[str, str], title: str) -> None:
    """What `show` writes behind a title is found there again, and the title stays to the letter."""
    wanted = Attributes(id=id_, keys=keys)
    split = attributes.split(f"{title} {attributes.show(wanted)}")
    assert (split.text, split.attributes) == (title, wanted)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{#mail-support}", Attributes(id="mail-support")),
        ("{.approval .once}", Attributes(flags=("approval", "once"))),
        ("{ #a\t.gate }", Attributes(id="a", flags=("gate",))),
        ("{owner=ops}", Attributes(keys={"owner": "ops"})),
        ('{owner="release manager"}', Attributes(keys={"owner": "release manager"})),
        ("{when='kind != \"patch\"'}", Attributes(keys={"when": 'kind != "patch"'})),
        (r'{owner="a \"b\" \\ c"}', Attributes(keys={"owner": r'a "b" \ c'})),
        ('{owner=""}', Attributes(keys={"owner": ""})),
        ("{owner={{team}}}", Attributes(keys={"owner": "{{team}}"})),
        ("{after='2026.11.0#a,b@production'}", Attributes(keys={"after": "2026.11.0#a,b@production"})),
        ("{#schritt-ü}", Attributes(id="schritt-ü")),
    ],
)
def test_a_block_is_read(block: str, expected: Attributes) -> None:
    """A block holds one id, flags and key=value pairs in single, double or no quotes."""
    assert attributes.parse(block) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{version}",
        "{}",
        "{ }",
        "{#mail support}",
        "{owner=}",
        "{.State",
        "{#a, .b}",
        '{owner="a}',
        "{{release}}",
        "{a b}",
    ],
)
def test_what_does_not_parse_whole_is_text(text: str) -> None:
    """A block that does not parse whole is no block at all."""
    assert attributes.parse(text) is None


def test_what_stands_there_twice_is_kept_as_a_fact() -> None:
    """An id, flag or key that stands there twice is named, and the first id counts."""
    found = attributes.parse("{#a #b .gate .gate owner=x owner=y}")
    assert found is not None
    assert (found.id, found.flags, found.repeated) == ("a", ("gate",), ("#b", ".gate", "owner"))


@pytest.mark.parametrize(
    ("paragraph", "title", "block", "rest"),
    [
        ("Mail support {#mail}", "Mail support", "{#mail}", ""),
        ("Mail support {#mail}\nUse the text.\nSoon.", "Mail support", "{#mail}", "Use the text.\nSoon."),
        ("Mail\nsupport {#mail}\nUse it.", "Mail\nsupport", "{#mail}", "Use it."),
        ("Mail support <!--{#mail owner=ops}-->", "Mail support", "<!--{#mail owner=ops}-->", ""),
        ("Mail support<!-- {#mail} -->", "Mail support", "<!-- {#mail} -->", ""),
        ("Mail support {#mail} <!-- soon -->", "Mail support <!-- soon -->", "{#mail}", ""),
        ("Render {{page}} {#page}", "Render {{page}}", "{#page}", ""),
    ],
)
def test_attributes_stand_at_the_end_of_the_title(paragraph: str, title: str, block: str, rest: str) -> None:
    """The block ends the title, in braces or in a comment; the lines after it are body."""
    split = attributes.split(paragraph)
    assert (split.text.replace("  ", " "), split.block, split.rest) == (title, block, rest)


@pytest.mark.parametrize(
    "title",
    [
        "Tag {version}",
        "Tag{#a}",
        "Tag {#a}.",
        "Set `{#a}`",
        "Set \\{#a}",
        "{#a} Tag",
        "Tag {{release}}",
        "Tag { .State }}",
    ],
)
def test_other_braces_are_text(title: str) -> None:
    """A block follows a space and ends the line, outside code; anything else in braces is text."""
    split = attributes.split(title)
    assert (split.text, split.attributes) == (title, None)


DECOMPOSED = unicodedata.normalize("NFD", "größe-ü")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("{#हिन्दी .approval}", Attributes(id="हिन्दी", flags=("approval",))),
        (f"{{#{DECOMPOSED}}}", Attributes(id="größe-ü")),
        (f"{{as={DECOMPOSED}}}", Attributes(keys={"as": "größe-ü"})),
        (f"{{owner={DECOMPOSED} after={{{{ö}}}}}}", Attributes(keys={"owner": DECOMPOSED, "after": "{{ö}}"})),
        ("{#\u1107\u1162}", Attributes(id="\u1107\u1162")),
    ],
)
def test_letters_with_marks_are_letters(block: str, expected: Attributes) -> None:
    """An id may be Hindi or typed on a Mac: what is new is kept in NFC, and what plans hold already as it is."""
    assert attributes.parse(block) == expected
    assert attributes.split(f"Tag {block}").attributes == expected


@pytest.mark.parametrize("block", ["{#a—b}", "{#\u0301a}", "{#a\u061cb}", "{.a\u0964}", "{#a\u200db}"])
def test_other_characters_are_no_letters(block: str) -> None:
    """A dash of prose, a mark on nothing and what steers a screen make no id."""
    assert attributes.parse(block) is None
    assert attributes.split(f"Tag {block}").text == f"Tag {block}"


def test_references_are_read_as_ids_are() -> None:
    """A step that is waited for is the same however it was typed; a place and a release stay as they are."""
    place = unicodedata.normalize("NFD", "é")
    assert attributes.references(f"{DECOMPOSED}, b {place}#{DECOMPOSED}@{place}") == [
        "größe-ü",
        "b",
        f"{place}#größe-ü@{place}",
    ]


@pytest.mark.parametrize(
    ("block", "expected"), [("{.gate}", "{#a .gate}"), ("<!--{ owner=x }-->", "<!--{#a owner=x }-->")]
)
def test_an_id_is_put_in_front(block: str, expected: str) -> None:
    """An id goes in front of what a block holds already, in a comment too."""
    assert attributes.inserted(block, "#a") == expected


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("30m", 1800), ("24h", 86400), ("7d", 604800), ("2w", 1209600), (" 1 h ", 3600), ("0m", 0)],
)
def test_a_duration_is_a_number_and_a_unit(duration: str, seconds: int) -> None:
    """Durations are whole minutes, hours, days or weeks."""
    assert attributes.seconds(duration) == seconds


@pytest.mark.parametrize("duration", ["", "soon", "7", "d", "-1d", "1.5h", "1s", "1h30m", "1000000d"])
def test_anything_else_is_no_duration(duration: str) -> None:
    """What is no duration is a ValueError that holds it."""
    with pytest.raises(ValueError, match=rf"^{duration}$"):
        attributes.seconds(duration)


@given(st.integers(0, 99_999), st.sampled_from("mhdw"))
def test_a_duration_is_shown_as_it_is_read(number: int, unit: str) -> None:
    """Read, show, read: a duration stays as long as it is."""
    length = attributes.seconds(f"{number}{unit}")
    assert number * attributes.UNITS[unit] == length
    shown = attributes.duration(length)
    assert int(shown[:-1]) * attributes.UNITS[shown[-1]] == length


def test_no_duration_is_shown_as_nothing() -> None:
    """A step without a wait shows none."""
    assert attributes.duration(None) == ""


@pytest.mark.parametrize(
    "after", ["a b@production 2026.11.0#c", "a,b@production,2026.11.0#c", " a , b@production\t2026.11.0#c"]
)
def test_after_lists_ids(after: str) -> None:
    """The ids of an `after` are parted by spaces or commas."""
    assert attributes.references(after) == ["a", "b@production", "2026.11.0#c"]


def test_the_words_are_those_of_the_design() -> None:
    """Flags and keys of steps and headings are these and no other."""
    assert set(attributes.STEP_FLAGS) == {"approval", "optional", "irreversible", "once", "group", "gate"}
    assert set(attributes.STEP_KEYS) == {"owner", "evidence", "as", "when", "after", "wait", "due"}
    assert set(attributes.HEADING_FLAGS) == {"optional", "gate", "if-needed"}
    assert set(attributes.HEADING_KEYS) == {"owner", "when"}
