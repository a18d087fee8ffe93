"""Plans as they are stored, and read again."""

from __future__ import annotations

import json

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook.plan_json import plan_from_json
from tests.making import plan_of
from tests.template.conftest import BATCH

CODE = "@check('a', attempts=3)\ndef look(): ...\n"


@pytest.mark.parametrize("code", ["", CODE, CODE.replace("'a'", "'b'") + BATCH])
def test_what_is_stored_is_read_again(code: str) -> None:
    """Plan → JSON → plan, to the byte, in any format."""
    made = plan_of("# A\n- [ ] A {#a}\n- [ ] B {#b .gate}", code=code)
    again = plan_from_json(json.loads(made.body))
    assert (again, again.body, again.digest) == (made, made.body, made.digest)


@pytest.mark.parametrize("schema", [True, 1.0, "1", None, 4, [2]])
def test_another_format_is_refused(schema: object) -> None:
    """Whatever stands there in place of a number that is known."""
    with pytest.raises(NbrunbookError, match="a plan of format"):
        plan_from_json({**plan_of("- [ ] A {#a}").to_json(), "schema": schema})


@pytest.mark.parametrize("automation", [{}, {"function": "f"}, "f", {"function": "f", "fingerprint": "0", "x": 1}])
def test_a_damaged_step_is_told(automation: object) -> None:
    """It names what is wrong, and is no traceback."""
    facts = json.loads(plan_of("- [ ] A {#a}", code=CODE).body)
    facts["steps"][0]["automation"] = automation
    with pytest.raises(NbrunbookError, match="a damaged plan"):
        plan_from_json(facts)


@pytest.mark.parametrize("batch", [None, {}, [], "f", {"databases": "eu"}, {"databases": [], "throttles": [], "x": 1}])
def test_a_damaged_batch_is_told(batch: object) -> None:
    """It names what is wrong, and is no traceback."""
    facts = json.loads(plan_of("- [ ] A {#a}", code=BATCH).body)
    facts["steps"][0]["automation"]["batch"] = batch
    with pytest.raises(NbrunbookError, match="a damaged plan"):
        plan_from_json(facts)


def test_a_batch_is_of_the_third_format() -> None:
    """A plan that says it is of an older one is none that we made."""
    facts = json.loads(plan_of("- [ ] A {#a}", code=BATCH).body)
    assert (facts["schema"], facts["needs"]) == (3, "0.5.0")
    with pytest.raises(NbrunbookError, match="a step of a kind with 'batch'"):
        plan_from_json({**facts, "schema": 2})
