"""nbrunbook diff, in real repositories."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Workplace
from tests.making import put, run_git

STEPS = "## A\n- [ ] Press the button {#press .approval}\n- [ ] Mail support {#mail}"
Git = Callable[..., str]


@pytest.fixture
def git(work: Workplace) -> Git:
    """A repository whose branch `work` begins with templates/1.0.ipynb, and git in it."""
    run = partial(run_git, work.root)
    work.template(STEPS)
    for line in ("init -q", "add .", "commit -qm Begin", "switch -qc work"):
        run(*line.split())
    return run


def _changes(work: Workplace, *arguments: str | Path) -> list[tuple[str, str]]:
    assert work.run("diff", *arguments, "--format", "json") == 0, work.err
    reviews = json.loads(work.out)["reviews"]
    return [(change["id"], change["kind"]) for each in reviews for change in each["changes"]]


def test_two_files_are_compared(work: Workplace) -> None:
    """Two templates need no repository; the exit status is 1 only where it is asked for."""
    old, new = work.template(STEPS), work.template(STEPS.replace(" .approval", ""), name="2.0", parameters="x: int = 1")
    assert work.run("diff", old, new) == 0
    assert "1 step changed" in work.out
    assert "riskier" in work.out
    assert work.run("diff", old, new, "--exit-code") == 1
    assert work.run("diff", old, old, "--exit-code") == 0
    assert "No step changed." in work.out


def test_a_template_is_compared_with_what_the_branch_began_with(work: Workplace, git: Git) -> None:
    """Committed and uncommitted changes of the branch count, later ones of the default branch do not."""
    git("switch", "-q", "main")
    work.template(f"{STEPS}\n- [ ] On main {{#on-main}}")
    git("commit", "-qam", "Go on")
    git("switch", "-q", "work")
    path = work.template(f"{STEPS}\n- [ ] New {{#new}}")
    assert _changes(work, path) == [("new", "added")]
    assert _changes(work) == [("new", "added")]
    git("commit", "-qam", "Add a step")
    assert _changes(work, path) == [("new", "added")]


@pytest.mark.parametrize("name", ["main:templates/1.0.ipynb", "main:./1.0.ipynb", "main~0:../templates/1.0.ipynb"])
def test_a_commit_is_named_as_git_names_it(
    work: Workplace, git: Git, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """REV:path counts from the work tree's root, or from here where it begins with a dot."""
    work.template(f"{STEPS}\n- [ ] New {{#new}}")
    monkeypatch.chdir(work.root / "templates")
    assert _changes(work, name) == [("new", "added")]
    assert _changes(work, name, "1.0.ipynb") == [("new", "added")]
    assert _changes(work, "1.0.ipynb", name) == [("new", "removed")]
    assert _changes(work, name, "HEAD:templates/1.0.ipynb") == []


def test_new_moved_and_deleted_templates_are_told(work: Workplace, git: Git) -> None:
    """Without arguments: a new template is added whole, a deleted one removed, a renamed one is what it was."""
    work.template("- [ ] Gone {#gone}", name="0.9")
    git("add", ".")
    git("commit", "-qm", "Add another")
    git("branch", "-f", "main")
    (work.root / "templates" / "0.9.ipynb").unlink()
    (work.root / "templates" / "1.0.ipynb").unlink()
    work.template(f"{STEPS}\n- [ ] More {{#more}}", name="1.1")
    work.template("- [ ] Other {#other}", name="3.0")
    found = _changes(work)
    assert ("more", "added") in found
    assert ("release", "changed") in found
    assert ("gone", "removed") in found
    assert ("other", "added") in found
    assert not {("press", "added"), ("press", "removed")} & set(found)
    assert work.run("diff") == 0
    assert "templates/3.0.ipynb (not there) → templates/3.0.ipynb" in work.out
    assert "templates/1.0.ipynb → templates/1.1.ipynb" in work.out


def test_other_files_beside_templates_are_no_templates(work: Workplace, git: Git) -> None:
    """Notes, images and hidden folders do not count, nor does what changed elsewhere."""
    (work.root / "templates" / "notes.txt").write_text("x")
    (work.root / "templates" / "README.md").write_text("- [ ] no step")
    (work.root / "templates" / ".ipynb_checkpoints").mkdir()
    (work.root / "templates" / ".ipynb_checkpoints" / "1.0.ipynb").write_text("{}")
    (work.root / "templates" / "images").mkdir()
    (work.root / "templates" / "images" / "a.png").write_text("x")
    (work.root / "other.ipynb").write_text("{}")
    assert _changes(work) == []


