"""What may come between the two releases, or is a mistake: `python -m tests.django.odd_removals DATABASES`."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings

import django


def main(databases: dict[str, Any]) -> None:
    """Print what was seen or said in each case, as JSON."""
    settings.configure(
        DATABASES=databases, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True
    )
    django.setup()
    print(
        json.dumps(
            {
                each.__name__: each()
                for each in (renamed, target_gone, inherited, by_hand, mistakes, refused, depended_on, locked)
            }
        )
    )


def shop(**options: Any) -> Any:
    """A state with products that have a bit of everything."""
    from django.db import models
    from django.db.migrations.state import ModelState, ProjectState

    state, key = ProjectState(), ("id", models.BigAutoField(primary_key=True))
    state.add_model(ModelState("shop", "Owner", [key]))
    fields = [key, ("title", models.CharField(max_length=9)), *fields_that_go().items()]
    state.add_model(ModelState("shop", "Product", fields, options))
    return state


def fields_that_go() -> dict[str, Any]:
    """The fields that are removed."""
    from django.db import models

    return {
        "sku": models.CharField(max_length=9, db_column="SKU"),
        "owner": models.ForeignKey("shop.Owner", models.CASCADE, db_index=False),
        "fans": models.ManyToManyField("shop.Owner", related_name="liked"),
    }


def made(state: Any) -> Any:
    """Make the tables anew, and return the state."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("DROP VIEW IF EXISTS looks")
        for table in sorted(connection.introspection.table_names(cursor), reverse=True):
            cursor.execute(f'DROP TABLE "{table}"' + " CASCADE" * (connection.vendor == "postgresql"))
    with connection.schema_editor() as editor:
        for name in ("Owner", "Product"):
            editor.create_model(state.apps.get_model("shop", name))
    return state


def done(state: Any, *operations: Any, backwards: bool = False) -> Any:
    """Do some operations, and return the state after them."""
    from django.db import connection

    for each in operations:
        new = state.clone()
        each.state_forwards("shop", new)
        with connection.schema_editor() as editor:
            if backwards:
                each.database_backwards("shop", editor, new, state)
            else:
                each.database_forwards("shop", editor, state, new)
        state = state if backwards else new
    return state


def said(state: Any, *operations: Any, backwards: bool = False) -> str:
    """What an operation says that is refused."""
    from django.core.management import CommandError

    try:
        done(state, *operations, backwards=backwards)
    except CommandError as error:
        return str(error)
    return "nothing"


def schema() -> dict[str, list[str]]:
    """Each table and its columns."""
    from django.db import connection

    with connection.cursor() as cursor:
        return {
            table: sorted(each.name for each in connection.introspection.get_table_description(cursor, table))
            for table in sorted(connection.introspection.table_names(cursor))
        }


def forget_all() -> list[Any]:
    """One operation a field."""
    from nbrunbook.django.operations import RemoveFieldFromState

    return [RemoveFieldFromState("product", name) for name in fields_that_go()]


def drop_all(model: str = "product") -> list[Any]:
    """One operation a field."""
    from nbrunbook.django.operations import DropColumn

    return [DropColumn(model, name, field) for name, field in fields_that_go().items()]


def renamed() -> Any:
    """The model has another name by the second release; back again, too."""
    from django.db import migrations

    state = done(made(shop()), *forget_all(), migrations.RenameModel("Product", "Article"))
    between = schema()
    after = done(state, *drop_all("article"))
    gone = schema()
    for each in reversed(drop_all("article")):
        done(state, each, backwards=True)
    done(state, *drop_all("article"))
    return [between, gone, schema() == gone, sorted(after.models["shop", "article"].fields)]


def target_gone() -> Any:
    """What a foreign key pointed at is deleted between the releases."""
    from django.db import migrations

    state = done(made(shop()), *forget_all(), migrations.DeleteModel("Owner"))
    done(state, *drop_all())
    return schema()


