"""Each set as it is installed: a wheel in an empty environment, and what must work there."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from nbrunbook import extras
from tests.conftest import ROOT, template_bytes
from tests.databases import Server
from tests.system.conftest import OpenScreen, Site

pytestmark = pytest.mark.system

SETS = {"base": "", "ci": "[ci]", "lab": "[lab]", "postgres": "[postgres]"}
MOST_IN_THE_BASE = 12
CHECKLIST = """\
# Release

Whoever does this reads the notes first.

## Before
- [ ] Mail support
- [ ] Tidy up {.optional}

## After {.gate}
- [ ] Press the button
"""


class Environment:
    """A virtual environment with one set in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.python = folder, str(folder / "bin" / "python")

    def install(self, wheel: Path, extra: str) -> subprocess.Popen[bytes]:
        """Begin to install a set; the process says when it is done."""
        # Without a pip in each, and without compiling what nobody imports: the packages are the same.
        pip = '"$0" -m pip --python "$1/bin/python" install --no-compile --quiet --disable-pip-version-check "$2"'
        script = f'"$0" -m venv --without-pip "$1" && {pip}'
        return subprocess.Popen(["sh", "-c", script, sys.executable, self.folder, f"{wheel}{extra}"])

    def packages(self) -> set[str]:
        """Return the names of what is installed, but for pip and what came with it."""
        code = "import importlib.metadata as m; print(*{each.name.lower() for each in m.distributions()})"
        found = subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout.split()
        return {name.replace("_", "-") for name in found} - {"pip", "setuptools", "wheel"}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Environment]:
    """One environment a set, made side by side, and once for all processes of the tests."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "installed"
    home.mkdir(exist_ok=True)
    environments = {name: Environment(home / name) for name in SETS}
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "done").exists():
            pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--wheel-dir", home, ROOT], check=True)
            (wheel,) = home.glob("nbrunbook-*.whl")
            begun = [environments[name].install(wheel, extra) for name, extra in SETS.items()]
            assert [each.wait() for each in begun] == [0] * len(SETS)
            (home / "done").touch()
    return environments


@pytest.fixture
def project(site: Site, installed: Mapping[str, Environment]) -> Iterator[Site]:
    """A repository with a checklist, worked on by the base."""
    site.python = installed["base"].python
    with (site.root / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write("[tool.nbrunbook.environments.staging]\n")
    (site.root / "list.md").write_text(CHECKLIST, encoding="utf-8")
    _git(site, "init", "--quiet")
    site.command("import", "list.md", "-o", "templates/1.0.md")
    _commit(site)
    return site


def _git(site: Site, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=ana", "-c", "user.email=a@b", *arguments], cwd=site.root, check=True)


def _commit(site: Site) -> None:
    _git(site, "add", "--all")
    _git(site, "commit", "--quiet", "--message", "a step")


@pytest.mark.parametrize("name", SETS)
def test_a_set_brings_no_more_than_it_says(installed: Mapping[str, Environment], name: str) -> None:
    """The base is light, and what the extras bring is in them alone."""
    found = installed[name].packages()
    print(f"{name}: {len(found)} packages with nbrunbook itself")
    notebooks = {each.replace("_", "-") for each in extras.BRINGS["ci"]}
    lab = {"jupyterlab", "jupyter-server"}
    assert found & (notebooks | lab) == {"ci": notebooks, "lab": notebooks | lab}.get(name, set())
    assert ("psycopg" in found) == (name == "postgres")
    assert len(installed["base"].packages()) <= MOST_IN_THE_BASE


def test_the_base_does_all_that_needs_no_notebook(project: Site) -> None:
    """From a checklist to the sign-off, by the command line."""
    project.command("lint")
    assert "Press the button" in project.command("plan", "1.0", "-e", "staging").stdout
    assert "not instantiated, 3 steps" in project.command("pending").stdout
    assert "no notebook yet" in project.command("instantiate", "1.0", "-e", "staging").stdout
    key = "staging/1.0"
    project.command("take", key, "before-mail-support")
    project.command("tick", key, "before-mail-support", "--note", "sent at noon")
    project.command("skip", key, "before-tidy-up", "--reason", "nothing to tidy")
    project.command("untick", key, "before-mail-support", "--reason", "to the wrong list")
    assert project.command("pending", "--check", check=False).returncode == 1
    project.command("tick", key, "before-mail-support", "after-press-the-button")
    project.command("note", key, "done")
    project.command("add", key, "Call the customer")
    project.command("tick", key, "added-call-the-customer")
    assert "- [x] Mail support" in project.command("export", key).stdout
    project.command("sign-off", key)
    assert project.status(key)["before-mail-support"]["status"] == "done"
    assert project.command("status", key, "--check").returncode == 0
    assert project.command("pending", "--check").returncode == 0
    assert [each["kind"] for each in project.events(key)][-1] == "signed_off"
    for verb in (("verify", key), ("verify", "--all"), ("history",), ("diff", "HEAD:templates/1.0.md", "list.md")):
        project.command(*verb)
    assert not (project.root / "runbooks").exists()


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("ci", ("archive", "staging/1.0")),
        ("ci", ("rehearse", "1.0")),
        ("ci", ("lint", "templates/2.0.ipynb")),
        ("ci", ("instantiate", "templates/2.0.ipynb", "-e", "staging")),
        ("ci", ("new", "3.0")),
        ("lab", ("work", "staging/1.0")),
    ],
)
def test_the_base_says_what_a_verb_needs(project: Site, extra: str, arguments: tuple[str, ...]) -> None:
    """One line, exit status 1, and nothing is written."""
    project.command("instantiate", "1.0", "-e", "staging")
    (project.root / "templates" / "2.0.ipynb").write_bytes(template_bytes("- [ ] A {#a}"))
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    done = project.command(*arguments, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"error: .*; pip install 'nbrunbook\[{extra}\]'\n", done.stderr)
    assert {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()} == before
    assert f"nbrunbook[{extra}]" in project.command(arguments[0], "--help").stdout


def test_ci_rehearses_instantiates_and_archives_notebooks(project: Site, installed: Mapping[str, Environment]) -> None:
    """What the workflow and a nightly job do; the base verifies the record, also of a runbook without a notebook."""
    project.command("instantiate", "1.0", "-e", "staging")
    project.command("tick", "staging/1.0", "before-mail-support", "after-press-the-button")
    project.command("sign-off", "staging/1.0")
    project.python = installed["ci"].python
    for arguments in (
        ("new", "2.0"),
        ("lint",),
        ("plan", "2.0"),
        ("rehearse", "1.0", "-e", "staging"),
        ("instantiate", "2.0", "-e", "staging", "--execute"),
        ("archive", "--all"),
    ):
        project.command(*arguments)
    assert (project.root / "runbooks" / "staging" / "2.0.ipynb").is_file()
    done = project.command("work", "staging/2.0", check=False)
    assert (done.returncode, done.stderr.rstrip().rpartition("; ")[2]) == (1, "pip install 'nbrunbook[lab]'")
    record = project.root / "records" / "staging" / "1.0.html"
    assert "Whoever does this reads the notes first." in record.read_text(encoding="utf-8")
    project.python = installed["base"].python
    for each in (str(record), "staging/1.0", "--all"):
        assert "hold" in project.command("verify", each).stdout
    assert "Mail support" in project.command("export", "staging/2.0").stdout


def test_the_first_work_makes_the_notebook(
    project: Site, installed: Mapping[str, Environment], screen: OpenScreen
) -> None:
    """The base instantiates and ticks; JupyterLab shows it all live, and goes on with it."""
    project.command("instantiate", "1.0", "-e", "staging")
    project.command("tick", "staging/1.0", "before-mail-support")
    project.python = installed["lab"].python
    ana = screen(project.work("staging/1.0"))
    ana.wait_live()
    assert ana.statuses()["before-mail-support"] == "done"
    ana.wait_words(".jp-RenderedMarkdown", "Whoever does this reads the notes first.")
    ana.tick("after-press-the-button")
    project.python = installed["base"].python
    assert project.status("staging/1.0")["after-press-the-button"]["status"] == "done"
    assert [each["kind"] for each in project.events("staging/1.0")] == ["opened", "ticked", "opened", "ticked"]
    assert "hold" in project.command("verify", "--all").stdout


def test_a_team_s_journal_needs_its_driver(
    project: Site, installed: Mapping[str, Environment], postgres: Server
) -> None:
    """The set `postgres` works on it; the base says in one line what it lacks."""
    url = postgres.with_schema()
    said = project.command("status", NBRUNBOOK_JOURNAL=url, check=False)
    assert (said.returncode, said.stderr.rstrip().rpartition("; ")[2]) == (1, "pip install 'nbrunbook[postgres]'")
    project.python = installed["postgres"].python
    project.command("instantiate", "1.0", "-e", "staging", NBRUNBOOK_JOURNAL=url)
    project.command("tick", "staging/1.0", "before-mail-support", NBRUNBOOK_JOURNAL=url)
    told = json.loads(project.command("status", "staging/1.0", "--json", NBRUNBOOK_JOURNAL=url).stdout)
    assert told["runbooks"][0]["settled"] == 1
    assert "hold" in project.command("verify", "--all", NBRUNBOOK_JOURNAL=url).stdout
    postgres.drop(url)


def test_pre_commit_brings_what_reads_notebooks(site: Site, tmp_path: Path) -> None:
    """The hook, as pre-commit installs it from this repository, says what is wrong in a notebook."""
    if not (ROOT / ".git").exists():
        pytest.skip("no repository: pre-commit takes hooks from one")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    hooks = [{"repo": str(ROOT), "rev": head.strip(), "hooks": [{"id": "nbrunbook-lint"}]}]
    (site.root / ".pre-commit-config.yaml").write_text(json.dumps({"repos": hooks}), encoding="utf-8")
    (site.root / "templates").mkdir()
    template = site.root / "templates" / "1.0.ipynb"
    template.write_bytes(template_bytes("- [ ] A {#a after=nowhere}"))
    _git(site, "init", "--quiet")
    _git(site, "add", "--all")

    def run() -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
        return subprocess.run(command, cwd=site.root, env=environment, capture_output=True, text=True, check=False)

    found = run()
    assert found.returncode == 1, found.stdout + found.stderr
    assert "RB108 templates/1.0.ipynb" in found.stdout
    template.write_bytes(template_bytes("- [ ] A {#a}"))
    _git(site, "add", "--all")
    assert run().returncode == 0
