"""The supervisor: what it tells, and that it tells it whatever dies, freezes or does not answer."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nbrunbook.automation import outcome, supervisor
from nbrunbook.automation.run import Parameter
from tests.automation.conftest import Begin, Begun, a_run, lives, wait_for
from tests.automation.test_attempt import NOTE

WAITS = f"""{NOTE}
def f():
    print("working", flush=True)
    note("child")
    while not os.path.exists("go"): time.sleep(0.01)
    return "went"
"""


def test_a_run_is_told_from_its_beginning_to_its_end(begin: Begin) -> None:
    """Started before the child begins; the last lines while it runs; what came out, which stands in a file by then."""
    run = begin(WAITS)
    run.number("child")
    wait_for(lambda: any(each["lines"] for each in run.told("beat")))
    assert {tuple(each["lines"]) for each in run.told("beat")[-1:]} == {("working",)}
    (run.root / "go").touch()
    found = run.outcome()
    (ended,) = run.told("ended")
    assert (found.kind, found.value, found.output) == ("passed", "went", "working\n")
    assert (ended["kind"], ended["value"], ended["seconds"]) == ("passed", "went", found.seconds)
    assert Path(ended["log"]).read_text(encoding="utf-8") == "working\n"
    (started,) = run.told("started")
    assert started["pid"] == run.pid


def test_nothing_begins_that_is_not_told(begin: Begin, tmp_path: Path) -> None:
    """Where nobody could write down that it started."""
    (tmp_path / "refused").touch()
    run = begin(WAITS)
    found = run.outcome()
    assert (found.kind, found.attempts) == ("undecided", 0)
    assert (found.message or "").startswith("it never began: ")
    assert not (run.root / "child").exists()


def test_a_reporter_that_cannot_be_made_is_an_outcome(begin: Begin) -> None:
    """Whoever looks into the run's folder learns that it never began."""
    found = begin(WAITS, reporter="nbrunbook.no_such:thing").outcome()
    assert (found.kind, found.attempts) == ("undecided", 0)
    assert "No module named" in (found.message or "")


@pytest.mark.parametrize("how", ["signal", "journal"])
def test_a_stop_ends_it(begin: Begin, how: str) -> None:
    """By whoever reads the journal, and by SIGTERM, as a machine that shuts down sends it."""
    run = begin(WAITS, attempts=5)
    child = run.number("child")
    if how == "signal":
        os.kill(run.pid, signal.SIGTERM)
    else:
        (run.root / "stop").touch()
    found = run.outcome()
    assert (found.kind, found.message, found.attempts) == ("stopped", "a stop was asked for", 1)
    assert "time.sleep" in (found.traceback or "")
    assert not lives(child)


COUNTS = f"""{NOTE}
def f():
    before = len([name for name in os.listdir() if name.startswith("attempt")])
    note(f"attempt-{{before}}")
    print("trying")
    assert before == 2, f"only {{before}} with hunter-2"
    return before
"""


