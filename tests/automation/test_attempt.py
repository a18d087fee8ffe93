"""Attempt: whatever a child does, its whole group ends, in time, and with its supervisor."""

from __future__ import annotations

import os
import signal
import tempfile
from math import inf
from pathlib import Path

import pytest

from nbrunbook.automation import attempt, lock
from tests.automation.conftest import Begin, Begun, a_run, lives, stopping, wait_for

pytestmark = pytest.mark.faults

NOTE = """
import ctypes, os, signal, subprocess, sys, time
def note(name, pid=None):
    with open(name + ".new", "w") as file:
        file.write(str(pid or os.getpid()))
    os.rename(name + ".new", name)
"""
HOLDS_ON = {
    "sleeps": "time.sleep(1000)",
    "calculates": "while True: pass",
    "sleeps in C with the interpreter's lock": "ctypes.PyDLL(None).sleep(1000)",
    "waits in C for ever with it": "lib, mutex = ctypes.PyDLL(None), ctypes.create_string_buffer(64); "
    "lib.pthread_mutex_lock(mutex); lib.pthread_mutex_lock(mutex)",
    "makes a text of a number": "sys.set_int_max_str_digits(0); str(7 ** 30_000_000)",
    "searches without end": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
    "takes no notice of SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)",
    "catches everything": "\n    while True:\n        try: time.sleep(1000)\n        except BaseException: pass",
    "waits for a program": "subprocess.run(['sleep', '1000'])",
    "leaves its group": "os.setsid(); time.sleep(1000)",
    "is stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "waits for a thread": "import threading; threading.Thread(target=time.sleep, args=[1000]).start()",
    "waits for its children": "os.wait() if os.fork() else time.sleep(1000)",
}  # fmt: skip


def begun(begin: Begin, code: str, **more: int) -> tuple[Begun, int]:
    """Begin a function that notes its process and then does something; return the run, and the process."""
    run = begin(f"{NOTE}\ndef f():\n    note('child')\n    {code}", **more)
    return run, run.number("child")


@pytest.mark.parametrize("name", HOLDS_ON)
def test_a_child_ends_with_its_supervisor(begin: Begin, name: str) -> None:
    """Killed where it could not clean up anything; nothing is known then, and nothing lives."""
    run, child = begun(begin, HOLDS_ON[name])
    os.kill(run.pid, signal.SIGKILL)
    wait_for(lambda: run.is_over and not lives(child))
    assert not (run.run.folder / "outcome.json").exists()


def test_a_child_ends_in_time(begin: Begin) -> None:
    """Asked first, then killed; never passed, whatever it would have said. They wait beside each other."""
    runs: dict[str, tuple[Begun, int]] = {}
    for number, (name, holds_on) in enumerate(HOLDS_ON.items()):
        code = f"{NOTE}\ndef f():\n    note('child-{number}')\n    {holds_on}"
        run = begin(code, timeout=2, id=f"run-{number}")
        runs[name] = run, run.number(f"child-{number}")
    for name, (run, child) in runs.items():
        found = run.outcome()
        assert (found.kind, found.message) == ("undecided", "it did not come to its end within 2 s"), name
        assert found.seconds < 2 + attempt.GRACE_SECONDS + attempt.DRAIN_SECONDS + 60, name  # on a slow machine, too
        assert not lives(child), name


def test_a_function_may_clean_up(begin: Begin) -> None:
    """SIGTERM is an exception to it, and says where it was."""
    code = "\n    try:\n        time.sleep(1000)\n    finally:\n        print('put back')"
    run, _ = begun(begin, code, timeout=1)
    found = run.outcome()
    assert found.output == "put back\n"
    assert "time.sleep(1000)" in (found.traceback or "")


def test_programs_end_with_the_supervisor(begin: Begin) -> None:
    """What the function began in its group ends too, and at the same moment; PDEATHSIG alone would leave it."""
    run, child = begun(begin, "one = subprocess.Popen(['sleep', '1000']); note('program', one.pid); one.wait()")
    program = run.number("program")
    os.kill(run.pid, signal.SIGKILL)
    wait_for(lambda: not lives(child) and not lives(program))


def test_programs_end_with_the_function(begin: Begin) -> None:
    """What came out is the end: nothing of the group works on after it."""
    run, _ = begun(begin, "note('program', subprocess.Popen(['sleep', '1000']).pid)")
    assert run.outcome().kind == "passed"
    wait_for(lambda: not lives(run.number("program")))


