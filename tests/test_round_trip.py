"""A generated template, written as a notebook and as the Markdown that `export` makes of it, is one plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrunbook.documents import attributes
from nbrunbook.documents.attributes import Attributes
from nbrunbook.runbook.parameters import bind_values
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import planning
from nbrunbook.template.template import read_template
from nbrunbook.work import export
from tests.conftest import PARAMETERS, template_bytes

KIND = 'kind: Literal["minor", "patch"] = "minor"\nurl: str = "https://example.com"  # the site\nreplicas: int = 2'
TITLES = st.text("ab ü*_`[]()!#+-.:{}|~&0'\"<>", max_size=10).map(lambda text: f"t{text.strip()}")
BODIES = st.sampled_from(
    ["", "See [it]({{url}}/{{release}}).", "```sh\nrun {{replicas}}\n```", "1. one\n2. two", "> q"]
)
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.sampled_from(["ops", "release manager", "{{kind}}"]),
        "evidence": st.sampled_from(["link", "why, in one sentence", 'a "quoted" one']),
        "when": st.sampled_from(["kind != 'patch'", "replicas > 1", "environment in ('staging', 'x')"]),
        "wait": st.sampled_from(["30m", "24h"]),
        "due": st.sampled_from(["7d", "2w"]),
    },
)
FLAGS = st.sets(st.sampled_from(["approval", "optional", "irreversible", "once", "gate"])).map(sorted).map(tuple)
STEPS = st.lists(st.tuples(st.integers(0, 3), TITLES, BODIES, FLAGS, KEYS, st.booleans()), min_size=1, max_size=5)
HEADINGS = st.fixed_dictionaries({}, optional={"owner": st.just("ops"), "when": st.just("replicas == 2")})
SECTIONS = st.lists(
    st.tuples(st.integers(1, 3), st.sets(st.sampled_from(["gate", "if-needed", "optional"])), HEADINGS, STEPS),
    min_size=1,
    max_size=4,
)


def cell(number: int, level: int, flags: set[str], keys: dict[str, str], steps: list[Any]) -> str:
    """Return a section's Markdown: half of its ids are pinned."""
    block = attributes.show(Attributes(flags=tuple(sorted(flags)), keys=keys))
    lines, depth = [f"{'#' * level} Section {number} {block}".rstrip(), ""], -1
    for index, (wanted, title, body, own, keyed, pinned) in enumerate(steps):
        depth = min(wanted, depth + 1)
        found = Attributes(id=f"s{number}-{index}" if pinned else None, flags=own, keys=keyed)
        lines.append(f"{'  ' * depth}- [ ] {title} {attributes.show(found)}".rstrip())
        lines += [f"{'  ' * (depth + 1)}{line}" for line in body.split("\n") if line]
    return "\n".join(lines)


def plan_in(path: Path) -> Plan:
    """Return the plan of a template for staging."""
    read = read_template(path)
    return planning.make(read, bind_values(list(read.parameters), {}, {"environment": "staging"}))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sections=SECTIONS)
def test_notebook_and_markdown_are_one_plan(tmp_path: Path, sections: list[Any]) -> None:
    """Steps, sections, parameters and values: nothing in the plan differs."""
    cells = [cell(number, *section) for number, section in enumerate(sections)]
    path = tmp_path / "1.0.ipynb"
    path.write_bytes(template_bytes(*cells, parameters=f"from typing import Literal\n{PARAMETERS}\n{KIND}"))
    (tmp_path / "1.0.md").write_text(export.of_template(read_template(path)).text, encoding="utf-8")
    notebook, markdown = plan_in(path), plan_in(tmp_path / "1.0.md")
    assert markdown.to_json() == notebook.to_json()
    assert markdown.digest == notebook.digest
