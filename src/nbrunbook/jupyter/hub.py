"""The JupyterLab or hub that runs around this process: `work` starts none in there.

Its variables: https://jupyterhub.readthedocs.io (JUPYTERHUB_*), jupyter_server_terminals (JUPYTER_SERVER_ROOT)
and jupyter_client (JPY_*).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from nbrunbook.errors import LabError
from nbrunbook.jupyter import server as jupyter_server
from nbrunbook.jupyter.server import Server
from nbrunbook.project import paths


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The Jupyter server that started this process."""

    url: str
    """Where its people reach it: ends in a slash, only a path where the hub does not say more, empty where unknown."""
    shown: Path
    """The folder that it shows."""
    server: Server | None
    """How to ask it from here; None where that is not known."""

    def path(self, file: Path) -> str:
        """Return what the server calls a file; LabError for one that it does not show.

        It shows what links in its folder lead to: where we stand tells by which of them we came.
        """
        for way in (file, *_as_came(file)):
            found = paths.below(way, self.shown)
            if found is not None:
                return found.as_posix()
        raise LabError(f"{file} lies outside of {self.shown}", "a project in the folder that this JupyterLab shows")

    def link(self, path: str) -> str:
        """Return the address of what the server calls `path`, without a token: the browser is logged in."""
        return f"{self.url}lab/tree/{quote(path)}" if self.url else ""


def _as_came(file: Path) -> Iterator[Path]:
    """A file by the path of the working directory as the shell has it, which keeps links."""
    here = Path(os.environ.get("PWD") or ".")
    if here.is_absolute() and here.exists() and here.samefile("."):
        for above in (here, *here.parents):
            if file.is_relative_to(above.resolve()):
                yield above / file.relative_to(above.resolve())


def inside() -> Surroundings | None:
    """Return the Jupyter server that started this process; None outside of one."""
    env = os.environ
    if not any(env.get(name) for name in ("JPY_SESSION_NAME", "JPY_PARENT_PID", "JUPYTERHUB_USER")):
        return None
    parent = env.get("JPY_PARENT_PID", "")
    facts = jupyter_server.server_facts(int(parent)) if parent.isdecimal() else {}
    prefix = env.get("JUPYTERHUB_SERVICE_PREFIX", "")
    home = str(Path.home() if prefix else Path.cwd())
    return Surroundings(
        url=_public(prefix) if prefix else facts.get("url", ""),
        shown=Path(
            env.get("JUPYTER_SERVER_ROOT") or facts.get("root_dir") or env.get("JUPYTERHUB_ROOT_DIR") or home
        ).expanduser(),
        server=_server(env.get("JUPYTERHUB_SERVICE_URL", ""), env.get("JUPYTERHUB_API_TOKEN", ""))
        or _server(facts.get("url", ""), facts.get("token", "")),
    )


def _public(prefix: str) -> str:
    hub = "/".join(os.environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "").split("/")[:3])
    return os.environ.get("JUPYTERHUB_PUBLIC_URL") or f"{hub}{prefix}"


def _server(url: str, token: str) -> Server | None:
    return Server(pid=0, url=f"{url.rstrip('/')}/", token=token) if url and token else None
