"""Plans: steps for one set of parameters, as pure data."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbrunbook.errors import NbrunbookError
from nbrunbook.runbook import replay
from nbrunbook.runbook.html import section_html
from nbrunbook.runbook.plan import Plan, plan_from_json
from tests.conftest import PARAMETERS, Workplace
from tests.making import plan_of

KIND = f'{PARAMETERS}\nkind: str = "minor"\nx: str = "word"'
NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


def kinds(*markdown: str, **given_: str) -> Plan:
    """Return the plan of a template with the parameters `kind` and `x`."""
    return plan_of(*markdown, declare=KIND, **given_)


def drawn(made: Plan) -> str:
    """Return all sections of a plan as HTML."""
    done = replay.start(made)
    return "".join(section_html(done, section.id, str, now=NOW) for section in made.sections)


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


def test_a_plan_reads_back() -> None:
    """Plan, JSON, plan: it is the same one, with the same digest."""
    made = kinds("# A {.gate owner=o}\n- [ ] a {#a as=b evidence=c wait=1h after=d}\n  - [ ] d {#d when=x}", "[r]: /a")
    again = plan_from_json(json.loads(made.body))
    assert (again, again.digest) == (made, made.digest)


@pytest.mark.parametrize("change", [{"schema": 99}, {"steps": [{"id": "a"}]}, {"sections": None}, {"parameters": [{}]}])
def test_a_damaged_plan_is_an_expected_error(change: dict[str, Any]) -> None:
    """A plan of another format, or one that lacks something, is an expected error."""
    facts = {**json.loads(kinds("- [ ] a {#a}").body), **change}
    with pytest.raises(NbrunbookError, match=r"a plan of format 99|a damaged plan"):
        plan_from_json(facts)


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


def test_evidence_that_is_not_known_stays_a_name() -> None:
    """An `as` name stands as {{name}} in the plan, and is put in once the evidence is known."""
    made = kinds("- [ ] a {#a evidence=e as=link}\n- [ ] Mail {{link}} {#b}")
    assert made.by_id["b"].title == "Mail {{link}}"
    assert made.fill(str, {"link": "https://e.com"}).values["link"] == "https://e.com"


def test_a_secret_is_only_a_name() -> None:
    """A plan holds the name of a Secret's variable."""
    declared = f'{PARAMETERS}\nfrom nbrunbook import Secret\ntoken: Secret = Secret("DEPLOY_TOKEN")'
    made = plan_of("- [ ] Use {{token}} {#a}", declare=declared, token="OTHER_TOKEN")
    assert (made.values[-1].value, made.steps[0].title) == ("OTHER_TOKEN", "Use OTHER_TOKEN")


@pytest.mark.parametrize(
    ("target", "moved"),
    [
        ("docs/a.md", "../../templates/docs/a.md"),
        ("../README.md#top", "../../README.md#top"),
        ("docs/", "../../templates/docs/"),
        ("https://e.com/a", "https://e.com/a"),
        ("mailto:a@e.com", "mailto:a@e.com"),
        ("#here", "#here"),
        ("/root", "/root"),
        ("", ""),
        ("image.png", "data:image/png;base64,eA=="),
    ],
)
def test_relative_links_are_rewritten(target: str, moved: str) -> None:
    """A link that is relative to the template is rewritten for the runbook's folder; images are embedded."""
    made = kinds("- [ ] a {#a}")
    there = dataclasses.replace(made, base="templates", images={"image.png": "data:image/png;base64,eA=="})
    assert there.link_from("runbooks/production-eu")(target) == moved


def test_what_a_plan_draws_has_values_and_links() -> None:
    """References of other cells, values in titles, links and code, and other tools' braces are drawn."""
    text = "- [ ] **{{x}}** `{{x}}` [a](https://e.com/{{x}}) [notes] {{ .State }} {#a}\n\n      {{x}} ${{ github.sha }}"
    out = drawn(kinds(text, "[notes]: https://e.com/{{x}}", x="2.10"))
    for expected in ("<strong>2.10</strong>", "<code>2.10</code>", "2.10 ${{ github.sha }}", "{{ .State }}"):
        assert expected in out
    assert out.count('href="https://e.com/2.10"') == 2


def test_comments_never_reach_the_plan() -> None:
    """No comment, and no attribute but the ids, stands in a plan's sections."""
    made = kinds(
        "# A <!-- psst -->\n<!-- psst -->\n- [ ] a {#a .once} <!-- psst -->\n  b <!-- psst 2 -->\n\n  <!-- psst -->"
    )
    assert "psst" not in made.body
    assert ".once" not in made.sections[0].text


