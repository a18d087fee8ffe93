"""What migrations take away from code that runs still."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.review import app_history, removals
from nbrunbook.review.removals import Judged
from tests.review.test_app_history import FIELDS, write

BRAND = "migrations.CreateModel('Brand', fields=[('id', models.BigAutoField(primary_key=True))])"
PROXY = "migrations.CreateModel('Cheap', fields=[], options={'proxy': True})"
STEP = "    runbook_step = '1.0#old-code-gone'\n"


def _judged(tmp_path: Path, operations: str, more: str = "", new: str = "") -> Judged | None:
    write(tmp_path, "0001_initial", f"migrations.CreateModel('Product', fields={FIELDS}), {BRAND}, {PROXY}")
    write(tmp_path, "0002_new", new, "0001_initial")
    path = write(tmp_path, "0003_it", operations, "0002_new", more)
    app = app_history.read(path.parent)
    return removals.judged(path, app, {name: app.migrations[name] for name in ("0002_new", "0003_it")})


def _told(found: Judged | None) -> tuple[list[str], list[str], list[str]]:
    assert found is not None
    one, two, three = ([each.what for each in each] for each in (found.at_once, found.unprepared, found.unguarded))
    return one, two, three


STATE = "migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField('product', '{}')])"
NOT_STATE = "migrations.SeparateDatabaseAndState([migrations.RemoveField('product', '{}')])"


@pytest.mark.parametrize(
    ("operations", "what"),
    [
        ("migrations.RemoveField('Product', 'sku')", "product.sku"),
        ("migrations.RemoveField('product', 'tags')", "product.tags"),
        ("migrations.DeleteModel('Product')", "product"),
        (f"{STATE.format('sku')}, {NOT_STATE.format('sku')}", "product.sku"),
        ("RemoveFieldFromState('product', 'sku'), DropColumn('product', 'sku', x)", "product.sku"),
        (
            f"{STATE.format('brand')}, migrations.RunSQL('ALTER TABLE shop_product DROP brand_id')",
            "product.brand",
        ),
        (
            "migrations.RunSQL('DROP TABLE shop_brand', state_operations=[migrations.DeleteModel('Brand')])",
            "brand",
        ),
        ("migrations.RemoveField(unknown, 'sku')", "….sku"),
    ],
)
def test_a_removal_at_once(tmp_path: Path, operations: str, what: str) -> None:
    """What leaves models and database in one migration is one, by one operation or by several."""
    assert _told(_judged(tmp_path, operations))[0] == [what]


@pytest.mark.parametrize(
    "operations",
    [
        "RemoveFieldFromState('product', 'sku')",
        f"migrations.AlterField('product', 'sku', models.TextField(null=True)), {STATE.format('sku')}",
        STATE.format("note"),
        "migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('Product')])",
        "migrations.DeleteModel('Cheap')",
        "migrations.AddField('product', 'new', models.TextField()), migrations.RemoveField('product', 'new')",
        "migrations.RemoveField('product', 'sku'), migrations.AddField('product', 'sku', models.TextField())",
        "migrations.RemoveIndex('product', 'an_index'), migrations.RemoveConstraint('product', 'a_constraint')",
        "migrations.RunSQL('ALTER TABLE shop_product ADD x int', 'ALTER TABLE shop_product DROP x')",
        "migrations.CreateModel('Other', fields=[]), migrations.RunSQL('DROP TABLE shop_other')",
    ],
)
def test_a_right_one_is_left_alone(tmp_path: Path, operations: str) -> None:
    """First phases, what has no table, what is made here, and the way back are no findings."""
    assert _told(_judged(tmp_path, operations)) == ([], [], [])


def test_what_is_as_new_is_no_removal(tmp_path: Path) -> None:
    """No code that runs knows what another migration of the same branch has brought."""
    new = "migrations.AddField('product', 'new', models.TextField())"
    assert _told(_judged(tmp_path, "migrations.RemoveField('product', 'new')", new=new)) == ([], [], [])


def test_what_is_dropped_waits(tmp_path: Path) -> None:
    """DropColumn, SQL, a function that runs SQL, a removal in the database alone: each drops something."""
    operations = "DropColumn('product', 'sku', x), migrations.RunSQL('DROP TABLE a; ALTER TABLE b DROP COLUMN c')"
    separate = NOT_STATE.format("note")
    assert _told(_judged(tmp_path, f"{operations}, {separate}"))[2] == ["product.sku", "a", "b.c", "product.note"]
    function = "\ndef drop(apps, editor):\n    editor.execute('DROP TABLE d')\n"
    path = write(tmp_path, "0004_it", "migrations.RunPython(drop)", "0003_it", function)
    app = app_history.read(path.parent)
    assert _told(removals.judged(path, app, {}))[2] == ["d"]


def test_a_removal_that_waits_may_be_whole(tmp_path: Path) -> None:
    """With a step, what the new code does without meanwhile may go at once: NULL, and no constraint on other tables."""
    gone = "migrations.RemoveField('product', '{}')"
    every = ", ".join(gone.format(name) for name in ("note", "sku", "brand"))
    assert _told(_judged(tmp_path, every, STEP)) == (["product.sku", "product.brand"], [], ["product.note"])
    assert _told(_judged(tmp_path, "migrations.DeleteModel('Brand')", STEP)) == ([], [], ["brand"])
    assert _told(_judged(tmp_path, "migrations.DeleteModel('Product')", STEP))[0] == ["product"]


def test_a_field_that_is_forgotten_by_hand(tmp_path: Path) -> None:
    """The database goes on asking for its value where nothing lets it do without."""
    assert _told(_judged(tmp_path, STATE.format("sku"))) == ([], ["product.sku"], [])


def test_a_squash_is_left_alone(tmp_path: Path) -> None:
    """What it replaces has been judged, or has run."""
    more = "    replaces = [('shop', '0002_old')]\n"
    assert _judged(tmp_path, "migrations.RemoveField('product', 'sku')", more) is None


def test_many_removals_are_judged_up_to_a_measure(tmp_path: Path) -> None:
    """A migration of many thousand operations is read at once, and told of by its first ones."""
    path = write(tmp_path, "0001_it", ", ".join(f"migrations.RemoveField('x', 'f{i}')" for i in range(20_000)))
    found = removals.judged(path, app_history.read(path.parent), {})
    assert found is not None
    assert len(found.at_once) == removals.MOST
