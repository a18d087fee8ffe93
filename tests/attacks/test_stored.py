"""What is said to be done and was not stored: a trigger or a rule of somebody's must not make a tick a lie."""

from __future__ import annotations

import pytest

from nbrunbook.errors import JournalError
from tests.conftest import Workplace
from tests.making import raw_journal, registered, rows, session_on

pytestmark = pytest.mark.usefixtures("engine")

EATING = {
    "sqlite": "CREATE TRIGGER mine BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END",
    "postgres": "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
}
CHANGING = {
    "postgres": (
        "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.data := '{}'; RETURN NEW; END $$; "
        "CREATE TRIGGER mine BEFORE INSERT ON event_data FOR EACH ROW EXECUTE FUNCTION mine()"
    ),
}
FOREIGN_KEY = "foreign key"
"""Its texts are refused by the database itself where an event is not there."""
LOST = "the journal did not keep .*; nothing was recorded; 'nbrunbook verify --all' says what it is"


def _put(engine: str, statements: dict[str, str], table: str = "") -> None:
    with raw_journal() as raw:
        raw.execute(statements[engine].replace("{table}", table))
        raw.connection.commit()


@pytest.mark.parametrize("table", ["event", "event_data", "blob"])
def test_no_tick_is_said_to_be_done_that_was_not_stored(work: Workplace, engine: str, table: str) -> None:
    """The row, its text and its file are read back before anything is said."""
    key = registered('- [ ] A {#a evidence="file with the export"}')
    (work.root / "a.csv").write_text("1,2\n", encoding="utf-8")
    _put(engine, EATING, table)
    before = rows()
    assert work.run("tick", key, "a", "--file", "a.csv") == 1
    assert "the journal did not keep" in work.err or (table == "event" and FOREIGN_KEY in work.err.lower())
    assert "nothing was recorded" in work.err
    assert rows() == before
    assert work.run("verify", "--all") == 1
    assert "mine" in work.out + work.err


@pytest.mark.parametrize("table", ["plan", "runbook", "blob", "event"])
def test_no_runbook_is_said_to_be_made_that_was_not_stored(work: Workplace, engine: str, table: str) -> None:
    """Neither its row nor its plan, its notebook or its first event is missing unseen, and no file is left."""
    registered("- [ ] B {#b}", key="staging/0.9")
    _put(engine, EATING, table)
    path = work.template("- [ ] A {#a}")
    assert work.run("instantiate", path, "-e", "staging") == 1
    assert "the journal did not keep" in work.err or (table == "event" and FOREIGN_KEY in work.err.lower())
    assert not (work.root / "runbooks").exists() or not list((work.root / "runbooks").rglob("*.ipynb"))


def test_no_redaction_is_said_that_did_not_happen(work: Workplace, engine: str) -> None:
    """The text is read back: it has to be gone."""
    key = registered("- [ ] A {#a}")
    session_on(key).append("noted", data={"note": "a secret"})
    eating = {
        "sqlite": "CREATE TRIGGER mine BEFORE UPDATE ON event_data BEGIN SELECT RAISE(IGNORE); END",
        "postgres": "CREATE RULE mine AS ON UPDATE TO event_data DO INSTEAD NOTHING",
    }
    _put(engine, eating)
    with pytest.raises(JournalError, match=LOST):
        session_on(key).redact(2, "it is one")
    assert [event.kind for event in session_on(key).events] == ["opened", "noted"]


@pytest.mark.on("postgres")
def test_no_text_is_changed_on_its_way(work: Workplace, engine: str) -> None:
    """What was stored is compared with what was said."""
    key = registered("- [ ] A {#a}")
    _put(engine, CHANGING)
    with pytest.raises(JournalError, match=LOST):
        session_on(key).append("noted", data={"note": "as it was"})
