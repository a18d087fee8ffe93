"""Stopping: who may ask for it, and whom it wakes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from math import inf

import pytest

from nbrunbook.automation.stopping import PASSED_OVER, Stop
from tests.automation.conftest import stopping


@pytest.fixture
def stop() -> Iterator[Stop]:
    """One of this process."""
    with stopping() as found:
        yield found


def test_a_signal_asks_for_a_stop(stop: Stop) -> None:
    """As a machine that shuts down sends it; a terminal's end asks for nothing."""
    for number in PASSED_OVER:
        os.kill(os.getpid(), number)
        assert not stop.asked
    os.kill(os.getpid(), signal.SIGTERM)
    assert stop.asked
    stop.wait(inf)


def test_another_thread_asks_for_a_stop(stop: Stop) -> None:
    """Whoever waits without end is woken."""
    threading.Timer(0.05, stop.ask).start()
    stop.wait(inf)
    assert stop.asked


def test_waiting_ends_by_itself(stop: Stop) -> None:
    """Where nobody asks, and though a child ended meanwhile."""
    os.kill(os.getpid(), signal.SIGCHLD)
    begun_at = time.monotonic()
    stop.wait(begun_at + 0.1)
    assert time.monotonic() - begun_at >= 0.1
    assert not stop.asked


def test_asking_again_and_again_blocks_nobody(stop: Stop) -> None:
    """A pipe that nobody reads is full at some time."""
    for _ in range(100_000):
        stop.ask()
    stop.wait(inf)
    assert stop.asked
