"""Django's migrations as texts."""

from __future__ import annotations

import pytest

from nbrunbook.documents import migrations
from nbrunbook.documents.migrations import Migration

BEGIN = "from django.db import migrations as m\nfrom django.db.migrations import RemoveField as Gone\n"


def _read(body: str, before: str = "") -> Migration:
    found = migrations.read(f"{BEGIN}{before}\nclass Migration(m.Migration):\n    {body}\n")
    assert found is not None
    return found


def _told(body: str, before: str = "") -> list[tuple[str, str, str, bool, bool]]:
    found = _read(body, before).operations
    return [(each.kind, each.model, each.field, each.in_state, each.in_database) for each in found]


@pytest.mark.parametrize(
    "body",
    [
        "operations = [m.RemoveField('Product', 'sku')]",
        "operations = [m.RemoveField(name='sku', model_name='product')]",
        "operations = (Gone('product', 'sku'),)",
        "operations = OPERATIONS",
        "operations = [*OPERATIONS]",
        "operations = list(OPERATIONS)",
        "operations = []\n    operations += OPERATIONS",
        "operations: list[object] = [] + OPERATIONS",
    ],
)
def test_an_operation_is_found_however_it_is_written(body: str) -> None:
    """By place or by name, under another name, in a constant, in parts: it is one RemoveField."""
    before = "OPERATIONS = [m.RemoveField('product', 'sku')]"
    assert _told(body, before) == [("RemoveField", "product", "sku", True, True)]


def test_what_is_computed_is_found_without_its_name() -> None:
    """In a loop or behind a condition it stands once; a name that is put together is not known."""
    assert _told("operations = [m.RemoveField(each, f'{each}_id') for each in ('a', 'b')]") == [
        ("RemoveField", "", "", True, True)
    ]
    assert _told("operations = [m.DeleteModel('A')] if True else []") == [("DeleteModel", "a", "", True, True)]
    assert _told("operations = LOOP", "LOOP = [LOOP]") == []


def test_the_two_lists_of_a_separation() -> None:
    """What stands in one of them is in the database alone, or in the state alone; RunSQL has such a list too."""
    both = "m.SeparateDatabaseAndState([m.RunSQL('x')], state_operations=[m.RemoveField('a', 'b')])"
    assert _told(f"operations = [{both}, m.RunSQL('y', state_operations=[m.DeleteModel('A')])]") == [
        ("RunSQL", "", "", False, True),
        ("RemoveField", "a", "b", True, False),
        ("RunSQL", "", "", True, True),
        ("DeleteModel", "a", "", True, False),
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'DROP TABLE a'", "DROP TABLE a"),
        ("['DROP TABLE a', ('DELETE FROM b WHERE c = %s', ['d'])]", "DROP TABLE a;\nDELETE FROM b WHERE c = %s"),
        ("'DROP ' + 'TABLE a'", "DROP TABLE a"),
        ("f'DROP TABLE {TABLE}'", "DROP TABLE shop_old"),
        ("f'DROP TABLE {self.table}'", "DROP TABLE table"),
        ("'DROP TABLE {}'.format('a')", "DROP TABLE {};\na"),
        ("SQL", "DROP TABLE b"),
        ("m.RunSQL.noop", ""),
        ("open('a.sql').read()", "a.sql"),
    ],
)
def test_the_sql_of_a_run(sql: str, expected: str) -> None:
    """A text, a list, pairs with parameters, constants of the module: what stands there is read, and nothing is run."""
    migration = _read(f"operations = [m.RunSQL({sql}, 'DROP TABLE back')]", "TABLE = 'shop_old'\nSQL = 'DROP TABLE b'")
    assert migration.sql_of(migration.operations[0]) == expected


def test_the_texts_of_a_function() -> None:
    """A RunPython's own function is read, with what it calls; the one that takes it back, and what is told, is not."""
    before = (
        "def do(apps, editor):\n    'Drop table x.'\n    editor.execute(f'DROP TABLE {apps.x}')\n    more(editor)\n"
        "def more(editor):\n    editor.execute('DROP TABLE ' + NAME)\n    do(None, editor)\n"
    )
    migration = _read(
        "operations = [m.RunPython(do, more), m.RunPython(a.do), m.RunPython(lambda a, e: more(e))]", before
    )
    assert [migration.sql_of(each) for each in migration.operations] == [
        "DROP TABLE x;\nDROP TABLE NAME",
        "",
        "DROP TABLE NAME;\nDROP TABLE x",
    ]


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("R = m.RemoveField", "operations = [R('a', 'b')]"),
        ("try:\n    from x import RemoveField as R\nexcept ImportError:\n    pass", "operations = [R('a', 'b')]"),
        ("", "if SOMETHING:\n        operations = [m.RemoveField('a', 'b')]"),
        ("", "operations = []\n    operations.append(m.RemoveField('a', 'b'))"),
        ("def made():\n    return [m.RemoveField('a', 'b')]", "operations = made()"),
    ],
)
def test_operations_that_come_by_another_way(before: str, body: str) -> None:
    """Under another name, in a condition, added afterwards, returned by a function of the file."""
    assert [(each.kind, each.model) for each in _read(body, before).operations] == [("RemoveField", "a")]


def test_names_of_names_come_to_an_end() -> None:
    """Lists and texts that hold each other's names many times over are read up to a measure, and at once."""
    lists = "".join(f"A{i + 1} = [{f'A{i}, ' * 20}]\n" for i in range(9))
    texts = "".join(f"S{i + 1} = {' + '.join([f'S{i}'] * 20)}\n" for i in range(9))
    before = f"A0 = [m.RunSQL(S8), m.RunSQL(LONG)]\n{lists}S0 = 'DROP TABLE x;'\n{texts}"
    before += f"B = '{'x' * 100_000}'\nLONG = f'{'{B}' * 1000}'"
    migration = _read("operations = A9", before)
    assert len(migration.operations) == 2
    assert sum(len(migration.sql_of(each)) for each in migration.operations) <= 2 * migrations.MOST


def test_what_it_waits_for_replaces_and_depends_on() -> None:
    """The class's attributes are read; one that is computed is there, and empty."""
    migration = _read(
        "runbook_step = '1.0#gone'\n    replaces = [('shop', '0001_a'), ('shop', '0002_b')]\n"
        "    dependencies = [('shop', '0003_c'), m.swappable_dependency(x)]"
    )
    assert (migration.runbook_step, migration.dependencies) == ("1.0#gone", (("shop", "0003_c"),))
    assert migration.replaces == (("shop", "0001_a"), ("shop", "0002_b"))
    assert [_read(body).runbook_step for body in ("pass", "runbook_step = None", "runbook_step = step()")] == [
        None, None, "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "class Migration: pass",
        "class Migration(Thing):\n    operations = []",
        "class Other(Migration): pass",
        "class Migration(m.Migration: pass",
        "class Migration(m.Migration):\n    operations = " + "[" * 5000 + "]" * 5000,
        "Migration\0",
    ],
)
def test_what_is_none(text: str) -> None:
    """Another class, no Python, and what nobody can read are no migrations."""
    assert migrations.read(text) is None
