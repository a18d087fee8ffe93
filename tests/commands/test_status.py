"""nbrunbook status."""

from __future__ import annotations

import json

import pytest

from nbrunbook.commands import run
from tests.conftest import MakeRunbook, Workplace
from tests.making import registered, rows

MARKDOWN = "## Tell\n- [ ] Mail {#mail}\n- [ ] Board {#board}\n- [ ] Extra {#extra .optional}"


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of three steps, one of them optional."""
    return registered(MARKDOWN)


def test_all_runbooks_are_listed(work: Workplace, key: str) -> None:
    """Without a key every runbook has one line: how far it is, and its state."""
    registered(MARKDOWN, key="production/1.0")
    assert work.run("tick", key, "mail") == 0
    assert work.run("status") == 0
    assert work.out.splitlines() == ["staging/1.0  1 of 3 done  open", "production/1.0  0 of 3 done  open"]


def test_one_runbook_is_shown_step_by_step(work: Workplace, key: str) -> None:
    """With a key every step has a line, with what the journal says of it below."""
    assert work.run("tick", key, "mail") == 0
    assert work.run("note", key, "ben takes over") == 0
    assert work.run("status", key) == 0
    for line in ("staging/1.0  1 of 3 done  open", "handover: ben takes over — ana (declared)", "[ ] Board  (board)"):
        assert line in work.out
    assert "[x] Mail  (mail)\n    done by ana (declared), " in work.out


def test_the_check_fails_while_something_required_is_open(work: Workplace, key: str) -> None:
    """--check exits 1 while something required is open, and 0 when only optional steps are."""
    assert work.run("status", key) == 0
    assert work.run("status", key, "--check") == work.run("status", "--check") == 1
    assert work.run("tick", key, "mail", "board") == 0
    assert work.run("status", key, "--check") == work.run("status", "--check") == 0


def test_the_check_looks_at_all_runbooks(work: Workplace, key: str) -> None:
    """One open runbook is enough for --check without a key to fail; another key's own check does not care."""
    registered("- [ ] A {#a .optional}", key="production/1.0")
    assert work.run("status", "--check") == 1
    assert work.run("status", "production/1.0", "--check") == 0


def test_the_status_for_a_machine(work: Workplace, key: str) -> None:
    """--json tells state, counts and every step with who settled it and how that is known."""
    assert work.run("skip", key, "mail", "--reason", "no") == 0
    assert work.run("status", key, "--json") == 0
    (found,) = json.loads(work.out)["runbooks"]
    assert (found["runbook"], found["state"], found["settled"], found["total"]) == (key, "open", 1, 3)
    first, second, _ = found["steps"]
    assert (first["id"], first["status"], first["by"], first["known"]) == ("mail", "skipped", "ana", "declared")
    assert (second["status"], second["by"], second["at"]) == ("open", None, None)


def test_looking_writes_nothing(work: Workplace, key: str) -> None:
    """Looking changes nothing in the journal."""
    before = rows()
    for command in (["status"], ["status", key], ["status", key, "--json"], ["journal", key]):
        assert run(command) == 0
    assert rows() == before


def test_a_key_that_is_no_text_is_unknown(work: Workplace, runbook: MakeRunbook) -> None:
    """A key with bytes that are no UTF-8 is told as unknown, like any other."""
    runbook("## A\n- [ ] a {#a}")
    assert work.run("status", "a\udcff") == 1
    assert "no runbook" in work.err
