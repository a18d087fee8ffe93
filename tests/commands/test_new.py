"""nbrunbook new."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nbrunbook.template import front_matter
from nbrunbook.template.starter import find_starter, for_part, starters
from nbrunbook.template.template import Template, read_template
from tests.conftest import Workplace
from tests.making import listing

NAMES = [each.name for each in starters()]


def _read(work: Workplace, path: str) -> Template:
    """Return what is written; a part as the one of its folder."""
    return read_template(Path(path).parent if Path(path).parent.name == "next" else Path(path))


def test_the_starters_are_those_of_the_docs() -> None:
    """These ship with nbrunbook; the defaults are among them."""
    assert NAMES == ["backfill", "release", "remove-column", "step"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", ".md"])
def test_a_new_template_has_no_finding_and_becomes_a_runbook(work: Workplace, name: str, suffix: str) -> None:
    """What a starter gives is right as it is: no finding, every id pinned, and it instantiates."""
    assert work.run("new", f"2026.12.0{suffix}", "--from", name) == 0, work.err
    assert work.out == f"templates/2026.12.0{suffix or '.ipynb'}\n"
    found = _read(work, work.out.strip())
    assert found.problems == ()
    assert found.name == next(each.default for each in found.parameters if each.name == "release") == "2026.12.0"
    assert all(step.pinned for step in found.steps if step.box)
    assert work.run("instantiate", found.path, "-e", "staging") == 0, work.err


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", ".md"])
def test_a_new_part_has_no_finding_and_names_no_release(work: Workplace, name: str, suffix: str) -> None:
    """A part of the next release declares no release, and without parameters it has no cell for them."""
    assert work.run("new", f"search{suffix}", "--next", "--from", name) == 0, work.err
    path = work.out.strip()
    assert path == f"templates/next/search{suffix or '.ipynb'}"
    assert "release: str" not in Path(path).read_text(encoding="utf-8")
    needed = find_starter(name).found.parameters is not None
    assert ("parameters" in Path(path).read_text(encoding="utf-8")) == needed
    found = _read(work, path)
    assert list(found.problems) == []
    assert all(step.pinned and step.id.startswith("search-") for step in found.steps if step.box)


@pytest.mark.parametrize("name", NAMES)
def test_both_formats_hold_the_same_steps(work: Workplace, name: str) -> None:
    """A Markdown file and a notebook from one starter differ in nothing but the format."""
    assert work.run("new", "1.0", "--from", name) == 0
    assert work.run("new", "2.0.md", "--from", name) == 0
    first, second = (_read(work, path) for path in ("templates/1.0.ipynb", "templates/2.0.md"))
    assert [(step.id, step.title, step.body) for step in first.steps] == [
        (step.id, step.title, step.body) for step in second.steps
    ]
    assert [(each.name, each.type) for each in first.parameters] == [
        (each.name, each.type) for each in second.parameters
    ]


@pytest.mark.parametrize("name", NAMES)
def test_two_parts_from_one_starter_fit_together(work: Workplace, name: str) -> None:
    """No id, no evidence and no parameter of its own is in both; what they share is declared the same."""
    found = []
    for part in ("old-sku", "2fa"):
        assert work.run("new", part, "--next", "--from", name) == 0, work.err
        found.append(read_template(Path(work.out.strip())))
    ids = [{step.id for step in each.steps} for each in found]
    evidence = [{step.attributes.keys.get("as") for step in each.steps} - {None} for each in found]
    first, second = ({each.name: (each.type, each.default) for each in part.parameters} for part in found)
    assert not ids[0] & ids[1]
    assert not evidence[0] & evidence[1]
    assert not {own for own in find_starter(name).own if own in first or own in second}
    shared = first.keys() & second.keys() - {"release"}
    assert {each: first[each] for each in shared} == {each: second[each] for each in shared}
    assert work.run("lint", "templates/next") == 0, work.out


def test_markdown_says_what_it_cannot_hold(work: Workplace) -> None:
    """A starter's functions are left out of a Markdown file, and that is told; its steps are there for a person."""
    for name, said in (("1.0.md", True), ("2.0.ipynb", False)):
        assert work.run("new", name) == 0
        assert ("Markdown has no code" in work.err) == said
        assert work.run("plan", name.rpartition(".")[0], "--json") == 0, work.err
        kinds = {each["id"]: each["kind"] for each in json.loads(work.out)["steps"]}
        assert kinds["site-answers"] == ("manual" if said else "check")


