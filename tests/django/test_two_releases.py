"""A removal in a real project: two versions of an app beside each other on one database, by manage.py alone."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host

OLD = """\
from django.db import models


class Owner(models.Model):
    name = models.CharField(max_length=40)


class Product(models.Model):
    title = models.CharField(max_length=100, default="")
    sku = models.CharField(max_length=64)
    state = models.CharField(max_length=9, default="new", db_column="State")
    owner = models.ForeignKey(Owner, models.CASCADE)
    fans = models.ManyToManyField(Owner, related_name="liked")

    class Meta:
        indexes = [models.Index(fields=["sku", "state"], name="by_sku")]
        constraints = [models.UniqueConstraint(fields=["title", "sku"], name="once")]
"""
NEW = """\
from django.db import models


class Owner(models.Model):
    name = models.CharField(max_length=40)


class Product(models.Model):
    title = models.CharField(max_length=100, default="")
"""
GONE = ("fans", "owner", "sku", "state")
DROP = """\
from django.db import migrations, models

from nbrunbook.django.operations import DropColumn


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_forget")]
    operations = [
        DropColumn("product", "fans", models.ManyToManyField("shop.Owner", related_name="liked")),
        DropColumn("product", "owner", models.ForeignKey("shop.Owner", models.CASCADE)),
        DropColumn("product", "sku", models.CharField(max_length=64)),
        DropColumn(
            "product", "state", models.CharField(max_length=9, default="new", db_column="State")
        ),
    ]
"""
MIGRATE = """
def migrate():
    call_command("migrate", interactive=False, verbosity=0)
"""
OLD_WRITES = """
from shop.models import Owner, Product
owner = Owner.objects.create(name="ada")
product = Product.objects.create(title=TITLE, sku="a1", owner=owner)
product.fans.add(owner)
Product.objects.filter(pk=product.pk).update(sku="a2", state="old")
Product.objects.create(title="away", sku="b", owner=owner).delete()
print(json.dumps([list(each) for each in Product.objects.order_by("pk").values_list("title", "sku", "state")]))
"""
NEW_WRITES = """
from shop.models import Owner, Product
product = Product.objects.create(title="by the new")
Product.objects.filter(pk=product.pk).update(title="by the new one")
Product.objects.create(title="away").delete()
Owner.objects.order_by("pk").first().delete()
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, dict[str, object]]:
    """Two databases, so that a squash has an empty one."""
    if request.param == "sqlite":
        return {name: hosts.sqlite(tmp_path / f"{name}.sqlite3") for name in ("default", "other")}
    server: Server = request.getfixturevalue("postgres")
    return {name: hosts.postgres(server.fresh()) for name in ("default", "other")}


@pytest.fixture
def old(tmp_path: Path, databases: dict[str, dict[str, object]]) -> Host:
    """The release before, migrated, with rows."""
    host = Host(tmp_path / "old", databases=databases)
    host.write("shop/models.py", OLD)
    (host.root / "shop/migrations/0001_initial.py").unlink()
    host.run("call('makemigrations', 'shop')")
    assert written(host, "migrate(); TITLE = 'before'", OLD_WRITES) == [["before", "a2", "old"]]
    return host


@pytest.fixture
def new(old: Host, tmp_path: Path, databases: dict[str, dict[str, object]]) -> Host:
    """The release that forgets, its migration as makemigrations wrote it but for the operation's name."""
    host = Host(tmp_path / "new", databases=databases)
    initial = "shop/migrations/0001_initial.py"
    host.write(initial, (old.root / initial).read_text())
    host.write("shop/models.py", NEW)
    host.run("call('makemigrations', 'shop', '--name', 'forget')")
    made = host.root / "shop/migrations/0002_forget.py"
    text = made.read_text()
    assert text.count("migrations.RemoveField(") == len(GONE)
    text = text.replace("migrations.RemoveField(", "nbrunbook.django.operations.RemoveFieldFromState(")
    made.write_text("import nbrunbook.django.operations\n" + text)
    return host


def written(host: Host, *scripts: str) -> object:
    """What a script of a version of the code says at its end."""
    return host.answers(MIGRATE + "\n".join(scripts))


