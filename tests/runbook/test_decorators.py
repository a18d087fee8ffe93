"""The decorators: they say what a function is for, and change nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from nbrunbook import action, check
from nbrunbook.runbook import automation

LOADED = """
import sys
from nbrunbook import action, check
print(any(name in sys.modules for name in ("sqlalchemy", "nbformat", "IPython", "click")))
"""


def test_a_function_stays_what_it_is() -> None:
    """It can be tried in the notebook as if nothing stood above it, and several may stand above one."""

    def look(run: object) -> str:
        return f"looked at {run}"

    assert check("green", attempts=3, every="30s", timeout="5m")(look) is look
    assert action("purge", timeout="2m")(look) is look
    assert look(1) == "looked at 1"


def test_an_async_function_stays_one() -> None:
    """`async def` is fine."""

    @check("green")
    async def look() -> int:
        return 5

    with pytest.raises(StopIteration) as ended:
        look().send(None)
    assert ended.value.value == 5


@pytest.mark.parametrize("decorator", [check, action])
def test_they_take_what_the_plan_reads(decorator: object) -> None:
    """The signature has the options that are read from the source, and their defaults."""
    assert callable(decorator)
    step, *options = inspect.signature(decorator).parameters.values()
    assert step.kind is inspect.Parameter.POSITIONAL_ONLY
    assert tuple(each.name for each in options) == automation.OPTIONS[decorator.__name__]
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in options)
    defaults = {"attempts": automation.ATTEMPTS, "every": automation.EVERY, "timeout": None}
    assert {each.name: each.default for each in options}.items() <= defaults.items()


def test_what_the_signature_does_not_know_is_a_type_error() -> None:
    """A slip shows at once where the cell is run, too."""
    with pytest.raises(TypeError, match="retries"):
        check("green", retries=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        action()  # type: ignore[call-arg]


def test_importing_them_loads_little() -> None:
    """A run's process begins with them: neither the journal nor Jupyter comes along."""
    said = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True).stdout
    assert said == "False\n"
