"""JSON texts that somebody laid out: what they say is changed in place, and everything else stays to the letter."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from nbrunbook.texts import short

DECODER = json.JSONDecoder()
SPACE = re.compile(r"[ \t\r\n]*")
UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)
"""What stands for one character in a string."""


def says(text: str, new: Any) -> str:
    """Return a JSON text that says something else now; what it says still keeps its spaces, its order and its escapes.

    Raises ValueError where a key stands twice: nobody can tell which one was meant.
    """
    refuse_twice(text)
    start = _past(text, 0)
    escaped = text.isascii() and re.search(r"\\u(?!00[0-7])", text) is not None
    edited, end = _Editor(text, ensure_ascii=escaped).value(start, new)
    made = text[:start] + edited + text[end:]
    if json.dumps(json.loads(made)) != json.dumps(new):
        raise ValueError("it cannot be changed in place")
    return made


def refuse_twice(text: str) -> None:
    """Raise ValueError where a key stands twice in an object: a reader takes the last, and has lost the other."""

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
            raise ValueError(f"the key {short(twice, 40)!r} stands in it twice")
        return found

    json.loads(text, object_pairs_hook=keep)


def _past(text: str, at: int) -> int:
    """Where the next thing begins."""
    match = SPACE.match(text, at)
    return match.end() if match else at


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A member of an object, or an item of an array."""

    gap: str
    """What stands between the one before it, or the bracket, and it."""
    name: str
    """Empty in an array."""
    key: str
    """As it stands."""
    colon: str
    """With the spaces around it."""
    at: int
    """Where its value begins."""


class _Editor:
    """Edits one text; `ensure_ascii` is how new characters are written."""

    def __init__(self, text: str, *, ensure_ascii: bool) -> None:
        self.text, self.ensure_ascii = text, ensure_ascii

    def value(self, at: int, new: Any) -> tuple[str, int]:
        """Return what a value that begins at a place becomes, and where it ended."""
        old, end = DECODER.raw_decode(self.text, at)
        if json.dumps(old) == json.dumps(new):
            return self.text[at:end], end
        if isinstance(old, dict) and isinstance(new, dict) and old and new:
            return self._object(at, new), end
        if isinstance(old, list) and isinstance(new, list) and old and new:
            return self._array(at, new), end
        if isinstance(old, str) and isinstance(new, str):
            return self._string(self.text[at + 1 : end - 1], new), end
        return self._dumped(new), end

    def _dumped(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=self.ensure_ascii)

    def _parts(self, at: int, *, named: bool) -> tuple[list[_Part], str]:
        """The parts of what begins with a bracket, and what stands behind the last one."""
        parts: list[_Part] = []
        end = at + 1
        while True:
            begin = _past(self.text, end)
            if parts and self.text[begin] != ",":
                return parts, self.text[end:begin]
            begin = _past(self.text, begin + 1) if parts else begin
            name, key_end = DECODER.raw_decode(self.text, begin) if named else ("", begin)
            value_at = _past(self.text, _past(self.text, key_end) + 1) if named else begin
            key, colon = self.text[begin:key_end], self.text[key_end:value_at]
            parts.append(_Part(gap=self.text[end:begin], name=name, key=key, colon=colon, at=value_at))
            end = DECODER.raw_decode(self.text, value_at)[1]

    def _object(self, at: int, new: dict[str, Any]) -> str:
        parts, tail = self._parts(at, named=True)
        by_name = {part.name: part for part in parts}
        texts = [self._member(by_name.get(name), name, value, parts[0].colon) for name, value in new.items()]
        in_order = [name for name in by_name if name in new] == [name for name in new if name in by_name]
        kept = [part for part in parts if part.name in new] if in_order else parts
        return "{" + _joined(texts, kept, parts[0].gap) + tail + "}"

    def _member(self, part: _Part | None, name: str, value: Any, colon: str) -> str:
        if part is None:
            return f"{self._dumped(name)}{colon}{self._dumped(value)}"
        return f"{part.key}{part.colon}{self.value(part.at, value)[0]}"

    def _array(self, at: int, new: list[Any]) -> str:
        parts, tail = self._parts(at, named=False)
        texts = [self.value(part.at, value)[0] for part, value in zip(parts, new, strict=False)]
        texts += [self._dumped(value) for value in new[len(parts) :]]
        return "[" + _joined(texts, parts, parts[0].gap) + tail + "]"

    def _string(self, raw: str, new: str) -> str:
        """A string of which only the characters that differ are written anew, line by line."""
        old = [(unit, unit if len(unit) == 1 else json.loads(f'"{unit}"')) for unit in UNIT.findall(raw)]
        old_lines, new_lines = _lines(old), new.split("\n")
        if len(old_lines) != len(new_lines):
            old_lines, new_lines = [old], [new]
        written = [self._line(units, line) for units, line in zip(old_lines, new_lines, strict=True)]
        ends = [unit for unit, character in old if character == "\n"] if len(old_lines) > 1 else []
        return f'"{"".join(each for pair in zip_longest(written, ends, fillvalue="") for each in pair)}"'

    def _line(self, old: Sequence[tuple[str, str]], new: str) -> str:
        """A line with what differs in one place written anew."""
        most = min(len(old), len(new))
        start = next((n for n in range(most) if old[n][1] != new[n]), most)
        most -= start
        end = next((n for n in range(most) if old[-1 - n][1] != new[-1 - n]), most)
        middle = self._dumped(new[start : len(new) - end])[1:-1]
        kept = [unit for unit, _ in old]
        return "".join([*kept[:start], middle, *kept[len(kept) - end :]])


def _lines(units: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = [[]]
    for unit in units:
        if unit[1] == "\n":
            found.append([])
        else:
            found[-1].append(unit)
    return found


def _joined(texts: Sequence[str], parts: Sequence[_Part], first: str) -> str:
    """Texts with the gaps of what stood there; what is more gets one like the others."""
    gaps = [part.gap for part in parts[1:]]
    gaps += [gaps[-1] if gaps else f",{first}"] * len(texts)
    return first + texts[0] + "".join(gap + text for gap, text in zip(gaps, texts[1:], strict=False))
