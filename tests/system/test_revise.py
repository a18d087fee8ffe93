"""A hotfix to the steps while somebody works on them: open sessions show it without a restart."""

from __future__ import annotations

import pytest

from tests.conftest import template_bytes
from tests.system.conftest import OpenScreen, Site

pytestmark = pytest.mark.system

BEFORE = """\
# Release {{release}}

## Tell people
- [ ] Mail support {#mail-support}
- [ ] Add the dashboard {#dashboard}

## Old index
- [ ] Remove the old index {#drop-index}
"""
AFTER = """\
# Release {{release}}

## Tell people
- [ ] Mail support **and sales** {#mail-support}
- [ ] Add the dashboard {#dashboard}
- [ ] Tell the on-call engineer {#on-call}

## Watch {.gate}
- [ ] Watch the error rate for ten minutes {#watch}
"""


def test_a_revision_reaches_open_panels(site: Site, screen: OpenScreen) -> None:
    """Reworded, new and removed steps and sections show in a live runbook; all is confirmed, signed off and kept."""
    key = site.instantiate(BEFORE)
    shown = screen(site.work(key))
    shown.wait_live()
    shown.tick("mail-support")
    path = site.root / "templates" / "1.0.ipynb"
    path.write_bytes(template_bytes(AFTER, parameters='release: str = "1.0"\nenvironment: str = "staging"'))
    shown.wait_words(".nbr-header .nbr-revision", f"nbrunbook revise {key}")

    site.command("revise", key, "--yes", NBRUNBOOK_OPERATOR="ben")
    shown.wait_status("watch", "open")
    shown.wait_words('[data-step="mail-support"] .nbr-reworded', "it said “Mail support”")
    shown.wait_words(".nbr-about", "removed in a revision")
    shown.find(".nbr-header .nbr-revision").wait_for(state="hidden")
    order = [*shown.statuses()]
    assert order == ["mail-support", "dashboard", "on-call", "watch"]
    assert shown.find('.nbr-section[data-section="watch"] h2').inner_text() == "Watch"
    assert shown.check("watch").is_disabled()

    for step in ("dashboard", "on-call", "watch"):
        shown.tick(step)
    shown.wait_words(".nbr-sign-off", "Reworded since done, and not confirmed: 1")
    assert "Mail support and sales" in site.command("sign-off", key, check=False).stderr
    shown.row("mail-support").get_by_role("button", name="Still done").click()
    shown.wait_words('[data-step="mail-support"] .nbr-line', "confirmed as reworded by ana")
    shown.sign_off()
    shown.wait_words(".nbr-sign-off", "signed off by ana")
    site.command("archive", key)
    site.command("verify", f"records/{key}.html")
    page = (site.root / "records" / f"{key}.html").read_text(encoding="utf-8")
    for words in ("confirmed as reworded by ana", "Watch the error rate", "Removed in a revision", "2 steps added"):
        assert words in page
