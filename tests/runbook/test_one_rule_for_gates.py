"""One rule for gates: what the linter and a review say stands behind one is what a tick is refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import Attributes
from nbrunbook.review import protection, snapshot
from nbrunbook.review.compare import compare
from nbrunbook.runbook import replay
from nbrunbook.runbook.parameters import bind_values
from nbrunbook.runbook.plan import Step
from nbrunbook.runbook.progress import Progress
from nbrunbook.template import planning
from nbrunbook.template.template import Template, read_template
from tests.making import event, why_not, with_event

QUICK = settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])


def flags(*names: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of these flags, none most of the time."""
    return st.one_of(st.just(()), st.sets(st.sampled_from(names)).map(sorted).map(tuple))


STEPS = st.lists(st.tuples(st.integers(0, 2), flags("gate", "optional"), st.integers(0, 30)), min_size=1, max_size=4)
SECTIONS = st.lists(st.tuples(st.integers(1, 2), flags("gate", "if-needed", "optional"), STEPS), min_size=1, max_size=4)


def written(sections: Any, *, after: bool = False) -> str:
    """Return a template's Markdown; its steps are s0, s1 and so on, and with `after` some name another one."""
    count = sum(len(steps) for _, _, steps in sections)
    lines, number = [], 0
    for index, (level, marks, steps) in enumerate(sections):
        lines += [f"{'#' * level} H{index} {attributes.show(Attributes(id=f'h{index}', flags=marks))}", ""]
        depth = -1
        for wanted, own, other in steps:
            depth = min(wanted, depth + 1)
            keys = {"after": f"s{other}"} if after and other < count and other != number else {}
            block = attributes.show(Attributes(id=f"s{number}", flags=own, keys=keys))
            lines.append(f"{'  ' * depth}- [ ] Step {number} {block}")
            number += 1
        lines.append("")
    return "\n".join(lines)


def read(folder: Path, text: str) -> Template:
    """Return the template of a Markdown text."""
    path = folder / "1.0.md"
    path.write_text(text, encoding="utf-8")
    return read_template(path)


def begun(template: Template, opened: Any, settled: Any = ()) -> Progress:
    """Return the progress of its runbook with some sections open and some steps skipped."""
    values = bind_values(list(template.parameters), {}, {"environment": "staging"})
    progress = replay.start(planning.make(template, values))
    for section_id in opened:
        progress = with_event(progress, event("opened", section_id))
    for step_id in settled:
        progress = with_event(progress, event("skipped", step_id))
    return progress


def why(progress: Progress, step: Step) -> str:
    """Return why a step cannot be ticked; empty where it can."""
    return why_not(progress, "ticked", step.id) or ""


@QUICK
@given(sections=SECTIONS, data=st.data())
def test_what_a_review_says_stands_behind_a_gate_is_refused(tmp_path: Path, sections: Any, data: Any) -> None:
    """A tick is refused where a shut gate holds the step, or a heading's gate with something needed above, else not."""
    template = read(tmp_path, written(sections))
    closing = sorted({each.closed_by for each in template.sections if each.closed_by})
    opened = data.draw(st.sets(st.sampled_from(closing)) if closing else st.just(set()))
    progress = begun(template, opened, data.draw(st.sets(st.sampled_from([each.id for each in template.steps]))))
    plan = progress.plan
    needed = [step.id for step in progress.required_open]
    closed_by = {step.id: plan.section(step.section).closed_by for step in plan.steps}
    first = [each.id for each in plan.sections]

    def asks(gate: str, step: Step) -> bool:
        kind, _, name = gate.partition(":")
        if kind == "step":
            return not progress.of(name).settled
        above = [each for each in needed if first.index(plan.by_id[each].section) < first.index(name)]
        return any(closed_by[step.id] in (None, closed_by[each]) for each in above)

    held = protection.behind_gates(snapshot.of_template(template, "it"), opened=opened)
    for step in progress.open_steps:
        if not any(not progress.of(child.id).settled for child in plan.children.get(step.id, ())):
            behind = [gate for gate, ids in held.items() if step.id in ids and asks(gate, step)]
            assert why(progress, step).startswith("behind a gate") == bool(behind), (step.id, behind)


@QUICK
@given(sections=SECTIONS)
def test_what_the_linter_calls_a_circle_can_never_be_ticked(tmp_path: Path, sections: Any) -> None:
    """With every section open, all can be ticked one after the other where there is no circle, and only there."""
    template = read(tmp_path, written(sections, after=True))
    progress = begun(template, {each.closed_by for each in template.sections if each.closed_by})
    ready = True
    while ready:
        ready = [step for step in progress.open_steps if not why(progress, step)]
        for step in ready:
            progress = with_event(progress, event("ticked", step.id))
    assert bool(progress.open_steps) == ("RB113" in [problem.id for problem in template.problems])


def test_a_gate_in_an_if_needed_section_holds_what_follows_while_it_is_open(tmp_path: Path) -> None:
    """The linter finds the circle that only shows once somebody has opened the section."""
    text = (
        "# A {{#a}}\n- [ ] a {{#one}}\n# Wrong {{#wrong .if-needed}}\n- [ ] b {{#two .gate{}}}\n# B\n- [ ] c {{#three}}"
    )
    template = read(tmp_path, text.format(""))
    assert not template.stopping
    assert why(begun(template, ()), begun(template, ()).plan.by_id["three"]) == ""
    opened = begun(template, ["wrong"])
    assert why(opened, opened.plan.by_id["three"]) == "behind a gate: first settle “b”"
    assert [each.id for each in read(tmp_path, text.format(" after=three")).stopping] == ["RB113"]


@pytest.mark.parametrize("when", [" when=\"environment == 'demo'\"", ""])
def test_what_may_not_apply_is_no_circle(tmp_path: Path, when: str) -> None:
    """A gate holds nothing where the step above it, whose sub-step it is, does not apply."""
    template = read(tmp_path, f"- [ ] a {{#a{when}}}\n  - [ ] b {{#b .gate after=c}}\n- [ ] c {{#c}}")
    assert [each.id for each in template.stopping] == ([] if when else ["RB113"])


def test_a_step_that_left_a_gate_in_an_if_needed_section_is_riskier(tmp_path: Path) -> None:
    """While that section is open it had to wait, and no longer has to."""
    section, last = "# Wrong {#wrong .if-needed}\n- [ ] b {#two .gate}\n", "- [ ] c {#three}\n"
    old = snapshot.of_template(read(tmp_path, f"# A {{#a}}\n- [ ] a {{#one}}\n{section}# B {{#b}}\n{last}"), "old")
    new = snapshot.of_template(read(tmp_path, f"# A {{#a}}\n- [ ] a {{#one}}\n{last}{section}# B {{#b}}\n"), "new")
    assert [(each.id, each.risks) for each in compare(old, new).riskier] == [("three", ("unguarded",))]


@pytest.mark.parametrize(("own", "found"), [("", ["RB113"]), (" .optional", [])])
def test_a_heading_asks_only_for_what_is_required(tmp_path: Path, own: str, found: list[str]) -> None:
    """An optional step above a gate may stay open, so it may come after what stands behind that gate."""
    template = read(tmp_path, f"# A {{#a}}\n- [ ] a {{#one after=two{own}}}\n# B {{#b .gate}}\n- [ ] b {{#two}}")
    assert [each.id for each in template.stopping] == found
