"""For a project's own tests: while they run there is no journal, unless one asks for it.

    from nbrunbook.django.test import journal

    class ReleaseTests(TestCase):
        @journal()
        def test_the_page_lists_the_release(self): ...

This address never moves.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.test.utils import TestContextDecorator

from nbrunbook.django import journal_place
from nbrunbook.project.settings import Project

VARIABLE = "NBRUNBOOK_JOURNAL"
__all__ = ["journal"]


class journal(TestContextDecorator):  # noqa: N801 – as Django's override_settings
    """An empty journal of the test's own: a context manager, and a decorator of tests and of test cases.

    It is a file in a folder that goes with it; runbooks and records are written there too, and the programs that the
    test starts have the journal as well.
    `with journal() as project:` gives the project that it belongs to; a decorated test case has it as the attribute
    that `attr_name` names, a decorated function gets it as the argument that `kwarg_name` names.
    """

    def __init__(self, attr_name: str | None = None, kwarg_name: str | None = None) -> None:
        super().__init__(attr_name, kwarg_name)
        self._begun: list[ExitStack] = []

    def enable(self) -> Project:
        """Make the journal, and return the project."""
        # Loaded when it is asked for: most tests have no journal.
        from nbrunbook.django import site
        from nbrunbook.journal.journal import Journal

        with ExitStack() as made:
            folder = Path(made.enter_context(tempfile.TemporaryDirectory(prefix="nbrunbook-test-")))
            url = journal_place.in_folder(folder)
            Journal.open(url, create=True).close()
            made.callback(_set, os.environ.get(VARIABLE))
            _set(url)
            made.callback(journal_place.give_up)
            journal_place.ask_for(folder)
            project = site.project()
            self._begun.append(made.pop_all())
        return project

    def disable(self) -> None:
        """Take it away, with all that is in its folder."""
        self._begun.pop().close()


def _set(url: str | None) -> None:
    """Say where the journal is to the programs that a test starts."""
    if url is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = url


if "pytest" in sys.modules:
    import pytest

    __all__ += ["nbrunbook_journal"]

    @pytest.fixture
    def nbrunbook_journal() -> Any:
        """An empty journal of the test's own; the project that it belongs to."""
        with journal() as project:
            yield project
