"""nbrunbook pending."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import forget, listing, put, registered, run_git, session_on

STEP = "- [ ] A {#a}"
CONFIG = """[project]
name = "shop"
[tool.nbrunbook]
open_url = "https://hub.example.com/{path}"
[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.eu]
group = "production"
since = "1.9"
[tool.nbrunbook.environments.us]
group = "production"
"""


def _configure(work: Workplace, text: str = CONFIG) -> None:
    (work.root / "pyproject.toml").write_text(text, encoding="utf-8")


def _pending(work: Workplace, *arguments: str) -> list[dict[str, Any]]:
    assert work.run("pending", "-e", "staging", "--json", *arguments) == 0, work.err
    found = json.loads(work.out)
    assert list(found) == ["environment", "pending"]
    listed: list[dict[str, Any]] = found["pending"]
    return listed


def _states(work: Workplace, *arguments: str) -> dict[str, str]:
    return {each["release"]: each["state"] for each in _pending(work, *arguments)}


def _settled(work: Workplace, key: str) -> None:
    for command in (["tick", key, "a"], ["sign-off", key], ["archive", key]):
        assert work.run(*command) == 0, work.err


# Which releases


def test_a_production_that_jumps_three_releases_sees_all_three(work: Workplace) -> None:
    """Every release that has a template is pending until it is signed off there, the oldest first."""
    for name in ("1.10", "1.9", "1.8"):
        work.template(STEP, name=name)
    assert list(_states(work)) == ["1.8", "1.9", "1.10"]
    registered(STEP)
    first = work.template(STEP, name="1.8")
    assert work.run("instantiate", first, "-e", "staging") == 0
    assert work.run("tick", "staging/1.8", "a") == work.run("sign-off", "staging/1.8") == 0
    assert list(_states(work)) == ["1.0", "1.9", "1.10"]


def test_the_result_for_a_machine(work: Workplace, runbook: MakeRunbook) -> None:
    """--json tells release, template, state, runbook and counts; those of the plan where there is no runbook."""
    runbook(f"{STEP}\n- [ ] B {{#b}}")
    work.run("tick", "staging/1.0", "a")
    work.template(STEP, name="2.0")
    names = ("release", "template", "state", "runbook", "settled", "total")
    found = _pending(work)
    assert [list(each)[:6] for each in found] == [list(names)] * 2
    assert [tuple(each[name] for name in names) for each in found] == [
        ("1.0", "templates/1.0.ipynb", "open", "staging/1.0", 1, 2),
        ("2.0", "templates/2.0.ipynb", "not instantiated", None, 0, 1),
    ]


def test_folders_that_are_no_release_are_not_asked_for(work: Workplace) -> None:
    """The next release, the standing parts, a page and what cannot be a release's name are not pending."""
    put(work.root / "templates", next__a=STEP, always__z="- [ ] Z {#z}", HOWTO="# How we release", release=STEP)
    (work.root / "templates" / "a@b.md").write_text(STEP, encoding="utf-8")
    found = _pending(work)
    assert [(each["release"], each["total"]) for each in found] == [("release", 2)]


def test_a_release_before_the_baseline_is_not_asked_for(work: Workplace) -> None:
    """`since` leaves out older releases in that environment only; a runbook that was made is asked for."""
    _configure(work)
    for name in ("1.8", "1.9", "1.10"):
        work.template(STEP, name=name)
    assert work.run("pending", "-e", "production", "--json") == 0
    eu, us = json.loads(work.out)
    assert [each["release"] for each in eu["pending"]] == ["1.9", "1.10"]
    assert [each["release"] for each in us["pending"]] == ["1.8", "1.9", "1.10"]
    assert work.run("instantiate", "templates/1.8.ipynb", "-e", "eu") == 0
    assert work.run("pending", "-e", "eu") == 0
    assert "eu  1.8   open, 0 of 1 done" in work.out


def test_a_template_is_asked_for_where_it_applies(work: Workplace) -> None:
    """A template that names a group is pending in its environments, and elsewhere neither pending nor made."""
    _configure(work)
    put(work.root / "templates", **{"2.0": f"---\nnbrunbook: {{environments: [production]}}\n---\n{STEP}"})
    assert _pending(work) == []
    assert work.run("pending", "--json") == 0
    assert [[each["release"] for each in one["pending"]] for one in json.loads(work.out)] == [[], ["2.0"], ["2.0"]]
    assert work.run("instantiate", "templates/2.0.md", "-e", "staging") == 1
    assert "templates/2.0.md does not apply in staging; expected one of: production" in work.err
    assert not (work.root / ".nbrunbook").exists()


