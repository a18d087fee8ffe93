"""Somebody at work on a runbook."""

from __future__ import annotations

import pytest

from nbrunbook.work.session import Session
from tests.conftest import PARAMETERS, Workplace
from tests.making import registered, session_on

STEPS = """## Tell
- [ ] Mail {#mail}
- [ ] Board {#board evidence=link}
- [ ] Promote {#promote .approval}
## If it goes wrong {.if-needed #wrong}
- [ ] Back {#back}
- [ ] Prove {#prove evidence=link}
"""
OF_A_REGION = "- [ ] A {{region}} {#a}"
WITH_REGION = f'{PARAMETERS}\nregion: str = "eu"'


@pytest.fixture
def ana(work: Workplace, engine: str) -> Session:
    """Ana at work on a runbook."""
    return session_on(registered(STEPS))


@pytest.fixture
def regional(work: Workplace) -> str:
    """A runbook that was made with a value of its own, in a template's file that is there."""
    path = work.template(OF_A_REGION, parameters=WITH_REGION)
    assert work.run("instantiate", path, "-e", "staging", "-p", "region", "us") == 0, work.err
    return "staging/1.0"
