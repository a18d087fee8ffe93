"""Somebody at work on a runbook."""

from __future__ import annotations

import pytest

from nbrunbook.work.session import Session
from tests.conftest import Workplace
from tests.making import registered, session_on

STEPS = """## Tell
- [ ] Mail {#mail}
- [ ] Board {#board evidence=link}
- [ ] Promote {#promote .approval}
## If it goes wrong {.if-needed #wrong}
- [ ] Back {#back}
- [ ] Prove {#prove evidence=link}
"""


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook."""
    return session_on(registered(STEPS))
