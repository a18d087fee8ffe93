"""What a plan says of a batch."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook.batch_facts import BatchFacts
from nbrunbook.runbook.plan import Plan
from tests.conftest import PARAMETERS, Workplace
from tests.making import plan_of
from tests.template.conftest import BATCH

DECLARED = f"{PARAMETERS}\nplaces: list[str] = ['eu']\nsize: int = 5"


def _plan(said: str, *, functions: str = "", **given: str) -> Plan:
    code = functions + BATCH.replace("databases=['eu']", said)
    return plan_of("- [ ] a {#a}", declare=DECLARED, code=code, **given)


def _facts(said: str, **given: str) -> BatchFacts | None:
    does = _plan(said, **given).by_id["a"].automation
    return does.batch if does else None


def test_what_is_said() -> None:
    """Each option as a value; what holds it back as it is written."""
    made = _plan(
        "databases=('eu', 'us'), target='2s', batch_size=7, throttle=[window('22:00',  '06:00'), own],"
        "on_error='quarantine', max_errors=3, repeatable=True",
        functions="def own(): ...\n",
    )
    (step,) = made.steps
    assert (step.kind, step.automation and step.automation.function) == ("batch", "fill")
    assert step.automation
    assert step.automation.batch == BatchFacts(
        databases=("eu", "us"),
        target_seconds=2.0,
        batch_size=7,
        on_error="quarantine",
        max_errors=3,
        repeatable=True,
        throttles=("window('22:00', '06:00')", "own"),
    )


def test_what_is_not_said() -> None:
    """The defaults of the signature."""
    assert _facts("databases=['eu']") == BatchFacts(databases=("eu",))


def test_the_values_of_parameters() -> None:
    """Those that the runbook is made with."""
    assert _facts("databases=places, batch_size=size", places="us,asia", size="9") == BatchFacts(
        databases=("us", "asia"), batch_size=9
    )
    with pytest.raises(NbrunbookError, match=r"step a: batch_size=0; expected a whole number from 1"):
        _facts("databases=places, batch_size=size", size="0")
    with pytest.raises(NbrunbookError, match=r"databases=\['eu', 'eu'\]; expected a list of names, each once"):
        _facts("databases=places", places="eu,eu")


def test_a_parameter_without_a_value_is_not_known_yet(work: Workplace) -> None:
    """`plan` without an environment shows the step all the same."""
    work.template("- [ ] a {#a}", parameters=f"{PARAMETERS}\nplaces: list[str]", code=BATCH.replace("['eu']", "places"))
    assert work.run("plan", "1.0", "--json") == 0, work.err
    assert '"databases": null' in work.out
