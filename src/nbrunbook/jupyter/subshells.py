"""Comms that are heard beside cells: what ipykernel 7.4 does not do by itself.

JupyterLab 4.6 asks for a subshell, a thread of its own, so that a widget's messages are heard while a cell runs.
ipykernel 7.4 (the versions of VERSIONS) hands them to the thread that last spoke on the comm instead, which is
the one that runs cells; and JupyterLab goes on asking for the subshell of a kernel that was restarted.
A test fails once ipykernel no longer needs this.
"""

from __future__ import annotations

import importlib.metadata
from typing import Any

from packaging.specifiers import SpecifierSet

VERSIONS = SpecifierSet(">=7.4,<8")
"""Of ipykernel: those whose comms decide in ROUTE who hears a message. Others are left alone."""
ROUTE = "_reply_subshell_for"
"""The method of ipykernel's comms that is replaced: from a message's data and the subshell asked for to the one."""


def answer_beside_cells(comm: Any) -> None:
    """Let a comm's messages be heard in the subshell that the browser asks for; any other where that one is gone.

    Repeating is safe. A comm outside of a kernel, and one without ROUTE, stays as it is.
    """
    thread = getattr(getattr(comm, "kernel", None), "shell_channel_thread", None)
    if thread is None or not replaces():
        return

    def route(_: object, asked: str | None) -> str | None:
        there: list[str] = thread.manager.list_subshell()
        return asked if asked is None or asked in there else next(iter(there), None)

    setattr(comm, ROUTE, route)


def replaces() -> bool:
    """Tell whether this kernel's comms have the method that is replaced, in a version that is known to need it."""
    try:
        from ipykernel.comm.comm import BaseComm
    except ImportError:
        return False
    return hasattr(BaseComm, ROUTE) and importlib.metadata.version("ipykernel") in VERSIONS
