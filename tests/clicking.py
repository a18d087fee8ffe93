"""What a person does with a step on the screen that takes more than one click."""

from __future__ import annotations

from playwright.sync_api import Locator


def choose(row: Locator, words: str) -> None:
    """Choose from a step's menu, by what is written there."""
    row.locator(":scope > .nbr-actions > [aria-haspopup=menu]").click()
    row.get_by_role("menuitem", name=words.removesuffix("…")).click()
