"""nbrunbook lint: findings, how they are shown, what is looked at, and changes that should have a step."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Workplace
from tests.making import listing, put, run_git

CORPUS = os.environ.get("NBRUNBOOK_CORPUS")
STRANGERS = sorted(Path(CORPUS).rglob("*.ipynb")) + sorted(Path(CORPUS).rglob("*.md")) if CORPUS else []


def found(work: Workplace, *arguments: str) -> list[tuple[str, str]]:
    """Return (id, path) of what `lint` finds."""
    status = work.run("lint", "--format", "json", *arguments)
    findings = [(each["id"], each["path"]) for each in json.loads(work.out)["findings"]]
    assert status == (1 if findings else 0)
    return findings


def test_without_findings_it_is_content(work: Workplace) -> None:
    """A clean template prints nothing on stdout, a summary on stderr, and exits with 0."""
    work.template("- [ ] a {#a}")
    assert work.run("lint") == 0
    assert (work.out, work.err) == ("", "1 template, 0 findings\n")


def test_a_finding_says_what_where_and_what_to_do(work: Workplace) -> None:
    """One line a finding: id, file, cell, line, message, hint; and the exit status is 1."""
    work.template("# A\n- [ ] a {#a .irreversable}")
    assert work.run("lint") == 1
    expected = "RB104 templates/1.0.ipynb, cell 2, line 2: unknown flag .irreversable on a step"
    assert work.out == f"{expected} (did you mean .irreversible?)\n"
    assert work.err == "1 template, 1 finding, 1 of which stops a runbook\n"
    work.template("# A\n- [ ] a {#a .irreversable}\n- [ ] b {#b .irreversable}")
    assert work.run("lint") == 1
    assert work.err == "1 template, 2 findings, 2 of which stop a runbook\n"


def test_json_says_the_same(work: Workplace) -> None:
    """JSON has each finding's facts, and which templates were looked at."""
    work.template("- [ ] a {#a .irreversable}")
    work.run("lint", "--format", "json")
    shown = json.loads(work.out)
    assert shown["templates"] == ["templates/1.0.ipynb"]
    assert shown["findings"] == [
        {
            "id": "RB104",
            "path": "templates/1.0.ipynb",
            "cell": 2,
            "line": 1,
            "message": "unknown flag .irreversable on a step",
            "hint": "did you mean .irreversible?",
            "code": "",
            "stops": True,
        }
    ]


def test_github_annotates_the_line_of_the_file(work: Workplace) -> None:
    """A workflow command names the line in the file, not in the cell, and escapes what it must."""
    path = work.template("# A\n\n- [ ] 100%: a, b")
    assert work.run("lint", "--format", "github") == 1
    number = next(n for n, line in enumerate((work.root / path).read_text().splitlines(), 1) if "100%" in line)
    where = f"::warning file=templates/1.0.ipynb,line={number},title=RB203%2C cell 2::"
    assert work.out.startswith(f"{where}the id of '100%25: a, b' is not pinned")
    assert len(work.out.splitlines()) == 1


