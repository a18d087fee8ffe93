"""Starting: a supervisor is begun from anywhere, and takes nothing with it that harms."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nbrunbook.automation import lock, starting
from nbrunbook.automation.run import Parameter, Run
from nbrunbook.errors import NbrunbookError, RefusedError
from tests.automation.conftest import Begin, a_run, lives, wait_for

AROUND = """
import json, os, signal
def f():
    return {
        "session": os.getsid(0), "supervisor": os.getppid(), "group": os.getpgid(0) != os.getsid(0),
        "umask": os.umask(0), "files": sorted(int(each) for each in os.listdir("/proc/self/fd")),
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "ignored": [n.name for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
                    if signal.getsignal(n) is signal.SIG_IGN],
        "terminal": os.path.exists("/dev/tty") and _opens("/dev/tty"),
        "environment": {name: os.environ.get(name) for name in ("MINE", "JPY_PARENT_PID", "MPLBACKEND")},
    }
def _opens(path):
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError:
        return False
    return True
"""


def test_a_run_takes_nothing_with_it_that_harms(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """No open file, no terminal, no blocked or ignored signal, nothing of a kernel's; but umask and environment."""
    for name, value in (("MINE", "1"), ("JPY_PARENT_PID", "1"), ("MPLBACKEND", "module://matplotlib_inline")):
        monkeypatch.setenv(name, value)
    read, write = os.pipe()
    os.set_inheritable(write, True)
    before = os.umask(0o027)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        begun = begin(AROUND)
    finally:
        os.umask(before)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        os.close(read)
        os.close(write)
    found = json.loads(begun.outcome().value or "")
    assert found["session"] == found["supervisor"] == begun.pid != os.getsid(0)
    assert found["group"]
    assert found["umask"] == 0o027
    assert len(found["files"]) <= 6  # three of its own, the pipe, the lock, and the folder that was listed
    assert (found["blocked"], found["ignored"], found["terminal"]) == (0, [], False)
    assert found["environment"] == {"MINE": "1", "JPY_PARENT_PID": None, "MPLBACKEND": None}


def test_a_second_supervisor_is_refused(begin: Begin) -> None:
    """While the first one runs by its lock, and afterwards by what came out; nothing of it is run twice."""
    code = "import os, time\ndef f():\n    os.write(os.open('ran', os.O_CREAT | os.O_WRONLY | os.O_APPEND), b'x')\n"
    code += "    while not os.path.exists('go'): time.sleep(0.01)"
    begun = begin(code)
    begun.written("ran")
    with pytest.raises(RefusedError, match="it runs already"):
        begin(code)
    (begun.root / "go").touch()
    assert begun.outcome().kind == "passed"
    with pytest.raises(RefusedError, match="it has begun before"):
        begin(code)
    assert begun.written("ran") == "x"


def test_a_run_that_was_killed_is_not_begun_again(begin: Begin) -> None:
    """Nobody knows how far it came: another try is another run, in a folder of its own."""
    code = "import time\nfrom pathlib import Path\ndef f():\n    Path('ran').touch()\n    time.sleep(1000)"
    begun = begin(code)
    begun.written("ran")
    os.kill(begun.pid, signal.SIGKILL)
    wait_for(lambda: begun.is_over)
    with pytest.raises(RefusedError, match="it has begun before"):
        begin(code)


def test_where_no_process_can_be_begun_nothing_has_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same run may be begun later."""
    run = a_run(tmp_path, "def f(): ...")
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with lock.held(run.folder) as handle, pytest.raises(FileNotFoundError):
        starting.spawn(run, handle)
    assert [path.name for path in run.folder.iterdir()] == [lock.PLACE]


def test_a_missing_secret_is_told_before_anything_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its variable's name."""
    monkeypatch.setenv("EMPTY", "")
    named = [Parameter(name=name.lower(), type="Secret", value=name) for name in ("SHOP_TOKEN", "EMPTY", "HOME")]
    run = a_run(tmp_path, "def f(): ...", parameters=tuple(named))
    with lock.held(run.folder) as handle, pytest.raises(NbrunbookError, match="not set here: SHOP_TOKEN, EMPTY;"):
        starting.spawn(run, handle)
    assert [path.name for path in run.folder.iterdir()] == [lock.PLACE]


def test_no_zombie_is_left(begin: Begin) -> None:
    """A kernel that begins a thousand checks has no thousand children."""
    begun = begin("def f(): ...")
    begun.outcome()
    wait_for(lambda: not Path(f"/proc/{begun.pid}").exists())


STARTER = """
import signal, sys
for number in (signal.SIGHUP, signal.SIGTERM):  # ignored below nohup
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a script
from nbrunbook.automation import lock, starting
from nbrunbook.automation.run import run_from_json
run = run_from_json(sys.stdin.buffer.read())
with lock.held(run.folder) as handle:
    print(starting.spawn(run, handle), flush=True)
if sys.argv[1:]:
    sys.stdin = open(sys.argv[1])
    input()
"""


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_run_outlives_whoever_began_it(begin: Begin, tmp_path: Path, number: signal.Signals) -> None:
    """A kernel that is interrupted, restarted or killed, with its whole group, as Jupyter does."""
    os.mkfifo(tmp_path / "never")
    hold = os.open(tmp_path / "never", os.O_RDWR)
    # The fixture sees to the environment, and to the end of a run of its own, which stands for this one's lock.
    begin("def f(): ...", id="another").outcome()
    code = "import os, time\nfrom pathlib import Path\ndef f():\n    Path('began').touch()\n"
    code += "    while not os.path.exists('go'): time.sleep(0.01)\n    return 'all'"
    run: Run = a_run(tmp_path, code)
    command = [sys.executable, "-c", STARTER, str(tmp_path / "never")]
    starter = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
    assert starter.stdin
    assert starter.stdout
    starter.stdin.write(run.to_json().encode())
    starter.stdin.close()
    supervisor = int(starter.stdout.readline())
    try:
        wait_for((tmp_path / "began").exists)
        os.killpg(starter.pid, number)
        starter.wait()
        assert lives(supervisor)
        (tmp_path / "go").touch()
        wait_for(lambda: lock.is_free(run.folder))
    finally:
        starter.stdout.close()
        os.close(hold)
        if lives(supervisor):
            os.kill(supervisor, signal.SIGKILL)
    assert '"value": "all"' in (run.folder / "outcome.json").read_text(encoding="utf-8")
