"""Output: whatever is written, its end is in memory, and the file is bounded."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from nbrunbook.automation.output import LOG, PLACE, TAIL, Output


def test_a_little_is_kept_whole(tmp_path: Path) -> None:
    """In memory and in the file, masked, as text whatever it was."""
    written = Output(tmp_path, ["hunter-2"])
    written.feed(b"one\nhunt")
    assert written.last_lines() == ("one",)
    written.feed(b"er-2 \xff\0\n")
    written.close()
    assert written.text() == "one\n*** \ufffd␀\n"
    assert (tmp_path / PLACE).read_bytes() == b"one\n*** \xff\0\n"


@pytest.mark.parametrize("size", [TAIL - 10, TAIL + 10, LOG - TAIL - 10, LOG - TAIL + 10, LOG - 10, LOG + 10, 2 * LOG])
@pytest.mark.parametrize("chunk", [10_000, 1_000_000])
def test_much_is_kept_at_both_ends(tmp_path: Path, size: int, chunk: int) -> None:
    """The file says what was left out of it, and nothing is in it twice."""
    said = b"".join(b"%9d\n" % number for number in range(size // 10))
    written = Output(tmp_path, [])
    for at in range(0, len(said), chunk):
        written.feed(said[at : at + chunk])
    written.close()
    kept = (tmp_path / PLACE).read_bytes()
    assert written.text() == said[-TAIL:].decode()
    assert kept == said if size <= LOG else len(kept) < LOG + 100
    head, cut, tail = kept.partition(b" bytes are left out here]\n")
    if cut:
        head, _, count = head.rpartition(b"\n[")
        assert said == head + said[len(head) : -len(tail)] + tail
        assert len(said) - len(head) - len(tail) == int(count.replace(b",", b""))


def test_a_cut_is_at_a_line(tmp_path: Path) -> None:
    """The first line in memory is a whole one, also where letters have several bytes."""
    written = Output(tmp_path, [])
    written.feed("äöü: ein Satz\n".encode() * 20_000)
    assert written.text().startswith("äöü")
    assert len(written.text().encode()) <= TAIL


def test_what_is_held_back_is_there_at_an_attempt_s_end(tmp_path: Path) -> None:
    """What one process began another does not end; a line of ours begins a line, and is masked."""
    written = Output(tmp_path, ["hunter-2"])
    written.feed(b"hunt")
    written.end_attempt()
    written.say("[attempt 1 failed: hunter-2]")
    written.feed(b"er-2\n")
    assert written.text() == "hunt\n[attempt 1 failed: ***]\ner-2\n"


def test_a_full_disk_costs_the_file_alone(tmp_path: Path) -> None:
    """A run goes on, and its end is in memory."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    written = Output(tmp_path, [])
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most[1]))
    try:
        for _ in range(100):
            written.feed(b"a line of text\n" * 10)
        written.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
        signal.signal(signal.SIGXFSZ, ignored)
    assert written.text() == "a line of text\n" * 1000
    assert (tmp_path / PLACE).stat().st_size == 1000
