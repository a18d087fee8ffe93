"""Production is red wherever a runbook is shown: where it is live, in its file, and in its record."""

from __future__ import annotations

import pytest

from nbrunbook.jupyter.live import Live
from nbrunbook.project.settings import find_project
from nbrunbook.work.archive import archive
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

CONFIG = """[tool.nbrunbook.environments.eu]
group = "production"
[tool.nbrunbook.environments.demo]
group = "preview"
[tool.nbrunbook.environments.production-us]
"""


@pytest.mark.parametrize(("environment", "red"), [("eu", True), ("demo", False), ("production-us", True)])
def test_production_is_the_same_everywhere(work: Workplace, runbook: MakeRunbook, environment: str, red: bool) -> None:
    """An environment is production by its name or its group's, in all that shows it."""
    (work.root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    session, project = session_on(runbook("- [ ] A {#a .optional}", environment=environment)), find_project()
    live = Live(session, project)
    live_header, saved = live.panel("header").view, live.static("header", "", "")[0]
    live._stop.set()
    session.sign_off(None)
    shown = {
        "live": live_header["production"],
        "as last saved": "nbr-production" in saved,
        "the file": "nbr-production" in project.runbook_path(session.key).read_text(encoding="utf-8"),
        "the record": 'class="nbr-header nbr-production"' in archive(session, project).path.read_text(encoding="utf-8"),
    }
    assert shown == dict.fromkeys(shown, red)
