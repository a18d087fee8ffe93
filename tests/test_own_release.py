"""Our own release template, and the example that was made from it."""

from __future__ import annotations

import json
import shutil
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from nbrunbook.documents import notebook
from nbrunbook.project.settings import find_project
from nbrunbook.runbook.metadata import read_runbook
from nbrunbook.runbook.parameters import bind_values
from nbrunbook.template import planning
from nbrunbook.template.template import read_template
from tests.conftest import ROOT, Workplace
from tests.serving import Site, put_wheel, site

__all__ = ["site"]

TEMPLATE = Path("templates/0.1.0.ipynb")
EXAMPLE = Path("runbooks/staging/0.1.0.ipynb")


def test_our_own_template_has_no_findings() -> None:
    """What we ask of others holds for our own template."""
    assert read_template(ROOT / TEMPLATE).problems == ()


def test_the_example_is_what_the_template_gives_today() -> None:
    """The runbook in the repository holds the plan that its template gives for staging."""
    example = read_runbook((ROOT / EXAMPLE).read_bytes(), EXAMPLE)
    read = read_template(ROOT / TEMPLATE)
    table = find_project(ROOT).environment("staging").values
    values = bind_values(list(read.parameters), table, {"environment": "staging"})
    assert planning.make(read, values, base="templates").digest == example.plan.digest
    assert example.facts["template"]["parts"][0]["sha256"] == read.parts[0].sha256


def test_the_example_names_no_machine() -> None:
    """Nothing of the machine that made the example is in it."""
    text = (ROOT / EXAMPLE).read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert "/tmp/" not in text.replace("/tmp/clean", "")
    assert "papermill" not in str(notebook.read(ROOT / EXAMPLE).metadata.get("papermill", {}).get("input_path", ""))


def test_the_wheel_ships_what_the_browser_and_the_record_need() -> None:
    """The files that are no Python lie inside the package, where hatchling takes them along."""
    package = ROOT / "src" / "nbrunbook"
    shipped = ("jupyter/js/loader.js", "jupyter/js/panels.js", "jupyter/css/base.css")
    drawn = ("record/layout/record/index.html.j2", "record/layout/record/record.css")
    for name in (*shipped, *drawn):
        assert (package / name).is_file()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["build-system"]["build-backend"] == "hatchling.build"


def test_our_own_release_looks_into_the_index(work: Workplace, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index serves the release where pip gets a wheel of it from there; another release does not count."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    shutil.copytree(ROOT / TEMPLATE.parent, work.root / TEMPLATE.parent)
    given = ("-p", "index_url", site.url, "-p", "tries", "1")
    assert work.run("instantiate", TEMPLATE, "-e", "staging", *given) == 0, work.err
    assert work.run("tick", "staging/0.1.0", "publish", "--yes") == 0, work.err
    put_wheel(site, "0.0.9")
    assert work.run("check", "staging/0.1.0", "index-serves", "--json") == 1
    (found,) = json.loads(work.out)["runs"]
    assert (found["outcome"], found["message"]) == ("failed", f"pip gets no wheel of 0.1.0 from {site.url}")
    shutil.rmtree(site.folder / "simple")
    content = put_wheel(site, "0.1.0").read_bytes()
    assert work.run("check", "staging/0.1.0", "index-serves", "--json") == 0, work.err
    (found,) = json.loads(work.out)["runs"]
    assert found["value"] == f"nbrunbook-0.1.0-py3-none-any.whl sha256:{sha256(content).hexdigest()}"
