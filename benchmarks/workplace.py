"""A project in a temporary folder, with a home of its own, and what the benchmarks put into it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from measure import SMALLEST
from nbformat import v4

BIN = Path(sys.executable).parent
FOREIGN = ("NBRUNBOOK_", "JUPYTER", "JPY_", "GITHUB_", "CI", "PYTHON")
"""How the names of variables begin that would lead out of the folder, or keep Python from caching what it compiles."""

SECTION_SIZE = 8
"""Steps a section."""
PARAMETERS = 'release: str = "{release}"\nenvironment: str = "staging"\nbase_url: str = "https://staging.example.com"'
STEP = """\
- [ ] Bring **service {number}** to {{{{release}}}} {{#{step}}}
  The console is at [{{{{environment}}}}]({{{{base_url}}}}/services/{number}), and `healthy` means green.
"""
CHECKS = """\
import os, time
from nbrunbook import check

@check("nothing")
def nothing():
    pass

@check("line")
def line():
    print("here")
    while not os.path.exists("seen"):
        time.sleep(0.01)

@check("watch", attempts=100_000, every="1s")
def watch():
    assert False, "not yet"
"""
BATCHES = "import time\nimport sqlalchemy as sa\nfrom nbrunbook import batch\n"
BATCH = """
{name} = batch("fill-{name}", databases=["{name}"], target="500ms")

@{name}.fetch
def _(db, cursor, batch_size):
    query = sa.text("SELECT id FROM item WHERE id > :cursor ORDER BY id LIMIT :size")
    ids = list(db.scalars(query, {{"cursor": cursor or 0, "size": batch_size}}))
    return (ids, ids[-1]) if ids else None

@{name}.process
def _(db, rows):
    time.sleep({seconds})
    change = sa.text("UPDATE item SET changed = changed + 1 WHERE id BETWEEN :first AND :last")
    return db.execute(change, {{"first": rows[0], "last": rows[-1]}}).rowcount
"""
CHECKBOX = """\
from ipywidgets import Checkbox
Checkbox(description=f"Bring service {number} to {{release}}")
"""
SECTION_OF_CHECKBOXES = """\
from ipywidgets import Checkbox, VBox
VBox([Checkbox(description=f"Bring service {{number}} to {{release}}") for number in range({first}, {after})])
"""


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield an empty project; what runs meanwhile, here or in a process of its own, has its home."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="nbrunbook-benchmark-") as name:
        root = Path(name)
        (root / "home").mkdir()
        (root / "pyproject.toml").write_text("[tool.nbrunbook]\n", encoding="utf-8")
        for foreign in [each for each in before if each.startswith(FOREIGN) and each != "NBRUNBOOK_BENCHMARK"]:
            del os.environ[foreign]
        os.environ.update(HOME=str(root / "home"), NBRUNBOOK_OPERATOR="ana")
        try:
            yield root
        finally:
            os.environ.clear()
            os.environ.update(before)


def run(root: Path, command: str, *arguments: str) -> None:
    """Run a command of this interpreter's environment as a whole process; where it fails, say why."""
    result = subprocess.run([BIN / command, *arguments], cwd=root, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"{command} {' '.join(arguments)}: {result.stdout}{result.stderr}")


def foreign(command: str, *arguments: str | Path) -> tuple[str | Path, ...]:
    """Return another tool's command; at the smallest size an empty Python stands in for one that is missing."""
    missing = not (BIN / command).exists()
    return ("python", "-c", "pass") if SMALLEST and missing else (command, *arguments)


def step_ids(steps: int) -> list[str]:
    """Return the ids of the steps of `write_template`."""
    return [f"service-{number}" for number in range(1, steps + 1)]


def write_template(root: Path, steps: int) -> str:
    """Write a template with a cell a section; return its path, its release is `r` and the number of steps."""
    ids = step_ids(steps)
    sections = []
    for first in range(0, steps, SECTION_SIZE):
        several = enumerate(ids[first : first + SECTION_SIZE], first + 1)
        written = "".join(STEP.format(number=number, step=step) for number, step in several)
        sections.append(v4.new_markdown_cell(f"## Services from {first + 1}\n{written}"))
    return _write(root, f"r{steps}", sections)


def write_automated(root: Path, steps: int) -> str:
    """Write a template with checks, and manual steps beside them; return its path, its release is `automated`."""
    checks = "".join(f"- [ ] Look {{#{step}}}\n" for step in ("nothing", "line", "watch"))
    manual = "".join(STEP.format(number=number, step=step) for number, step in enumerate(step_ids(steps), 1))
    cells = [v4.new_markdown_cell(f"{checks}\n## By hand\n{manual}"), v4.new_code_cell(CHECKS)]
    return _write(root, "automated", cells)


def write_batch(root: Path, names: dict[str, float]) -> str:
    """Write a template with a batch for each of some databases, whose chunks take so many seconds more.

    Return its path; its release is `batch`.
    """
    steps = "".join(f"- [ ] Fill {name} {{#fill-{name}}}\n" for name in names)
    code = BATCHES + "".join(BATCH.format(name=name, seconds=seconds) for name, seconds in names.items())
    return _write(root, "batch", [v4.new_markdown_cell(steps), v4.new_code_cell(code)])


def write_one_cell(root: Path) -> str:
    """Write a notebook with one cell that does nothing, for papermill; return its path."""
    return _write(root, "one", [v4.new_code_cell("pass")])


def write_checkboxes(root: Path, steps: int) -> str:
    """Write what there is without us, a notebook with a plain checkbox a step; return its path."""
    return _write(root, "checkboxes", [v4.new_code_cell(CHECKBOX.format(number=n)) for n in range(1, steps + 1)])


def write_sections_of_checkboxes(root: Path, steps: int) -> str:
    """Write the same with a heading and one cell a section, which is kinder to ipywidgets; return its path."""
    cells = []
    for first in range(1, steps + 1, SECTION_SIZE):
        after = min(first + SECTION_SIZE, steps + 1)
        cells.append(v4.new_markdown_cell(f"## Services from {first}"))
        cells.append(v4.new_code_cell(SECTION_OF_CHECKBOXES.format(first=first, after=after)))
    return _write(root, f"sections{steps}", cells)


def _write(root: Path, release: str, cells: list[nbformat.NotebookNode]) -> str:
    parameters = v4.new_code_cell(PARAMETERS.format(release=release), metadata={"tags": ["parameters"]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    name = f"{release}.ipynb"
    nbformat.write(v4.new_notebook(cells=[parameters, *cells], metadata={"kernelspec": kernel}), root / name)
    return name
