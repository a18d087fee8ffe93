"""Decorators: what binds an author's function to a step that the machine does.

The plan reads them from the source, with `ast` (see template/bindings.py), so they do nothing here:
a function stays what it is, may be tried in a notebook, and defining it has no effect.
"""
# ruff: noqa: ARG001

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from nbrunbook.runbook.automation import ATTEMPTS, EVERY

F = TypeVar("F", bound=Callable[..., Any])


def check(
    step: str, /, *, attempts: int = ATTEMPTS, every: str = EVERY, timeout: str | None = None
) -> Callable[[F], F]:
    """Return what leaves a function as it is: it looks whether a step's matter is so, and may be run again.

    It passes by returning, and what it returns is the step's evidence; it fails by AssertionError.
    `attempts` are how often it is tried, `every` so long; `timeout` is for all of them together.
    Lengths of time are texts such as 30s, 5m or 2h.
    """
    return _unchanged


def action(step: str, /, *, timeout: str | None = None) -> Callable[[F], F]:
    """Return what leaves a function as it is: it does a step, once, after somebody has pressed its button.

    `timeout` is a text such as 30s, 5m or 2h.
    """
    return _unchanged


def _unchanged(function: F) -> F:
    return function
