"""nbrunbook export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nbrunbook.template import front_matter
from nbrunbook.template.template import Template, read_template
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import listing, put, session_on

STEPS = """Intro with [notes]. <!-- psst -->

## Tell {owner="release manager"}
- [ ] **Mail** `{{release}}` {#mail evidence="a -- b"}
  body {{environment}}
- Nodes {#nodes}
  1. [ ] two
     lines {.gate}
  2. [x] three <!--{#three}-->
- plain

## If {.if-needed}
- [ ] Back {#back wait=2h}

[notes]: https://example.com"""
EXPORTED = """Intro with [notes]. <!-- psst -->

## Tell <!--{owner="release manager"}-->
- [ ] **Mail** `{{release}}` {#mail evidence="a -- b"}
  body {{environment}}
- Nodes <!--{#nodes}-->
  1. [ ] two
     lines <!--{#tell-two-lines .gate}-->
  2. [x] three <!--{#three}-->
- plain

## If <!--{.if-needed}-->
- [ ] Back <!--{#back wait=2h}-->

[notes]: https://example.com
"""


def _again(work: Workplace) -> Template:
    """What import makes of the last export."""
    (work.root / "exported.md").write_text(work.out, encoding="utf-8")
    assert work.run("import", "exported.md", "-o", "templates/again.ipynb") == 0, work.err
    return read_template(Path("templates/again.ipynb"))


def _facts(read: Template) -> list[tuple[object, ...]]:
    return [
        (step.id, step.title, step.body, step.box, step.section, step.parent, step.attributes) for step in read.steps
    ]


def test_a_template_is_exported_to_the_letter(work: Workplace) -> None:
    """Attributes become comments, unpinned boxes get their ids, and nothing else changes."""
    path = work.template(STEPS)
    assert work.run("export", path) == 0, work.err
    assert work.out == EXPORTED
    assert work.err == ""
    again, read = _again(work), read_template(path)
    assert [(each[0], each[1:-1]) for each in _facts(again)] == [(each[0], each[1:-1]) for each in _facts(read)]


def test_other_parameters_stand_in_a_fence(work: Workplace) -> None:
    """Declarations beyond release and environment stand in front to the letter: the export is a Markdown part."""
    declared = f'{PARAMETERS}\nkind: str = "```"  # what'
    assert work.run("export", work.template("# A\n- [ ] Mail {#mail}", parameters=declared)) == 0
    assert work.out.startswith("````python parameters\n")
    found = front_matter.split(work.out)
    assert (found.parameters, found.text.strip()) == (declared, "# A\n- [ ] Mail <!--{#mail}-->")


def test_cells_of_code_are_left_out(work: Workplace) -> None:
    """A task list holds text; how many cells of code were left out is told."""
    assert work.run("export", work.template("- [ ] Mail {#mail}", code="print(1)")) == 0
    assert work.out == "- [ ] Mail <!--{#mail}-->\n"
    assert work.err == "1 cell of code left out: a task list holds text only\n"


def test_what_stands_first_is_not_taken_for_front_matter(work: Workplace) -> None:
    """Two thematic breaks, or a fence of parameters in the text, are text after an export too."""
    text = "---\na: b\n---\n- [ ] Mail {#mail}"
    assert work.run("export", work.template(text)) == 0
    assert front_matter.split(work.out).front_matter == ""
    assert work.run("export", work.template("```python parameters\nx = 1\n```\n- [ ] Mail {#mail}", name="2.0")) == 0
    assert front_matter.split(work.out).parameters == PARAMETERS.replace("1.0", "2.0")


@pytest.mark.parametrize(
    ("cells", "between"),
    [
        (["- [ ] a", "- [ ] b"], "\n\n"),
        (["- [ ] a", "      - [ ] b\n- [ ] c"], "\n\n<!-- -->\n\n"),
        (["- [ ] a", "  b"], "\n\n<!-- -->\n\n"),
    ],
)
def test_cells_that_would_run_together_are_kept_apart(work: Workplace, cells: list[str], between: str) -> None:
    """Where one cell's list would swallow the next cell, an empty comment parts them."""
    path = work.template(*cells)
    assert work.run("export", path) == 0, work.err
    assert work.out.count("<!-- -->") == between.count("<!-- -->")
    again, read = _again(work), read_template(path)
    assert [(step.id, step.title, step.body, step.parent) for step in again.steps] == [
        (step.id, step.title, step.body, step.parent) for step in read.steps
    ]


def test_a_cell_that_ends_in_an_open_fence_is_told(work: Workplace) -> None:
    """What cannot be one list is one clear error, and nothing is written."""
    path = work.template("```\nopen", "- [ ] Mail {#mail}")
    before = listing(work.root)
    assert work.run("export", path, "-o", "tasks.md") == 1
    assert "'Mail' would not be the same step in one list" in work.err
    assert listing(work.root) == before


# Runbooks


def test_a_runbook_is_exported_as_it_stands(work: Workplace, runbook: MakeRunbook) -> None:
    """Done steps are ticked, skipped ones struck through with who and why, and added ones stand in their place."""
    key = runbook(STEPS)
    ana = session_on(key)
    ana.append("ticked", "tell-two-lines")
    ana.append("ticked", "three")
    ana.append("skipped", "mail", data={"reason": "no `need` --> <b>\n- [ ] evil {{release}} {#x}"})
    ana.add("1. run `it` {#y} ~~", after="nodes")
    assert work.run("export", key) == 0, work.err
    first, *lines = work.out.splitlines()
    assert re.fullmatch(
        r"<!-- nbrunbook: staging/1.0, 2 of 4 done, 1 skipped, \d+ \w{3} 20\d\d \d\d:\d\d UTC -->", first
    )
    assert '- [ ] ~~**Mail** `1.0`~~ {#mail owner="release manager" evidence="a -- b"} <!-- skipped by ana ' in work.out
    assert "  body staging" in lines
    assert '  2. [x] three <!--{#three owner="release manager"}-->' in lines
    at = lines.index(r"- [ ] 1\. run \`it\` \{\#y\} \~\~ <!--{#added-1-run-it-y}-->")
    assert lines[at + 1] == "- plain"
    assert "## If <!--{.if-needed}-->" in lines
    assert "- [ ] Back <!--{#back wait=2h}-->" in lines
    again = _again(work)
    assert [(step.id, step.title.replace("~~", ""), step.parent) for step in again.steps] == [
        (step.id, step.title.replace("~~", ""), step.parent) for step in ana.progress.plan.steps
    ]
    assert [(each.id, each.flags, each.closed_by) for each in again.sections] == [
        (each.id, each.flags, each.closed_by) for each in ana.plan.sections
    ]
    assert again.stopping == []


def test_what_does_not_apply_is_struck_through(work: Workplace, runbook: MakeRunbook) -> None:
    """A step that `when` left out stays open, and its comment says so."""
    key = runbook("- [ ] Mail {#mail when=\"environment == 'production'\"}\n- [ ] Other {#other}")
    assert work.run("export", key) == 0
    assert "- [ ] ~~Mail~~ <!--{#mail}--> <!-- does not apply here: when=environment == 'production' -->" in work.out
    assert [step.title for step in _again(work).steps] == ["~~Mail~~", "Other"]


def test_a_value_never_adds_a_step(work: Workplace, runbook: MakeRunbook) -> None:
    """Evidence that looks like Markdown is text; where it cannot be, that is told."""
    key = runbook("- [ ] Say {#say evidence=word as=word}\n- [ ] Repeat {{word}} {#repeat}\n  - `{{word}}`")
    session_on(key).append("ticked", "say", data={"evidence": "- [ ] *x* {#y}"})
    assert work.run("export", key) == 0, work.err
    assert [(step.id, step.title) for step in _again(work).steps] == [
        ("say", "Say"),
        ("repeat", "Repeat - [ ] *x* {#y}"),
    ]
    session_on(key).append("unticked", "say", data={"reason": "again"})
    session_on(key).append("ticked", "say", data={"evidence": "``"})
    assert work.run("export", key) == 1
    assert work.err.startswith("error: the value '``' of word cannot be written into")


@pytest.mark.on("sqlite")
def test_a_runbook_s_file_stands_for_its_key(work: Workplace, runbook: MakeRunbook) -> None:
    """A runbook's own file gives the same; one that the journal does not know is no template."""
    key = runbook("- [ ] Mail {#mail}")
    assert work.run("export", key) == 0
    out = work.out
    assert work.run("export", f"runbooks/{key}.ipynb") == 0
    assert work.out[-40:] == out[-40:]
    (work.root / ".nbrunbook" / "journal.db").unlink()
    assert work.run("export", f"runbooks/{key}.ipynb") == 1
    assert "a runbook that the journal does not know" in work.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.ipynb"], "none.ipynb: no such file"),
        (["staging/9"], "nbrunbook instantiate"),
        (["templates/1.0.ipynb", "-o", "pyproject.toml"], "pyproject.toml exists"),
    ],
)
def test_what_cannot_be_exported_is_told(work: Workplace, arguments: list[str], said: str) -> None:
    """An unknown name or a taken target is one clear error, and nothing is written."""
    work.template("- [ ] Mail {#mail}")
    before = listing(work.root)
    assert work.run("export", *arguments) == 1
    assert said in work.err
    assert len(work.err.splitlines()) == 1
    assert listing(work.root) == before


def test_standing_parts_are_left_out(work: Workplace) -> None:
    """They belong to whatever template is made of the export, too: there they would stand twice."""
    put(work.root / "templates", always__z="- [ ] z {#z}", **{"1.0": "- [ ] a {#a}"})
    assert work.run("export", "1.0") == 0, work.err
    assert work.out == "- [ ] a <!--{#a}-->\n"


def test_what_a_machine_does_is_told(work: Workplace) -> None:
    """A task list holds no code: whoever goes by it knows which steps were bound to functions, of either kind."""
    code = "@check('a')\ndef look(): ..."
    path = work.template(
        "- [ ] A {#a}\n- [ ] B {#b}", parameters=f"from nbrunbook import check\n{PARAMETERS}", code=code
    )
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    for what in (path, "staging/1.0"):
        assert work.run("export", what) == 0, work.err
        assert "look" not in work.out
        assert "1 cell of code left out" in work.err
        assert work.err.endswith("done by a machine, which a task list leaves to a person: a\n")
