"""What a plan says of a batch, and how it is told."""

from __future__ import annotations

import inspect

import pytest

from nbrunbook.batches import definition
from nbrunbook.runbook import batch_facts
from nbrunbook.runbook.batch_facts import BatchFacts, facts_from_json


def test_what_is_stored_is_read_again() -> None:
    """Lists of JSON become tuples; a value that is not known yet stays None."""
    for made in (
        BatchFacts(databases=("eu", "us"), target_seconds=0.5, throttles=("own",)),
        BatchFacts(databases=None),
    ):
        assert facts_from_json(made.to_json()) == made


@pytest.mark.parametrize(
    "facts", [{}, {"databases": []}, {"databases": 5, "throttles": []}, {"databases": [], "throttles": [], "x": 1}]
)
def test_what_was_not_stored_by_us(facts: dict[str, object]) -> None:
    """It is told as a damaged plan."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        facts_from_json(facts)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("databases", "eu"),
        ("databases", [1]),
        ("databases", ["eu", "\x1b[2J"]),
        ("target_seconds", "1s"),
        ("target_seconds", float("inf")),
        ("batch_size", 0),
        ("on_error", "skip"),
        ("max_errors", -1),
        ("repeatable", "yes"),
        ("throttles", "own"),
        ("throttles", [None]),
    ],
)
def test_a_value_that_no_author_could_give(name: str, value: object) -> None:
    """Whoever wrote that into a journal: it is not shown, and nothing goes on with it."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        facts_from_json({**BatchFacts(databases=("eu",)).to_json(), name: value})


def test_only_what_its_author_would_say_is_an_option() -> None:
    """Defaults go without saying."""
    assert BatchFacts(databases=("eu",)).options == {"databases": "eu"}
    much = BatchFacts(
        databases=("eu", "us"), target_seconds=0.05, batch_size=7, on_error="quarantine", max_errors=0, repeatable=True,
        throttles=("own", "window('22:00', '06:00')"),
    )  # fmt: skip
    assert much.options == {
        "databases": "eu, us",
        "target": "50ms",
        "batch_size": "7",
        "throttle": "own, window('22:00', '06:00')",
        "on_error": "quarantine",
        "max_errors": "0",
        "repeatable": "True",
    }


@pytest.mark.parametrize(("written", "seconds"), [("10ms", 0.01), ("1s", 1), (" 500 ms ", 0.5), ("1h", 3600)])
def test_how_long_a_chunk_should_take(written: str, seconds: float) -> None:
    """Milliseconds, too; what is shown is read as the same."""
    assert batch_facts.value_of("target", written) == seconds
    assert batch_facts.value_of("target", batch_facts.length(seconds)) == seconds


@pytest.mark.parametrize("written", ["9ms", "0s", "2h", "1.5s", "", "ms", 1, None])
def test_what_is_no_target(written: object) -> None:
    """Too short for a commit, too long for a lock, or no length at all."""
    with pytest.raises(ValueError):  # noqa: PT011
        batch_facts.value_of("target", written)


def test_the_options_are_those_of_the_signature() -> None:
    """What the plan reads, an author may write, with the same defaults."""
    step, *options = inspect.signature(definition.batch).parameters.values()
    assert step.kind is inspect.Parameter.POSITIONAL_ONLY
    assert tuple(each.name for each in options) == batch_facts.OPTIONS == tuple(batch_facts.EXPECTED)
    said = {each.name: each.default for each in options}
    made = BatchFacts(databases=("eu",))
    assert batch_facts.value_of("target", said["target"]) == made.target_seconds
    assert (said["batch_size"], said["on_error"]) == (made.batch_size, made.on_error)
    assert (said["max_errors"], said["repeatable"], said["throttle"]) == (None, False, ())
