"""Snapshots: a template, a runbook and a plan, each as what a review compares."""

from __future__ import annotations

from nbrunbook.documents import notebook
from nbrunbook.review import snapshot
from nbrunbook.review.compare import compare
from nbrunbook.runbook.metadata import read_runbook
from nbrunbook.template.template import read_template
from tests.comparing import side
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.template.conftest import BATCH

MARKDOWN = """## Tell {owner=ops}
In {{environment}}:
- [ ] Mail {{release}} {#mail .approval}
  Twice.

## Read
Text."""


def test_a_template_is_taken_as_it_is_written() -> None:
    """Steps by their ids with attributes and text, sections, and cells without steps; values are not put in."""
    found = side(MARKDOWN)
    (step,) = found.steps
    assert (step.title, step.text.strip(), step.section, step.parent) == ("Mail {{release}}", "Twice.", "tell", None)
    assert (step.facts[".approval"], found.section_by_id["tell"].facts["owner"]) == ("", "ops")
    assert [each.text for each in found.texts] == ["## Read\nText."]
    assert found.by_id == {"mail": step}


def test_a_runbook_and_its_template_say_the_same(work: Workplace, runbook: MakeRunbook) -> None:
    """A template with a runbook's values is what the runbook was made as; another value is no change of a step."""
    runbook(MARKDOWN)
    path = work.root / "runbooks" / "staging" / "1.0.ipynb"
    made = read_runbook(path.read_bytes(), path).plan
    old = snapshot.of_runbook(notebook.read(path), made, "the runbook")
    template = read_template(work.root / "templates" / "1.0.ipynb")
    assert compare(old, snapshot.as_planned(template, made, "runbooks/staging", "the template")).changes == ()
    work.template(MARKDOWN.replace("Twice", "Once"))
    again = read_template(work.root / "templates" / "1.0.ipynb")
    (change,) = compare(old, snapshot.as_planned(again, made, "runbooks/staging", "the template")).changes
    assert (change.id, [edit.name for edit in change.edits]) == ("mail", ["body"])


def test_a_plan_has_the_steps_of_its_runbook(work: Workplace, runbook: MakeRunbook) -> None:
    """Without the notebook around them steps and sections are the same, and there are no other cells."""
    runbook(MARKDOWN)
    path = work.root / "runbooks" / "staging" / "1.0.ipynb"
    made = read_runbook(path.read_bytes(), path).plan
    whole, bare = snapshot.of_runbook(notebook.read(path), made, "a"), snapshot.of_plan(made, "b")
    assert (bare.steps, bare.parameters) == (whole.steps, whole.parameters)
    assert [each.id for each in bare.sections] == [each.id for each in whole.sections]
    assert (bare.texts, bare.code) == ((), ())


def test_a_value_that_no_longer_fits_is_left_out(work: Workplace, runbook: MakeRunbook) -> None:
    """Where a parameter changed its type, the template is planned with its own default."""
    runbook("- [ ] A {#a}", parameters='release: str = "1.0"\nenvironment: str = "staging"\nx: str = "word"')
    path = work.root / "runbooks" / "staging" / "1.0.ipynb"
    made = read_runbook(path.read_bytes(), path).plan
    work.template("- [ ] A {#a}", parameters='release: str = "1.0"\nenvironment: str = "staging"\nx: int = 7')
    now = snapshot.as_planned(read_template(work.root / "templates" / "1.0.ipynb"), made, "runbooks", "now")
    assert {each.id: each.text for each in now.parameters}["x"] != "word"
    assert compare(snapshot.of_plan(made, "then"), now).changes[0].subject == "parameter"


def test_a_batch_of_a_runbook_is_that_of_its_template(work: Workplace) -> None:
    """With the values that the runbook was made with, so that only what its author changed is told."""
    code = BATCH.replace("['eu']", "places, max_errors=most, throttle=[window('22:00', '06:00')]")
    code = f"from nbrunbook import batch, window\n{code}"
    declared = f"{PARAMETERS}\nplaces: list[str] = ['eu']\nmost: int = 3"
    work.template("- [ ] A {#a}", parameters=declared, code=code)
    assert work.run("instantiate", "1.0", "-e", "staging", "-p", "places", "us,eu") == 0, work.err
    assert work.run("diff", "runbooks/staging/1.0.ipynb", "--exit-code") == 0, work.out
    work.template("- [ ] A {#a}", parameters=declared, code=code.replace("=most", "=5"))
    assert work.run("diff", "runbooks/staging/1.0.ipynb") == 0, work.err
    assert "more rows may be refused before it stops" in work.out
    assert "does has changed" not in work.out


def test_the_code_of_a_runbook_is_that_of_its_template(work: Workplace) -> None:
    """A runbook with automated steps is what its template is, and what it does is what changes."""
    code = "@check('a', attempts=tries)\ndef look():\n    return 'green'"
    declared = f"from nbrunbook import check\n{PARAMETERS}\ntries: int = 3"
    work.template("- [ ] A {#a}", parameters=declared, code=code)
    assert work.run("instantiate", "1.0", "-e", "staging", "-p", "tries", "5") == 0, work.err
    assert work.run("diff", "runbooks/staging/1.0.ipynb", "--exit-code") == 0, work.out
    work.template("- [ ] A {#a}", parameters=declared, code=code.replace("green", "blue"))
    assert work.run("diff", "runbooks/staging/1.0.ipynb") == 0, work.err
    assert "return '[-green-]{+blue+}'" in work.out
    assert "attempts" not in work.out.partition("Other changes")[0]
