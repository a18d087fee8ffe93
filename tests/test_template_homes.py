"""Templates in several folders: every command sees what they hold of one release as one template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.work import own_notebook
from tests.conftest import WithoutExtras, Workplace
from tests.making import put, run_git, session_on

SETTINGS = """\
[tool.nbrunbook]
name = "shop"
templates = ["templates", "*/runbooks"]
[tool.nbrunbook.environments.staging]
committed = true
"""


@pytest.fixture
def shop(work: Workplace) -> Workplace:
    """A repository with a release in three folders, and one in one of them."""
    (work.root / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    put(work.root / "templates", **{"1.0": "- [ ] Mail {#mail}"})
    put(work.root / "shop/runbooks", **{"1.0__a": "# Shop\n- [ ] Index {#index}", "always__z": "- [ ] Look {#look}"})
    put(
        work.root / "stock/runbooks", **{"1.0": "# Stock\n- [ ] Count {#count}", "2.0": "# Stock\n- [ ] Close {#close}"}
    )
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "First"]):
        run_git(work.root, *arguments)
    return work


def commit(work: Workplace, branch: str) -> None:
    """Commit all that is there on a new branch."""
    for arguments in (["switch", "-qc", branch], ["add", "--all"], ["commit", "-qm", "Work"]):
        run_git(work.root, *arguments)


def test_a_release_is_one_whoever_names_it(shop: Workplace) -> None:
    """By its name, and by the path of each place, the plan is the same; single files come first."""
    digests = set()
    for named in ("1.0", "templates/1.0.md", "shop/runbooks/1.0", "stock/runbooks/1.0.md"):
        assert shop.run("plan", named, "-e", "staging", "--json") == 0, shop.err
        found = json.loads(shop.out)
        assert [each["id"] for each in found["steps"]] == ["mail", "count", "index", "look"]
        digests.add(json.dumps(found["steps"]))
    assert len(digests) == 1
    assert shop.run("export", "stock/runbooks/1.0.md") == 0
    assert [shop.out.index(each) for each in ("mail", "count", "index")] == sorted(
        shop.out.index(each) for each in ("mail", "count", "index")
    )


def test_ids_that_clash_are_told_with_both_files(shop: Workplace) -> None:
    """Two apps that took one id hear where the other's step is; what is mended stays in each app's own file."""
    put(shop.root, shop__runbooks__1=" - [ ] Two", stock__runbooks__1="- [ ] One {#mine}\n- [ ] Again {#mine}")
    put(shop.root, **{"stock__runbooks__1.0": "- [ ] Count {#index}"})
    assert shop.run("lint", "shop/runbooks/1.0") == 1
    assert "RB103 shop/runbooks/1.0/a.md, line 2: a second step has the id 'index'; the first is in " in shop.out
    assert "the first is in stock/runbooks/1.0.md (choose another)" in shop.out
    put(shop.root, stock__runbooks__1="- [ ] One")
    assert shop.run("lint", "--fix", "1") == 0, shop.out
    files = [(shop.root / app / "runbooks/1.md").read_text(encoding="utf-8") for app in ("shop", "stock")]
    assert files == [" - [ ] Two {#two}", "- [ ] One {#one}"]


def test_a_commit_has_its_own_folders(shop: Workplace) -> None:
    """`--at` reads the folders that its commit had, also one that is gone, and none that is new."""
    (shop.root / "stock/runbooks/1.0.md").rename(shop.root / "shop/runbooks/3.0.md")
    (shop.root / "stock/runbooks/2.0.md").unlink()
    (shop.root / "stock/runbooks").rmdir()
    put(shop.root / "new/runbooks", **{"1.0": "- [ ] Later {#later}"})
    assert shop.run("pending", "--at", "main", "--json", "-e", "staging") == 0
    assert [(each["release"], each["template"], each["total"]) for each in json.loads(shop.out)["pending"]] == [
        ("1.0", "templates/1.0.md", 4),
        ("2.0", "stock/runbooks/2.0.md", 2),
    ]
    assert shop.run("instantiate", "--pending", "-e", "staging") == 1
    assert "not committed: new/runbooks/1.0.md" in shop.err
    assert shop.run("instantiate", "--pending", "-e", "staging", "--at", "main") == 0, shop.err
    assert shop.out.splitlines()[0] == "staging/1.0  runbooks/staging/1.0.ipynb  4 steps"


def test_a_part_that_is_gone_is_not_committed(shop: Workplace) -> None:
    """A release that lost a place of its own differs from its commit, though each file that is there does not."""
    (shop.root / "stock/runbooks/1.0.md").unlink()
    assert shop.run("instantiate", "1.0", "-e", "staging") == 1
    assert "not committed: stock/runbooks/1.0.md" in shop.err


def test_a_branch_is_compared_in_all_folders(shop: Workplace) -> None:
    """A part that came, and one that went, are changes of their release; `--changed` takes the release as a whole."""
    run_git(shop.root, "rm", "-q", "stock/runbooks/1.0.md")
    put(shop.root / "new/runbooks", **{"2.0": "# New\n- [ ] Fresh {#fresh}"})
    commit(shop, "work")
    assert shop.run("diff", "--format", "json") == 0
    reviews = json.loads(shop.out)["reviews"]
    assert [each["new"] for each in reviews] == ["templates/1.0.md", "new/runbooks/2.0.md"]
    assert [each["old"].partition(":")[2] for each in reviews] == ["templates/1.0.md", "stock/runbooks/2.0.md"]
    assert shop.run("lint", "--changed") == 0
    assert shop.err == "2 templates, 0 findings\n"
    assert shop.run("diff", "main:stock/runbooks/1.0.md", "templates/1.0.md") == 0
    assert "step removed: Count (count), in Stock" in shop.out


def test_a_runbook_follows_all_of_its_parts(shop: Workplace) -> None:
    """A part that an app adds later waits to be brought in, by `revise`; a release of any folder can be skipped."""
    assert shop.run("instantiate", "1.0", "-e", "staging") == 0, shop.err
    put(shop.root / "later/runbooks", **{"1.0": "# Later\n- [ ] More {#more}"})
    assert shop.run("status", "staging/1.0") == 0
    assert "the template changed since" in shop.out + shop.err
    commit(shop, "work")
    assert shop.run("revise", "staging/1.0", "--yes") == 0, shop.err
    assert "step added: More (more), in Later" in shop.out
    assert shop.run("skip", "staging/2.0", "--reason", "never went there") == 0
    assert "no runbook and no template" not in shop.err


def test_a_notebook_is_made_later_of_the_very_parts(shop: Workplace, without_extras: WithoutExtras) -> None:
    """Where papermill is, a notebook that is made later has the words of all apps, from disk or from git."""
    put(shop.root / "stock/runbooks", **{"1.0": "# Stock\nMind the *shelves*.\n\n- [ ] Count {#count}"})
    commit(shop, "work")
    without_extras()
    assert shop.run("instantiate", "1.0", "-e", "staging") == 0, shop.err
    without_extras(absent=False)
    session = session_on("staging/1.0")
    assert b"Mind the *shelves*" in own_notebook.built(session, find_project())
    Path("stock/runbooks/1.0.md").write_text("# Stock\n- [ ] Count {#count}", encoding="utf-8")
    assert b"Mind the *shelves*" in own_notebook.built(session, find_project())


def test_a_folder_of_another_repository_is_told(shop: Workplace) -> None:
    """What changed in a submodule's templates is not compared with the branch, which is said."""
    run_git(shop.root / "stock", "init", "-q")
    assert shop.run("diff") == 0
    assert shop.err == "not compared, since another repository holds it: stock/runbooks\n"
    assert shop.run("lint", "--changed") == 0
    assert "not compared, since another repository holds it: stock/runbooks\n" in shop.err