@pytest.mark.parametrize(
    ("write", "said"),
    [("- [ ] A {#a .gat}", "RB104"), ("- [ ] A {#a when=\"kind == 'x'\"}", "RB107")],
)
def test_a_faulty_template_is_pending(work: Workplace, write: str, said: str) -> None:
    """What cannot become a runbook yet is pending, with the reason."""
    work.template(write)
    (found,) = _pending(work)
    assert found["state"] == "not instantiated"
    assert said in found["reason"]


def test_an_unreadable_template_is_pending(work: Workplace) -> None:
    """A file that is no notebook is pending with what was found, and counts nothing."""
    path = work.template(STEP)
    path.write_bytes(b"{")
    (found,) = _pending(work)
    assert (found["state"], found["total"]) == ("not instantiated", None)
    assert found["reason"].startswith("templates/1.0.ipynb: not JSON")


def test_a_missing_value_is_told(work: Workplace) -> None:
    """A template that needs a value is pending, and says so."""
    work.template(STEP, parameters=f"{PARAMETERS}\nneeded: str\n")
    (found,) = _pending(work)
    assert "parameter needed" in found["reason"]


def test_a_template_of_another_release_is_known_by_that(work: Workplace) -> None:
    """Where the declared release is not the file's name, the runbook is of the one declared, and so is pending."""
    path = work.template(STEP, name="draft", parameters=PARAMETERS)
    assert _states(work) == {"1.0": "not instantiated"}
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    assert [(each["release"], each["template"]) for each in _pending(work)] == [("1.0", "templates/draft.ipynb")]
    _settled(work, "staging/1.0")
    assert _pending(work) == []
    forget(work)
    assert _pending(work) == []


def test_an_open_runbook_without_a_template_is_pending(work: Workplace) -> None:
    """A runbook whose template is gone from the repository is pending as long as it is open."""
    key = registered(STEP)
    assert [(each["release"], each["template"]) for each in _pending(work)] == [("1.0", None)]
    assert work.run("tick", key, "a") == work.run("sign-off", key) == 0
    assert _pending(work) == []


# In which state


def test_the_latest_runbook_decides(work: Workplace, runbook: MakeRunbook) -> None:
    """A second runbook stands for its deployment; one that was abandoned stands for nothing."""
    key = runbook(STEP)
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0
    _settled(work, "staging/1.0@2")
    assert _pending(work) == []
    assert work.run("reopen", "staging/1.0@2", "--reason", "x") == 0
    session_on("staging/1.0@2").append("abandoned", data={"reason": "x"})
    assert [each["runbook"] for each in _pending(work)] == [key]
    session_on(key).append("abandoned", data={"reason": "x"})
    assert [(each["state"], each["runbook"]) for each in _pending(work)] == [("abandoned", "staging/1.0@2")]
    assert work.run("pending", "-e", "staging", "--check") == 1
    assert "nbrunbook instantiate templates/1.0.ipynb -e staging --again" in work.out


def test_a_skipped_release_is_not_pending(work: Workplace) -> None:
    """`skip ENV/RELEASE` settles a release that never went there."""
    work.template(STEP)
    assert work.run("skip", "staging/1.0", "--reason", "1.1 came first") == 0
    assert _pending(work) == []


@pytest.mark.parametrize(
    ("markdown", "state", "check", "strict"),
    [
        ("- [ ] A {#a}", "open", 1, 1),
        ("- [ ] A {#a wait=24h}", "waiting", 0, 1),
        ("- [ ] A {#a .approval}", "waiting for approval", 1, 1),
        ("- [ ] A {#a .optional}", "not signed off", 1, 1),
        ("- [ ] A {#a after=9.9#z}", "waiting", 0, 1),
    ],
)
def test_a_check_fails_for_what_could_be_done(
    work: Workplace, runbook: MakeRunbook, markdown: str, state: str, check: int, strict: int
) -> None:
    """--check fails while something could be done now, --strict while anything is pending; without them it is told."""
    runbook(markdown)
    assert _states(work) == {"1.0": state}
    assert work.run("pending", "-e", "staging") == 0
    assert work.run("pending", "-e", "staging", "--check") == check
    assert work.run("pending", "-e", "staging", "--strict") == strict


def test_a_release_without_a_runbook_fails_a_check(work: Workplace) -> None:
    """Not instantiated counts as something that could be done now; nothing pending passes."""
    assert work.run("pending", "-e", "staging", "--check", "--strict") == 0
    assert work.out == "staging: nothing is pending\n"
    work.template(STEP)
    assert work.run("pending", "-e", "staging", "--check") == 1


# How it is shown