def test_a_part_is_named_after_the_change(work: Workplace) -> None:
    """The heading of the smallest part says the name in words, as text."""
    assert work.run("new", "search_for-[users].md", "--next") == 0, work.err
    text = Path("templates/next/search_for-[users].md").read_text(encoding="utf-8")
    assert text.startswith("## Search for \\[users\\]\n")
    assert "{#search-for-users-do-it}" in text


@pytest.mark.parametrize("name", ["10-search.md", "2.search.md", "03_search.md"])
def test_a_parts_number_is_no_word_of_the_change(work: Workplace, name: str) -> None:
    """The number that puts a part in its place stands in the file's name only: not in headings, ids and parameters."""
    assert work.run("new", name, "--next") == 0, work.err
    text = Path("templates/next", name).read_text(encoding="utf-8")
    assert text.startswith("## Search\n")
    assert "{#search-do-it}" in text
    found = for_part(find_starter("remove-column"), name.removesuffix(".md"))
    assert "\nsearch_column: str" in (found.parameters or "")


def test_staging_is_not_announced_to_customers(work: Workplace) -> None:
    """What only customers notice is left out on staging, and the rest of the release's steps is not."""
    assert work.run("new", "1.0") == 0
    left_out = {}
    for environment in ("staging", "production"):
        assert work.run("plan", "1.0", "-e", environment, "-p", "kind", "major", "--json") == 0, work.err
        steps = json.loads(work.out)["steps"]
        left_out[environment] = {each["id"] for each in steps if each["applies"] is False}
    assert left_out == {
        "staging": {"mail-support", "status-page", "promote", "mail-support-again"},
        "production": set(),
    }


def test_a_markdown_template_holds_its_parameters_in_a_fence(work: Workplace) -> None:
    """The fence stands where the starter has it, without front matter above."""
    assert work.run("new", "1.0.md") == 0
    text = Path("templates/1.0.md").read_text(encoding="utf-8")
    declared = front_matter.split(text).parameters or ""
    assert text.startswith("# After the release of {{release}}\n")
    assert declared.startswith(
        'from typing import Literal\n\nrelease: str = "1.0"  # what is being shipped\nenvironment:'
    )


def test_the_starters_are_described(work: Workplace) -> None:
    """`--list` says what each one is for, in one sentence, and needs no project."""
    (work.root / "pyproject.toml").unlink()
    assert work.run("new", "--list") == 0
    lines = dict(re.split(r"\s+", line, maxsplit=1) for line in work.out.splitlines())
    assert list(lines) == NAMES
    assert all(each.endswith(".") and each.count(". ") == 0 for each in lines.values())
    assert "PostgreSQL or SQLite" in lines["remove-column"]


@pytest.mark.parametrize("there", ["1.0.ipynb", "1.0.md", "1.0/part.md"])
@pytest.mark.parametrize("name", ["1.0", "1.0.md", "1.0.ipynb"])
def test_nothing_is_written_over(work: Workplace, there: str, name: str) -> None:
    """A template of that name in any form is one clear error."""
    (work.root / "templates" / there).parent.mkdir(parents=True)
    (work.root / "templates" / there).write_text("theirs", encoding="utf-8")
    before = listing(work.root)
    assert work.run("new", name) == 1
    assert f"templates/{there.partition('/')[0]} exists" in work.err
    assert listing(work.root) == before


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["a/b"], 1, "cannot be a file's name"),
        ([".md"], 1, "cannot be a file's name"),
        (["next"], 1, "folder of parts"),
        (["always.md"], 1, "folder of parts"),
        (["1.0", "--from", "relase"], 1, "did you mean 'release'?"),
        (["1.0", "--from", "../step"], 1, "expected one of: backfill, release, remove-column, step"),
        ([], 2, "Missing argument 'NAME'"),
    ],
)
def test_bad_names_are_told(work: Workplace, arguments: list[str], status: int, said: str) -> None:
    """A name that cannot be used is said, and nothing is written."""
    before = listing(work.root)
    assert work.run("new", *arguments) == status
    assert said in work.err
    assert listing(work.root) == before


def test_the_folder_is_the_configured_one(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template is written where the project keeps its templates, from any folder below it."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\ntemplates = "ops/steps"\n', encoding="utf-8")
    (work.root / "src").mkdir()
    monkeypatch.chdir(work.root / "src")
    assert work.run("new", "1.0") == 0
    written = json.loads((work.root / "ops" / "steps" / "1.0.ipynb").read_text(encoding="utf-8"))
    assert written["metadata"]["kernelspec"]["language"] == "python"
    assert not any(cell.get("outputs") for cell in written["cells"])
