"""Checks that look in a rehearsal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from tests.automation.conftest import lives
from tests.conftest import PARAMETERS, Workplace
from tests.running import wait_for

DECLARED = f"from nbrunbook import check\n{PARAMETERS}"


def test_an_interrupt_ends_a_check_that_looks(work: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ctrl-C while a check looks: exit status 130, nothing of it lives, and what is thrown away is gone."""
    code = "import os, time\nfrom pathlib import Path\n@check('a')\ndef a():\n"
    code += "    Path('pid').write_text(str(os.getpid()))\n    while True:\n        time.sleep(0.01)"
    path = work.template("- [ ] A {#a}", parameters=DECLARED, code=code)
    throw_away = tmp_path_factory.mktemp("throw-away")
    begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{begin}; from nbrunbook.commands import main; main()", "rehearse", str(path)]
    environment = {**os.environ, "TMPDIR": str(throw_away)}
    running = subprocess.Popen([*command, "--checks"], env=environment, stderr=subprocess.PIPE)
    pid = work.root / "pid"
    number = int(wait_for(lambda: pid.exists() and pid.read_text(encoding="utf-8")))
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    assert running.returncode == 130
    assert not lives(number)
    assert list(throw_away.iterdir()) == []
