"""A site's settings are read wherever it is about the journal: by the plain command line, and by a run's processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import ROOT, template_bytes
from tests.django.hosts import Host

IN_ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "site_of_shop.settings"}
CODE = """\
from nbrunbook import check
from shop.models import Product

@check("rows")
def rows():
    return f"{Product.objects.count()} products"
"""


def plain(host: Host, *calls: list[str], env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run plain command lines in a site's folder, in one process that prints at last how each exits."""
    script = f"import sys; from nbrunbook.commands import run; print([run(each) for each in {calls!r}])"
    command = [host.python, "-c", f"{script}; print('django' in sys.modules)"]
    return subprocess.run(command, cwd=host.root, env=host.environ(env), capture_output=True, text=True, timeout=300)


def test_a_step_s_code_imports_the_site_s_models(host: Host) -> None:
    """A run that manage.py starts has the settings, in its supervisor and its child; the plain command line, too."""
    host.write("templates/1.0.ipynb", template_bytes("- [ ] Look {#rows}", code=CODE).decode())
    host.run("call('migrate'); call('runbook', 'journal', 'init'); call('runbook', 'instantiate', '--pending')")
    run = host.manage("runbook", "run", "production/1.0", "rows")
    assert (run.returncode, run.stdout.splitlines()[1:]) == (0, ["0 products"])
    status = plain(host, ["status"], env=IN_ENVIRONMENT)
    assert status.stdout.startswith("production/1.0  1 of 1 done")
    assert "db.nbrunbook.sqlite3" in status.stderr


def test_a_plain_command_line_makes_no_second_journal(host: Host) -> None:
    """Beside a manage.py it refuses in one line, whatever it would do to the journal; a named one is taken."""
    host.write("nbrunbook.toml", 'name = "shop"\n')
    calls = [["status"], ["journal", "init"], ["instantiate", "--pending", "-e", "x"], ["verify", "--all"]]
    done = plain(host, *calls)
    assert done.stdout == "[1, 1, 1, 1]\nFalse\n"
    told = done.stderr.splitlines()
    assert len(told) == 4
    assert all(
        each.startswith("error: the journal is the Django site's") and "manage.py runbook" in each for each in told
    )
    assert not (host.root / ".nbrunbook").exists()
    assert "[0]" in plain(host, ["journal", "init"], env={"NBRUNBOOK_JOURNAL": "own.db"}).stdout


def test_who_reads_files_only_runs_no_settings(host: Host) -> None:
    """Strangers' checkouts are linted, planned and compared: their settings are not run for it."""
    host.write("nbrunbook.toml", 'name = "shop"\n')
    host.write("templates/1.0.md", "# 1.0\n\n- [ ] A {#a}\n")
    host.write("site_of_shop/settings.py", "raise SystemExit('the settings were run')\n")
    done = plain(host, ["lint"], ["plan", "1.0"], ["export", "templates/1.0.md"], ["new", "2.0"], env=IN_ENVIRONMENT)
    assert done.stdout.splitlines()[-2:] == ["[0, 0, 0, 0]", "False"]


def test_settings_that_cannot_be_read_are_told_in_one_line(host: Host) -> None:
    """What was found, and how to go on without them."""
    assert plain(host, ["status"], env={"DJANGO_SETTINGS_MODULE": "nowhere.settings"}).stderr == (
        "error: the settings that DJANGO_SETTINGS_MODULE names (nowhere.settings) cannot be set up: "
        "ModuleNotFoundError: No module named 'nowhere'; expected what manage.py reads; "
        "mend them, or unset DJANGO_SETTINGS_MODULE\n"
    )


def test_a_project_elsewhere_that_is_configured_is_not_the_site_s(host: Host, tmp_path: Path) -> None:
    """Whoever has the variable set, and goes to work on something else, works on that."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "nbrunbook.toml").write_text('name = "other"\n', encoding="utf-8")
    script = "from nbrunbook.work.naming import project_here; print(project_here().name)"
    env = host.environ({**IN_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", host.root)))})
    for folder, name in ((elsewhere, "other"), (tmp_path, "shop"), (host.root / "shop", "shop")):
        done = subprocess.run([host.python, "-c", script], cwd=folder, env=env, capture_output=True, text=True)
        assert done.stdout == f"{name}\n", done.stderr
