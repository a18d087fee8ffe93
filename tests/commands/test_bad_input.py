"""Bad input: one clear error that says where, no traceback, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PARAMETERS, Workplace
from tests.making import listing, registered

STEP = "- [ ] A {#a}"
TABLE = "[tool.nbrunbook.environments.{}]\n"
ENVIRONMENTS = f'[project]\nname = "shop"\n{TABLE.format("staging")}{TABLE.format("production")}'


def _refused(work: Workplace, *command: str | Path, status: int = 1) -> str:
    """Run a command that must fail without a trace, and return its one error."""
    before = listing(work.root)
    assert work.run(*command) == status, work.out + work.err
    assert listing(work.root) == before
    assert "Traceback" not in work.err + work.out
    errors = [line for line in work.err.splitlines() if line.lower().startswith("error:")]
    assert len(errors) == 1, work.err
    return work.err


def _edited(work: Workplace, change: Callable[[dict[str, Any]], object]) -> Path:
    path = work.template(STEP)
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


# Files

NO_NOTEBOOKS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "prose": (b"# A checklist\n- [ ] A\n", "not JSON (line 1"),
    "cut off": (b'{"cells": [\n{"cell_type": ', "not JSON (line 2"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "not UTF-8 (byte 0)"),
    "a list": (b"[]", "no notebook (list)"),
    "a number": (b"7", "no notebook (int)"),
    "other JSON": (b'{"name": "shop"}', "no notebook (JSON without nbformat)"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    "deep": (b"[" * 100_000, "nested too deeply"),
    "half a character": (b'{"nbformat": 4, "cells": [], "metadata": {"a": "\\ud800"}}', "surrogate"),
    "nbformat 2": (b'{"nbformat": 2, "nbformat_minor": 0, "worksheets": [{"cells": []}]}', "nbformat 2"),
    "nbformat 3": (b'{"nbformat": 3, "worksheets": [{"cells": []}], "metadata": {}}', "nbformat 3"),
    "nbformat 5": (b'{"nbformat": 5, "nbformat_minor": 0, "cells": [], "metadata": {}}', "nbformat 5"),
    "no cells": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "cells is null or missing"),
    "no metadata": (b'{"nbformat": 4, "nbformat_minor": 5, "cells": []}', "metadata is null or missing"),
    "a strange cell": (b'{"nbformat": 4, "metadata": {}, "cells": [7]}', "cell 1 is a int"),
    "a cell type": (b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "x"}]}', "cell 1 has the cell_type 'x'"),
    "a source": (b'{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "raw", "source": 7}]}', "cell 1 has a so"),
}


@pytest.mark.parametrize(("content", "said"), NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
@pytest.mark.parametrize("command", [["plan"], ["instantiate", "-e", "staging"], ["work"]], ids=lambda each: each[0])
def test_what_is_no_notebook_is_told(work: Workplace, command: list[str], content: bytes, said: str) -> None:
    """A file that cannot be read as a notebook of nbformat 4 is one error with its path and what was found."""
    path = Path("theirs.ipynb")
    path.write_bytes(content)
    told = _refused(work, *command[:1], path, *command[1:])
    assert said in told
    assert "theirs.ipynb" in told


@pytest.mark.parametrize("command", [["plan"], ["instantiate", "-e", "staging"], ["work"]], ids=lambda each: each[0])
@pytest.mark.parametrize("name", ["none.ipynb", "folder.ipynb"])
def test_a_missing_file_and_a_folder_are_told(work: Workplace, command: list[str], name: str) -> None:
    """A file that is not there, and a folder in its place, are one error with the path."""
    Path("folder.ipynb").mkdir()
    assert name in _refused(work, *command[:1], name, *command[1:])


# Templates

STOPPING: dict[str, tuple[str, list[str]]] = {
    "duplicate id": ("- [ ] A {#a}\n- [ ] B {#a}", ["RB103", "cell 2, line 2", "'a'"]),
    "unknown flag": ("- [ ] A {#a .approvl}", ["RB104", "cell 2, line 1", "did you mean .approval?"]),
    "unknown key": ("- [ ] A {#a ownr=me}", ["RB105", "cell 2, line 1", "did you mean owner?"]),
    "unknown flag on a heading": ("## B {.gat}\n- [ ] A {#a}", ["RB104", "cell 2, line 1", ".gate"]),
    "bad wait": ("- [ ] A {#a wait=soon}", ["RB106", "cell 2, line 1", "no duration"]),
    "bad when": ("- [ ] A {#a when=\"kindd == 'x'\"}", ["RB107", "cell 2, line 1", "kindd"]),
    "bad after": ("- [ ] A {#a}\n- [ ] B {#b after=c}", ["RB108", "cell 2, line 2", "names no step: c"]),
    "twice": ("- [ ] A {#a owner=x owner=y}", ["RB109", "owner stands there twice"]),
}


@pytest.mark.parametrize(("markdown", "said"), STOPPING.values(), ids=STOPPING)
def test_a_finding_that_stops_is_told_with_its_place(work: Workplace, markdown: str, said: list[str]) -> None:
    """A template with a fault is not instantiated; the finding is named with file, cell and line."""
    told = _refused(work, "instantiate", work.template(markdown), "-e", "staging")
    for part in (*said, "templates/1.0.ipynb", "1 finding stops"):
        assert part in told


SCHEMA: dict[str, Callable[[dict[str, Any]], object]] = {
    "cell without metadata": lambda document: document["cells"][1].pop("metadata"),
    "code without outputs": lambda document: document["cells"][0].pop("outputs"),
    "an unknown field": lambda document: document["cells"][1].update(colour="red"),
    "a bad id": lambda document: document["cells"][1].update(id="not an id"),
    "metadata of another kind": lambda document: document["cells"][1].update(metadata=7),
    "kernelspec of another kind": lambda document: document["metadata"].update(kernelspec=7),
    "minor of another kind": lambda document: document.update(nbformat_minor="5"),
}


@pytest.mark.parametrize("change", SCHEMA.values(), ids=SCHEMA)
def test_a_schema_violation_is_told(work: Workplace, change: Callable[[dict[str, Any]], object]) -> None:
    """A notebook that breaks its schema is a finding, and is not instantiated."""
    told = _refused(work, "instantiate", _edited(work, change), "-e", "staging")
    assert "RB110" in told


def test_a_missing_parameters_cell_is_told(work: Workplace) -> None:
    """A template without a parameters cell, or with two of them, is a finding."""
    for change in (
        lambda document: document["cells"].pop(0),
        lambda document: document["cells"].append({**document["cells"][0], "id": "another"}),
    ):
        assert "RB101" in _refused(work, "instantiate", _edited(work, change), "-e", "staging")


DECLARATIONS = ["release = open('x')", "for x in y: pass", "x: dict = {}", "(", "release: int = 1"]


@pytest.mark.parametrize("declare", DECLARATIONS)
def test_a_bad_declaration_is_told(work: Workplace, declare: str) -> None:
    """A parameters cell that is not understood is a finding with its line; it is never run."""
    told = _refused(work, "instantiate", work.template(STEP, parameters=f"\n{declare}"), "-e", "staging")
    assert "RB102" in told
    assert "cell 1, line 2" in told


# Values

DECLARE = (
    f"from typing import Literal\nfrom nbrunbook import Secret\n{PARAMETERS}\nreplicas: int = 2\nratio: float = 1.0\n"
    "fast: bool = False\nkind: Literal['major', 'minor'] = 'minor'\nneeded: str\n"
    "regions: list[int] = [1]\ntoken: Secret = Secret('TOKEN')\n"
)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("relase", "2.0", "did you mean 'release'?"),
        ("replicas", "two", "expected int"),
        ("replicas", "2.5", "expected int"),
        ("ratio", "nan", "expected float"),
        ("fast", "maybe", "expected bool"),
        ("kind", "patch", "one of: 'major', 'minor'"),
        ("regions", "1,b", "expected list[int]"),
        ("regions", "[1", "expected list[int]"),
        ("token", "hunter2", "a secret itself is never given on the command line"),
        ("needed", "two\nlines", "one line of text"),
        ("replicas", "1", "parameter needed: no value"),
    ],
)
def test_a_bad_value_is_told(work: Workplace, name: str, value: str, said: str) -> None:
    """An unknown name, a wrong type and a missing value are errors before anything is written."""
    path = work.template(STEP, parameters=DECLARE)
    told = _refused(work, "instantiate", path, "-e", "staging", "-p", name, value)
    assert said in told
    assert told.count("\n") == 1
    assert "hunter2" not in told


def test_a_value_that_cannot_be_written_into_code_is_told(work: Workplace) -> None:
    """A value with a backtick where it stands in code is an error, and nothing is left behind."""
    path = work.template("Run `{{what}}` now", STEP, parameters="what: str = 'x'")
    assert "parameter what" in _refused(work, "instantiate", path, "-e", "staging", "-p", "what", "a`b")


@pytest.mark.parametrize("setting", ["replicas = 'two'", "replicas = 2.5", "kind = 'patch'", "token = 'hunter2'"])
def test_a_bad_value_in_an_environments_table_is_told(work: Workplace, setting: str) -> None:
    """A value of an environment's table is held against the declaration too."""
    Path("pyproject.toml").write_text(f"{ENVIRONMENTS}{setting}\n", encoding="utf-8")
    path = work.template(STEP, parameters=DECLARE)
    command = ["instantiate", path, "-e", "production", "-p", "needed", "x"]
    assert setting.split()[0] in _refused(work, *command)


