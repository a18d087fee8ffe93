"""A runbook that is done, and its record."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from nbrunbook.work.archive import archive
from nbrunbook.work.session import Session
from tests.conftest import MakeRunbook
from tests.making import TELL_PEOPLE, all_ticked


@pytest.fixture
def ana(runbook: MakeRunbook) -> Session:
    """Ana, who ticked everything."""
    return all_ticked(runbook(TELL_PEOPLE))


Signed = Path


@pytest.fixture
def signed(ana: Session) -> Signed:
    """The record of a signed-off runbook."""
    ana.sign_off(None)
    return archive(ana, find_project()).path
