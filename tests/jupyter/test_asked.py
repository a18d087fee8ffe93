"""What a browser asks for, as the kernel takes it in."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.jupyter.asked import Asked
from nbrunbook.project.operator import declared
from nbrunbook.runbook import events


@pytest.mark.parametrize(("said", "text"), [({"reason": "because"}, "because"), ({"reason": 7}, "7"), ({}, "")])
def test_what_comes_with_it_is_text(said: dict[str, Any], text: str) -> None:
    """Whatever a browser sends under a name is text, and empty where it sends nothing."""
    ana = declared("ana", "env")
    asked = Asked(what="skip", event_id=events.new_id(), step="a", message=said, operator=ana, file=None)
    assert asked.text("reason") == text