def test_an_image_of_a_commit_is_compared(work: Workplace, git: Git) -> None:
    """Images beside a template are read from the same commit as the template."""
    image = work.root / "templates" / "a.png"
    image.write_bytes(b"1")
    path = work.template(f"![a](a.png)\n\n{STEPS}")
    git("add", ".")
    git("commit", "-qm", "Add an image")
    git("branch", "-f", "main")
    assert _changes(work, path) == []
    image.write_bytes(b"2")
    assert _changes(work, path) == [("a.png", "changed")]


def test_a_runbook_is_compared_with_its_template(work: Workplace) -> None:
    """What was put in is no change; what the template says by now is one."""
    text = "# On {{environment}}\nSee [it](../x/{{release}}.md).\n\n"
    text += '## A {owner="{{environment}}"}\n- [ ] To {{environment}} {#a}'
    path = work.template(text, code="print(1)")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    runbook = "runbooks/staging/1.0.ipynb"
    assert _changes(work, runbook) == []
    assert _changes(work, path, runbook) == []
    work.template(f"{text}\n- [ ] b {{#b}}", code="print(2)")
    assert _changes(work, runbook) == [("b", "added"), ("code", "changed")]
    assert _changes(work, runbook, path) == _changes(work, runbook)
    (work.root / path).unlink()
    assert work.run("diff", runbook) == 1
    assert "its template templates/1.0.ipynb is not there" in work.err


@pytest.mark.parametrize("written", ["\\\\<x>", "<x>"])
def test_a_tag_that_nobody_knows_is_no_change(work: Workplace, written: str) -> None:
    """A runbook shows <x> in its text cells, one that an older nbrunbook made holds it as its author wrote it."""
    path = work.template("# On <x>\nFor <x>.\n\n## A <x>\n- [ ] To <x> {#a}")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    runbook = work.root / "runbooks" / "staging" / "1.0.ipynb"
    content = runbook.read_text(encoding="utf-8")
    assert content.count("\\\\<x>") == 3
    runbook.write_text(content.replace("\\\\<x>", written), encoding="utf-8")
    assert _changes(work, runbook) == []


def test_an_image_in_a_runbook_is_no_wall_of_letters(work: Workplace) -> None:
    """Links to images are embedded in a runbook; that is no change, and another image is a short one."""
    image = work.root / "templates" / "a.png"
    path = work.template("# See\n![a](a.png)", "- [ ] a {#a}")
    image.write_bytes(b"1" * 500)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    assert _changes(work, "runbooks/staging/1.0.ipynb") == []
    image.write_bytes(b"2" * 500)
    assert ("a.png", "changed") in _changes(work, "runbooks/staging/1.0.ipynb")
    assert len(work.out) < 2000


def test_a_damaged_plan_is_one_clear_error(work: Workplace) -> None:
    """A runbook whose plan cannot be read is named."""
    path = work.template(STEPS)
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    runbook = work.root / "runbooks" / "staging" / "1.0.ipynb"
    document = json.loads(runbook.read_text())
    document["metadata"]["nbrunbook"]["plan"] = {"schema": 1}
    runbook.write_text(json.dumps(document))
    assert work.run("diff", path, runbook) == 1
    assert "1.0.ipynb: a damaged plan" in work.err


def test_two_runbooks_are_compared(work: Workplace) -> None:
    """Two environments differ in their parameters and in what their values left out."""
    path = work.template("- [ ] To {{environment}} {#a}\n- [ ] b {#b when=\"environment == 'staging'\"}")
    for environment in ("staging", "production"):
        assert work.run("instantiate", path, "-e", environment) == 0, work.err
    found = _changes(work, "runbooks/staging/1.0.ipynb", "runbooks/production/1.0.ipynb")
    assert found == [("environment", "changed")]


