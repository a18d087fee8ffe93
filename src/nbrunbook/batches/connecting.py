"""`connect("eu")`: a connection to a database of the configuration, for checks, actions and cells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from nbrunbook.batches import data
from nbrunbook.project.databases import chosen
from nbrunbook.project.settings import find_project


@contextmanager
def connect(name: str) -> Iterator[sa.Connection]:
    """Yield a SQLAlchemy connection to a database by its name in [tool.nbrunbook.databases].

    One transaction: committed at the end, rolled back where anything is raised. The project is the one of the folder.
    """
    (database,) = chosen(find_project(Path.cwd()).databases, [name])
    with data.plain(database) as connection:
        yield connection
