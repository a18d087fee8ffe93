"""Both operations, on each kind of field, with rows of the old code and of the new one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from nbrunbook.django.operations import DropColumn, RemoveFieldFromState
from tests.conftest import ROOT
from tests.databases import Server
from tests.django import hosts

SAMPLE = ("not null", "default", "db_default", "index", "foreign key", "foreign key to itself", "many to many")
REST = (
    *("null", "default callable", "null and default", "blank", "number", "boolean", "decimal", "json", "moment"),
    *("binary", "file", "uuid unique", "unique", "unique and db_default", "db_default now", "db_column", "collation"),
    *("generated", "foreign key null", "foreign key db_column", "foreign key to_field", "foreign key to a foreign key"),
    *("one to one", "many to many db_table", "many to many itself"),
)
ALL = [
    pytest.param(SAMPLE, id="sample"),
    pytest.param(REST, id="rest", marks=[pytest.mark.faults, pytest.mark.whole]),
]
MAIN_ROAD = ("kept", "dropped", "back as it was", "back without values", "as at first")

MISTAKES = (
    "shop.Product has the field sku, and code that runs may use it. RemoveFieldFromState goes first",
    "was forgotten with the column SKU, and the field given here has the column sku",
    "there is no model shop.thing, its table is gone and sku with it",
    "the field code is to have the column SKU, which RemoveFieldFromState forgot (sku)",
    "there is no field sku of shop.product at this point; there are: id, title.",
    "shop.Product.pairs has neither a column nor a table of its own",
    "the table shop_owner of shop.Product.pairs is that of shop.Owner. It was not dropped.",
    "the column title of shop.Product is that of its field title. It was not dropped.",
    "the table shop_product has no column SKU",
)
REFUSED = (
    "shop.Product.owner cannot be forgotten yet, it is used by: constraint owned.",
    *(f"shop.Product.sku cannot be forgotten yet, it is used by: {each}." for each in (
        "index by_sku", "index by_sku", "constraint once", "constraint is", "constraint some",
        "unique_together ('title', 'sku')",
    )),
    "shop.Product.id is the primary key, which no row can do without",
    "nothing",
)  # fmt: skip


def seen(databases: dict[str, Any], *kinds: str, script: str = "removals") -> dict[str, Any]:
    """Return what came of each kind of field."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.django.{script}", json.dumps(databases), *kinds],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def check(found: dict[str, Any], kinds: tuple[str, ...]) -> None:
    """The way was gone to its end, with nothing lost; what could not be undone was told, with the number of rows."""
    assert list(found) == list(kinds)
    assert {kind: each["failed"] for kind, each in found.items() if "failed" in each} == {}
    for kind, each in found.items():
        assert (kind, {it: each[it] for it in MAIN_ROAD}) == (kind, dict.fromkeys(MAIN_ROAD, True))
    without = "rows have no value: 2, and the field needs one."
    if "not null" in kinds:
        assert without in found["not null"]["undone early"]
        assert found["default"]["read when forgotten again"] == """["'plain'"]"""
        assert found["db_default"]["undone early"] == found["many to many"]["undone early"] == "at once"
        assert "rows point at a shop.Product that is gone: 1." in found["foreign key to itself"]["undone early"]
    else:
        assert without in found["unique and db_default"]["undone early"]
        assert without in found["moment"]["undone early"]


@pytest.mark.parametrize("kinds", ALL)
def test_a_field_goes_in_two_releases_on_sqlite(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """Old code and new code write rows all the way, and a table that is made anew keeps what was forgotten."""
    quick = {"init_command": "PRAGMA synchronous=OFF"}
    check(seen({"default": {**hosts.sqlite(tmp_path / "db.sqlite3"), "OPTIONS": quick}}, *kinds), kinds)


@pytest.mark.parametrize("kinds", ALL)
def test_a_field_goes_in_two_releases_on_postgresql(postgres: Server, kinds: tuple[str, ...]) -> None:
    """As on SQLite; arrays too."""
    kinds = (*kinds, "array") if kinds == REST else kinds
    check(seen({"default": hosts.postgres(postgres.fresh())}, *kinds), kinds)


def test_what_comes_between_and_what_is_a_mistake_on_sqlite(tmp_path: Path) -> None:
    """A renamed model, a target that is gone, a field forgotten by hand. A mistake is told, and harms nothing."""
    quick = {"init_command": "PRAGMA synchronous=OFF"}
    database = {**hosts.sqlite(tmp_path / "db.sqlite3"), "OPTIONS": quick}
    found = seen({"default": database}, script="odd_removals")
    check_odd(found)
    assert "the database refuses: error in view looks after drop column" in found["depended_on"][0]


def test_what_comes_between_and_what_is_a_mistake_on_postgresql(postgres: Server) -> None:
    """As on SQLite; without CASCADE, so that a view is told and stays."""
    found = seen({"default": hosts.postgres(postgres.fresh())}, script="odd_removals")
    check_odd(found)
    assert (
        "view looks depends on column owner_id of table shop_product\nChange what it names" in found["depended_on"][0]
    )
    refusing = (
        "the database refuses: canceling statement due to lock timeout\nChange what it names, or wait until it is free"
    )
    done = ("sku was not forgotten", "sku was not dropped", "sku was not asked for again")
    assert [f"shop.Product.{each}, {refusing}, then migrate again." for each in done] == found["locked"]


def check_odd(found: dict[str, Any]) -> None:
    """What `odd_removals` saw, case by case."""
    left = {"shop_article": ["id", "title"], "shop_owner": ["id"]}
    between, gone, again, fields = found["renamed"]
    assert (between["shop_article"], "shop_product_fans" in between) == (["SKU", "id", "owner_id", "title"], True)
    assert (gone, again, fields) == (left, True, ["id", "title"])
    assert found["target_gone"] == {"shop_product": ["id", "title"]}
    rows, columns, told = found["inherited"]
    assert rows == [["kept", "9", "x"], [None, None, "x"]]
    assert columns == ["product_ptr_id", "sku"]
    assert "Book.product_ptr is the primary key" in told
    assert found["by_hand"] == {"shop_owner": ["id"], "shop_product": ["id", "title"]}
    told, unchanged = found["mistakes"]
    assert [words in each for words, each in zip(MISTAKES, told, strict=True)] == [True] * len(MISTAKES), told
    assert unchanged
    assert [words in each for words, each in zip(REFUSED, found["refused"], strict=True)] == [True] * len(REFUSED)
    assert found["depended_on"][1] == "nothing"


def test_a_migration_writes_them_as_they_were_made() -> None:
    """What they are deconstructed to makes the same again."""
    field = models.CharField(max_length=64)
    assert RemoveFieldFromState("product", "sku").deconstruct() == (
        "RemoveFieldFromState", [], {"model_name": "product", "name": "sku"}
    )  # fmt: skip
    assert DropColumn("product", "sku", field).deconstruct() == (
        "DropColumn", [], {"model_name": "product", "name": "sku", "field": field}
    )  # fmt: skip
