"""The code that a plan names, on its way into a journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbrunbook.documents import notebook
from nbrunbook.errors import NbrunbookError, NotebookError
from nbrunbook.journal.journal import Journal
from nbrunbook.runbook.metadata import Built
from nbrunbook.runbook.program import as_kept, named
from nbrunbook.template.bindings import code_in


def contents(journal: Journal, code: Sequence[str]) -> tuple[bytes, ...]:
    """Return the blobs that go in with a plan; NbrunbookError where one was redacted: it would be there again."""
    for source in code:
        if journal.blob(named(source)) == b"":
            raise NbrunbookError(
                f"a code cell of the template ({named(source)[:12]}…) was redacted from the journal before",
                "code without what may not stay",
                "take it out of the template: a Secret parameter names the environment variable that holds a secret",
            )
    return tuple(map(as_kept, code))


def with_code(built: Built, path: Path) -> Built:
    """Return a runbook that was read from its file with the code that its plan names, which stands in its cells.

    NotebookError where it does not any more.
    """
    if not built.plan.code:
        return built
    code = code_in(notebook.parse(built.content, path).cells)
    if tuple(map(named, code)) != built.plan.code:
        expected = "the code cells that the runbook was made with"
        raise NotebookError(path, "its code was edited", expected, "take the file as it was made")
    return replace(built, code=code)
