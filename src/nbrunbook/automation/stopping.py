"""Stopping: how a supervisor learns that it is to stop, and what wakes it meanwhile."""

from __future__ import annotations

import os
import select
import signal
import time
from math import inf

PASSED_OVER = (signal.SIGHUP, signal.SIGINT)
"""Signals that end nothing: neither a terminal's end nor Ctrl-C is about a run."""


class Stop:
    """Whether a stop was asked for: by SIGTERM, or by whoever reads the journal. Made in the main thread."""

    def __init__(self) -> None:
        self.asked = False
        self.wake, self._ring = os.pipe()
        """What can be read when something happened: a stop, or a child's end."""
        for each in (self.wake, self._ring):
            os.set_blocking(each, False)
        signal.signal(signal.SIGTERM, lambda *_: self.ask())
        for number in (signal.SIGCHLD, *PASSED_OVER):  # not ignored: a child would ignore them, too
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])  # SIGTERM was blocked until now: see starting.py

    def ask(self) -> None:
        """Ask for it; safe in a signal's handler, and in any thread."""
        self.asked = True
        try:
            os.write(self._ring, b"!")
        except BlockingIOError:
            return

    def heard(self) -> None:
        """Empty what wakes."""
        try:
            os.read(self.wake, 4096)
        except BlockingIOError:
            return

    def wait(self, until: float) -> None:
        """Wait until an instant of time.monotonic, or until a stop is asked for."""
        while not self.asked and (left := until - time.monotonic()) > 0:
            if select.select([self.wake], [], [], None if left == inf else left)[0]:
                self.heard()
