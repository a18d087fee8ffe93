"""What is added to a repository's files."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest

from nbrunbook.project import scaffold
from tests.conftest import ROOT

LISTS = {
    "nothing": b"",
    "indented": b"repos:\n  - repo: ../a\n    rev: v1\n    hooks:\n      - id: a\n",
    "flush": b"# ours\nrepos:\n- repo: ../a\n  rev: v1\n  hooks:\n  - id: a",
    "wide": b"fail_fast: true\nrepos: # all\n-   repo: ../a\n    rev: v1\n    hooks:\n    -   id: a\n\n# end\n",
    "windows": b"repos:\r\n  - repo: ../a\r\n    rev: v1\r\n    hooks:\r\n      - id: a\r\n",
    "scalar": b"repos:\n  - repo: ../a\n    rev: v1\n    hooks:\n      - id: a\n        exclude: |\n          - x\n",
}
UNCERTAIN = {
    "another key": b"repos:\n  - repo: meta\n    hooks:\n      - id: identity\nfail_fast: true\n",
    "flow": b"repos: []\n",
    "hooks first": b"repos:\n  - hooks:\n      - id: identity\n    repo: meta\n",
    "tabs": b"repos:\n  - repo: meta\n    hooks:\n\t- id: identity\n",
    "two documents": b"repos:\n  - repo: meta\n    hooks: []\n---\n",
    "an anchor": b"repos: &all\n  - repo: meta\n    hooks: []\n",
    "not UTF-8": b"repos:\n  - repo: meta # caf\xe9\n",
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("templates", ["templates", "it's \\here: #1/t.b", "."])
def test_a_hook_is_one_more_entry(tmp_path: Path, name: str, templates: str) -> None:
    """pre-commit reads the old entries and ours, whatever style the list is written in; the old bytes stay."""
    path = tmp_path / ".pre-commit-config.yaml"
    after = scaffold.with_hook(LISTS[name], templates)
    assert after is not None
    assert after.startswith(LISTS[name])
    assert scaffold.with_hook(LISTS[name], templates) == after
    path.write_bytes(after)
    repos = load_config(str(path))["repos"]
    assert repos[:-1] == (yaml.safe_load(LISTS[name]) or {"repos": []})["repos"]
    assert repos[-1]["hooks"][0]["files"] == scaffold.files_pattern(templates)
    assert (b"\r\n" in after) == (after.count(b"\n") == after.count(b"\r\n"))


@pytest.mark.parametrize("name", UNCERTAIN)
def test_where_it_is_not_certain_no_hook_is_added(name: str) -> None:
    """A list that ends elsewhere, or is written in another way, is left to a person."""
    assert scaffold.with_hook(UNCERTAIN[name], "templates") is None


def test_the_manifest_is_one_of_pre_commit() -> None:
    """The hooks that the repository offers are valid, and see the files that init's hook sees."""
    hooks = load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert {each["id"]: each["entry"] for each in hooks} == {
        "nbrunbook-lint": "nbrunbook lint",
        "nbrunbook-fix": "nbrunbook lint --fix",
    }
    assert {each["files"] for each in hooks} == {scaffold.files_pattern("templates")}


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("templates/1.0.ipynb", True),
        ("templates/next/search.md", True),
        ("templates/README.md", False),
        ("templates/next/README.md", False),
        ("templates/1.0.html", False),
        ("src/templates/mail.md", False),
        ("templates.md", False),
    ],
)
def test_the_hook_sees_templates_only(path: str, seen: bool) -> None:
    """Notebooks and Markdown below the folder, but no README and no other folder of that name."""
    assert bool(re.search(scaffold.files_pattern("templates"), path)) == seen


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b'[project]\nname = "x"',
        b'[project]\r\nname = "x"\r\n',
        b"[tool.ruff]\nline-length = 9\n\n\n",
        b"[[tool.x]]\n",
    ],
)
def test_a_table_is_added_to_a_pyproject(before: bytes) -> None:
    """The old bytes stay, the table holds the name alone, and nothing else is said in another way."""
    after = scaffold.with_table(before, "shop")
    assert after is not None
    assert after.startswith(before)
    assert tomllib.loads(after.decode())["tool"]["nbrunbook"] == {"name": "shop"}
    uncommented = scaffold.CONFIGURATION.format(table="tool.nbrunbook.").replace("\n# [", "\n[").replace("\n# b", "\nb")
    assert set(tomllib.loads("[tool.nbrunbook]\n" + uncommented)["tool"]["nbrunbook"]["environments"]) == {
        "staging",
        "production",
    }


