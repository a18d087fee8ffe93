"""Several operators, and who they are: named by Jupyter, by the machine or by hand; on one kernel and on two."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from tests.conftest import PARAMETERS
from tests.system.conftest import CHECKLIST, OpenScreen, Screen, Site, wait_for

pytestmark = pytest.mark.system

JUPYTER_NAMES_PEOPLE = """\
from jupyter_server.auth.identity import IdentityProvider, User

class ByCookie(IdentityProvider):
    def get_user(self, handler):
        name = handler.get_cookie("person")
        return User(username=name) if name else super().get_user(handler)

c.ServerApp.identity_provider_class = ByCookie
"""
APPROVAL = """\
# Release {{release}}

- [ ] Mail support {#mail-support}
- [ ] Press Promote {#promote .approval}
"""
RENAME = """async (body) => {
  const config = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const headers = { Authorization: `token ${config.token}`, "Content-Type": "application/json" };
  const reply = await fetch(`${config.baseUrl}api/me`, { method: "PATCH", headers, body: JSON.stringify(body) });
  return (await reply.json()).identity ?? {};
}"""
WATCH = """() => {
  window.seen = [];
  const note = (target, said) => window.seen.push([target.closest("[data-step]")?.dataset.step, said, Date.now()]);
  new MutationObserver((all) => all.forEach(({ target, type }) => {
    if (type === "attributes") note(target, target.dataset.status);
    else if (target.classList?.contains("nbr-answer")) note(target, target.textContent);
  })).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-status"] });
}"""
CLICK = """(step) => document.querySelector(`.nbr [data-step="${step}"] input.nbr-check`).click()"""


def seen_by(screen: OpenScreen, address: str, person: str) -> Screen:
    """Open an address as somebody whom Jupyter's identity provider knows."""
    shown = screen("about:blank")
    origin = "/".join(address.split("/")[:3])
    shown.page.context.add_cookies([{"name": "person", "value": person, "url": origin}])
    shown.page.goto(address)
    shown.wait_live()
    shown.wait_words(".nbr-header", f"{person} (verified: jupyter)")
    assert shown.page.get_by_role("button", name="Somebody else").count() == 0
    return shown


def live(screen: OpenScreen, address: str) -> Screen:
    """Open an address and wait until it is live: two browsers that come at once wait for each other."""
    shown = screen(address)
    shown.wait_live()
    return shown


def signed(event: dict[str, Any]) -> tuple[str, ...]:
    """Return what an event says of its operator."""
    return event["kind"], event["step"], event["operator"], event["known"], event["known_by"]


def test_people_whom_jupyter_names(site: Site, screen: OpenScreen) -> None:
    """Two users of one server tick on one kernel under their own names, and only they may approve here."""
    config = Path(site.environment["HOME"]) / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir()
    config.write_text(JUPYTER_NAMES_PEOPLE, encoding="utf-8")
    with (site.root / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('[tool.nbrunbook.environments.staging]\napproval = "verified"\n')
    key = site.instantiate(APPROVAL)
    address = site.work(key, NBRUNBOOK_OPERATOR="the machine")
    ana, ben = (seen_by(screen, address, name) for name in ("ana", "ben"))
    ben.tick("mail-support")
    ana.wait_status("mail-support", "done")
    assert "done by ben (verified)" in ana.row("mail-support").inner_text()

    refused = site.command("approve", key, "promote", check=False, NBRUNBOOK_OPERATOR="cleo")
    assert refused.returncode == 1
    assert "cleo is only declared, and here only verified operators approve" in refused.stderr
    assert ana.check("promote").is_disabled()
    ben.row("promote").get_by_role("button", name="Approve").click()
    ana.wait_words('[data-step="promote"] .nbr-line', "approved by ben (verified)")
    ana.tick("promote")
    assert [signed(event) for event in site.events(key)][1:] == [
        ("ticked", "mail-support", "ben", "verified", "jupyter"),
        ("approved", "promote", "ben", "verified", "jupyter"),
        ("ticked", "promote", "ana", "verified", "jupyter"),
    ]


def test_names_that_nobody_vouches_for(site: Site, screen: OpenScreen) -> None:
    """A name set in /api/me is nobody's; one typed in the header is declared, and holds for that tab alone."""
    key = site.instantiate()
    address = site.work(key)
    shown = live(screen, address)
    me = shown.page.evaluate(RENAME, {"name": "ben", "display_name": "ben"})
    assert (me["name"], me["display_name"]) == ("ben", "ben")
    shown.page.reload()
    shown.wait_live()
    shown.wait_words(".nbr-header", "ana (declared: env)")
    shown.tick("mail-support")

    shown.page.get_by_role("button", name="Somebody else").click()
    shown.find(".nbr-header .nbr-form input").fill("Kim, support")
    shown.page.get_by_role("button", name="Work under this name").click()
    shown.wait_words(".nbr-header", "Kim, support (declared: typed)")
    shown.page.reload()
    shown.wait_live()
    shown.wait_words(".nbr-header", "Kim, support (declared: typed)")
    shown.row("dashboard").get_by_role("button", name="I am on it").click()
    other = live(screen, address)
    other.wait_words(".nbr-header", "ana (declared: env)")
    other.wait_words('[data-step="dashboard"]', "Kim, support (declared) is on it")
    other.row("dashboard").get_by_role("button", name="I am on it").click()
    wait_for(lambda: len(site.events(key)) == 4)
    assert [signed(event) for event in site.events(key)][1:] == [
        ("ticked", "mail-support", "ana", "declared", "env"),
        ("taken", "dashboard", "Kim, support", "declared", "typed"),
        ("taken", "dashboard", "ana", "declared", "env"),
    ]


@pytest.fixture
def clone(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Ben's clone of the project: a folder, a home and a JupyterLab of its own, on the same journal."""
    (tmp_path / "clone").mkdir()
    made = Site(tmp_path / "clone")
    journal = str(site.root / ".nbrunbook" / "journal.db")
    made.environment |= {"NBRUNBOOK_OPERATOR": "ben", "NBRUNBOOK_JOURNAL": journal}
    yield made
    made.close()


@contextlib.contextmanager
def silent(*sites: Site) -> Iterator[None]:
    """Let no kernel answer for a moment."""
    kernels = [each for site in sites for each in site.kernels()]
    for each in kernels:
        os.kill(each, signal.SIGSTOP)
    yield
    for each in kernels:
        os.kill(each, signal.SIGCONT)


def test_two_kernels_on_one_journal(site: Site, clone: Site, screen: OpenScreen) -> None:
    """Each kernel shows the other's ticks without a click; who comes second to a step is told so."""
    steps = [f"s{number}" for number in range(5)]
    races = [f"r{number}" for number in range(6)]
    key = site.instantiate("# Steps\n" + "\n".join(f"- [ ] step {step} {{#{step}}}" for step in [*steps, *races]))
    ana, ben = live(screen, site.work(key)), live(screen, clone.work(key))
    for shown in (ana, ben):
        shown.page.evaluate(WATCH)
    for step in steps:
        ana.tick(step)
        ben.wait_status(step, "done")
    for step in races:
        with silent(site, clone):  # so that both click before either is answered
            ana.page.evaluate(CLICK, step)
            ben.page.evaluate(CLICK, step)
        ana.wait_status(step, "done")
        ben.wait_status(step, "done")
    ticks = {event["step"]: event for event in site.events(key)[1:]}
    assert len(site.events(key)) == 1 + len(steps) + len(races)
    assert "done by ana (declared)" in ben.said("s0")
    for step in races:
        winner = ticks[step]["operator"]
        loser = ben if winner == "ana" else ana
        told = [said for of, said, _ in loser.page.evaluate("window.seen") if of == step]
        assert any(f"Not recorded, because already done by {winner}, " in said for said in told), told
        assert f"done by {winner} (declared)" in loser.said(step)


def test_others_at_the_same_time(site: Site, screen: OpenScreen) -> None:
    """A second `work` and the command line beside them: whatever one does, with the name, all see."""
    key = site.instantiate()
    ana = live(screen, site.work(key))
    ben = live(screen, site.command("work", key, "--no-browser").stdout.strip())
    site.command("take", key, "promote", NBRUNBOOK_OPERATOR="ben")
    site.command("note", key, "ben takes over at 22:00", NBRUNBOOK_OPERATOR="ben")
    site.command("tick", key, "mail-support", "--for", "Kim, support", NBRUNBOOK_OPERATOR="ben")
    site.command("add", key, "Warm the cache", "--after", "dashboard", NBRUNBOOK_OPERATOR="ben")
    for shown in (ana, ben):
        shown.wait_words('[data-step="promote"]', "ben (declared) is on it since")
        shown.wait_words(".nbr-header .nbr-handover", "ben takes over at 22:00 — ben (declared)")
        shown.wait_words('[data-step="mail-support"]', "done by Kim, support, recorded by ben (declared)")
        shown.wait_words('[data-step="added-warm-the-cache"]', "added by ben (declared)")
    ana.row("dashboard").get_by_role("button", name="I am on it: Add").click()
    ben.wait_words('.nbr-step[data-step="dashboard"]', "ana (declared) is on it since")
    site.command("tick", key, "added-warm-the-cache", NBRUNBOOK_OPERATOR="ben")
    site.command("tick", key, "dashboard", "--evidence", "https://boards.example.com/7", NBRUNBOOK_OPERATOR="ben")
    ana.wait_status("dashboard", "done")

    ana.check("promote").click()
    ana.wait_words('[data-step="promote"] .nbr-form', "ben is on it. This cannot be undone.")
    site.command("take", key, "promote", "--release", NBRUNBOOK_OPERATOR="ben")
    ana.find('[data-step="promote"] .nbr-line').wait_for(state="detached")
    ana.row("promote").get_by_role("button", name="Cancel").click()
    ana.check("promote").click()
    assert "is on it" not in ana.row("promote").locator(".nbr-form").inner_text()


@pytest.mark.parametrize("where", ["lab/tree", "notebooks"])
def test_always_the_same_state(site: Site, screen: OpenScreen, where: str) -> None:
    """Run All twice, one cell alone, a restart, a failing cell above: every panel shows what the journal holds."""
    key = _below_a_failing_cell(site)
    url, token = site.server("jupyterlab" if where == "lab/tree" else "notebook").split("|")
    shown = screen(f"{url}{where}/runbooks/staging/1.0.ipynb?token={token}")
    shown.page.get_by_role("menuitem", name="Run", exact=True).wait_for()
    site.command("tick", key, "mail-support")
    shown.run_all()
    _shows_the_journal(site, shown, key)
    site.command("skip", key, "tidy", "--reason", "not applicable")
    shown.anew(".nbr", lambda: shown.choose("Run", "Run All Cells"))
    _shows_the_journal(site, shown, key)
    site.command("note", key, "half way")
    shown.anew(f"{SECOND} .nbr", lambda: _run_alone(shown, SECOND))
    _shows_the_journal(site, shown, key)
    site.command("tick", key, "dashboard", "--evidence", "https://boards.example.com/7")
    shown.anew(".nbr", lambda: _restart_and_run_all(shown))
    _shows_the_journal(site, shown, key)
    assert shown.find(".jp-OutputArea-output", has_text="an author cell that fails").count() == 1


SECOND = ".jp-CodeCell:has([data-step='promote'])"


def _run_alone(shown: Screen, cell: str) -> None:
    shown.find(f"{cell} .nbr-about").first.click()
    shown.choose("Run", "Run Selected Cell")


def _restart_and_run_all(shown: Screen) -> None:
    shown.choose("Kernel", "Restart Kernel and Run All Cells…")
    shown.page.locator(".jp-Dialog:has-text('Restart Kernel?') .jp-mod-accept").click()


def _below_a_failing_cell(site: Site) -> str:
    cells = [
        notebook.code_cell("parameters", PARAMETERS, {"tags": ["parameters"]}),
        notebook.code_cell("fails", "raise RuntimeError('an author cell that fails')"),
        notebook.markdown_cell("steps", CHECKLIST),
    ]
    path = site.root / "templates" / "1.0.ipynb"
    path.parent.mkdir()
    path.write_bytes(notebook.dump(notebook.document(cells, {})))
    site.command("instantiate", "templates/1.0.ipynb", "-e", "staging")
    return "staging/1.0"


def _shows_the_journal(site: Site, shown: Screen, key: str) -> None:
    shown.wait_live()
    assert shown.find(".nbr").count() == 4
    expected = {step: facts["status"] for step, facts in site.status(key).items()}
    wait_for(lambda: shown.statuses() == expected)
    assert shown.check("drain-web").is_disabled() == ("dashboard" not in _done(expected))


def _done(statuses: dict[str, str]) -> list[str]:
    return [step for step, status in statuses.items() if status == "done"]
