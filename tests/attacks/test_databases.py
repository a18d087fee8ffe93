"""Configurations that a stranger wrote: what they say of databases is not shown, not opened and not sent."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nbrunbook.project.settings import find_project
from tests.conftest import Workplace
from tests.template.conftest import BATCH

PASSWORD = "hunter2"
READING = (["lint"], ["plan", "1.0"], ["instantiate", "1.0", "-e", "staging"])


@pytest.mark.parametrize(
    "said",
    [
        f"[databases]\neu = 'postgresql://app:{PASSWORD}@eu/shop'\n",
        f"[databases]\neu = {{url = 'sqlite:///eu.db', passwort = '{PASSWORD}'}}\n",
        f"[databases.eu]\nurl = 'postgresql://eu'\npassword = '{PASSWORD}'\n",
        f"databases = ['{PASSWORD}']\n",
        f"[databases]\n'postgresql://app:{PASSWORD}@eu' = 1\n",
    ],
)
def test_no_verb_shows_a_password_that_was_written_down(work: Workplace, said: str) -> None:
    """Each says what is wrong, and where, and nothing of what stands there."""
    work.template("- [ ] A {#a}", code=BATCH)
    Path("nbrunbook.toml").write_text(said)
    for verb in (*READING, ["rehearse", "1.0"], ["pending"], ["status"]):
        assert work.run(*verb) == 1, verb
        assert "nbrunbook.toml: " in work.err
        assert "database" in work.err
        assert PASSWORD not in work.out + work.err


def test_no_database_is_opened_by_reading(work: Workplace) -> None:
    """Neither a host that a configuration names is asked, nor a file made, nor a pipe waited for."""
    os.mkfifo("pipe.db")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        places = f"eu = 'postgresql://127.0.0.1:{port}/x'\nus = 'sqlite:///us.db'\nasia = 'sqlite:///pipe.db'\n"
        Path("nbrunbook.toml").write_text(f"[databases]\n{places}")
        three = BATCH.replace("'eu'", "'eu', 'us', 'asia'")
        code = f"from nbrunbook import batch\n{three}"
        work.template("- [ ] A {#a}", code=code)
        for verb in READING:
            assert work.run(*verb) == 0, work.err
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not Path("us.db").exists()


def test_a_host_that_only_a_file_names_gets_no_password_in_clear(work: Workplace) -> None:
    """Whatever the file says of that: libpq refuses to send it, or a hash that could be sent again."""
    Path("nbrunbook.toml").write_text("[databases]\neu = {url = 'postgresql://evil/x', password = 'EU'}\n")
    assert find_project().databases["eu"].url.endswith("?require_auth=!password,!md5")
    Path("nbrunbook.toml").write_text("[databases]\neu = 'postgresql://evil/x?require_auth=password'\n")
    assert work.run("pending") == 1
    assert "its URL says require_auth" in work.err
