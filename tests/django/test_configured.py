"""The setting NBRUNBOOK: every key of the configuration, read with the same checks."""

from __future__ import annotations

from tests.django.hosts import Host

READ = """
from dataclasses import asdict
from pathlib import Path
from django.conf import settings
from nbrunbook.django.configured import configured
from nbrunbook.errors import NbrunbookError
def read(said):
    settings.NBRUNBOOK = said
    try:
        return configured()
    except NbrunbookError as error:
        return str(error)
"""


def test_every_key_of_the_configuration_may_stand_there_in_capitals(host: Host) -> None:
    """Paths and tuples are taken as the strings and lists that TOML would have; None is as if the key were missing."""
    script = """
    site = read({
        "TEMPLATES": Path("steps"), "RUNBOOKS": Path("/srv/runbooks"), "OWNERS": {"dba": ("ana", "ben")},
        "OPERATORS": {"ana@example.com": "ana"}, "ENVIRONMENTS": {"eu": {"group": "production"}}, "ENVIRONMENT": "eu",
        "EXPECT": ("*/migrations/*",), "DATABASE": "ops", "OPEN_URL": None,
    })
    found = site.project
    print(json.dumps([
        found.name, found.is_named, str(found.templates.relative_to(found.root)), str(found.runbooks), found.owners,
        found.operators, found.groups, found.expect, site.environment, site.database, found.journal_setting,
    ]))
    """
    assert host.answers(READ + script.replace("\n    ", "\n")) == [
        *("site_of_shop", True, "steps", "/srv/runbooks", {"dba": ["ana", "ben"]}, {"ana@example.com": "ana"}),
        *(["production"], ["*/migrations/*"], "eu", "ops", None),
    ]


WRONG = {
    "no dict": (["eu"], "settings.NBRUNBOOK: ['eu']; expected a dict"),
    "small letters": (
        {"name": "x"},
        "settings.NBRUNBOOK: unknown key 'name'; expected one of: ENVIRONMENT, DATABASE, NAME",
    ),
    "url": ({"DATABASE": "postgresql://u:secret@h/x"}, 'settings.NBRUNBOOK["DATABASE"] is a URL; expected an alias of'),
    "urls": ({"JOURNAL": ["postgresql://u:secret@h/x"]}, 'settings.NBRUNBOOK["JOURNAL"] is a list; expected a string'),
    "kind": ({"NAME": 3}, 'settings.NBRUNBOOK["NAME"] = 3; expected a string'),
    "in a table": ({"OWNERS": {"dba": 3}}, 'settings.NBRUNBOOK["OWNERS"]: dba = 3; expected a name or a list of names'),
    "table": ({"OWNERS": "ana"}, "settings.NBRUNBOOK[\"OWNERS\"] = 'ana'; expected a dict"),
    "environment": ({"ENVIRONMENT": 3}, 'settings.NBRUNBOOK["ENVIRONMENT"] = 3; expected a string'),
    "not declared": (
        {"ENVIRONMENT": "prod", "ENVIRONMENTS": {"eu": {}}},
        "settings.NBRUNBOOK[\"ENVIRONMENT\"] = 'prod'; expected one of: eu",
    ),
    "password": ({"JOURNAL": "postgresql://me:sesame@h/d"}, 'settings.NBRUNBOOK["JOURNAL"] holds a password'),
    "another type": (
        {"ENVIRONMENTS": {"eu": {"x": {1}}}},
        'settings.NBRUNBOOK["ENVIRONMENTS"]: a value of the type set',
    ),
    "databases": ({"DATABASES": "postgresql://me:sesame@h/d"}, 'settings.NBRUNBOOK["DATABASES"]'),
}


def test_what_is_wrong_names_the_setting(host: Host) -> None:
    """What was found and what was expected, with the key as it is written; no error shows a password."""
    script = f"print(json.dumps([read(said) for said in {[said for said, _ in WRONG.values()]!r}]))"
    said = host.answers(READ + script)
    assert isinstance(said, list)
    for found, (_, expected) in zip(said, WRONG.values(), strict=True):
        assert found.startswith(expected)
        assert "sesame" not in found


def test_the_root_is_base_dir_else_the_folder_of_manage(host: Host) -> None:
    """Where neither is there it is the folder that the settings' package is in."""
    script = """
    import os
    from nbrunbook.django.configured import root
    said = [str(root())]
    os.remove("manage.py")
    print(json.dumps([*said, str(root())]))
    """
    host.set("del BASE_DIR\n")
    assert host.answers(script) == [str(host.root.resolve())] * 2
