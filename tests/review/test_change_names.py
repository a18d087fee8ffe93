"""What a step may call a changed file by."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.review import change_names
from tests.review.test_app_history import FIELDS, write


def test_a_removal_is_called_by_what_is_removed(tmp_path: Path) -> None:
    """The field and its column, the model and its table, SQL's table or column, and the file: not the model around."""
    write(tmp_path, "0001_initial", f"migrations.CreateModel('Product', fields={FIELDS})")
    path = write(tmp_path, "0002_drop_it", "migrations.RemoveField('product', 'maker')", "0001_initial")
    assert change_names.of(path) == ["maker", "made_by", "0002_drop_it", "0002_drop_it.py", "drop_it", "0002"]
    path = write(tmp_path, "0002_x", "migrations.DeleteModel('Product')", "0001_initial")
    assert change_names.of(path)[:2] == ["product", "shop_product"]
    path = write(tmp_path, "0002_x", "migrations.RunSQL('ALTER TABLE a DROP b2; DROP TABLE c3')", "0001_initial")
    assert change_names.of(path)[:2] == ["b2", "c3"]


def test_another_migration_is_called_by_its_subject(tmp_path: Path) -> None:
    """Models, fields and functions of its operations."""
    path = write(tmp_path, "0002_more", "migrations.AddField('product', 'size', x), migrations.RunPython(fill_sizes)")
    assert change_names.of(path)[:3] == ["size", "product", "fill_sizes"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("infra/cdn.tf", ["cdn", "cdn.tf"]),
        ("infra/main.tf", ["infra/main.tf", "infra"]),
        ("shop/a.py", ["a.py"]),
        ("deploy/Dockerfile", ["Dockerfile"]),
        ("x/.env", [".env"]),
    ],
)
def test_another_file_is_called_by_its_name(tmp_path: Path, name: str, expected: list[str]) -> None:
    """One whose name says nothing by its folder."""
    assert change_names.of(tmp_path / name) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Drop legacy_sku",
        "The Legacy SKU is gone",
        "legacy-sku: web",
        "`LegacySku`",
        "two legacy_skus",
        "x.legacy_sku=1",
    ],
)
def test_a_name_is_found_as_words(text: str) -> None:
    """However it is written, and in the plural."""
    assert change_names.stand_in(["another", text], ["legacy_sku"])


@pytest.mark.parametrize("text", ["", "legacy", "my_legacy_skunk", "sku legacy"])
def test_a_part_of_a_word_is_no_name(text: str) -> None:
    """Nor are its words in another order."""
    assert not change_names.stand_in([text], ["legacy_sku"])
