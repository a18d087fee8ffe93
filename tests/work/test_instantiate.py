"""Runbooks made from templates: all is checked before the first is written."""

from __future__ import annotations

import pytest

from nbrunbook.errors import NbrunbookError, ParameterError, RunbookExistsError
from nbrunbook.journal.journal import Journal
from nbrunbook.project.operator import declared
from nbrunbook.project.settings import find_project
from nbrunbook.template.named import read_named
from nbrunbook.work import instantiate
from nbrunbook.work.instantiate import RunbookRequest
from tests.conftest import PARAMETERS, WithoutExtras, Workplace
from tests.making import registered, session_on

ANA = declared("ana", "env")
STEPS = "- [ ] A {#a}"


def _asked(work: Workplace, environment: str = "staging", **more: object) -> RunbookRequest:
    project = find_project()
    template = read_named(project, work.template(STEPS))
    return RunbookRequest(
        **{"project": project, "operator": ANA, "environment": environment, "template": template, **more}
    )


def test_what_is_made_is_not_written_yet(work: Workplace) -> None:
    """Making checks and builds; publishing writes the file and registers it."""
    asked = _asked(work)
    (made,) = instantiate.make(asked, ["staging"], instantiate.known_journal(asked))
    assert (made.key, made.target) == ("staging/1.0", work.root / "runbooks" / "staging" / "1.0.ipynb")
    assert not made.target.exists()
    journal = Journal.open(asked.project.journal, create=True)
    instantiate.publish(journal, made, ANA)
    assert made.target.read_bytes() == made.built.content
    assert session_on().progress.total == 1


def test_without_papermill_the_plan_is_made_alone(work: Workplace, without_extras: WithoutExtras) -> None:
    """The same plan and facts, no notebook, and no file where one would be."""
    (work.root / "templates").mkdir()
    (work.root / "templates" / "2.0.md").write_text(STEPS, encoding="utf-8")
    asked = _asked(work, template=read_named(find_project(), work.root / "templates" / "2.0.md"))
    without_extras()
    (made,) = instantiate.make(asked, ["staging"], None)
    without_extras(False)
    (whole,) = instantiate.make(asked, ["staging"], None)
    assert (made.has_notebook, whole.has_notebook) == (False, True)
    times = ("created_at",)
    assert made.built.plan == whole.built.plan
    assert {**made.built.facts, **dict.fromkeys(times)} == {**whole.built.facts, **dict.fromkeys(times)}
    instantiate.publish(Journal.open(asked.project.journal, create=True), made, ANA)
    assert not made.target.parent.exists()
    assert session_on("staging/2.0").progress.total == 1


def test_without_a_journal_the_file_is_made_alone(work: Workplace) -> None:
    """A detached runbook stands in its place, and no journal is made."""
    asked = _asked(work, detached=True)
    (made,) = instantiate.make(asked, ["staging"], instantiate.known_journal(asked))
    instantiate.publish(None, made, ANA)
    assert made.target.exists()
    assert Journal.if_any(asked.project.journal) is None


def test_a_deployment_has_one_runbook_unless_asked_again(work: Workplace) -> None:
    """A second one is refused, and is @2 where it is asked for."""
    registered(STEPS)
    asked = _asked(work)
    known = instantiate.known_journal(asked)
    with pytest.raises(RunbookExistsError, match="open"):
        instantiate.make(asked, ["staging"], known)
    assert [each.key for each in instantiate.make(_asked(work, again=True), ["staging"], known)] == ["staging/1.0@2"]


def test_a_file_that_nobody_knows_is_not_written_over(work: Workplace) -> None:
    """What stands there is told, with what to do."""
    target = work.root / "runbooks" / "staging" / "1.0.ipynb"
    target.parent.mkdir(parents=True)
    target.touch()
    with pytest.raises(NbrunbookError, match="exists, and the journal does not know it"):
        instantiate.make(_asked(work), ["staging"], None)


def test_each_template_takes_the_values_that_it_declares(work: Workplace) -> None:
    """Of all that is pending each gets its own values; one that none declares is told, and so is a release."""
    work.template(STEPS, name="0.9", parameters=PARAMETERS.replace("1.0", "0.9") + '\nkind: str = "minor"')
    asked = _asked(work, template=None, given={"kind": "patch"})
    assert instantiate.where_it_applies(asked) == ("staging",)
    made = instantiate.make(asked, ["staging"], None)
    assert [(each.key, each.built.facts["parameters"].get("kind")) for each in made] == [
        ("staging/0.9", "patch"),
        ("staging/1.0", None),
    ]
    for given, words in (({"kinds": "a"}, "did you mean 'kind'"), ({"release": "1"}, "each template is of its own")):
        with pytest.raises(ParameterError, match=words):
            instantiate.make(_asked(work, template=None, given=given), ["staging"], None)
