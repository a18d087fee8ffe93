"""What an argument of a decorator, or of batch(…), comes to: a literal, or the value of a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook import automation, batch_facts
from nbrunbook.template.bindings import Binding, Named
from nbrunbook.texts import short

OPTIONS: Mapping[str, tuple[str, ...]] = {**automation.OPTIONS, "batch": batch_facts.OPTIONS}
EXPECTED: Mapping[str, str] = {**automation.EXPECTED, **batch_facts.EXPECTED}


def read(option: str, value: Any) -> Any:
    """Return what a plan holds of an option's value; ValueError for a value that it does not take."""
    if option in batch_facts.OPTIONS:
        return batch_facts.value_of(option, value)
    return automation.number_of(option, value)


def planned(binding: Binding, option: str, said: Any, values: Mapping[str, Any], *, faulty: bool) -> Any:
    """Return what a plan holds of what an option says, for some values; None where its parameter has none yet.

    NbrunbookError for a value that it does not take; None in a `faulty` template, in which a finding says it: its plan
    is for showing.
    """
    if isinstance(said, Named) and said.parameter not in values:
        return None
    value = values[said.parameter] if isinstance(said, Named) else said
    try:
        return read(option, value)
    except ValueError:
        if faulty:
            return None
        found = f"step {binding.step}: {option}={short(repr(value), 80)}"
        raise NbrunbookError(found, EXPECTED[option]) from None
