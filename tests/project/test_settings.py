"""The project and [tool.nbrunbook]."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrunbook.errors import ConfigurationError, NbrunbookError, ProjectNotFoundError, UnknownEnvironmentError
from nbrunbook.project.settings import find_project, is_configured, is_production
from tests.project.conftest import REGIONS, found

SETTINGS = """
[project]
name = "shop"
[tool.nbrunbook]
templates = "releases"
open_url = "https://hub.example.com/{path}"
[tool.nbrunbook.operators]
"ana@example.com" = "ana"
[tool.nbrunbook.environments.staging]
[tool.nbrunbook.environments.production-eu]
group = "production"
since = "2026.11.0"
approval = "verified"
base_url = "https://eu.example.com"
replicas = 3
"""


def test_the_design_reads(tmp_path: Path) -> None:
    """Folders, operators and environments come from [tool.nbrunbook], what it leaves out is the default."""
    here = found(tmp_path, SETTINGS)
    assert (here.name, here.templates, here.runbooks) == ("shop", tmp_path / "releases", tmp_path / "runbooks")
    assert here.operators == {"ana@example.com": "ana"}
    assert here.journal == f"sqlite:///{tmp_path}/.nbrunbook/journal.db"
    production = here.environment("production-eu")
    assert (production.group, production.since, production.approval) == ("production", "2026.11.0", "verified")
    assert production.values == {"base_url": "https://eu.example.com", "replicas": 3}


def test_a_project_is_found_by_walking_up(tmp_path: Path) -> None:
    """Any folder below the project will do."""
    found(tmp_path, "[tool.nbrunbook]")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_project(below).root == tmp_path.resolve()


def test_the_nearest_settings_win(tmp_path: Path) -> None:
    """A project in a project is its own, and nbrunbook.toml comes before pyproject.toml."""
    found(tmp_path, "[tool.nbrunbook]")
    inner = tmp_path / "inner"
    inner.mkdir()
    found(inner, "[tool.nbrunbook]\ntemplates = 'no'")
    assert found(inner, "templates = 'yes'", "nbrunbook.toml").templates == inner.resolve() / "yes"


def test_a_pyproject_of_something_else_is_passed_by(tmp_path: Path) -> None:
    """A pyproject.toml without our table is not the project's root."""
    found(tmp_path, "[tool.nbrunbook]")
    inner = tmp_path / "inner"
    inner.mkdir()
    assert found(inner, "[project]\nname = 'other'").root == tmp_path.resolve()


def test_a_git_repository_is_a_project(tmp_path: Path) -> None:
    """Without any settings the repository is the project, with all defaults."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "below").mkdir()
    here = find_project(tmp_path / "below")
    assert (here.root, here.name, here.environments) == (tmp_path.resolve(), tmp_path.name, {})


def test_no_project_is_an_error(tmp_path: Path) -> None:
    """Where there is none, the error says what makes one."""
    with pytest.raises(ProjectNotFoundError, match=r"tool\.nbrunbook"):
        find_project(tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        "[tool.nbrunbook]\ntemplate = 'x'",
        "[tool.nbrunbook]\ntemplates = 1",
        "[tool.nbrunbook]\nenvironments = []",
        "[tool.nbrunbook.environments]\nstaging = 1",
        "[tool.nbrunbook.environments.a]\ngroup = 1",
        "[tool.nbrunbook.environments.a]\napproval = 'sometimes'",
        "[tool.nbrunbook",
        "tool = 1",
        "[tool]\nnbrunbook = 1",
        "project = 1\n[tool.nbrunbook]",
        "[project]\nname = 1\n[tool.nbrunbook]",
        "[tool.nbrunbook.operators]\nana = ['a', 'b']",
    ],
)
def test_what_is_not_known_is_an_error(tmp_path: Path, settings: str) -> None:
    """An unknown key, a wrong type or broken TOML is an error that names the file."""
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml: "):
        found(tmp_path, settings)


def test_the_table_of_the_other_file_is_told(tmp_path: Path) -> None:
    """What is copied from a page into an nbrunbook.toml is told where its keys stand."""
    (tmp_path / "nbrunbook.toml").write_text("[tool.nbrunbook.databases]\neu = 'sqlite:///eu.db'\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"'tool' at its top: it has no \[tool\.nbrunbook\]"):
        find_project(tmp_path)


def test_settings_that_are_not_utf8_are_an_error(tmp_path: Path) -> None:
    """A file of configuration in another encoding is an expected error."""
    (tmp_path / "nbrunbook.toml").write_bytes(b"templates = '\xff'")
    with pytest.raises(ConfigurationError, match="not TOML"):
        find_project(tmp_path)


def test_another_environment_is_an_error(tmp_path: Path) -> None:
    """With environments declared, another name is an error that lists them and says which is near."""
    with pytest.raises(UnknownEnvironmentError, match=r"production-eu, staging; did you mean 'staging'"):
        found(tmp_path, SETTINGS).environment("stagging")


def test_without_environments_any_name_will_do(tmp_path: Path) -> None:
    """A project that declares none takes every environment, if its name can be a file's."""
    here = found(tmp_path, "[tool.nbrunbook]")
    assert here.environment("anywhere").values == {}
    with pytest.raises(NbrunbookError, match="cannot be a file's name"):
        here.environment("../etc")


