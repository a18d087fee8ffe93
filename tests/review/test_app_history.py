"""What an app's migrations come to."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.review import app_history

HEAD = "import django.db.models.deletion as gone\nfrom django.db import migrations, models\nimport shop.money\n\n"


def write(folder: Path, name: str, operations: str, depends: str = "", more: str = "") -> Path:
    """Write a migration of the app `shop`, which depends on another one."""
    path = folder / "shop" / "migrations" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    needed = f"('shop', '{depends}')" if depends else ""
    body = f"    dependencies = [{needed}]\n    operations = [{operations}]\n{more}"
    path.write_text(f"{HEAD}class Migration(migrations.Migration):\n{body}", encoding="utf-8")
    return path


FIELDS = """[
    ("id", models.BigAutoField(primary_key=True)),
    ("sku", models.CharField(max_length=64)),
    ("note", models.TextField(null=True)),
    ("price", shop.money.Money(default=0)),
    ("brand", models.ForeignKey("shop.brand", on_delete=gone.CASCADE)),
    ("maker", models.ForeignKey("shop.brand", on_delete=gone.CASCADE, db_column="made_by")),
    ("tags", models.ManyToManyField("shop.tag")),
]"""


def test_models_as_they_were(tmp_path: Path) -> None:
    """Fields come, change and go in the order of the dependencies, whatever the files are called."""
    write(tmp_path, "0001_initial", f"migrations.CreateModel('Product', fields={FIELDS})")
    write(tmp_path, "9_more", "migrations.AddField('Product', 'size', models.TextField(db_default=''))", "0001_initial")
    write(tmp_path, "0002_renamed", "migrations.RenameField('product', 'size', 'length')", "9_more")
    last = write(tmp_path, "0003_last", "migrations.RenameModel('Product', 'Thing')", "0002_renamed")
    write(tmp_path, "0004_later", "migrations.DeleteModel('Thing')", "0003_last")
    app = app_history.read(last.parent)
    assert (app.label, app.last) == ("shop", "9_more")
    before, after = app.before("0003_last")["product"], app.before("0004_later")["thing"]
    assert (before.table, after.table) == ("shop_product", "shop_thing")
    assert [*before.fields] == ["id", "sku", "note", "price", "brand", "maker", "tags", "length"]
    assert [before.column(name) for name in before.fields] == [
        "id", "sku", "note", "price", "brand_id", "made_by", "", "length",
    ]  # fmt: skip


def test_what_a_field_asks_for(tmp_path: Path) -> None:
    """A field without NULL or db_default needs a value, one that points elsewhere holds rows; imports go with it."""
    path = write(tmp_path, "0001_initial", f"migrations.CreateModel(name='Product', fields={FIELDS})")
    write(tmp_path, "0002_none", "", "0001_initial")
    fields = app_history.read(path.parent).before("0002_none")["product"].fields
    assert [name for name, each in fields.items() if each.needs_a_value] == ["id", "sku", "price", "brand", "maker"]
    assert [name for name, each in fields.items() if each.points] == ["brand", "maker", "tags"]
    assert (fields["price"].source, fields["price"].imports) == ("shop.money.Money(default=0)", ("import shop.money",))
    assert fields["brand"].imports == ("import django.db.models.deletion as gone", "from django.db import models")


def test_what_no_table_is_of(tmp_path: Path) -> None:
    """A proxy and an unmanaged model have none; a table may have a name of its own."""
    made = "migrations.CreateModel('{}', fields=[], options={{{}}})"
    options = {"A": "'proxy': True", "B": "'managed': False", "C": "'db_table': 'c_table'"}
    path = write(tmp_path, "0001_initial", ", ".join(made.format(*pair) for pair in options.items()))
    write(tmp_path, "0002_moved", "migrations.AlterModelTable('A', 'new')", "0001_initial")
    write(tmp_path, "0003_none", "", "0002_moved")
    models = app_history.read(path.parent).before("0003_none")
    assert {name: (each.stored, each.table) for name, each in models.items()} == {
        "a": (False, "new"),
        "b": (False, "shop_b"),
        "c": (True, "c_table"),
    }


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """No Python, no migration, a circle, a squash in the place of what it replaces: what is known is told."""
    squash = "    replaces = [('shop', '0001_initial')]\n"
    path = write(tmp_path, "0001_squashed", f"migrations.CreateModel('Product', fields={FIELDS})", more=squash)
    write(tmp_path, "0002_a", "migrations.RemoveField('product', 'sku')", "0001_initial")
    write(tmp_path, "0003_b", "", "0003_b")
    (path.parent / "__init__.py").write_text("")
    (path.parent / "broken.py").write_text("class Migration(")
    app = app_history.read(path.parent)
    assert [*app.migrations] == ["0001_squashed", "0002_a", "0003_b"]
    assert (app.before("0003_b"), app.before("nothing")) == ({}, {})
    assert "sku" in app.before("0002_a")["product"].fields
