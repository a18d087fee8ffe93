"""nbrunbook sign-off."""

from __future__ import annotations

import pytest

from nbrunbook.journal.entries import sha256
from tests.conftest import Workplace
from tests.making import registered, session_on


@pytest.fixture
def key(work: Workplace) -> str:
    """A runbook of a required and an optional step."""
    return registered("- [ ] A {#a}\n- [ ] B {#b .optional}")


def test_a_sign_off_is_refused_while_something_is_open(work: Workplace, key: str) -> None:
    """A sign-off is refused while something required is open, and names it."""
    assert work.run("sign-off", key) == 1
    assert "1 required open: “A”" in work.err
    assert session_on().progress.state == "open"


def test_a_runbook_is_signed_off(work: Workplace, key: str) -> None:
    """When everything required is settled it is signed off, with a note, and says what comes next."""
    assert work.run("tick", key, "a") == 0
    assert work.run("sign-off", key, "--note", "all well") == 0
    assert work.out.startswith("staging/1.0: signed off by ana (declared), ")
    assert "nbrunbook archive staging/1.0" in work.out
    assert session_on().events[-1].data == {"note": "all well"}


def test_the_session_copy_is_kept(work: Workplace, key: str) -> None:
    """The session copy is kept in the journal as it was last saved."""
    copy = work.root / "runbooks" / "_sessions" / "staging@1.0.ipynb"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"as last saved")
    assert work.run("tick", key, "a") == work.run("sign-off", key) == 0
    session = session_on()
    assert session.journal.blob(session.events[-1].data["notebook"]) == b"as last saved"
    assert session.events[-1].data["notebook"] == sha256(b"as last saved")


def test_a_signed_off_runbook_takes_no_ticks(work: Workplace, key: str) -> None:
    """After the sign-off nothing but notes is recorded."""
    assert work.run("tick", key, "a") == work.run("sign-off", key) == 0
    for command in (["tick", key, "b"], ["untick", key, "a", "--reason", "x"], ["sign-off", key]):
        assert work.run(*command) == 1
        assert "signed off" in work.err
    assert work.run("note", key, "afterthought") == 0
