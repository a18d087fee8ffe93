"""Ways on where a part of a plan waits."""

from __future__ import annotations

from typing import Any

import pytest

from nbrunbook.django.ways_on import ways_on


@pytest.fixture
def graph() -> Any:
    """Two migrations of stock, the second of which needs the third of shop; pay stands alone."""
    graphs = pytest.importorskip("django.db.migrations.graph")
    made = graphs.MigrationGraph()
    keys = [("shop", "1"), ("shop", "2"), ("shop", "3"), ("shop", "4"), ("stock", "1"), ("stock", "2"), ("pay", "1")]
    for key in keys:
        made.add_node(key, None)
    pairs = [(0, 1), (1, 2), (2, 3), (4, 5), (2, 5)]
    for parent, child in pairs:
        made.add_dependency(None, keys[child], keys[parent])
    return made


def test_what_comes_before_and_what_stands_aside_can_be_applied(graph: Any) -> None:
    """An app that waits goes as far as it can, one that needs it too, and the rest goes whole."""
    plan = [("shop", "2"), ("shop", "3"), ("shop", "4"), ("stock", "1"), ("stock", "2"), ("pay", "1")]
    assert ways_on(plan, [("shop", "3")], graph) == [
        "manage.py migrate shop 2",
        "manage.py migrate stock 1",
        "manage.py migrate pay",
    ]


def test_the_last_one_before_is_named_although_it_is_applied(graph: Any) -> None:
    """And the database, where it is another than `default`."""
    assert ways_on([("shop", "3"), ("shop", "4")], [("shop", "3")], graph, "other") == [
        "manage.py migrate shop 2 --database=other"
    ]


def test_an_app_that_waits_from_its_first_on_has_no_way(graph: Any) -> None:
    """Nothing is named that would not help."""
    assert ways_on([("pay", "1")], [("pay", "1")], graph) == []


def test_no_way_leads_back(graph: Any) -> None:
    """Where another branch was applied, naming the migration before would take that back."""
    graph.add_node(("shop", "3b"), None)
    graph.add_dependency(None, ("shop", "3b"), ("shop", "2"))
    assert ways_on([("shop", "3"), ("shop", "4")], [("shop", "3")], graph) == []
    assert ways_on([("shop", "3"), ("shop", "3b")], [("shop", "3")], graph) == ["manage.py migrate shop 3b"]
