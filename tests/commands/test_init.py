"""nbrunbook init."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_config

from nbrunbook.project import scaffold
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import listing, run_git

WRITTEN = [
    "pyproject.toml",
    "templates/.gitkeep",
    "runbooks/.gitkeep",
    "records/.gitkeep",
    ".gitignore",
    ".gitattributes",
    ".pre-commit-config.yaml",
    ".github/workflows/nbrunbook.yml",
]


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(work: Workplace) -> Workplace:
    """An empty git repository of a package, which does not know nbrunbook yet."""
    (work.root / "pyproject.toml").write_bytes(b'[project]\r\nname = "shop"')
    _git("init", "-q", "-b", "trunk")
    return work


def _files(work: Workplace) -> dict[str, bytes]:
    return {name: content for name, content in listing(work.root).items() if not name.startswith(".git/")}


def _said(work: Workplace) -> list[str]:
    return [line.partition(":")[0] for line in work.out.partition("\n\n")[0].splitlines()]


def test_a_repository_is_set_up(repository: Workplace) -> None:
    """Every file is written and named, and the project loads, with the old text in place."""
    before = (repository.root / "pyproject.toml").read_bytes()
    assert repository.run("init") == 0, repository.err
    assert _said(repository) == WRITTEN
    assert (repository.root / "pyproject.toml").read_bytes().startswith(before + b"\r\n\r\n[tool.nbrunbook]\r\n")
    found = find_project()
    assert (found.root, found.name, dict(found.environments)) == (repository.root.resolve(), "shop", {})
    assert load_config(".pre-commit-config.yaml")["repos"][0]["hooks"][0]["id"] == "nbrunbook-lint"
    workflow = yaml.safe_load(Path(WRITTEN[-1]).read_text(encoding="utf-8"))
    assert workflow[True]["push"]["branches"] == ["trunk"]


def test_what_is_written_is_enough_to_start(repository: Workplace) -> None:
    """After init, a template can be made, instantiated, and committed without the journal."""
    assert repository.run("init") == 0
    assert repository.run("new", "1.0") == 0
    assert repository.run("instantiate", "templates/1.0.ipynb", "-e", "staging") == 0, repository.err
    _git("add", "--all")
    staged = subprocess.run(["git", "diff", "--cached", "--name-only"], capture_output=True, text=True, check=True)
    assert sorted(staged.stdout.splitlines()) == sorted([*WRITTEN, "templates/1.0.ipynb", "runbooks/staging/1.0.ipynb"])


def test_a_second_run_changes_nothing(repository: Workplace) -> None:
    """The second run says that everything is there, and changes no byte."""
    assert repository.run("init") == 0
    before = listing(repository.root)
    assert repository.run("init") == 0
    assert repository.out.startswith("everything is there: nothing was written\n")
    assert listing(repository.root) == before


def test_a_dry_run_shows_what_it_would_write(repository: Workplace) -> None:
    """`--dry-run` shows every file and every line to add, and writes nothing."""
    before = listing(repository.root)
    assert repository.run("init", "--dry-run") == 0
    assert listing(repository.root) == before
    shown = repository.out
    assert repository.run("init") == 0
    for name, content in _files(repository).items():
        if content == b"a folder":
            continue
        assert f"would write {name}: " in shown
        added = (
            content.decode().replace("\r\n", "\n").removeprefix(before.get(name, b"").decode().replace("\r\n", "\n"))
        )
        assert all(f"  + {line}".rstrip() in shown for line in added.strip("\n").splitlines())


def test_git_keeps_records_to_the_byte_and_shows_notebooks_as_text(repository: Workplace) -> None:
    """The attributes and the ignored files are as git itself sees them."""
    assert repository.run("init") == 0
    names = ["records/production/1.0.html", "records/1.0.html", "records/SHA256SUMS", "templates/1.0.ipynb"]
    asked = subprocess.run(["git", "check-attr", "text", "diff", "--", *names], capture_output=True, text=True)
    said = {tuple(line.rsplit(": ", 2)) for line in asked.stdout.splitlines()}
    assert {name for name, attribute, value in said if (attribute, value) == ("text", "unset")} == set(names[:3])
    assert ("templates/1.0.ipynb", "diff", "nbrunbook") in said
    ours = [".nbrunbook/journal.db", "runbooks/_sessions/production@1.0.ipynb"]
    ignored = subprocess.run(["git", "check-ignore", *ours, *names], capture_output=True, text=True)
    assert ignored.stdout.splitlines() == ours


def test_the_one_line_for_a_person_is_shown_until_it_was_run(repository: Workplace) -> None:
    """The configuration of git is never changed: the line is printed, works, and is not printed again."""
    configuration = (repository.root / ".git" / "config").read_bytes()
    assert repository.run("init") == 0
    assert scaffold.TEXTCONV in repository.out.splitlines()
    assert (repository.root / ".git" / "config").read_bytes() == configuration
    subprocess.run(scaffold.TEXTCONV, shell=True, check=True)
    assert repository.run("init") == 0
    assert repository.out == "everything is there: nothing was written\n"


def test_folders_are_the_configured_ones(repository: Workplace) -> None:
    """An existing configuration stays, and the folders, patterns, hook and workflow follow it."""
    table = '[tool.nbrunbook]\ntemplates = "ops/steps"\nrunbooks = "ops/run books"\nrecords = "../kept"\n'
    (repository.root / "pyproject.toml").write_text(table, encoding="utf-8")
    assert repository.run("init") == 0, repository.err
    files = _files(repository)
    name = f'name = "{repository.root.name}"  # under which its runbooks stand in the journal\n'
    assert files["pyproject.toml"].decode() == table.replace("\n", f"\n{name}", 1)
    assert {"ops/steps/.gitkeep", "ops/run books/.gitkeep"} < files.keys()
    assert not (repository.root.parent / "kept").exists()
    assert b"ops/run\\ books/_sessions/\n" in files[".gitignore"]
    assert b"-text" not in files[".gitattributes"]
    assert b"^ops/steps/" in files[".pre-commit-config.yaml"]
    assert b'TEMPLATES: "ops/steps"\n' in files[WRITTEN[-1]]


@pytest.mark.parametrize("name", ["templates/base.html", "templates/shop/mail/order.txt"])
def test_djangos_templates_are_left_alone(repository: Workplace, name: str) -> None:
    """Where `templates` holds pages, another folder is configured, everything follows it, and the reason is told."""
    (repository.root / name).parent.mkdir(parents=True)
    (repository.root / name).write_text("<p>", encoding="utf-8")
    assert repository.run("init") == 0, repository.err
    assert f'templates/ holds other files ({name}): templates = "release-templates" is configured' in repository.err
    files = _files(repository)
    assert b"^release\\-templates/" in files[".pre-commit-config.yaml"]
    assert b'TEMPLATES: "release-templates"\n' in files[WRITTEN[-1]]
    assert "release-templates/.gitkeep" in files
    assert find_project().templates == repository.root.resolve() / "release-templates"
    assert repository.run("init") == 0
    assert repository.out.startswith("everything is there: nothing was written\n")
    assert "by hand" not in repository.err


def test_what_names_an_old_folder_is_told(repository: Workplace) -> None:
    """A hook and a workflow that were written for another folder stay, and each is said in one line."""
    assert repository.run("init") == 0
    assert "by hand" not in repository.err
    text = (repository.root / "pyproject.toml").read_text(encoding="utf-8")
    text = text.replace("[tool.nbrunbook]\n", '[tool.nbrunbook]\ntemplates = "steps"\n', 1)
    (repository.root / "pyproject.toml").write_text(text, encoding="utf-8")
    before = _files(repository)
    assert repository.run("init") == 0
    told = [line for line in repository.err.splitlines() if "templates are in steps: mend it by hand" in line]
    assert [line.partition(" has ")[0].partition(" sees ")[0] for line in told] == [
        "the hook in .pre-commit-config.yaml",
        ".github/workflows/nbrunbook.yml",
    ]
    assert {**_files(repository), **before} == _files(repository)


def test_without_a_pyproject_there_is_a_file_of_its_own(repository: Workplace) -> None:
    """A repository of another language gets an nbrunbook.toml."""
    (repository.root / "pyproject.toml").unlink()
    assert repository.run("init") == 0
    assert _said(repository)[0] == "nbrunbook.toml"
    assert find_project().root == repository.root.resolve()
    assert not (repository.root / "pyproject.toml").exists()


def test_outside_of_git_it_works_and_says_so(work: Workplace) -> None:
    """A folder that is no repository is set up too."""
    (work.root / "pyproject.toml").unlink()
    assert work.run("init") == 0
    assert "is no git repository" in work.err
    assert find_project().root == work.root.resolve()


def test_from_a_folder_below_it_is_the_same(repository: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root is found from anywhere in the repository."""
    (repository.root / "src").mkdir()
    monkeypatch.chdir(repository.root / "src")
    assert repository.run("init") == 0
    assert _said(repository) == WRITTEN
    assert list((repository.root / "src").iterdir()) == []


