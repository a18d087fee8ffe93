"""What a run wrote, as it is shown."""

from __future__ import annotations

import pytest

from nbrunbook.runbook.run_output import LONGEST_SHOWN, end_of, shown
from tests.making import HOSTILE


@pytest.mark.parametrize(
    ("wrote", "read"),
    [
        ("plain\ntext", "plain\ntext"),
        ("\x1b[1;32mgreen\x1b[0m and \x1b[38;5;9mred\x1b[m", "green and red"),
        ("\x1b]0;title\x07a \x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", "a link"),
        ("10 %\r50 %\r100 %\ndone\r\n", "100 %\ndone\n"),
        ("N\x08Na\x00c\x7f\x9b1md", "Nacd"),
        ("tab\tstays", "tab\tstays"),
        (HOSTILE["script"], HOSTILE["script"]),
        (HOSTILE["override"], "abc⟨U+202E⟩def⟨U+2066⟩ghi"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_what_somebody_would_have_read(wrote: str, read: str) -> None:
    """Colours, movements and controls are gone; text stays text, and what turns its direction is a code."""
    assert shown(wrote) == read


def test_a_megabyte_of_escapes_takes_no_time() -> None:
    """However it is made, it is gone through once."""
    assert shown("\x1b[" * 200_000 + "mend") == "end"
    assert shown("\x1b]" * 200_000 + "\nend") == "\nend"
    assert shown("\r" * 500_000 + "end") == "end"


def test_a_long_output_says_that_it_is_cut() -> None:
    """The end is what counts; a line that is too long is cut itself."""
    text = "".join(f"line {number}\n" for number in range(10_000))
    found = end_of(text)
    first, _, rest = found.partition("\n")
    assert first == f"[the first {len(text) - len(rest):,} of {len(text):,} characters are left out here]"
    assert text.endswith(rest)
    assert len(rest) <= LONGEST_SHOWN
    assert len(end_of("x" * 10_000)) < LONGEST_SHOWN + 100
    assert end_of("short") == "short"
