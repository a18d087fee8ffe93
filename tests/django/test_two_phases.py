"""What the linter writes for a removal in one phase, seen running in Django."""

from __future__ import annotations

import re
from pathlib import Path

from nbrunbook.review import app_history, removals, two_phases
from tests.django.hosts import Host

MODELS = """\
from django.db import models


class Product(models.Model):
    title = models.CharField(max_length=100, default="")
"""
ADDED = """[
    migrations.CreateModel("Old", [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("product", models.ForeignKey("shop.product", on_delete=models.CASCADE)),
        ("others", models.ManyToManyField("shop.product", related_name="+")),
    ]),
    migrations.AddField("product", "sku", models.CharField(max_length=64, default="")),
    migrations.AddField("product", "parent", models.ForeignKey("product", models.CASCADE, null=True, db_column="p")),
]"""
AT_ONCE = ", ".join(
    (*(f'migrations.RemoveField("product", "{name}")' for name in ("sku", "parent")), 'migrations.DeleteModel("Old")')
)
COLUMNS = """
from django.db import connection
with connection.cursor() as cursor:
    tables = connection.introspection.table_names(cursor)
    columns = [each.name for each in connection.introspection.get_table_description(cursor, "shop_product")]
print(json.dumps([sorted(each for each in tables if each.startswith("shop_")), sorted(columns)]))
"""


def test_what_is_written_runs(tmp_path: Path) -> None:
    """The first file keeps every column and table, the second one drops them, and makemigrations has nothing to add."""
    host = Host(tmp_path / "host")
    host.set(ENVIRONMENT=None)  # there is no journal in which its step could be settled
    host.write("shop/models.py", MODELS)
    host.migration("shop", "0002_more", ADDED)
    path = host.migration("shop", "0003_gone", f"[{AT_ONCE}]", after="0002_more")
    app = app_history.read(path.parent)
    found = removals.judged(path, app, {})
    assert found is not None
    text = two_phases.migrations(found, "1.0", app.last)
    first, second, _ = re.split(r"\n\n\n(?=# shop/)|\n\n(?=# The step)", text)
    host.write("shop/migrations/0003_gone.py", first)
    look = 'print(call("migrate"), call("makemigrations", "--check", "--dry-run"))\n' + COLUMNS
    every = ["id", "p", "sku", "title"]
    tables = ["shop_old", "shop_old_others", "shop_product"]
    assert host.answers(look) == [tables, every]
    name = re.match(r"# (shop/migrations/\w+\.py),", second)
    assert name is not None
    host.write(name[1], second)
    assert host.answers(look) == [["shop_product"], ["id", "title"]]