MARKDOWN = """# {{x}} {owner="{{x}}"}
{{x}}

- [ ] {{x}} {#a evidence="{{x}}"}
  {{x}}
  [{{x}}](https://e.com/{{x}}) [r] `{{x}}` <b title="{{x}}">{{x}}</b>
- [ ] **{{x}}** {#b}
  - {{x}} {#c}
    - [ ] a{{x}} *{{x}}* {#d}

| {{x}} |
|-------|
| {{x}} |

    {{x}}

> {{x}}

```
{{x}}
```

[r]: {{x}}/y
"""
LINES = st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
NASTY = st.text("ab1 -*_`~#>|<!&;:/.[](){}\\\"'=\u202e", max_size=16)


@cache
def structure(value: str) -> tuple[Any, ...]:
    """Return what a value may never change: the steps, and the tags and boxes that are drawn."""
    made = kinds(MARKDOWN, x=value)
    out = drawn(made)
    tags = re.findall(r"</?\w+|data-step=\"\w*\"|nbr-box", out)
    return [(step.id, step.parent, step.kind, step.flags) for step in made.steps], tags


@settings(deadline=None, max_examples=60)
@given((LINES | NASTY).filter(bool))
def test_a_value_adds_no_step_no_id_and_no_markup(value: str) -> None:
    """Whatever value a parameter has, a plan has the same steps and is drawn with the same markup."""
    assert structure(value) == structure("word")


ITEMS = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.text("ab ü*_`[]()!#+-.:{}|~&0'\"", max_size=8).map(str.strip)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(ITEMS)
def test_a_generated_checklist_keeps_all_its_boxes(items: list[tuple[int, bool, str]]) -> None:
    """Every box that an author wrote is a step, and is drawn once, with its own words and no id."""
    depth, lines = -1, []
    for number, (wanted, box, words) in enumerate(items):
        depth = min(wanted, depth + 1)
        lines.append(f"{'  ' * depth}- {'[ ] ' if box else ''}t{words} {{#n{number}}}")
    made = kinds("\n".join(lines), "- [ ] last {#last}")
    out = drawn(made)
    assert sum(step.kind == "manual" for step in made.steps) == sum(box for _, box, _ in items) + 1
    assert [out.count(f'data-step="{step.id}"') for step in made.steps] == [1] * len(made.steps)
    assert out.count("nbr-box") == sum(not step.is_group for step in made.steps)


@pytest.mark.parametrize(
    "first", ["- - [ ] a {#a}", "1. - [ ] a {#a}", "- # b\n  - [ ] a {#a}", "- > b\n  - [ ] a {#a}"]
)
def test_a_bullet_without_a_title_is_no_step(first: str) -> None:
    """A plain bullet without words of its own is no group, and what is drawn shows no attribute."""
    made = kinds(first)
    assert [step.id for step in made.steps] == ["a"]
    assert "{#" not in drawn(made)


@pytest.mark.parametrize(
    "html",
    [
        "<title>",
        "<script>",
        "<style>",
        "<textarea>",
        "<template>",
        "<iframe>",
        "<noscript>",
        "<xmp>",
        "<plaintext>",
        "<div>",
        "<b>",
    ],
)
@pytest.mark.parametrize(
    "text", ["- [ ] Look at the {} {{#a}}\n- [ ] b {{#b}}", "- [ ] a {{#a}}\n\n  {}\n\n- [ ] b {{#b}}"]
)
def test_no_html_swallows_a_box(text: str, html: str) -> None:
    """A tag that an author wrote, or left open, takes no later step away."""
    out = drawn(kinds(text.format(html)))
    assert (out.count("nbr-box"), out.count("data-step=")) == (2, 2)


@pytest.mark.parametrize("comments", ["<!-- optional -->", "<!-- a\n  b -->"])
def test_no_comment_swallows_a_box(comments: str) -> None:
    """The same comment behind a title and in its body leaves the step as it is."""
    made = kinds(f"- [ ] a {{#a}} <!-- optional -->\n  body {comments}\n- [ ] b {{#b}}")
    out = drawn(made)
    assert (out.count("nbr-box"), "body" in out, made.sections[0].text.count("{#")) == (2, True, 2)


def test_the_plan_s_json_is_what_the_design_says(work: Workplace) -> None:
    """`plan --json` shows release, parameters, steps and problems."""
    path = work.template("# A\n- [ ] a {{release}} {#a as=x evidence=e}", name="2.10")
    assert work.run("plan", path, "--json") == 0
    facts = json.loads(work.out)
    assert (facts["release"], facts["steps"][0]["title"], facts["steps"][0]["as"]) == ("2.10", "a 2.10", "x")
    assert facts["problems"] == []


def test_a_plan_writes_nothing(work: Workplace) -> None:
    """Planning runs nothing and writes nothing."""
    path = work.template("- [ ] a {#a}", code="open('ran', 'w')")
    before = sorted(work.root.rglob("*"))
    assert work.run("plan", path, "-e", "staging") == 0
    assert sorted(work.root.rglob("*")) == before
