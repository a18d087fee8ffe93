"""What SQL takes out of a database."""

from __future__ import annotations

import pytest

from nbrunbook.documents.sql_removals import removed_by


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('DROP TABLE IF EXISTS "public"."shop_x", y CASCADE', ["shop_x", "y"]),
        ("drop\n  table `x`", ["x"]),
        ("ALTER TABLE x DROP COLUMN y", ["x.y"]),
        ("ALTER TABLE IF EXISTS ONLY shop.x DROP COLUMN IF EXISTS y CASCADE", ["x.y"]),
        ('alter table x drop y, drop constraint c, drop column "Z z"', ["x.y", "x.Z z"]),
        ("ALTER TABLE [x] DROP COLUMN [y]", ["x.y"]),
        ("DO $$ BEGIN DROP TABLE x; END $$", ["x"]),
        ("DROP TABLE x; DROP TABLE x", ["x"]),
        ('ALTER TABLE "o\'x" DROP COLUMN "a--b"', ["o'x.a--b"]),
        ('ALTER TABLE "public" . "x" DROP COLUMN y', ["x.y"]),
        ("ALTER TABLE %(t)s DROP COLUMN y", ["%(t)s.y"]),
        ("ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME TO c; DROP TABLE c", ["a"]),
        ("DO $$ BEGIN EXECUTE 'DROP TABLE x'; EXECUTE format('DROP TABLE %I', y); END $$", ["x", "%I"]),
    ],
)
def test_what_goes(sql: str, expected: list[str]) -> None:
    """Tables and columns, quoted or not, several at once, each told once, without schema."""
    assert [str(each) for each in removed_by(sql)] == expected


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE x ALTER COLUMN y DROP NOT NULL",
        "ALTER TABLE x ALTER y DROP DEFAULT, DROP CONSTRAINT z",
        "ALTER TABLE x DROP INDEX y, DROP PRIMARY KEY, DROP FOREIGN KEY z",
        "DROP INDEX CONCURRENTLY x; DROP VIEW y; DROP TRIGGER z ON x",
        "-- DROP TABLE x\nSELECT 'DROP TABLE y', 'it''s DROP TABLE z' /* DROP TABLE a */",
        "CREATE TABLE new (a int); DROP TABLE old; ALTER TABLE new RENAME TO old",
        "CREATE TEMPORARY TABLE IF NOT EXISTS t AS SELECT 1; DROP TABLE t",
        "ALTER TABLE a RENAME TO b; CREATE TABLE a (x int); DROP TABLE b",
        "ALTER TABLE x ADD COLUMN y int; DELETE FROM x",
        "/* DROP TABLE x",
        "'DROP TABLE x",
        "",
    ],
)
def test_what_stays(sql: str) -> None:
    """Constraints, indexes, comments, texts, and tables that are only here for a while are no removals."""
    assert removed_by(sql) == []


@pytest.mark.parametrize(
    "piece",
    [
        "/*",
        "'",
        "DROP TABLE ",
        "DROP ",
        "ALTER TABLE x DROP ",
        "ALTER TABLE x RENAME TO y;",
        "EXECUTE ",
        'a."',
        "CREATE ",
    ],
)
def test_a_long_text_is_read_at_once(piece: str) -> None:
    """Whatever is repeated in it, the time grows with its length alone."""
    removed_by(piece * 100_000)
