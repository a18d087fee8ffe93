"""Session copies: made from the journal's own notebook, and never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.documents import files, trust
from nbrunbook.errors import RunbookError
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import forget, raw_journal, session_on

pytestmark = pytest.mark.usefixtures("engine")

FILE = Path("runbooks") / "staging" / "1.0.ipynb"
COPY = Path("runbooks") / "_sessions" / "staging@1.0.ipynb"


def test_a_copy_that_is_there_stays(work: Workplace, runbook: MakeRunbook) -> None:
    """An existing session copy is never written over: an operator may have it open."""
    session, project = session_on(runbook("- [ ] A {#a}")), find_project()
    assert session_copy(session, project) == work.root / COPY
    content = COPY.read_bytes() + b"\n"
    assert trust.is_signed(content)
    COPY.write_bytes(content)
    assert session_copy(session, project) == work.root / COPY
    assert COPY.read_bytes() == content


def test_a_copy_is_signed_before_it_is_there(
    work: Workplace, runbook: MakeRunbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two `work` at the same moment one would put the other's copy aside as not signed."""
    written = []
    write = files.write

    def noting(path: Path, content: bytes, **more: bool) -> None:
        written.append(path.name == COPY.name and trust.is_signed(content))
        write(path, content, **more)

    monkeypatch.setattr(files, "write", noting)
    session_copy(session_on(runbook("- [ ] A {#a}")), find_project())
    assert written[-1] is True


def test_a_copy_needs_only_the_journal(work: Workplace, runbook: MakeRunbook) -> None:
    """The session copy comes from the journal, so that the key is enough on any machine."""
    key, content = runbook("- [ ] A {#a}"), FILE.read_bytes()
    FILE.unlink()
    session_copy(session_on(key), find_project())
    assert COPY.read_bytes() == content


def test_a_copy_is_none_of_gits_business(work: Workplace, runbook: MakeRunbook) -> None:
    """What operators have open is never committed."""
    session_copy(session_on(runbook("- [ ] A {#a}")), find_project())
    assert (COPY.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_copy_of_an_earlier_journal_is_put_aside(work: Workplace, runbook: MakeRunbook) -> None:
    """Another runbook had the same key in a journal that is lost: its copy is kept, and not taken for this one's."""
    session_copy(session_on(runbook("- [ ] A {#a}")), find_project())
    before = COPY.read_bytes()
    forget(work)
    FILE.unlink()
    session_copy(session_on(runbook("- [ ] A {#a}")), find_project())
    assert COPY.read_bytes() == FILE.read_bytes() != before
    assert COPY.with_name("staging@1.0 (of an earlier journal).ipynb").read_bytes() == before


def test_a_half_saved_copy_is_put_aside(work: Workplace, runbook: MakeRunbook) -> None:
    """What cannot be read just now is kept, and not opened: another program may read it, and run it."""
    session, project = session_on(runbook("- [ ] A {#a}")), find_project()
    own = session_copy(session, project).read_bytes()
    COPY.write_bytes(b'{"cells": [')
    assert session_copy(session, project).read_bytes() == own
    assert COPY.with_name("staging@1.0 (not readable).ipynb").read_bytes() == b'{"cells": ['


def test_a_runbook_without_a_notebook_says_why(work: Workplace, runbook: MakeRunbook) -> None:
    """A release that never went there has none; of any other one the journal lost it."""
    assert work.run("skip", "staging/0.9", "--reason", "withdrawn") == 0, work.err
    with pytest.raises(RunbookError, match=r"staging/0\.9 has no notebook: it was skipped"):
        session_copy(session_on("staging/0.9"), find_project())
    key = runbook("- [ ] A {#a}")
    with raw_journal(without="blob") as raw:
        raw.execute("DELETE FROM blob")
    with pytest.raises(RunbookError, match=r"the journal holds no notebook for staging/1\.0"):
        session_copy(session_on(key), find_project())
    assert not COPY.exists()
