"""The whole way in a real JupyterLab: from a template to a record that was verified offline."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.clicking import choose
from tests.system.conftest import OpenScreen, Site, wait_for

pytestmark = pytest.mark.system


def test_from_template_to_verified_record(site: Site, screen: OpenScreen, browser: Browser) -> None:
    """A runbook is worked through, outlives its kernel, is signed off, archived, and proves an edit."""
    key = site.instantiate()
    shown = screen(site.work(key))
    shown.wait_live()
    shown.tick("mail-support")
    assert site.status(key)["mail-support"]["by"] == "ana"

    kernel = site.kernels()
    os.kill(kernel[0], signal.SIGKILL)
    shown.find('.nbr[data-live="gone"]').first.wait_for()
    assert shown.check("dashboard").is_disabled()
    wait_for(lambda: site.kernels() and site.kernels() != kernel)

    shown.page.reload()
    shown.page.get_by_role("menuitem", name="Run", exact=True).wait_for()
    shown.find(".jp-Notebook").wait_for()
    shown.run_all()
    shown.wait_live()
    assert shown.statuses()["mail-support"] == "done"
    assert "done by ana (declared)" in shown.row("mail-support").inner_text()

    shown.check("dashboard").click()
    shown.row("dashboard").locator("input[type=text]").fill("https://boards.example.com/7")
    shown.row("dashboard").locator("button[type=submit]").click()
    shown.wait_status("dashboard", "done")
    shown.check("promote").click()
    shown.row("promote").get_by_role("button", name="was done").click()
    shown.wait_status("promote", "done")
    shown.tick("drain-web")
    shown.tick("drain-workers")
    assert shown.statuses()["drain"] == "done"

    shown.sign_off()
    shown.wait_words(".nbr-sign-off", "signed off by ana")
    shown.page.get_by_role("button", name="Write the record").click()
    shown.wait_words(".nbr-sign-off", "records/staging/1.0.html")

    record = site.root / "records" / "staging" / "1.0.html"
    assert "holds" in site.command("verify", str(record)).stdout
    _read_offline(browser, record)
    content = bytearray(record.read_bytes())
    content[content.index(b"Mail support")] ^= 1
    record.write_bytes(content)
    edited = site.command("verify", str(record), check=False)
    assert edited.returncode == 1
    assert "the file was edited" in edited.stdout
    assert [event["kind"] for event in site.events(key)][-2:] == ["signed_off", "archived"]


def _read_offline(browser: Browser, record: Path) -> None:
    context = browser.new_context(offline=True)
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.goto(record.as_uri())
    assert "Mail support that the new search is live" in page.inner_text("main")
    assert re.search(r"Signed off\t.* UTC by ana \(declared\)", page.inner_text("header"))
    assert page.locator("script").count() == 0
    assert requests == [record.as_uri()]
    context.close()


def test_undo_skip_and_note_in_the_browser(site: Site, screen: OpenScreen) -> None:
    """A mistake is taken back with a reason, a step is skipped with one click, a note stays."""
    key = site.instantiate()
    shown = screen(site.work(key))
    shown.wait_live()
    shown.tick("mail-support")
    choose(shown.row("mail-support"), "Undo")
    shown.row("mail-support").locator("input[type=text]").fill("wrong list")
    shown.row("mail-support").locator("button[type=submit]").click()
    shown.wait_status("mail-support", "open")
    choose(shown.row("mail-support"), "Skip")
    shown.row("mail-support").get_by_role("button", name="not applicable").click()
    shown.wait_status("mail-support", "skipped")
    choose(shown.row("dashboard"), "Note")
    shown.row("dashboard").locator("input[type=text]").fill("<b>ask ben</b>")
    shown.row("dashboard").locator("button[type=submit]").click()
    shown.wait_words('.nbr [data-step="dashboard"]', "<b>ask ben</b>")
    said = [(event["kind"], event["data"]) for event in site.events(key)][1:]
    assert said == [
        ("ticked", {}),
        ("unticked", {"reason": "wrong list"}),
        ("skipped", {"reason": "not applicable"}),
        ("noted", {"note": "<b>ask ben</b>"}),
    ]


def test_production_looks_unlike_staging(site: Site, screen: OpenScreen) -> None:
    """A runbook for production says so in its header, and no other does."""
    staging = site.instantiate()
    production = site.instantiate(environment="production")
    first = screen(site.work(staging))
    first.wait_live()
    second = screen(site.work(production))
    second.wait_live()
    assert first.find(".nbr-production").count() == 0
    assert second.find(".nbr-production .nbr-mark").inner_text() == "PRODUCTION"


@pytest.mark.parametrize("where", ["lab/tree", "notebooks"])
def test_run_all_goes_live(site: Site, screen: OpenScreen, where: str) -> None:
    """Opening a runbook in JupyterLab 4 or Notebook 7 and choosing Run All gives the same as `work`."""
    key = site.instantiate(code="raise RuntimeError('an author cell that fails')")
    site.command("tick", key, "mail-support")
    url, token = site.server("jupyterlab" if where == "lab/tree" else "notebook").split("|")
    shown = screen(f"{url}{where}/runbooks/staging/1.0.ipynb?token={token}")
    shown.page.get_by_role("menuitem", name="Run", exact=True).wait_for()
    shown.find(".nbr-header, .jp-OutputArea-output").first.wait_for()
    assert shown.find("input.nbr-check").count() == 0
    shown.run_all()
    shown.wait_live()
    assert shown.statuses()["mail-support"] == "done"
    shown.check("dashboard").click()
    shown.row("dashboard").locator("input[type=text]").fill("https://board.example.com/7")
    shown.row("dashboard").locator("button[type=submit]").click()
    shown.wait_status("dashboard", "done")
    assert site.status(key)["dashboard"]["status"] == "done"
