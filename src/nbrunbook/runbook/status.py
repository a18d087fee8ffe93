"""What a step and a runbook can be, and what may follow what: two tables, one comment an arrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nbrunbook.runbook.events import Event
from nbrunbook.runbook.notes import NONE, Notes

Status = Literal["open", "done", "skipped", "not-applicable"]

STATUSES: Mapping[Status, str] = {
    "open": "nobody has settled it",
    "done": "an operator says that it was done",
    "skipped": "an operator says why it is not done",
    "not-applicable": "its `when` left it out when the runbook was made",
}

TRANSITIONS: Mapping[tuple[Status, str], Status] = {
    ("open", "ticked"): "done",  # the operator did it
    ("done", "unticked"): "open",  # it was a mistake, or has to be done again
    ("open", "skipped"): "skipped",  # it is not going to be done, and this is why
    ("skipped", "unskipped"): "open",  # it is going to be done after all
    ("open", "approved"): "open",  # a second operator allows it
    ("open", "taken"): "open",  # an operator is busy with it, or no longer
    ("open", "noted"): "open",  # a remark changes nothing
    ("done", "noted"): "done",  # a remark changes nothing
    ("skipped", "noted"): "skipped",  # a remark changes nothing
}

CONFIRMATIONS: Mapping[tuple[Status, str], Status] = {
    ("done", "ticked"): "done",  # what was done is what the new wording asks for too
    ("skipped", "skipped"): "skipped",  # it is not going to be done in the new wording either
}
"""What may follow besides, only while a step is reworded since it was settled."""

RUNS: Mapping[tuple[Status, str], Status] = {
    ("open", "started"): "open",  # the machine begins to do it, or looks
    ("done", "started"): "done",  # a check looks again, or an operator has an action done once more
    ("open", "passed"): "done",  # its function returned
    ("open", "warned"): "done",  # the same, and it said what to look at
    ("open", "failed"): "open",  # its function says no
    ("open", "undecided"): "open",  # nobody knows: an error, a crash, a timeout
    ("open", "stopped"): "open",  # an operator stopped it, or says that it did not run
    ("done", "passed"): "done",  # it holds still
    ("done", "warned"): "done",  # it holds still, and it said what to look at
    ("done", "failed"): "open",  # it does not hold any more; under a step that is done this is only told
    ("done", "undecided"): "done",  # nobody knows, so what was known stays
    ("done", "stopped"): "done",  # it was not looked at to the end, so what was known stays
}
"""What may follow besides for a step that the machine does; an end only while it runs."""

BATCHES: Mapping[tuple[Status, str], Status] = {
    ("open", "paused"): "open",  # its runners hold, and whoever begins it holds, until somebody resumes it
    ("open", "resumed"): "open",  # they go on
    ("open", "resized"): "open",  # an operator says how many rows a chunk has, or leaves it to the batch again
    ("open", "advanced"): "open",  # its run says how far it is; only while it runs
    ("open", "quarantined"): "open",  # its run says which rows it left out; only while it runs
}
"""What may follow besides for a batch, also while it runs."""

State = Literal["open", "signed_off", "abandoned", "skipped"]

STATES: Mapping[State, str] = {
    "open": "operators may work on it",
    "signed_off": "an operator has said that it is complete; nothing changes any more",
    "abandoned": "nobody is going to complete it",
    "skipped": "the release never went there, and somebody said why",
}

LIFE: Mapping[tuple[State, str], State] = {
    ("open", "noted"): "open",  # the handover line
    ("open", "opened"): "open",  # the runbook itself, or an `.if-needed` section
    ("open", "closed"): "open",  # an `.if-needed` section in which nothing was done
    ("open", "added"): "open",  # a step that nobody foresaw
    ("open", "revised"): "open",  # its template has changed since, and the plan with it
    ("open", "signed_off"): "signed_off",  # all that is required is settled
    ("signed_off", "reopened"): "open",  # something was missing after all
    ("signed_off", "archived"): "signed_off",  # its record was written
    ("signed_off", "noted"): "signed_off",  # a remark changes nothing
    ("open", "abandoned"): "abandoned",  # it was rolled back, or made by mistake
    ("abandoned", "reopened"): "open",  # it is going to be completed after all
    ("open", "skipped"): "skipped",  # the release never goes there, and this is why
    ("skipped", "reopened"): "open",  # it went there after all
    ("skipped", "abandoned"): "abandoned",  # it was skipped by mistake
    ("open", "redacted"): "open",  # a text was blanked: what was done stays done
    ("signed_off", "redacted"): "signed_off",  # a text was blanked: what was done stays done
    ("abandoned", "redacted"): "abandoned",  # a text was blanked: what was done stays done
    ("skipped", "redacted"): "skipped",  # a text was blanked: what was done stays done
}

REDACTED = "(redacted)"
"""What stands in the place of a text that was blanked."""


UNKNOWN_SECONDS = 60.0
"""After how long without a word nobody knows whether a run goes on."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was last heard of a run that goes on; it is in no chain, and a journal may lose it."""

    host: str = ""
    """Where it runs; empty where the journal does not say."""
    pid: int = 0
    folder: str = ""
    """Its own, on that host; empty where the journal names none that a run of ours has."""
    seconds: float = UNKNOWN_SECONDS
    """How long ago that was, by the database's clock."""
    attempt: int = 0
    lines: tuple[str, ...] = ()
    """The last that it wrote."""
    stopper: str = ""
    """Who asked it to stop; empty where nobody did."""

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows if it goes on; the next word of it takes that back."""
        return self.seconds >= UNKNOWN_SECONDS


@dataclass(frozen=True, kw_only=True)
class StepState:
    """Where one step stands."""

    status: Status = "open"
    by: Event | None = None
    """The event that settled it."""
    approved: Event | None = None
    taken: Event | None = None
    """Who is busy with it; None for nobody."""
    notes: Notes = NONE
    reopened: Event | None = None
    """The event that last unticked or unskipped it, while it is open."""
    where: str = ""
    """The key of the runbook where it was settled once for the whole group; empty for this one."""
    reworded: Event | None = None
    """The revision since which it reads otherwise than when it was settled, until somebody confirms it."""
    confirmed: Event | None = None
    """The event that last said that what was settled holds for the new wording too."""
    run: Event | None = None
    """The `started` of the run that goes on; None while none does."""
    last: Event | None = None
    """What came out of the last run that has an end."""
    since: Event | None = None
    """What a check came to after the sign-off that is not what was known; None for nothing of the kind."""
    runs: int = 0
    """How often the machine began with it."""
    failures: int = 0
    """How many of those failed or were undecided."""
    run_key: str = ""
    """What the next run is to go on with: the key of one whose end nobody knows; empty for a new one."""

    paused: Event | None = None
    """Who has paused a batch; None while nobody has."""
    resized: Event | None = None
    """Who said last how many rows a chunk of a batch has, or that it finds that itself; None for nobody."""

    @property
    def paused_by(self) -> str:
        """Who has paused a batch; empty while nobody has."""
        return self.paused.operator if self.paused else ""

    @property
    def batch_size(self) -> int | None:
        """How many rows a chunk has, as an operator says; None where the batch finds that itself."""
        said = self.resized.fact("batch_size") if self.resized else ""
        return int(said) if len(said) < 10 and said.isascii() and said.isdecimal() else None

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.status != "open"

    @property
    def evidence(self) -> str | None:
        """What was given as evidence when it was done; None where nothing was."""
        return (self._proof.data.get("evidence") or self._proof.data.get("value")) if self._proof else None

    @property
    def given(self) -> str | None:
        """The evidence in words: for a file alone its name."""
        return self.evidence or (self.file.data.get("name") if self.file else None)

    @property
    def file(self) -> Event | None:
        """The event with the file that was given as evidence; None where there is none."""
        return self._proof if self._proof and self._proof.data.get("file") else None

    @property
    def _proof(self) -> Event | None:
        """The event whose evidence counts: that of the confirmation, where it brought some."""
        if self.status != "done":
            return None
        return next((each for each in (self.confirmed, self.by) if each and _has_evidence(each)), self.by)


def _has_evidence(event: Event) -> bool:
    return any(event.data.get(name) for name in ("evidence", "value", "file"))


OPEN = StepState()