def test_a_table_says_what_to_run_next(work: Workplace, runbook: MakeRunbook) -> None:
    """Each line has environment, release, state, and what to run; what waits says for what."""
    runbook("- [ ] A {#a after=9.9#z}")
    work.template(STEP, name="10.0")
    assert work.run("pending", "-e", "staging") == 0
    assert work.out.splitlines() == [
        "staging  1.0   waiting, 0 of 1 done      nbrunbook work staging/1.0",
        "    it comes after z in staging/9.9 (not instantiated)",
        "staging  10.0  not instantiated, 1 step  nbrunbook instantiate templates/10.0.ipynb -e staging",
    ]


def test_a_link_leads_to_the_session(work: Workplace, runbook: MakeRunbook) -> None:
    """With `open_url` configured, the link stands in the table and in the JSON."""
    _configure(work)
    runbook(STEP)
    link = "https://hub.example.com/runbooks/_sessions/staging%401.0.ipynb"
    assert [each["link"] for each in _pending(work)] == [link]
    assert work.run("pending", "-e", "staging") == 0
    assert work.out == f"staging  1.0  open, 0 of 1 done  {link}\n"


def test_an_unknown_environment_is_told(work: Workplace) -> None:
    """With environments declared, another name is one clear error."""
    _configure(work)
    assert work.run("pending", "-e", "prod") == 1
    assert "unknown environment 'prod'" in work.err


def test_without_declared_environments_those_that_are_known_are_shown(work: Workplace) -> None:
    """Where none is declared, the journal and the records say which environments there are."""
    work.template(STEP)
    assert work.run("pending") == 0
    assert "no environment is declared, and none is known" in work.err
    registered(STEP, key="demo/0.9")
    (work.root / "records" / "live").mkdir(parents=True)
    assert work.run("pending", "--json") == 0
    assert [each["environment"] for each in json.loads(work.out)] == ["demo", "live"]


# The templates of a commit


def test_the_templates_of_a_commit_are_asked_for(work: Workplace) -> None:
    """--at asks for what was released by then, standing parts included; an unknown commit is one clear error."""
    work.template(STEP, name="1.0")
    put(work.root / "templates", always__z="- [ ] Z {#z}")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "One")
    run_git(work.root, "tag", "v1")
    work.template(STEP, name="2.0")
    (work.root / "templates" / "always" / "z.md").unlink()
    assert list(_states(work)) == ["1.0", "2.0"]
    assert [(each["release"], each["total"], each["template"]) for each in _pending(work, "--at", "v1")] == [
        ("1.0", 2, "templates/1.0.ipynb")
    ]
    for revision in ("v9", "", "--all"):
        assert work.run("pending", "-e", "staging", f"--at={revision}") == 1
        assert "error: git knows no commit" in work.err


def test_a_fault_in_a_commit_names_the_commit(work: Workplace) -> None:
    """What is wrong in a template of a commit is told by its name there, not by that of a throw-away folder."""
    work.template(STEP).write_bytes(b"{")
    run_git(work.root, "init", "-q")
    run_git(work.root, "add", ".")
    run_git(work.root, "commit", "-qm", "One")
    (found,) = _pending(work, "--at", "HEAD")
    assert found["reason"].startswith("HEAD:templates/1.0.ipynb: not JSON")


