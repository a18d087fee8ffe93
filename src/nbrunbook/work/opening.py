"""Opening sessions: on a runbook that the journal knows, and on a new one, which is registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nbrunbook.errors import RunbookExistsError
from nbrunbook.journal.database import COMMAND_WAIT_SECONDS
from nbrunbook.journal.entries import row_of, sha256
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import Operator
from nbrunbook.project.settings import Project
from nbrunbook.runbook import events, words
from nbrunbook.runbook.times import local
from nbrunbook.work import plan_code
from nbrunbook.work.drafts import draft_of
from nbrunbook.work.keys import known_runbook
from nbrunbook.work.lost_journals import existing_journal
from nbrunbook.work.session import Session

if TYPE_CHECKING:
    from nbrunbook.runbook.metadata import Built


def open_session(
    project: Project, key: str, operator: Operator, *, wait_seconds: float = COMMAND_WAIT_SECONDS
) -> Session:
    """Return a session on a runbook that the project's journal knows."""
    journal = existing_journal(project, wait_seconds=wait_seconds)
    runbook = known_runbook(journal, project, key)
    verified = project.settings(runbook.environment).verified_approvals
    return Session(journal, runbook, operator, project=project, verified_approvals=verified)


def register(
    journal: Journal,
    built: Built,
    operator: Operator,
    *,
    publish: Callable[[], None] = lambda: None,
) -> Session:
    """Write a new runbook to the journal and return a session on it; one without a notebook gets it later.

    NbrunbookError for code that was redacted before.
    `publish` runs inside the transaction, just before it is committed.
    """
    data = {"notebook": sha256(built.content)} if built.content else {}
    draft = draft_of("opened", "", operator, data, plan_code.contents(journal, built.code))
    journal.register(
        row_of(built.facts),
        plan_body=built.plan.body,
        notebook=built.content or None,
        opened=draft,
        at=events.now(),
        publish=publish,
    )
    return Session(journal, row_of(built.facts), operator)


def register_skipped(journal: Journal, stub: Built, operator: Operator, reason: str) -> Session:
    """Write a runbook without steps, for a release that never went there, and return a session on it.

    It is made and skipped in one transaction. `reason` was checked: see `check_texts`.
    """
    row = row_of(stub.facts)
    journal.register(
        row,
        plan_body=stub.plan.body,
        notebook=None,
        opened=draft_of("opened", "", operator, {}),
        at=events.now(),
        also=[draft_of("skipped", "", operator, {"reason": reason})],
    )
    return Session(journal, row, operator)


def free_key(journal: Journal, project: Project, deployment: str, operator: Operator, *, again: bool) -> str:
    """Return the key for a new runbook of a deployment.

    Raises RunbookExistsError where it has one already, in whatever state, unless `again` asks for another.
    """
    count, key, last = 1, deployment, None
    while (found := journal.find(project.name, key)) is not None:
        count, last = count + 1, Session(journal, found, operator)
        key = f"{deployment}@{count}"
    if last is not None and (not again):
        state, has_steps = words.state_words(last.progress, local(events.now())), bool(last.progress.plan.steps)
        raise RunbookExistsError(last.key, state, has_steps=has_steps)
    return key
