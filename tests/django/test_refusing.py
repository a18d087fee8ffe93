"""What is refused before anything is done."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from nbrunbook.django.operations import DropColumn

KEY = ("id", models.BigAutoField(primary_key=True))


def state() -> ProjectState:
    """A shop with products."""
    made = ProjectState()
    fields = [KEY, ("sku", models.CharField(max_length=9, unique=True)), ("title", models.TextField())]
    made.add_model(ModelState("shop", "Product", fields))
    return made


def test_a_field_that_is_there_is_not_dropped() -> None:
    """DropColumn comes after RemoveFieldFromState; of a model that is gone it is a mistake."""
    made = state()
    drop = DropColumn("product", "sku", models.CharField(max_length=9))
    with pytest.raises(CommandError, match=r"shop\.Product has the field sku, and code that runs may use it"):
        drop.database_forwards("shop", None, made, made)
    with pytest.raises(CommandError, match=r"there is no model shop\.thing, its table is gone and sku with it"):
        DropColumn("thing", "sku", models.CharField(max_length=9)).state_forwards("shop", made)
