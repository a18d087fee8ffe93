"""The two migrations to write where one takes something away at once: Python to copy."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from nbrunbook.documents.migrations import Operation
from nbrunbook.errors import one_line
from nbrunbook.review.app_history import number_of
from nbrunbook.review.removals import Judged, Removal

STEP = "old-code-gone"
"""What the step is called that the second migration waits for."""
LETS_GO = ("AlterUniqueTogether", "RemoveConstraint", "RemoveIndex")
"""What makemigrations writes in front, for what is made of the field: it has to go first."""
DJANGO, MODELS = "from django.db import migrations", "from django.db import migrations, models"
JUST_MODELS = "from django.db import models"


def second_name(judged: Judged, last: str) -> str:
    """Return what to call the second migration, behind the last one of the app."""
    names = "_".join(
        dict.fromkeys(each.field or each.model or "".join(each.names[:1]) or "it" for each in judged.at_once)
    )
    return f"{number_of(last) + 1:04d}_drop_{names[:60].lower()}"


def migrations(judged: Judged, release: str, last: str) -> str:
    """Return both files, and the step between them, of a release, that the second one waits for.

    `last` is the app's last migration, on which the second one stands.
    """
    first, second = judged.path.stem, second_name(judged, last)
    folder = f"{judged.path.parent.parent.name}/{judged.path.parent.name}"
    what = ", ".join(dict.fromkeys(each.what for each in judged.at_once))
    return "\n".join(
        [
            one_line(f"# {folder}/{first}.py, for this release: Django forgets it, the database keeps it."),
            *_first(judged),
            "",
            "",
            one_line(f"# {folder}/{second}.py, once no old code runs: the database drops it."),
            *_second(judged, release, last),
            "",
            one_line(f"# The step that it waits for, in the template of {release}:"),
            f"# {step(what)}",
        ]
    )


def step(what: str) -> str:
    """Return the step that says when nothing uses what goes, as it is written in a template."""
    return f"- [ ] No process that names {one_line(what)} runs any more: web, workers, cron, shells {{#{STEP}}}"


def _first(judged: Judged) -> list[str]:
    first = [each for each in judged.migration.operations if each.kind in LETS_GO]
    gone = [*first, *(each.operation for each in (*judged.at_once, *judged.replaced))]
    others = any(all(each is not other for other in gone) for each in judged.migration.operations)
    operations = [operation for each in judged.at_once for operation in _forgetting(each)]
    needed = DJANGO, *_ours("RemoveFieldFromState", operations)
    kept = ["# and its other operations, as they are"] if others else []
    return _file(needed, [], judged.migration.dependencies, [*map(_as_written, first), *operations, *kept])


def _as_written(operation: Operation) -> str:
    arguments = (f"{name}={ast.unparse(value)}" for name, value in operation.arguments.items())
    return f"migrations.{operation.kind}({', '.join(arguments)})"


def _second(judged: Judged, release: str, last: str) -> list[str]:
    whole = {each.model for each in judged.at_once if not each.field}  # their columns go with their tables
    operations = list(dict.fromkeys(each for removal in judged.at_once for each in _dropping(removal, whole)))
    declared = [each.was for each in judged.at_once if each.was and each.model not in whole]
    imports = [each for field in declared for each in field.imports]
    unknown = any("models.TextField()" in each for each in operations)
    found = [MODELS if unknown or JUST_MODELS in imports else DJANGO]
    found += sorted({*imports} - {DJANGO, JUST_MODELS})
    found += _ours("DropColumn", operations)
    return _file(found, [f"    runbook_step = {python(f'{release}#{STEP}')}"], [(judged.app.label, last)], operations)


def _ours(name: str, operations: Sequence[str]) -> list[str]:
    used = any(each.startswith(f"{name}(") for each in operations)
    return [f"from nbrunbook.django.operations import {name}"] if used else []


def _file(
    imports: Sequence[str],
    attributes: Sequence[str],
    dependencies: Sequence[tuple[str, str]],
    operations: Sequence[str],
) -> list[str]:
    told = ", ".join(f"({python(app)}, {python(name)})" for app, name in dependencies)
    return [
        *dict.fromkeys(imports),
        "",
        "",
        "class Migration(migrations.Migration):",
        *attributes,
        f"    dependencies = [{told}]",
        "    operations = [",
        *(f"        {each}{'' if each.startswith('#') else ','}" for each in operations),
        "    ]",
    ]


def _forgetting(removal: Removal) -> Iterator[str]:
    """The operations by which Django forgets something; what points elsewhere first lets go of it."""
    if removal.field:
        yield f"RemoveFieldFromState({python(removal.model)}, {python(removal.field)})"
    elif removal.model:
        for name, field in removal.before.fields.items() if removal.before else ():
            if field.points:
                yield f"RemoveFieldFromState({python(removal.model)}, {python(name)})"
        deleted = f"migrations.DeleteModel({python(removal.model)})"
        yield f"migrations.SeparateDatabaseAndState(state_operations=[{deleted}])"


def _dropping(removal: Removal, whole: Collection[str]) -> Iterator[str]:
    """The operations by which the database drops it."""
    if removal.sql:
        return
    if removal.field and removal.model in whole:
        if removal.before and removal.was and removal.was.kind == "ManyToManyField":
            yield _drop_table(f"{removal.before.table}_{removal.field}")
        return
    if removal.field:
        declared = removal.was.source if removal.was else "models.TextField()"
        yield f"DropColumn({python(removal.model)}, {python(removal.field)}, {declared})"
        return
    before = removal.before
    for name, field in before.fields.items() if before else ():
        if before and field.kind == "ManyToManyField" and not field.option("through"):
            yield _drop_table(f"{before.table}_{name}")
    yield _drop_table(before.table if before else removal.model)


def _drop_table(table: str) -> str:
    quoted = table.replace('"', '""')
    return f"migrations.RunSQL({python(f'DROP TABLE {chr(34)}{quoted}{chr(34)}', mark=chr(39))})"


def python(text: str, mark: str = '"') -> str:
    """Return a text as Python: what stands in a migration is its author's, and ends no string and no line here."""
    whole = repr(f"{text}'\"")[1:-4].replace("\\'", "'").replace(mark, f"\\{mark}")
    return f"{mark}{whole}{mark}"
