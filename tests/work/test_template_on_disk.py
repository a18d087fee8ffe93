"""The template of an open runbook as it is on disk now."""

from __future__ import annotations

from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, template_on_disk
from tests.conftest import Workplace
from tests.making import put, session_on
from tests.work.conftest import OF_A_REGION, WITH_REGION


def test_traces_tell_when_to_ask_again(regional: str, work: Workplace) -> None:
    """They stay as long as nothing was written, and change with the template and with a revision."""
    session, project = session_on(regional), find_project()
    before = template_on_disk.traces(session, project)
    assert template_on_disk.traces(session, project) == before
    work.template("- [ ] B, and longer than before {#b}", parameters=WITH_REGION)
    changed = template_on_disk.traces(session, project)
    assert changed != before
    found = revision.renew(session, project, {})
    session.revise(found.plan, template=found.template, shown=session.progress.versions[-1].plan)
    assert template_on_disk.traces(session, project) != changed


def test_only_other_bytes_are_a_change(regional: str, work: Workplace) -> None:
    """A file that was written anew as it was is the same; a comment more is another file, whatever it says."""
    session, project = session_on(regional), find_project()
    work.template(OF_A_REGION, parameters=WITH_REGION)
    assert not template_on_disk.has_changed(session, project)
    work.template(f"{OF_A_REGION}\n<!-- for reviewers -->", parameters=WITH_REGION)
    assert template_on_disk.has_changed(session, project)


def test_what_is_gone_has_not_changed(regional: str, work: Workplace) -> None:
    """A template that was deleted once its release was out brings nothing, and leaves no traces of files."""
    session, project = session_on(regional), find_project()
    (work.root / "templates" / "1.0.ipynb").unlink()
    assert template_on_disk.template_path(session, project) is None
    assert not template_on_disk.has_changed(session, project)
    assert template_on_disk.traces(session, project) == (1, "open")


def test_a_standing_part_more_is_a_change(regional: str, work: Workplace) -> None:
    """The parts of every release belong to each template, also one that was added since."""
    session, project = session_on(regional), find_project()
    before = template_on_disk.traces(session, project)
    put(work.root / "templates", always__z="- [ ] Z {#z}")
    assert template_on_disk.has_changed(session, project)
    assert template_on_disk.traces(session, project) != before


def test_what_was_cut_is_found_where_it_was_moved_to(work: Workplace) -> None:
    """Once its release has a folder, what stands in templates/next by then is of the release that follows."""
    templates = work.root / "templates"
    put(templates, next__a="- [ ] A {#a}")
    assert work.run("instantiate", "next", "-e", "staging", "--release", "1.1") == 0, work.err
    session, project = session_on("staging/1.1"), find_project()
    assert template_on_disk.template_path(session, project) == templates / "next"
    assert work.run("cut", "1.1") == 0, work.err
    put(templates, next__b="- [ ] B {#b}")
    assert template_on_disk.template_path(session, project) == templates / "1.1"
    assert not template_on_disk.has_changed(session, project)