# Names


@pytest.mark.parametrize("verb", ["instantiate", "plan"])
def test_an_unknown_environment_is_told(work: Workplace, verb: str) -> None:
    """With environments declared another name is an error that lists them and offers the nearest."""
    Path("pyproject.toml").write_text(ENVIRONMENTS, encoding="utf-8")
    told = _refused(work, verb, work.template(STEP), "-e", "stagin")
    assert "one of: production, staging" in told
    assert "did you mean 'staging'?" in told


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", ".hidden", "a\\b", "a@b", "_sessions", "a\nb", " a", "a "])
def test_a_name_that_is_no_files_name_is_told(work: Workplace, name: str) -> None:
    """An environment or release that could not be a file's name is an error."""
    path = work.template(STEP)
    said = "cannot be a file's name"
    assert said in _refused(work, "instantiate", path, "-e", name)
    if "\n" not in name:
        assert said in _refused(work, "instantiate", path, "-e", "staging", "-p", "release", name)


ON_A_KEY = [
    ["tick", "KEY", "STEP"],
    ["untick", "KEY", "STEP", "--reason", "x"],
    ["skip", "KEY", "STEP", "--reason", "x"],
    ["approve", "KEY", "STEP"],
    ["note", "KEY", "text", "--step", "STEP"],
    ["note", "KEY", "text"],
    ["status", "KEY"],
    ["sign-off", "KEY"],
    ["reopen", "KEY", "--reason", "x"],
    ["journal", "KEY"],
    ["archive", "KEY"],
    ["archive", "KEY", "--draft"],
    ["work", "KEY"],
]


