"""nbrunbook rehearse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrunbook.record import verify
from tests.conftest import PARAMETERS, Workplace
from tests.making import listing, put, run_git

STEPS = """## Tell {owner="release manager"}
- [ ] Mail {#mail evidence="link to it" as=mail}
- [ ] Save {#save evidence="file with the export"}
- [ ] Nodes of {{mail}}: {#nodes .group}
  - [ ] web {#web when="environment == 'x'"}
  - [ ] workers {#workers evidence="how many"}
## Switch {.gate}
- [ ] Promote {#promote .irreversible .approval .once}
- [ ] Other {#other after=promote@production}
- [ ] Elsewhere {#elsewhere after="2026.11.0#x, mail"}
- [ ] Over {#over .optional}
  - [ ] Drop {#drop after=promote wait=7d due=8d}
## If {.if-needed}
- [ ] Back {#back}
"""


@pytest.fixture(autouse=True)
def throw_away(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for what is thrown away: after each test there is nothing in it."""
    folder = tmp_path_factory.mktemp("throw-away")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def _happened(work: Workplace, *arguments: str | Path, status: int = 0) -> dict[str, tuple[str, str]]:
    """What came of each line of a rehearsal."""
    assert work.run("rehearse", *arguments, "--json") == status, work.err
    return {line["what"]: (line["outcome"], line["happened"]) for line in json.loads(work.out)["lines"]}


def test_a_rehearsal_has_a_journal_of_its_own_also_in_ci(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a rehearsal's journal is thrown away as anywhere: that is no reason to refuse it."""
    monkeypatch.setenv("CI", "true")
    assert _happened(work, work.template("- [ ] A {#a}"))["verify"][0] == "done"


def test_every_step_is_settled_as_operators_would(work: Workplace) -> None:
    """Evidence, approvals, waits, gates and closed sections: all are gone through, up to a verified record."""
    happened = _happened(work, work.template(STEPS), "-e", "production")
    assert list(happened) == [
        "instantiate", "mail", "save", "web", "workers", "promote", "other", "elsewhere", "back", "nodes",
        "drop", "over", "sign-off", "archive", "verify",
    ]  # fmt: skip
    assert happened["instantiate"] == ("done", "production/1.0, 8 steps, and 1 only if needed")
    assert happened["mail"] == ("done", "done, with a link")
    assert happened["save"] == ("done", "done, with a file")
    assert happened["workers"] == ("done", "done, with a text")
    assert happened["web"] == ("not-applicable", "does not apply here: when=environment == 'x'")
    assert happened["nodes"] == ("done", "done, as its sub-steps are")
    assert happened["promote"][1] == "done, approved by a second operator, confirmed that it cannot be undone"
    assert happened["drop"] == ("done", "done, after a wait of 7 d")
    assert happened["back"] == ("done", "done, its section opened")
    assert happened["sign-off"] == ("done", "7 of 9 done, 2 skipped")
    assert happened["verify"] == ("done", "the record holds")


def test_what_waits_for_other_runbooks_is_skipped(work: Workplace) -> None:
    """There are no other runbooks here: such a step is skipped, and the table says so."""
    happened = _happened(work, work.template(STEPS))
    why = "skipped: rehearsal: it comes after {}, which other runbooks settle"
    assert happened["other"] == ("skipped", why.format("promote@production"))
    assert happened["elsewhere"] == ("skipped", why.format("2026.11.0#x"))


def test_the_table_has_a_row_for_each_step(work: Workplace) -> None:
    """Its id, its title, its owner and what came of it, in columns."""
    assert work.run("rehearse", work.template("- [ ] Mail support {#mail owner=ops}\n- [ ] See {#see}")) == 0
    assert work.err == ""
    assert work.out.splitlines()[1:4] == [
        "mail         Mail support  ops  done",
        "see          See                done",
        "sign-off                        2 of 2 done",
    ]


def test_nothing_in_the_project_is_touched(work: Workplace) -> None:
    """Neither a journal nor a runbook nor a record of the project's own is made or changed."""
    path = work.template(STEPS)
    before = listing(work.root)
    assert work.run("rehearse", path) == 0, work.err
    assert listing(work.root) == before
    assert work.run("instantiate", path, "-e", "rehearsal") == 0
    before = listing(work.root)
    assert work.run("rehearse", path, "-e", "rehearsal") == 0, work.err
    assert listing(work.root) == before


def test_the_environment_is_the_first_declared_one(work: Workplace) -> None:
    """Without -e it is the first environment of the configuration, with its values and its rules."""
    settings = '[tool.nbrunbook.environments.eu]\napproval = "verified"\nurl = "https://e.com"\n'
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    path = work.template("- [ ] See {{url}} {#see .approval}", parameters=f"{PARAMETERS}\nurl: str")
    assert work.run("rehearse", path) == 0, work.err
    assert "eu/1.0, 1 step" in work.out
    assert work.run("rehearse", path, "-e", "us") == 1
    assert "unknown environment 'us'" in work.err


def test_the_environment_is_one_in_which_it_applies(work: Workplace) -> None:
    """Without -e a template is tried in the first environment that its metadata does not leave out."""
    settings = "[tool.nbrunbook.environments.eu]\n[tool.nbrunbook.environments.us]\n"
    (work.root / "pyproject.toml").write_text(settings, encoding="utf-8")
    put(work.root / "templates", **{"1.0": "---\nnbrunbook: {environments: [us]}\n---\n- [ ] a {#a}"})
    assert work.run("rehearse", "templates/1.0.md") == 0, work.err
    assert "us/1.0, 1 step" in work.out


@pytest.mark.parametrize(
    ("markdown", "declared", "said", "table"),
    [
        ("- [ ] a {.aproval}", "", "1 finding stops this template", ""),
        ("- [ ] a", "\nkind: str", "parameter kind: no value", ""),
        (
            "- [ ] a {#a after=b when=\"release == '1.0'\"}\n# G {.gate}\n- [ ] b {#b}",
            "",
            "can never be settled (a: it comes after “b”; b: b",
            "b ",
        ),
    ],
)
def test_what_does_not_work_is_told(work: Workplace, markdown: str, declared: str, said: str, table: str) -> None:
    """A finding, a missing value or steps that can never be settled: exit status 1, and the table up to there."""
    path = work.template(markdown, parameters=PARAMETERS + declared)
    before = listing(work.root)
    assert work.run("rehearse", path) == 1
    assert said in work.err
    assert any(line.startswith(table) for line in work.out.splitlines()) == bool(table)
    assert listing(work.root) == before


def test_a_record_that_does_not_hold_is_told(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is held against itself and against the journal of the rehearsal."""
    path = work.template("- [ ] a {#a}")
    monkeypatch.setattr(verify, "journal_fault", lambda *_: "the page is another one")
    assert _happened(work, path, status=1)["verify"] == ("failed", "does not work")
    assert "the record does not hold: the page is another one" in work.err
    assert json.loads(work.out)["works"] is False


def test_a_template_without_code_needs_no_kernel(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing to execute, nothing is started."""
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    monkeypatch.setattr("nbrunbook.project.git.known", lambda *_: "")
    assert work.run("rehearse", work.template("- [ ] a {#a}")) == 0, work.err


def test_the_author_s_cells_are_executed_in_the_project(work: Workplace) -> None:
    """Cells run in the project's root, with the values that were given."""
    code = "from pathlib import Path\nassert (release, environment) == ('1.0', 'eu')\nPath('there').touch()"
    assert _happened(work, work.template("- [ ] a {#a}", code=code), "-e", "eu")["execute"] == ("done", "1 cell")
    assert (work.root / "there").exists()


def test_a_failing_cell_is_told(work: Workplace) -> None:
    """The cell and the error are named, with the template and not with the runbook, which is gone."""
    path = work.template("- [ ] a {#a}", code="1 / 0")
    assert work.run("rehearse", path) == 1
    told = "the author's cell with the id code failed: ZeroDivisionError: division by zero"
    assert work.err == f"error: {path}: {told}\n"
    assert [line.split() for line in work.out.splitlines()[1:]] == [["execute", "does", "not", "work"]]


CHECKS = """import time
from pathlib import Path

@check("a")
def a():
    print("looking", token.value)
    return "12 shards"

@check("b", attempts=2, every="1s")
def b():
    assert Path("green").exists(), "it is red"

@check("c", timeout="1s")
def c():
    Path("c").touch()
    while Path("c").exists():
        time.sleep(0.01)

@action("d")
def d():
    Path("ran").touch()
"""
DECLARED = f"from nbrunbook import Secret, action, check\n{PARAMETERS}\ntoken: Secret = Secret('SHOP_TOKEN')"


def _with_checks(work: Workplace) -> Path:
    steps = "- [ ] A {#a}\n- [ ] B {#b after=a wait=1h}\n- [ ] C {#c evidence=proof}\n- [ ] D {#d}"
    return work.template(steps, parameters=DECLARED, code=CHECKS)


def test_checks_look_in_a_rehearsal(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came out stands in the table; one that does not pass is done by hand, so that the rest is gone through."""
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    happened = _happened(work, _with_checks(work), "--checks", status=1)
    assert happened["a"] == ("done", "passed: 12 shards")
    assert happened["b"] == ("failed", "failed: it is red; done by hand here, after a wait of 1 h")
    words = "undecided: it did not come to its end within 1 s; done by hand here, with a text"
    assert happened["c"] == ("failed", words)
    assert happened["d"] == ("done", "done, action d() bound and not run")
    assert happened["verify"] == ("done", "the record holds")
    assert "a:\nlooking ***\n" in work.err
    assert "[attempt 1 of 2 failed: it is red]" in work.err
    assert work.err.endswith("error: 2 checks did not pass: c, b\n")
    assert not (work.root / "ran").exists()


def test_checks_that_pass_leave_nothing_behind(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 0, and no folder of a run, no journal and no process is left in the project."""
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-token")
    path = work.template("- [ ] A {#a}", parameters=DECLARED, code=CHECKS.partition('@check("b"')[0])
    before = listing(work.root)
    assert work.run("rehearse", path, "--checks") == 0, work.err
    assert "passed: 12 shards" in work.out
    assert listing(work.root) == before


def test_a_check_without_its_secret_is_told(work: Workplace) -> None:
    """It could not look, and everything else is gone through."""
    path = work.template("- [ ] A {#a}", parameters=DECLARED, code=CHECKS.partition('@check("b"')[0])
    happened = _happened(work, path, "--checks", status=1)
    assert happened["a"][0] == "failed"
    assert "secrets that are not set here: SHOP_TOKEN" in happened["a"][1]
    assert happened["sign-off"][0] == "done"


def test_nothing_is_left_after_an_interrupt(work: Workplace, throw_away: Path) -> None:
    """Ctrl-C while a cell runs: exit status 130, and the throw-away folder is gone."""
    path = work.template(
        "- [ ] a {#a}", code="from pathlib import Path\nPath('started').touch()\nimport time\ntime.sleep(99)"
    )
    # A job in the background of a script has SIGINT ignored, and so have its children.
    begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{begin}; from nbrunbook.commands import main; main()", "rehearse", str(path)]
    running = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(throw_away)}, stderr=subprocess.PIPE)
    while not (work.root / "started").exists():
        assert running.poll() is None
        time.sleep(0.1)
    assert list(throw_away.glob("nbrunbook-rehearsal-*"))
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.endswith(b"interrupted\n")


def test_what_changed_is_rehearsed(work: Workplace) -> None:
    """--changed takes each template that a branch changed, once; standing parts with the next release; all of them."""
    put(work.root / "templates", **{"1.0": "- [ ] a {#a}", "2.0": "- [ ] a {#a}", "next__n": "- [ ] n {#n}"})
    put(work.root / "templates", always__z="- [ ] z {#z}", README="x")
    for line in ("init -q", "add .", "commit -qm Begin", "switch -qc work"):
        run_git(work.root, *line.split())
    assert work.run("rehearse", "--changed") == 0
    assert work.out == ""
    put(work.root / "templates", **{"1.0": "- [ ] a {#a .oops}", "always__z": "- [ ] z {#z .optional}", "README": "y"})
    assert work.run("rehearse", "--changed") == 1
    assert [line for line in work.out.splitlines() if line.endswith(":")] == ["templates/1.0.md:", "templates/next:"]
    assert "the record holds" in work.out
    assert "unknown flag .oops" in work.err


@pytest.mark.parametrize("arguments", [[], ["templates/1.0.md", "--changed"]])
def test_one_template_or_what_changed(work: Workplace, arguments: list[str]) -> None:
    """Neither and both are usage errors."""
    assert work.run("rehearse", *arguments) == 2
    assert "Name one TEMPLATE, or --changed" in work.err


def test_a_cell_that_kills_its_kernel_is_named(work: Workplace) -> None:
    """A kernel that dies is the author's cell's failure: told in one line, and the runbook is complete all the same."""
    path = work.template("- [ ] a {#a}", code="import os; os._exit(1)")
    assert work.run("rehearse", path) == 1
    assert "the author's cell with the id code failed: DeadKernelError" in work.err
    assert work.run("instantiate", path, "-e", "staging", "--execute") == 1
    assert "(id code) failed: DeadKernelError" in work.err
    assert work.run("status", "staging/1.0") == 0
