"""Orders from a supervisor to its child."""

from __future__ import annotations

import os
import subprocess
import sys

from nbrunbook.automation import control
from nbrunbook.automation.control import Control, Said
from nbrunbook.batches.orders import Orders
from tests.running import wait_for


def test_orders_arrive_and_the_last_one_counts() -> None:
    """Who has paused it is in them; a stop is never taken back."""
    supervisor, orders = Control(), Orders(hold=control.NOT_YET)
    control.follow(supervisor.child, orders)
    supervisor.say(Said(pause_words="paused by ana", size=20, refused=2))
    wait_for(lambda: orders.paused)
    assert orders == Orders(paused=True, pause_words="paused by ana", size=20, refused=2)
    supervisor.say(Said(stopping=True))
    wait_for(lambda: orders.stopping and not orders.paused)
    supervisor.say(Said(size=3))
    wait_for(lambda: orders.size == 3)
    assert orders.stopping


def test_a_child_to_which_no_word_comes_holds_until_one_does() -> None:
    """The journal may be away, or the supervisor frozen: a pause would not be seen."""
    supervisor, orders = Control(), Orders()
    control.follow(supervisor.child, orders, hold_seconds=0.05)
    wait_for(lambda: orders.hold == control.AWAY)
    supervisor.say(Said())
    wait_for(lambda: not orders.hold)


def test_a_child_that_reads_nothing_keeps_no_supervisor_waiting() -> None:
    """One that is frozen hears the next word; one that is over, none."""
    supervisor = Control()
    for _ in range(5000):
        supervisor.say(Said(pause_words="paused by ana"))
    os.close(supervisor.child)
    supervisor.say(Said())


def test_a_child_whose_files_were_closed_ends() -> None:
    """It would hear of no pause and no stop, and may take what a connection says for one."""
    code = "import os, time; from nbrunbook.automation import control; ends = os.pipe(); os.write(ends[1], b'x')\n"
    code += "control.follow(ends[0], None, hold_seconds=0.1); os.closerange(3, 99); time.sleep(9)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (1, control.CLOSED)