def test_who_leaves_the_group_holds_nobody_up(begin: Begin) -> None:
    """A service that was begun keeps the pipe open, and lives on; the run is over a second later."""
    code = "note('service', subprocess.Popen(['sleep', '1000'], start_new_session=True).pid); return 'begun'"
    run, _ = begun(begin, code)
    service = run.number("service")
    try:
        assert run.outcome().value == "begun"  # nobody waits for it as long as the service lives
        assert lives(service)
    finally:
        os.kill(service, signal.SIGKILL)


def test_a_copy_that_left_the_group_keeps_the_lock(begin: Begin) -> None:
    """What the code forked is something of the run that still lives: another one would be a second at a time."""
    code = "\n    if not os.fork():\n        os.setsid()\n        note('copy')\n        time.sleep(1000)"
    run, _ = begun(begin, code)
    copy = run.number("copy")
    try:
        wait_for((run.run.folder / "outcome.json").exists)
        wait_for(lambda: not lives(run.pid))
        assert not run.is_over
    finally:
        os.kill(copy, signal.SIGKILL)
    assert run.outcome().kind == "passed"


def test_a_child_that_is_killed_is_undecided(begin: Begin) -> None:
    """By somebody's hand, or by the system that ran out of memory."""
    run, child = begun(begin, "time.sleep(1000)")
    os.kill(child, signal.SIGKILL)
    found = run.outcome()
    assert found.kind == "undecided"
    assert "ended by SIGKILL" in (found.message or "")


def test_a_fault_of_ours_leaves_no_child(tmp_path: Path) -> None:
    """Not even one that has left its group, while its supervisor lives on."""
    run = a_run(tmp_path, f"{NOTE}\ndef f():\n    os.setsid()\n    note('child')\n    print('x')\n    time.sleep(1000)")
    with tempfile.TemporaryFile() as request, lock.held(run.folder) as handle, stopping() as stop:
        request.write(run.to_json().encode())
        request.flush()
        begun = attempt.Attempt(tmp_path, request.fileno(), handle)
        with pytest.raises(ZeroDivisionError):
            begun.wait(lambda _: 1 // 0, stop, inf)
    assert not lives(int((tmp_path / "child").read_text(encoding="utf-8")))
    assert lock.is_free(run.folder)


def test_a_gigabyte_blocks_and_fills_nothing(begin: Begin, tmp_path: Path) -> None:
    """Its end is kept, and of the file's beginning some megabytes."""
    code = "block = (b'x' * 99 + b'\\n') * 10_000\n    for _ in range(1000): os.write(1, block)\n    print('the end')"
    (tmp_path / "away").touch()  # so that the supervisor is there when it is looked at
    run, _ = begun(begin, code)
    wait_for(lambda: run.told("ended"))
    status = Path(f"/proc/{run.pid}/status").read_text(encoding="utf-8")
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    (tmp_path / "away").unlink()
    found = run.outcome()
    assert found.kind == "passed"
    assert found.output.endswith("x\nthe end\n")
    assert len(found.output) <= 64_000
    assert len(run.log()) < 5_100_000
    assert memory < 80_000


def test_garbage_is_shown_as_text(begin: Begin) -> None:
    """Bytes that are no text, half letters, NUL and terminal codes break no line of it."""
    run, _ = begun(begin, "os.write(1, b'\\xff\\xc3\\0\\x1b[31m red \\xe2\\x82\\n')")
    assert run.outcome().output == "\ufffd\ufffd␀\x1b[31m red \ufffd\n"


def test_nobody_hears_what_was_printed_as_an_outcome(begin: Begin) -> None:
    """A line that looks like one is a line of the output."""
    run, _ = begun(begin, """print('{"kind": "passed"}'); os._exit(0)""")
    assert run.outcome().kind == "undecided"


def test_closed_files_of_the_process_s_say_nothing(begin: Begin) -> None:
    """A function that makes itself a daemon, as old books have it, is undecided; its own files stay its own."""
    run, _ = begun(begin, "os.closerange(3, 1000)\n    for _ in range(20): os.open('mine', os.O_CREAT | os.O_RDWR)")
    assert run.outcome().kind == "undecided"
    assert (run.root / "mine").read_bytes() == b""
