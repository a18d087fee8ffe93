"""Wrapping what a terminal shows: lines break between words only, and commands stand on lines of their own."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from nbrunbook.commands.wrapping import wrapped
from nbrunbook.texts import columns_of
from tests.conftest import Workplace
from tests.making import put, registered
from tests.terminals import on_terminal, without_colours


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 40, [""]),
        ("one two three four five", 20, ["one two three four", "  five"]),
        ("    indented two three", 20, ["    indented two", "      three"]),
        ("[ ] Mail the support team today  (mail)", 20, ["[ ] Mail the support", "    team today", "    (mail)"]),
        ("  - [x] a step below another", 20, ["  - [x] a step below", "    another"]),
        ("a well-known-word-that-is-long", 20, ["a", "  well-known-word-that-is-long"]),
        ("staging/1.0  two  blanks", 40, ["staging/1.0  two  blanks"]),
        ("it has read 'a b c d', or", 20, ["it has read", "  'a b c d', or"]),
        ("漢字の手順は空白なしで、書かれる", 20, ["漢字の手順は空白なし", "  で、書かれる"]),
        ("\x1b[31mfour\x1b[0m five six seven eight", 20, ["\x1b[31mfour\x1b[0m five six seven", "  eight"]),
    ],
)
def test_a_line_breaks_between_words(text: str, width: int, lines: list[str]) -> None:
    """What goes on stands under the text, a short text in quotes stays whole, ideographs may be parted."""
    assert wrapped(text, width) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("it has one: 'nbrunbook work a/1.0' opens it", ["it has one:", "    nbrunbook work a/1.0", "  opens it"]),
        ("first ('nbrunbook sign-off a/1.0'), or --draft", ["first", "    nbrunbook sign-off a/1.0", "  or --draft"]),
        ("'git fetch --tags' brings it", ["    git fetch --tags", "  brings it"]),
        ("'nbrunbook work 'a/1 ü'' does", ["    nbrunbook work 'a/1 ü'", "  does"]),
        ("keep it: nbrunbook archive a/1.0", ["keep it:", "    nbrunbook archive a/1.0"]),
        ("it is missing; pip install 'nbrunbook[ci]'", ["it is missing;", "    pip install 'nbrunbook[ci]'"]),
        ("the author's cell, and ben's", ["the author's cell, and ben's"]),
        ("error: nbrunbook[ci] is not installed", ["error: nbrunbook[ci] is not installed"]),
    ],
)
def test_a_command_stands_on_a_line_of_its_own(text: str, lines: list[str]) -> None:
    """It is there to be copied: without the quotes around it, and never broken, also where it is wider."""
    assert wrapped(text, 80) == lines
    commands = [line for line in lines if line.startswith("    ")]
    assert set(commands) <= set(wrapped(text, 20))


def test_no_word_is_lost_or_cut() -> None:
    """Whatever the text and the width, the words are the same in the same order, and no line is wider than it must."""
    chance = random.Random(7)
    words = ["a", "release", "'quoted text'", "naïve", "https://example.org/a-long-path", "🚀", "(note)", "it's", "é́"]
    for _ in range(500):
        text = " ".join(chance.choices(words, k=chance.randrange(1, 30)))
        width = chance.randrange(20, 100)
        lines = wrapped(text, width)
        assert " ".join(" ".join(lines).split()) == text
        assert all(columns_of(line) <= width or len(line.split()) == 1 for line in lines)


LONG = "Look at every dashboard of the shop "
CHECKLIST = "## A release\n" + "".join(f"- [ ] {LONG * number}{{#s{number}}}\n" for number in range(1, 9))


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["status", "staging/1.0"], 0),
        (["status", "staging/1.0", "--full"], 0),
        (["plan", "templates/2.0.md"], 0),
        (["pending"], 0),
        (["history"], 0),
        (["journal", "staging/1.0"], 0),
        (["sign-off", "staging/1.0"], 1),
        (["status", "staging/9.9"], 1),
        (["work", "--list", "--stop"], 2),
        (["status", "--owner"], 2),
    ],
)
def test_nothing_breaks_inside_a_word(
    work: Workplace, columns: int, arguments: list[str], status: int, corpus: Path | None
) -> None:
    """On a terminal only words and commands that are wider than it are; a real checklist and long titles show it."""
    registered(CHECKLIST)
    put(work.root / "templates", **{"2.0": _real(corpus) or CHECKLIST})
    shown = without_colours(on_terminal(work.root, *arguments, columns=columns, status=status))
    piped = work.run(*arguments)
    assert piped == status
    wide = [line for line in shown.splitlines() if columns_of(line) > columns]
    assert [line for line in wide if not re.match(r"\s*(nbrunbook |\S+$)", line)] == []
    assert set((work.out + work.err).replace("'", "").split()) <= set(shown.replace("'", "").split())


def _real(corpus: Path | None) -> str:
    return (corpus / "checklists" / "kubo-release-issue-template.md").read_text(encoding="utf-8") if corpus else ""


def test_a_pipe_gets_one_line_a_row(work: Workplace) -> None:
    """Nothing is laid out where a machine reads: the longest title is on its line, and a command in its place."""
    registered(CHECKLIST)
    assert work.run("status", "staging/1.0") == 0
    assert f"[ ] {LONG * 8} (s8)" in work.out
    assert work.run("work", "staging/9.9") == 1
    assert work.err.count("\n") == 1


def test_code_to_copy_is_not_wrapped(work: Workplace) -> None:
    """With --full what stands between fences is to the letter, however wide it is."""
    code = f"deploy {'--with-a-long-option value ' * 9}".rstrip()
    registered(f"- [ ] A {{#a}}\n\n  ```sh\n  {code}\n  ```\n")
    assert code in on_terminal(work.root, "status", "staging/1.0", "--full", columns=40).splitlines()


def test_colours_say_the_same_everywhere(work: Workplace) -> None:
    """What is late is red in each view of it, and says so in words; NO_COLOR and a dumb terminal leave colours out."""
    registered("- [ ] A {#a}\n- [ ] B {#b due=0m}\n- [ ] C {#c after=b}\n")
    assert work.run("tick", "staging/1.0", "a") == 0
    red, one = "\x1b[31m\x1b[1m", on_terminal(work.root, "status", "staging/1.0")
    assert f"{red}[ ] B  (b)  ← next\x1b[0m" in one
    assert "\x1b[32m[x] A  (a)" in one
    assert "\x1b[2m[ ] C  (c)" in one
    assert f"{red}1 overdue" in on_terminal(work.root, "status")
    assert f"{red}overdue, " in on_terminal(work.root, "pending")
    assert f"{red}error:\x1b[0m " in on_terminal(work.root, "status", "x/1", status=1)
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_terminal(work.root, "status", "staging/1.0", **plain)
