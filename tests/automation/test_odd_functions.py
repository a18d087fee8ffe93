"""Functions that do to their process, their folder and their supervisor what nobody expects, told by the journal."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from nbrunbook.automation import asking, lock
from tests.automation.effects import acts, check_truth, died, heard, last, pressed, settle, touch
from tests.conftest import Workplace
from tests.making import session_on
from tests.running import KEY, sampled, step_of, wait_for

__all__ = ["acts"]
pytestmark = [pytest.mark.faults, pytest.mark.on("sqlite")]

FIRST = """import os, shutil
from pathlib import Path
here, folder = os.open(".", os.O_RDONLY), next(Path(".nbrunbook/runs").iterdir())
"""
FORGED = """{"schema": 1, "run": "%s", "kind": "passed", "value": "forged", "message": null, "traceback": null,
"seconds": 1.0, "attempts": 1, "output": ""}"""
LOG, OUTCOME, LOCK = "folder / 'output.log'", "folder / 'outcome.json'", "folder / 'lock'"
ODD = {
    "leaves folder and environment": ("passed", "os.chdir('/'); os.environ.clear(); os.umask(0o777)"),
    "closes its files": ("undecided", "os.closerange(0, 1000); os._exit(0)"),
    "exits": ("undecided", "raise SystemExit(0)"),
    "exits at once": ("undecided", "os._exit(0)"),
    "crashes": ("undecided", "import ctypes; ctypes.string_at(0)"),
    "kills its group": ("undecided", "os.killpg(0, 9)"),
    "kills its guard": ("undecided", "os.kill(os.getpgid(0), 9); raise OSError"),
    "forges that it passed": ("undecided", f"({OUTCOME}).write_text(FORGED); raise OSError('no route')"),
    "makes a folder of the outcome": ("passed", f"({OUTCOME}).mkdir()"),
    "makes a pipe of the outcome": ("passed", f"os.mkfifo({OUTCOME})"),
    "makes a pipe of the log": ("passed", f"({LOG}).unlink(); os.mkfifo({LOG})"),
    "makes a folder of the log": ("passed", f"({LOG}).unlink(); ({LOG}).mkdir()"),
    "fills the log": ("passed", f"os.truncate({LOG}, 50_000_000_000)"),
    "makes a link of its folder": ("passed", "folder.rename('kept'); folder.symlink_to(Path('kept').absolute())"),
    "makes a link of the lock": ("passed", f"({LOCK}).unlink(); ({LOCK}).symlink_to('/dev/zero')"),
    "deletes its folder": ("passed", "shutil.rmtree(folder)"),
    "deletes all folders": ("passed", "shutil.rmtree('.nbrunbook/runs')"),
    "floods the lines": ("passed", "print('x' * 10_000_000); print(chr(27) + '[2J' + chr(0x202e) + '<b>', chr(0))"),
}
"""What comes out, and what it does."""


def odd(work: Workplace, code: str) -> None:
    """Have the check do something first; in the project's root even if that was left."""
    code = code.replace("FORGED", f'"""{FORGED}""" % folder.name')
    (work.root / "odd.py").write_text(f"{FIRST}{code}\nos.fchdir(here)", encoding="utf-8")


@pytest.mark.parametrize("name", sampled(ODD, every=3))
def test_an_odd_function_is_told_as_it_came_out(acts: Workplace, name: str) -> None:
    """Followed to its end, by the journal where its folder is gone; then the check runs again, and the chain holds."""
    kind, code = ODD[name]
    odd(acts, code)
    assert acts.run("run", KEY, "look") == (0 if kind == "passed" else 1), acts.out + acts.err
    session = check_truth(acts)
    assert (last(session, "look"), acts.err) == (kind, "")
    found = session.progress.of("look").last
    assert found
    assert found.data.get("value") != "forged"
    assert len(found.data.get("output", "")) <= 64_000
    assert "\0" not in found.data.get("output", "")
    (acts.root / "odd.py").unlink()
    settle(acts, "look")


def test_what_kills_its_supervisor_is_for_an_operator_to_say(acts: Workplace) -> None:
    """It ends with it; nobody knows, and the command line says so, for as long as nobody has said it."""
    odd(acts, "import signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)")
    assert acts.run("run", KEY, "look") == 1
    assert "nobody knows how far it got" in acts.err
    session = check_truth(acts)
    wait_for(lambda: heard(session, "look").is_unknown)
    asking.catch_up(session)
    assert step_of(acts, "look")["running"]["unknown"]
    (acts.root / "odd.py").unlink()
    settle(acts, "look")


def test_a_copy_that_lives_keeps_everybody_from_saying_so(acts: Workplace) -> None:
    """Of a run whose supervisor was killed: the copy, which had left its group, is named, and can be ended."""
    odd(acts, "\nif not os.fork():\n    os.setsid(); Path('copy').write_text(str(os.getpid()))\n    while True: pass")
    (acts.root / "odd.py").write_text(
        f"from pathlib import Path\n{(acts.root / 'odd.py').read_text()}", encoding="utf-8"
    )
    touch(acts, "slow")
    session, _ = pressed("look")
    wait_for(lambda: (acts.root / "child").exists() and (acts.root / "copy").exists() and heard(session, "look").pid)
    os.kill(heard(session, "look").pid, signal.SIGKILL)
    copy = int(wait_for(lambda: (acts.root / "copy").read_text(encoding="utf-8")))
    folder = Path(heard(session, "look").folder)
    wait_for(lambda: lock.holders(folder) == (copy,) and heard(session, "look").is_unknown)
    assert acts.run("run", KEY, "look", "--it-did-not", "--reason", "I looked") == 1
    assert f"end what is left of it: 'kill -KILL {copy}'" in acts.err
    assert acts.run("run", KEY, "look") == 1
    os.kill(copy, signal.SIGKILL)
    died(session_on(), "look")
    (acts.root / "odd.py").unlink()
    settle(acts, "look")


def test_a_time_for_this_run_alone_ends_it(acts: Workplace) -> None:
    """--timeout counts for what was pressed, and says so; what it did is undecided."""
    touch(acts, "slow")
    assert acts.run("run", KEY, "look", "--timeout", "1s") == 1
    assert "it did not come to its end within 1 s" in acts.out
    session = check_truth(acts)
    assert last(session, "look") == "undecided"
    assert [event.data.get("timeout") for event in session.events if event.kind == "started"] == ["1"]
    settle(acts, "look")
