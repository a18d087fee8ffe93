"""A team on a hub: JupyterHub with two users, each with a clone of the project, on one journal."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import template_bytes
from tests.databases import Server
from tests.making import run_git
from tests.system.conftest import OpenScreen, Screen, wait_for
from tests.system.test_operators import signed

pytestmark = pytest.mark.system

KEY = "staging/1.0"
PIPELINE = "https://forge.example.com/shop/-/pipelines/7"
COPY = "runbooks/_sessions/staging%401.0.ipynb"
STEPS = """\
# Release {{release}}

- [ ] Mail support {#mail}
- [ ] Update the board {#board}
- [ ] Press Promote {#promote .approval}
- [ ] Tidy up {#tidy}
"""
PROJECT = """\
[project]
name = "shop"
[tool.nbrunbook]
open_url = "{hub}user-redirect/lab/tree/shop/{{path}}"
[tool.nbrunbook.environments.staging]
approval = "verified"
"""
CONFIG = """\
import sys
facts = {facts!r}
c.JupyterHub.bind_url = c.JupyterHub.public_url = facts["url"]
c.JupyterHub.hub_port = facts["ports"][1]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{{facts['ports'][2]}}"
program = "from configurable_http_proxy.cli import main; main()"
# A hub's page waits in one request for as long as a server takes to start.
c.ConfigurableHTTPProxy.command = [sys.executable, "-c", program, "--proxy-timeout=600000"]
c.ConfigurableHTTPProxy.pid_file = facts["folder"] + "/proxy.pid"
c.JupyterHub.db_url = "sqlite:///" + facts["folder"] + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = facts["folder"] + "/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {{"ana", "kim"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = facts["folder"] + "/home/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.environment = facts["environment"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
"""
RENAME = """async (body) => {
  const base = JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl;
  const xsrf = decodeURIComponent(document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? "");
  const headers = { "X-XSRFToken": xsrf, "Content-Type": "application/json" };
  const reply = await fetch(`${base}api/me`, { method: "PATCH", headers, body: JSON.stringify(body) });
  return reply.status;
}"""
IN_A_TERMINAL = """async (command) => {
  const base = JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl;
  const xsrf = document.cookie.match(/_xsrf=([^;]*)/)?.[1] ?? "";
  const headers = { "X-XSRFToken": decodeURIComponent(xsrf), "Content-Type": "application/json" };
  const { name } = await (await fetch(`${base}api/terminals`, { method: "POST", headers, body: "{}" })).json();
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${base}terminals/websocket/${name}`);
  return await new Promise((resolve, reject) => {
    let said = "";
    socket.onopen = () => socket.send(JSON.stringify(["stdin", `${command}; echo "exit status:"$?\\r`]));
    socket.onerror = () => reject(new Error(`the terminal is gone; it said ${said}`));
    socket.onmessage = ({ data }) => {
      const [kind, text] = JSON.parse(data);
      if (kind === "stdout") said += text;
      if (/exit status:\\d/.test(said)) resolve(said);
    };
  });
}"""


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class Hub:
    """A JupyterHub, its proxy, and a project that each user and the CI have a clone of."""

    def __init__(self, folder: Path, journal: str) -> None:
        self.folder, self.ports = folder, _free_ports(3)
        self.url = f"http://127.0.0.1:{self.ports[0]}/"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))},
            "HOME": str(folder),
            "NBRUNBOOK_JOURNAL": journal,
        }
        self.environment.pop("NBRUNBOOK_OPERATOR", None)
        self._clone()
        kept = {"NBRUNBOOK_JOURNAL": journal}
        facts = {"folder": str(folder), "url": self.url, "ports": self.ports, "environment": kept}
        (folder / "config.py").write_text(CONFIG.format(facts=facts), encoding="utf-8")
        self.log = (folder / "hub.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(folder / "config.py")],
            cwd=folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def _clone(self) -> None:
        origin = self.folder / "origin"
        (origin / "templates").mkdir(parents=True)
        (origin / "pyproject.toml").write_text(PROJECT.format(hub=self.url), encoding="utf-8")
        (origin / "templates" / "1.0.ipynb").write_bytes(template_bytes(STEPS))
        run_git(origin, "init", "-q")
        run_git(origin, "add", ".")
        run_git(origin, "commit", "-qm", "First")
        for name in ("ana", "kim", "ci"):
            (self.folder / "home" / name).mkdir(parents=True)
            run_git(self.folder, "clone", "-q", str(origin), str(self.folder / "home" / name / "shop"))

    def answers(self) -> bool:
        """Tell whether the hub answers through its proxy."""
        assert self.process.poll() is None, self.said()
        try:
            with urllib.request.urlopen(f"{self.url}hub/health", timeout=5) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def said(self) -> str:
        """Return what the hub, its proxy and its servers said last."""
        return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def in_ci(self, *arguments: str) -> str:
        """Run nbrunbook as a job of a pipeline that robin started, and return its output."""
        job = {"CI": "true", "GITLAB_CI": "true", "GITLAB_USER_LOGIN": "robin", "CI_PIPELINE_URL": PIPELINE}
        result = subprocess.run(
            [sys.executable, "-c", "from nbrunbook.commands import main; main()", *arguments],
            cwd=self.folder / "home" / "ci" / "shop", env={**self.environment, **job}, capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return result.stdout

    def events(self) -> list[tuple[str, ...]]:
        """Return what was done, and how its operator is known."""
        lines = self.in_ci("journal", KEY, "--json").splitlines()
        return [signed(json.loads(line)) for line in lines]

    def close(self) -> None:
        """End the hub, which ends its proxy and its users' servers."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture
def hub(tmp_path: Path, postgres: Server) -> Iterator[Hub]:
    """A hub that answers, whose servers work on one journal in PostgreSQL."""
    made = Hub(tmp_path, postgres.with_schema())
    try:
        wait_for(made.answers)
        yield made
    finally:
        made.close()


class User:
    """A person in front of a browser that is logged in to the hub."""

    def __init__(self, hub: Hub, screen: OpenScreen, name: str) -> None:
        self.screen: Screen = screen(f"{hub.url}hub/login?next=/hub/user-redirect/lab")
        self.page, self.name = self.screen.page, name
        self.page.locator("#username_input").fill(name)
        self.page.locator("#password_input").fill("a password")
        self.page.locator("#login_submit").click()

    def wait_for_server(self) -> None:
        """Wait until JupyterLab of the own server is there."""
        self.page.wait_for_url(f"**/user/{self.name}/lab**")
        self.page.locator("#jupyter-config-data").wait_for(state="attached")

    def in_a_terminal(self, *arguments: str) -> str:
        """Run nbrunbook in the clone, in a terminal of the own server, and return what it says, in one line."""
        program = f"{sys.executable} -c 'from nbrunbook.commands import main; main()'"
        said = self.page.evaluate(IN_A_TERMINAL, f"cd ~/shop && {program} {' '.join(arguments)}")
        return " ".join(str(said).split())

    def open(self, link: str) -> None:
        """Follow a link and wait until it is live under the own name."""
        self.page.goto(link)
        self.screen.wait_live()
        self.screen.wait_words(".nbr-header", f"{self.name} (verified: jupyter)")


def test_two_users_of_a_hub_work_on_one_runbook(hub: Hub, screen: OpenScreen) -> None:
    """CI makes the runbook; `work` in each user's server opens it live; each sees the other, all names verified."""
    link = json.loads(hub.in_ci("instantiate", "templates/1.0.ipynb", "-e", "staging", "--json"))["url"]
    without = hub.folder / "home" / "kim" / "shop" / "pyproject.toml"
    without.write_text(without.read_text(encoding="utf-8").replace("open_url", "# "), encoding="utf-8")
    ana, kim = (User(hub, screen, name) for name in ("ana", "kim"))
    assert _worked(hub, ana) == link
    assert _worked(hub, kim) == f"{hub.url}user/kim/lab/tree/shop/{COPY}"

    ana.screen.tick("mail")
    kim.screen.wait_status("mail", "done")
    kim.screen.tick("board")
    ana.screen.wait_status("board", "done")
    assert "done by ana (verified)" in kim.screen.said("mail")
    assert "done by kim (verified)" in ana.screen.said("board")

    _cannot_be_somebody_else(kim)
    assert "here only verified operators approve" in ana.in_a_terminal("approve", KEY, "promote")
    kim.screen.row("promote").get_by_role("button", name="Approve").click()
    ana.screen.wait_words('[data-step="promote"] .nbr-line', "approved by kim (verified)")
    ana.screen.tick("promote")
    assert hub.events() == [
        ("opened", "", "robin", "declared", "ci"),
        ("ticked", "mail", "ana", "verified", "jupyter"),
        ("ticked", "board", "kim", "verified", "jupyter"),
        ("ticked", "tidy", "kim", "verified", "jupyter"),
        ("approved", "promote", "kim", "verified", "jupyter"),
        ("ticked", "promote", "ana", "verified", "jupyter"),
    ]


def _worked(hub: Hub, user: User) -> str:
    """Have a user run `work` in a terminal and follow the link; return that link."""
    user.wait_for_server()
    said = user.in_a_terminal("work", KEY)
    link = re.search(r"http://\S+", said)
    assert link, said
    assert "exit status:0" in said
    user.open(link[0])
    assert user.page.url.startswith(f"{hub.url}user/{user.name}/lab/tree/shop/")
    user.screen.wait_words(".nbr-header", "by robin, commit ")
    user.screen.find(".nbr-header summary").click()
    assert user.page.get_by_role("link", name=PIPELINE).get_attribute("href") == PIPELINE
    return link[0]


def _cannot_be_somebody_else(kim: User) -> None:
    """A name that a user sets, as far as the hub takes it, or has typed before, signs nothing."""
    for body in ({"username": "ana"}, {"name": "ana"}, {"display_name": "ana"}):
        kim.page.evaluate(RENAME, body)
    kim.page.evaluate("(name) => sessionStorage.setItem(name, 'ana')", f"nbrunbook-operator shop {KEY}")
    kim.page.reload()
    kim.screen.wait_live()
    kim.screen.wait_words(".nbr-header", "kim (verified: jupyter)")
    assert kim.page.get_by_role("button", name="Somebody else").count() == 0
    kim.screen.tick("tidy")
    assert "done by kim (verified)" in kim.screen.said("tidy")
