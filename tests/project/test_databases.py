"""[tool.nbrunbook.databases]: the places of the data that batches go through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbrunbook.errors import ConfigurationError, NbrunbookError
from nbrunbook.project.databases import Database, chosen, declared_databases
from tests.conftest import Workplace

ROOT = Path("/work/shop")
PASSWORD = "hunter2"
SAFE = "?require_auth=!password,!md5"


def _declared(said: Any, name: str = "eu") -> Database:
    return declared_databases(ROOT, ROOT / "pyproject.toml", {name: said})[name]


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("sqlite:///data/eu.db", "sqlite:////work/shop/data/eu.db"),
        ("sqlite+pysqlite:///../eu.db", "sqlite:////work/eu.db"),
        ("sqlite:////srv/eu.db", "sqlite:////srv/eu.db"),
        ("postgresql://app@eu/shop", f"postgresql+psycopg://app@eu/shop{SAFE}"),
        ("postgres://eu", f"postgresql+psycopg://eu{SAFE}"),
        (
            "postgresql://app@eu:5432/shop?sslmode=require",
            f"postgresql+psycopg://app@eu:5432/shop?sslmode=require&{SAFE[1:]}",
        ),
        ("postgresql://app@[::1]:5432/shop", f"postgresql+psycopg://app@[::1]:5432/shop{SAFE}"),
        ("mysql+pymysql://app@eu/shop", "mysql+pymysql://app@eu/shop"),
    ],
)
def test_where_one_is(said: str, url: str) -> None:
    """As SQLAlchemy wants it; a path leads from the project's root, wherever it ends."""
    assert _declared(said) == _declared({"url": said}) == Database(name="eu", url=url)


def test_a_password_is_named() -> None:
    """By the environment variable that holds it, which is not looked at here."""
    said = {"url": "postgresql://app@eu/shop", "password": "EU_PASSWORD"}
    assert _declared(said).password == "EU_PASSWORD"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (f"postgresql://app:{PASSWORD}@eu/shop", "holds a password"),
        (f"postgresql://app:{PASSWORD}/x@eu/shop", "holds a password"),
        (f"mysql+pymysql://app:{PASSWORD}@eu/shop", "holds a password"),
        (f"postgresql://app@eu/shop?pass%77ord={PASSWORD}", "holds a password"),
        (f"postgresql://app@eu/shop?SSLPassword={PASSWORD}", "holds a password"),
        (f"postgresql://app@eu/shop?require%5Fauth={PASSWORD}", "its URL says require_auth"),
        (f"postgresql://app@eu/shop?passfile={PASSWORD}", "its URL says passfile"),
        (f"postgresql://app@eu/shop?{PASSWORD}%3D", "its URL says what is not known"),
        (f"app:{PASSWORD}@eu/shop", "its URL is none"),
        (f"host=eu password={PASSWORD}", "its URL is none"),
        (f"postgresql://app:{PASSWORD} @eu", "its URL is none"),
        (f"sqlite:///eu.db?key={PASSWORD}", "names no file"),
        ({"url": "postgresql://eu/shop", "password": PASSWORD}, "no name of an environment variable"),
        ({"url": "postgresql://eu/shop", "pasword": PASSWORD}, "unknown key pasword"),
        ({"url": "postgresql://eu/shop", f"postgresql://a:{PASSWORD}@eu": 1}, "unknown key"),
        ({"url": ["postgresql", PASSWORD]}, "its URL is none"),
        ([PASSWORD], "neither a text nor a table"),
    ],
)
def test_no_password_is_ever_shown(said: Any, words: str) -> None:
    """Whatever was written where it should not be: what is wrong is told, and never the value."""
    with pytest.raises(ConfigurationError, match=words) as found:
        _declared(said)
    assert PASSWORD not in str(found.value)
    assert "pyproject.toml: databases.eu" in str(found.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("sqlite://", "sqlite:///PATH"),
        ("sqlite:///:memory:", "sqlite:///PATH"),
        ("sqlite:///file:eu.db", "sqlite:///PATH"),
        ("sqlite:///%3Amemory:", "sqlite:///PATH"),
        ("sqlite+aiosqlite:///eu.db", "its driver is aiosqlite"),
        ("postgresql+asyncpg://eu/shop", "its driver is asyncpg"),
        ("postgresql+psycopg2://eu/shop", "expected postgresql+psycopg"),
        ("mysql+aiomysql://eu/shop", "no asynchronous one"),
        ("eu.db", "a URL such as"),
        ("postgresql://eu:port/shop", "its URL is none"),
        ("mysql://a@b@c/d", "its URL is none"),
        ("mysql://:::", "its URL is none"),
        ("", "a URL such as"),
        ("postgresql://eu/\x1b[2J", "its URL is none"),
        ("postgresql://eu/" + "x" * 2000, "its URL is none"),
        ({"url": "sqlite:///eu.db", "password": "EU"}, "SQLite knows no passwords"),
        ({"password": "EU"}, "its URL is none"),
    ],
)
def test_what_is_refused(said: Any, words: str) -> None:
    """Kinds and drivers that cannot serve, and what names no place."""
    with pytest.raises(ConfigurationError) as found:
        _declared(said)
    assert words in str(found.value)


