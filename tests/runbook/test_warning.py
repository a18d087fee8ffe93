"""Warnings: what an author's function warns of."""

from __future__ import annotations

import pytest

from nbrunbook.runbook import warning


def test_a_warning_is_told_and_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In a notebook it is seen; in a run it is what the outcome says."""
    monkeypatch.setattr(warning, "warned", [])
    warning.warn("two nodes are slow")
    assert warning.warned == ["two nodes are slow"]
    assert capsys.readouterr().err == "warning: two nodes are slow\n"