def _filled(command: list[str], key: str, step: str) -> list[str]:
    return [{"KEY": key, "STEP": step}.get(part, part) for part in command]


@pytest.mark.parametrize("command", ON_A_KEY, ids=" ".join)
@pytest.mark.parametrize("key", ["staging/1.1", "staging", "../x", "staging/1.0@2", "stag\x1bing/1.0"])
def test_an_unknown_key_is_told(work: Workplace, command: list[str], key: str) -> None:
    """A key that the journal does not hold is one error with the key, for every verb."""
    registered(STEP)
    told = _refused(work, *_filled(command, key, "a"))
    assert "no runbook" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("command", [each for each in ON_A_KEY if "STEP" in each], ids=" ".join)
@pytest.mark.parametrize("step", ["b", "A", "\x1b[2J", "a a"])
def test_an_unknown_step_is_told(work: Workplace, command: list[str], step: str) -> None:
    """A step that the runbook does not have is one error with the runbook and the step, for every verb."""
    told = _refused(work, *_filled(command, registered(STEP), step))
    assert "staging/1.0 has no step" in told
    assert "one of: a" in told


# The journal and the project


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("command", [["status"], *ON_A_KEY], ids=" ".join)
def test_a_missing_journal_is_told(work: Workplace, command: list[str]) -> None:
    """Where there is no journal none is made by looking; the error says what makes one."""
    told = _refused(work, *_filled(command, "staging/1.0", "a"))
    assert "no journal at" in told
    assert "NBRUNBOOK_JOURNAL says where a team's is" in told
    assert "nbrunbook instantiate" in told