@pytest.mark.parametrize(
    ("table", "before"),
    [
        ("", b'# ours\n\ntemplates = "x"\n'),
        ("", b"[environments.staging]\n"),
        ("[tool.nbrunbook]", b'[project]\nname = "x"\n\n[tool.nbrunbook]  # ours\ntemplates = "x"\n[tool.ruff]\n'),
        ("[tool.nbrunbook]", b"[tool.nbrunbook]\r\n[tool.nbrunbook.environments.staging]\r\n"),
    ],
)
def test_a_configuration_gets_the_name(table: str, before: bytes) -> None:
    """In front of all that it says, which stays, with the line ends that it has."""
    after = scaffold.with_name(before, "shöp", table)
    found = tomllib.loads(after.decode())
    own = found["tool"]["nbrunbook"] if table else found
    assert own.pop("name") == "shöp"
    assert found == tomllib.loads(before.decode())
    assert (b"\r\n" in before) == (b"journal\r\n" in after)
    assert all(line in after for line in before.splitlines(keepends=True))


@pytest.mark.parametrize(
    "before", [b"tool.nbrunbook.templates = 'x'\n", b"no TOML", b"[tool]\nnbrunbook = {}\n", b"\xff"]
)
def test_a_name_that_cannot_be_added_is_not(before: bytes) -> None:
    """What is said in another way stays as it is."""
    assert scaffold.with_name(before, "shop", "[tool.nbrunbook]") == before


def test_another_folder_is_named_in_the_configuration() -> None:
    """A table and a file of its own hold the folder, and nothing else."""
    after = scaffold.with_table(b"", "shop", scaffold.BESIDE)
    assert after is not None
    wanted = {"name": "shop", "templates": "release-templates"}
    assert tomllib.loads(after.decode())["tool"]["nbrunbook"] == wanted
    assert tomllib.loads(scaffold.own_file("shop", scaffold.BESIDE).decode()) == wanted
    assert tomllib.loads(scaffold.own_file("shop").decode()) == {"name": "shop"}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        ([".gitkeep", ".cache/a.html", "1.0.md", "next/a.ipynb", "always/shot.PNG"], ""),
        (["next/a.ipynb", "mail.html"], ""),
        (["shop/mail.txt", "base.html"], "base.html"),
        (["1.0.md", "shop/mail/order.txt"], "shop/mail/order.txt"),
        (["shop/logo.svg"], ""),
    ],
)
def test_what_shows_a_folder_to_be_another_tools(names: list[str], said: str) -> None:
    """Pages and mails at any depth do, unless a notebook is among them; Markdown, images and hidden files do not."""
    assert scaffold.foreign(names) == said


MOVED = ["templates", "ops/steps", "it's \\here: #1/t.b", "."]


@pytest.mark.parametrize("before", [LISTS["nothing"], LISTS["wide"], LISTS["windows"]])
@pytest.mark.parametrize("old", MOVED)
@pytest.mark.parametrize("new", MOVED)
def test_a_hook_that_names_another_folder_is_seen(before: bytes, old: str, new: str) -> None:
    """The hook that init wrote is right for its folder, and for those below it."""
    written = scaffold.with_hook(before, old) or b""
    moved = old not in (new, ".")
    assert scaffold.hook_elsewhere(written, new) == (scaffold.files_pattern(old) if moved else "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", scaffold.files_pattern("templates")),
        ("        files: ^ops/\n", ""),
        ("        files: '(?x'\n", ""),
        ("        entry: nbrunbook lint\n", ""),
        ("      - id: b\n        files: ^ops/\n", scaffold.files_pattern("templates")),
    ],
)
def test_a_hook_in_another_hand_is_judged_by_what_it_sees(lines: str, said: str) -> None:
    """Ours, taken from the repository, sees the standard folder; what is not clear is not judged."""
    text = f"repos:\n  - repo: ../a\n    rev: v1\n    hooks:\n      - id: nbrunbook-lint\n{lines}"
    assert scaffold.hook_elsewhere(text.encode(), "ops") == said
    assert scaffold.hook_elsewhere(text.replace("nbrunbook", "other").encode(), "ops") == ""


