"""A runbook's own notebook: built where none was made, from the very template, and journaled once."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.errors import RunbookError
from nbrunbook.extras import MissingExtraError
from nbrunbook.journal.entries import sha256
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from nbrunbook.runbook import events
from nbrunbook.work.own_notebook import NOT_FOUND, as_made, built, cells, held, lacks_words, own_notebook
from nbrunbook.work.session import Session
from tests.conftest import WithoutExtras, Workplace
from tests.making import forget, session_on

pytestmark = pytest.mark.usefixtures("engine")

TEMPLATE = """\
```python parameters
release: str = "1.0"
environment: str = "staging"
kind: str = "minor"
token: Secret = Secret("API_TOKEN")
schema: Version = Version("2.5")
share: float = 0.5
hosts: list[str] = ["a", "b"]
region: str | None = None
```

# Release {{release}}

Whoever does this reads it first: [notes](notes.md).

## Tell people
- [ ] Mail {{kind}} {#mail}

## Switch over {.gate}
Take care.

- [ ] Press *Promote* {#promote}
"""


WRITTEN = "Whoever does this"
"""A text beside the steps: a plan does not hold it."""


@pytest.fixture
def git(work: Workplace) -> None:
    """The project is a repository with its template committed."""
    Path("templates").mkdir()
    Path("templates/1.0.md").write_text(TEMPLATE, encoding="utf-8")
    Path("templates/notes.md").write_text("Notes.\n", encoding="utf-8")
    _git("init", "-q")
    _commit()


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=ana", "-c", "user.email=a@b", *arguments], check=True)


def _commit() -> None:
    _git("add", "--all")
    _git("commit", "-q", "-m", "a step")


def _instantiate(work: Workplace) -> Session:
    assert work.run("instantiate", "templates/1.0.md", "-e", "staging", "-p", "kind", "patch") == 0, work.err
    return session_on()


@pytest.fixture
def planned(work: Workplace, git: None, without_extras: WithoutExtras) -> Session:
    """A runbook that was instantiated where no papermill is: by its plan alone."""
    without_extras()
    session = _instantiate(work)
    assert "no notebook yet" in work.out
    without_extras(False)
    return session


def _texts(content: bytes) -> str:
    return "\n".join(cell["source"] for cell in notebook.parse(content, Path("x.ipynb")).cells)


def _opened(session: Session) -> list[dict[str, str]]:
    session.refresh()
    return [dict(event.data) for event in session.events if event.kind == "opened"]


def test_by_its_plan_alone_it_is_whole_for_all_that_needs_no_notebook(
    work: Workplace, git: None, without_extras: WithoutExtras
) -> None:
    """Steps are ticked and signed off, shown, exported and verified; no file is written for it."""
    without_extras()
    session = _instantiate(work)
    assert json.loads(work.out) if work.out.startswith("{") else "open it with: nbrunbook work staging/1.0" in work.out
    assert not Path("runbooks").exists()
    for command in (
        *(("tick", "staging/1.0", "mail"), ("tick", "staging/1.0", "promote"), ("sign-off", "staging/1.0")),
        *(("status", "staging/1.0", "--check"), ("verify", "staging/1.0"), ("verify", "--all"), ("history",)),
        *(("journal", "staging/1.0"), ("pending", "--check")),
    ):
        assert work.run(*command) == 0, work.err
    assert work.run("export", "staging/1.0") == 0, work.err
    assert "- [x] Mail patch" in work.out
    assert "Take care." in work.out
    assert held(session) is None


def test_it_is_the_notebook_that_instantiate_would_have_made(
    work: Workplace, planned: Session, without_extras: WithoutExtras
) -> None:
    """To the byte, for the same facts: values of every kind, texts, links and all."""
    late = own_notebook(planned, find_project())
    forget(work)
    made = held(_instantiate(work))
    assert made is not None
    facts = [notebook.parse(each, Path("x.ipynb")).metadata["nbrunbook"] for each in (late, made)]
    for name in ("created_at", "digest"):
        for each, values in zip((0, 1), facts, strict=True):
            text = (late, made)[each].replace(values[name].encode(), name.encode())
            late, made = (text, made) if each == 0 else (late, text)
    assert late == made


def test_it_goes_into_the_journal_once(planned: Session) -> None:
    """A second `opened` names it; whoever asks again, or comes second, gets the same one."""
    project, other = find_project(), session_on(operator="ben")
    first = own_notebook(planned, project)
    assert own_notebook(planned, project) == own_notebook(other, project) == first
    assert [sorted(each) for each in _opened(planned)] == [[], ["notebook"]]
    assert planned.progress.created_at == planned.events[0].at


def test_the_loser_of_a_race_takes_the_winner_s(planned: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both build one, and the second finds the first one's in the journal."""
    project, other = find_project(), session_on(operator="ben")
    late = built(other, project).replace(b"Whoever", b"WHOEVER")
    first = own_notebook(planned, project)
    monkeypatch.setattr("nbrunbook.work.own_notebook.built", lambda *_: late)
    assert own_notebook(other, project) == first != late
    assert len(_opened(planned)) == 2
    assert planned.journal.blob(_opened(planned)[1]["notebook"]) == first


def test_without_papermill_nothing_is_journaled(planned: Session, without_extras: WithoutExtras) -> None:
    """It says what to install, and the journal stays as it was."""
    without_extras()
    with pytest.raises(MissingExtraError, match=r"the notebook of staging/1\.0 cannot be made: nbrunbook\[ci\]"):
        own_notebook(planned, find_project())
    assert len(_opened(planned)) == 1


def test_a_template_that_changed_is_taken_from_git(planned: Session) -> None:
    """The checkout's has other bytes by now: the commit that the runbook names has the very ones."""
    Path("templates/1.0.md").write_text(TEMPLATE.replace("Whoever", "Nobody who"), encoding="utf-8")
    _commit()
    assert WRITTEN in _texts(own_notebook(planned, find_project()))


def test_a_template_in_a_folder_of_a_repository_is_found_too(
    work: Workplace, git: None, without_extras: WithoutExtras, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project is a folder in its repository, and the template is gone from the checkout."""
    Path("sub").mkdir()
    for name in ("templates", "pyproject.toml"):
        shutil.move(name, "sub")
    _commit()
    monkeypatch.chdir("sub")
    without_extras()
    session = _instantiate(work)
    without_extras(False)
    shutil.rmtree("templates")
    assert WRITTEN in _texts(own_notebook(session, find_project()))


def test_a_template_that_is_nowhere_leaves_its_steps(planned: Session) -> None:
    """The plan's own sections are laid out, and the notebook says what is not there."""
    shutil.rmtree(".git")
    shutil.rmtree("templates")
    text = _texts(own_notebook(planned, find_project()))
    assert NOT_FOUND in text
    assert re.search(
        r"## Tell people\n# Nothing.*\nfrom.*\nrunbook\.checklist\(\"tell-people\"\)\n## Switch over\n", text
    )
    assert 'kind = "patch"' in text
    assert WRITTEN not in text


def test_a_template_is_known_by_its_bytes_whatever_is_wrong_with_it_now(work: Workplace, planned: Session) -> None:
    """A finding that came later, such as an environment that is gone, does not hide it."""
    (work.root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\n[tool.nbrunbook.environments.production]\n', encoding="utf-8"
    )
    facts: dict[str, Any] = planned.runbook.facts
    assert facts["template"]["parts"][0]["sha256"] == sha256(Path("templates/1.0.md").read_bytes())
    assert WRITTEN in _texts(own_notebook(planned, find_project()))


def test_a_clone_that_lacks_the_commit_keeps_its_notebook_to_itself(planned: Session) -> None:
    """Another clone has what the author wrote: the journal waits for that one, and the words say what to do."""
    shutil.rmtree("templates")
    Path("elsewhere").mkdir()
    for name in ("objects", "refs"):
        shutil.move(f".git/{name}", f"elsewhere/{name}")
    _git("init", "-q")
    project = find_project()
    told = lacks_words(planned, project)
    assert re.fullmatch(r"git here does not know the commit [0-9a-f]{12} that staging/1\.0 .*'git fetch' first.*", told)
    assert NOT_FOUND in _texts(own_notebook(planned, project))
    assert len(_opened(planned)) == 1
    for name in ("objects", "refs"):
        shutil.rmtree(f".git/{name}")
        shutil.move(f"elsewhere/{name}", f".git/{name}")
    assert lacks_words(planned, project) == ""
    assert WRITTEN in _texts(own_notebook(planned, project))
    assert len(_opened(planned)) == 2


def test_a_template_that_cut_moved_is_found_in_its_new_place(work: Workplace, without_extras: WithoutExtras) -> None:
    """The parts of the next release have got its name since, and git never knew them."""
    Path("templates/next").mkdir(parents=True)
    Path("templates/next/a.md").write_text(TEMPLATE.replace('release: str = "1.0"', "release: str"), encoding="utf-8")
    without_extras()
    assert work.run("instantiate", "next", "-e", "staging", "--release", "1.0") == 0, work.err
    without_extras(False)
    assert work.run("cut", "1.0") == 0, work.err
    assert WRITTEN in _texts(own_notebook(session_on(), find_project()))


def test_headings_of_a_plan_are_text(work: Workplace, git: None, without_extras: WithoutExtras) -> None:
    """Where the template is nowhere, a heading stands at its level, and nothing in it is markup or a value."""
    Path("templates/1.0.md").write_text("### Drop `old_*` & <b> {{kinds}}\n\n- [ ] A {#a}\n", encoding="utf-8")
    _commit()
    without_extras()
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    without_extras(False)
    session = session_on()
    shutil.rmtree(".git")
    shutil.rmtree("templates")
    made = cells(session, find_project())
    (heading,) = [cell["source"] for cell in made if cell["source"].startswith("###")]
    drawn = draw(heading, Fill())
    assert drawn.startswith("<h3")
    assert html.unescape(re.sub("<[^>]+>", "", drawn)).strip() == session.plan.sections[-1].title


def test_a_value_that_no_notebook_can_hold_is_refused_at_once(
    work: Workplace, git: None, without_extras: WithoutExtras
) -> None:
    """Otherwise a runbook could be worked through that nobody can ever open or archive."""
    Path("templates/1.0.md").write_text(TEMPLATE.replace("{{release}}", "`x {{kind}} y`"), encoding="utf-8")
    without_extras()
    assert work.run("instantiate", "1.0", "-e", "staging", "-p", "kind", "a`b") == 1
    assert "cannot be written into" in work.err
    assert work.run("status", "staging/1.0") == 1


def test_an_id_that_somebody_took_does_not_keep_it_from_the_journal(planned: Session) -> None:
    """Ids can be computed by anybody: another event of that id is no notebook."""
    planned.append("noted", data={"note": "x"}, event_id=events.derived_id("notebook", planned.runbook.digest))
    first = own_notebook(planned, find_project())
    assert planned.journal.blob(_opened(planned)[1]["notebook"]) == first
    assert own_notebook(session_on(), find_project()) == first


def test_who_closes_it_meanwhile_is_not_hindered(work: Workplace, planned: Session) -> None:
    """The notebook is shown, and the journal takes nothing any more."""
    assert work.run("abandon", "staging/1.0", "--reason", "x") == 0, work.err
    assert planned.progress.state == "open"
    assert WRITTEN in _texts(own_notebook(planned, find_project()))
    assert len(_opened(planned)) == 1


def test_a_copy_of_before_the_reopening_is_not_all(work: Workplace, planned: Session) -> None:
    """It was made while nothing could be journaled: the next session writes a notebook there, and leaves the copy."""
    assert work.run("abandon", "staging/1.0", "--reason", "x") == 0, work.err
    planned.refresh()
    copy = session_copy(planned, find_project())
    before = copy.read_bytes()
    assert work.run("reopen", "staging/1.0", "--reason", "x") == 0, work.err
    planned.refresh()
    session_copy(planned, find_project())
    assert (copy.read_bytes(), len(_opened(planned))) == (before, 2)


def test_history_tells_once_that_it_was_made(work: Workplace, planned: Session) -> None:
    """Its notebook is nothing that happened to the deployment."""
    own_notebook(planned, find_project())
    assert work.run("history") == 0
    assert work.out.count("made by") == 1


def test_names_that_lead_out_of_the_project_are_not_followed(planned: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a row says of parts is not to be trusted further than the project's own folders."""
    Path("../away.md").write_text(TEMPLATE, encoding="utf-8")
    facts: dict[str, Any] = planned.runbook.facts
    facts["template"]["parts"][0]["path"] = "../away.md"
    shutil.rmtree(".git")
    shutil.rmtree("templates")
    monkeypatch.setattr(type(planned.runbook), "facts", property(lambda _: facts))
    assert WRITTEN not in "\n".join(cell["source"] for cell in cells(planned, find_project()))


def test_one_that_is_closed_is_shown_and_not_written_to(work: Workplace, planned: Session) -> None:
    """A signed-off runbook takes no `opened` any more; its session copy is made all the same."""
    for command in (("tick", "staging/1.0", "mail"), ("tick", "staging/1.0", "promote"), ("sign-off", "staging/1.0")):
        assert work.run(*command) == 0, work.err
    planned.refresh()
    copy = session_copy(planned, find_project())
    assert WRITTEN in _texts(copy.read_bytes())
    assert len(_opened(planned)) == 1


def test_its_record_is_the_same_as_ever(work: Workplace, planned: Session) -> None:
    """All that the author wrote is in the record of a runbook that never had a notebook."""

    def record() -> str:
        for command in (("tick", "staging/1.0", "mail"), ("tick", "staging/1.0", "promote")):
            assert work.run(*command) == 0, work.err
        assert work.run("sign-off", "staging/1.0") == 0, work.err
        assert work.run("archive", "staging/1.0") == 0, work.err
        assert work.run("verify", "records/staging/1.0.html") == 0, work.err
        page = Path("records/staging/1.0.html").read_text(encoding="utf-8")
        shutil.rmtree("records")
        shown = page[page.index("<main>") : page.index("</main>")]
        return re.sub(r"[0-9a-f]{64}|\d\d:\d\d(:\d\d(\.\d+Z)?)?", "…", shown)

    late = record()
    forget(work)
    shutil.rmtree("runbooks", ignore_errors=True)
    _instantiate(work)
    assert [line for line in record().splitlines() if "opened" not in line] == [
        line for line in late.splitlines() if "opened" not in line
    ]
    assert WRITTEN in late


def test_a_release_that_never_went_there_has_no_cells(work: Workplace) -> None:
    """It has no template to build from."""
    assert work.run("skip", "staging/0.9", "--reason", "withdrawn") == 0, work.err
    session = session_on("staging/0.9")
    assert as_made(session, find_project()) == []
    for ask in (own_notebook, cells):
        with pytest.raises(RunbookError, match="it was skipped for a release that never went there"):
            ask(session, find_project())
    assert work.run("export", "staging/0.9") == 1
    assert "skipped for a release" in work.err
