"""Planning a batch: from what batch(…) says in the code, and the parameters' values, to what a plan says of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from nbrunbook.documents import python_source
from nbrunbook.runbook.batch_facts import BATCH_SIZE, ON_ERROR, TARGET, BatchFacts
from nbrunbook.template.argument_values import planned
from nbrunbook.template.bindings import LISTS, Binding
from nbrunbook.texts import short

UNSAID: Mapping[str, Any] = {
    "databases": (),
    "target": TARGET,
    "batch_size": BATCH_SIZE,
    "on_error": ON_ERROR,
    "max_errors": None,
    "repeatable": False,
}
"""What is meant where nothing is said; databases always are, or a finding tells it."""

LONGEST_THROTTLE = 200
"""Characters of what holds a batch back, in a plan."""


def facts_of(binding: Binding, values: Mapping[str, Any], *, faulty: bool) -> BatchFacts:
    """Return what a plan says of a batch; NbrunbookError for a parameter's value that an option does not take.

    A `faulty` template has a finding that says what is wrong: its plan is for showing.
    """
    said = {**UNSAID, **binding.arguments}
    found = {option: planned(binding, option, said[option], values, faulty=faulty) for option in UNSAID}
    target = found.pop("target")
    return BatchFacts(**found, target_seconds=target, throttles=words_of(binding))


def throttles(binding: Binding) -> list[ast.expr]:
    """Return what is to hold a batch back, in order."""
    said = binding.expressions.get("throttle")
    return [] if said is None else list(said.elts) if isinstance(said, LISTS) else [said]


def words_of(binding: Binding) -> tuple[str, ...]:
    """Return the same as it is written."""
    return tuple(short(" ".join(python_source.shown(each).split()), LONGEST_THROTTLE) for each in throttles(binding))