@pytest.mark.on("sqlite")
@pytest.mark.parametrize("place", ["file/journal.db", "folder"])
def test_a_journal_that_cannot_be_made_is_told(work: Workplace, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A journal below a file, or a folder in its place, is one error with the path, and no runbook is left."""
    Path("file").write_text("x", encoding="utf-8")
    Path("folder").mkdir()
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", place)
    assert place in _refused(work, "instantiate", work.template(STEP), "-e", "staging")


@pytest.mark.on("sqlite")
def test_a_journal_that_is_none_is_told(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no journal stays as it was."""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "notes.txt")
    Path("notes.txt").write_text("remember the milk\n" * 100, encoding="utf-8")
    path = work.template(STEP)
    for command in (["instantiate", path, "-e", "staging"], ["status"], ["work"]):
        assert "notes.txt" in _refused(work, *command)


def test_a_runbooks_folder_that_cannot_be_made_is_told(work: Workplace) -> None:
    """A file where runbooks/ should be is one error; no runbook is registered."""
    Path("runbooks").write_text("x", encoding="utf-8")
    path = work.template(STEP)
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "runbooks/staging/1.0.ipynb cannot be written" in work.err
    assert work.run("status") == 0
    assert work.out == ""


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[tool.nbrunbook]\njournl = 'x'\n", "unknown key 'journl'"),
        ("[tool.nbrunbook]\ntemplates = 7\n", "templates = 7"),
        ("[tool.nbrunbook\n", "not TOML"),
        ("[tool.nbrunbook.environments]\nstaging = 7\n", "environments.staging = 7"),
        ("[tool.nbrunbook.environments.'a/b']\n", "cannot be a file's name"),
        ("[tool.nbrunbook.environments.staging]\napproval = 'twice'\n", "approval = 'twice'"),
    ],
)
def test_a_bad_configuration_is_told(work: Workplace, config: str, said: str) -> None:
    """A configuration that says something unknown is one error for every verb."""
    path = work.template(STEP)
    Path("pyproject.toml").write_text(config, encoding="utf-8")
    for command in (["instantiate", path, "-e", "staging"], ["status"], ["tick", "staging/1.0", "a"]):
        assert said in _refused(work, *command)


def test_a_missing_project_is_told(work: Workplace) -> None:
    """Outside a project nothing is made, and the error says how to make one."""
    path = work.template(STEP)
    Path("pyproject.toml").unlink()
    for command in (["instantiate", path, "-e", "staging"], ["status"], ["tick", "staging/1.0", "a"], ["work"]):
        assert "no project at or above" in _refused(work, *command)


def test_a_failing_author_cell_is_told(work: Workplace) -> None:
    """A failing cell is one error with the file and the cell; the runbook is there, registered and whole."""
    path = work.template(STEP, code="raise RuntimeError('no route to host')")
    assert work.run("instantiate", path, "-e", "staging", "--execute") == 1
    errors = [line for line in work.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert "runbooks/staging/1.0.ipynb: the author's cell" in errors[0]
    assert "RuntimeError: no route to host" in errors[0]
    assert "Traceback" not in work.err
    assert work.run("status", "staging/1.0") == 0
    assert json.loads(Path("runbooks/staging/1.0.ipynb").read_bytes())["metadata"]["nbrunbook"]["key"] == "staging/1.0"


@pytest.mark.parametrize(
    "command", [["stauts"], ["status", "--chek"], ["tick", "k"], ["instantiate"], ["instantiate", "t"]]
)
def test_bad_usage_is_told(work: Workplace, command: list[str]) -> None:
    """A mistyped verb or option, and a missing argument, exit 2."""
    assert "Usage: nbrunbook" in _refused(work, *command, status=2)
