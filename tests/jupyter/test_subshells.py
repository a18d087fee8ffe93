"""Messages of panels are heard while a cell runs."""

from __future__ import annotations

import importlib.metadata
from types import SimpleNamespace
from typing import Any

import pytest
from ipykernel.comm.comm import BaseComm

from nbrunbook.jupyter import subshells
from nbrunbook.jupyter.subshells import ROUTE, VERSIONS, answer_beside_cells, replaces


class Comm(BaseComm):
    """A comm of ipykernel's, of a kernel with some subshells, on which the thread that runs cells spoke last."""

    def __init__(self, *there: str) -> None:
        super().__init__(primary=False, target_name="jupyter.widget")
        manager = SimpleNamespace(list_subshell=lambda: list(there))
        self.kernel: Any = SimpleNamespace(shell_channel_thread=SimpleNamespace(manager=manager))
        self._reply_subshell_id = None

    def asked(self, subshell: str | None) -> object:
        """Who hears a message for which a browser asks for a subshell."""
        return getattr(self, ROUTE)({}, subshell)

    def publish_msg(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


def test_ipykernel_still_needs_it() -> None:
    """Without us a message goes to the thread that runs cells; when this fails, take `subshells` out."""
    assert importlib.metadata.version("ipykernel") in VERSIONS
    assert Comm("browser's").asked("browser's") is None
    assert replaces()


def test_a_message_is_heard_where_the_browser_asks() -> None:
    """The subshell that was asked for hears it, the main shell only where nobody asked for one."""
    comm = Comm("browser's", "other")
    answer_beside_cells(comm)
    assert (comm.asked("browser's"), comm.asked(None)) == ("browser's", None)


@pytest.mark.parametrize(("there", "heard"), [(("other",), "other"), ((), None)])
def test_a_subshell_that_is_gone_is_replaced(there: tuple[str, ...], heard: str | None) -> None:
    """After a restart the browser goes on asking for the old kernel's: any other has to do."""
    comm = Comm(*there)
    answer_beside_cells(comm)
    assert comm.asked("of the kernel before") == heard


def test_an_unknown_ipykernel_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the version is another one nothing of ipykernel's is replaced."""
    monkeypatch.setattr(subshells, "VERSIONS", subshells.SpecifierSet("<7"))
    comm = Comm("browser's")
    answer_beside_cells(comm)
    assert ROUTE not in vars(comm)