@pytest.mark.parametrize("old", MOVED)
@pytest.mark.parametrize("new", MOVED)
def test_a_workflow_that_names_another_folder_is_seen(old: str, new: str) -> None:
    """The workflow that init wrote is right for its folder only; one without our line is not judged."""
    standard = (ROOT / "src" / "nbrunbook" / "template" / "starters" / "nbrunbook.yml").read_text(encoding="utf-8")
    written = scaffold.workflow(standard, old, "main")
    assert bool(scaffold.workflow_elsewhere(written, new)) == (old != new)
    assert scaffold.workflow_elsewhere(b"on: push\n", new) == ""


@pytest.mark.parametrize("before", [b"tool = {}\n", b"tool.nbrunbook.journal = 'x'\n", b"not TOML", b"\xff"])
def test_a_table_that_cannot_be_added_is_not(before: bytes) -> None:
    """Where a table at the end would break the file or change it, there is none."""
    assert scaffold.with_table(before, "shop") is None


@pytest.mark.parametrize("folder", ["runbooks", "ops/run books", "[a]*b?", "!c", "#d", "."])
def test_git_ignores_the_session_copies_of_any_folder(tmp_path: Path, folder: str) -> None:
    """The lines do what they are for, whatever the folders are called."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    lines = scaffold.with_lines(b"", scaffold.ignored(folder), "x")
    (tmp_path / ".gitignore").write_bytes(lines)
    (tmp_path / ".gitattributes").write_bytes(scaffold.with_lines(b"", scaffold.attributes(folder), "x"))
    kept, ours = f"{folder}/production/1.0.html", f"{folder}/_sessions/production@1.0.ipynb"
    left = [
        ".ipynb_checkpoints/a.ipynb",
        "runbooks/staging/.ipynb_checkpoints/a.ipynb",
        ".jupyter/x",
        ".jupyter_ystore.db",
    ]
    names = [kept, ours, ".nbrunbook/journal.db", *left]
    ask = ["git", "check-ignore", "-z", "--stdin"]
    ignored = subprocess.run(ask, cwd=tmp_path, input="\0".join(names), capture_output=True, text=True)
    assert ignored.stdout.split("\0")[:-1] == names[1:]
    asked = ["git", "check-attr", "-z", "text", "diff", "--", kept, ours]
    said = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split("\0")
    assert said[2:12:3] == ["unset", "unspecified", "unspecified", "nbrunbook"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"# c\na/\nb/c/\n"),
        (b"x", b"x\n\n# c\na/\nb/c/\n"),
        (b"x\r\n/a\r\n", b"x\r\n/a\r\n\r\n# c\r\nb/c/\r\n"),
        (b"a/\n b/c\n", b"a/\n b/c\n"),
        (b"caf\xe9\n/a/\nb/c", b"caf\xe9\n/a/\nb/c"),
    ],
)
def test_only_missing_lines_are_added(before: bytes, after: bytes) -> None:
    """What is there stays to the byte, also with Windows' line ends, without a last one, and in another encoding."""
    assert scaffold.with_lines(before, ["a/", "b/c/"], "c") == after


@pytest.mark.parametrize(
    ("origin", "names", "said"),
    [
        ("", [], ""),
        ("git@github.com:a/b.git", [".gitlab-ci.yml"], ""),
        ("https://user:secret@gitlab.example.com/a/b", [], "the remote is at gitlab"),
        ("git@bitbucket.org:a/b", [], "the remote is at bitbucket"),
        ("https://git.example.com/a/b", ["Jenkinsfile"], "there is a Jenkinsfile"),
        ("https://git.example.com/a/b", [".gitlab-ci.yml", ".github"], ""),
    ],
)
def test_what_is_plainly_not_on_github(origin: str, names: list[str], said: str) -> None:
    """The remote or the files of another CI say so; the remote's address, which may hold a secret, is not shown."""
    assert scaffold.elsewhere(origin, names) == said


def test_production_may_ask_for_what_is_safe() -> None:
    """What an environment may ask for is there to be uncommented, and is nothing before."""
    text = scaffold.CONFIGURATION.format(table="").replace("\n# ", "\n")
    production = text[text.index("[environments.production]") :]
    found = tomllib.loads(production)["environments"]["production"]
    assert (found["approval"], found["committed"]) == ("verified", True)


