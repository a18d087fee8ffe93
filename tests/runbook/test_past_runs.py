"""Past runs: which began, and what came out of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from nbrunbook.runbook.events import Event, Kind
from nbrunbook.runbook.past_runs import PastRun, faults, past_runs
from tests.making import event

Said = tuple[Kind, str, dict[str, str]]


def happened(*said: Said) -> list[Event]:
    """Return events in order, each a kind, a step and what was said."""
    return [event(kind, step, seq=seq, **data) for seq, (kind, step, data) in enumerate(said, 1)]


def _numbers(runs: Sequence[PastRun]) -> list[tuple[int | None, int | None, int | None]]:
    return [
        (run.started and run.started.seq, run.end and run.end.seq, run.late and run.late.seq)  # type: ignore[misc]
        for run in runs
    ]


def test_ends_belong_to_what_was_started() -> None:
    """Each by its step, in order, however they stand among others; the last one may go on."""
    found = past_runs(
        happened(
            ("started", "a", {}),
            ("started", "b", {}),
            ("failed", "a", {}),
            ("noted", "b", {"note": "x"}),
            ("started", "a", {}),
            ("passed", "b", {}),
            ("ticked", "c", {}),
        )
    )
    assert {step: _numbers(runs) for step, runs in found.items()} == {
        "a": [(1, 3, None), (5, None, None)],
        "b": [(2, 6, None)],
    }


def test_an_operators_word_is_an_end() -> None:
    """It ran, a tick; it did not, a stop with a note; a note later says what came after all."""
    first, second, *rest = happened(
        ("started", "a", {}), ("stopped", "a", {"note": "I looked"}), ("started", "a", {}), ("ticked", "a", {})
    )
    late = replace(event("noted", "a", seq=5), data={"note": "ended after all", "run": first.id})
    runs = past_runs([first, second, *rest, late])["a"]
    assert _numbers(runs) == [(1, 2, 5), (3, 4, None)]
    assert [run.is_by_word for run in runs] == [True, True]
    machine = happened(("started", "a", {}), ("stopped", "a", {"seconds": "1.0"}))
    assert not past_runs(machine)["a"][0].is_by_word


def test_a_check_that_only_looks_again_has_no_start() -> None:
    """What changed is told alone, and is a run by itself."""
    runs = past_runs(happened(("signed_off", "", {}), ("failed", "a", {"message": "red"})))["a"]
    assert _numbers(runs) == [(None, 2, None)]
    assert runs[0].first.seq == 2


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ([("started", "a", {}), ("passed", "a", {}), ("started", "a", {})], []),
        ([("started", "a", {}), ("ticked", "a", {}), ("noted", "a", {"note": "late"})], []),
        ([("signed_off", "", {}), ("failed", "a", {})], []),
        ([("started", "a", {}), ("passed", "a", {}), ("failed", "a", {"run": "a look"})], []),
        ([("ticked", "a", {}), ("failed", "a", {"run": "a look"})], []),
        ([("failed", "a", {})], ["1: it says that a run failed, and none had begun"]),
        ([("started", "b", {}), ("passed", "a", {})], ["2: it says that a run passed, and none had begun"]),
        (
            [("signed_off", "", {}), ("reopened", "", {}), ("failed", "a", {})],
            ["3: it says that a run failed, and none had begun"],
        ),
        (
            [("started", "a", {}), ("started", "a", {})],
            ["2: a run began while the one that event 1 began went on"],
        ),
        (
            [("started", "a", {}), ("passed", "a", {"run": "another"})],
            ["2: it is the end of another run than the one that event 1 began"],
        ),
    ],
)
def test_an_order_that_no_session_writes_is_a_fault(said: list[Said], found: list[str]) -> None:
    """An end needs its start, a start that nothing goes on; who only looks again needs none."""
    assert [f"{seq}: {words}" for seq, words in faults(happened(*said))] == found