def test_a_name_is_a_name() -> None:
    """It stands in commands and in cursors; a URL in its place is not shown."""
    for name in ("a/b", "", "-x", "x" * 101):
        with pytest.raises(NbrunbookError, match=r"^database "):
            _declared("sqlite:///eu.db", name)
    with pytest.raises(ConfigurationError, match="called by a URL") as found:
        _declared("eu", f"postgresql://app:{PASSWORD}@eu")
    assert PASSWORD not in str(found.value)


def test_so_many_that_nobody_means_them() -> None:
    """Whoever sends a branch makes no command slow."""
    with pytest.raises(ConfigurationError, match="2,001 databases; expected at most 2,000"):
        declared_databases(ROOT, ROOT / "pyproject.toml", {f"d{each}": "sqlite:///x" for each in range(2001)})


def test_those_that_are_chosen() -> None:
    """In the order of their names; one that is not known is told with those that are."""
    known = {name: Database(name=name, url=f"sqlite:////{name}.db") for name in ("eu", "us", "asia")}
    assert [each.name for each in chosen(known, ["us", "eu"])] == ["us", "eu"]
    with pytest.raises(
        NbrunbookError, match=r"unknown database 'asi'; expected one of: eu, us, asia; did you mean 'asia'\?"
    ):
        chosen(known, ["us", "asi"])
    with pytest.raises(NbrunbookError, match=r"unknown database 'eu'; name it in \[tool.nbrunbook.databases\]"):
        chosen({}, ["eu"])


def test_one_database_under_two_names() -> None:
    """Each name has a cursor of its own: every row would be gone through twice."""
    known = {name: Database(name=name, url="sqlite:////eu.db") for name in ("eu", "de")}
    with pytest.raises(NbrunbookError, match="'eu' and 'de' are one database"):
        chosen(known, ["eu", "de"])


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("postgresql://app@localhost/shop", "postgresql://app@127.0.0.1:5432/shop", True),
        ("postgres://app@EU.example.com/shop", "postgresql+psycopg://app@eu.example.com:5432/shop", True),
        ("postgresql://[::1]/shop", "postgresql://localhost/shop", True),
        ("postgresql://app@eu/shop", "postgresql://app@eu:5433/shop", False),
        ("postgresql://app@eu/shop", "postgresql://app@eu/shop2", False),
        ("postgresql://app@eu/shop", "postgresql://app@eu/shop?options=-csearch_path%3Dus", False),
    ],
)
def test_one_server_by_two_names(one: str, other: str, is_one: bool) -> None:
    """A port that need not be said, and other names of this computer, lead to the same rows."""
    known = declared_databases(ROOT, ROOT / "x", {"eu": one, "de": other})
    if is_one:
        with pytest.raises(NbrunbookError, match="'eu' and 'de' are one database"):
            chosen(known, ["eu", "de"])
    else:
        assert len(chosen(known, ["eu", "de"])) == 2


def test_one_file_by_two_ways(tmp_path: Path) -> None:
    """A link leads to the same rows."""
    (tmp_path / "eu.db").touch()
    (tmp_path / "de.db").symlink_to("eu.db")
    known = declared_databases(tmp_path, tmp_path / "x", {name: f"sqlite:///{name}.db" for name in ("eu", "de", "us")})
    assert len(chosen(known, ["eu", "us"])) == 2
    with pytest.raises(NbrunbookError, match="'eu' and 'de' are one database"):
        chosen(known, ["eu", "us", "de"])


def test_the_configuration_says_them(work: Workplace) -> None:
    """In their table, and nowhere else; where it is no table, it is not shown either."""
    Path("pyproject.toml").write_text('[tool.nbrunbook.databases]\neu = "sqlite:///eu.db"\n')
    assert work.run("pending") == 0, work.err
    Path("pyproject.toml").write_text(f'[tool.nbrunbook]\ndatabases = "postgresql://app:{PASSWORD}@eu"\n')
    assert work.run("pending") == 1
    assert "databases; expected a table" in work.err
    assert PASSWORD not in work.err