def test_attempts_go_on_until_one_passes(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a process of its own; how the others came out stands between, masked."""
    monkeypatch.setenv("TOKEN", "hunter-2")
    run = begin(COUNTS, attempts=5, parameters=(Parameter(name="token", type="Secret", value="TOKEN"),))
    found = run.outcome()
    assert (found.kind, found.value, found.attempts) == ("passed", "2", 3)
    assert found.output == (
        "trying\n[attempt 1 of 5 failed: only 0 with ***]\ntrying\n[attempt 2 of 5 failed: only 1 with ***]\ntrying\n"
    )
    assert len({run.number(f"attempt-{number}") for number in range(3)}) == 3


def test_attempts_leave_no_file_open(begin: Begin) -> None:
    """A check that is tried for a day has as many open files at its end as at its beginning."""
    code = "import os\ndef f():\n    print(len(os.listdir(f'/proc/{os.getppid()}/fd')))\n    assert False, 'again'"
    found = begin(code, attempts=5).outcome()
    assert len({line for line in found.output.splitlines() if line.isdigit()}) == 1
    assert found.attempts == 5


def test_attempts_end_with_the_last_one(begin: Begin) -> None:
    """What it said is what came out."""
    found = begin(COUNTS, attempts=2).outcome()
    assert (found.kind, found.message, found.attempts) == ("failed", "only 1 with hunter-2", 2)


def test_attempts_end_with_their_time(begin: Begin) -> None:
    """All of them together; the last that came to its end is what is known."""
    found = begin(COUNTS, attempts=50, every=3_000, timeout=1_000).outcome()  # nobody waits for any of it
    assert (found.kind, found.attempts) == ("failed", 1)


def test_a_stop_ends_the_wait_between_attempts(begin: Begin) -> None:
    """Nobody waits half a minute for an attempt that is not wanted."""
    run = begin(COUNTS, attempts=50, every=1000)
    wait_for(lambda: any("[attempt 1" in line for each in run.told("beat") for line in each["lines"]))
    os.kill(run.pid, signal.SIGTERM)
    found = run.outcome()
    assert (found.kind, found.attempts) == ("stopped", 1)


@pytest.mark.faults
def test_an_end_outlives_a_journal_that_is_away(begin: Begin) -> None:
    """It stands in a file at once, and is told again until it is taken; what runs meanwhile goes on."""
    run = begin(WAITS)
    (run.root / "away").touch()
    wait_for(lambda: len(run.told("beat")) > 1)
    run.number("child")
    (run.root / "go").touch()
    wait_for(lambda: len(run.told("ended")) > 1)
    found = outcome.read(run.run.folder, run.run.id)
    assert found
    assert found.kind == "passed"
    assert not run.is_over
    (run.root / "away").unlink()
    assert run.outcome() == found


@pytest.mark.faults
def test_a_machine_that_shuts_down_waits_for_no_journal(begin: Begin) -> None:
    """What came out stands in the file, and can be told from there."""
    run = begin(WAITS)
    run.number("child")
    (run.root / "away").touch()
    (run.root / "go").touch()
    wait_for(lambda: run.told("ended"))
    os.kill(run.pid, signal.SIGTERM)
    assert run.outcome().value == "went"


def test_a_stop_before_anything_has_begun_stops_all(begin: Begin) -> None:
    """Whoever presses the wrong button is quick: the signal waits until it is heard, and the function never runs."""
    run = begin(WAITS)
    os.kill(run.pid, signal.SIGTERM)
    found = run.outcome()
    assert found.kind == "stopped"
    assert found.attempts == int((run.root / "child").exists())


@pytest.mark.faults
def test_a_journal_that_hangs_keeps_nothing_from_being_written(begin: Begin, tmp_path: Path) -> None:
    """The time is kept, and what came out is on the disk, while a beat waits for an answer."""
    os.mkfifo(tmp_path / "hangs-beat")
    run = begin(WAITS, timeout=4)
    wait_for(lambda: run.told("beat"))
    wait_for((run.run.folder / outcome.PLACE).exists)
    assert not run.told("ended")
    os.close(os.open(tmp_path / "hangs-beat", os.O_WRONLY))
    found = run.outcome()
    assert found.kind == "undecided"
    assert found.seconds < 60
    assert run.told("ended")


@pytest.mark.faults
@pytest.mark.parametrize("away", [False, True])
def test_a_full_disk_keeps_nobody_from_being_told(begin: Begin, away: bool) -> None:
    """The journal may lie elsewhere; where it is away, the file is written as soon as there is room."""
    run = begin(WAITS)
    run.number("child")
    (run.run.folder / outcome.PLACE).mkdir()  # nothing can be renamed to it
    if away:
        (run.root / "away").touch()
    (run.root / "go").touch()
    wait_for(lambda: run.told("ended"))
    if away:
        (run.run.folder / outcome.PLACE).rmdir()
        wait_for((run.run.folder / outcome.PLACE).exists)
        (run.root / "away").unlink()
    wait_for(lambda: run.is_over)
    assert {each["value"] for each in run.told("ended")} == {"went"}
    assert (run.run.folder / outcome.PLACE).is_file() == away


@pytest.mark.faults
def test_a_frozen_supervisor_goes_on(begin: Begin) -> None:
    """What its child did meanwhile is known afterwards, and all that it wrote."""
    run = begin(WAITS.replace('return "went"', 'print("x" * 1_000_000)\n    return "went"'))
    run.number("child")
    os.kill(run.pid, signal.SIGSTOP)
    (run.root / "go").touch()
    wait_for(lambda: "T" in Path(f"/proc/{run.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0])
    assert not run.is_over
    os.kill(run.pid, signal.SIGCONT)
    found = run.outcome()
    assert (found.kind, found.value) == ("passed", "went")
    assert len(run.log()) == len("working\n") + 1_000_001


@pytest.mark.faults
def test_a_frozen_child_is_told_of_and_goes_on(begin: Begin) -> None:
    """The supervisor's beat is not the child's."""
    run = begin(WAITS)
    child = run.number("child")
    os.kill(child, signal.SIGSTOP)
    beats = len(run.told("beat"))
    wait_for(lambda: len(run.told("beat")) > beats + 1)
    (run.root / "go").touch()
    os.kill(child, signal.SIGCONT)
    assert run.outcome().value == "went"


@pytest.mark.faults
@pytest.mark.parametrize("call", ["started", "beat", "ended"])
def test_a_supervisor_that_is_killed_while_it_tells(begin: Begin, tmp_path: Path, call: str) -> None:
    """Before it began nothing ran; while it ran nothing is known; after the end that stands in the file."""
    os.mkfifo(tmp_path / f"hangs-{call}")
    run = begin(WAITS)
    if call != "started":
        run.number("child")
    if call == "ended":
        (run.root / "go").touch()
    wait_for(lambda: run.told(call))
    assert not run.is_over
    os.kill(run.pid, signal.SIGKILL)
    wait_for(lambda: run.is_over)
    found = outcome.read(run.run.folder, run.run.id)
    assert (run.root / "child").exists() == (call != "started")
    assert (found and found.value) == ("went" if call == "ended" else None)


def killed_somewhere(begin: Begin, number: int) -> tuple[Begun, bool]:
    """Kill the supervisor of a short run after some time; return the run, and whether its function had ended."""
    run = begin(f"{NOTE}\ndef f():\n    note('began-{number}')\n    note('done-{number}')", id=f"run-{number}")
    deadline = time.monotonic() + random.uniform(0, 0.6)
    while time.monotonic() < deadline and not run.is_over:
        pass
    if lives(run.pid):
        os.kill(run.pid, signal.SIGKILL)
    wait_for(lambda: run.is_over)
    return run, (run.root / f"done-{number}").exists()


@pytest.mark.faults
@pytest.mark.parametrize("times", [8, pytest.param(100, marks=pytest.mark.whole)])
def test_a_kill_at_any_moment_leaves_no_lie_and_no_process(begin: Begin, times: int) -> None:
    """Passed stands in the file only where the function came to its end; half a file never."""
    for number in range(times):
        run, was_done = killed_somewhere(begin, number)
        found = outcome.read(run.run.folder, run.run.id)
        assert found is None or (found.kind == "passed" and was_done)
        assert len(run.told("ended")) <= number + 1


def test_pauses_between_reports_grow_up_to_a_minute() -> None:
    """A journal that is away for a night is asked a few hundred times, and not for ever at once."""
    pauses = [supervisor.FIRST_RETRY_SECONDS]
    while pauses[-1] < supervisor.LAST_RETRY_SECONDS:
        pauses.append(min(2 * pauses[-1], supervisor.LAST_RETRY_SECONDS))
    assert pauses[-1] == 60
    assert len(pauses) < 10


@pytest.mark.faults
def test_a_project_that_is_taken_away_takes_its_run_along(begin: Begin, tmp_path: Path) -> None:
    """Nobody is left who could be told: nothing of it lives on for ever."""
    run = begin(WAITS)
    child = run.number("child")
    shutil.rmtree(tmp_path)
    wait_for(lambda: not lives(run.pid) and not lives(child))
    tmp_path.mkdir()


@pytest.mark.faults
def test_a_supervisor_whose_project_is_taken_away_tries_no_longer(begin: Begin, tmp_path: Path) -> None:
    """It had something to tell to a journal that was away."""
    (tmp_path / "away").touch()
    run = begin("def f(): pass")
    wait_for(lambda: run.told("ended"))
    shutil.rmtree(tmp_path)
    wait_for(lambda: not lives(run.pid))
    tmp_path.mkdir()


def test_what_is_gone_is_certain_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may just be moving the project, or the journal's file."""
    root, journal, now = tmp_path / "root", tmp_path / "journal.db", [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    root.mkdir()
    gone = supervisor.Gone(replace(a_run(root, ""), journal=str(journal)))
    assert [gone.is_certain, now.append(now.pop() + 119), gone.is_certain] == [False, None, False]
    journal.touch()
    assert [gone.is_certain, now.append(now.pop() + 119), gone.is_certain] == [False, None, False]
    root.rmdir()
    assert [gone.is_certain, now.append(now.pop() + 5), gone.is_certain] == [False, None, True]
