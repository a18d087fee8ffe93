"""The work on a batch in one process."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from nbrunbook.batches.orders import Orders
from nbrunbook.batches.work import work
from nbrunbook.runbook.board import DatabaseStatus
from tests.batches.conftest import Make
from tests.batches.filling import filling, job_of


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_all_databases_are_done(workers: int, make: Make) -> None:
    """By any number of workers, each row once, and the end of each is told."""
    places = [make(name) for name in ("eu", "us", "ap")]
    told: list[DatabaseStatus] = []
    work(job_of(*places), filling(counts=True), Orders(), told.append, workers=workers)
    assert [each.counts() for each in places] == [each.once for each in places]
    assert {each.name: each.state for each in told} == dict.fromkeys(("eu", "us", "ap"), "done")


def test_two_runners_share_the_databases(make: Make) -> None:
    """Each database is one runner's at a time, and both return when all are at their end."""
    places = [make(name, rows=40) for name in ("eu", "us")]
    runners = [
        threading.Thread(target=work, args=(job_of(*places, runner=name), filling(), Orders(), lambda _: None))
        for name in ("one", "two")
    ]
    for each in runners:
        each.start()
    for each in runners:
        each.join(60)
    assert [each.counts() for each in places] == [each.once for each in places]


def test_one_that_stops_keeps_nobody_else(make: Make) -> None:
    """The others go on; all is over then."""
    places = [make("eu"), make("us", rows=5)]
    told: dict[str, DatabaseStatus] = {}
    work(job_of(*places), filling(refuses=[9]), Orders(), lambda each: told.update({each.name: each}))
    assert {name: each.state for name, each in told.items()} == {"eu": "stopped", "us": "done"}


def test_stop_is_followed_and_everything_given_back(make: Make) -> None:
    """Within a chunk; whoever comes next need not wait for a lease."""
    data, orders = make(), Orders()

    def stops(_: object, number: int) -> None:
        orders.stopping |= number == 7

    orders.size = 5
    work(job_of(data), filling(each=stops), orders, lambda _: None)
    assert data.counts() == {0: 10, 1: 10}
    assert data.run("SELECT runner, lease_until FROM nbrunbook_cursor") == [("", None)]


def test_a_pause_reaches_those_that_hold(make: Make) -> None:
    """It does not wait for the hold to be over."""
    data, orders = make(), Orders()
    states: list[str] = []
    code = filling()
    code.throttles = (lambda: "" if "paused" in states else "busy",)

    def tell(status: DatabaseStatus) -> None:
        states.append(status.state)
        orders.paused = status.state == "holding"

    work(job_of(data), code, orders, tell)
    assert states[:2] == ["holding", "paused"]
    assert states[-1] == "done"
    assert data.counts() == data.once


@pytest.mark.parametrize(
    ("order", "state"),
    [(Orders(paused=True, pause_words="paused by ana"), "paused"), (Orders(hold="the journal is away"), "holding")],
)
def test_none_is_shown_as_at_rest_once_it_goes_on(order: Orders, state: str, make: Make) -> None:
    """Also a database whose turn has not come: there are more of them than workers."""
    places, orders = [make("eu"), make("us")], replace(order)
    shown: dict[str, DatabaseStatus] = {}

    def tell(status: DatabaseStatus) -> None:
        shown[status.name] = status
        if [each.state for each in shown.values()] == [state, state]:
            orders.paused, orders.hold = False, ""

    def looks(_: object, number: int) -> None:
        assert state not in [each.state for each in shown.values()]

    work(job_of(*places), filling(each=looks), orders, tell)
    assert [each.state for each in shown.values()] == ["done", "done"]


def test_a_bug_of_ours_is_not_swallowed(make: Make) -> None:
    """A worker that cannot tell anybody ends the work."""

    def broken(_: DatabaseStatus) -> None:
        raise RuntimeError("nobody listens")

    with pytest.raises(RuntimeError, match="nobody listens"):
        work(job_of(make()), filling(), Orders(), broken)
