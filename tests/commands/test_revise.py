"""nbrunbook revise: a hotfix to the steps of an open runbook."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO

import pytest

from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import put, run_git, session_on

STEPS = "## Tell\n- [ ] Mail {#mail}\n- [ ] Board {#board}"
NEW = "## Tell\n- [ ] Mail all {#mail}\n- [ ] Call {#call}"


@pytest.fixture
def key(runbook: MakeRunbook) -> str:
    """An open runbook with one step done."""
    key = runbook(STEPS)
    session_on(key).append("ticked", "mail")
    return key


def _kinds() -> list[str]:
    return [event.kind for event in session_on().events]


def test_a_revision_is_shown_and_recorded(work: Workplace, key: str) -> None:
    """The difference is told as `diff` tells it, then what becomes of what is settled, then it is one event."""
    work.template(NEW)
    assert work.run("revise", key, "--yes") == 0, work.err
    assert f"{key} → templates/1.0.ipynb" in work.out
    assert "Mail{+ all+}" in work.out
    assert "settled, and to be confirmed: Mail (mail)" in work.out
    assert f"{key}: revised, 1 of 2 done, 1 reworded since done" in work.out
    assert _kinds() == ["opened", "ticked", "revised"]
    work.run("status", key)
    assert "Reworded since done" in work.out
    assert "Board  (board): never settled" in work.out
    assert work.run("status", key, "--check") == 1
    work.run("journal", key)
    assert "revised  plan: " in work.out
    assert "sha256" not in work.out


def test_the_export_follows(work: Workplace, key: str) -> None:
    """A runbook's task list has the steps as they are now, in sections of their own."""
    work.template(f"{NEW}\n## New {{.gate}}\n- [ ] N {{#n}}")
    assert work.run("revise", key, "--yes") == 0, work.err
    assert work.run("export", key) == 0, work.err
    assert "- [x] Mail all" in work.out
    assert work.out.index("Call") < work.out.index("## New <!--{.gate}-->") < work.out.index("- [ ] N")
    work.template("## Other\n- [ ] O {#o}")
    assert work.run("revise", key, "--yes") == 0, work.err
    assert work.run("export", key) == 0, work.err
    assert "removed in a revision" in work.out


def test_where_nothing_changed_nothing_is_recorded(work: Workplace, key: str) -> None:
    """Other words around the steps are no revision; it says so, and that is fine."""
    work.template("# A title\n" + STEPS, code="print(1)")
    assert work.run("revise", key) == 0
    assert "nothing to revise" in work.out
    assert work.run("status", key) == 0
    assert "the template changed" not in work.out
    assert _kinds() == ["opened", "ticked"]