def inherited() -> Any:
    """A field moves from the parent's table to the child's, while both tables are made anew on SQLite."""
    from django.db import connection, migrations, models
    from django.db.migrations.state import ModelState

    from nbrunbook.django.operations import DropColumn, RemoveFieldFromState

    state = made(shop())
    kind, more = models.CharField(max_length=9), models.CharField(max_length=9, default="x")
    link = models.OneToOneField("shop.Product", models.CASCADE, parent_link=True, primary_key=True, auto_created=True)
    state.add_model(ModelState("shop", "Book", [("product_ptr", link), ("pages", kind)], bases=("shop.product",)))
    with connection.schema_editor() as editor:
        editor.create_model(state.apps.get_model("shop", "Book"))
    owner = state.apps.get_model("shop", "Owner").objects.create()
    state.apps.get_model("shop", "Book").objects.create(title="a", sku="kept", owner_id=owner.pk, pages="9")
    state = done(state, RemoveFieldFromState("product", "sku"), RemoveFieldFromState("book", "pages"))
    long = models.CharField(max_length=20)
    state = done(state, migrations.AddField("book", "sku", more), migrations.AlterField("product", "title", long))
    state.apps.get_model("shop", "Book").objects.create(title="b", owner_id=owner.pk)
    with connection.cursor() as cursor:
        both = "shop_product JOIN shop_book ON id = product_ptr_id ORDER BY id"
        cursor.execute(f'SELECT shop_product."SKU", pages, shop_book.sku FROM {both}')
        rows = cursor.fetchall()
    done(state, DropColumn("product", "sku", fields_that_go()["sku"]), DropColumn("book", "pages", kind))
    return [rows, schema()["shop_book"], said(state, RemoveFieldFromState("book", "product_ptr"))]


def by_hand() -> Any:
    """The field was taken out of the state by SeparateDatabaseAndState, before there were these operations."""
    from django.db import migrations

    apart = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("product", name)])
        for name in fields_that_go()
    ]
    done(made(shop()), *apart, *drop_all())
    return schema()


def mistakes() -> Any:
    """Each is told, and nothing is done."""
    from django.db import connection, migrations, models

    from nbrunbook.django.operations import DropColumn, RemoveFieldFromState

    char = models.CharField(max_length=9)
    forgot = done(made(shop()), *forget_all())
    before = schema()
    again = models.CharField(max_length=9, db_column="SKU")
    own = models.ManyToManyField("shop.Owner", db_table="shop_owner")
    through = models.ManyToManyField("shop.Owner", through="shop.Pair")
    told = [
        said(shop(), DropColumn("product", "sku", char)),
        said(forgot, DropColumn("product", "sku", char)),
        said(forgot, DropColumn("thing", "sku", char)),
        said(forgot, migrations.AddField("product", "code", again)),
        said(forgot, RemoveFieldFromState("product", "sku")),
        said(forgot, DropColumn("product", "pairs", through)),
        said(forgot, DropColumn("product", "pairs", own)),
        said(forgot, DropColumn("product", "title_", models.CharField(max_length=9, db_column="title"))),
    ]
    unchanged = schema() == before
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE shop_product DROP COLUMN "SKU"')
    told.append(said(shop(), RemoveFieldFromState("product", "sku"), backwards=True))
    return [told, unchanged]


def refused() -> Any:
    """What is made of a field goes first."""
    from django.db import models

    from nbrunbook.django.operations import RemoveFieldFromState

    some = models.Q(id__gt=models.F("sku"))
    cases: list[Any] = [
        {"indexes": [models.Index(fields=["-sku"], name="by_sku")]},
        {"indexes": [models.Index(models.F("sku").desc(), name="by_sku")]},
        {"constraints": [models.UniqueConstraint(fields=["title", "sku"], name="once")]},
        {"constraints": [models.CheckConstraint(condition=~models.Q(sku__gt="a"), name="is")]},
        {"constraints": [models.UniqueConstraint(fields=["title"], condition=some, name="some")]},
        {"unique_together": {("title", "sku")}},
    ]
    owned = models.CheckConstraint(condition=models.Q(owner_id__gt=0), name="owned")
    told = [said(shop(constraints=[owned]), RemoveFieldFromState("product", "owner"))]
    told += [said(shop(**each), RemoveFieldFromState("product", "sku")) for each in cases]
    innocent = said(
        made(shop(indexes=[models.Index(fields=["title"], name="sku")])), RemoveFieldFromState("product", "sku")
    )
    return [*told, said(shop(), RemoveFieldFromState("product", "id")), innocent]


def depended_on() -> Any:
    """A view uses the column: the database refuses, and the view is there still."""
    from django.db import connection

    state = done(made(shop()), *forget_all())
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW looks AS SELECT owner_id FROM shop_product")
    told = said(state, drop_all()[1])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM looks")
        cursor.execute("DROP VIEW looks")
    return [told, said(state, drop_all()[1])]


def locked() -> Any:
    """Somebody reads the table for long, and the migration was told not to wait (PostgreSQL)."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    state = made(shop())
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20ms'")
    other = connection.copy()
    with other.cursor() as reader:
        reader.execute("BEGIN; LOCK TABLE shop_product IN ACCESS SHARE MODE")
        told = [said(state, forget_all()[0])]
    other.close()
    after = done(state, *forget_all())
    with other.cursor() as reader:
        reader.execute("BEGIN; LOCK TABLE shop_product IN ACCESS SHARE MODE")
        told += [said(after, drop_all()[0]), said(state, forget_all()[0], backwards=True)]
    other.close()
    return told


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
