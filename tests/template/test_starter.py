"""Starters, and what becomes of them."""

from __future__ import annotations

import ast
import re

import pytest

from nbrunbook.errors import NbrunbookError
from nbrunbook.template.starter import FOLDER, Starter, code_for_part, find_starter, for_part, for_release, starters

REMOVE = find_starter("remove-column")


def test_ids_of_a_part_begin_with_its_name() -> None:
    """Every id, and every `after` that names one, has the part's name in front."""
    text = for_part(REMOVE, "Drop SKU").text
    ids = set(re.findall(r"\{#([\w-]+)", text))
    waited = {each for after in re.findall(r'after="?([\w,-]+)', text) for each in after.split(",")}
    assert len(ids) == REMOVE.found.text.count("{#")
    assert all(each.startswith("drop-sku-") for each in ids)
    assert waited < ids


@pytest.mark.parametrize(
    ("name", "prefix"), [("drop-sku", "drop_sku"), ("2fa", "part_2fa"), ("über", "part_über"), ("§", "part")]
)
def test_names_of_a_part_are_its_own(name: str, prefix: str) -> None:
    """Parameters of its own and its evidence are renamed wherever they stand; what parts share is not."""
    found = for_part(REMOVE, name)
    everything = f"{found.parameters}\n{found.text}"
    for own in (*REMOVE.own, "backup"):
        assert f"{{{{{own}}}}}" not in everything
        assert f"{{{{{prefix}_{own}}}}}" in everything
        assert re.search(rf"^{prefix}_{own}: str|as={prefix}_{own}", everything, re.MULTILINE)
    assert "{{deployed}}" in everything


def test_the_code_of_a_part_is_its_own() -> None:
    """Ids, functions and parameters of its own are renamed in its code; nothing in it is bound by nobody."""
    codes = {code_for_part(REMOVE, name) for name in ("drop-sku", "2fa")}
    assert all('@check("drop-sku-gone"' in code or '@check("2fa-gone"' in code for code in codes)
    trees = [ast.parse(code) for code in codes]
    functions = [{each.name for each in tree.body if isinstance(each, ast.FunctionDef)} for tree in trees]
    assert not functions[0] & functions[1]
    for tree, name in zip(trees, ("part_2fa" if "2fa" in code else "drop_sku" for code in codes), strict=True):
        loaded = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
        assert {f"{name}_columns", f"{name}_field", f"{name}_column", f"{name}_table"} < loaded
        assert not loaded & {"columns", *REMOVE.own}


def test_a_part_holds_no_other_part_back() -> None:
    """A gate would hold the parts behind it back, so what a column's drop waits for is said with `after`."""
    assert not re.search(r"\{[^}\n]*\.gate", REMOVE.found.text)
    waits = dict(re.findall(r"\{#([\w-]+) [^}]*after=([\w,-]+)", REMOVE.found.text))
    reached, ahead = set[str](), ["old-code-gone"]
    while ahead:
        reached.add(step := ahead.pop())
        ahead += waits[step].split(",") if step in waits else []
    assert {"old-processes", "no-code", "no-database-objects", "other-readers", "backup-whole"} < reached


def test_the_drop_names_the_step_that_it_waits_for() -> None:
    """The migration of the second release waits for a step of the runbook, also where a part's name is in its id."""
    for found, step in ((REMOVE.found, "old-code-gone"), (for_part(REMOVE, "drop-sku"), "drop-sku-old-code-gone")):
        assert f'runbook_step = "{{{{release}}}}#{step}"' in found.text
        assert f"{{#{step} .approval .irreversible " in found.text


def test_removing_a_column_is_half_as_long_as_without_operations() -> None:
    """It had 283 lines of SQL for one engine."""
    assert len((FOLDER / "remove-column.md").read_text(encoding="utf-8").splitlines()) <= 283 // 2


def test_two_columns_can_be_told_apart() -> None:
    """The headings and what cannot be undone name the table and the column."""
    named = re.findall(r"^(?:#+ .*|- \[ \] .*\.irreversible.*)$", REMOVE.found.text, re.MULTILINE)
    assert len(named) == 7
    assert all("{{table}}.{{column}}" in line for line in named)


def test_sql_names_the_column_and_not_the_field() -> None:
    """A ForeignKey's column is not its field, so the field stands in Django's code only."""
    queries = re.findall(r"SELECT .*", REMOVE.found.text)
    assert sum("{{column}}" in each for each in queries) == 2
    assert not any("{{field}}" in each for each in queries)


def test_a_release_keeps_the_starter_to_the_letter() -> None:
    """Only the heading that asks for a name is another."""
    assert for_release(REMOVE) == REMOVE.found
    heading = for_release(find_starter("step")).text.strip().splitlines()[0]
    assert heading == "## After the release of {{release}}"


@pytest.mark.parametrize("each", starters(), ids=lambda each: each.name)
def test_every_link_of_a_starter_is_whole(each: Starter) -> None:
    """Links lead to the web or to a parameter, and references to pages that stand below."""
    targets = re.findall(r"\]\(([^)\s]+)\)", each.found.text)
    assert all(target.startswith(("https://", "{{")) for target in targets)
    labels = set(re.findall(r"\]\[([\w ]+)\]|\[(\w+)\]\[\]", each.found.text))
    defined = set(re.findall(r"^\[(\w+)\]: https://", each.found.text, re.MULTILINE))
    assert {one or other for one, other in labels} <= defined


def test_a_starter_that_is_not_there_is_told() -> None:
    """The nearest name is offered, else the list."""
    with pytest.raises(NbrunbookError, match="did you mean 'remove-column'"):
        find_starter("remove_column")
    with pytest.raises(NbrunbookError, match="new --list"):
        find_starter("zzz")


def test_only_names_are_renamed() -> None:
    """An argument, an attribute and a method of the same name as a parameter or function of a starter stay."""
    code = code_for_part(find_starter("backfill"), "2fa")
    names = {each.id for each in ast.walk(ast.parse(code)) if isinstance(each, ast.Name)}
    assert 'part_2fa_fill = batch("2fa-fill", databases=part_2fa_databases, ' in code
    assert "@part_2fa_fill.fetch\ndef part_2fa_fetch(db, cursor, batch_size):" in code
    assert {"part_2fa_table", "part_2fa_left", "text", "db"} < names
