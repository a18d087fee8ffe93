"""`connect("eu")`."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.batches.connecting import connect
from nbrunbook.errors import NbrunbookError
from tests.batches.filling import place


def test_a_check_reads_a_database_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the configuration of the project names it; another name is told what there is."""
    place("sqlite", tmp_path, None, "eu")
    (tmp_path / "nbrunbook.toml").write_text('[databases]\neu = "sqlite:///eu.db"\n')
    monkeypatch.chdir(tmp_path)
    with connect("eu") as db:
        assert db.exec_driver_sql("SELECT count(*) FROM item").scalar_one() == 20
    with pytest.raises(NbrunbookError, match="ue"), connect("ue"):
        pass
