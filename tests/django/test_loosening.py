"""A field that the database does without."""

from __future__ import annotations

from django.db import models

from nbrunbook.django import loosening


def test_a_constant_default_becomes_the_database_s() -> None:
    """The old code finds it in the rows of the new one; what is no constant, or is unique, is NULL."""
    loose = loosening.loosened(models.CharField(max_length=9, default="plain"))
    assert (loose.null, loose.db_default) == (True, "plain")
    assert loosening.loosened(models.TextField(blank=True)).db_default == ""
    for each in (
        models.CharField(max_length=9),
        models.JSONField(default=dict),
        models.CharField(max_length=9, unique=True, db_default="once"),
    ):
        loose = loosening.loosened(each)
        assert (loose.null, loose.has_db_default()) == (True, False)


def test_what_needs_no_value_is_left_as_it_is() -> None:
    """NULL, or a default of the database's own, is enough already."""
    for each in (models.IntegerField(null=True, default=7), models.IntegerField(db_default=7)):
        assert loosening.same(each, loosening.loosened(each))
