"""nbrunbook run: real runs of real functions, told by the journal."""

from __future__ import annotations

import re

import pytest

from nbrunbook.runbook import events
from nbrunbook.work import runs
from tests.conftest import Workplace
from tests.making import raw_journal, session_on
from tests.running import KEY, at_once, begun, killed, step_of, wait_for
from tests.template.conftest import BATCH


def test_a_run_is_followed_and_settles_its_step(made: Workplace) -> None:
    """What it writes is shown, masked; what it returned is evidence; its folder is taken away, and the chain holds."""
    assert made.run("run", KEY, "green") == 0, made.err
    assert "looking " in made.out
    assert "s3cret-token" not in made.out
    assert "green: passed, run by " in made.out
    assert "12 shards" in made.out
    found = step_of(made, "green")
    assert (found["status"], found["evidence"], found["kind"]) == ("done", "12 shards", "check")
    assert (found["running"], found["runs"], found["last_run"]["outcome"]) == (None, 1, "passed")
    session = session_on()
    assert {event.data.get("needs") for event in session.events if event.step == "green"} == {"0.4.0"}
    wait_for(lambda: not list(made.root.rglob("outcome.json")))
    assert made.run("verify", KEY) == 0, made.out


def test_an_action_runs_once(made: Workplace) -> None:
    """What cannot be undone asks; what is done runs again by force alone, with a reason and a new key."""
    assert made.run("run", KEY, "purge") == 1
    assert "add --yes" in made.err
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    assert made.run("run", KEY, "purge", "--yes") == 1
    assert "add --force --reason TEXT" in made.err
    assert made.run("run", KEY, "purge", "--yes", "--force") == 2
    assert made.run("run", KEY, "purge", "--yes", "--reason", "the CDN lost it") == 2
    assert "--reason goes with --force" in made.err
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
    session, run = begun(made)
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
    running = step_of(made, "purge")["running"]
    assert (running["run"], running["unknown"]) == (run.id, False)
    assert made.run("run", KEY, "purge", "--stop") == 0, made.err
    assert "purge: stopped, run by" in made.out
    assert re.search(r"a stop was asked for by\s+ana \(declared\)", made.out)
    assert session.refresh()
    assert session.progress.of("purge").status == "open"


def test_a_run_that_died_is_for_an_operator_to_say(made: Workplace) -> None:
    """Never decided while something of it lives; then by a word with a reason."""
    session, run = begun(made)
    assert made.run("run", KEY, "purge", "--it-ran", "--reason", "I looked") == 1
    assert "it runs still" in made.err
    killed(session, run)
    with raw_journal() as raw:
        raw.execute("UPDATE run SET seen_at = seen_at - 61")
    assert step_of(made, "purge")["running"]["unknown"]
    assert made.run("status", KEY) == 0
    assert "unknown: not heard of on " in made.out
    assert f"look, and say 'nbrunbook run {KEY} purge --it-ran --reason …' or --it-did-not" in made.out
    assert made.run("status") == 0
    assert "1 unknown" in made.out
    assert made.run("run", KEY, "purge", "--it-ran", "--reason", "I looked") == 0, made.err
    assert "purge: ran, says ana (declared)" in made.out
    assert made.run("verify", KEY) == 0, made.out


def test_two_who_press_at_once(made: Workplace) -> None:
    """One runs it; the other one is told who did, and that it is done or runs."""
    found = at_once(made, *[["run", KEY, "purge", "--yes"]] * 2)
    assert sorted(each.returncode for each in found) == [0, 1], [each.stderr for each in found]
    refused = next(each for each in found if each.returncode)
    assert "it runs, started by " in refused.stderr or "already done by " in refused.stderr
    assert len((made.root / "keys").read_text(encoding="utf-8").split()) == 1
    assert [event.kind for event in session_on().events] == ["opened", "started", "passed"]


def test_a_run_beside_the_sign_off(made: Workplace) -> None:
    """Either it was begun, and the sign-off is refused, or the other way round; never both."""
    for step in ("green", "manual"):
        assert made.run("skip", KEY, step, "--reason", "x") == 0, made.err
    assert made.run("run", KEY, "purge", "--yes") == 0, made.err
    again = ["run", KEY, "purge", "--yes", "--force", "--reason", "once more"]
    run, signed = at_once(made, again, ["sign-off", KEY])
    session = session_on()
    if signed.returncode:
        assert "the machine is at “Purge”" in signed.stderr
        assert f"'nbrunbook run {KEY} purge --stop' ends it" in signed.stderr
    elif run.returncode:
        assert "the runbook is signed off" in run.stderr
    assert session.progress.state == ("open" if signed.returncode else "signed_off")
    ends = [event.seq for event in session.events if event.kind in ("started", "passed")]
    assert not any(each > session.progress.signed_off.seq for each in ends if session.progress.signed_off)


@pytest.mark.on("sqlite")
def test_a_batch_that_would_go_on_with_other_code(work: Workplace) -> None:
    """It asks, since a revision brought that; the code is fine, and somebody has to have read it."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook.databases]\neu = "sqlite:///eu.db"\n', encoding="utf-8")
    work.template("- [ ] A {#a}", code=BATCH)
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    session = session_on()
    run = runs.begin(session, "a", run=events.new_id(), folder=work.root / "run", data={})
    runs.end(session, "a", run.id, "stopped", {"seconds": "1"})
    work.template("- [ ] A {#a}", code=BATCH.replace("(db, rows): ...", "(db, rows): return 1"))
    assert work.run("revise", KEY, "--yes") == 0, work.err
    assert work.run("run", KEY, "a") == 1
    assert "it goes on with other code than it began with, so it asks again; add --yes" in work.err
