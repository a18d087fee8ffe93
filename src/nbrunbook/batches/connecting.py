"""`connect("eu")`: a connection to a database of the configuration, for checks, actions and cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from nbrunbook.batches import data
from nbrunbook.errors import NbrunbookError, nearest
from nbrunbook.project.databases import Database
from nbrunbook.project.settings import find_project


@contextmanager
def connect(name: str) -> Iterator[sa.Connection]:
    """Yield a SQLAlchemy connection to a database by its name in [tool.nbrunbook.databases].

    One transaction: committed at the end, rolled back where anything is raised. The project is the one of the folder.
    """
    known: Mapping[str, Database] = getattr(find_project(Path.cwd()), "databases", {})
    if name not in known:
        close = nearest(name, known)
        raise NbrunbookError(
            f"no database {name!r} in [tool.nbrunbook.databases]",
            f"one of {', '.join(sorted(known))}" if known else "a table of databases in the configuration",
            f"did you mean {close}?" if close else "",
        )
    with data.plain(known[name]) as connection:
        yield connection