def test_one_revision_is_asked_and_named(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of --at, else the commit that CI names, else the work tree; one that is not there is no answer."""
    work.template(STEP)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"]):
        run_git(work.root, *arguments)
    head = run_git(work.root, "rev-parse", "HEAD").strip()
    work.template(STEP, name="2.0")
    assert list(_states(work)) == ["1.0", "2.0"]
    assert work.err.startswith("templates as they are in the work tree\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_SHA", head)
    assert list(_states(work)) == ["1.0"]
    assert work.err.startswith(f"templates of commit {head[:12]} (GitHub Actions)\n")
    monkeypatch.setenv("GITHUB_SHA", "0" * 40)
    assert work.run("pending", "-e", "staging", "--check") == 1
    assert work.err.startswith("error: this clone has no commit 000000000000, which GitHub Actions names;")
    assert "git fetch origin" in work.err
    assert work.run("pending", "-e", "staging", "--at", "HEAD") == 0
    assert "nbrunbook instantiate templates/1.0.ipynb -e staging --at HEAD\n" in work.out


# Records


@pytest.mark.on("sqlite")
def test_a_record_counts_where_the_journal_was_lost(work: Workplace, runbook: MakeRunbook) -> None:
    """Without its journal a release is not pending where a record of it holds; no journal is made by looking."""
    _settled(work, runbook(STEP))
    work.template(STEP, name="2.0")
    forget(work)
    before = listing(work.root)
    assert list(_states(work)) == ["2.0"]
    assert "there is no journal at" in work.err
    assert "1 record counts where the journal knows nothing: staging/1.0" in work.err
    assert listing(work.root) == before
    assert work.run("skip", "staging/1.0", "--reason", "x") == 1
    assert "its record says that it is signed off" in work.err


@pytest.mark.on("sqlite")
def test_a_runbook_that_the_journal_lost_is_taken_in(work: Workplace, runbook: MakeRunbook) -> None:
    """Where the file is there, `instantiate` would refuse: the command that is named takes it into the journal."""
    runbook(STEP)
    forget(work)
    assert work.run("pending", "-e", "staging") == 0, work.err
    assert work.out.endswith("  nbrunbook work runbooks/staging/1.0.ipynb\n")


def test_a_record_counts_beside_a_journal_that_does_not_know_it(work: Workplace, runbook: MakeRunbook) -> None:
    """A new journal knows some deployments; for the others the records speak, also of a second runbook."""
    runbook(STEP)
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0
    _settled(work, "staging/1.0@2")
    forget(work)
    registered(STEP, key="production/1.0")
    assert _pending(work) == []
    assert "where the journal knows nothing: staging/1.0@2" in work.err


def test_what_a_record_says_is_not_made_again(work: Workplace, runbook: MakeRunbook) -> None:
    """Where a record says that it is signed off, `instantiate` makes another runbook only on request."""
    _settled(work, runbook(STEP))
    (work.root / "runbooks" / "staging" / "1.0.ipynb").unlink()
    forget(work)
    assert work.run("instantiate", "--pending", "-e", "staging") == 0
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging") == 1
    assert "staging/1.0 is signed off: a record says so" in work.err
    assert not (work.root / ".nbrunbook").exists()
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0, work.err


def _edited(work: Workplace) -> str:
    path = work.root / "records" / "staging" / "1.0.html"
    path.write_bytes(path.read_bytes() + b" ")
    return "1.0.html does not count: the file was edited"


def _draft(work: Workplace) -> str:
    assert work.run("archive", "staging/1.0", "--draft") == 0
    (work.root / "records" / "staging" / "1.0.html").unlink()
    return "1.0.draft.html does not count: it is a DRAFT"


def _copied(work: Workplace) -> str:
    path = work.root / "records" / "staging" / "1.0.html"
    path.rename(path.with_name("2.0.html"))
    work.template(STEP, name="2.0")
    return "2.0.html does not count: it is of staging/1.0"


def _swapped_sum(work: Workplace) -> str:
    (work.root / "records" / "SHA256SUMS").write_text(f"{'0' * 64}  staging/1.0.html\n")
    return "1.0.html does not count: SHA256SUMS says"


def _empty(work: Workplace) -> str:
    (work.root / "records" / "staging" / "1.0.html").write_text("")
    return "1.0.html does not count: it holds no digest"


@pytest.mark.parametrize("spoil", [_edited, _draft, _copied, _swapped_sum, _empty], ids=lambda each: each.__name__)
def test_a_record_that_does_not_hold_does_not_count(work: Workplace, runbook: MakeRunbook, spoil: Any) -> None:
    """A draft, an edited record and one of another release are told on stderr, and the release is pending."""
    _settled(work, runbook(STEP))
    said = spoil(work)
    forget(work)
    assert "1.0" in _states(work)
    assert said in work.err


def test_the_journal_goes_before_a_record(work: Workplace, runbook: MakeRunbook) -> None:
    """A deployment that the journal knows is as the journal says: its records are not read."""
    _settled(work, runbook(STEP))
    assert work.run("reopen", "staging/1.0", "--reason", "x") == 0
    assert _states(work) == {"1.0": "not signed off"}
    assert "record" not in work.err


def test_looking_needs_no_nbconvert(work: Workplace, runbook: MakeRunbook) -> None:
    """Records are verified without importing what writes them."""
    _settled(work, runbook(STEP))
    forget(work)
    code = (
        "import sys; from nbrunbook.commands import run; status = run(['pending', '-e', 'staging']); "
        "print(status, [name for name in ('nbconvert', 'papermill', 'jupyter_client') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert ran.stdout.splitlines()[-1] == "0 []"


def test_an_abandoned_runbook_is_not_asked_for_where_its_template_no_longer_applies(work: Workplace) -> None:
    """A template that was narrowed after its runbook was given up asks for nothing there any more."""
    put(work.root / "templates", **{"2.0": STEP})
    assert work.run("instantiate", "templates/2.0.md", "-e", "staging") == 0, work.err
    session_on("staging/2.0").append("abandoned", data={"reason": "x"})
    assert [each["state"] for each in _pending(work)] == ["abandoned"]
    _configure(work)
    put(work.root / "templates", **{"2.0": f"---\nnbrunbook: {{environments: [production]}}\n---\n{STEP}"})
    assert _pending(work) == []
