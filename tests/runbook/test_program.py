"""What a run of an automated step loads and calls."""

from __future__ import annotations

import pytest

from nbrunbook import Secret, Version
from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook import program
from nbrunbook.runbook.plan import Plan
from tests.conftest import PARAMETERS
from tests.making import plan_of

STEPS = "- [ ] A {#a}\n- [ ] B {#b}\n- [ ] C {#c}"
DECLARED = f"""from nbrunbook import Secret, Version, action, check
{PARAMETERS}
tries: int = 4
token: Secret = Secret("TOKEN")
least: Version = Version("2.5.0")
limit: str | None = None"""
CODE = """@check("a", attempts=tries, every="30s", timeout="5m")
def look(): ...

@action("b", timeout=limit)
async def go(run): ...
"""
IMPORTS = "from nbrunbook import Secret, Version, action, check"
KEPT = {program.named(text): program.as_kept(text) for text in (IMPORTS, CODE)}


def _plan(**given: str) -> Plan:
    return plan_of(STEPS, declare=DECLARED, code=CODE, **given)


def test_a_check() -> None:
    """Sources in order, the function's name, how it is run, and the values as the code takes them."""
    found = program.program_of(_plan(), "a", KEPT.get)
    assert found.cells == (IMPORTS, CODE)
    assert (found.kind, found.step, found.function) == ("check", "a", "look")
    assert (found.attempts, found.every_seconds, found.timeout_seconds) == (4, 30, 300)
    assert found.values["token"] == Secret("TOKEN")
    assert found.values["least"] == Version("2.5.0")
    assert (found.values["environment"], found.values["limit"]) == ("staging", None)


def test_an_action() -> None:
    """It is tried once, and its options come from the parameters' values."""
    found = program.program_of(_plan(limit="2m"), "b", KEPT.get)
    assert (found.kind, found.function, found.attempts) == ("action", "go", 1)
    assert (found.every_seconds, found.timeout_seconds) == (None, 120)


def test_a_step_that_a_person_does() -> None:
    """There is nothing to be run of it."""
    with pytest.raises(NbrunbookError, match="c is done by a person"):
        program.program_of(_plan(), "c", KEPT.get)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "is missing"), (b"import evil", "was edited"), (b"", "was redacted")]
)
def test_code_that_is_not_what_the_plan_names(content: bytes | None, words: str) -> None:
    """Nothing is run then, whatever stands there."""
    with pytest.raises(NbrunbookError, match=f"code cell 2 of the plan .* {words}"):
        program.program_of(_plan(), "a", lambda name: KEPT[name] if name == program.named(IMPORTS) else content)


def test_half_a_surrogate_pair_is_kept() -> None:
    """Whatever a notebook holds has a name, and is what it was."""
    text = "x = '\ud800'"
    assert program.as_kept(text).decode(errors="surrogatepass") == text
    assert len(program.named(text)) == 64
