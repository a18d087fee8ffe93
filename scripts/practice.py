"""Make a project in a new folder to try a batch in: three SQLite databases, the starter `backfill`, its runbook.

`make practice` opens it live; `python scripts/practice.py FOLDER` only makes it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

NBRUNBOOK = [sys.executable, "-P", "-c", "from nbrunbook.commands import main; main()"]
PRODUCTS = {"eu": 40_000, "us": 60_000, "archive": 5_000}
"""By database, how many."""
KEY = "practice/1.0"


def main() -> None:
    """Make it, and open it where no folder was named."""
    root = Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp(prefix="nbrunbook-practice-"))
    make(root)
    print(f"a project to try a batch in: {root}", flush=True)
    if not sys.argv[1:]:
        os.chdir(root)
        os.execv(NBRUNBOOK[0], [*NBRUNBOOK, "work", KEY])


def make(root: Path) -> None:
    """Write the project; nothing of it is outside of the folder."""
    root.mkdir(exist_ok=True)
    for name, count in PRODUCTS.items():
        with closing(sqlite3.connect(root / f"{name}.db")) as db, db:
            db.execute("CREATE TABLE product (id INTEGER PRIMARY KEY, title TEXT NOT NULL, slug TEXT)")
            titles = ((f"Product Number {number}",) for number in range(1, count + 1))
            db.executemany("INSERT INTO product (title) VALUES (?)", titles)
    places = "".join(f'{name} = "sqlite:///{name}.db"\n' for name in PRODUCTS)
    settings = f'[tool.nbrunbook]\nname = "practice"\n\n[tool.nbrunbook.databases]\n{places}'
    (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    _run(root, "new", "1.0", "--from", "backfill")
    all_of_them = "[" + ", ".join(rf"\"{name}\"" for name in PRODUCTS) + "]"
    template = root / "templates" / "1.0.ipynb"
    template.write_text(template.read_text(encoding="utf-8").replace(r"[\"shop\"]", all_of_them), encoding="utf-8")
    _run(root, "instantiate", "1.0", "-e", "practice")


def _run(root: Path, *arguments: str) -> None:
    subprocess.run([*NBRUNBOOK, *arguments], cwd=root, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