def test_both_versions_write_between_the_releases(old: Host, new: Host) -> None:
    """The old code inserts, updates and deletes before and beside the new one; the column goes with the second."""
    after_forgetting = """
    assert "No changes" in call("makemigrations", "--check")
    sql = call("sqlmigrate", "shop", "0002")
    assert "DROP COLUMN" not in sql, sql
    migrate()
    assert "No changes" in call("makemigrations", "--check")
    """
    new.run(MIGRATE + dedent(after_forgetting) + NEW_WRITES)
    rows = written(old, "TITLE = 'beside'", OLD_WRITES)
    assert rows == [["before", "a2", "old"], ["by the new one", None, "new"], ["beside", "a2", "old"]]
    altering = [
        f"migrations.AlterField('product', 'title', models.CharField(default='', max_length={n}))" for n in (90, 100)
    ]
    new.migration("shop", "0003_alter", f"[{', '.join(altering)}]", after="0002_forget")
    new.run(MIGRATE + "migrate()\n" + NEW_WRITES)
    old.run(f"TITLE = 'altered'\n{OLD_WRITES}")
    new.write("shop/migrations/0004_drop.py", DROP.replace("0002_forget", "0003_alter"))
    dropping = """
    sql = call("sqlmigrate", "shop", "0004")
    assert sql.count("DROP COLUMN") + sql.count('DROP TABLE "shop_product"') == 3, sql
    assert 'DROP TABLE "shop_product_fans"' in sql and "CASCADE" not in sql, sql
    migrate()
    assert call("sqlmigrate", "shop", "0004", "--backwards").count("ADD COLUMN") == 3
    assert "Forget field owner" in call("sqlmigrate", "shop", "0002", "--backwards")
    assert "No changes" in call("makemigrations", "--check")
    from django.db import connection
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "shop_product")
        tables = connection.introspection.table_names(cursor)
    from shop.models import Product
    assert "shop_product_fans" not in tables
    print(json.dumps([[each.name for each in columns], Product.objects.count()]))
    """
    assert written(new, dedent(dropping)) == [["id", "title"], 5]
    assert old.manage("shell", "-c", "from shop.models import Product; list(Product.objects.all())").returncode == 1


def test_going_back_is_refused_in_words_and_whole(old: Host, new: Host) -> None:
    """Rows without a value stop it with exit status 1; once they have one it goes back to the release before."""
    new.write("shop/migrations/0003_drop.py", DROP)
    new.run(MIGRATE + "migrate()\n" + NEW_WRITES)
    refused = new.manage("migrate", "shop", "0001")
    assert refused.returncode == 1
    assert "CommandError: shop.Product.sku: rows have no value: 2, and the field needs one" in refused.stderr
    assert "Traceback" not in refused.stderr
    filling = """
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_owner (name) VALUES ('again')")
        cursor.execute("UPDATE shop_product SET owner_id = (SELECT max(id) FROM shop_owner), sku = 'back'")
    assert "[X] 0002_forget" in call("showmigrations", "shop")
    call_command("migrate", "shop", "0001", verbosity=0)
    """
    new.run(dedent(filling))
    assert written(old, "TITLE = 'after'", OLD_WRITES) == [
        ["before", "back", "new"], ["by the new one", "back", "new"], ["after", "a2", "old"]
    ]  # fmt: skip


def test_a_squash_makes_the_same_tables(new: Host) -> None:
    """An empty database never sees the columns, and the one that went the long way is not touched."""
    new.write("shop/migrations/0003_drop.py", DROP)
    squashing = """
    call("squashmigrations", "shop", "0001", "0003", "--no-input")
    """
    new.run(MIGRATE + "migrate()\n" + dedent(squashing))
    squash = next((new.root / "shop/migrations").glob("0001_*squashed*.py"))
    assert '"sku"' not in squash.read_text().replace("'", '"').partition("DropColumn")[0]
    checking = """
    from django.db import connections
    call_command("migrate", "--database", "other", verbosity=0)
    call_command("migrate", verbosity=0)
    assert "No changes" in call("makemigrations", "--check")
    found = []
    for alias in ("default", "other"):
        with connections[alias].cursor() as cursor:
            columns = connections[alias].introspection.get_table_description(cursor, "shop_product")
            found.append([each.name for each in columns])
            found.append(sorted(connections[alias].introspection.table_names(cursor)))
    print(json.dumps(found))
    """
    found = new.answers(dedent(checking))
    assert isinstance(found, list)
    assert (found[0], found[1]) == (found[2], found[3])
    assert found[0] == ["id", "title"]
