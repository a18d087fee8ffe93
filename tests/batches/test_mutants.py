"""Mutants: what the cursor would be without one of its guards, and the guard that each of them fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nbrunbook.batches import postgres, sqlite
from nbrunbook.batches.cursor import MOVED, NAMED, READ, TABLE, Row
from nbrunbook.batches.postgres import Postgres, filled, literal
from nbrunbook.batches.sqlite import Sqlite
from tests.batches import guards
from tests.batches.filling import Data

GUARDS = [
    guards.the_one_who_lost_it_changes_nothing,
    guards.a_lost_answer_repeats_nothing,
    guards.a_commit_within_a_chunk_is_refused,
    guards.no_moment_is_bad_for_a_kill,
]
Patch = pytest.MonkeyPatch


@pytest.mark.parametrize("guard", GUARDS, ids=lambda each: each.__name__)
def test_it_holds(guard: Callable[[Data], None], data: Data) -> None:
    """Each guard holds of what we have, on both engines."""
    guard(data)


@pytest.mark.parametrize("guard", [guards.nobody_takes_over_within_a_chunk, guards.a_long_chunk_keeps_its_lease])
@pytest.mark.parametrize("make", [pytest.param("postgresql", marks=pytest.mark.database)], indirect=True)
def test_it_holds_of_postgresql(guard: Callable[[Data], None], data: Data) -> None:
    """Each guard of what only PostgreSQL can do holds."""
    guard(data)


def without_fence(patch: Patch) -> None:
    """The chunk begins with BEGIN, and the position is read without a lock and a generation."""

    def of_postgres(self: Any, mark: Any, generation: int, lease_seconds: float) -> Row:
        self._send("BEGIN")
        found = self.execute(READ, mark.values)
        self.db.begin()
        return Row(*found)

    def moved_postgres(self: Any, mark: Any, generation: int, row: Row, lease_seconds: float) -> None:
        moved = ", ".join(f"{name} = {literal(row._asdict()[name])}" for name in MOVED)
        self._send(f"UPDATE {TABLE} SET {moved} WHERE {filled(NAMED, mark.values)}; COMMIT")
        self.db.commit()

    patch.setattr(Postgres, "fence", of_postgres)
    patch.setattr(Postgres, "move", moved_postgres)
    patch.setattr(sqlite, "FENCE", READ)
    patch.setattr(sqlite, "MOVED_ON", sqlite.MOVED_ON.replace(" AND generation = :generation", ""))


def remembered(fence: Callable[..., Row | None]) -> Callable[..., Row | None]:
    """Return a fence whose position goes on only where a chunk's end was seen: each chunk's rows are five."""
    memory: dict[Any, int] = {}

    def mutant(self: Any, mark: Any, *more: Any) -> Row | None:
        row = fence(self, mark, *more)
        if row is None or "move" in vars(self):
            return row
        seen = memory.get(mark, 0)
        memory[mark] = seen + 5
        return row._replace(position=str(seen) if seen else None)

    return mutant


def cursor_in_memory(patch: Patch) -> None:
    """The position is what this process remembers, once it has been read."""
    for store in (Postgres, Sqlite):
        patch.setattr(store, "fence", remembered(store.fence))


def another_clock(patch: Patch) -> None:
    """now() stands still within a transaction."""
    patch.setattr(postgres, "CLOCK", "EXTRACT(EPOCH FROM now())::float8")


def without_guard(patch: Patch) -> None:
    """Nothing looks whether it is still the same transaction."""
    patch.setattr(postgres, "SAME", "true")
    patch.setattr(sqlite, "ENDED", "SELECT 1")


def another_transaction(patch: Patch) -> None:
    """The cursor moves in a transaction after the chunk's."""

    def of_postgres(self: Any, mark: Any, generation: int, row: Row, lease_seconds: float) -> None:
        moved = ", ".join(f"{name} = {literal(row._asdict()[name])}" for name in MOVED)
        self._send("COMMIT")
        self._send(f"UPDATE {TABLE} SET {moved} WHERE {filled(NAMED, mark.values)} AND generation = {generation}")
        self.db.commit()

    def of_sqlite(self: Any, mark: Any, generation: int, row: Row, lease_seconds: float) -> None:
        self._driver.execute("COMMIT")
        values = row._asdict() | mark.values | {"generation": generation, "lease": lease_seconds}
        self._driver.execute(sqlite.MOVED_ON, values)
        self.db.commit()

    patch.setattr(Postgres, "move", of_postgres)
    patch.setattr(Sqlite, "move", of_sqlite)


ON_BOTH = [
    (without_fence, guards.the_one_who_lost_it_changes_nothing),
    (cursor_in_memory, guards.a_lost_answer_repeats_nothing),
    (without_guard, guards.a_commit_within_a_chunk_is_refused),
    (another_transaction, guards.no_moment_is_bad_for_a_kill),
]
ON_POSTGRESQL = [
    (without_fence, guards.nobody_takes_over_within_a_chunk),
    (another_clock, guards.a_long_chunk_keeps_its_lease),
]


@pytest.mark.parametrize(("mutant", "guard"), ON_BOTH, ids=lambda each: each.__name__)
def test_a_mutant_is_caught(
    mutant: Callable[[Patch], None], guard: Callable[[Data], None], data: Data, monkeypatch: Patch
) -> None:
    """Each guard fails of a cursor that lacks what it guards: so it is a test."""
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        guard(data)


@pytest.mark.parametrize(("mutant", "guard"), ON_POSTGRESQL, ids=lambda each: each.__name__)
@pytest.mark.parametrize("make", [pytest.param("postgresql", marks=pytest.mark.database)], indirect=True)
def test_a_mutant_of_postgresql_is_caught(
    mutant: Callable[[Patch], None], guard: Callable[[Data], None], data: Data, monkeypatch: Patch
) -> None:
    """The same of what only PostgreSQL can do."""
    mutant(monkeypatch)
    with pytest.raises(AssertionError):
        guard(data)
