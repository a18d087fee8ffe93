"""Take the screenshots in docs/images: a runbook at work in JupyterLab, in each state, and its record.

It works in a temporary project, with real processes and a real Chromium: `make screenshot`.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.clicking import choose  # noqa: E402
from tests.conftest import CHROMIUM_FLAGS, template_bytes  # noqa: E402
from tests.serving import put_wheel, serving  # noqa: E402
from tests.system.conftest import Screen, Site, wait_for  # noqa: E402
from tests.system.test_screen import REGISTER_AT, SET_THEME  # noqa: E402

IMAGES = ROOT / "docs" / "images"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))

STEPS = """\
# Every kind of step

## Before {owner="release manager"}
- [ ] Tell support what changes {#tell due=1h}
- [ ] Dump the database {#dump owner=ops evidence="link to the dump" as=dump}

  ```sh
  pg_dump --format=custom --file=before.dump shop
  ```
- [ ] Check the size of {{dump}} {#size owner=ops}
- [ ] Show the export {#export evidence="file with the export" .optional}

## Switch over {.gate}
- [ ] Press *Promote* in the CDN console {#promote .irreversible .approval}
- [ ] Remove the old index {#drop-index after=size wait=26h due=1825d}

## If it goes wrong {.if-needed}
- [ ] Switch back in the CDN console {#switch-back}
"""

AUTOMATED = """\
## After the release of {{release}}
- [ ] The site answers with {{release}} {#site-answers}
- [ ] Errors are as rare as before {#error-rate}
- [ ] The cache is warm {#warm-cache after=site-answers}
- [ ] Mail support that the new search is live {#mail-support}
"""
CODE = """\
import time
from pathlib import Path

from nbrunbook import action, check


@check("site-answers", attempts=5, every="2s", timeout="1m")
def site_answers():
    return release


@check("error-rate")
def error_rate():
    print("errors: 41 of 2,087 requests")
    assert 41 / 2087 < 0.01, "2.0 % of requests fail, and 0.4 % did before"


@action("warm-cache", timeout="5m")
def warm_cache(run):
    for number, page in enumerate(("/", "/search?q=bag", "/cart"), 1):
        run.log(f"{number} of 240: {page}")
    while not Path("warm").exists():
        time.sleep(0.1)
"""
BATCH = """\
## After the release of {{release}}
- [ ] Every product has a slug {#fill-slugs owner=developers}
- [ ] Drop the old column {#drop-column .irreversible after=fill-slugs}
- [ ] Mail support {#mail-support}
"""
BATCH_CODE = """\
import re
import time

from nbrunbook import batch, keyset
from sqlalchemy import text


def quiet(db):
    if db.engine.url.database.endswith("us.db"):
        return "412 queries wait for locks"


fill = batch("fill-slugs", databases=["eu", "us", "asia", "archive"], throttle=quiet, on_error="quarantine")


@fill.fetch
def fetch(db, cursor, batch_size):
    query = "SELECT id, title FROM product WHERE slug IS NULL"
    return keyset(db, query, key="id", batch_size=batch_size, cursor=cursor)


@fill.process
def process(db, rows):
    time.sleep(len(rows) / 1000)
    slugs = [{"id": row.id, "slug": re.sub(r"[^a-z0-9]+", "-", row.title.lower()).strip("-")} for row in rows]
    db.execute(text("UPDATE product SET slug = :slug WHERE id = :id"), slugs)


@fill.left
def left(db):
    return db.scalar(text("SELECT count(*) FROM product WHERE slug IS NULL"))
"""
PRODUCTS = {"eu": 250_000, "us": 41_000, "asia": 900, "archive": 1_200}
SAID = {"site-answers": "passed", "error-rate": "2.0 % of requests", "warm-cache": "3 of 240"}
"""What tells by each step that the picture can be taken."""


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nbrunbook-") as folder, sync_playwright() as playwright:
        root = Path(folder) / "nbrunbook"
        root.mkdir()
        site = Site(root)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        try:
            shutil.copytree(ROOT / "templates", root / "templates")
            shutil.copy(ROOT / "CHANGELOG.md", root)
            shutil.copy(ROOT / "pyproject.toml", root)
            shown = Screen(browser.new_page(viewport={"width": 1360, "height": 1180}))
            with serving(Path(folder)) as index:
                put_wheel(index, "0.1.0")
                _at_work(site, shown, index.url)
            _states(site, shown)
            _record(site, browser.new_page(viewport={"width": 1000, "height": 1100}))
            _automated(site, Screen(browser.new_page(viewport={"width": 1360, "height": 560})))
            _batch(site, Screen(browser.new_page(viewport={"width": 1360, "height": 560})))
            _every_kind(site, Screen(browser.new_page(viewport={"width": 1360, "height": 1460})))
        finally:
            browser.close()
            site.close()


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")


def _at_work(site: Site, shown: Screen, index: str) -> None:
    page = shown.page
    site.command("instantiate", "templates/0.1.0.ipynb", "-e", "production", "-p", "index_url", index)
    key = "production/0.1.0"
    page.goto(site.work(key))
    shown.wait_live()
    site.command(
        "note", key, "ben takes over at 15:00; only the announcement is left to write", NBRUNBOOK_OPERATOR="ben"
    )
    site.command("tick", key, "built", "--evidence", "https://ci.example.com/runs/812", NBRUNBOOK_OPERATOR="ben")
    shown.wait_status("built", "done")
    shown.find(".nbr-header", has_text="ben takes over").wait_for()
    shown.check("publish").click()
    shown.row("publish").get_by_role("button", name="was done").wait_for()
    _keep(page, "irreversible")
    shown.row("publish").get_by_role("button", name="was done").click()
    shown.wait_status("publish", "done")
    shown.row("index-serves").get_by_role("button", name="Check").click()
    shown.wait_status("index-serves", "done")
    shown.check("look-at-page").scroll_into_view_if_needed()
    page.mouse.move(700, 5)
    shown.find(".nbr-header").scroll_into_view_if_needed()
    _keep(page, "runbook")


def _states(site: Site, shown: Screen) -> None:
    page = shown.page
    key = "production/0.1.0"
    shown.tick("look-at-page")
    shown.tick("installs-oldest")
    choose(shown.row("installs-newest"), "Skip")
    shown.row("installs-newest").get_by_role("button", name="already done").click()
    shown.wait_status("installs-newest", "skipped")
    shown.tick("readme-works")
    shown.check("announce").click()
    shown.row("announce").locator("input[type=text]").fill("https://forum.example.com/t/nbrunbook-0-1-0")
    _keep(page, "evidence")
    shown.row("announce").locator("button[type=submit]").click()
    shown.wait_status("announce", "done")
    for step in ("docs-link", "close-milestone"):
        shown.tick(step)
    held = site.lock()
    shown.check("answer-issues").click()
    shown.find(".nbr-answer", has_text="locked").first.wait_for()
    shown.row("answer-issues").evaluate("(row) => row.scrollIntoView({ block: 'center' })")
    _keep(page, "refused")
    held.close()
    site.command("skip", key, "remove-preview", "--reason", "nobody ever installed it")
    shown.wait_status("remove-preview", "skipped")
    shown.find(".nbr-sign-off").scroll_into_view_if_needed()
    _keep(page, "sign-off")
    shown.sign_off()
    shown.wait_words(".nbr-sign-off", "signed off by")
    (kernel,) = site.kernels()
    os.kill(kernel, signal.SIGKILL)
    shown.find('.nbr[data-live="gone"]').first.wait_for()
    shown.find(".nbr-header").scroll_into_view_if_needed()
    _keep(page, "gone")


def _automated(site: Site, shown: Screen) -> None:
    """A check that passed, one that failed, and an action that goes on."""
    page = shown.page
    key = site.instantiate(AUTOMATED, name="3.0", code=CODE)
    page.goto(site.command("work", key, "--no-browser").stdout.strip())
    shown.wait_live()
    shown.find(".nbr-header", has_text="live").wait_for()
    for step, verb in (("site-answers", "Check"), ("error-rate", "Check"), ("warm-cache", "Run")):
        shown.row(step).get_by_role("button", name=verb).click()
        shown.row(step).get_by_text(SAID[step]).first.wait_for()
    page.mouse.move(700, 5)
    shown.find(".nbr-header").scroll_into_view_if_needed()
    _keep(page, "automated")
    (site.root / "warm").touch()
    shown.wait_status("warm-cache", "done")


def _batch(site: Site, shown: Screen) -> None:
    """A batch that is done in one database, goes on in one, holds in one, and was refused a row in one."""
    page = shown.page
    for name, count in PRODUCTS.items():
        titles = [(f"Product Number {n}" if name != "asia" or n != 700 else "???",) for n in range(count)]
        with sqlite3.connect(site.root / f"{name}.db") as db:
            db.execute("CREATE TABLE product (id INTEGER PRIMARY KEY, title TEXT, slug TEXT CHECK (slug <> ''))")
            db.executemany("INSERT INTO product (title) VALUES (?)", titles)
    with (site.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("[tool.nbrunbook.databases]\n")
        file.writelines(f'{name} = "sqlite:///{name}.db"\n' for name in PRODUCTS)
    key = site.instantiate(BATCH, name="4.0", code=BATCH_CODE)
    page.goto(site.command("work", key, "--no-browser").stdout.strip())
    shown.wait_live()
    site.command("run", key, "fill-slugs", "--workers", "3", "--background")
    for state, words in (("stopped", "refused"), ("holding", "412"), ("done", "1,200"), ("running", "min")):
        shown.find(f'[data-step="fill-slugs"] .nbr-db[data-state="{state}"]', has_text=words).first.wait_for()
    page.mouse.move(700, 5)
    shown.find(".nbr-header").scroll_into_view_if_needed()
    _keep(page, "batch")
    site.command("batch", "stop", key, "fill-slugs")


def _record(site: Site, page: Page) -> None:
    site.command("archive", "production/0.1.0")
    path = site.root / "records" / "production" / "0.1.0.html"
    wait_for(path.exists)
    page.goto(path.as_uri())
    page.screenshot(path=IMAGES / "record.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=IMAGES / "record-dark.png")


def _every_kind(site: Site, shown: Screen) -> None:
    """A runbook of yesterday with steps that are overdue, waiting, taken, skipped and added; in the dark; narrow."""
    page = shown.page
    (site.root / "templates" / "2.0.ipynb").write_bytes(
        template_bytes(STEPS, parameters='release: str = "2.0"\nenvironment: str = "staging"')
    )
    yesterday = (datetime.now(UTC) - timedelta(hours=20)).isoformat()
    site.start("-c", REGISTER_AT, "instantiate", "templates/2.0.ipynb", "-e", "staging", yesterday).wait()
    key = "staging/2.0"
    page.goto(site.command("work", key, "--no-browser").stdout.strip())
    shown.wait_live()
    site.command("tick", key, "dump", "--evidence", "https://backups.example.com/812", NBRUNBOOK_OPERATOR="ben")
    site.command("tick", key, "size", "--note", "312 MB, as last time", NBRUNBOOK_OPERATOR="ben")
    site.command("take", key, "promote", NBRUNBOOK_OPERATOR="ben")
    site.command("add", key, "Purge the cache by hand", "--after", "size", NBRUNBOOK_OPERATOR="kim")
    shown.find('[data-step="added-purge-the-cache-by-hand"]').wait_for()
    shown.check("export").click()
    choose(shown.row("tell"), "Skip")
    page.mouse.move(700, 5)
    _keep(page, "every-kind")
    for each in site.kernels():
        os.kill(each, signal.SIGSTOP)
    shown.check("added-purge-the-cache-by-hand").click()
    shown.wait_words(".nbr-answer", "Not known yet")
    _keep(page, "not-known")
    for each in site.kernels():
        os.kill(each, signal.SIGCONT)
    shown.wait_status("added-purge-the-cache-by-hand", "done")
    shown.wait_live()
    page.evaluate(SET_THEME, "JupyterLab Dark")
    page.reload()
    shown.wait_live()
    _keep(page, "dark")
    page.set_viewport_size({"width": 480, "height": 1460})
    shown.find(".nbr-header").scroll_into_view_if_needed()
    _keep(page, "narrow")


if __name__ == "__main__":
    main()
