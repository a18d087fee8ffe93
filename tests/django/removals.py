"""The way of a field through both operations, in one process: `python -m tests.django.removals DATABASES [KIND…]`.

For each kind of field a table with rows is made; the field is forgotten, another one altered, and the column dropped,
while models of the old code (with the field) and of the new one (without) write rows. Then all of it backwards.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.conf import settings

import django

Found = dict[str, Any]


def main(databases: dict[str, Any], chosen: list[str]) -> None:
    """Print what came of each kind of field, or of the chosen ones, as JSON."""
    settings.configure(
        DATABASES=databases, INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True
    )
    django.setup()
    wanted = kinds()
    print(json.dumps({kind: tried(wanted[kind]) for kind in chosen or wanted}))
    assert not {"sqlalchemy", "markdown_it"} & set(sys.modules)


def tried(make: Callable[[], Any]) -> Found:
    """Return what was seen on a way; `failed` is the traceback of what stopped it."""
    way = Way(make())
    try:
        way.go()
    except Exception:
        way.seen["failed"] = traceback.format_exc()
    way.clear()
    return way.seen


def kinds() -> dict[str, Callable[[], Any]]:
    """Return the kinds of fields that a model may lose."""
    from django.contrib.postgres.fields import ArrayField
    from django.db import connection, models
    from django.db.models.functions import Now

    def foreign(**more: Any) -> Any:
        return models.ForeignKey("shop.Owner", models.CASCADE, **more)

    found: dict[str, Callable[[], Any]] = {
        "not null": lambda: models.CharField(max_length=64),
        "null": lambda: models.CharField(max_length=64, null=True),
        "default": lambda: models.CharField(max_length=64, default="plain"),
        "default callable": lambda: models.CharField(max_length=64, default=str),
        "null and default": lambda: models.IntegerField(null=True, default=7),
        "blank": lambda: models.TextField(blank=True),
        "number": lambda: models.PositiveIntegerField(),
        "boolean": lambda: models.BooleanField(default=False),
        "decimal": lambda: models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("1.50")),
        "json": lambda: models.JSONField(default=dict),
        "moment": lambda: models.DateTimeField(auto_now_add=True),
        "binary": lambda: models.BinaryField(default=b"x"),
        "file": lambda: models.FileField(upload_to="files"),
        "uuid unique": lambda: models.UUIDField(unique=True, null=True),
        "unique": lambda: models.CharField(max_length=64, unique=True),
        "unique and db_default": lambda: models.CharField(max_length=64, unique=True, db_default="once"),
        "db_default": lambda: models.CharField(max_length=64, db_default="ours"),
        "db_default now": lambda: models.DateTimeField(db_default=Now()),
        "index": lambda: models.CharField(max_length=64, db_index=True),
        "db_column": lambda: models.CharField(max_length=64, db_column="Old Name"),
        "collation": lambda: models.CharField(
            max_length=64, db_collation="C" if connection.vendor == "postgresql" else "nocase"
        ),
        "generated": lambda: models.GeneratedField(
            expression=models.F("count") * 2, output_field=models.IntegerField(), db_persist=True
        ),
        "foreign key": lambda: foreign(),
        "foreign key null": lambda: foreign(null=True),
        "foreign key db_column": lambda: foreign(db_column="his", db_index=False),
        "foreign key to_field": lambda: foreign(to_field="code"),
        "foreign key to itself": lambda: models.ForeignKey("self", models.CASCADE, null=True),
        "foreign key to a foreign key": lambda: models.ForeignKey("shop.Badge", models.CASCADE),
        "one to one": lambda: models.OneToOneField("shop.Owner", models.CASCADE, null=True),
        "many to many": lambda: models.ManyToManyField("shop.Owner"),
        "many to many db_table": lambda: models.ManyToManyField("shop.Owner", db_table="pairs"),
        "many to many itself": lambda: models.ManyToManyField("self"),
    }
    if hasattr(models, "DB_CASCADE"):
        found["foreign key of the database's"] = lambda: models.ForeignKey("shop.Owner", models.DB_CASCADE)
    if connection.vendor == "postgresql":
        found["array"] = lambda: ArrayField(models.IntegerField(), default=list)
    return found


class Way:
    """One field's way."""

    def __init__(self, field: Any) -> None:
        from django.db import connection, models
        from django.db.migrations.state import ModelState, ProjectState

        from nbrunbook.django.operations import DropColumn, RemoveFieldFromState

        self.connection, self.field, self.seen = connection, field, Found()
        self.start = ProjectState()
        key = ("id", models.BigAutoField(primary_key=True))
        owner = [key, ("code", models.CharField(max_length=40, unique=True))]
        badge = [("owner", models.OneToOneField("shop.Owner", models.CASCADE, primary_key=True))]
        other = models.CharField(max_length=64, unique=True, null=True)
        product = [key, ("title", models.CharField(max_length=10)), ("count", models.IntegerField(default=1))]
        product += [("old", field), ("other", other)]
        self.start.add_model(ModelState("shop", "Owner", owner))
        self.start.add_model(ModelState("shop", "Badge", badge))
        self.start.add_model(ModelState("shop", "Product", product))
        self.forget, self.forget_other = (
            RemoveFieldFromState("product", "old"),
            RemoveFieldFromState("product", "other"),
        )
        self.drop, self.drop_other = DropColumn("product", "old", field), DropColumn("product", "other", other)
        self.number = 0

    def go(self) -> None:
        """Go the whole way, and back."""
        from django.db import migrations, models

        with self.editor() as editor:
            for name in ("Owner", "Badge", "Product"):
                editor.create_model(self.start.apps.get_model("shop", name))
        first = self.schema()
        state = self.start
        self.old_writes()
        kept = self.values()
        state = self.forwards(state, self.forget)
        self.both_write("forgotten")
        self.seen["undone early"] = self.undo(self.after(self.start, self.forget), first)
        self.forwards(self.start, self.forget)
        self.both_write("forgotten again")
        state = self.forwards(state, self.forget_other)
        state = self.forwards(state, migrations.AlterField("product", "title", models.CharField(max_length=20)))
        state = self.forwards(
            state, migrations.AddConstraint("product", models.UniqueConstraint(fields=["title", "count"], name="both"))
        )
        self.both_write("altered")
        self.migration_writes(state)
        now = self.values()
        self.seen["kept"] = all(now[key] == each for key, each in kept.items() if key in now)
        before_drop = self.schema()
        if not self.field.many_to_many and not self.field.generated:
            before_drop["shop_product"][0][self.column()][1] = True  # whatever it was: it comes back as NULL
        state, before = self.forwards(state, self.drop), state
        self.seen["dropped"] = "old" not in self.old_columns()
        self.new_writes()
        self.backwards(self.drop, state, before)
        self.seen["back as it was"] = self.schema() == before_drop
        self.seen["back without values"] = not any(self.values().values())
        self.both_write("back")
        self.go_back(first)

    def go_back(self, first: Any) -> None:
        """Undo the rest; what cannot be undone is told."""
        from django.db import migrations, models

        state = self.after(self.start, self.forget, self.forget_other)
        altered = self.after(state, migrations.AlterField("product", "title", models.CharField(max_length=20)))
        constraint = migrations.AddConstraint(
            "product", models.UniqueConstraint(fields=["title", "count"], name="both")
        )
        self.backwards(constraint, self.after(altered, constraint), altered)
        alter = migrations.AlterField("product", "title", models.CharField(max_length=20))
        self.backwards(alter, altered, state)
        self.backwards(self.forget_other, state, self.after(self.start, self.forget))
        self.seen["undone"] = self.undo(self.after(self.start, self.forget), first)
        self.old_writes()
        self.connection.check_constraints()

    def undo(self, after: Any, first: Any) -> str:
        """Let the field be asked for again, and return the refusal, if there was one; what is in the way is mended."""
        from django.core.management import CommandError

        said = "at once"
        try:
            self.backwards(self.forget, after, self.start)
        except CommandError as error:
            said = str(error)
            self.mend()
            self.backwards(self.forget, after, self.start)
        self.seen["as at first"] = self.seen.get("as at first", True) is True and self.schema() == first
        return said

    # What is done

    @contextmanager
    def editor(self) -> Iterator[Any]:
        """One transaction with Django's schema editor."""
        with self.connection.schema_editor(atomic=True) as editor:
            yield editor

    def after(self, state: Any, *operations: Any) -> Any:
        """A state after some operations."""
        new = state.clone()
        for each in operations:
            each.state_forwards("shop", new)
        return new

    def forwards(self, state: Any, operation: Any) -> Any:
        """Do it in the database; return the state after it."""
        new = self.after(state, operation)
        with self.editor() as editor:
            operation.database_forwards("shop", editor, state, new)
        return new

    def backwards(self, operation: Any, after: Any, before: Any) -> None:
        """Undo it in the database."""
        with self.editor() as editor:
            operation.database_backwards("shop", editor, after, before)

    # The two versions of the code

    def model(self, *without: str, name: str = "Product") -> Any:
        """A model as code has it that knows nothing of what was forgotten."""
        from django.db.migrations.state import ModelState, ProjectState

        known = ProjectState()
        for (_, lower), state in self.start.models.items():
            fields = {each: field for each, field in state.fields.items() if lower != "product" or each not in without}
            known.add_model(ModelState("shop", state.name, fields))
        return known.apps.get_model("shop", name)

    def old_writes(self) -> None:
        """The release before."""
        self.write(self.model("other"), self.a_value)

    def new_writes(self) -> None:
        """The release that forgot."""
        self.write(self.model("old", "other"), lambda model: {})

    def migration_writes(self, state: Any) -> None:
        """RunPython's models: what they save leaves each forgotten value as it is."""
        model, before = state.apps.get_model("shop", "Product"), self.values()
        for row in model.objects.all():
            row.save()
        model.objects.create(title=self.next("run"))
        assert before == self.values()

    def both_write(self, when: str) -> None:
        """Both beside each other; what the old one reads is seen."""
        self.old_writes()
        self.new_writes()
        rows = self.model("other").objects.all()
        self.seen[f"read when {when}"] = repr(sorted({repr(each) for each in rows.values_list("old", flat=True)}))[:300]

    def write(self, model: Any, value: Callable[[Any], Found]) -> None:
        """Insert two rows and many, update, delete, and delete what is pointed at."""
        owners = model._meta.apps.get_model("shop", "Owner").objects
        many: Any = None
        for _ in range(2):
            given = value(model)
            many = given.pop("many", None)
            row = model.objects.create(title=self.next("row"), **given)
            if many:
                row.old.add(*many)
        row.title = self.next("saved")
        row.save()
        assert model.objects.filter(pk=row.pk).update(count=2) == 1
        model.objects.get(pk=row.pk).delete()
        given = value(model)
        given.pop("many", None)
        model.objects.bulk_create([model(title=self.next("many"), **given)])
        owner = owners.exclude(code="kept").order_by("pk").first()
        if owner:
            owner.delete()
        if not value(model):
            model.objects.order_by("pk").first().delete()

    def a_value(self, model: Any) -> Found:
        """What the old code writes: a value of its kind, or none where it has a default."""
        field, apps = model._meta.get_field("old"), model._meta.apps
        if field.generated:
            return {}
        if field.many_to_many:
            target = field.related_model
            made = target.objects.create(
                **({"title": self.next("it")} if target is model else {"code": self.next("o")})
            )
            return {"many": [made]}
        if field.remote_field:
            if field.related_model is model:
                return {"old": model.objects.create(title=self.next("parent"))}
            owner = apps.get_model("shop", "Owner").objects.create(code=self.next("owner"))
            return {
                "old": owner if field.related_model is type(owner) else field.related_model.objects.create(owner=owner)
            }
        if (
            field.has_default()
            or (field.has_db_default() and not field.unique)
            or getattr(field, "auto_now_add", False)
        ):
            return {}
        return {
            "old": {"PositiveIntegerField": self.number, "UUIDField": None}.get(
                field.get_internal_type(), self.next("v")
            )
        }

    def next(self, word: str) -> str:
        """A word, another one each time."""
        self.number += 1
        return f"{word[:4]}{self.number}"

    # What is seen

    def old_columns(self) -> Found:
        """The columns, or the table, that belong to the field."""
        if self.field.many_to_many:
            return {"old": 1} if self.pairs() in self.connection.introspection.table_names() else {}
        return {"old": 1} if self.column() in self.schema()["shop_product"][0] else {}

    def column(self) -> str:
        """The field's column."""
        return str(self.model().objects.model._meta.get_field("old").column)

    def pairs(self) -> str:
        """The table of many-to-many."""
        return str(self.model()._meta.get_field("old").remote_field.through._meta.db_table)

    def values(self) -> Found:
        """The field's values of each row, read from the database."""
        if self.field.many_to_many:
            return {}
        with self.connection.cursor() as cursor:
            cursor.execute(f'SELECT id, "{self.column()}" FROM shop_product WHERE title LIKE %s', ["many%"])
            return {} if self.field.generated else {str(key): _text(value) for key, value in cursor.fetchall()}

    def schema(self) -> Found:
        """What each table is made of: columns with NULL and default, constraints and indexes without their names."""
        found = Found()
        with self.connection.cursor() as cursor:
            for table in sorted(self.connection.introspection.table_names(cursor)):
                columns = self.connection.introspection.get_table_description(cursor, table)
                made = self.connection.introspection.get_constraints(cursor, table).values()
                kinds = sorted(
                    repr((each["columns"], each["unique"], each["foreign_key"], each["check"], each.get("type")))
                    for each in made
                    if each["unique"] or each["foreign_key"] or each["check"] or each["index"]  # not: NOT NULL
                )
                found[table] = [
                    {each.name: [str(each.type_code), each.null_ok, str(each.default)] for each in columns}, kinds
                ]  # fmt: skip
                found[table][0] = dict(sorted(found[table][0].items()))
        return found

    def mend(self) -> None:
        """Do what the refusal asks for: no row without a value, or that points at what is gone."""
        self.model("old", "other").objects.all().delete()

    def clear(self) -> None:
        """Take all tables away."""
        self.connection.close()
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys = OFF")
            for table in self.connection.introspection.table_names(cursor):
                cursor.execute(f'DROP TABLE "{table}"' + " CASCADE" * (self.connection.vendor == "postgresql"))
        self.connection.close()


def _text(value: Any) -> str:
    """A value of a database, to compare."""
    return str(bytes(value) if isinstance(value, memoryview) else value or "")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
