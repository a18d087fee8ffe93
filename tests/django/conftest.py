"""A Django project for each test that asks for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.django.hosts import Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A shop on SQLite."""
    return Host(tmp_path / "shop")
