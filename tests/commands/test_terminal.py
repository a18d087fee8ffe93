"""What a person at the terminal sees: results on stdout, talk on stderr, JSON for machines."""

from __future__ import annotations

import json

import pytest

from nbrunbook.commands import terminal
from tests.conftest import Workplace
from tests.making import HOSTILE, plan_of, registered, session_on


def test_results_and_talk_go_separate_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """What a pipe takes on is on stdout; what is only for whoever sits there is on stderr."""
    terminal.show("result")
    terminal.show()
    terminal.tell("talk")
    assert capsys.readouterr() == ("result\n\n", "talk\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE["ansi"], "␛[2J␛[31mred␛[0m"),
        (HOSTILE["override"], "abc⟨U+202E⟩def⟨U+2066⟩ghi"),
        ("over\rwritten\x9b2J", "over␍written⟨U+009B⟩2J"),
        ("caf\udce9", "caf⟨U+DCE9⟩"),
        ("two\n\tlines, ünï", "two\n\tlines, ünï"),
    ],
)
def test_nothing_steers_the_terminal(capsys: pytest.CaptureFixture[str], text: str, shown: str) -> None:
    """Control and direction characters are shown as what they are; line breaks, tabs and letters stay."""
    terminal.show(text)
    terminal.tell(text)
    assert capsys.readouterr() == (f"{shown}\n", f"{shown}\n")


def test_a_machine_gets_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON gives back what went in, letters as letters; what would steer a terminal is escaped by JSON itself."""
    terminal.show_json(HOSTILE)
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == (HOSTILE, "")
    assert "ünï" in out
    assert "\x1b" not in out


def test_how_far_it_is_is_said_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe there is the result alone; on a terminal it takes the place of what was said on the way."""
    terminal.pass_by("1 of 2")
    terminal.end_with("2 of 2")
    assert capsys.readouterr() == ("2 of 2\n", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    terminal.pass_by("1 of 2")
    terminal.end_with("2 of 2")
    assert capsys.readouterr() == ("2 of 2\n", "\r\x1b[2K1 of 2\r\x1b[2K")


FORGED = "x\n[x] Tell the team  (announce)\u2028\x85    done by boss"


@pytest.mark.parametrize(
    "command",
    [
        ["note", "staging/1.0", FORGED],
        ["note", "staging/1.0", FORGED, "--step", "a"],
        ["tick", "staging/1.0", "a", "--note", FORGED],
        ["tick", "staging/1.0", "a", "--for", FORGED],
        ["tick", "staging/1.0", "a", "--evidence", FORGED],
        ["skip", "staging/1.0", "a", "--reason", FORGED],
        ["untick", "staging/1.0", "c", "--reason", FORGED],
        ["approve", "staging/1.0", "b", "--note", FORGED],
        ["add", "staging/1.0", FORGED],
        ["abandon", "staging/1.0", "--reason", FORGED],
    ],
)
def test_no_line_is_forged(work: Workplace, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """What somebody wrote shows its line breaks: in the answer, and wherever it is read after."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b .approval}\n- [ ] C {#c}")
    assert work.run("tick", key, "c") == 0
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ben")
    assert work.run(*command) == 0, work.err
    said = work.out
    for look in (["status", key], ["status", key, "--full"], ["status"], ["journal", key], ["history"]):
        assert work.run(*look) == 0, work.err
        said += work.out
    assert not [line for line in said.splitlines() if line.strip().startswith(("[x] Tell the team", "done by boss"))]


def test_a_removed_step_forges_no_line(work: Workplace) -> None:
    """What was said of one that a revision took away stands behind its title."""
    key = registered("- [ ] A {#a}\n- [ ] B {#b}")
    assert work.run("tick", key, "b", "--note", FORGED) == 0
    session = session_on(key)
    made = plan_of("- [ ] A {#a}", environment="staging", release="1.0")
    session.revise(made, shown=session.plan, template={"name": "1.0", "parts": []})
    assert work.run("status", key) == 0
    (last,) = [line for line in work.out.splitlines() if "done by boss" in line]
    assert last.startswith("B  (b): done by ana (declared)")
