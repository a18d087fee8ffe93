"""Each library from outside has one door: what imports it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.conftest import ROOT

PACKAGE = ROOT / "src" / "nbrunbook"
DOORS = {
    "IPython": {"jupyter/cells.py"},
    "anywidget": {"jupyter/panel.py"},
    "click": {"commands/"},
    "django": {"django/"},
    "ipykernel": {"jupyter/subshells.py"},
    "ipywidgets": {"jupyter/live.py"},
    "jupyter_client": {"jupyter/kernel.py"},
    "jupyter_core": {"jupyter/server.py"},
    "markdown_it": {"documents/markdown/"},
    "markupsafe": {"documents/markdown/html.py"},
    "mdurl": {"documents/markdown/"},
    "nbclient": {"work/build.py"},
    "nbconvert": {"record/render.py"},
    "comm": {"jupyter/panel.py"},
    "nbformat": {"documents/notebook.py", "documents/trust.py"},
    "nh3": {"documents/markdown/"},
    "packaging": {"jupyter/subshells.py", "project/versions.py"},
    "papermill": {"work/build.py"},
    "psycopg": {"batches/postgres.py", "journal/"},
    "psycopg2": {"journal/"},
    "pytest": {"django/test.py"},
    "rich": {"commands/board.py"},
    "sqlalchemy": {"batches/", "journal/"},
    "traitlets": {"jupyter/panel.py", "record/render.py"},
    "yaml": {"template/front_matter.py"},
}
"""From a library to the rooms and modules that import it: two for the small ones that others bring."""


def _imported() -> Iterator[tuple[str, str]]:
    """Each library that a module imports, also within a function, and the module."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            else:
                names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for top in {name.partition(".")[0] for name in names} - {"nbrunbook"} - sys.stdlib_module_names:
                yield top, path.relative_to(PACKAGE).as_posix()


def test_each_library_has_one_door() -> None:
    """A library is imported behind its door alone; a door is said for each, and none that nobody uses."""
    imported = set(_imported())
    assert {(name, at) for name, at in imported if not at.startswith(tuple(DOORS.get(name, ["?"])))} == set()
    assert {name for name, _ in imported} == set(DOORS)
