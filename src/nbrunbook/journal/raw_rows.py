"""Rows: a journal's rows as they stand there, a page at a time, for those who check them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import sqlalchemy as sa

from nbrunbook.journal import tables
from nbrunbook.journal.entries import RunbookRow, stored_row
from nbrunbook.journal.journal import Journal
from nbrunbook.journal.reading import LISTED


class Rows:
    """All rows of a journal, of whatever project; never more of them at once than one page."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def every_runbook(self) -> Iterator[RunbookRow]:
        """Yield the runbooks of all projects, a page at a time, by digest."""
        of, after = tables.runbooks.c, None
        while True:
            query = sa.select(tables.runbooks).order_by(of.digest).limit(LISTED)
            query = query if after is None else query.where(of.digest > after)
            with self.journal.reading() as connection:
                page = [stored_row(each) for each in connection.execute(query)]
            if not page:
                return
            yield from page
            after = page[-1].digest

    def missing_plans(self, names: Collection[str]) -> set[str]:
        """Return which of some plans are not there."""
        return self._missing(tables.plans.c.digest, names)

    def missing_blobs(self, names: Collection[str]) -> set[str]:
        """Return which of some blobs are not there."""
        return self._missing(tables.blobs.c.sha256, names)

    def _missing(self, column: sa.Column[str], names: Collection[str]) -> set[str]:
        with self.journal.reading() as connection:
            return set(names) - set(connection.scalars(sa.select(column).where(column.in_(list(names)))))

    def planned_by(self, plan: str) -> list[str]:
        """Return the keys of the runbooks that were made with a plan."""
        of = tables.runbooks.c
        with self.journal.reading() as connection:
            return list(connection.scalars(sa.select(of.key).where(of.plan == plan).order_by(of.key)))

    def plans_with(self, blob: str) -> list[str]:
        """Return the names of the plans whose bodies name a blob. It looks through all plans."""
        of = tables.plans.c
        with self.journal.reading() as connection:
            return list(connection.scalars(sa.select(of.digest).where(of.body.contains(blob)).order_by(of.digest)))

    def every_plan(self) -> Iterator[str]:
        """Yield the names of all plans."""
        return self._names(tables.plans.c.digest)

    def every_blob(self) -> Iterator[str]:
        """Yield the names of all blobs."""
        return self._names(tables.blobs.c.sha256)

    def _names(self, column: sa.Column[str]) -> Iterator[str]:
        after = None
        while True:
            query = sa.select(column).order_by(column).limit(LISTED)
            with self.journal.reading() as connection:
                page = connection.scalars(query if after is None else query.where(column > after)).all()
            if not page:
                return
            yield from page
            after = page[-1]

    def lost_events(self) -> list[tuple[str, int, int]]:
        """Return of every runbook whose row is gone the key by its first event, and how many events it has there.

        The number of that first event is the last of the three.
        """
        of, known = tables.events.c, tables.runbooks.c.digest
        lost = tables.events.outerjoin(tables.runbooks, known == of.runbook)
        query = sa.select(of.runbook, sa.func.count(), sa.func.min(of.seq)).select_from(lost).where(known.is_(None))
        with self.journal.reading() as connection:
            found = connection.execute(query.group_by(of.runbook)).all()
            first = sa.select(of.body).where(of.runbook == sa.bindparam("of"), of.seq == sa.bindparam("seq"))
            bodies = [connection.scalar(first, {"of": each[0], "seq": each[2]}) for each in found]
        return [(_key_in(str(body)) or each[0], each[1], each[2]) for each, body in zip(found, bodies, strict=True)]

    def lost_data(self) -> list[str]:
        """Return the ids of events that have data, and are gone."""
        of = tables.event_data.c.event
        return self._lost(of, tables.event_data.outerjoin(tables.events, tables.events.c.id == of), tables.events.c.id)

    def lost_open(self) -> list[str]:
        """Return the digests that the index of open runbooks lists, and that no runbook has."""
        return self._of_no_runbook(tables.open_runbooks)

    def lost_states(self) -> list[str]:
        """Return the digests of which a state is kept, and that no runbook has."""
        return self._of_no_runbook(tables.kept_states)

    def _of_no_runbook(self, table: sa.Table) -> list[str]:
        known = tables.runbooks.c.digest
        return self._lost(table.c.runbook, table.outerjoin(tables.runbooks, known == table.c.runbook), known)

    def lost_runs(self) -> list[str]:
        """Return the ids of runs of which something is heard, and that no event started."""
        of, known = tables.runs.c.event, tables.events.c.id
        return self._lost(of, tables.runs.outerjoin(tables.events, known == of), known)

    def lost_runners(self) -> list[str]:
        """Return the ids of runs that have runners or a board, and that do not go on."""
        runs = tables.runs.c.event
        return sorted(
            {
                each
                for table in (tables.runners, tables.boards)
                for each in self._lost(table.c.event, table.outerjoin(tables.runs, runs == table.c.event), runs)
            }
        )

    def heard_of(self, runbook: RunbookRow) -> set[str]:
        """Return the ids of the runs of a runbook of which something is heard."""
        with self.journal.reading() as connection:
            return set(
                connection.scalars(sa.select(tables.runs.c.event).where(tables.runs.c.runbook == runbook.digest))
            )

    def _lost(self, column: sa.Column[str], joined: sa.FromClause, known: sa.Column[str]) -> list[str]:
        with self.journal.reading() as connection:
            return list(connection.scalars(sa.select(column).select_from(joined).where(known.is_(None))))

    def catalog_faults(self) -> list[str]:
        """Return, in words, what is missing beside the rows, what was changed, and what nbrunbook did not make."""
        with self.journal.reading() as connection:
            return self.journal.door.catalog_faults(connection)


def _key_in(body: str) -> str | None:
    try:
        return str(json.loads(body)["runbook"])
    except (ValueError, TypeError, KeyError):
        return None