@pytest.mark.parametrize("setting", ["host=h password=hush dbname=x", "ana:hush@h/x"])
def test_a_database_without_a_url_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """Libpq's own way to name a database would pass for a path: it is refused, and not shown."""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", setting)
    with pytest.raises(NbrunbookError, match="neither a URL nor a path") as caught:
        found(tmp_path, SETTINGS)
    assert "hush" not in str(caught.value)


def test_a_group_is_all_of_its_environments(tmp_path: Path) -> None:
    """A group's name means its environments, an environment's only itself; both know who is released together."""
    here = found(tmp_path, REGIONS)
    assert here.groups == ("production",)
    assert (here.members("production"), here.members("eu")) == (("eu", "us"), ("eu",))
    assert (here.group_of("us"), here.group_of("staging")) == (("eu", "us"), ("staging",))
    with pytest.raises(UnknownEnvironmentError, match="did you mean 'production'"):
        here.members("prodution")


def test_a_key_names_its_files(tmp_path: Path) -> None:
    """A runbook stands under its key, and its session copy as deep, so that links hold in both."""
    here = found(tmp_path, "[tool.nbrunbook]")
    runbook, copy = here.runbook_path("production-eu/1.0@2"), here.session_path("production-eu/1.0@2")
    assert runbook == here.root / "runbooks" / "production-eu" / "1.0@2.ipynb"
    assert len(copy.parts) == len(runbook.parts)
    assert copy.parent == here.root / "runbooks" / "_sessions"


def test_paths_are_shown_from_the_root(tmp_path: Path) -> None:
    """A path in the project is shown from its root, another one whole."""
    here = found(tmp_path, "[tool.nbrunbook]")
    assert here.relative(tmp_path / "a" / "b") == "a/b"
    assert here.relative(Path("/elsewhere/b")) == "/elsewhere/b"


def test_the_environment_variable_comes_before_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NBRUNBOOK_JOURNAL wins over [tool.nbrunbook]."""
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", "postgresql://db/ops")
    assert found(tmp_path, "[tool.nbrunbook]\njournal = 'j.db'").journal == "postgresql://db/ops"


@pytest.mark.parametrize(
    ("environment", "group", "expected"),
    [
        ("production-eu", None, True),
        ("prod", None, True),
        ("PROD-1", None, True),
        ("live", None, True),
        ("eu", "production", True),
        ("staging", None, False),
        ("product-demo", None, False),
        ("staging", "testing", False),
    ],
)
def test_production_is_known_by_its_name(environment: str, group: str | None, expected: bool) -> None:
    """An environment is production by its own name or its group's."""
    assert is_production(environment, group) is expected


OPEN_URL = "[tool.nbrunbook]\nopen_url = {!r}\n"


@pytest.mark.parametrize(
    ("setting", "link"),
    [
        ("https://h/lab/tree/{path}", "https://h/lab/tree/runbooks/_sessions/eu%401%20%C3%BC%25.ipynb"),
        (
            "https://h/x?key={key}&a={path}",
            "https://h/x?key=eu/1%20%C3%BC%25&a=runbooks/_sessions/eu%401%20%C3%BC%25.ipynb",
        ),
    ],
)
def test_a_link_is_percent_encoded(tmp_path: Path, setting: str, link: str) -> None:
    """open_url's placeholders become the session copy's path and the key, percent-encoded."""
    (tmp_path / "pyproject.toml").write_text(OPEN_URL.format(setting), encoding="utf-8")
    assert find_project(tmp_path).link("eu/1 ü%") == link


