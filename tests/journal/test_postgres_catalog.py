"""Beside the rows of a PostgreSQL journal: what is missing, what was changed, and what is not ours."""

from __future__ import annotations

import pytest

from nbrunbook.journal.journal import Journal
from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.journal.conftest import catalog_faults_after
from tests.making import raw_journal, registered

pytestmark = pytest.mark.on("postgres")

CHANGES = {
    "DROP TRIGGER event_no_update ON event": "the trigger event_no_update is missing or was changed",
    "ALTER TABLE event DISABLE TRIGGER event_no_update": "the trigger event_no_update is missing or was changed",
    "CREATE OR REPLACE FUNCTION nbrunbook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$": (
        "the function nbrunbook_refuse is missing or was changed"
    ),
    "ALTER FUNCTION nbrunbook_open() RESET search_path": "the function nbrunbook_open is missing or was changed",
    "GRANT EXECUTE ON FUNCTION nbrunbook_open() TO PUBLIC": "the function nbrunbook_open may be called by anybody",
    "CREATE RULE mine AS ON INSERT TO event DO INSTEAD NOTHING": "the rule mine on event is not nbrunbook's",
    "CREATE POLICY mine ON event USING (false)": "the policy mine on event is not nbrunbook's",
    "ALTER TABLE event ENABLE ROW LEVEL SECURITY": "the row security on event is not nbrunbook's",
    "CREATE INDEX mine ON event (kind)": "the index mine on event is not nbrunbook's",
    "ALTER TABLE event DROP CONSTRAINT event_seq": "the index event_seq on event is missing",
    "DROP INDEX runbook_deployment": "the index runbook_deployment on runbook is missing",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'event_seq'::regclass": (
        "the index event_seq on event is not valid"
    ),
    "CREATE TRIGGER mine BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION nbrunbook_refuse()": (
        "the trigger mine on event is not nbrunbook's"
    ),
    "CREATE TABLE heir () INHERITS (event)": "the inheritance on event is not nbrunbook's",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_named(work: Workplace, engine: str, change: str) -> None:
    """One sentence for each thing, with its name and its table."""
    (words,) = catalog_faults_after(change)
    assert words.startswith(CHANGES[change])


def test_a_table_that_became_a_view_is_named(work: Workplace, engine: str) -> None:
    """What is read is not what is stored."""
    registered("- [ ] A {#a}")
    with raw_journal() as raw:
        raw.execute("ALTER TABLE open_runbook RENAME TO other")
        raw.execute("CREATE VIEW open_runbook AS SELECT * FROM other")
    journal = Journal.open(find_project().journal)
    with journal.reading() as connection:
        found = journal.door.catalog_faults(connection)
    assert any(words.startswith("the view on open_runbook is not nbrunbook's") for words in found)
