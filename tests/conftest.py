"""What every test gets: an empty home, a named operator, and no way to the developer's own journal."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import jinja2
import pytest
from hypothesis import HealthCheck, settings

from nbrunbook import extras
from nbrunbook.commands import run
from nbrunbook.documents import kernelspec, notebook
from nbrunbook.project import ci
from tests.databases import QUICK, Server

if TYPE_CHECKING:
    from jinja2.bccache import Bucket
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
REAL_HOME = Path.home()
FORBIDDEN = [REAL_HOME / ".nbrunbook", REAL_HOME / ".jupyter", ROOT / ".nbrunbook"]
opened_by_a_test: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("open", "sqlite3.connect") and arguments and isinstance(arguments[0], (str, bytes)):
        name = os.fsdecode(arguments[0]).removeprefix("file:").partition("?")[0]
        if any(name.startswith(f"{folder}{os.sep}") for folder in FORBIDDEN):
            opened_by_a_test.append(name)


PLENTY = 8 << 30
"""Bytes that are free before the tests' folders lie in memory."""


def _put_folders_in_memory() -> None:
    """Where there is plenty of it: each commit in a journal waits for a disk, and there are tens of thousands."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > PLENTY < _free_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def _free_memory() -> int:
    said = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    return int(said[1]) << 10 if said else 0


_put_folders_in_memory()
sys.addaudithook(_watch)
settings.register_profile("whatever the load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever the load")
os.environ["TZ"] = "UTC"  # a terminal tells instants in its own zone: see `zone`
time.tzset()


@pytest.fixture
def zone() -> Iterator[Callable[[str], None]]:
    """Give this process another zone."""

    def become(name: str) -> None:
        os.environ["TZ"] = name
        time.tzset()

    yield become
    become("UTC")


class Compiled(jinja2.BytecodeCache):
    """The templates of records, which nbconvert has compiled anew for each page."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled, if it was of the same source."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the tests of this process."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Compile a page's templates once."""
    begin = jinja2.Environment.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            jinja2.Environment,
            "__init__",
            lambda *given, **more: begin(*given, **{"bytecode_cache": Compiled(), **more}),
        )
        yield


folders = itertools.count()


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder of the test's own, as pytest's: which looks at all folders of before for each new one."""
    path = tmp_path_factory.getbasetemp() / f"{re.sub(r'[^0-9A-Za-z_]', '_', request.node.name)[:30]}{next(folders)}"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail any test that opens the developer's own journal, Jupyter settings or this project's journal."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(folders)}"
    home.mkdir(mode=0o700)
    ours = ("NBRUNBOOK_", "JUPYTER", "JPY_", "GITHUB_", "CI")
    for name in [name for name in os.environ if name.startswith(ours) or name in ci.NAMES]:
        if name not in ("NBRUNBOOK_CORPUS", "NBRUNBOOK_CHROMIUM"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NBRUNBOOK_OPERATOR", "ana")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    opened_by_a_test.clear()
    yield
    assert not opened_by_a_test, f"the test opened {opened_by_a_test}"


ENGINES = ("sqlite", "postgres")
WITHOUT_JOURNAL = (
    *("init", "new", "cut", "lint", "plan", "diff", "import", "rehearse", "textconv"),
    *("board", "moving", "options", "terminal", "wrapping"),
)
"""Verbs, and what they share, that have nothing to do with the project's journal."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of a journal on both engines, unless it says why it is about one of them."""
    if "engine" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("on")
        apart = metafunc.module.__name__.endswith(tuple(f"commands.test_{verb}" for verb in WITHOUT_JOURNAL))
        engines = [only.args[0]] if only else ENGINES[:1] if apart else ENGINES
        marks = {"postgres": [pytest.mark.database]}
        parameters = [pytest.param(each, marks=marks.get(each, [])) for each in engines]
        metafunc.parametrize("engine", parameters, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark who asks for PostgreSQL by name."""
    for item in items:
        if isinstance(item, pytest.Function) and "postgres" in item.fixturenames:
            item.add_marker("database")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Let PostgreSQL be started by marked tests only, so that `make check` never does."""
    Server.permitted = item.get_closest_marker("database") is not None
    return (yield)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One PostgreSQL for the tests of this process; it syncs nothing."""
    server = Server(*QUICK)
    yield server
    server.close()


@pytest.fixture
def engine(request: pytest.FixtureRequest, _own_world: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the project's journal is: a file of its own, or an empty journal in PostgreSQL."""
    if request.param == "sqlite":
        yield request.param
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.empty_journal()
    monkeypatch.setenv("NBRUNBOOK_JOURNAL", url)
    yield request.param
    server.give_back(url)


PARAMETERS = 'release: str = "1.0"  # what is being shipped\nenvironment: str = "staging"  # where it goes'


def template_bytes(*markdown: str, parameters: str = PARAMETERS, code: str = "") -> bytes:
    """Return a template notebook: a parameters cell, Markdown cells, and perhaps one code cell."""
    cells = [notebook.code_cell("parameters", parameters, {"tags": ["parameters"]})]
    cells += [notebook.markdown_cell(f"text-{number}", text) for number, text in enumerate(markdown)]
    cells += [notebook.code_cell("code", code)] if code else []
    return notebook.dump(notebook.document(cells, kernelspec.notebook_metadata({})))


class Workplace:
    """A project in an empty folder, and nbrunbook's command line in it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.capsys = root, capsys
        self.out = self.err = ""

    def template(self, *markdown: str, name: str = "1.0", parameters: str | None = None, code: str = "") -> Path:
        """Write a template and return its path from the root."""
        path = Path("templates") / f"{name}.ipynb"
        (self.root / path).parent.mkdir(exist_ok=True)
        content = template_bytes(*markdown, parameters=parameters or PARAMETERS.replace("1.0", name), code=code)
        (self.root / path).write_bytes(content)
        return path

    def run(self, *arguments: str | Path) -> int:
        """Run one command line; its output is in `out` and `err`, its exit status is returned."""
        self.capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        self.out, self.err = self.capsys.readouterr()
        return status


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Workplace:
    """An empty project to work in; the working directory is its root."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.nbrunbook]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Workplace(tmp_path, capsys)


@pytest.fixture(scope="session")
def corpus() -> Path | None:
    """The folder of strangers' checklists and notebooks, where NBRUNBOOK_CORPUS names one."""
    named = os.environ.get("NBRUNBOOK_CORPUS")
    return Path(named) if named else None


MakeRunbook = Callable[..., str]


@pytest.fixture
def runbook(work: Workplace) -> MakeRunbook:
    """Make a runbook from Markdown and return its key."""

    def make(*markdown: str, environment: str = "staging", **more: Any) -> str:
        path = work.template(*markdown, **more)
        assert work.run("instantiate", path, "-e", environment) == 0, work.err
        return f"{environment}/{path.stem}"

    return make


WithoutExtras = Callable[..., None]


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> WithoutExtras:
    """Let it be as where the distribution is installed without extras, from now on; False puts them back."""
    known = extras.missing

    def let_be(absent: bool = True) -> None:
        monkeypatch.setattr(extras, "missing", extras.BRINGS.__getitem__ if absent else known)

    return let_be


CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    named = [os.environ.get("NBRUNBOOK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in named if name and (path := shutil.which(name))), None)
    assert found, "no Chromium: 'make test' installs it"
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests; each opens pages of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()