@pytest.mark.parametrize("name", [name for name in LISTS if name != "nothing"])
@pytest.mark.parametrize("records", ["records", "it's \\here: #1/r.s", "."])
def test_hooks_pass_over_records(tmp_path: Path, name: str, records: str) -> None:
    """pre-commit reads it, all else stays, and there is nothing to do then."""
    path, after = tmp_path / ".pre-commit-config.yaml", scaffold.with_exclude(LISTS[name], records)
    assert after is not None
    path.write_bytes(after)
    pattern, folder = load_config(str(path))["exclude"], "" if records == "." else f"{records}/"
    assert re.search(pattern, f"{folder}production/1.0.html")
    assert re.search(pattern, f"{folder}SHA256SUMS")
    assert not re.search(pattern, "templates/1.0.md")
    lines = after.splitlines(keepends=True)
    assert b"".join(line for line in lines if not line.startswith(b"exclude:")) == LISTS[name]
    assert (b"\r\n" in after) == (after.count(b"\n") == after.count(b"\r\n"))
    assert scaffold.with_exclude(after, records) == after


@pytest.mark.parametrize(
    ("own", "is_enough"),
    [
        ("exclude: ^(docs|records)/", True),
        ("exclude : |\n  (?x)^(\n    docs/|\n\n    records/\n  )\n", True),
        ("exclude: ^docs/", False),
        ("exclude: '^docs/records-old/'", False),
        ("exclude: ^records$", False),
        ("exclude: ^docs/  # not records/", False),
        ("exclude: '^(?!records/)'", False),
        ("exclude: ^recor.s/.*", True),
        (r'exclude: "^(records|\\.venv)/"', True),
        ("exclude: '(records'", False),
        ("exclude: (records/|(a*)*b)", False),
        ("exclude: [records/]", False),
        (f"exclude: {'.?' * 40}records/", False),
        (f"exclude: {'(.|.)' * 40}records/|records", False),
        ("exclude: 'records/.{99999999999}'", False),
        (f"exclude: {'(' * 5000}records/", False),
        ("exclude: &a [*a, records/]", False),
        ("exclude: ^docs/\nfiles: records", False),
    ],
)
def test_an_exclude_of_theirs_stays(own: str, is_enough: bool) -> None:
    """One that names the records is enough; any other one is for a person to mend."""
    before = f"{own}\nrepos:\n  - repo: meta\n    hooks: []\n".encode()
    assert scaffold.with_exclude(before, "records") == (before if is_enough else None)


@pytest.mark.parametrize("before", [b"repos: []\n", b"repos:\nrepos:\n", b"x: 1\n", b"repos: # caf\xe9\n"])
def test_where_it_is_not_certain_nothing_is_excluded(before: bytes) -> None:
    """It is left to a person."""
    assert scaffold.with_exclude(before, "records") is None


@pytest.mark.parametrize("before", [b'[project]\nname = "shop"\n', b"[tool.nbrunbook]\r\n"])
def test_a_byte_order_mark_stays(before: bytes) -> None:
    """Where a configuration begins with one, as some editors write it."""
    marked = b"\xef\xbb\xbf" + before
    for after in (scaffold.with_table(marked, "shop"), scaffold.with_name(marked, "shop", "[tool.nbrunbook]")):
        assert after is None or after.startswith(b"\xef\xbb\xbf")
    plain = scaffold.with_name(before, "shop", "[tool.nbrunbook]")
    assert scaffold.with_name(marked, "shop", "[tool.nbrunbook]") == b"\xef\xbb\xbf" + plain
    assert scaffold.with_name(b"\xef\xbb\xbf# c\n", "shop", "").startswith(b'\xef\xbb\xbfname = "shop"')


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("templates/1.0.md", True),
        ("shop/runbooks/1.0/a.ipynb", True),
        ("ops.d/v1/1.0.md", True),
        ("opsXd/v1/1.0.md", False),
        ("a/b/runbooks/1.0.md", False),
        ("runbooks/1.0.ipynb", False),
        ("shop/runbooks/README.md", False),
    ],
)
def test_the_hook_sees_all_folders_of_templates(path: str, seen: bool) -> None:
    """Where the configuration lists several, each * stands for one name."""
    pattern = scaffold.files_pattern("templates", ["*/runbooks", "ops.d/v[12]"])
    assert bool(re.search(pattern, path)) == seen