def test_a_project_in_a_part_of_a_repository_has_no_ci(repository: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the project is one folder of a repository, what belongs in the root is said, not written."""
    (repository.root / "service").mkdir()
    (repository.root / "service" / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(repository.root / "service")
    assert repository.run("init") == 0
    assert _said(repository) == WRITTEN[:-2]
    assert "set pre-commit and CI up in its root" in repository.err
    assert not (repository.root / ".github").exists()


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "Jenkinsfile"])
def test_no_workflow_where_the_ci_is_another(repository: Workplace, name: str) -> None:
    """A repository that is plainly not on GitHub gets no workflow, and is told why."""
    (repository.root / name).write_text("", encoding="utf-8")
    assert repository.run("init") == 0
    assert f"no workflow for GitHub, because there is a {name}" in repository.err
    assert not (repository.root / ".github").exists()


def test_nothing_of_theirs_is_overwritten(repository: Workplace) -> None:
    """Hooks, a workflow and lines that are there stay to the byte; a mode and a link stay too."""
    theirs = {
        ".github/workflows/nbrunbook.yml": b"theirs\n",
        ".pre-commit-config.yaml": b"repos: []\n",
        ".gitattributes": b"*.ipynb diff=jupyternotebook\r\n",
        "ignore": b"*.pyc",
        "templates/0.9.md": b"- [ ] old\n",
    }
    for name, content in theirs.items():
        (repository.root / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.root / name).write_bytes(content)
    (repository.root / ".gitignore").symlink_to("ignore")
    (repository.root / "pyproject.toml").chmod(0o600)
    assert repository.run("init") == 0, repository.err
    files = _files(repository)
    assert all(files[name].startswith(content) for name, content in theirs.items())
    assert b"diff=nbrunbook" not in files[".gitattributes"]
    assert "*.ipynb diff=jupyternotebook" in repository.err
    assert "by hand:\n- repo: local\n  hooks:\n    - id: nbrunbook-lint" in repository.out
    assert (repository.root / ".gitignore").is_symlink()
    assert (repository.root / "pyproject.toml").stat().st_mode & 0o777 == 0o600
    assert "templates/.gitkeep" not in files


def test_files_that_git_would_ignore_are_told(repository: Workplace) -> None:
    """A line in .gitignore that would hide records is said, for they are committed."""
    (repository.root / ".gitignore").write_text("*.html\n", encoding="utf-8")
    assert repository.run("init") == 0
    assert "git ignores records/production/1.0.html" in repository.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("templates", "a file", "templates is a file; expected a folder"),
        (".github", "a file", ".github is a file; expected a folder"),
        ("pyproject.toml", "[tool.nbrunbook]\nfolder = 1\n", "unknown key 'folder'"),
        ("pyproject.toml", "not TOML", "not TOML"),
    ],
)
def test_what_cannot_be_set_up_is_one_error(repository: Workplace, name: str, content: str, said: str) -> None:
    """What stands in the way is told before anything is written."""
    (repository.root / name).write_text(content, encoding="utf-8")
    before = listing(repository.root)
    assert repository.run("init") == 1
    assert said in repository.err
    assert len(repository.err.splitlines()) == 1
    assert listing(repository.root) == before


def test_what_is_put_into_two_places_of_a_file_is_shown(repository: Workplace) -> None:
    """The hook and the line that keeps hooks from records; what is there is not shown."""
    theirs = "fail_fast: true\nrepos:\n- repo: meta\n  hooks:\n  - id: identity\n"
    Path(".pre-commit-config.yaml").write_text(theirs, encoding="utf-8")
    assert repository.run("init", "--dry-run") == 0
    shown = repository.out.partition("config.yaml: the hook nbrunbook-lint, no hook changes a record\n")[2]
    assert shown.startswith(
        "  + exclude: '^records/'  # a record's digest covers every byte of it\n  + - repo: local\n"
    )
    assert "id: identity" not in repository.out
    Path(".pre-commit-config.yaml").write_text(f"exclude: ^docs/\n{theirs}", encoding="utf-8")
    assert repository.run("init") == 0
    assert "or to the `exclude` that it has: no hook may change a record\nexclude: '^records/'\n" in repository.out


@pytest.mark.parametrize("content", ['[project]\nname = "shop"\n', "[tool.nbrunbook]\n"])
def test_a_configuration_with_a_byte_order_mark_is_set_up(work: Workplace, content: str) -> None:
    """As any other one."""
    Path("pyproject.toml").write_text(content, encoding="utf-8-sig")
    assert work.run("init") == 0, work.err
    assert work.run("status") == 1
    assert "no journal at" in work.err
    assert not Path("nbrunbook.toml").exists()
    assert Path("pyproject.toml").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_list_of_folders_is_seen_by_hook_and_workflow(work: Workplace) -> None:
    """What CI looks at are all folders of templates; a hook of before that sees one of them only is told."""
    configuration = work.root / "pyproject.toml"
    listed = '[project]\nname = "shop"\n[tool.nbrunbook]\nname = "shop"\ntemplates = ["templates", "*/runbooks"]\n'
    run_git(work.root, "init", "-q")
    assert work.run("init") == 0
    configuration.write_text(listed, encoding="utf-8")
    assert work.run("init") == 0
    assert "and templates are in */runbooks: mend it by hand" in work.err
    for name in (".pre-commit-config.yaml", ".github/workflows/nbrunbook.yml"):
        (work.root / name).unlink()
    assert work.run("init") == 0
    assert "^(templates/|[^/]*/runbooks/)" in (work.root / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert 'TEMPLATES: "."' in (work.root / ".github/workflows/nbrunbook.yml").read_text(encoding="utf-8")
    assert work.run("init") == 0
    assert (work.out.splitlines()[0], "by hand" in work.err) == ("everything is there: nothing was written", False)
