"""A state that remembers what the database has still."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from nbrunbook.django import forgotten


def state() -> ProjectState:
    """A shop whose products have lost their `sku`."""
    made = ProjectState()
    made.add_model(ModelState("shop", "Product", [("id", models.BigAutoField(primary_key=True))]))
    forgotten.forget(made, "shop", "product", "sku", models.CharField(max_length=9))
    return made


def test_a_copy_and_a_renamed_model_remember_the_same() -> None:
    """States are copied before each operation."""
    made = state().clone()
    made.rename_model("shop", "Product", "Article")
    assert forgotten.known(made, "shop", "article", "sku").db_column == "sku"
    forgotten.dropped(made, "shop", "article", "sku")
    assert forgotten.known(made, "shop", "article", "sku") is None


def test_a_new_field_does_not_take_a_column_that_is_there() -> None:
    """It is said before SQLite would overwrite its values."""
    made = state()
    made.add_field("shop", "product", "code", models.CharField(max_length=9, db_column="sku"), True)
    with pytest.raises(
        CommandError, match="the field code is to have the column sku, which RemoveFieldFromState forgot"
    ):
        made.models["shop", "product"].render(None)
