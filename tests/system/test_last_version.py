"""A runbook of the last version, in a kernel and in a browser: it is worked on as if it were made today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from nbrunbook.journal.journal import Journal
from tests import restoring
from tests.system.conftest import OpenScreen, Site

pytestmark = pytest.mark.system

KEY = "production-eu/2026.10.0"
LEFT = ("added-restart-the-cache-by-hand", "drain-web", "drain-workers", "look", "everywhere", "answer", "say-so")
COPY = "runbooks/_sessions/staging@2026.10.0.ipynb"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def golden(site: Site) -> Site:
    """The golden project with its journal, which real processes work on."""
    restoring.put_files(site.root)
    restoring.put_in_file(site.root / ".nbrunbook" / "journal.db", restoring.rows())
    Journal.upgrade(f"sqlite:///{site.root}/.nbrunbook/journal.db")
    return site


def test_an_open_runbook_is_clicked_to_its_end(golden: Site, screen: OpenScreen) -> None:
    """What the last version left open is shown as it was, ticked, signed off and archived, and all of it verifies."""
    before = {step: each["status"] for step, each in golden.status(KEY).items()}
    shown = screen(golden.work(f"runbooks/{KEY}.ipynb"))
    shown.wait_live()
    assert shown.statuses() == before
    assert "approved by ben" in shown.row("promote").inner_text()
    assert "(redacted)" in shown.row("drain-web").inner_text()
    assert shown.find(".nbr-header", has_text="I watch the graphs").count() == 1
    for step in LEFT:
        shown.tick(step)
    shown.sign_off()
    shown.wait_words(".nbr-sign-off", "signed off by ana")
    shown.page.get_by_role("button", name="Write the record").click()
    shown.wait_words(".nbr-sign-off", f"records/{KEY}.html")
    assert "holds" in golden.command("verify", f"records/{KEY}.html").stdout
    golden.command("verify", "--all")


@pytest.mark.parametrize("name", [f"runbooks/{KEY}.ipynb", COPY])
def test_its_cells_run_in_a_kernel(golden: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The cells of a runbook and of a session copy, as the last version wrote them, go live and draw every panel."""
    path = golden.root / name
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    outputs = _run(path)
    drawn = [output["data"] for output in outputs if VIEW in output.get("data", {})]
    sections = [cell for cell in json.loads(path.read_bytes())["cells"] if "nbrunbook" in cell["metadata"]]
    assert len(drawn) == len(sections) == 6
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert '{"release": "2026.10.0"' in "".join(output.get("text", "") for output in outputs)
    words = "\n".join(each["text/plain"] for each in drawn)
    assert "[x] Press Promote in the CDN console" in words
    assert "approved by ben (declared)" in words


def _run(path: Path) -> list[Any]:
    """Run all cells in a plain kernel, and return their outputs."""
    document = nbformat.read(path, as_version=4)
    settings = {"resources": {"metadata": {"path": str(path.parent)}}, "skip_cells_with_tag": "none"}
    nbclient.NotebookClient(document, **settings).execute()
    return [output for cell in document.cells for output in cell.get("outputs", ())]
