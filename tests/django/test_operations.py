"""Both operations, on each kind of field, with rows of the old code and of the new one."""

from __future__ import annotations

from django.db import models

from nbrunbook.django.operations import DropColumn, RemoveFieldFromState


def test_a_migration_writes_them_as_they_were_made() -> None:
    """What they are deconstructed to makes the same again."""
    field = models.CharField(max_length=64)
    assert RemoveFieldFromState("product", "sku").deconstruct() == (
        "RemoveFieldFromState", [], {"model_name": "product", "name": "sku"}
    )  # fmt: skip
    assert DropColumn("product", "sku", field).deconstruct() == (
        "DropColumn", [], {"model_name": "product", "name": "sku", "field": field}
    )  # fmt: skip
