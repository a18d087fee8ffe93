"""Places in PostgreSQL: what a URL says, and what is shown of it."""

from __future__ import annotations

from nbrunbook.journal.postgres_places import hidden, place_of


def test_a_url_is_told_to_libpq_by_its_own_names() -> None:
    """Several hosts are one text; what was escaped is not any more."""
    place = place_of("postgresql://ana:s%40cret@/ops?host=a,b&sslmode=require")
    assert place.parameters() == {
        "host": "a,b", "sslmode": "require", "user": "ana", "password": "s@cret", "dbname": "ops"
    }  # fmt: skip


def test_a_place_shows_no_password() -> None:
    """Neither as it is called, nor in the repr that a traceback may have."""
    assert "secret" not in repr(place_of("postgresql://ana:secret@db/ops"))
    assert hidden("postgres://ana:secret@db") == "postgres://…@db"
