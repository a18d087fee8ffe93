"""The case that began batches, whole: a column filled in three databases, over a closed laptop and a refused row."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ROOT, template_bytes
from tests.databases import Server
from tests.system.conftest import OpenScreen, Screen, Site, wait_for
from tests.system.test_automation import press, wait_is

pytestmark = [pytest.mark.system, pytest.mark.database]

PARAMETERS = """release: str = "1.0"
environment: str = "staging"
databases: list[str] = ["eu", "us", "archive"]"""
STEPS = """# A slug for each product

## Before {owner=developers}
- [ ] The migration that adds the column is merged {#merged}
- [ ] The column is there {#column-there after=merged}
- [ ] New products get their slug {#writes-it evidence="link to the deployment"}
- [ ] No old process runs any more {#old-processes after=writes-it}
- [ ] Mail support {#mail-support}

## Fill
- [ ] Fill the slugs {#fill-slugs after=column-there,old-processes}
- [ ] No product is without {#none-left after=fill-slugs}
- [ ] Ten pages were looked at {#looked after=fill-slugs}

## After
- [ ] The pages are found by their slugs {#by-slug after=none-left,looked}
- [ ] Remove the old column {#remove-old .irreversible after=fill-slugs}
- [ ] Tell the shops {#tell-shops after=by-slug}
- [ ] Take the warning off the board {#board after=tell-shops}
"""
CODE = """import os, re
from pathlib import Path

from nbrunbook import batch, check, connect, keyset
from sqlalchemy import inspect, text

asked = []

def shop_is_quiet():
    asked.append(None)
    return "the shop is busy" if len(asked) > 4 and not Path("quiet").exists() else None

fill = batch("fill-slugs", databases=databases, batch_size=50, on_error="quarantine", throttle=shop_is_quiet)

@fill.fetch
def _(db, cursor, batch_size):
    query = "SELECT id, title FROM product WHERE slug IS NULL"
    return keyset(db, query, key="id", batch_size=batch_size, cursor=cursor)

@fill.process
def _(db, rows):
    change = text("UPDATE product SET slug = :slug, changed = changed + 1 WHERE id = :id")
    words = {each.id: re.findall("[a-z0-9]+", each.title.lower()) for each in rows}
    db.execute(change, [{"id": row, "slug": "-".join(found)} for row, found in words.items()])

@fill.left
def left(db):
    return db.scalar(text("SELECT count(*) FROM product WHERE slug IS NULL"))

@check("column-there")
def column_there():
    for name in databases:
        with connect(name) as db:
            assert any(each["name"] == "slug" for each in inspect(db).get_columns("product")), name

@check("none-left")
def none_left():
    for name in databases:
        with connect(name) as db:
            assert not left(db), name
"""
ROWS = 2_000
TABLE = "CREATE TABLE product (id integer PRIMARY KEY, title text NOT NULL)"
INSERT = (
    "INSERT INTO product WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < {rows})"
    " SELECT n, CASE n WHEN 1777 THEN '{odd}' ELSE 'Product Number ' || n END FROM one"
)
MIGRATION = (
    "ALTER TABLE product ADD COLUMN slug text CHECK (slug <> '')",
    "ALTER TABLE product ADD COLUMN changed integer NOT NULL DEFAULT 0",
)
ENDS_AND_BEGINNINGS = ("started", "passed", "failed", "stopped", "undecided")
END_THE_LEASES = "UPDATE nbrunbook_cursor SET lease_until = lease_until - 60"


class Shop:
    """Three databases, of which `us` has a row that gives no slug, and the project that fills them."""

    def __init__(self, site: Site, postgres: Server) -> None:
        self.site, self.key = site, "staging/1.0"
        self.urls = {"eu": postgres.fresh(), "us": postgres.fresh(), "archive": f"sqlite:///{site.root}/archive.db"}
        for name in self.urls:
            self.sql(name, TABLE, INSERT.format(rows=ROWS, odd="???" if name == "us" else "Odd"), *MIGRATION)
        places = "".join(f'{name} = "{url}"\n' for name, url in self.urls.items())
        with (site.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f"[tool.nbrunbook.databases]\n{places}")
        (site.root / "templates").mkdir()
        (site.root / "templates" / "1.0.ipynb").write_bytes(template_bytes(STEPS, parameters=PARAMETERS, code=CODE))
        site.environment |= {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        site.command("instantiate", "templates/1.0.ipynb", "-e", "staging")

    def sql(self, name: str, *statements: str) -> object:
        """Run statements in one of them, and return the first value of the last one, if it has any."""
        url = self.urls[name]
        with contextlib.ExitStack() as stack:
            if url.startswith("sqlite"):
                db = stack.enter_context(contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), 30)))
                stack.enter_context(db)
                last = [db.execute(each) for each in statements][-1]
            else:
                db = stack.enter_context(psycopg.connect(url.replace("+psycopg", "")))
                last = [db.execute(each.encode()) for each in statements][-1]
            return (last.fetchone() or [None])[0] if last.description else None

    def changed(self) -> dict[str, object]:
        """Return how many rows of each were changed, and how often the one that was changed most often."""
        asked = "SELECT sum(changed) || ' rows, ' || max(changed) || ' times' FROM product"
        return {name: self.sql(name, asked) for name in self.urls}

    def board(self) -> dict[str, tuple[str, int, int]]:
        """Return the state, the rows and the refused rows of each, as a shell is told."""
        told = json.loads(self.site.command("batch", "status", self.key, "fill-slugs", "--json").stdout)
        return {each["name"]: (each["state"], each["done"], each["quarantined"]) for each in told["databases"]}

    def close_the_laptop(self) -> None:
        """End every process of this project at once: server, kernels, runs."""
        home = f"HOME={self.site.environment['HOME']}\0".encode()
        for folder in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if folder.name.isdigit() and home in (folder / "environ").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
        for name in self.urls:  # a minute passes; one that nobody has come to has no cursor
            with contextlib.suppress(psycopg.errors.UndefinedTable, sqlite3.OperationalError):
                self.sql(name, END_THE_LEASES)


def _approach(shown: Screen) -> None:
    """Do what stands before the batch."""
    for step in ("merged", "mail-support"):
        shown.tick(step)
    shown.check("writes-it").click()
    shown.row("writes-it").locator("input[type=text]").fill("https://deploy.example.com/7")
    shown.row("writes-it").locator("button[type=submit]").click()
    shown.wait_status("writes-it", "done")
    shown.tick("old-processes")
    press(shown, "column-there", "Check")
    wait_is(shown, "column-there", "passed")


def test_a_column_is_filled_in_three_databases(site: Site, postgres: Server, screen: OpenScreen) -> None:
    """It is begun in JupyterLab, taken up from a shell, refused one row, mended, and all of it is in the record."""
    shop = Shop(site, postgres)
    shown = screen(site.work(shop.key))
    shown.wait_live()
    _approach(shown)
    assert shown.check("remove-old").is_disabled()
    press(shown, "fill-slugs", "Start")
    wait_is(shown, "fill-slugs", "holding")
    shown.row("fill-slugs").locator(".nbr-databases", has_text="the shop is busy").wait_for()
    assert 0 < sum(done for _, done, _ in shop.board().values()) < 3 * ROWS

    shop.close_the_laptop()
    (site.root / "quiet").touch()
    taken_up = site.command("run", shop.key, "fill-slugs", NBRUNBOOK_OPERATOR="ben", check=False)
    assert taken_up.returncode == 1, taken_up.stdout + taken_up.stderr
    ends = {"eu": ("done", ROWS, 0), "us": ("stopped", ROWS - 1, 1), "archive": ("done", ROWS, 0)}
    assert shop.board() == ends, taken_up.stdout + taken_up.stderr

    shown = screen(site.work(shop.key))
    shown.wait_live()
    wait_is(shown, "fill-slugs", "failed")
    first = shown.row("fill-slugs").locator(".nbr-databases [role=row][data-state]").first
    assert first.get_attribute("data-state") == "stopped"
    assert "us" in first.inner_text()
    assert shown.check("remove-old").is_disabled()
    shop.sql("us", "UPDATE product SET title = 'Three Question Marks' WHERE id = 1777")
    shown.row("fill-slugs").get_by_role("button", name="Try 1 refused row again").click()
    wait_is(shown, "fill-slugs", "passed")
    assert set(shop.changed().values()) == {f"{ROWS} rows, 1 times"}
    _finish(shown)
    record = (site.root / "records" / "staging" / "1.0.html").read_text(encoding="utf-8")
    assert all(name in record for name in shop.urls)
    assert "holds" in site.command("verify", "records/staging/1.0.html").stdout
    of_it = [event["kind"] for event in site.events(shop.key) if event["step"] == "fill-slugs"]
    assert [each for each in of_it if each in ENDS_AND_BEGINNINGS] == ["started", "failed", "started", "passed"]


def _finish(shown: Screen) -> None:
    """Do what stands behind the batch, sign off, and write the record."""
    press(shown, "none-left", "Check")
    wait_is(shown, "none-left", "passed")
    for step in ("looked", "by-slug"):
        shown.tick(step)
    shown.check("remove-old").click()
    shown.row("remove-old").get_by_role("button", name="was done").click()
    shown.wait_status("remove-old", "done")
    for step in ("tell-shops", "board"):
        shown.tick(step)
    shown.sign_off()
    shown.wait_words(".nbr-sign-off", "signed off by ana")
    shown.page.get_by_role("button", name="Write the record").click()
    shown.wait_words(".nbr-sign-off", "records/staging/1.0.html")
    wait_for(lambda: "records/staging/1.0.html" in shown.find(".nbr-sign-off").first.inner_text())
