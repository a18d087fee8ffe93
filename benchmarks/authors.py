"""What authors and reviewers wait for: lint, textconv and diff against the tools for any notebook. Whole processes.

`lint` reads every line of Markdown; nbstripout looks at outputs and metadata only.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from measure import SMALLEST, Comparison, side_by_side, size
from workplace import BIN, foreign, run, workplace, write_template

TEMPLATES, STEPS = size(500, smallest=2), size(100, smallest=10)
STRANGERS = 2 if SMALLEST else None
"""How many of their checklists; None for all."""
ROUNDS = size(5, smallest=1)
CORPUS = os.environ.get("NBRUNBOOK_CORPUS")
"""Read before the workplace hides it."""


def compare() -> Iterator[Comparison]:
    """Compare with nbstripout, jupytext and nbdiff."""
    with workplace() as root:
        strangers = _checklists(root)
        _copies(root, strangers)
        many = sorted((root / "templates").iterdir())
        yield from _lint(root, many)
        yield from _one(root, many[0])
    with workplace() as root:
        yield from _diff(root)


def _checklists(root: Path) -> list[Path]:
    """Templates made from strangers' checklists where NBRUNBOOK_CORPUS names some, else of our own making."""
    if not CORPUS:
        return [root / write_template(root, steps) for steps in range(10, STEPS + 1, 5)]
    made = []
    for path in sorted(Path(CORPUS, "checklists").glob("*.md"))[:STRANGERS]:
        made.append(root / "strangers" / f"{path.stem}.ipynb")
        run(root, "nbrunbook", "import", str(path), "-o", str(made[-1]))
    return made


def _copies(root: Path, templates: list[Path]) -> None:
    (root / "templates").mkdir()
    for number, path in zip(range(TEMPLATES), itertools.cycle(templates), strict=False):
        shutil.copy(path, root / "templates" / f"{path.stem}-{number}.ipynb")


def _answer(root: Path, command: str | Path, *arguments: str | Path) -> None:
    """Run a command whose answer may be no: exit status 1."""
    result = subprocess.run([BIN / command, *arguments], cwd=root, capture_output=True)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"{command}: {result.stderr.decode()}")


def _lint(root: Path, many: list[Path]) -> Iterator[Comparison]:
    ours, theirs = side_by_side(
        lambda _: _answer(root, "nbrunbook", "lint"),
        lambda _: _answer(root, *foreign("nbstripout", "--verify", *many)),
        rounds=ROUNDS,
    )
    made_from = "checklists of strangers" if CORPUS else "steps of our own"
    what = f"lint {TEMPLATES} templates, {made_from} : nbstripout --verify"
    yield Comparison(what=what, ours=ours, theirs=theirs, at_most=1.3)


def _one(root: Path, path: Path) -> Iterator[Comparison]:
    lint, verify, text, markdown = side_by_side(
        lambda _: _answer(root, "nbrunbook", "lint", path),
        lambda _: _answer(root, *foreign("nbstripout", "--verify", path)),
        lambda _: run(root, "nbrunbook", "textconv", str(path)),
        lambda _: _answer(root, *foreign("jupytext", "--to", "md", "--output", "-", path)),
        rounds=ROUNDS,
    )
    yield Comparison(what="lint 1 template : nbstripout --verify", ours=lint, theirs=verify, at_most=1 / 3)
    yield Comparison(what="textconv : jupytext --to md", ours=text, theirs=markdown, at_most=1 / 3)


def _diff(root: Path) -> Iterator[Comparison]:
    """Two templates of many steps: one step reworded, one added, one gone."""
    old = root / write_template(root, STEPS)
    text = old.read_text(encoding="utf-8")
    changed = text.replace("Bring **service 7**", "Take **service 7**").replace(
        f"#service-{STEPS // 2}}}", "#service-half}"
    )
    new = root / "new.ipynb"
    new.write_text(changed, encoding="utf-8")
    ours, theirs = side_by_side(
        lambda _: _answer(root, "nbrunbook", "diff", old, new),
        lambda _: _answer(root, *foreign("nbdiff", old, new)),
        rounds=ROUNDS,
    )
    yield Comparison(what=f"diff 2 x {STEPS} steps : nbdiff", ours=ours, theirs=theirs, at_most=0.5)
