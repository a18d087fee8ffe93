"""The two migrations to write."""

from __future__ import annotations

import ast
from pathlib import Path

from nbrunbook.review import app_history, removals, two_phases
from tests.review.test_app_history import FIELDS, write


def _written(tmp_path: Path, operations: str, last: str = "0002_it") -> str:
    write(tmp_path, "0001_initial", f"migrations.CreateModel('Product', fields={FIELDS})")
    path = write(tmp_path, "0002_it", operations, "0001_initial")
    app = app_history.read(path.parent)
    found = removals.judged(path, app, {})
    assert found is not None
    return two_phases.migrations(found, "2026.11.0", last)


def test_a_field_in_two_migrations(tmp_path: Path) -> None:
    """The first file keeps its name and its other operations, the second one has the field as it was declared."""
    assert (
        _written(tmp_path, "migrations.RemoveField('product', 'sku'), migrations.RunSQL('SELECT 1')")
        == """\
# shop/migrations/0002_it.py, for this release: Django forgets it, the database keeps it.
from django.db import migrations
from nbrunbook.django.operations import RemoveFieldFromState


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [
        RemoveFieldFromState("product", "sku"),
        # and its other operations, as they are
    ]


# shop/migrations/0003_drop_sku.py, once no old code runs: the database drops it.
from django.db import migrations, models
from nbrunbook.django.operations import DropColumn


class Migration(migrations.Migration):
    runbook_step = "2026.11.0#old-code-gone"
    dependencies = [("shop", "0002_it")]
    operations = [
        DropColumn("product", "sku", models.CharField(max_length=64)),
    ]

# The step that it waits for, in the template of 2026.11.0:
# - [ ] No process that names product.sku runs any more: web, workers, cron, shells {#old-code-gone}"""
    )


def test_what_is_made_of_the_field_goes_first(tmp_path: Path) -> None:
    """An index, a constraint: as makemigrations wrote it, else the field is not forgotten."""
    first = "migrations.RemoveIndex('product', 'by_sku'), migrations.AlterUniqueTogether('product', set())"
    text = _written(tmp_path, f"{first}, migrations.RemoveField('product', 'sku')")
    assert (
        """
    operations = [
        migrations.RemoveIndex(model_name='product', name='by_sku'),
        migrations.AlterUniqueTogether(name='product', unique_together=set()),
        RemoveFieldFromState("product", "sku"),
    ]
"""
        in text
    )


def test_what_a_field_needs_is_imported(tmp_path: Path) -> None:
    """Imports of the migration that declared it come along, and no others."""
    text = _written(tmp_path, "migrations.RemoveField('product', 'price')")
    assert "from django.db import migrations\nimport shop.money\nfrom nbrunbook.django.operations" in text
    assert 'DropColumn("product", "price", shop.money.Money(default=0))' in text


def test_a_model_in_two_migrations(tmp_path: Path) -> None:
    """Its foreign keys are forgotten first, which lets their rows go; then its tables are dropped by their names."""
    text = _written(tmp_path, "migrations.DeleteModel('Product')", "0009_last")
    assert (
        """
        RemoveFieldFromState("product", "brand"),
        RemoveFieldFromState("product", "maker"),
        RemoveFieldFromState("product", "tags"),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("product")]),
    ]
"""
        in text
    )
    assert "# shop/migrations/0010_drop_product.py" in text
    assert 'dependencies = [("shop", "0009_last")]' in text
    assert text.index("""'DROP TABLE "shop_product_tags"'""") < text.index("""'DROP TABLE "shop_product"'""")
    assert "DropColumn" not in text


def test_what_goes_by_sql_is_written_by_its_model(tmp_path: Path) -> None:
    """The SQL of a removal is replaced by DropColumn: once, and with the field's own declaration."""
    state = "[migrations.RemoveField('product', 'sku')]"
    sql = "'ALTER TABLE shop_product DROP COLUMN sku'"
    text = _written(tmp_path, f"migrations.RunSQL({sql}, state_operations={state})")
    assert text.count('RemoveFieldFromState("product", "sku")') == 1
    assert text.count('DropColumn("product", "sku", models.CharField(max_length=64))') == 1
    assert "RunSQL" not in text


def test_fields_that_go_with_their_model(tmp_path: Path) -> None:
    """Django's own writer takes the relations out first; their columns go with the table, which knows no model then."""
    gone = ", ".join(f"migrations.RemoveField('product', '{name}')" for name in ("brand", "maker", "tags"))
    text = _written(tmp_path, f"{gone}, migrations.DeleteModel('Product')")
    assert "DropColumn" not in text
    assert text.index("""'DROP TABLE "shop_product_tags"'""") < text.index("""'DROP TABLE "shop_product"'""")


def test_a_strangers_text_ends_no_string_and_no_line(tmp_path: Path) -> None:
    """What a migration calls its fields, tables and dependencies is quoted in what is to be copied."""
    evil = "x\\\")\nimport os\n# '"
    operations = f"migrations.RemoveField('product', {evil!r}), migrations.DeleteModel('Product')"
    text = _written(tmp_path, operations, f"0002{evil}")
    for each in text.split("\n\n\n# "):
        assert not any(isinstance(one, ast.Import) for one in ast.walk(ast.parse(f"# {each}")))
    assert two_phases.python("größe\ud800") == '"größe\\ud800"'
    assert ast.literal_eval(two_phases.python(evil)) == evil == ast.literal_eval(two_phases.python(evil, "'"))
