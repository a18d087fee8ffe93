"""Who sits at this browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.jupyter.js.conftest import OpenPage

WHO = "async () => (await import('/js/operator.js')).whoAmI()"


def _answering(page: Page, *answers: int | None) -> list[Route]:
    """Let Jupyter answer so often with a status, or not at all; return what it was asked."""
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        status = answers[len(asked) - 1]
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, json={"identity": {"username": "ana", "name": "Anybody"}})

    page.route("**/api/me", answer)
    return asked


def test_jupyter_is_asked_once(open_page: OpenPage) -> None:
    """Its user name counts, never the display name; the token goes along, and the answer is kept."""
    page = open_page(baseUrl="/user/ana/", token="secret")
    asked = _answering(page, 200)
    assert [page.evaluate(WHO), page.evaluate(WHO)] == ["ana", "ana"]
    assert [(each.request.url, each.request.headers["authorization"]) for each in asked] == [
        ("http://localhost/user/ana/api/me", "token secret")
    ]


@pytest.mark.parametrize("status", [500, 503, None])
def test_no_answer_is_not_nobody(open_page: OpenPage, status: int | None) -> None:
    """A server that is down is asked again: meanwhile nobody may be taken for somebody else."""
    page = open_page(baseUrl="/")
    _answering(page, status, 200)
    assert [page.evaluate(WHO), page.evaluate(WHO)] == [None, "ana"]


def test_nobody_is_named(open_page: OpenPage) -> None:
    """A server that does not know, and a page without one, such as VS Code's, name nobody."""
    page = open_page(baseUrl="/")
    _answering(page, 403)
    assert page.evaluate(WHO) == ""
    assert open_page().evaluate(WHO) == ""


def test_a_typed_name_stays_with_the_tab(open_page: OpenPage) -> None:
    """It is there again after a reload; no other tab has it, and no other runbook."""
    page = open_page()
    page.evaluate("async () => (await import('/js/operator.js')).keepTypedName('shop staging/1.0', ' Kim ')")
    page.reload()
    typed = "async (key) => (await import('/js/operator.js')).typedName(key)"
    assert page.evaluate(typed, "shop staging/1.0") == "Kim"
    assert page.evaluate(typed, "shop production/1.0") == ""
    assert open_page().evaluate(typed, "shop staging/1.0") == ""
