"""Plans as they are stored: read again, and refused where a newer nbrunbook wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook import automation, formats
from nbrunbook.runbook.automation import Automation
from nbrunbook.runbook.batch_facts import facts_from_json
from nbrunbook.runbook.plan import SCHEMA, WITH_BATCHES, WITH_CODE, Plan, Step, Value
from nbrunbook.runbook.sections import Section
from nbrunbook.texts import short

FIRST = frozenset(
    ("schema", "release", "environment", "base", "parameters", "sections", "steps", "references", "images")
)
KEYS: Mapping[int, frozenset[str]] = {
    SCHEMA: FIRST,
    WITH_CODE: FIRST | {"needs", "code"},
    WITH_BATCHES: FIRST | {"needs", "code"},
}
"""What a plan says, by the version of its format."""
STEP = frozenset({each.name.rstrip("_") for each in fields(Step)})
KINDS = ("manual", "group", *automation.KINDS)
"""What a step can be in the newest format."""


def plan_from_json(facts: Mapping[str, Any]) -> Plan:
    """Return the plan that `Plan.to_json` gave; NbrunbookError for another format, and what only a newer one knows."""
    schema = facts.get("schema") if isinstance(facts, dict) else facts
    if type(schema) is not int or schema not in KEYS:
        known = f"format {SCHEMA}, {WITH_CODE} or {WITH_BATCHES}"
        raise NbrunbookError(f"a plan of format {short(repr(schema), 40)}", known, formats.needs(facts))
    _refuse_unknown(facts, set(facts) - KEYS[schema], "a plan")
    kinds = {*KINDS} if schema == WITH_BATCHES else {*KINDS} - {"batch"}
    try:
        for step in facts["steps"]:
            _refuse_unknown(facts, set(step) - STEP, "a step")
            _refuse_unknown(facts, {step["kind"]} - kinds, "a step of a kind")
        return Plan(
            release=facts["release"],
            environment=facts["environment"],
            base=facts["base"],
            values=tuple(Value(**value) for value in facts["parameters"]),
            sections=tuple(
                Section(**{**each, "when": tuple(each["when"]), "flags": tuple(each["flags"])})
                for each in facts["sections"]
            ),
            steps=tuple(_step_from_json(step) for step in facts["steps"]),
            references=facts["references"],
            images=facts["images"],
            code=tuple(facts.get("code", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NbrunbookError(f"a damaged plan ({error})", "one that nbrunbook made") from None


def code_in(body: str) -> tuple[str, ...]:
    """Return the names of the code that a stored plan names, as far as it can be read; whatever wrote it."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    said = facts.get("code") if isinstance(facts, dict) else None
    return tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()


def _refuse_unknown(facts: Mapping[str, Any], more: set[Any], what: str) -> None:
    if more:
        named = short(", ".join(sorted(map(repr, more))))
        raise NbrunbookError(f"{what} with {named}", "what a plan of its format says", formats.needs(facts))


def _step_from_json(facts: Mapping[str, Any]) -> Step:
    rest = {key: value for key, value in facts.items() if key != "as"}
    if "automation" in rest:
        does = dict(rest["automation"])
        batch = {"batch": facts_from_json(does["batch"])} if "batch" in does else {}
        rest["automation"] = Automation(**{**does, **batch})
    return Step(**{**rest, "as_": facts["as"], "after": tuple(facts["after"]), "flags": tuple(facts["flags"])})
