"""The folders that templates lie in."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import template_homes
from tests.project.conftest import found


def _folders(root: Path, *names: str) -> None:
    for name in names:
        (root / name).mkdir(parents=True)


def test_one_folder_is_the_only_home(tmp_path: Path) -> None:
    """Without a list there is one folder of templates, whatever else the project holds."""
    _folders(tmp_path, "shop/runbooks")
    here = found(tmp_path, "[tool.nbrunbook]\ntemplates = 'releases'")
    assert (here.template_homes, here.templates_listed) == ((tmp_path / "releases",), ("releases",))


def test_a_list_has_the_home_first(tmp_path: Path) -> None:
    """New templates are written to the first folder; a pattern means the folders that are there, in name order."""
    _folders(tmp_path, "stock/runbooks", "shop/runbooks", ".venv/runbooks", "_old/runbooks", "runbooks/runbooks")
    here = found(tmp_path, "[tool.nbrunbook]\ntemplates = ['releases', '*/runbooks', 'shop/runbooks']")
    assert here.templates == tmp_path / "releases"
    assert here.template_homes == tuple(tmp_path / each for each in ("releases", "shop/runbooks", "stock/runbooks"))


@pytest.mark.parametrize(
    "setting", ["1", "[]", "[1]", "['*/runbooks']", "['t', '**/runbooks']", "['t', '../*']", "['t', '/*/x']", "' '"]
)
def test_a_list_that_says_nothing_is_refused(tmp_path: Path, setting: str) -> None:
    """What is no folder, a list without a place for new templates, and a pattern without bounds are errors."""
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml: templates .*expected"):
        found(tmp_path, f"[tool.nbrunbook]\ntemplates = {setting}")


def test_apps_bring_their_own(tmp_path: Path) -> None:
    """An app's folder `runbooks` in the project is a home, once; one that is installed or elsewhere is not."""
    _folders(tmp_path, "site/stock/runbooks", "site/shop/runbooks", "site/env/site-packages/x/runbooks", "y/runbooks")
    _folders(tmp_path, "site/runbooks", "site/plain")
    here = found(tmp_path / "site", "[tool.nbrunbook]\ntemplates = ['releases', 'shop/*']")
    apps = [here.root / each for each in ("stock", "shop", "env/site-packages/x", "../y", ".", "plain")]
    seen = template_homes.with_apps(here, apps)
    assert seen.template_homes == tuple(here.root / each for each in ("releases", "shop/runbooks", "stock/runbooks"))
    assert seen.templates_listed == ("releases", "shop/*", "stock/runbooks")


def test_a_list_means_the_same_in_a_commit() -> None:
    """The folders of a commit are chosen by name as those on disk are."""
    names = ["shop/runbooks", "a/runbooks", ".b/runbooks", "shop/runbooks/1.0", "c/d/runbooks"]
    assert list(template_homes.matching(["templates", "*/runbooks"], names)) == [
        "templates",
        "a/runbooks",
        "shop/runbooks",
    ]


def test_links_of_a_pattern_lead_nowhere_else_and_to_nothing_twice(tmp_path: Path) -> None:
    """What is there by its own name counts once, and what lies out of the repository not at all."""
    root = tmp_path / "project"
    _folders(root, "shop/runbooks", "more/texts", *(f"{each}" for each in ("a", "b", "c", "d")))
    _folders(tmp_path, "elsewhere")
    for link, to in (("a", "shop/runbooks"), ("b", "more/texts"), ("c", "more/texts"), ("d", "../elsewhere")):
        (root / link / "runbooks").symlink_to(root / to)
    here = found(root, "[tool.nbrunbook]\ntemplates = ['releases', '*/runbooks']")
    assert [each.relative_to(root).as_posix() for each in here.template_homes[1:]] == ["b/runbooks", "shop/runbooks"]
