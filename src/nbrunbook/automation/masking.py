"""Masking: the values of secrets, however they are encoded, are taken out of what a run says. Pure.

Each place where a value stands is covered, and places that overlap are covered as one, so no order decides.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 6
"""Characters of a value that is masked.

A shorter one stands in ordinary words and numbers: masking would tear texts, and say by that what the value is.
"""
SHORTEST_LINE = 16
"""Characters of a line that is masked by itself, of a value that has several, such as a private key."""
LINES = (64, 76)
"""Characters of a line in which base64 is written by many: openssl, and Python's encodebytes and base64(1)."""
IN_JSON = tuple(str.maketrans({each: f"\\u{ord(each):04x}" for each in letters}) for letters in ("<>&", "<>&'"))
"""What others escape in JSON that may stand in HTML."""


def mask(text: str, values: Iterable[str], *, is_torn: bool = False) -> str:
    """Return a text without the values, and without what no file may hold as text.

    One that `is_torn` may begin within a value; any may end within one.
    """
    masker, content = Masker(values), text.encode("utf-8", "backslashreplace")
    if is_torn:
        masker.begin_within(content)
    return as_text(masker.feed(content) + masker.close())


def as_text(content: bytes) -> str:
    """Return bytes as text that a journal takes, whatever they are: without NUL and lone surrogates."""
    return content.decode("utf-8", "replace").replace("\0", "␀")


class Masker:
    """Masks a stream of chunks, in which a value may be cut anywhere.

    What may be the beginning of a value is held back, and nothing else: a line is there as soon as it has ended.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._needles = needles(values)
        self._held = b""
        self._covered = 0
        """How much of what is held belongs to a place whose mask was given out."""

    def begin_within(self, text: bytes) -> None:
        """Cover the end of a value with which a text begins: the stream was cut there."""
        first = text[:SHORTEST]
        for needle in self._needles if len(first) == SHORTEST else ():
            at = needle.find(first)
            while at >= 0 and not text.startswith(needle[at:]):
                at = needle.find(first, at + 1)
            self._covered = max(self._covered, len(needle) - at if at >= 0 else 0)

    def feed(self, chunk: bytes) -> bytes:
        """Return what is certain by now."""
        text = self._held + chunk
        return self._given_out(text, self._begins(text)) if self._needles else text

    def close(self) -> bytes:
        """Return what was held back, at the end of the stream: half a value is masked as a whole one."""
        cut_off = len(self._held) - self._covered >= SHORTEST
        return self._given_out(self._held, len(self._held), cut_off=cut_off)

    def _given_out(self, text: bytes, end: int, *, cut_off: bool = False) -> bytes:
        if not end:  # what is covered stays so
            self._held = text
            return b""
        found, at = bytearray(), 0
        places = [(0, self._covered), *self._places(text), *([(self._covered, end)] if cut_off else [])]
        self._held, covered, self._covered = text[end:], self._covered, 0
        for first, last in _merged(places):
            if first >= end:
                break
            found += text[at:first] + (b"" if covered and first == 0 else MASK.encode())
            at, self._covered = min(last, end), max(0, last - end)
        return bytes(found + text[at:end])

    def _places(self, text: bytes) -> Iterator[tuple[int, int]]:
        for needle in self._needles:
            at = text.find(needle)
            while at >= 0:
                yield at, at + len(needle)
                at = text.find(needle, at + 1)

    def _begins(self, text: bytes) -> int:
        """Where the longest end of a text begins that may be the beginning of a value."""
        found = len(text)
        for needle in self._needles:
            at = text.find(needle[:1], max(0, len(text) - len(needle) + 1), found)
            while at >= 0 and not needle.startswith(text[at:]):
                at = text.find(needle[:1], at + 1, found)
            found = at if at >= 0 else found
        return found


def _merged(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begin, end = 0, 0
    for first, last in sorted(places):
        if first > end:
            yield from [(begin, end)] if end > begin else []
            begin = first
        end = max(end, last)
    yield from [(begin, end)] if end > begin else []


def needles(values: Iterable[str]) -> tuple[bytes, ...]:
    """Return all that is looked for: each value as it is, and as it is written elsewhere; the longest first."""
    texts = {text for value in values for text in (value, value.strip()) if len(text) >= SHORTEST}
    lines = {line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= SHORTEST_LINE}
    forms = {form for text in texts | lines for form in (text, *_url(text), *_json(text), *_python(text), *_html(text))}
    found = {_bytes(form) for form in forms} | {form for text in texts for form in _base64(_bytes(text))}
    return tuple(sorted(found, key=lambda each: (-len(each), each)))


def _bytes(text: str) -> bytes:
    """As the environment held it, which need not be UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def _url(text: str) -> Iterator[str]:
    """As Python, browsers' encodeURIComponent, and forms write it; hexadecimal digits in both cases."""
    forms = [quote(_bytes(text), safe=safe) for safe in ("/", "", "!'()*", "/:")]
    for form in (*forms, quote_plus(_bytes(text))):
        yield form
        yield re.sub("%..", lambda match: match[0].lower(), form)


def _json(text: str) -> Iterator[str]:
    """Within quotes, as JSON of Python, and of others that escape a slash, what HTML knows, or in capital letters."""
    for form in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        for each in (form, form.replace("/", "\\/"), *(form.translate(escaped) for escaped in IN_JSON)):
            yield each
            yield re.sub(r"\\u....", lambda match: match[0][:2] + match[0][2:].upper(), each)


def _python(text: str) -> Iterator[str]:
    """Within quotes, as repr writes a text and its bytes; whether ' is escaped there, what stands around decides."""
    both = "'\""
    for form in (repr(both + text), ascii(both + text), repr(both.encode() + _bytes(text))[1:]):
        inner = form[len("'\\'\"") : -1]
        yield inner
        yield inner.replace("\\'", "'")


def _html(text: str) -> Iterator[str]:
    """As Python, and others that write &#39;, &apos; and &#34;, escape it; and as ASCII alone."""
    quoted = html.escape(text)
    numbered = quoted.replace("&#x27;", "&#39;")
    named = quoted.replace("&#x27;", "&apos;")
    for form in (html.escape(text, quote=False), quoted, numbered, numbered.replace("&quot;", "&#34;"), named):
        yield form
        yield form.encode("ascii", "xmlcharrefreplace").decode()


def _base64(value: bytes) -> Iterator[bytes]:
    """What of the encoded text the value alone decides, where none, one or two bytes stand before it in its group.

    Standard and URL-safe (RFC 4648, sections 4 and 5); of the first and the last byte up to four bits stay.
    In lines it is known of the value alone: where they end else depends on all that stands before.
    """
    for before in range(3):
        encoded = b64encode(bytes(before) + value)
        inner = encoded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
    alone = b64encode(value)[: len(value) * 8 // 6]
    for length in LINES:
        yield b"\n".join(alone[at : at + length] for at in range(0, len(alone), length))
