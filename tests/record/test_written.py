"""What a run wrote, as a record shows it."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.journal.entries import sha256
from nbrunbook.record import written
from nbrunbook.record.written import Written, coloured, said
from tests.making import event


class Blobs:
    """A journal that holds blobs, counts who asks for them, and knows which were redacted."""

    def __init__(self, **contents: bytes) -> None:
        self.contents, self.asked = contents, list[str]()

    def blob(self, name: str) -> bytes | None:
        """Return what is there."""
        self.asked.append(name)
        return self.contents.get(name)

    def redactions_of(self, name: str) -> list[str]:
        """Return something for what is blank."""
        return ["redacted"] if self.contents.get(name) == b"" else []


def _of(journal: Any, seq: int = 1, **data: str) -> str:
    end = event("passed", "green", seq=seq, **data)
    return "".join(Written(journal, [end]).of(end))


def test_text_is_text_with_its_colours() -> None:
    """Markup is shown; colours are classes, whose colours the page has in light and dark."""
    assert coloured("a <b>\x1b[1;31mred\x1b[0m") == 'a &lt;b&gt;<span class="ansi-red-fg ansi-bold">red</span>'


def test_a_long_message_is_cut_in_words() -> None:
    """It says by how much, and where the rest is; a long one can be reached by the keyboard."""
    assert said("Value", "12") == '<div class="nbr-said">Value: 12</div>'
    assert 'tabindex="0"' in said("", "x" * 700)
    assert "x… (1,000 more characters, in the page&#x27;s JSON)" in said("", "x" * 3_000)


def test_the_end_of_a_long_output_goes_on_paper() -> None:
    """The last 40 lines; on the screen all are there, and paper says how many are not."""
    drawn = _of(Blobs(), output="".join(f"line {number}\n" for number in range(100)))
    before, _, last = drawn.partition("\n</span>line")
    assert '<span class="nbr-paper">[61 lines before these are not printed' in before
    assert '<span class="nbr-screen">line 0\n' in before
    assert before.endswith("line 60")
    assert last.startswith(" 61\n")
    assert "not printed" not in _of(Blobs(), output="line\n" * 40)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({}, "All of the output: not to be had from the journal"),
        ({"content": b"edited"}, "All of the output: not to be had from the journal"),
        ({"content": b""}, "All of the output: (redacted)"),
        ({"content": b"the log"}, "Save all of the output, 0.0 kB"),
    ],
)
def test_a_log_is_there_or_says_why_not(kept: dict[str, bytes], words: str) -> None:
    """Missing or edited in the journal, redacted, or as the event names it."""
    name = sha256(b"the log")
    journal = Blobs(**dict.fromkeys(kept and [name], kept.get("content", b"")))
    assert words in _of(journal, log=name, output="log")


def test_what_has_no_room_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest come in; once one has no room none that is older is asked for."""
    monkeypatch.setattr(written, "LOGS", 9)
    logs = [f"the log {number}".encode() for number in range(4)]
    journal: Any = Blobs(**{sha256(each): each for each in logs})
    ends = [event("failed", "green", seq=seq, log=sha256(log)) for seq, log in enumerate(logs, 1)]
    shown = Written(journal, ends)
    assert journal.asked == [sha256(logs[3]), sha256(logs[2])]
    drawn = ["".join(shown.of(end)) for end in ends]
    assert ["in the journal alone" in each for each in drawn] == [True, True, True, False]
