"""Whether this session can begin a run, as a row says it: the plan's code and the secrets have to be there."""

from __future__ import annotations

from typing import Any

from nbrunbook.automation import batch_job, reporting
from nbrunbook.automation.starting import missing_secrets
from nbrunbook.errors import JournalError, NbrunbookError
from nbrunbook.project.settings import Project
from nbrunbook.runbook import program
from nbrunbook.runbook.parameters import Secret
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.running import heard_of
from nbrunbook.texts import listed
from nbrunbook.work.session import Session

BEGINS = ("run", "join", "rerun")
"""What is asked for to begin a run, or to join one."""


class RunViews:
    """What the rows of one session say of runs that cannot begin here."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session, self.project = session, project
        self._seen, self._code = -1, ""

    def held(self, step: Step, view: dict[str, Any]) -> dict[str, Any]:
        """Return a step's offers, those of a run held where it cannot begin here: the reason is told with them."""
        runs = [each for each in view["offers"] if each["ask"] in BEGINS and not each.get("held")]
        why = (self.why_not() or self._no_databases(step)) if runs else ""
        if not why:
            return view
        offers = [{**each, "held": why} if each in runs else each for each in view["offers"]]
        return {**view, "offers": offers, "cannot": why}

    def elsewhere(self, step: Step) -> str:
        """Return the host of a run of which nobody knows, where it is for that host to say whether it lives."""
        heard = heard_of(self.session.progress, self.session.progress.of(step.id))
        if heard is None or not heard.is_unknown or reporting.is_free(self.session, step.id, heard) is not None:
            return ""
        return heard.host or "its host"

    def why_not(self) -> str:
        """Return why no run can begin from here, in words; empty where it can. The code is read once an event."""
        plan = self.session.progress.plan
        if self._seen != self.session.progress.seq:
            self._code, self._seen = self._missing_code(), self.session.progress.seq
        secrets = [each.name for each in program.values_of(plan).values() if isinstance(each, Secret)]
        absent = missing_secrets(secrets)
        told = f"secrets that this kernel does not have: {listed(absent)}. Set them where 'nbrunbook work' is started"
        return self._code or (told if absent else "")

    def _no_databases(self, step: Step) -> str:
        """Why a batch cannot go through its databases from here; empty where it can, and for what is no batch."""
        if step.kind != "batch":
            return ""
        try:
            job = batch_job.job_of(self.session, self.project, step.id)
        except NbrunbookError as error:
            return str(error)
        absent = missing_secrets(batch_job.passwords_of(job))
        told = f"passwords that this kernel does not have: {listed(absent)}. Set them where 'nbrunbook work' is started"
        return told if absent else ""

    def _missing_code(self) -> str:
        try:
            program.sources(self.session.progress.plan, self.session.journal.blob)
        except JournalError:  # the header says it
            return ""
        except NbrunbookError as error:
            return str(error)
        return ""