def test_github_wants_paths_from_the_repository(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever folder lint runs in, an annotation names the file from the repository's root."""
    subprocess.run(["git", "init", "-q"], cwd=work.root, check=True)
    put(work.root / "templates", **{"1.0": "- [ ] a"})
    monkeypatch.chdir(work.root / "templates")
    assert work.run("lint", "--format", "github") == 1
    assert work.out.startswith("::warning file=templates/1.0.md,line=1,")


def test_what_is_looked_at(work: Workplace) -> None:
    """Nothing, the root and the folder mean all templates; a part means its folder; other folders what is in them."""
    put(work.root, **{"templates__1.0": "x", "templates__next__a": "- [ ] a", "templates__next__b": "- [ ] b"})
    put(work.root, templates__always__z="- [ ] z", other__one="x", other__two="x", README="- [ ] x")
    names = ("templates/always/z.md", "templates/next/a.md", "templates/next/b.md")
    everything = [("RB203", name) for name in names]
    for arguments in ([], ["."], ["templates"], [str(work.root / "templates")]):
        assert [(problem, os.path.relpath(path)) for problem, path in found(work, *arguments)] == everything
    assert found(work, "templates/next/a.md", "templates/next/b.md", "templates/next") == everything[1:]
    assert found(work, "other") == [("RB209", "other/one.md"), ("RB209", "other/two.md")]


def test_what_is_no_part_is_passed_over(work: Workplace) -> None:
    """A hook names what was staged: a README or a draft among the templates is no template."""
    put(work.root / "templates", README="x", _draft="x")
    assert found(work, "templates/README.md", "templates/_draft.md") == []
    assert work.err == "templates/README.md is no part of a template\ntemplates/_draft.md is no part of a template\n"


def test_what_is_not_there_is_a_finding(work: Workplace) -> None:
    """A path that leads nowhere and a runbook are told, each with what was expected."""
    work.template("- [ ] a {#a}")
    assert work.run("instantiate", "1.0", "-e", "staging") == 0
    assert found(work, "templates/2.0.ipynb", "runbooks/staging/1.0.ipynb") == [
        ("RB100", "templates/2.0.ipynb"),
        ("RB100", "runbooks/staging/1.0.ipynb"),
    ]
    work.run("lint", "runbooks/staging/1.0.ipynb")
    assert "a runbook (expected a template" in work.out


def test_without_a_project_a_path_is_enough(tmp_path: Path, work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template outside of any project is linted; without a path there is nothing to go by."""
    (work.root / "pyproject.toml").unlink()
    put(work.root, one="- [ ] a {#a}")
    assert found(work, "one.md") == []
    assert work.run("lint") == 1
    assert "no project at or above" in work.err


def test_advice_can_be_ignored(work: Workplace) -> None:
    """`ignore` in the configuration silences advice, and nothing that stops a template."""
    work.template("- [ ] a")
    settings = work.root / "pyproject.toml"
    settings.write_text('[tool.nbrunbook]\nignore = ["RB203"]\n')
    assert found(work) == []
    settings.write_text('[tool.nbrunbook]\nignore = ["RB103"]\n')
    assert work.run("lint") == 1
    assert "expected ids of advice" in work.err


def test_fix_mends_and_tells(work: Workplace) -> None:
    """--fix writes what has one right answer, names the files, and then finds what is left."""
    path = work.template("- [ ] a\n- [] b")
    assert found(work, "--fix") == [("RB201", str(path))]
    assert work.err == f"mended {path}\n"
    before = listing(work.root)
    assert found(work, "--fix") == [("RB201", str(path))]
    assert (work.err, listing(work.root)) == ("", before)


def test_fix_leaves_what_it_cannot_read(work: Workplace) -> None:
    """A file that is no notebook stays as it is, and is told."""
    put(work.root, templates__a="- [ ] a")
    (work.root / "templates" / "bad.ipynb").write_text('{"nbformat": 4')
    assert found(work, "--fix") == [("RB100", "templates/bad.ipynb")]
    assert (work.root / "templates" / "bad.ipynb").read_text() == '{"nbformat": 4'


def test_fix_tells_what_it_leaves_alone(work: Workplace) -> None:
    """A notebook in which a key stands twice is not written, and why is told."""
    path = work.template("- [ ] a")
    (work.root / path).write_text((work.root / path).read_text().replace('"id"', '"id": "x", "id"', 1))
    assert found(work, "--fix") == [("RB203", str(path))]
    assert work.err == f"{path} is left as it is: the key 'id' stands in it twice\n"


DEEP = json.dumps({"nbformat": 4, "cells": [], "metadata": {}}).replace("{}", '{"a": ' * 500 + "1" + "}" * 500)


@pytest.mark.parametrize("content", [DEEP, '{"nbformat": "4"}', '{"nbformat": 4.0}', '{"nbformat": 99}', "[" * 10**5])
def test_one_bad_file_never_stops_the_others(work: Workplace, content: str) -> None:
    """Beside it, in one folder of parts, and among the standing parts: what is wrong with the others is told."""
    put(work.root, templates__always__d="- [] d")
    put(work.root, **{"templates__1.0": "- [ ] a", "templates__2.0__b": "- [ ] b {#b after=c when=x}"})
    for name in ("0.9", "2.0/a", "always/a"):
        (work.root / "templates" / f"{name}.ipynb").write_text(content)
    bad = [("RB100", f"templates/{name}.ipynb") for name in ("0.9", "2.0/a", "always/a")]
    assert sorted(found(work)) == [*bad, ("RB201", "templates/always/d.md"), ("RB203", "templates/1.0.md")]
    assert sorted(found(work, "--fix"))[:3] == bad


# What changed


class Repository:
    """A project in git whose branch `work` has left main."""

    def __init__(self, work: Workplace, settings: str) -> None:
        self.work = work
        (work.root / "pyproject.toml").write_text(f"[tool.nbrunbook]\n{settings}\n")
        put(work.root, **{"templates__1.0": "- [ ] a {#a}", "templates__old": "- [ ] old"})
        self.git("init", "-q")
        self.commit("Begin")
        self.git("switch", "-qc", "work")

    def git(self, *arguments: str) -> None:
        """Run git, as ana."""
        run_git(self.work.root, *arguments)

    def write(self, name: str, text: str = "x") -> None:
        """Write a file, with the folders that it needs."""
        path = self.work.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture
def repository(work: Workplace) -> Repository:
    """A repository that expects a step with each migration."""
    return Repository(work, 'expect = ["*/migrations/*", "infra/*.tf"]')


def test_a_migration_without_a_step_is_told(repository: Repository) -> None:
    """Files that `expect` names, committed or not, while no template gained a step: one finding that lists them."""
    repository.write("shop/migrations/0002_drop.py")
    repository.commit("Drop the column")
    repository.write("infra/cdn.tf")
    repository.write("shop/models.py")
    assert repository.work.run("lint", "--changed") == 1
    told = "RB301 infra/cdn.tf: it changed (and shop/migrations/0002_drop.py), and no template gained a step"
    assert repository.work.out.startswith(f"{told} (add one that names cdn, cdn.tf (nbrunbook new NAME --next), or say")


def test_a_step_answers_it(repository: Repository) -> None:
    """A part with a step, committed or not, is what was expected; a reworded or moved step is none."""
    repository.write("shop/migrations/0002_drop.py")
    repository.git("mv", "templates/1.0.md", "templates/2.0.md")
    repository.write("templates/2.0.md", "- [ ] Another wording {#a}")
    assert ("RB301", "shop/migrations/0002_drop.py") in found(repository.work, "--changed")
    put(repository.work.root, templates__next__drop="- [ ] Drop it {#drop}")
    assert found(repository.work, "--changed") == []


def test_a_new_template_has_to_name_it_too(repository: Repository) -> None:
    """Each release has its own steps, whatever they are called: a new template gains them, and one names the file."""
    repository.write("migrations/0002_drop.py")
    repository.write("templates/2.0.md", "- [ ] a {#a}")
    assert ("RB301", "migrations/0002_drop.py") in found(repository.work, "--changed")
    repository.write("templates/2.0.md", "- [ ] a {#a}\n- [ ] Run 0002_drop {#b}")
    assert found(repository.work, "--changed") == []


def test_a_part_that_went_is_looked_at(repository: Repository) -> None:
    """What a deleted part leaves behind is linted, though none of its files changed."""
    put(repository.work.root, templates__next__a="- [ ] a {#a}", templates__next__b="- [ ] b {#b after=a}")
    repository.commit("Add parts")
    repository.git("branch", "-f", "main")
    (repository.work.root / "templates" / "next" / "a.md").unlink()
    assert found(repository.work, "--changed") == [("RB108", "templates/next/b.md")]


def test_a_name_that_is_no_utf8_is_told(repository: Repository) -> None:
    """Any file's name can be told."""
    name = os.fsdecode(b"templates/caf\xe9.md")
    repository.write(name, "- [ ] a")
    assert found(repository.work, "--changed") == [("RB203", "templates/caf⟨U+DCE9⟩.md")]


def test_a_commit_message_answers_it(repository: Repository) -> None:
    """`nbrunbook: none needed` in a commit message of the change is an answer; elsewhere it is none."""
    repository.write("shop/migrations/0002_drop.py")
    repository.commit("Say that nbrunbook: none needed is not meant")
    assert found(repository.work, "--changed") != []
    repository.commit("Drop the column\n\nnbrunbook: none needed, it was never read")
    assert found(repository.work, "--changed") == []


def test_only_what_changed_is_looked_at(repository: Repository) -> None:
    """--changed finds nothing in templates that are as they were, also from a folder below the root."""
    assert found(repository.work) == [("RB203", "templates/old.md")]
    assert found(repository.work, "--changed") == []
    repository.write("templates/1.0.md", "- [ ] b")
    repository.work.run("lint", "--changed")
    assert "1.0.md" in repository.work.out
    assert "old.md" not in repository.work.out


def test_changed_outside_of_git_is_an_error(work: Workplace) -> None:
    """Without git there is nothing to compare with."""
    work.template("- [ ] a {#a}")
    assert work.run("lint", "--changed") == 1
    assert work.err.startswith("error: ")
    assert "git" in work.err


@pytest.mark.skipif(not CORPUS, reason="NBRUNBOOK_CORPUS names no corpus")
@pytest.mark.parametrize("path", STRANGERS, ids=[path.name for path in STRANGERS])
def test_a_stranger_s_file_lints_and_mends(work: Workplace, path: Path) -> None:
    """Every notebook and checklist, also a broken one, lints without a bug, and mending it twice is mending it once."""
    copy = work.root / "templates" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    assert work.run("lint", copy) in (0, 1)
    assert "bug" not in work.err
    assert work.run("lint", "--fix", copy) in (0, 1)
    once = copy.read_bytes()
    assert work.run("lint", "--fix", copy) in (0, 1)
    assert copy.read_bytes() == once
    assert "RB207" not in work.out or "duplicate-keys" in path.name  # which of two outputs was meant?


def test_many_bare_boxes_are_mended_at_once(work: Workplace) -> None:
    """A long list that somebody wrote without markers becomes steps, in one reading."""
    put(work.root / "templates", **{"1.0": "[ ] x\n" * 300})
    assert found(work, "--fix") == []
    text = (work.root / "templates" / "1.0.md").read_text()
    assert text.startswith("- [ ] x {#x}\n- [ ] x {#x-2}\n")
    assert text.count("{#") == 300


def test_fix_keeps_modes_links_and_layouts(work: Workplace) -> None:
    """A link stays one, a file's mode stays, and a notebook in which a key stands twice is left alone."""
    put(work.root, real="- [ ] a")
    put(work.root / "templates", **{"2.0": "- [ ] a"})
    (work.root / "templates" / "1.0.md").symlink_to(work.root / "real.md")
    (work.root / "templates" / "2.0.md").chmod(0o600)
    odd = work.root / work.template("- [ ] a", name="3.0")
    odd.write_text(odd.read_text().replace('"source": ', '"source": "- [ ] x", "source": '))
    assert found(work, "--fix") == [("RB203", "templates/3.0.ipynb")]
    assert (work.root / "templates" / "1.0.md").is_symlink()
    assert (work.root / "real.md").read_text() == "- [ ] a {#a}"
    assert (work.root / "templates" / "2.0.md").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_an_error(work: Workplace) -> None:
    """A misspelt folder in the configuration must not pass for a project without findings."""
    (work.root / "pyproject.toml").write_text('[tool.nbrunbook]\ntemplates = "tmplates"\n')
    assert work.run("lint") == 1
    assert work.err == (
        "error: tmplates: not there; expected the folder of the project's templates; 'nbrunbook init' makes it\n"
    )
