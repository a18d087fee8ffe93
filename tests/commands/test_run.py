"""nbrunbook run: real runs of real functions, told by the journal."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.automation import beginning, lock, outcome
from nbrunbook.errors import RefusedError
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.events import Event
from nbrunbook.work.session import Session
from tests.automation.conftest import wait_for
from tests.conftest import PARAMETERS, ROOT, Workplace
from tests.making import raw_journal, session_on

DECLARED = f"from nbrunbook import Secret, action, check, warn\n{PARAMETERS}\ntoken: Secret = Secret('SHOP_TOKEN')"
STEPS = "- [ ] Green {#green}\n- [ ] Purge {#purge .irreversible}\n- [ ] Manual {#manual}\n"
CODE = """import os, pathlib, time

@check("green")
def look():
    print("looking", token.value)
    assert not pathlib.Path("red").exists(), "health is red"
    return "12 shards"

@action("purge")
def purge(run):
    pathlib.Path("keys").open("a").write(run.key + chr(10))
    while pathlib.Path("slow").exists():
        time.sleep(0.01)
    if pathlib.Path("odd").exists():
        raise OSError("no route")
"""
KEY = "staging/1.0"


@pytest.fixture
def made(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A runbook with a check and an action; what is left of its runs is ended."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    assert work.run("instantiate", work.template(STEPS, parameters=DECLARED, code=CODE), "-e", "staging") == 0, work.err
    yield work
    (work.root / "slow").unlink(missing_ok=True)
    session = session_on()
    for step in session.progress.running:
        run = session.progress.of(step.id).run
        heard = session.progress.heard[run.id] if run else None
        if heard and heard.pid and not lock.is_free(Path(heard.folder)):
            os.kill(heard.pid, signal.SIGKILL)
            wait_for(lambda heard=heard: lock.is_free(Path(heard.folder)))


def _begun(work: Workplace) -> tuple[Session, Event]:
    """Begin the action, which waits, in the background."""
    (work.root / "slow").touch()
    assert work.run("run", KEY, "purge", "--background", "--yes") == 0, work.err
    session = session_on()

    def heard() -> bool:
        session.refresh()
        return (work.root / "keys").exists() and all(each.pid for each in session.progress.heard.values())

    wait_for(heard)
    run = session.progress.of("purge").run
    assert run
    return session, run


def _killed(session: Session, run: Event) -> None:
    heard = session.progress.heard[run.id]
    os.kill(heard.pid, signal.SIGKILL)
    wait_for(lambda: lock.is_free(Path(heard.folder)))


def _runs(work: Workplace) -> list[dict[str, Any]]:
    return json.loads(work.out)["runs"]


def _step(work: Workplace, step: str) -> dict[str, Any]:
    assert work.run("status", KEY, "--json") == 0, work.err
    return next(each for each in json.loads(work.out)["runbooks"][0]["steps"] if each["id"] == step)


def test_a_run_is_followed_and_settles_its_step(made: Workplace) -> None:
    """What it writes is shown, masked; what it returned is evidence; its folder is taken away, and the chain holds."""
    assert made.run("run", KEY, "green") == 0, made.err
    assert "looking " in made.out
    assert "s3cret-token" not in made.out
    assert "green: passed, run by " in made.out
    assert "12 shards" in made.out
    found = _step(made, "green")
    assert (found["status"], found["evidence"], found["kind"]) == ("done", "12 shards", "check")
    assert (found["running"], found["runs"], found["last_run"]["outcome"]) == (None, 1, "passed")
    session = session_on()
    assert {event.data.get("needs") for event in session.events if event.step == "green"} == {"0.4.0"}
    wait_for(lambda: not list(made.root.rglob("outcome.json")))
    assert made.run("verify", KEY) == 0, made.out


def test_the_json_of_a_run(made: Workplace) -> None:
    """Each run with its outcome; the exit status is 1 unless all passed."""
    (made.root / "red").touch()
    assert made.run("run", KEY, "green", "--json") == 1
    (found,) = _runs(made)
    assert set(found) == {"runbook", "step", "run", "outcome", "value", "message", "seconds", "at"}
    assert (found["runbook"], found["step"], found["outcome"]) == (KEY, "green", "failed")
    assert (found["value"], found["message"]) == (None, "health is red")
    assert found["seconds"] > 0


def test_a_check_opens_its_step_again(made: Workplace) -> None:
    """What passed and fails now is open, and says why, in words, too."""
    assert made.run("check", KEY) == 0, made.err
    (made.root / "red").touch()
    assert made.run("check", KEY, "green") == 1
    assert _step(made, "green")["status"] == "open"
    assert made.run("status", KEY) == 0
    assert "failed, run by " in made.out
    assert ": health is red" in made.out
    assert "run 2 times, 1 of them without passing" in made.out


def test_all_checks_of_what_is_open(made: Workplace) -> None:
    """Made for cron: all open runbooks, or those of an environment, as JSON; actions are never run."""
    assert made.run("check", "--all", "--json") == 0, made.err
    assert [each["step"] for each in _runs(made)] == ["green"]
    assert made.run("check", "--all", "-e", "staging") == 0
    assert made.run("check", KEY, "purge") == 1
    assert "it is no check" in made.err
    assert made.run("check") == made.run("check", KEY, "--all") == 2
    assert not (made.root / "keys").exists()


def test_an_action_runs_once(made: Workplace) -> None:
    """What cannot be undone asks; what is done runs again by force alone, with a reason and a new key."""
    assert made.run("run", KEY, "purge") == 1
    assert "add --yes" in made.err
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    assert made.run("run", KEY, "purge", "--yes") == 1
    assert "add --force --reason TEXT" in made.err
    assert made.run("run", KEY, "purge", "--yes", "--force") == 2
    assert made.run("run", KEY, "purge", "--yes", "--force", "--reason", "the CDN lost it") == 0, made.err
    keys = (made.root / "keys").read_text(encoding="utf-8").split()
    assert len(set(keys)) == len(keys) == 2


def test_a_key_stays_where_nobody_knows_the_end(made: Workplace) -> None:
    """An action that was undecided asks before it goes on with the same key."""
    (made.root / "odd").touch()
    assert made.run("run", KEY, "purge", "--yes") == 1
    assert "undecided, run by" in made.out
    (made.root / "odd").unlink()
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    keys = (made.root / "keys").read_text(encoding="utf-8").split()
    assert len(set(keys)) == 1
    assert len(keys) == 2


def test_a_running_step_is_left_alone(made: Workplace) -> None:
    """A second run, a tick and the sign-off are refused while it runs; a note is taken; a stop ends it."""
    session, run = _begun(made)
    for verb in (
        ["run", KEY, "purge", "--yes"],
        ["tick", KEY, "purge", "--reason", "x"],
        ["skip", KEY, "purge", "--reason", "x"],
    ):
        assert made.run(*verb) == 1
        assert "it runs, started by " in made.err
    assert made.run("sign-off", KEY) == 1
    assert "the machine is at “Purge”" in made.err
    assert made.run("note", KEY, "hello", "--step", "purge") == 0
    running = _step(made, "purge")["running"]
    assert (running["run"], running["unknown"]) == (run.id, False)
    assert made.run("run", KEY, "purge", "--stop") == 0, made.err
    assert "purge: stopped, run by" in made.out
    assert session.refresh()
    assert session.progress.of("purge").status == "open"


def test_a_run_that_died_is_for_an_operator_to_say(made: Workplace) -> None:
    """Never decided while something of it lives; then by a word with a reason."""
    session, run = _begun(made)
    assert made.run("run", KEY, "purge", "--it-ran", "--reason", "I looked") == 1
    assert "it runs still" in made.err
    _killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    assert _step(made, "purge")["running"]["unknown"]
    assert made.run("run", KEY, "purge", "--it-ran", "--reason", "I looked") == 0, made.err
    assert "done by hand by" in made.out
    assert made.run("verify", KEY) == 0, made.out


def test_from_elsewhere_only_once_its_host_is_gone(made: Workplace) -> None:
    """And only where nothing was heard for a minute; that is recorded. It did not run: the next run has a new key."""
    session, run = _begun(made)
    _killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = 'elsewhere'")
    word = ["run", KEY, "purge", "--it-did-not", "--reason", "I looked"]
    assert made.run(*word) == 1
    assert "it is on elsewhere" in made.err
    assert made.run(*word, "--host-is-gone") == 1
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    assert made.run(*word) == 1
    assert made.run(*word, "--host-is-gone") == 0, made.err
    assert "did not run, says" in made.out
    session.refresh()
    last = session.progress.of("purge").last
    assert last
    assert last.data["host_is_gone"] == "elsewhere"
    (made.root / "slow").unlink()
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    assert len(set((made.root / "keys").read_text(encoding="utf-8").split())) == 2


def test_a_late_end_becomes_a_note(made: Workplace) -> None:
    """Where somebody said from elsewhere that its host was gone, and it was not."""
    session, run = _begun(made)
    os.kill(session.progress.heard[run.id].pid, signal.SIGSTOP)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET host = 'elsewhere', seen_at = seen_at - 61")
    pid = session.progress.heard[run.id].pid
    assert made.run("run", KEY, "purge", "--it-ran", "--host-is-gone", "--reason", "it did") == 0, made.err
    (made.root / "slow").unlink()
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: session.refresh() and session.progress.of("purge").notes)
    assert "a run that was given up has ended after all" in session.progress.of("purge").notes[0].data["note"]
    assert session.progress.of("purge").status == "done"


def test_a_missing_secret_is_told_before_it_starts(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is recorded then."""
    monkeypatch.delenv("SHOP_TOKEN")
    assert made.run("run", KEY, "green") == 1
    assert "secrets that are not set here: SHOP_TOKEN" in made.err
    assert [event.kind for event in session_on().events] == ["opened"]


