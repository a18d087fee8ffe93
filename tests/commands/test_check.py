"""nbrunbook check: checks that look again."""

from __future__ import annotations

import json
import os
import signal

import pytest

from nbrunbook.automation import looking
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import ENDS
from tests.conftest import Workplace
from tests.making import raw_journal, session_on
from tests.running import KEY, killed, looks_in, runs_of, step_of, wait_for

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


def test_only_another_result_is_recorded(made: Workplace) -> None:
    """The first run is one as any other; then each result is an event only where it is another one than before."""
    for name, outcome in [("", "passed"), ("", "passed"), ("red", "failed"), ("red", "failed"), ("", "passed")]:
        (made.root / "red").unlink(missing_ok=True)
        if name:
            (made.root / name).touch()
        assert made.run("check", KEY, "--json") == (outcome == "failed"), made.err
        assert [each["outcome"] for each in runs_of(made)] == [outcome]
    assert _kinds() == ["opened", "started", "passed", "failed", "passed"]
    assert made.run("check", KEY) == 0
    assert "green: passed, as before" in made.out
    assert "s3cret-token" not in made.out
    assert made.run("verify", KEY) == 0, made.out


def test_the_json_of_a_look(made: Workplace) -> None:
    """As that of a run, whether it is recorded or not."""
    for _ in range(2):
        (made.root / "amber").touch()
        assert made.run("check", KEY, "--json") == 0, made.err
        (found,) = runs_of(made)
        assert list(found) == ["runbook", "step", "run", "outcome", "value", "message", "seconds", "at"]
        assert (found["runbook"], found["step"], found["outcome"]) == (KEY, "green", "warned")
        assert (found["value"], found["message"]) == ("12 shards", "health is amber")
        assert found["at"].endswith("Z")
        assert found["seconds"] > 0
    assert _kinds() == ["opened", "started", "warned"]


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
    assert "no check could look now" in made.err
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


def test_a_look_that_goes_on_is_left_out(made: Workplace) -> None:
    """The next cron says so and fails nothing, by its name it is refused; --stop ends it, and nothing is recorded."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    wait_for(lambda: (look.folder / "output.log").exists())
    assert made.run("check", "--all") == 0
    assert "the last one has looked for" in made.err
    assert "no check could look now" in made.err
    assert made.run("check", KEY, "green") == 1
    assert f"'nbrunbook run {KEY} green --stop' ends it" in made.err
    assert made.run("run", KEY, "green", "--stop") == 0, made.err
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("stopped", False)
    assert _kinds() == ["opened", "started", "passed"]


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


def test_a_look_that_dies_leaves_nothing(made: Workplace) -> None:
    """Killed with its supervisor nobody knows what it saw; the next one looks as ever."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    os.kill(look.pid, signal.SIGKILL)
    assert looking.follow(session, look) == (None, False)
    (made.root / "hang").unlink()
    assert made.run("check", KEY) == 0, made.err
    assert _kinds() == ["opened", "started", "passed"]
    assert [path for place in looks_in(made) for path in place.iterdir() if path.is_dir()] == []


def test_a_click_meanwhile_makes_a_look_old(made: Workplace) -> None:
    """What was done by hand while a check looked is not opened by what that saw."""
    (made.root / "red").touch()
    assert made.run("check", KEY) == 1
    (made.root / "hang").touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    assert made.run("tick", KEY, "green", "--reason", "I looked myself") == 0, made.err
    for name in ("red", "hang"):
        (made.root / name).unlink()
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("passed", False)
    assert _kinds()[-1] == "ticked"


def test_ctrl_c_ends_a_look(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for it any more, and nothing is recorded."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "hang").touch()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(looking.time, "sleep", interrupted)
        assert made.run("check", KEY) == 130
    assert "it ends, and nothing is recorded of it" in made.err
    (place,) = looks_in(made)
    wait_for(lambda: looking.lock.is_free(place))
    assert _kinds() == ["opened", "started", "passed"]


def test_a_sign_off_while_it_looks(made: Workplace) -> None:
    """A look hinders nobody; what it came to is told after the sign-off."""
    assert made.run("check", KEY, "green") == 0, made.err
    for step in ("purge", "manual"):
        assert made.run("tick", KEY, step, "--reason", "by hand", "--yes") == 0, made.err
    for name in ("hang", "red"):
        (made.root / name).touch()
    session = session_on()
    look = looking.begin(session, find_project(), "green")
    assert made.run("sign-off", KEY) == 0, made.err
    (made.root / "hang").unlink()
    found, is_news = looking.follow(session, look)
    assert found
    assert (found.kind, is_news) == ("failed", True)
    assert _kinds()[-2:] == ["signed_off", "failed"]
    assert set(_kinds()) - set(ENDS) == {"opened", "started", "ticked", "signed_off"}


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
