"""Terminals of a given width, as an operator's command line has one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path


def on_terminal(
    root: Path, *arguments: str, columns: int = 80, typed: str = "", status: int = 0, **environment: str
) -> str:
    """Run a command line in a folder and return what its terminal gets, both of results and of talk.

    `typed` is what somebody types there; `status` is the exit status that is expected.
    """
    code = "from nbrunbook.commands import main; main()"
    return scripted(root, code, *arguments, columns=columns, typed=typed, status=status, **environment)


def scripted(
    root: Path, code: str, *arguments: str, columns: int = 80, typed: str = "", status: int = 0, **environment: str
) -> str:
    """Run Python code in a folder on a terminal of 50 lines and return what that gets; as `on_terminal`."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-c", code, *arguments]
    given = {**os.environ, "TERM": "xterm", **environment}
    given.pop("COLUMNS", None)
    with subprocess.Popen(
        command, cwd=root, stdin=follower, stdout=follower, stderr=follower, env=given, start_new_session=True
    ) as process:
        os.close(follower)
        os.write(leader, typed.encode())
        got = b"".join(iter(lambda: _read(leader), b""))
    os.close(leader)
    shown = got.decode().replace("\r\n", "\n")
    assert process.returncode == status, shown
    return shown


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 100_000)
    except OSError:  # Linux's way to say that nobody has the other end open any more
        return b""


def without_colours(shown: str) -> str:
    """Return what a terminal got without what steers its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)
