"""The project: its root, its folders and [tool.nbrunbook]."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbrunbook.errors import ConfigurationError, ProjectError, ProjectNotFoundError, UnknownEnvironmentError
from nbrunbook.project import author_files, configuration, paths, sites, template_homes, toml_file
from nbrunbook.project.databases import Database, declared_databases
from nbrunbook.project.environments import Environment, declared_environments
from nbrunbook.project.journal_urls import journal_url, without_passwords
from nbrunbook.project.local_state import refuse_foreign_journal
from nbrunbook.project.names import check_name


@dataclass(frozen=True, kw_only=True)
class Project:
    """Where things are. Paths are absolute."""

    root: Path
    name: str
    is_named: bool = False
    """Whether its configuration says so."""
    templates: Path
    """Where new templates are written."""
    more_templates: tuple[Path, ...] = ()
    """The other folders that hold templates."""
    templates_listed: tuple[str, ...] = (template_homes.DEFAULT,)
    """Those folders as the configuration lists them, from the root: a commit may have others that fit a pattern."""
    runbooks: Path
    records: Path
    journal_setting: str | Callable[[], str] | None = None
    """A URL of SQLAlchemy's, or a file's path; None where nothing is said. A site says it when it is asked."""
    serves: str = ""
    """The one environment whose own database the journal is in; empty where it is nobody's."""
    is_trial: bool = False
    """Whether all that is written is thrown away, as in a site's tests."""
    open_url: str | None = None
    environments: Mapping[str, Environment] = field(default_factory=dict)
    databases: Mapping[str, Database] = field(default_factory=dict)
    """By name, those that batches go through."""
    operators: Mapping[str, str] = field(default_factory=dict)
    """From any name of a person to the one that is written down."""
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """From a step's `owner`, such as a role, to the operators who act for it."""
    expect: tuple[str, ...] = ()
    """Patterns of files, from the root, whose change should come with a step."""
    ignore: tuple[str, ...] = ()
    """Ids of findings that the linter keeps to itself: advice only."""

    @cached_property
    def journal(self) -> str:
        """Where the journal is, as a URL.

        NbrunbookError where none is named and `.git` cannot be read, and for a file in the project that git tracks.
        """
        setting = self.journal_setting() if callable(self.journal_setting) else self.journal_setting
        url = journal_url(self.root, setting)
        file = Path(url.removeprefix("sqlite:///")).absolute()
        inside = file.is_relative_to(self.root) or file.resolve().is_relative_to(self.root)
        if url.startswith("sqlite:///") and setting and inside:
            refuse_foreign_journal(file, self.root)
        return url

    @property
    def template_homes(self) -> tuple[Path, ...]:
        """The folders that hold templates; first the one where new ones are written."""
        return (self.templates, *self.more_templates)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups, in the order declared."""
        return tuple(dict.fromkeys(each.group for each in self.environments.values() if each.group))

    @property
    def declared(self) -> tuple[str, ...]:
        """The names of environments and groups; empty where none is declared."""
        return (*self.environments, *self.groups)

    def environment(self, name: str) -> Environment:
        """Return an environment's settings; with environments declared, another name is an error."""
        check_name(name, "environment")
        if self.environments and name not in self.environments:
            raise UnknownEnvironmentError(name, self.declared)
        return self.settings(name)

    def settings(self, name: str) -> Environment:
        """Return what is declared of an environment; nothing is of one that is not declared (any more)."""
        return self.environments.get(name) or Environment(name=name)

    def is_production(self, environment: str) -> bool:
        """Tell whether an environment, by its name or its group's, is production."""
        return is_production(environment, self.settings(environment).group)

    def members(self, name: str) -> tuple[str, ...]:
        """Return the environments that a name means: those of a group in the order declared, else the one itself.

        With environments declared, any other name is UnknownEnvironmentError.
        """
        grouped = tuple(each.name for each in self.environments.values() if each.group == name)
        return grouped or (self.environment(name).name,)

    def check_served(self, environments: Iterable[str]) -> None:
        """Raise ProjectError for an environment whose runbooks are not for this journal, since it has its own."""
        others = [each for each in environments if self.serves and each != self.serves]
        if others:
            found = f"the journal is in the database of {self.serves}, and {' and '.join(others)} cannot reach it"
            raise ProjectError(
                found, self.serves, "a journal for several is named: NBRUNBOOK_JOURNAL=postgresql+psycopg://…"
            )

    def group_of(self, environment: str) -> tuple[str, ...]:
        """Return the environments that are released together with one, itself included."""
        group = self.settings(environment).group
        return self.members(group) if group else (environment,)

    def runbook_path(self, key: str) -> Path:
        """Return where the runbook of a key stands."""
        return self.runbooks / f"{key}.ipynb"

    def session_path(self, key: str) -> Path:
        """Return where the session copy of a key stands: as deep as the runbook, so links hold."""
        return self.runbooks / "_sessions" / f"{key.replace('/', '@', 1)}.ipynb"

    def link(self, key: str) -> str:
        """Return the address of a runbook's session copy, as `open_url` makes it; empty without one."""
        parts = {"path": quote(self.relative(self.session_path(key))), "key": quote(key)}
        return re.sub(configuration.PLACEHOLDER, lambda match: parts[match[1]], self.open_url or "")

    def relative(self, path: Path) -> str:
        """Return a path as it is shown: from the project's root, as it was written, where it lies below it."""
        found = paths.below(path, self.root)
        return str(path) if found is None else found.as_posix()

    def place(self, path: Path) -> tuple[str, str]:
        """Return where a file's links begin: its folder, from the root, and the root."""
        return posixpath.dirname(self.from_root(path)), self.root.as_posix()

    def from_root(self, path: Path) -> str:
        """Return a path as links have it: with `..` to the rest of the repository, and to folders configured there."""
        home = author_files.repository(self.root / "pyproject.toml")
        return paths.beside(path, self.root, (self.root, home, *self.template_homes, self.runbooks, self.records))


