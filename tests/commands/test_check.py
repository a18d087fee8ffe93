"""nbrunbook check: checks that look again."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Workplace
from tests.making import raw_journal, session_on
from tests.running import CODE, DECLARED, KEY, STEPS, at_once, killed, runs_of, step_of, wait_for

PLAIN = "from nbrunbook import check\nrelease: str = '1.0'\nenvironment: str = 'staging'"
LATER = "- [ ] First {#first}\n- [ ] Plain {#plain after=first}\n- [ ] Free {#free}\n"
LATER_CODE = "@check('plain')\ndef f(): ...\n@check('free')\ndef g():\n    return 'free'"


def _signed_off(made: Workplace) -> None:
    """Settle all, the check by itself, and sign off."""
    assert made.run("check", KEY, "green") == 0, made.err
    for step in ("purge", "manual"):
        assert made.run("tick", KEY, step, "--reason", "by hand", "--yes") == 0, made.err
    assert made.run("sign-off", KEY) == 0, made.err


def _kinds(key: str = KEY) -> list[str]:
    return [event.kind for event in session_on(key).events]


def _later(made: Workplace, release: str = "2.0", environment: str = "staging", code: str = LATER_CODE) -> str:
    """Make another runbook, whose checks need no secret; one of them waits."""
    path = made.template(LATER, name=f"{release}.ipynb", parameters=PLAIN.replace("1.0", release), code=code)
    assert made.run("instantiate", path, "-e", environment) == 0, made.err
    return f"{environment}/{release}"


def test_a_check_opens_its_step_again(made: Workplace) -> None:
    """What passed and fails now is open, and says why, in words, too."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "red").touch()
    assert made.run("check", KEY, "green") == 1
    assert "failed (before: passed): health is red; its step is open again" in made.out
    assert step_of(made, "green")["status"] == "open"
    assert made.run("status", KEY) == 0
    assert "failed, run by " in made.out
    assert ": health is red" in made.out
    assert "2nd run, once without passing" in made.out


def test_after_the_sign_off_only_changes_are_told(made: Workplace) -> None:
    """Nothing is reopened; what fails since, and that it passes again, are events, and nothing else is."""
    _signed_off(made)
    before = _kinds()
    assert made.run("check", "--all") == 0, made.err
    assert _kinds() == before
    (made.root / "red").touch()
    for _ in range(2):
        assert made.run("check", "--all") == 1
    assert "failed, as before: health is red" in made.out
    (made.root / "red").unlink()
    assert made.run("check", KEY, "green") == 0, made.err
    assert "passed (before: failed)" in made.out
    assert _kinds() == [*before, "failed", "passed"]
    assert session_on().progress.state == "signed_off"
    assert made.run("verify", KEY) == 0, made.out


def test_all_checks_of_what_is_open(made: Workplace) -> None:
    """Made for cron: all open runbooks, or those of an environment, as JSON; actions are never run."""
    assert made.run("check", "--all", "--json") == 0, made.err
    assert [each["step"] for each in runs_of(made)] == ["green"]
    assert "looking" not in made.err
    assert made.run("check", "--all", "-e", "staging") == 0
    assert made.run("check", KEY, "purge") == 1
    assert "it is no check" in made.err
    assert f"'nbrunbook run {KEY} purge'" in made.err
    assert made.run("check") == made.run("check", KEY, "--all") == 2
    assert not (made.root / "keys").exists()


def test_of_what_is_signed_off_the_newest_looks(made: Workplace) -> None:
    """A check of an older release says nothing any more where a newer one has a runbook; by its key it looks still."""
    _signed_off(made)
    later = _later(made)
    assert made.run("check", "--all", "--json") == 0, made.err
    assert [(each["runbook"], each["step"]) for each in runs_of(made)] == [(later, "free")]
    assert f"{later}: plain is left out: it comes after" in made.err
    assert made.run("check", KEY) == 0, made.err
    assert "green: passed, as before" in made.out


def test_with_nothing_to_check_it_says_so(made: Workplace) -> None:
    """A runbook without checks, and one whose only check was skipped or waits."""
    assert made.run("skip", KEY, "green", "--reason", "no index here") == 0
    assert made.run("check", KEY, "--json") == 0
    assert runs_of(made) == []
    assert "there is nothing to check" in made.err
    key = _later(made, "3.0", code="")
    assert made.run("check", key) == 0
    assert "there is nothing to check" in made.err