def test_ctrl_c_leaves_it_running(made: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how to stop it."""
    (made.root / "slow").touch()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(beginning.time, "sleep", interrupted)
        assert made.run("run", KEY, "purge", "--yes") == 130
    assert f"it goes on; 'nbrunbook run {KEY} purge --stop' ends it" in made.err
    assert session_on().progress.of("purge").run


def test_what_nobody_reported_is_read(made: Workplace) -> None:
    """A supervisor that was killed after it had written what came out: whoever comes next reports it."""
    session, run = _begun(made)
    heard = session.progress.heard[run.id]
    _killed(session, run)
    found = outcome.Outcome(kind="passed", value="done", seconds=1.0)
    outcome.write(Path(heard.folder), run.id, found)
    assert made.run("run", KEY, "purge", "--yes") == 1
    assert "already done by" in made.err
    session.refresh()
    assert session.progress.of("purge").evidence == "done"
    assert not Path(heard.folder).exists()


def test_two_who_press_at_once(made: Workplace) -> None:
    """One run begins; the other one is refused."""
    (made.root / "slow").touch()
    results: list[object] = []
    gate = threading.Barrier(2)

    def press() -> None:
        session = session_on()
        gate.wait()
        try:
            results.append(beginning.begin(session, find_project(), "purge"))
        except RefusedError as error:
            results.append(error)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(type(each).__name__ for each in results) == ["Begun", "RefusedError"], results
    (made.root / "slow").unlink()
    session = session_on()
    wait_for(lambda: session.refresh() and session.progress.of("purge").settled)
    assert len((made.root / "keys").read_text(encoding="utf-8").split()) == 1