def test_it_only_looks_on_request(work: Workplace, key: str) -> None:
    """--dry-run shows what would change, for a machine too."""
    work.template(NEW)
    assert work.run("revise", key, "--dry-run") == 0
    assert "nothing was recorded" in work.err
    assert work.run("revise", key, "--dry-run", "--json") == 0
    said = json.loads(work.out)
    assert (said["runbook"], said["revised"]) == (key, False)
    assert {change["id"] for change in said["review"]["changes"]} == {"mail", "board", "call"}
    assert _kinds() == ["opened", "ticked"]


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1)])
def test_it_asks_on_a_terminal(
    work: Workplace, key: str, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    """Only yes does it; where nobody can answer, --yes is asked for."""
    work.template(NEW)
    assert work.run("revise", key) == 1
    assert "add --yes" in work.err
    typed = StringIO(answer)
    typed.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", typed)
    assert work.run("revise", key) == status
    assert ("revised" in _kinds()) is (status == 0)


def test_a_template_that_cannot_become_a_runbook_revises_none(work: Workplace, key: str) -> None:
    """The findings are those of instantiate, and status still says that something waits."""
    work.template("- [ ] A {#a}\n- [ ] B {#a}")
    assert work.run("revise", key, "--yes") == 1
    assert "stops this template" in work.err
    work.run("status", key)
    assert f"the template changed since: nbrunbook revise {key}" in work.out
    work.run("status", "--json")
    assert json.loads(work.out)["runbooks"][0]["revision_waits"] is True
    assert _kinds() == ["opened", "ticked"]


def test_a_template_that_is_gone_is_told(work: Workplace, key: str) -> None:
    """A revision needs it; status does not, and says nothing."""
    (work.root / "templates" / "1.0.ipynb").unlink()
    assert work.run("revise", key, "--yes") == 1
    assert f"the template 1.0 of {key} is not there" in work.err
    assert work.run("status", key) == 0
    assert "template" not in work.out


def test_only_an_open_runbook_is_revised(work: Workplace, key: str) -> None:
    """A runbook that is signed off is reopened first."""
    session_on().append("ticked", "board")
    session_on().sign_off(None)
    work.template(NEW)
    assert work.run("revise", key, "--yes") == 1
    assert "reopen it first" in work.err
    work.run("status", key)
    assert "the template changed" not in work.out


# Parameters

Given = Callable[..., Session]


@pytest.fixture
def declared(work: Workplace, runbook: MakeRunbook) -> str:
    """A runbook that was made with a value of its own."""
    path = work.template("- [ ] Mail {{kind}} {#mail}", parameters=f"{PARAMETERS}\nkind: str = 'minor'")
    work.run("instantiate", path, "-e", "staging", "-p", "kind", "patch")
    return "staging/1.0"


def _declare(work: Workplace, *more: str, kind: str = "str = 'minor'") -> None:
    lines = "\n".join([PARAMETERS, f"kind: {kind}", *more])
    work.template("- [ ] Mail {{kind}} to {{who}} {#mail}", parameters=lines)


def test_it_keeps_its_own_values(work: Workplace, declared: str) -> None:
    """Values of the runbook stay, new parameters take their default, and the event says which came."""
    _declare(work, "who: str = 'all'")
    assert work.run("revise", declared, "--yes") == 0, work.err
    assert session_on().step("mail").title == "Mail patch to all"
    assert session_on().events[-1].data["parameters"] == '{"who":"all"}'
    _declare(work, "who: str = 'all'", "n: int")
    assert work.run("revise", declared, "--yes", "-p", "n", "2") == 0, work.err


def test_a_new_parameter_takes_the_environments_value(work: Workplace, declared: str) -> None:
    """The environment's table gives it, and only for parameters that are new."""
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('[tool.nbrunbook.environments.staging]\nwho = "Kim"\nkind = "major"\n')
    _declare(work, "who: str")
    assert work.run("revise", declared, "--yes") == 0, work.err
    assert session_on().step("mail").title == "Mail patch to Kim"


def test_a_new_parameter_without_a_value_is_named(work: Workplace, declared: str) -> None:
    """Nothing is recorded until -p gives it."""
    _declare(work, "who: str")
    assert work.run("revise", declared, "--yes") == 1
    assert "parameter who: no value" in work.err
    assert work.run("revise", declared, "--yes", "-p", "who", "Kim") == 0
    assert session_on().step("mail").title == "Mail patch to Kim"


@pytest.mark.parametrize("name", ["kind", "release", "environment"])
def test_values_that_it_was_made_with_stay(work: Workplace, declared: str, name: str) -> None:
    """What the runbook was made with is not changed by a revision."""
    _declare(work, "who: str = 'all'")
    assert work.run("revise", declared, "--yes", "-p", name, "other") == 1
    assert f"parameter {name}: the runbook was made with" in work.err


def test_a_value_that_the_template_no_longer_takes_is_given_anew(work: Workplace, declared: str) -> None:
    """The error names it, and -p gives another one."""
    _declare(work, "who: str = 'all'", kind="int = 1")
    assert work.run("revise", declared, "--yes") == 1
    assert "parameter kind: 'patch'" in work.err
    assert work.run("revise", declared, "--yes", "-p", "kind", "3") == 0, work.err
    assert session_on().step("mail").title == "Mail 3 to all"


# Where the template lies


def test_a_folder_of_parts_is_found_with_its_new_ones(work: Workplace) -> None:
    """A part that was added counts, as a changed one and the standing ones do."""
    put(work.root, templates__1_0__a="- [ ] A {#a}", templates__always__z="- [ ] Z {#z}")
    work.run("instantiate", "templates/1_0", "-e", "staging")
    put(work.root, templates__1_0__b="- [ ] B {#b}")
    work.run("status", "staging/1_0")
    assert "the template changed since" in work.out
    assert work.run("revise", "staging/1_0", "--yes") == 0, work.err
    assert [*session_on("staging/1_0").progress.plan.by_id] == ["a", "b", "z"]
    assert len(session_on("staging/1_0").template["parts"]) == 3


def test_what_was_cut_since_is_found_by_its_release(work: Workplace) -> None:
    """The parts of templates/next have moved to the folder of the release."""
    run_git(work.root, "init", "-q")
    put(work.root, templates__next__a="- [ ] A {#a}")
    work.run("instantiate", "templates/next", "-e", "staging", "--release", "2.0")
    work.run("cut", "2.0")
    (work.root / "templates" / "2.0" / "a.md").write_text("- [ ] A, again {#a}", encoding="utf-8")
    assert work.run("revise", "staging/2.0", "--yes") == 0, work.err
    assert session_on("staging/2.0").step("a").title == "A, again"


def test_the_parts_of_the_release_after_the_cut_are_not_its_own(work: Workplace) -> None:
    """What stands in templates/next once it was cut is of the release that follows."""
    run_git(work.root, "init", "-q")
    put(work.root, templates__next__a="- [ ] A {#a}")
    work.run("instantiate", "templates/next", "-e", "staging", "--release", "2.0")
    work.run("cut", "2.0")
    put(work.root, templates__next__b="- [ ] Of 3.0 {#b}")
    count = len(session_on("staging/2.0").events)
    assert work.run("revise", "staging/2.0", "--yes") == 0, work.err
    assert len(session_on("staging/2.0").events) == count
    assert work.run("status", "staging/2.0") == 0
    assert "the template changed since" not in work.out


def test_what_another_environment_settled_is_confirmed_there(work: Workplace, runbook: MakeRunbook) -> None:
    """A step that was settled elsewhere in the group is not announced as one to be confirmed here."""
    config = "".join(f'[tool.nbrunbook.environments.{each}]\ngroup = "production"\n' for each in ("eu", "us"))
    (work.root / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{config}', encoding="utf-8")
    path = work.template("- [ ] Mail {#mail .once}\n- [ ] B {#b}")
    assert work.run("instantiate", path, "-e", "production") == work.run("tick", "eu/1.0", "mail") == 0, work.err
    work.template("- [ ] Mail all {#mail .once}\n- [ ] B {#b}")
    assert work.run("revise", "us/1.0", "--yes") == 0, work.err
    assert "to be confirmed" not in work.out
    assert work.run("revise", "eu/1.0", "--yes") == 0, work.err
    assert "to be confirmed: Mail (mail)" in work.out


def test_a_sign_off_that_is_refused_names_all_that_is_left(work: Workplace, key: str) -> None:
    """What is open and what is not confirmed stand in one message."""
    work.template(NEW)
    assert work.run("revise", key, "--yes") == 0, work.err
    assert work.run("sign-off", key) == 1
    assert "1 required open: “Call”; reworded since done, and not confirmed: “Mail all”" in work.err


COMMITTED = '[project]\nname = "shop"\n[tool.nbrunbook.environments.staging]\ncommitted = true\n'


def test_a_revision_that_is_not_committed_is_told(work: Workplace, key: str) -> None:
    """It says so before it asks, in the header and in the record; the next one, which is committed, does not."""
    for arguments in (["init", "-q"], ["add", "templates"], ["commit", "-qm", "One"]):
        run_git(work.root, *arguments)
    work.template(NEW)
    assert work.run("revise", key, "--yes") == 0, work.err
    assert f"{key}: not committed: templates/1.0.ipynb\n" in work.err
    assert session_on().template["uncommitted"] == ["templates/1.0.ipynb"]
    assert work.run("archive", key, "--draft") == 0, work.err
    assert "not committed: templates/1.0.ipynb" in (work.root / "records/staging/1.0.draft.html").read_text("utf-8")
    work.template(NEW + "\n- [ ] More {#more}")
    run_git(work.root, "commit", "-qam", "Two")
    assert work.run("revise", key, "--yes") == 0, work.err
    assert work.err == ""
    assert "uncommitted" not in session_on().template


def test_a_revision_may_have_to_be_committed(work: Workplace, key: str) -> None:
    """Where the environment takes committed steps only it is refused, and --dirty takes it; looking is free."""
    (work.root / "pyproject.toml").write_text(COMMITTED, encoding="utf-8")
    work.template(NEW)
    assert work.run("revise", key, "--dry-run") == 0, work.err
    assert work.run("revise", key, "--yes") == 1
    assert "they are in no git repository; expected committed steps in staging" in work.err
    run_git(work.root, "init", "-q")
    assert work.run("revise", key, "--yes") == 1
    assert "not committed: templates/1.0.ipynb; expected committed steps in staging" in work.err
    assert _kinds() == ["opened", "ticked"]
    assert work.run("revise", key, "--yes", "--dirty") == 0, work.err
    assert _kinds() == ["opened", "ticked", "revised"]
