"""nbrunbook instantiate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.commands import run
from nbrunbook.documents import files
from nbrunbook.work import instantiate
from nbrunbook.work.instantiate import Made
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import listing, put, run_git, session_on

CONFIG = """[project]
name = "shop"
[tool.nbrunbook.environments.staging]
base_url = "https://staging.example.com"
[tool.nbrunbook.environments.production-eu]
group = "production"
base_url = "https://eu.example.com"
"""
DECLARE = f"{PARAMETERS}\nbase_url: str = 'http://localhost'\nkind: str = 'minor'\n"


def test_a_runbook_is_made_and_registered(work: Workplace) -> None:
    """The file stands in its place, the journal knows it, and the key is printed."""
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging") == 0
    assert work.out.startswith("staging/1.0  runbooks/staging/1.0.ipynb  1 step")
    assert (work.root / "runbooks" / "staging" / "1.0.ipynb").is_file()
    assert [event.kind for event in session_on().events] == ["opened"]


def test_the_result_for_a_machine(work: Workplace) -> None:
    """--json gives key, path, number of steps, the link, and whether no journal knows it."""
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging", "--json") == 0
    assert json.loads(work.out) == {
        "runbook": "staging/1.0",
        "path": "runbooks/staging/1.0.ipynb",
        "steps": 1,
        "if_needed": 0,
        "url": None,
        "detached": False,
    }


def test_values_come_from_the_command_line_the_table_and_the_defaults(work: Workplace) -> None:
    """A value given comes before the environment's table, and that before the default."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    path = work.template("- [ ] A {#a}", parameters=DECLARE)
    for environment, more in (("staging", ["-p", "base_url", "http://x"]), ("production-eu", ["-p", "kind", "major"])):
        assert work.run("instantiate", path, "-e", environment, *more) == 0, work.err
    found = [session_on(key).plan.texts() for key in ("staging/1.0", "production-eu/1.0")]
    assert [(each["base_url"], each["kind"]) for each in found] == [
        ("http://x", "minor"),
        ("https://eu.example.com", "major"),
    ]


def test_a_value_is_parsed_by_its_annotation(work: Workplace) -> None:
    """2.10 stays the string 2.10 where a str is declared."""
    path = work.template("- [ ] A {#a}", parameters="version: str = '1'\nratio: float = 1.0\n")
    assert work.run("instantiate", path, "-e", "staging", "-p", "version", "2.10", "-p", "ratio", "2") == 0
    facts = session_on().runbook.facts["parameters"]
    assert (facts["version"], facts["ratio"]) == ("2.10", 2.0)


def test_a_second_runbook_is_asked_for(work: Workplace, runbook: MakeRunbook) -> None:
    """A deployment that has a runbook gets a second one only on request."""
    runbook("- [ ] A {#a}")
    before = listing(work.root)
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging") == 1
    assert "staging/1.0 (open)" in work.err
    assert listing(work.root) == before
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again") == 0
    assert work.out.startswith("staging/1.0@2  runbooks/staging/1.0@2.ipynb")


def test_an_unknown_file_in_its_place_is_told(work: Workplace) -> None:
    """A file that the journal does not know is never written over."""
    path = work.template("- [ ] A {#a}")
    theirs = work.root / "runbooks" / "staging" / "1.0.ipynb"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs", encoding="utf-8")
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "runbooks/staging/1.0.ipynb exists, and the journal does not know it" in work.err
    assert theirs.read_text(encoding="utf-8") == "theirs"


