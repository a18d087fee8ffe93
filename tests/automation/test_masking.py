"""Masking: no value of a secret is left in what a run says, however it is encoded and wherever it is cut."""

from __future__ import annotations

import html
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbrunbook.automation.masking import MASK, SHORTEST, Masker, mask, needles

SECRET = "pä$s/wörd&\"x\"<'y'> 1+2\\"
ENCODED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quote": quote,
    "quote without a safe slash": lambda text: quote(text, safe=""),
    "quote in small letters": lambda text: quote(text).replace("%C3%A4", "%c3%a4").replace("%C3%B6", "%c3%b6")
    .replace("%3C", "%3c").replace("%3E", "%3e").replace("%2B", "%2b").replace("%5C", "%5c"),
    "quote_plus": quote_plus,
    "a form": lambda text: urlencode({"token": text}),
    "JSON": json.dumps,
    "JSON with letters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON of PHP": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON of Go": lambda text: json.dumps(text).translate({60: r"\u003c", 62: r"\u003e", 38: r"\u0026"}),
    "JSON in capital letters": lambda text: json.dumps(text).replace("00e4", "00E4").replace("00f6", "00F6"),
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "ascii": ascii,
    "HTML": html.escape,
    "HTML in ASCII": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "XML": lambda text: html.escape(text).replace("&#x27;", "&apos;"),
    "HTML without quotes": lambda text: html.escape(text, quote=False),
    "HTML with numbers": lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODED)
def test_a_value_is_masked_however_it_is_written(name: str) -> None:
    """Nothing of the value is left, and everything around it is."""
    said = f"before {ENCODED[name]('x' + SECRET + 'x')} after"
    found = mask(said, [SECRET])
    assert found == said.replace(ENCODED[name](f"x{SECRET}x").split("x", 1)[1].rpartition("x")[0], MASK)
    assert MASK in found


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_value_within_base64_is_masked_at_each_alignment(encode: Callable[[bytes], bytes], before: str) -> None:
    """A header for basic authentication says user:secret; what is left of it tells no character of the secret."""
    said = encode(f"{before}{SECRET}, and more".encode()).decode()
    found = mask(said, [SECRET])
    first, _, rest = found.partition(MASK)
    decided = len(before) * 8 // 6
    assert MASK in found
    assert said.startswith(first)
    assert len(first) <= decided + 1
    assert said.endswith(rest)
    assert len(rest) <= -(-len(", and more") * 8 // 6) + 4


def test_what_stands_around_a_value_decides_how_repr_quotes_it() -> None:
    """A ' is escaped only where a " stands beside it, in the value or elsewhere in the same text."""
    for said in ("it's-secret", 'the header "it\'s-secret"', b'the header "it\'s-secret"'):
        assert "secret" not in mask(repr(said), ["it's-secret"])


@pytest.mark.parametrize("length", [64, 76])
def test_a_key_that_base64_writes_in_lines_is_masked(length: int) -> None:
    """As openssl and base64(1) write one that is longer than a line."""
    secret = "".join(f"{number:03}" for number in range(100))
    encoded = b64encode(secret.encode()).decode()
    said = "\n".join(encoded[at : at + length] for at in range(0, len(encoded), length))
    assert mask(f"Key:\n{said}\n", [secret]) == f"Key:\n{MASK}\n"


def test_a_text_that_begins_within_a_value_is_masked_from_there() -> None:
    """Also where another value begins before the first one has ended; nothing else is taken for one."""
    assert mask("cret-1 and on", ["s3cret-1"], is_torn=True) == " and on"
    assert mask("-middle-secret-middle-secret!", ["secret-middle-secret"], is_torn=True) == "!"
    assert mask("other words", ["s3cret-1"], is_torn=True) == "other words"


def test_short_values_are_not_masked() -> None:
    """A value of five letters is a word of its language, and an empty one stands everywhere."""
    said = "the admin is on"
    assert mask(said, ["", "on", "admin"]) == said
    assert mask("the admins are on", ["admins"]) == "the *** are on"
    assert len("admins") == SHORTEST


def test_a_value_is_masked_without_the_line_end_that_its_variable_has() -> None:
    """A secret that was read from a file often ends in one, and is used without."""
    assert mask("token: hunter-2", ["hunter-2\n"]) == "token: ***"


def test_values_that_overlap_are_masked_as_one() -> None:
    """Of two values that share letters none is left in part, whichever is longer."""
    assert mask("-abcdefghij-", ["abcdefg", "efghij"]) == "-***-"
    assert mask("-abcdefghij-", ["cdefgh", "abcdefghij"]) == "-***-"
    assert mask("-abababab-", ["ababab"]) == "-***-"


def test_a_key_of_several_lines_is_masked_line_by_line() -> None:
    """A private key that is printed with an indent does not stand as it is any more."""
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nw0BAQEFAASCBKcwggSj\n-----END KEY-----"
    said = key.replace("\n", "\n    ")
    assert mask(said, [key]) == MASK + f"\n    {MASK}" * 3
    assert mask(repr(key), [key]) == f"'{MASK}'"


def test_only_what_may_become_a_value_is_held_back() -> None:
    """A prompt without a line end is shown at once, a beginning of the secret not before it is another word."""
    masker = Masker(["secret-token"])
    assert masker.feed(b"Continue? ") == b"Continue? "
    assert masker.feed(b"sec") == b""
    assert masker.feed(b"ond\nsecret-tok") == b"second\n"
    assert masker.feed(b"en!") == b"***!"
    assert masker.close() == b""


def test_half_a_value_at_the_end_is_masked() -> None:
    """A process that was killed over a secret shows nothing of it."""
    masker = Masker(["secret-token"])
    assert masker.feed(b"token: secret-tok") + masker.close() == b"token: ***"


VALUES = st.lists(st.text('ab/\n"ü', min_size=1, max_size=12), max_size=3)


@given(
    values=VALUES,
    around=st.lists(st.text('ab/\n"ü ', max_size=8), min_size=4, max_size=4),
    cuts=st.lists(st.integers(0, 80)),
)
@example(values=["s3cret-in-s3c"], around=["", "rx", "", ""], cuts=[13, 14])  # its end might begin another one
def test_where_a_stream_is_cut_makes_no_difference(values: list[str], around: list[str], cuts: list[int]) -> None:
    """Each way of cutting gives what the whole gives, less the joints of masks; and no value is in it."""
    said = "".join(text + value for text, value in zip(around, [*values, "", "", ""], strict=False)).encode()
    masker, found, at = Masker(values), b"", 0
    for cut in sorted({min(cut, len(said)) for cut in cuts} | {len(said)}):
        found, at = found + masker.feed(said[at:cut]), cut
    found += masker.close()
    whole = Masker(values)
    assert found.replace(b"******", b"***") == (whole.feed(said) + whole.close()).replace(b"******", b"***")
    assert not any(needle in found for needle in needles(values))


def test_masking_takes_linear_time() -> None:
    """A value that is one letter again and again, in a text that nearly is one, costs as any other."""
    masker, begun_at = Masker(["a" * 2000, "a" * 1000 + "b"]), time.process_time()
    for _ in range(200):
        masker.feed(b"a" * 999 + b"c" + b"x" * 9_000)
    assert time.process_time() - begun_at < 5


def test_what_is_no_text_is_text_afterwards() -> None:
    """Lone surrogates, NUL and a value that is not UTF-8 break nothing."""
    assert mask("a\udcffb\0c", []) == "a\\udcffb␀c"
    masker = Masker(["\udcff\udcfe-token"])
    assert masker.feed(b"<\xff\xfe-token>") == b"<***>"
