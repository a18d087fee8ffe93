"""A batch's child: loads the plan's code, and goes through the databases in threads, as its supervisor orders.

It says where it stands in each of them, line by line (see telling.py), and at last what came out, as any child does.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbrunbook.automation import batch_code, child, control
from nbrunbook.automation.telling import Teller
from nbrunbook.batches import slices, work
from nbrunbook.batches.orders import Orders
from nbrunbook.runbook import batch_results, board_words
from nbrunbook.runbook.board import DatabaseStatus

Tell = Callable[[DatabaseStatus], None]


def main() -> None:
    """Work as the file behind the first number says; see `child.begun`. The last number is that of the orders."""
    run, say, (handle,) = child.begun()
    orders = Orders(hold=control.NOT_YET)
    signal.signal(signal.SIGTERM, lambda *_: _stop(orders))
    teller = Teller(say)
    control.follow(handle, orders)
    said = came_out(run, orders, teller.tell)
    child.flush()
    teller.close(said)


def _stop(orders: Orders) -> None:
    """Let each chunk come to its end: the supervisor waits for it some seconds."""
    orders.stopping = True


def came_out(run: Mapping[str, Any], orders: Orders, tell: Tell) -> dict[str, Any]:
    """Go through all databases, and return what came out, whatever the code does; never raises."""
    try:
        job, code = batch_code.load(run)
        if run["batch"]["executor"]:
            from nbrunbook.automation import slices_elsewhere

            slices_elsewhere.work(run, job, orders, tell)
        else:
            work.work(job, code, orders, tell, workers=run["batch"]["workers"])
        board = slices.status_of(job)
    except BaseException as error:
        return {"kind": "undecided", **child.told(error)}
    for each in board:
        tell(each)
    return _said_of(board)


def _said_of(board: Sequence[DatabaseStatus]) -> dict[str, Any]:
    if not batch_results.is_at_end(board):
        return {"kind": "undecided", "message": f"it is not at its end: {board_words.summary(board)}"}
    return {"kind": batch_results.kind(board), "message": batch_results.message(board) or None}
