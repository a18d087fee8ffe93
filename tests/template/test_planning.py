"""Planning: what a template becomes with values, and what its `when` leaves out."""

from __future__ import annotations

import json
import unicodedata

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook import program, replay
from nbrunbook.runbook.plan import Plan
from tests.conftest import PARAMETERS, Workplace
from tests.making import kinds, plan_of


def applies(made: Plan) -> dict[str, bool | None]:
    """Return which steps apply."""
    return {step.id: step.applies for step in made.steps}


def test_a_plan_depends_on_nothing_but_template_and_parameters() -> None:
    """The same template and parameters give the same digest, another value another one."""
    text = "- [ ] a {{x}} {#a}"
    plan_of.cache_clear()
    first = kinds(text).digest
    plan_of.cache_clear()
    assert kinds(text).digest == first
    assert kinds(text, x="other").digest != first


def test_when_is_decided_and_stays_in_the_plan() -> None:
    """What `when` leaves out stays in the plan as not applicable."""
    text = "- [ ] a {#a when=\"kind != 'patch'\"}\n- [ ] b {#b}"
    assert applies(kinds(text)) == {"a": True, "b": True}
    assert applies(kinds(text, kind="patch")) == {"a": False, "b": True}
    assert kinds(text, kind="patch").by_id["a"].when == "kind != 'patch'"


def test_when_is_inherited_from_headings_and_steps() -> None:
    """A heading's `when` holds for its steps and the headings below, a step's for its sub-steps: all must hold."""
    made = kinds(
        "# A {when=\"kind == 'minor'\"}\n- [ ] a {#a}\n## B\n- [ ] b {#b when=\"x == 'no'\"}\n"
        "  - plain\n    - [ ] c {#c}\n      - [ ] d {#d when=\"kind == 'minor'\"}\n# C\n- [ ] e {#e}"
    )
    assert applies(made) == {"a": True, "b": False, "b-plain": False, "c": False, "d": False, "e": True}


@pytest.mark.parametrize(("kind", "x"), [("minor", "yes"), ("minor", "no"), ("patch", "yes"), ("patch", "no")])
def test_all_conditions_must_hold(kind: str, x: str) -> None:
    """An `or` in one condition does not weaken another."""
    text = "# A {when=\"kind == 'minor' or kind == 'major'\"}\n- [ ] a {#a when=\"x == 'yes' or x == 'y'\"}"
    text += "\n  - [ ] b {#b}"
    made = kinds(text, kind=kind, x=x)
    assert applies(made) == dict.fromkeys(["a", "b"], kind == "minor" and x == "yes")


def test_a_when_without_a_value_is_open() -> None:
    """Where a parameter has no value yet the plan does not know, and neither do the sub-steps."""
    declared = "release: str\nenvironment: str\nregion: str"
    made = plan_of("- [ ] a {#a when=\"region == 'eu'\"}\n  - [ ] b {#b}", declare=declared)
    assert applies(made) == {"a": None, "b": None}


def test_a_when_that_cannot_be_compared_is_an_expected_error(work: Workplace) -> None:
    """A value that makes a `when` senseless is an error before anything is written."""
    path = work.template('- [ ] a {#a when="release < 2"}')
    assert work.run("plan", path) == 1
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "cannot be decided" in work.err
    assert not (work.root / "runbooks").exists()


GROUP = "- [ ] nodes: {#nodes .group}\n  - [ ] web {#web when=\"kind == 'major'\"}\n  - [ ] db {#db when=\"x == 'db'\"}"


def test_a_group_has_no_box_while_it_has_sub_steps() -> None:
    """A `.group` and a plain bullet over steps are groups, a step with sub-steps is not."""
    made = kinds(f"{GROUP}\n- [ ] own {{#own}}\n  - [ ] a {{#a}}\n- plain\n  - [ ] b {{#b}}", x="db")
    assert [step.id for step in made.steps if step.is_group] == ["nodes", "plain"]


def test_a_group_without_sub_steps_is_an_ordinary_step() -> None:
    """If `when` removes every sub-step of a `.group`, it has a box of its own; so it has without any."""
    made = kinds(f"{GROUP}\n- [ ] lone {{#lone .group}}")
    assert [step.id for step in made.steps if step.is_group] == []
    assert replay.start(made).total == 2


@pytest.mark.parametrize("between", ["- plain", "- [ ] inner {#inner .group when=\"kind == 'major'\"}"])
def test_a_group_whose_deep_sub_steps_fall_away_is_an_ordinary_step(between: str) -> None:
    """A group in which only an empty group is left has nothing to be settled by: it keeps its box."""
    made = kinds(f"- [ ] all: {{#all .group}}\n  {between}\n    - [ ] web {{#web when=\"kind == 'major'\"}}")
    assert not made.by_id["all"].is_group
    assert [step.id for step in replay.start(made).counted] == ["all"]


def test_attributes_become_facts() -> None:
    """Owner, evidence, after, wait and due are read, and values are put into them."""
    made = kinds(
        "# A {owner={{x}}}\n- [ ] a {#a}\n"
        '- [ ] b {{x}} {#b owner="the {{kind}} team" evidence="link to {{x}}" as=link '
        'after="a, 1.0#c" wait=24h due={{kind}}d}',
        kind="7",
    )
    a, b = made.steps
    assert (a.owner, a.wait_seconds, a.due_seconds, a.after) == ("word", None, None, ())
    assert (b.title, b.owner, b.evidence, b.as_) == ("b word", "the 7 team", "link to word", "link")
    assert (b.after, b.wait_seconds, b.due_seconds) == (("a", "1.0#c"), 86_400, 604_800)


