"""Whether a revision waits: an open runbook's template was changed and gives other steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import NbrunbookError, TemplateError
from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, template_on_disk, waiting_revision
from tests.conftest import WithoutExtras, Workplace
from tests.making import session_on
from tests.work.conftest import OF_A_REGION, WITH_REGION


def test_a_revision_waits_once_the_steps_are_others(regional: str, work: Workplace) -> None:
    """Another file with the same steps brings nothing, a closed runbook takes nothing, and a fault waits."""
    project, session = find_project(), session_on(regional)
    assert not waiting_revision.waits(session, project)
    assert waiting_revision.revision_waits_words(session, project) == ""
    work.template(f"{OF_A_REGION}\n<!-- for reviewers -->", parameters=WITH_REGION)
    assert not waiting_revision.waits(session, project)
    work.template("- [ ] B {#b}", parameters=WITH_REGION)
    assert (
        waiting_revision.revision_waits_words(session, project)
        == f"the template changed since: nbrunbook revise {regional}"
    )
    work.template("- [ ] B {#b}\n- [ ] C {#b}", parameters=WITH_REGION)
    assert waiting_revision.waits(session, project)
    with pytest.raises(TemplateError, match="RB103"):
        revision.renew(session, project, {})
    session.append("abandoned", data={"reason": "rolled back"})
    assert not waiting_revision.waits(session, project)


def test_a_template_that_is_gone_brings_nothing(regional: str, work: Workplace) -> None:
    """Nothing waits for it, and whoever asks for it is told."""
    (work.root / "templates" / "1.0.ipynb").unlink()
    session, project = session_on(regional), find_project()
    assert template_on_disk.template_path(session, project) is None
    assert not waiting_revision.waits(session, project)
    with pytest.raises(NbrunbookError, match=r"the template 1\.0 of staging/1\.0 is not there"):
        revision.renew(session, project, {})


def test_what_cannot_be_looked_up_is_not_said_to_wait(
    regional: str, work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is no notebook is its author's to mend first, and one that cannot be read is no news."""
    session, project = session_on(regional), find_project()
    template = work.root / "templates" / "1.0.ipynb"
    template.write_text("{", encoding="utf-8")
    assert not waiting_revision.waits(session, project)

    def locked(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", locked)
    assert not waiting_revision.waits(session, project)


def test_a_notebook_is_compared_also_where_nothing_checks_notebooks(
    regional: str, work: Workplace, without_extras: WithoutExtras
) -> None:
    """Its steps can be read without nbformat: what is only laid out otherwise is no revision."""
    session, project = session_on(regional), find_project()
    without_extras()
    assert not waiting_revision.waits(session, project)
    template = work.root / "templates" / "1.0.ipynb"
    template.write_bytes(template.read_bytes() + b"\n")
    assert not waiting_revision.waits(session, project)
    template.write_bytes(template.read_bytes().replace(b"- [ ] ", b"- [ ] Now "))
    assert waiting_revision.waits(session, project)


def test_a_revision_that_was_brought_waits_no_longer(regional: str, work: Workplace) -> None:
    """It is compared with the plan in force, and no longer with the one that the runbook was made with."""
    session, project = session_on(regional), find_project()
    work.template("- [ ] B {#b}", parameters=WITH_REGION)
    found = revision.renew(session, project, {})
    session.revise(found.plan, template=found.template, shown=session.plan)
    assert not waiting_revision.waits(session, project)
    work.template(OF_A_REGION, parameters=WITH_REGION)
    assert waiting_revision.waits(session, project)


def test_an_unchanged_template_is_not_read(regional: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A live runbook asks every few seconds: nothing that reads templates is called for files that are the same."""
    monkeypatch.setattr(revision, "replan", None)
    assert not waiting_revision.waits(session_on(regional), find_project())
