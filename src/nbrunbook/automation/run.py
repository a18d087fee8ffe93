"""Run: what a supervisor and its child have to know of one execution of a step. Pure data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrunbook.automation.schedule import Schedule

if TYPE_CHECKING:  # a supervisor does without a plan, and begins sooner
    from nbrunbook.runbook.program import Program


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter's value, as JSON."""

    name: str
    type: str
    """That of the value: Secret and Version are made again of theirs."""
    value: Any
    """For a Secret the name of its environment variable."""


@dataclass(frozen=True, kw_only=True)
class BatchRun:
    """What one runner of a batch has to know beside."""

    job: str
    """As `batches.job.Job.to_json` gives it."""
    passwords: tuple[str, ...] = ()
    """The environment variables that the databases' passwords are in."""
    workers: int = 1
    """How many databases are gone through at the same time."""
    executor: str = ""
    """What makes the executor that slices are handed to, as module:factory; empty for none."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of an automated step."""

    id: str
    """The id of its `started` event."""
    key: str
    """What the function gets as `run.key`: the same until an end is known."""
    root: Path
    """The project's root, where it runs."""
    folder: Path
    """Of this run alone: its lock, its log, its outcome."""
    cells: tuple[str, ...]
    """Sources, in order; the parameters' values are there before the first."""
    function: str
    """Its name at the top level of the cells."""
    parameters: tuple[Parameter, ...] = ()
    schedule: Schedule = field(default_factory=Schedule)
    reporter: str
    """What makes the reporter, as module:function; it is called with `about`, in the supervisor."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """JSON for the reporter."""
    batch: BatchRun | None = None
    """Of a batch alone."""
    journal: str = ""
    """The file of the journal that is told of it; empty for one on a server."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables that its secrets are in, those of a batch's databases too."""
        own = [each.value for each in self.parameters if each.type == "Secret"]
        return tuple(dict.fromkeys([*own, *(self.batch.passwords if self.batch else ())]))

    def to_json(self) -> str:
        """Return it as text; a secret is named in it, never told."""
        return json.dumps({**asdict(self), "root": str(self.root), "folder": str(self.folder)})


def run_of(program: Program, **facts: Any) -> Run:
    """Return a run of a program; `facts` are the fields that no program has."""
    schedule = Schedule(
        attempts=program.attempts, every_seconds=program.every_seconds, timeout_seconds=program.timeout_seconds
    )
    parameters = tuple(_parameter(name, value) for name, value in program.values.items())
    return Run(cells=program.cells, function=program.function, parameters=parameters, schedule=schedule, **facts)


def _parameter(name: str, value: Any) -> Parameter:
    type_ = type(value).__name__
    told = value.name if type_ == "Secret" else str(value) if type_ == "Version" else value
    return Parameter(name=name, type=type_, value=told)


def run_from_json(text: bytes) -> Run:
    """Return the run that `to_json` gave."""
    facts = json.loads(text)
    facts["cells"] = tuple(facts["cells"])
    facts["parameters"] = tuple(Parameter(**each) for each in facts["parameters"])
    facts["schedule"] = Schedule(**facts["schedule"])
    batch = facts["batch"]
    facts["batch"] = batch and BatchRun(**{**batch, "passwords": tuple(batch["passwords"])})
    return Run(**{**facts, "root": Path(facts["root"]), "folder": Path(facts["folder"])})
