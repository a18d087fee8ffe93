"""The keys of the configuration, and what may stand at each."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import configuration


def test_whatever_is_read_is_checked_in_the_same_way() -> None:
    """An unknown key and a value of another kind are refused by the name of what was read."""
    for table, said in (({"nmae": "x"}, "unknown key 'nmae'"), ({"owners": []}, "owners = []; expected a table")):
        with pytest.raises(ConfigurationError, match=said.replace("[", r"\[")):
            configuration.check(Path("settings.NBRUNBOOK"), table)