def test_what_cannot_look_keeps_nobody_else(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret is an error, and the checks of the others look all the same."""
    later = _later(made)
    monkeypatch.delenv("SHOP_TOKEN")
    assert made.run("check", "--all", "--json") == 1
    assert [each["runbook"] for each in runs_of(made)] == [later]
    assert "secrets that are not set here: SHOP_TOKEN" in made.err
    assert _kinds() == ["opened"]


def test_redacted_code_keeps_nobody_else(made: Workplace) -> None:
    """What was redacted cannot be run, which is said in one line."""
    later = _later(made)
    (made.root / "red").touch()
    code = session_on().progress.plan.code[-1]
    assert made.run("redact", KEY, "--code", code[:12], "--reason", "a token", "--yes") == 0, made.err
    assert made.run("check", "--all", "--json") == 1
    assert [each["runbook"] for each in runs_of(made)] == [later]
    assert "was redacted: nothing can be run that loads it" in made.err


def test_unreadable_rows_keep_nobody_else(made: Workplace) -> None:
    """A runbook of which a row cannot be read is named, and left out."""
    later = _later(made)
    digest = session_on().runbook.digest
    with raw_journal(without="event") as raw:
        raw.execute("UPDATE event SET body = 'no body' WHERE runbook = ?", (digest,))
    assert made.run("check", "--all", "--json") == 1
    assert [each["runbook"] for each in runs_of(made)] == [later]
    assert f"({KEY} is left out" in made.err


def test_an_abandoned_runbook_is_not_looked_at(made: Workplace) -> None:
    """By its key that is refused; among all it is none."""
    assert made.run("abandon", KEY, "--reason", "rolled back") == 0, made.err
    assert made.run("check", KEY) == 1
    assert "the runbook is abandoned" in made.err
    assert made.run("check", "--all") == 0
    assert "there is nothing to check" in made.err


def test_what_runs_is_left_out(made: Workplace) -> None:
    """A check that somebody runs; of one that died somebody has to say what became of it, so that is an error."""
    (made.root / "hang").touch()
    assert made.run("run", KEY, "green", "--background") == 0, made.err
    session = session_on()

    def is_heard() -> bool:
        session.refresh()
        return all(each.pid for each in session.progress.heard.values())

    wait_for(is_heard)
    assert made.run("check", KEY) == 0
    assert "green is left out: it runs, started by" in made.err
    run = session.progress.of("green").run
    assert run
    killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    assert made.run("check", KEY) == 1
    assert "nobody knows what became of it" in made.err
    assert f"'nbrunbook run {KEY} green --it-ran" in made.err


def test_what_fails_since_the_sign_off_is_told(made: Workplace) -> None:
    """In status, pending and their JSON; --check passes over it, --strict does not, and a pass takes it back."""
    _signed_off(made)
    assert made.run("pending", "-e", "staging", "--strict") == 0, made.out
    (made.root / "red").touch()
    assert made.run("check", "--all") == 1
    said = "its check 'green' fails"
    assert made.run("status") == 0
    assert said in made.out
    assert made.run("status", KEY) == 0
    assert said in made.out
    assert "since the sign-off: failed, run by" in made.out
    assert made.run("status", "--json") == 0
    (found,) = json.loads(made.out)["runbooks"]
    assert (found["state"], found["failing"], found["failed"]) == ("signed_off", ["green"], [])
    green = next(each for each in found["steps"] if each["id"] == "green")
    assert (green["status"], green["last_run"]["outcome"]) == ("done", "passed")
    assert (green["since_sign_off"]["outcome"], green["since_sign_off"]["message"]) == ("failed", "health is red")
    assert made.run("pending", "-e", "staging", "--json", "--check") == 0, made.err
    (listed,) = json.loads(made.out)["pending"]
    assert (listed["state"], listed["runbook"]) == ("check failed", KEY)
    assert listed["reason"].endswith(f"{said}: health is red")
    assert made.run("pending", "-e", "staging", "--strict") == 1
    assert f"nbrunbook check {KEY} green" in made.out
    (made.root / "red").unlink()
    assert made.run("check", KEY) == 0, made.err
    assert made.run("pending", "-e", "staging", "--strict") == 0, made.out
    assert made.run("status") == 0
    assert "fails" not in made.out


def test_a_newer_release_takes_what_fails_off_the_lists(made: Workplace) -> None:
    """What a check of an older release says is of no concern once a newer one has a runbook there."""
    _signed_off(made)
    (made.root / "red").touch()
    assert made.run("check", "--all") == 1
    _later(made)
    assert made.run("pending", "-e", "staging") == 0
    assert "fails" not in made.out
    assert made.run("status", KEY) == 0
    assert "its check 'green' fails" in made.out


def test_a_check_that_passes_as_it_was_revised_confirms_its_step(made: Workplace) -> None:
    """What it does has changed, which the sign-off waits for: that it passes now is recorded, and is the answer."""
    assert made.run("check", KEY) == 0, made.err
    made.template(STEPS, parameters=DECLARED, code=CODE.replace("health is red", "it is red"))
    assert made.run("revise", KEY, "--yes") == 0, made.err
    assert made.run("status", KEY) == 0
    assert "Reworded since done" in made.out
    assert "what it does has changed" in made.out
    assert made.run("check", KEY) == 0, made.err
    assert made.run("status", KEY) == 0
    assert "Reworded since done" not in made.out
    assert "confirmed as reworded by ana" in made.out


def test_two_crons_at_once(made: Workplace) -> None:
    """Both end well, whichever looks, and the change is told once."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "red").touch()
    found = at_once(made, ["check", "--all", "--json"], ["check", "--all", "--json"])
    seen = [each["outcome"] for process in found for each in json.loads(process.stdout)["runs"]]
    assert set(seen) == {"failed"}, [each.stderr for each in found]
    left_out = [each for each in found if "the last one has looked for" in each.stderr]
    assert len(seen) + len(left_out) == 2, [each.stderr for each in found]
    assert _kinds() == ["opened", "started", "passed", "failed"]


def test_two_crons_at_the_first_time(made: Workplace) -> None:
    """The first result is that of a run, which one of them begins; the other one leaves it out, or looks after it."""
    found = at_once(made, ["check", "--all", "--json"], ["check", "--all", "--json"])
    assert [each.returncode for each in found] == [0, 0], [each.stderr for each in found]
    assert _kinds() == ["opened", "started", "passed"]


def test_a_press_beside_a_look(made: Workplace) -> None:
    """Who presses comes before who only looks: what the look saw is not told beside the run's end."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "red").touch()
    found = at_once(made, ["check", KEY, "--json"], ["run", KEY, "green", "--json"])
    assert found[1].returncode == 1, found[1].stderr
    assert found[0].returncode == 1 or "it runs, started by" in found[0].stderr, found[0].stderr
    kinds = _kinds()[3:]
    assert kinds in (["started", "failed"], ["failed", "started", "failed"]), kinds
