"""Links, wherever the configuration puts templates, runbooks and records, and whatever of that is a link."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.making import put, run_git, session_on

TEMPLATE = "See the [notes](notes.md).\n\n## Tell\n- [ ] Read the [notes](notes.md) {#read}\n"
PLACES = {
    "usual": ("", ""),
    "templates beside": ("templates = '../shared'", ""),
    "templates with blanks": ("templates = 'my templates (ü)'", ""),
    "templates twice up": ("templates = '../../far/shared'", ""),
    "templates are a link": ("", "templates -> ../shared"),
    "runbooks by dots": ("runbooks = 'a/../b'", ""),
    "runbooks deeper": ("runbooks = 'ops/run books'", ""),
    "runbooks are a link": ("", "runbooks -> ../made"),
    "runbooks link deeper": ("", "runbooks -> build/of/runs"),
    "runbooks beside": ("runbooks = '../made'", ""),
    "records beside": ("records = '../kept'", ""),
    "records are a link": ("", "records -> ../kept/of/shop"),
    "all beside": ("templates = '../shared'\nrunbooks = '../made/here'\nrecords = '../kept'", ""),
}


@pytest.fixture(params=PLACES)
def shop(work: Workplace, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A project in a folder of its repository, with other places for its files."""
    settings, link = PLACES[request.param]
    work.root = work.root / "team" / "shop"
    work.root.mkdir(parents=True)
    run_git(work.root.parent.parent, "init", "-q")
    (work.root / "pyproject.toml").write_text(f'[tool.nbrunbook]\nname = "shop"\n{settings}\n', encoding="utf-8")
    monkeypatch.chdir(work.root)
    if link:
        name, _, target = link.partition(" -> ")
        (work.root / target).mkdir(parents=True)
        (work.root / name).symlink_to(target)
    templates = find_project().templates
    put(templates, **{"1.0": TEMPLATE, "notes": "What we know."})
    run_git(work.root.parent.parent, "add", ".")
    run_git(work.root.parent.parent, "commit", "-qm", "templates")
    return work


def runbook_facts(shop: Workplace) -> dict[str, Any]:
    """Return what a runbook's file says of it."""
    content = find_project().runbook_path("staging/1.0").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(content)["metadata"]["nbrunbook"]
    return found


def _lead(file: Path, text: str, notes: Path) -> None:
    """Assert that a file's links lead to the notes, by its path as it was written."""
    found = re.findall(r'(?:href=\\?"|\]\()([^"\\)]*notes\.md)', text)
    assert found
    for target in found:
        assert (os.path.normpath(file.parent / unquote(target)), target.count(" ")) == (str(notes), 0)


def test_links_lead_from_where_a_file_is_to_where_it_was_written(shop: Workplace) -> None:
    """In a runbook and in a record, where a browser counts folders by their names."""
    project = find_project()
    notes = project.templates / "notes.md"
    assert shop.run("instantiate", "1.0", "-e", "staging") == 0, shop.err
    file = project.runbook_path("staging/1.0")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    _lead(file, "".join("".join(cell["source"]) for cell in cells), notes)
    _lead(file, json.dumps([cell.get("outputs") for cell in cells]), notes)
    for command in (["tick", "staging/1.0", "read"], ["sign-off", "staging/1.0"], ["archive", "staging/1.0"]):
        assert shop.run(*command) == 0, shop.err
    record = project.records / "staging" / "1.0.html"
    text = record.read_text(encoding="utf-8")
    _lead(record, text.replace("](notes.md)", ""), notes)
    assert str(shop.root.parent) not in text


def test_a_template_is_found_again_wherever_it_lies(shop: Workplace) -> None:
    """A runbook names its parts from the project's root, and their commit: from either it is built again."""
    assert shop.run("instantiate", "1.0", "-e", "staging") == 0, shop.err
    about = runbook_facts(shop)["template"]["parts"][0]
    assert (shop.root / about["path"]).samefile(find_project().templates / "1.0.md")
    assert not Path(about["path"]).is_absolute()
    assert about["commit"] == run_git(shop.root, "rev-parse", "HEAD").strip()
    assert shop.run("export", "staging/1.0") == 0
    assert "See the [notes](" in shop.out
    (find_project().templates / "1.0.md").unlink()
    assert shop.run("export", "staging/1.0") == 0
    assert "See the [notes](" in shop.out


def test_what_a_branch_changed_is_seen_wherever_it_lies(shop: Workplace) -> None:
    """`diff` and `lint --changed` ask git, which knows no links."""
    run_git(shop.root, "checkout", "-qb", "topic")
    put(find_project().templates, **{"1.0": f"{TEMPLATE}- [ ] Archive it {{#archive}}\n"})
    assert shop.run("diff") == 0, shop.err
    assert "Archive it" in shop.out
    assert shop.run("lint", "--changed") == 0
    assert "1 template, 0 findings" in shop.err


def test_a_session_copy_is_read_wherever_it_lies(shop: Workplace) -> None:
    """A second look takes no copy of ours for a stranger's, and a sign-off keeps it as it was saved."""
    assert shop.run("instantiate", "1.0", "-e", "staging") == 0, shop.err
    told: list[str] = []
    for _ in range(2):
        copy = session_copy(session_on(), find_project(), told.append)
    assert (told, copy) == ([], find_project().session_path("staging/1.0"))
    for command in (["tick", "staging/1.0", "read"], ["sign-off", "staging/1.0"]):
        assert shop.run(*command) == 0, shop.err
