"""System checks: what the settings say is told before anything runs."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from tests.conftest import ROOT
from tests.django.hosts import Host

IDS = re.compile(r"\b([EW]0\d\d)\b")
TOLD = """
from django.conf import settings
from django.core.checks import run_checks
def told(said, deploy=False, **more):
    settings.NBRUNBOOK = said
    return [[each.id, each.msg, each.hint] for each in run_checks(tags=["nbrunbook"], include_deployment_checks=deploy)]
"""


def told(host: Host, script: str) -> Any:
    """Return what a script prints of `told(NBRUNBOOK)`."""
    return host.answers(f"{TOLD}\nprint(json.dumps([{script}]))")


def test_a_site_that_is_well_configured_passes(host: Host) -> None:
    """Nothing is told, also with --deploy."""
    done = host.manage("check", "--deploy", "--tag", "nbrunbook")
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_what_is_wrong_has_an_id(host: Host) -> None:
    """E001 is a setting that is not understood, E002 an alias that is none, W002 that no journal has a place."""
    host.databases["ops"] = {"ENGINE": "django.db.backends.dummy"}
    host.set()
    two = '{"a": {}, "b": {}}'
    unknown, alias, two_of_them, dummy = told(
        host,
        f'told({{"NMAE": 1}}), told({{"DATABASE": "x"}}), told({{"ENVIRONMENTS": {two}}}), told({{"DATABASE": "ops"}})',
    )
    assert unknown[0][:2] == ["nbrunbook.E001", "settings.NBRUNBOOK: unknown key 'NMAE'"]
    assert alias == [
        [
            *("nbrunbook.E002", "settings.NBRUNBOOK[\"DATABASE\"] = 'x' is no alias"),
            "Expected one of settings.DATABASES: default, ops",
        ]
    ]
    assert two_of_them[0][0] == dummy[0][0] == "nbrunbook.W002"
    assert "NBRUNBOOK_JOURNAL=" in two_of_them[0][2]


def test_a_deployed_site_says_where_it_stands(host: Host) -> None:
    """W001, with --deploy only: without ENVIRONMENT no migration waits."""
    quiet, loud = told(host, "told({}), told({}, deploy=True)")
    assert quiet == []
    assert [each[0] for each in loud] == ["nbrunbook.W001"]


def test_a_file_that_says_otherwise_is_told(host: Host) -> None:
    """W003: the same code would have other names in an image, which holds no file; what agrees is not told."""
    host.write("nbrunbook.toml", 'name = "store"\nexpect = ["*/migrations/*"]\n[owners]\ndba = "ana"\n')
    differs, agrees = told(
        host,
        'told({"OWNERS": {"dba": "ana"}, "NAME": "shop"}), '
        'told({"OWNERS": {"dba": "ana"}, "NAME": "store", "EXPECT": ["*/migrations/*"]})',
    )
    assert agrees == []
    ((number, said, _),) = differs
    assert number == "nbrunbook.W003"
    assert said.endswith("says otherwise than NBRUNBOOK of name, expect (the project is 'shop' here and 'store' there)")


def test_a_journal_from_before_is_told(host: Host) -> None:
    """W004: what people have signed is not out of sight in silence; the hint is a command that brings it."""
    host.write("nbrunbook.toml", 'name = "shop"\n')
    old = host.root.resolve() / ".nbrunbook" / "journal.db"
    assert host.manage("runbook", "journal", "init", env={"NBRUNBOOK_JOURNAL": str(old)}).returncode == 0
    script = """
    ((number, said, hint),) = told({"NAME": "shop"})
    print(json.dumps([number, str(Path(said.split()[6])), hint.partition(" (then")[0].split("manage.py ")[1].split()]))
    """
    number, path, copy = host.answers(f"from pathlib import Path\n{TOLD}{textwrap.dedent(script)}")
    assert (number, path) == ("nbrunbook.W004", str(old))
    assert host.manage(*copy, env={"NBRUNBOOK_JOURNAL": str(old)}).returncode == 0
    assert told(host, 'told({"NAME": "shop", "JOURNAL": ".nbrunbook/journal.db"})') == [[]]


def test_every_check_stands_in_the_docs() -> None:
    """Each id that the app's modules name has its row in docs/django.md, and no other one has."""
    told = {
        each for path in (ROOT / "src/nbrunbook/django").rglob("*.py") for each in IDS.findall(path.read_text("utf-8"))
    }
    rows = re.findall(r"^\| `nbrunbook\.([EW]\d{3})` \|", (ROOT / "docs/django.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(rows)