@pytest.mark.parametrize("key", ["wait", "due"])
def test_a_value_that_is_no_duration_is_an_expected_error(key: str) -> None:
    """A duration that a value makes senseless is an error that names the step."""
    with pytest.raises(NbrunbookError, match="step a: 'soon' is no duration"):
        kinds(f"- [ ] a {{#a {key}={{{{x}}}}}}", x="soon")


def test_a_step_s_attributes_are_its_own() -> None:
    """A step's flags, owner and evidence are not inherited by its sub-steps; a heading's owner and .optional are."""
    made = kinds("# A {owner=o .optional}\n- [ ] a {#a owner=x .approval .once evidence=e}\n  - [ ] b {#b}")
    assert (made.by_id["b"].owner, made.by_id["b"].flags, made.by_id["b"].evidence) == ("o", ("optional",), None)


def test_a_secret_is_only_a_name() -> None:
    """A plan holds the name of a Secret's variable."""
    declared = f'{PARAMETERS}\nfrom nbrunbook import Secret\ntoken: Secret = Secret("DEPLOY_TOKEN")'
    made = plan_of("- [ ] Use {{token}} {#a}", declare=declared, token="OTHER_TOKEN")
    assert (made.values[-1].value, made.steps[0].title) == ("OTHER_TOKEN", "Use OTHER_TOKEN")


def test_comments_never_reach_the_plan() -> None:
    """No comment, and no attribute but the ids, stands in a plan's sections."""
    made = kinds(
        "# A <!-- psst -->\n<!-- psst -->\n- [ ] a {#a .once} <!-- psst -->\n  b <!-- psst 2 -->\n\n  <!-- psst -->"
    )
    assert "psst" not in made.body
    assert ".once" not in made.sections[0].text


def test_names_and_ids_are_one_however_they_were_typed(work: Workplace) -> None:
    """An id, an `after`, a parameter and its {{name}} meet in NFC; a second id of the same letters is a second one."""

    def apart(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    text = apart("- [ ] {{größe}} {{über}} {#größe evidence=x as=maß}\n- [ ] b {{maß}} {#b after=größe}")
    made = plan_of(text, declare=f'{PARAMETERS}\nüber: str = "u"\n{apart("größe")}: str = "g"', größe="h")
    assert [(step.id, step.title, step.after) for step in made.steps] == [
        ("größe", "h u", ()),
        ("b", "b {{maß}}", ("größe",)),
    ]
    assert work.run("lint", work.template("- [ ] a {#größe}\n" + apart("- [ ] b {#größe}"))) == 1
    assert "RB103" in work.out


OFTEN = "@check('a', attempts=tries, every=pause)\ndef look(): ...\n@action('b', timeout='90s')\nasync def go(run): ..."
TRIES = f"{PARAMETERS}\ntries: int = 1\npause: str = '30s'"


def test_a_decorator_gives_a_step_its_kind() -> None:
    """With what it says, evaluated with the parameters, and the code by its sha256; other steps stay as they are."""
    made = plan_of("- [ ] a {#a}\n- [ ] b {#b}\n- [ ] c {#c}", declare=TRIES, code=OFTEN, tries="3")
    check, action = made.by_id["a"].automation, made.by_id["b"].automation
    assert [(step.kind, step.automation is None) for step in made.steps] == [
        ("check", False),
        ("action", False),
        ("manual", True),
    ]
    assert check
    assert (check.function, check.attempts, check.every_seconds, check.timeout_seconds) == ("look", 3, 30, None)
    assert action
    assert (action.function, action.attempts, action.every_seconds, action.timeout_seconds) == ("go", 1, None, 90)
    assert made.code == (program.named(OFTEN),)


@pytest.mark.parametrize(
    ("given", "words"), [({"tries": "0"}, "attempts=0"), ({"pause": "soon"}, "every='soon'; expected a length of time")]
)
def test_a_value_that_cannot_be_an_argument_is_refused(given: dict[str, str], words: str) -> None:
    """Before anything is written: it names the step and the argument."""
    with pytest.raises(NbrunbookError, match=f"step a: {words}"):
        plan_of("- [ ] a {#a}\n- [ ] b {#b}", declare=TRIES, code=OFTEN, **given)


def test_an_argument_without_a_value_yet_is_not_known(work: Workplace) -> None:
    """`plan` without an environment shows the step all the same."""
    declared = PARAMETERS + "\ntries: int"
    work.template("- [ ] a {#a}", parameters=declared, code="@check('a', attempts=tries)\ndef look(): ...")
    assert work.run("plan", "1.0", "--json") == 0, work.err
    (step,) = json.loads(work.out)["steps"]
    assert (step["kind"], step["automation"]["attempts"]) == ("check", None)


def test_code_without_automated_steps_changes_no_plan() -> None:
    """A plan that uses nothing new is what it was, byte for byte."""
    before = plan_of("- [ ] a {#a}")
    for code in ("import os", "def check(): ...", "from x import batch\nfill = batch('a')", "@app.task\ndef f(): ..."):
        assert plan_of("- [ ] a {#a}", code=code).body == before.body