def test_markdown_is_ready_for_a_comment(work: Workplace, git: Git) -> None:
    """It starts with the marker by which CI finds its comment, and says so where nothing changed."""
    assert work.run("diff", "--format", "markdown") == 0
    assert work.out == "<!-- nbrunbook -->\nNo step changed.\n"
    work.template(STEPS.replace("Mail", "Tell"))
    assert work.run("diff", "--format", "markdown") == 0
    assert work.out.startswith("<!-- nbrunbook -->\n1 step reworded\n")


def test_a_template_with_findings_is_compared(work: Workplace) -> None:
    """A reviewer sees what changed though the template cannot become a runbook yet."""
    old, new = work.template(STEPS), work.template(f"{STEPS}\n- [ ] x {{#press .approvel}}", name="2.0")
    assert ("press-2", "added") in _changes(work, old, new)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.ipynb", "templates/1.0.ipynb"], "nowhere.ipynb: no such file"),
        (["main:templates/9.ipynb"], "main holds no templates/9.ipynb"),
        (["nowhere:templates/1.0.ipynb"], "git knows no commit 'nowhere'"),
        (["main:../../x.ipynb"], "lies outside of the repository"),
        (["broken.ipynb"], "broken.ipynb: not JSON"),
        (["main:broken.ipynb"], "main:broken.ipynb: not JSON"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(work: Workplace, git: Git, arguments: list[str], said: str) -> None:
    """A file, a path in a commit, a commit that is not there, a file that is no notebook: one line, status 1."""
    (work.root / "broken.ipynb").write_text("<<<<<<<")
    git("add", ".")
    git("commit", "-qm", "Break")
    git("branch", "-f", "main")
    assert work.run("diff", *arguments) == 1
    assert said in work.err
    assert work.err.count("\n") == 1
    assert work.out == ""


def test_outside_of_a_repository_it_says_so(work: Workplace) -> None:
    """Without git there is nothing to compare one template with."""
    path = work.template(STEPS)
    assert work.run("diff", path) == 1
    assert "not a git repository" in work.err


def test_what_the_standing_parts_changed_is_told_once(work: Workplace, git: Git) -> None:
    """It belongs to every release's template, and is said where it stands; a new release does not add it again."""
    put(work.root / "templates", always__z="## Verify\n- [ ] z {#z}", **{"2.0__a": "## Verify\n- [ ] a {#a}"})
    git("add", ".")
    git("commit", "-qm", "Add standing parts")
    git("branch", "-f", "main")
    put(work.root / "templates", always__z="## Verify\n- [ ] zz {#z}", **{"3.0__b": "- [ ] b {#b}"})
    assert [change for change in _changes(work) if change[0] in "abz"] == [("b", "added"), ("z", "changed")]


def test_what_could_not_be_read_before_was_not_there(work: Workplace, git: Git) -> None:
    """A change that mends a broken template shows its steps as new."""
    (work.root / "templates" / "2.0.ipynb").write_text("{")
    git("add", ".")
    git("commit", "-qm", "Break it")
    git("branch", "-f", "main")
    work.template("- [ ] a {#a}", name="2.0")
    assert ("a", "added") in _changes(work)


def test_a_template_is_named_as_its_release(work: Workplace, git: Git) -> None:
    """A release's name does for its template."""
    work.template(STEPS.replace("Mail", "Call"))
    assert _changes(work, "1.0") == [("mail", "changed")]
    assert work.run("diff", "1.1") == 1
    assert "no template '1.1'" in work.err
    assert "did you mean '1.0'?" in work.err


def test_what_cannot_be_read_now_stops_no_other(work: Workplace, git: Git) -> None:
    """Of all that a branch changed the others are compared, and that one is named: it was not removed."""
    work.template("- [ ] a {#a}", name="2.0")
    git("add", ".")
    git("commit", "-qm", "Add another")
    git("branch", "-f", "main")
    work.template("- [ ] b {#b}", name="3.0")
    for name in ("2.0", "4.0"):
        (work.root / "templates" / f"{name}.ipynb").write_text('{"nbformat": 99}')
    assert work.run("diff", "--format", "json") == 1
    changed = [change["id"] for review in json.loads(work.out)["reviews"] for change in review["changes"]]
    assert ("b" in changed, "a" in changed) == (True, False)
    assert [line.split(": ")[1] for line in work.err.splitlines()] == ["templates/2.0.ipynb", "templates/4.0.ipynb"]