@pytest.mark.parametrize(
    "setting",
    [
        *("https://h/lab", "https://h/{file}", "https://h/{path}/{x}", "https://h/{ path }", "https://h/{}"),
        *("h/{path}", "", "javascript:alert({key})", "https://h/ {path}", "https://h/{path"),
    ],
)
def test_an_open_url_that_leads_nowhere_is_refused(tmp_path: Path, setting: str) -> None:
    """An open_url has to be an address with {path} or {key}, and no other placeholder."""
    (tmp_path / "pyproject.toml").write_text(OPEN_URL.format(setting), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="open_url"):
        find_project(tmp_path)


def test_an_environment_always_has_settings(tmp_path: Path) -> None:
    """What is not declared has none of its own, whatever others have; it is no error to ask."""
    here = found(tmp_path, SETTINGS)
    assert here.settings("production-eu") == here.environments["production-eu"]
    assert here.settings("gone").name == "gone"
    assert (here.settings("gone").group, here.settings("gone").values) == (None, {})
    assert (here.settings("production-eu").verified_approvals, here.settings("gone").verified_approvals) == (
        True,
        False,
    )


@pytest.mark.parametrize("name", ["pyproject.toml", "nbrunbook.toml"])
def test_a_byte_order_mark_is_no_part_of_a_configuration(tmp_path: Path, name: str) -> None:
    """Editors on Windows put one in front of UTF-8."""
    text = '[project]\nname = "shop"\n[tool.nbrunbook]\n' if name == "pyproject.toml" else 'name = "shop"\n'
    (tmp_path / name).write_text(text, encoding="utf-8-sig")
    assert find_project(tmp_path).name == "shop"


@pytest.mark.parametrize("name", ["pyproject.toml", "nbrunbook.toml"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_configuration_in_utf_16_is_one_clear_error(tmp_path: Path, name: str, encoding: str) -> None:
    """As PowerShell writes it: it says what it is, and how to save it."""
    (tmp_path / name).write_text("[tool.nbrunbook]\n", encoding=encoding)
    with pytest.raises(ConfigurationError, match=rf"{name}: text in UTF-16; expected a file in UTF-8: save it as that"):
        find_project(tmp_path)


def test_a_project_is_found_by_the_way_that_was_written(tmp_path: Path) -> None:
    """A notebook in a folder that is a link belongs to the project that has the link; its root has none in it."""
    for name in (".git", "made/staging", "shop"):
        (tmp_path / name).mkdir(parents=True)
    shop = found(tmp_path / "shop", "[tool.nbrunbook]\n")
    (tmp_path / "shop" / "runbooks").symlink_to("../made")
    (tmp_path / "link").symlink_to("shop")
    for way in ("shop/runbooks/staging", "link/runbooks/staging", "link", "made/../shop"):
        assert (find_project(tmp_path / way).root, find_project(tmp_path / way).name) == (shop.root, "shop")
    assert find_project(tmp_path / "made" / "staging").root == tmp_path.resolve()
    assert shop.relative(tmp_path / "link" / "runbooks" / "a.ipynb") == "runbooks/a.ipynb"


def test_dots_in_a_folder_s_setting_are_gone_through(tmp_path: Path) -> None:
    """`a/../b` is `b`, unless `a` is a link: then it is where the file system goes."""
    for name in ("elsewhere/a", "shop"):
        (tmp_path / name).mkdir(parents=True)
    here = found(tmp_path / "shop", "[tool.nbrunbook]\nrunbooks = 'x/../b'\nrecords = './c/.'\ntemplates = '../t'")
    assert (here.runbooks, here.records) == (here.root / "b", here.root / "c")
    assert here.templates == here.root.parent / "t"
    (tmp_path / "shop" / "x").symlink_to("../elsewhere/a")
    assert find_project(tmp_path / "shop").runbooks == (tmp_path / "elsewhere" / "b").resolve()


def test_a_project_of_git_s_only_has_no_configuration(tmp_path: Path) -> None:
    """A file of the configuration counts, at or above the folder; nothing at all is no error."""
    assert not is_configured(tmp_path)
    (tmp_path / ".git").mkdir()
    assert not is_configured(tmp_path)
    (tmp_path / "nbrunbook.toml").touch()
    (tmp_path / "below").mkdir()
    assert is_configured(tmp_path / "below")
