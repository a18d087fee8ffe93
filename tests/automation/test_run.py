"""Run: what is handed to the two processes."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.automation.run import Parameter, run_from_json, run_of
from nbrunbook.automation.schedule import Schedule
from nbrunbook.project.versions import Version
from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.program import Program
from tests.automation.conftest import a_run


def test_a_run_is_read_as_it_was_written() -> None:
    """Each field comes back as it was."""
    run = a_run(
        Path("/srv/shop"),
        "def f(): ...",
        Schedule(attempts=3, every_seconds=30, timeout_seconds=300),
        cells=("x = 1", "def f(): ...\ny = '\udcff'"),
        parameters=(Parameter(name="x", type="list[str]", value=["ü", "\udcff"]),),
    )
    assert run_from_json(run.to_json().encode()) == run


def test_secrets_are_named_and_never_told() -> None:
    """The variables of those that have one."""
    parameters = (
        Parameter(name="token", type="Secret", value="TOKEN"),
        Parameter(name="other", type="NoneType", value=None),
        Parameter(name="release", type="str", value="1.0"),
    )
    assert a_run(Path("/srv"), "", parameters=parameters).secrets == ("TOKEN",)


def test_a_run_of_a_program_loads_what_that_one_says() -> None:
    """Secrets and versions by name, so that a child can make them again."""
    values = {"token": Secret("TOKEN"), "since": Version("2.10"), "regions": ["eu"], "replicas": 2, "none": None}
    program = Program(
        step="index", kind="check", cells=("def f(): ...",), function="f", values=values,
        attempts=3, every_seconds=30, timeout_seconds=300,
    )  # fmt: skip
    run = run_of(program, id="1", key="k", root=Path("/srv"), folder=Path("/srv/1"), reporter="a:b")
    assert run.schedule == Schedule(attempts=3, every_seconds=30, timeout_seconds=300)
    assert (run.cells, run.function, run.secrets) == (("def f(): ...",), "f", ("TOKEN",))
    assert [each.value for each in run.parameters] == ["TOKEN", "2.10", ["eu"], 2, None]
    assert [each.type for each in run.parameters] == ["Secret", "Version", "list", "int", "NoneType"]
    assert run_from_json(run.to_json().encode()) == run
