"""Whether the template of an open runbook changed since, looked up now and then."""

from __future__ import annotations

import time

from nbrunbook.errors import bug
from nbrunbook.project.settings import Project
from nbrunbook.work import template_on_disk, waiting_revision
from nbrunbook.work.session import Session

TEMPLATE_SECONDS = 5.0
"""How often the template's files are looked at."""


class TemplateWatch:
    """What a session says of its template."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session, self.project = session, project
        self._traces = template_on_disk.traces(session, project)
        self._versions = len(session.progress.versions)
        self._look_at = time.monotonic() + TEMPLATE_SECONDS
        self.words = waiting_revision.revision_waits_words(session, project)
        """That a revision waits; empty where none does."""
        self.fault = ""
        """What kept the last look from an answer, in words: a fault of ours, which stays until a look succeeds."""

    def look(self) -> None:
        """Look whether the files changed, and only then whether a revision waits; at once where one was brought.

        What is wrong with a template is for its author to see; a fault of ours is told, and asked again.
        """
        versions = len(self.session.progress.versions)
        if time.monotonic() < self._look_at and versions == self._versions:
            return
        self._look_at, self._versions = time.monotonic() + TEMPLATE_SECONDS, versions
        try:
            traces = template_on_disk.traces(self.session, self.project)
            if traces != self._traces:
                self.words = waiting_revision.revision_waits_words(self.session, self.project)
            self._traces, self.fault = traces, ""
        except Exception as error:
            self.fault = bug(error)
