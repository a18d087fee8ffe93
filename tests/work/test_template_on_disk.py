"""The template on disk: where it lies now, and whether it is still the same."""

from __future__ import annotations

from nbrunbook.project.settings import find_project
from nbrunbook.work import revision, template_on_disk
from tests.conftest import Workplace
from tests.making import put, session_on
from tests.work.conftest import DECLARED


def test_traces_tell_when_to_ask_again(key: str, work: Workplace) -> None:
    """They stay as long as nothing was written, and change with the template and with a revision."""
    session, project = session_on(key), find_project()
    before = template_on_disk.traces(session, project)
    assert template_on_disk.traces(session, project) == before
    work.template("- [ ] B, and longer than before {#b}", parameters=DECLARED)
    changed = template_on_disk.traces(session, project)
    assert changed != before
    found = revision.renew(session, project, {})
    session.revise(found.plan, template=found.template, shown=session.progress.versions[-1].plan)
    assert template_on_disk.traces(session, project) != changed


def test_a_template_that_was_cut_is_found_under_its_release(work: Workplace) -> None:
    """What stands in the folder of the next release by then is another one's, and is not asked."""
    put(work.root, templates__next__one="- [ ] A {#a}")
    assert work.run("instantiate", "templates/next", "--release", "2.0", "-e", "staging") == 0, work.err
    project, session = find_project(), session_on("staging/2.0")
    assert template_on_disk.template_path(session, project) == project.templates / "next"
    assert work.run("cut", "2.0") == 0, work.err
    put(work.root, templates__next__other="- [ ] Z {#z}")
    assert template_on_disk.template_path(session, project) == project.templates / "2.0"
    assert not template_on_disk.has_changed(session, project)
    put(work.root, **{"templates__2.0__one": "- [ ] A, otherwise {#a}"})
    assert template_on_disk.has_changed(session, project)