def test_a_file_that_cannot_be_placed_registers_nothing(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file cannot be renamed to its place, the journal knows nothing of it."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = work.template("- [ ] A {#a}")
    with monkeypatch.context() as patch:
        patch.setattr(files, "put", full)
        assert work.run("instantiate", path, "-e", "staging") == 1
    assert "No space left on device" in work.err
    assert not list((work.root / "runbooks").rglob("*.*"))
    assert work.run("status") == 0
    assert work.out == ""


def test_an_interrupted_run_leaves_no_file(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the runbook is made leaves neither a runbook nor a temporary file."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = work.template("- [ ] A {#a}")
    monkeypatch.setattr(files, "put", interrupted)
    assert work.run("instantiate", path, "-e", "staging") == 130
    assert not list((work.root / "runbooks").rglob("*.*"))


@pytest.mark.parametrize("name", ["1.0 {rc} 日本 ünï", "{{release}}", "{0}", "%s %41", "a'b", "a&b;c$d", "[x]", "100%"])
def test_a_release_may_have_a_strange_name(work: Workplace, name: str) -> None:
    """A release's name may hold spaces, braces, quotes and letters of any script, from template to record."""
    path = work.template(
        "- [ ] Ship {{release}} {#ship}", name=name, parameters=PARAMETERS.replace('"1.0"', repr(name))
    )
    key = f"staging/{name}"
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    assert session_on(key).plan.steps[0].title == f"Ship {name}"
    for command in (["tick", key, "ship"], ["sign-off", key], ["archive", key]):
        assert work.run(*command) == 0, work.err
    assert work.run("verify", Path("records") / "staging" / f"{name}.html") == 0, work.out


@pytest.mark.parametrize(
    "name", ["a b", "{project}", "ünï-日本", "100%41", "what?", "a#b", "quo'te", "a&b=c;d", "[x]*"]
)
def test_a_project_may_lie_anywhere(
    work: Workplace, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, engine: str, name: str
) -> None:
    """A project's folder may hold whatever a file system takes, from template to record."""
    work.root = tmp_path_factory.mktemp("base") / name
    work.root.mkdir()
    (work.root / "pyproject.toml").write_text("[tool.nbrunbook]\n", encoding="utf-8")
    monkeypatch.chdir(work.root)
    path = work.template("![no](image.png)\n\n- [ ] [Ship](notes.md) {#ship}")
    for command in (
        ["instantiate", path, "-e", "staging"],
        *(["tick", "staging/1.0", "ship"], ["sign-off", "staging/1.0"], ["archive", "staging/1.0"]),
        ["verify", "records/staging/1.0.html"],
    ):
        assert work.run(*command) == 0, work.err + work.out
    assert "the journal" in work.out
    assert [each.name for each in work.root.parent.iterdir()] == [name]
    journal = work.root / ".nbrunbook" / "journal.db"
    assert (journal.exists() and journal.stat().st_size > 0) == (engine == "sqlite")


def test_the_environment_is_given_with_e_alone(work: Workplace) -> None:
    """A second word on the environment, with -p, is refused: its values would be another environment's."""
    path = work.template("## A\n- [ ] a {#a}")
    assert work.run("instantiate", path, "-e", "staging", "-p", "environment", "production") == 1
    assert "-e ENV" in work.err
    assert not (work.root / "runbooks").exists()


def test_a_runbook_is_no_template(work: Workplace, runbook: MakeRunbook) -> None:
    """A runbook that is given as a template is told to be one."""
    runbook("## A\n- [ ] a {#a}")
    assert work.run("instantiate", "runbooks/staging/1.0.ipynb", "-e", "staging", "--again") == 1
    assert "a runbook; expected a template" in work.err


def test_evidence_stands_in_titles_once_it_is_known(work: Workplace, runbook: MakeRunbook) -> None:
    """An `as` name in a later title is the evidence, and before that it says where it comes from."""
    key = runbook("## A\n- [ ] Open it {#a evidence=link as=pr}\n- [ ] Merge {{pr}} {#b}")
    work.run("status", key)
    assert "Merge (from Open it)" in work.out
    work.run("tick", key, "a", "--evidence", "https://x.example/7")
    work.run("status", key)
    assert "Merge https://x.example/7" in work.out


# In CI

HUB = "https://hub.example.com/user-redirect/lab/tree"


def _open_url(work: Workplace, setting: str) -> None:
    config = f'[project]\nname = "shop"\n[tool.nbrunbook]\nopen_url = "{setting}"\n'
    (work.root / "pyproject.toml").write_text(config, encoding="utf-8")


def test_the_link_is_printed(work: Workplace) -> None:
    """open_url makes the link to the session copy, in text with what makes that copy, and in JSON."""
    _open_url(work, f"{HUB}/{{path}}")
    link = f"{HUB}/runbooks/_sessions/staging%401.0%20a.ipynb"
    path = work.template("- [ ] A {#a}", name="1.0 a")
    assert work.run("instantiate", path, "-e", "staging") == 0
    assert work.out.splitlines()[1:] == [
        "open it with: nbrunbook work 'staging/1.0 a'",
        f"and on the hub, after that command there: {link}",
    ]
    assert work.run("instantiate", path, "-e", "staging", "--again", "--json") == 0
    assert json.loads(work.out)["url"] == link.replace(".ipynb", "%402.ipynb")


@pytest.mark.parametrize("more", [[], ["--detached"]])
def test_the_jobs_summary_shows_the_runbook(work: Workplace, monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    """On GitHub the job's summary gets release, environment, steps and the link; a second runbook is added below."""
    _open_url(work, f"{HUB}/{{path}}?key={{key}}")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(work.root / "summary.md"))
    for name in ("1.0", "2.0"):
        assert work.run("instantiate", work.template("- [ ] A {#a}", name=name), "-e", "staging", *more) == 0, work.err
    text = (work.root / "summary.md").read_text(encoding="utf-8")
    assert f'<a href="{HUB}/runbooks/_sessions/staging%401.0.ipynb?key=staging/1.0">Open the runbook</a>' in text
    assert "<code>1.0</code> → <code>staging</code>, 1 step" in text
    assert "<code>nbrunbook work staging/2.0</code>" in text or more
    assert ("No journal knows it yet" in text) == bool(more)


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("said", [{"CI": "true"}, {"CI": "woodpecker"}, {"TF_BUILD": "True"}])
def test_a_journal_that_would_be_lost_is_refused_in_ci(
    work: Workplace, monkeypatch: pytest.MonkeyPatch, said: dict[str, str]
) -> None:
    """In CI a journal that is a file goes with the machine: nothing is written."""
    path, before = work.template("- [ ] A {#a}"), listing(work.root)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "the journal .nbrunbook/journal.db would be lost with this CI job" in work.err
    assert "NBRUNBOOK_JOURNAL=postgresql" in work.err
    assert "--detached" in work.err
    assert listing(work.root) == before


@pytest.mark.on("postgres")
def test_a_journal_that_the_team_shares_is_used_in_ci(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI the runbook goes into the journal that CI and operators share."""
    monkeypatch.setenv("CI", "true")
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging") == 0, work.err
    assert [event.kind for event in session_on().events] == ["opened"]


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("value", ["false", "0", "", "False"])
def test_a_machine_that_stays_may_keep_its_journal(
    work: Workplace, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """CI=false says that this is no CI, whatever else does."""
    monkeypatch.setenv("CI", value)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging") == 0, work.err


@pytest.mark.parametrize("in_ci", [True, False])
def test_a_detached_runbook_is_a_file_alone(work: Workplace, monkeypatch: pytest.MonkeyPatch, in_ci: bool) -> None:
    """--detached makes the file, and no journal; `work FILE` takes it into one, as it was made."""
    if in_ci:
        monkeypatch.setenv("CI", "true")
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging", "--detached") == 0, work.err
    file = work.root / "runbooks" / "staging" / "1.0.ipynb"
    assert work.out.splitlines() == [
        "staging/1.0  runbooks/staging/1.0.ipynb  1 step",
        "detached: no journal knows it",
        "open it with: nbrunbook work runbooks/staging/1.0.ipynb",
    ]
    assert not (work.root / ".nbrunbook").exists()
    monkeypatch.setenv("JPY_PARENT_PID", "1")
    assert work.run("work", "runbooks/staging/1.0.ipynb") == 0, work.err
    assert session_on().journal.blob(session_on().events[0].data["notebook"]) == file.read_bytes()


def test_a_detached_runbook_leaves_the_journal_alone(work: Workplace, runbook: MakeRunbook) -> None:
    """A key that the journal knows is found taken when the file is adopted, and nothing is written."""
    runbook("- [ ] A {#a}")
    file = work.root / "runbooks" / "staging" / "1.0.ipynb"
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--detached") == 1
    assert "runbooks/staging/1.0.ipynb exists" in work.err
    file.unlink()
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging", "--detached") == 0, work.err
    before = listing(work.root)
    assert work.run("work", file.relative_to(work.root)) == 1
    assert "the journal knows another runbook of that key" in work.err
    assert listing(work.root) == before


def test_a_detached_runbook_that_cannot_be_placed_is_told(work: Workplace) -> None:
    """Where the folder cannot be made, one clear error says so, and no journal is made either."""
    (work.root / "runbooks").write_text("a file", encoding="utf-8")
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging", "--detached") == 1
    assert "cannot be written" in work.err
    assert not (work.root / ".nbrunbook").exists()


def test_a_detached_second_runbook_has_no_key(work: Workplace) -> None:
    """Which key is free only the journal knows."""
    path = work.template("- [ ] A {#a}")
    assert work.run("instantiate", path, "-e", "staging", "--detached", "--again") == 2
    assert "--again needs the journal" in work.err


def test_who_deploys_makes_the_runbook(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI the runbook is made by who started the pipeline, as far as nobody else is named."""
    monkeypatch.delenv("NBRUNBOOK_OPERATOR")
    for name, value in {"CI": "true", "GITLAB_CI": "true", "GITLAB_USER_LOGIN": "kim"}.items():
        monkeypatch.setenv(name, value)
    assert work.run("instantiate", work.template("- [ ] A {#a}"), "-e", "staging", "--detached") == 0, work.err
    document = json.loads((work.root / "runbooks" / "staging" / "1.0.ipynb").read_bytes())
    about = document["metadata"]["nbrunbook"]
    assert (about["created_by"], about["deployment"]["deployed_by"]) == ("kim", "kim")


# Several at once

GROUP = (
    CONFIG
    + """[tool.nbrunbook.environments.production-us]
group = "production"
"""
)


def _keys(work: Workplace) -> list[str]:
    return [each["runbook"] for each in json.loads(work.out)["runbooks"]]


def test_all_that_is_pending_is_made_in_order(work: Workplace) -> None:
    """--pending makes what has no runbook, the oldest release first; repeating makes nothing."""
    for name in ("1.10", "1.9", "1.0"):
        work.template("- [ ] A {#a}", name=name)
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "staging") == 0
    assert work.run("instantiate", "--pending", "-e", "staging", "--json") == 0, work.err
    assert _keys(work) == ["staging/1.9", "staging/1.10"]
    before = listing(work.root)
    assert work.run("instantiate", "--pending", "-e", "staging") == 0
    words = "templates as they are in the work tree"
    assert (work.out, work.err) == ("", f"{words}\nnothing to make: whatever is pending there has a runbook\n")
    assert listing(work.root) == before


def test_what_somebody_else_made_at_the_same_moment_is_passed_over(
    work: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every process of a rollout may ask for all that is pending: one makes it, and the others end well."""
    put(work.root, templates__1="- [ ] A {#a}", templates__2="- [ ] B {#b}")
    make = instantiate.make

    def beaten(*arguments: Any, **more: Any) -> list[Made]:
        found = make(*arguments, **more)
        monkeypatch.setattr(instantiate, "make", make)
        assert run(["instantiate", "--pending", "-e", "staging"]) == 0
        return found

    monkeypatch.setattr(instantiate, "make", beaten)
    assert work.run("instantiate", "--pending", "-e", "staging") == 0, work.err
    assert work.out.count("staging/1  runbooks/staging/1.ipynb") == 1
    assert "staging/2 was made by somebody else at the same moment" in work.err
    assert (work.run("status"), work.out.count("0 of 1 done")) == (0, 2)


def test_one_that_cannot_be_made_stops_all(work: Workplace) -> None:
    """A missing value, a finding or a file in the way is one error, and none of the others is made."""
    work.template("- [ ] A {#a}", name="1.0")
    for content in (
        {"parameters": f"{PARAMETERS}\nneeded: str\n".replace("1.0", "2.0")},
        {"markdown": "- [ ] A {#a .gat}"},
        {"in_the_way": "yes"},
    ):
        work.template(content.get("markdown", "- [ ] A {#a}"), name="2.0", parameters=content.get("parameters"))
        if "in_the_way" in content:
            (work.root / "runbooks" / "staging").mkdir(parents=True)
            (work.root / "runbooks" / "staging" / "2.0.ipynb").write_text("theirs", encoding="utf-8")
        before = listing(work.root)
        assert work.run("instantiate", "--pending", "-e", "staging") == 1
        assert work.err.count("error:") == 1
        assert listing(work.root) == before


def test_one_that_cannot_be_read_stops_no_other(work: Workplace) -> None:
    """Of all that is pending those that can be read are made, the others are named, and the exit status is 1."""
    for name in ("1.0", "3.0"):
        work.template("- [ ] A {#a}", name=name)
    for name in ("0.9", "2.0"):
        (work.root / "templates" / f"{name}.ipynb").write_text('{"nbformat": "4"}')
    assert work.run("instantiate", "--pending", "-e", "staging", "--json") == 1
    assert _keys(work) == ["staging/1.0", "staging/3.0"]
    assert [line for line in work.err.splitlines() if line.startswith("error:")] == [
        f'error: templates/{name}.ipynb: its nbformat is "4", no whole number; expected "nbformat": 4'
        for name in ("0.9", "2.0")
    ]
    assert work.run("instantiate", "--pending", "-e", "staging") == 1
    assert work.out == ""
    assert work.run("pending", "--check") == 1
    assert work.run("status") == 0


def test_a_value_goes_to_all_that_declare_it(work: Workplace) -> None:
    """With --pending a value is for the templates that declare it; one that none declares is an error."""
    work.template("- [ ] A {#a}", name="1.0")
    work.template("- [ ] A {#a}", name="2.0", parameters=DECLARE.replace("1.0", "2.0"))
    assert work.run("instantiate", "--pending", "-e", "staging", "-p", "knd", "x") == 1
    assert "did you mean 'kind'?" in work.err
    assert work.run("instantiate", "--pending", "-e", "staging", "-p", "release", "3.0") == 1
    assert work.run("instantiate", "--pending", "-e", "staging", "-p", "kind", "patch") == 0, work.err
    assert session_on("staging/2.0").plan.texts()["kind"] == "patch"
    assert "kind" not in session_on("staging/1.0").plan.texts()


def test_a_group_gets_a_runbook_in_each_environment(work: Workplace) -> None:
    """A group's name makes one for each of its environments, or none where one of them has one."""
    (work.root / "pyproject.toml").write_text(GROUP, encoding="utf-8")
    path = work.template("- [ ] A {#a}", parameters=DECLARE)
    assert work.run("instantiate", path, "-e", "production", "--json") == 0, work.err
    assert _keys(work) == ["production-eu/1.0", "production-us/1.0"]
    assert session_on("production-eu/1.0").plan.texts()["base_url"] == "https://eu.example.com"
    second = work.template("- [ ] A {#a}", name="2.0", parameters=DECLARE.replace("1.0", "2.0"))
    assert work.run("instantiate", second, "-e", "production-us", "--json") == 0
    assert json.loads(work.out)["runbook"] == "production-us/2.0"
    assert work.run("instantiate", second, "-e", "production") == 1
    assert "production-us/2.0 (open)" in work.err
    assert not (work.root / "runbooks" / "production-eu" / "2.0.ipynb").exists()
    assert work.run("instantiate", "--pending", "-e", "production", "--json") == 0
    assert _keys(work) == ["production-eu/2.0"]


def test_in_a_group_it_is_made_where_it_applies(work: Workplace) -> None:
    """Of a group only the environments in which the template applies get a runbook, and the others are told."""
    (work.root / "pyproject.toml").write_text(GROUP, encoding="utf-8")
    (work.root / "templates").mkdir()
    text = "---\nnbrunbook:\n  environments: [production-us]\n---\n- [ ] A {#a}\n"
    (work.root / "templates" / "1.0.md").write_text(text, encoding="utf-8")
    assert work.run("instantiate", "templates/1.0.md", "-e", "production", "--json") == 0, work.err
    assert _keys(work) == ["production-us/1.0"]
    assert "templates/1.0.md does not apply in production-eu" in work.err


@pytest.mark.parametrize(
    "arguments", [[], ["1.0", "--pending"], ["--pending", "--release", "1.0"], ["--pending", "--again"]]
)
def test_either_a_template_or_all_that_is_pending(work: Workplace, arguments: list[str]) -> None:
    """Without a template --pending is needed, and with it nothing about a single one makes sense."""
    assert work.run("instantiate", *arguments, "-e", "staging") == 2


def test_a_name_that_cannot_be_written_down_is_refused(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's name of broken bytes is told, before anything is written."""
    path = work.template("- [ ] A {#a}")
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ana\udcff")
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "the operator holds what cannot be written down" in work.err
    assert not (work.root / "runbooks").exists()


# Of which commit

COMMITTED = """[project]
name = "shop"
[tool.nbrunbook.environments]
staging = {}
production = {committed = true}
"""


@pytest.fixture
def committed(work: Workplace) -> Workplace:
    """A project in git with one template; production takes committed steps only."""
    (work.root / "pyproject.toml").write_text(COMMITTED, encoding="utf-8")
    work.template("- [ ] A {#a}")
    for arguments in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "One"], ["tag", "v1"]):
        run_git(work.root, *arguments)
    return work


def test_steps_that_are_not_committed_are_told(committed: Workplace) -> None:
    """Who makes a runbook of them is told, and so is who asks for its status; of what is committed nothing is said."""
    committed.template("- [ ] B {#b}", name="2.0")
    for name, said in (("1.0", ""), ("2.0", "staging/2.0: not committed: templates/2.0.ipynb\n")):
        assert committed.run("instantiate", name, "-e", "staging") == 0
        assert committed.err == said
        assert committed.run("status", f"staging/{name}") == 0
        assert ("not committed: templates/2.0.ipynb" in committed.out) is bool(said)


@pytest.mark.parametrize("how", [["2.0"], ["--pending"]])
def test_an_environment_may_take_committed_steps_only(committed: Workplace, how: list[str]) -> None:
    """Others are refused there before anything is written; --dirty takes them, which is in the facts."""
    committed.template("- [ ] B {#b}", name="2.0")
    before = listing(committed.root)
    assert committed.run("instantiate", *how, "-e", "production") == 1
    words = "not committed: templates/2.0.ipynb; expected committed steps in production; commit them"
    assert words in committed.err
    assert listing(committed.root) == before
    assert committed.run("instantiate", *how, "-e", "production", "--dirty") == 0, committed.err
    assert session_on("production/2.0").template["uncommitted"] == ["templates/2.0.ipynb"]
    run_git(committed.root, "add", "--all")
    run_git(committed.root, "commit", "-qm", "Two")
    assert committed.run("instantiate", "2.0", "-e", "production", "--again") == 0, committed.err


def test_without_git_nothing_is_committed(work: Workplace) -> None:
    """Where an environment takes committed steps only, a folder without git has none; elsewhere nothing is said."""
    (work.root / "pyproject.toml").write_text(COMMITTED, encoding="utf-8")
    path = work.template("- [ ] A {#a}")
    assert work.run("instantiate", path, "-e", "production") == 1
    assert "they are in no git repository; expected committed steps in production" in work.err
    assert work.run("instantiate", path, "-e", "staging") == 0
    assert work.err == ""


def test_all_that_is_pending_is_made_of_one_commit(committed: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the one that CI names, else that --at means: what is checked out or edited is not what was deployed."""
    committed.template("- [ ] B {#b}", name="2.0")
    committed.template("- [ ] Edited {#edited}")
    commit = run_git(committed.root, "rev-parse", "v1").strip()
    assert committed.run("instantiate", "--pending", "-e", "production", "--at", "v1") == 0, committed.err
    assert committed.err.startswith(f"templates of commit {commit[:12]} (--at v1)\n")
    monkeypatch.setenv("CI", "false")
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_COMMIT_SHA", commit)
    assert committed.run("instantiate", "--pending", "-e", "staging") == 0, committed.err
    assert committed.err == f"templates of commit {commit[:12]} (GitLab CI)\n"
    for environment, said_by in (("production", "--at v1"), ("staging", "GitLab CI")):
        session = session_on(f"{environment}/1.0")
        assert [step.id for step in session.plan.steps] == ["a"]
        (part,) = session.template["parts"]
        assert (part["path"], part["commit"]) == ("templates/1.0.ipynb", commit)
        deployment = {"commit": commit, "pipeline": "", "deployed_by": "", "said_by": said_by}
        assert session.runbook.facts["deployment"] == deployment
        file = (committed.root / "runbooks" / environment / "1.0.ipynb").read_text(encoding="utf-8")
        assert f"Deployed: commit {commit[:12]}" in file
        assert "/tree/" not in file
    assert not (committed.root / "runbooks" / "staging" / "2.0.ipynb").exists()


def test_one_template_may_be_read_at_a_commit(committed: Workplace) -> None:
    """--at goes with a template, too: by its name or its path, also where it is not on disk."""
    committed.template("- [ ] Edited {#edited}").unlink()
    for name, environment in (("1.0", "staging"), ("templates/1.0.ipynb", "production")):
        assert committed.run("instantiate", name, "-e", environment, "--at", "v1") == 0, committed.err
        assert [step.id for step in session_on(f"{environment}/1.0").plan.steps] == ["a"]
    assert committed.run("instantiate", "templates/2.0.ipynb", "-e", "staging", "--at", "v1") == 1
    assert "holds no templates/2.0.ipynb" in committed.err


def test_a_finding_in_a_commit_is_named_as_there(committed: Workplace) -> None:
    """What keeps a template of a commit from becoming a runbook is told without the folder that was thrown away."""
    committed.template("- [ ] A {#a .gat}", name="2.0")
    run_git(committed.root, "add", "--all")
    run_git(committed.root, "commit", "-qm", "Two")
    assert committed.run("instantiate", "--pending", "-e", "staging", "--at", "HEAD") == 1
    assert "error: HEAD:templates/2.0.ipynb: 1 finding stops" in committed.err
    assert "/tmp" not in committed.err
