"""Extras: what is not installed is told in one line, before anything is written."""

from __future__ import annotations

import pickle
import re
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nbrunbook import extras
from nbrunbook.commands import VERBS
from nbrunbook.extras import MissingExtraError
from tests.conftest import ROOT, MakeRunbook, WithoutExtras, Workplace

NOTEBOOKS = "Notebooks need nbrunbook[ci]"
SAID_IN_HELP = {
    **dict.fromkeys(("lint", "plan", "diff", "export", "revise", "cut"), NOTEBOOKS),
    "import": "A notebook needs nbrunbook[ci]",
    "new": "a notebook, which needs nbrunbook[ci]",
    "instantiate": "Without nbrunbook[ci], Markdown templates become runbooks",
    "rehearse": "It needs nbrunbook[ci]",
    "archive": "It needs nbrunbook[ci]",
    "work": "Opening one needs nbrunbook[lab]; on a hub, nbrunbook[ci]",
}


def test_the_table_is_pyproject_s() -> None:
    """What an extra brings here is what pip installs for it."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    offered = declared["optional-dependencies"]
    named = {extra: [re.split(r"[>\[]", each)[0] for each in offered[extra]] for extra in ("ci", "lab")}
    assert named["ci"] == [*extras.BRINGS["ci"], *extras.NICER]
    assert ["nbrunbook", *extras.BRINGS["lab"]] == ["nbrunbook", *extras.BRINGS["ci"], *named["lab"][1:]]
    assert offered["lab"][0] == "nbrunbook[ci]"
    assert not {re.split(r"[>\[]", each)[0] for each in declared["dependencies"]} & set(extras.BRINGS["lab"])


def test_django_s_extra_is_light() -> None:
    """The base and Django are at most 15 packages, and no driver of a database is among them."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ahead = [*declared["dependencies"], *declared["optional-dependencies"]["django"]]
    found: set[str] = set()
    while ahead:
        wanted = Requirement(ahead.pop())
        name = canonicalize_name(wanted.name)
        if name not in found:
            found.add(name)
            ahead += [each for each in requires(name) or () if _applies(Requirement(each), ("", *wanted.extras))]
    assert "django" in found
    assert len(found) <= 15
    assert not found & {"psycopg", "psycopg2", "psycopg2-binary", "papermill", "nbformat"}


def _applies(wanted: Requirement, extras_asked: tuple[str, ...]) -> bool:
    """Whether a requirement is one on this machine, with some extras."""
    return wanted.marker is None or any(wanted.marker.evaluate({"extra": each}) for each in extras_asked)


def test_what_is_there_is_not_asked_for() -> None:
    """Where everything is installed nothing is missing."""
    assert extras.missing("lab") == ()
    extras.require("lab", "a runbook is opened")


def test_an_extra_that_is_not_there_whole_says_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some packages may have come with something else."""
    monkeypatch.setattr(extras, "missing", extras.missing.__wrapped__)  # as in a process that has not asked yet
    monkeypatch.setitem(sys.modules, "papermill", None)
    with pytest.raises(MissingExtraError) as caught:
        extras.require("ci", "notebooks are made")
    words = "notebooks are made: nbrunbook[ci] is not installed whole (no papermill); pip install 'nbrunbook[ci]'"
    assert str(caught.value) == words
    assert str(pickle.loads(pickle.dumps(caught.value))) == words


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_a_verb_needs(work: Workplace, verb: str) -> None:
    """Whoever has the light distribution reads in --help what is not for them."""
    assert work.run(verb, "--help") == 0
    said = " ".join(work.out.split())
    assert ("nbrunbook[" in said) == (verb in SAID_IN_HELP)
    assert SAID_IN_HELP.get(verb, "") in said


REFUSED = {
    "a notebook as template": ("instantiate", "templates/1.0.ipynb", "-e", "staging", "--again"),
    "a notebook that is linted": ("lint", "templates/1.0.ipynb"),
    "a folder with a notebook": ("lint",),
    "a notebook that is mended, and a Markdown file before it": ("lint", "--fix"),
    "a notebook that is planned": ("plan", "templates/1.0.ipynb"),
    "a notebook that is exported": ("export", "templates/1.0.ipynb"),
    "two notebooks": ("diff", "templates/1.0.ipynb", "templates/1.0.ipynb"),
    "a revision from a notebook": ("revise", "staging/1.0", "--yes"),
    "a notebook from a checklist": ("import", "list.md", "-o", "templates/2.0.ipynb"),
    "a new notebook": ("new", "2.0"),
    "cells that are executed": ("instantiate", "templates/3.0.md", "-e", "staging", "--execute"),
    "a file alone": ("instantiate", "templates/3.0.md", "-e", "staging", "--detached"),
    "a record": ("archive", "staging/1.0"),
    "a draft of a record": ("archive", "staging/1.0", "--draft"),
    "all records": ("archive", "--all"),
    "a rehearsal": ("rehearse", "templates/3.0.md"),
    "all rehearsals": ("rehearse", "--changed"),
    "a live runbook": ("work", "staging/1.0"),
    "a live runbook of a file": ("work", "runbooks/staging/1.0.ipynb"),
}


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", REFUSED)
def test_a_verb_that_needs_more_says_which_extra(
    work: Workplace, runbook: MakeRunbook, without_extras: WithoutExtras, name: str
) -> None:
    """One line, exit status 1, and nothing is written."""
    runbook("- [ ] A {#a}")
    without_extras()
    Path("templates/1.0.ipynb").write_bytes(Path("templates/1.0.ipynb").read_bytes().replace(b"] A", b"] B"))
    Path("templates/3.0.md").write_text("- [ ] A {#a}\n", encoding="utf-8")
    Path("templates/0.1.md").write_text("- [ ] not pinned\n", encoding="utf-8")
    Path("list.md").write_text("- [ ] A\n", encoding="utf-8")
    before = _files(work.root)
    assert work.run(*REFUSED[name]) == 1
    extra = "lab" if "live" in name else "ci"
    told = rf"error: .+: nbrunbook\[{extra}\] is not installed; pip install 'nbrunbook\[{extra}\]'\n"
    assert re.fullmatch(told, work.err)
    assert work.out == ""
    assert _files(work.root) == before