def is_production(environment: str, group: str | None = None) -> bool:
    """Tell whether an environment, by its name or its group's, is production."""
    return any(re.search(r"(?i)(?<![a-z])(prod|production|live)(?![a-z])", name or "") for name in (environment, group))


def find_project(start: Path | None = None) -> Project:
    """Return the project at or above a folder (the working directory): what a registered site says, else what is there.

    There it is the nearest of: an nbrunbook.toml, a pyproject.toml with [tool.nbrunbook], a git repository.
    """
    find = sites.registered()
    return find(start) if find else project_on_disk(start)


def project_on_disk(start: Path | None = None) -> Project:
    """Return the project at or above a folder (the working directory), whatever a site says."""
    start = paths.plain(start or Path.cwd())
    # As it was written first: a folder of the project may be a link, and lead to where another one begins.
    for folder in (each.resolve() for each in (start, *start.parents, *start.resolve().parents)):
        settings = _settings(folder)
        if settings is not None:
            path, table, name = settings
            return project_of(folder, path, table, name)
        if (folder / ".git").exists():
            return project_of(folder, folder / "pyproject.toml", {}, folder.name)
    raise ProjectNotFoundError(start)


def is_configured(start: Path | None = None) -> bool:
    """Tell whether the project at or above a folder (the working directory) has a configuration in a file there."""
    try:
        return _settings(project_on_disk(start).root) is not None
    except ProjectNotFoundError:
        return False


def project_if_any(start: Path | None = None) -> Project | None:
    """Return the project at or above a folder (the working directory); None outside of one."""
    try:
        return find_project(start)
    except ProjectNotFoundError:
        return None


def _settings(folder: Path) -> tuple[Path, dict[str, Any], str] | None:
    own, shared = folder / "nbrunbook.toml", folder / "pyproject.toml"
    if own.is_file():
        return own, toml_file.read(own), folder.name
    if shared.is_file():
        document = toml_file.read(shared)
        table = configuration.table_in(shared, document, "tool").get("nbrunbook")
        if table is not None:
            name = configuration.table_in(shared, document, "project").get("name", folder.name)
            if not isinstance(name, str):
                raise ConfigurationError(shared, f"project.name = {name!r}", "a string")
            return shared, table, name
    return None


def project_of(root: Path, path: Path, table: dict[str, Any], name: str) -> Project:
    """Return the project that a table of the configuration describes; `path` is what errors name, `name` by default."""
    configuration.check(path, table)
    listed = template_homes.read(path, table.get("templates", template_homes.DEFAULT))
    runbooks, records = (paths.plain(root / table.get(folder, folder)) for folder in configuration.FOLDERS)
    templates, *more = template_homes.homes(root, listed, (runbooks, records))
    named, written = os.environ.get("NBRUNBOOK_JOURNAL"), without_passwords(table.get("journal", ""))
    return Project(
        root=root,
        name=table.get("name", name),
        is_named="name" in table,
        templates=templates,
        more_templates=tuple(more),
        templates_listed=listed,
        runbooks=runbooks,
        records=records,
        journal_setting=journal_url(root, named or written) if named or written else None,
        open_url=configuration.open_url(path, table.get("open_url")),
        environments=declared_environments(path, table.get("environments", {})),
        databases=declared_databases(root, path, table.get("databases", {})),
        operators=dict(table.get("operators", {})),
        owners=configuration.owners(path, table.get("owners", {})),
        expect=configuration.texts(path, table, "expect"),
        ignore=configuration.ignored(path, table),
    )
