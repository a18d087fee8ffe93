"""What a changed file may be called in a step: by its own name, or by what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbrunbook.documents.migrations import Migration, text_of
from nbrunbook.review import app_history, removals

WORD = re.compile(r"[^\W_]+")
LONGEST_NAME = 8
"""Words of a text that are taken together for one name."""
GENERIC = ("main", "index", "init", "variables", "outputs", "config", "settings", "default", "values")
"""Names of files that say nothing without their folder."""
LEAST = 2
"""Letters of a name: one letter stands anywhere."""


def of(path: Path) -> list[str]:
    """Return what a step may call a changed file by; of a migration that takes something away, what that is."""
    migration = app_history.read_migration(path) if path.suffix == ".py" else None
    about = list(_about(path, migration)) if migration else []
    names = [*about, *_of_file(path)]
    return list(dict.fromkeys(each for each in names if len(_compared(each)) >= LEAST))


def stand_in(texts: Sequence[str], names: Sequence[str]) -> bool:
    """Tell whether one of some texts says one of some names, as words: legacy_sku, legacy-sku and "Legacy SKU"."""
    wanted = {_compared(each) for each in names}
    wanted |= {f"{each}s" for each in wanted}
    return any(_holds(text, wanted) for text in texts)


def _holds(text: str, wanted: set[str]) -> bool:
    words = WORD.findall(text.casefold())
    return any(
        "".join(words[at : at + many]) in wanted for at in range(len(words)) for many in range(1, LONGEST_NAME + 1)
    )


def _compared(name: str) -> str:
    return "".join(WORD.findall(name.casefold()))


def _of_file(path: Path) -> Iterator[str]:
    stem = path.name.partition(".")[0] or path.name
    if stem.strip("_").casefold() in GENERIC:
        yield f"{path.parent.name}/{path.name}"
        yield path.parent.name
        return
    yield stem
    yield path.name
    yield re.sub(r"^[0-9]+_", "", stem)
    if re.match(r"[0-9]{3,}_", stem):
        yield stem.partition("_")[0]


def _about(path: Path, migration: Migration) -> Iterator[str]:
    app = app_history.read(path.parent)
    removed = removals.of(migration, path.stem, app)
    if removed:
        yield from (name for each in removed for name in each.names)
        return
    for operation in migration.operations:
        yield from filter(None, (operation.field, operation.model))
        function = operation.arguments.get("code")
        yield getattr(function, "id", "") or text_of(operation.arguments.get("new_name"))
