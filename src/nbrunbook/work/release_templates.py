"""The templates of releases, by the releases that they are named for, and the plans that they give where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbrunbook import extras
from nbrunbook.errors import NbrunbookError
from nbrunbook.project.settings import Project
from nbrunbook.runbook.parameters import bind_values, require_all
from nbrunbook.runbook.plan import Plan
from nbrunbook.template import files as template_files
from nbrunbook.template import planning
from nbrunbook.template.template import Template
from nbrunbook.work import deployments
from nbrunbook.work.checkout import Checkout


@dataclass
class ReleaseTemplate:
    """A template of the repository, read when it is asked for."""

    path: Path
    shown: str
    """Its path from the project's root."""
    there: Checkout
    check: bool
    """Whether a notebook's schema is looked at: a server that only waits for steps need not know it."""
    _read: Template | str | None = None

    def read(self) -> Template | str:
        """Return the template, or why it cannot be read."""
        if self._read is None:
            try:
                self._read = self.there.read(self.path, check=self.check)
            except NbrunbookError as error:
                self._read = self.told(error)
        return self._read

    @property
    def applies_in(self) -> tuple[str, ...] | None:
        """The environments and groups that it names; None for all, and where it cannot be read."""
        template = self.read()
        return None if isinstance(template, str) else template.environments

    def told(self, fault: object) -> str:
        """Return a fault in words, without the folder in which the template was read."""
        return self.there.told(fault)


def release_templates(there: Checkout) -> dict[str, ReleaseTemplate]:
    """Return the templates by the releases that they are named for."""
    written: dict[str, ReleaseTemplate] = {}
    check = not extras.missing("ci")
    for path in template_files.templates_in_all(there.project.template_homes):
        release = template_files.release_of(path)
        if deployments.can_be_named(release):
            written.setdefault(release, ReleaseTemplate(path, there.project.relative(path), there, check))
    return written


def is_page(template: Template) -> bool:
    """Tell whether it is a page of Markdown among the templates, such as a HOWTO, without steps of its own."""
    return template.path.suffix == ".md" and all(
        step.place.path.parent.name == template_files.STANDING for step in template.steps
    )


def planned(template: Template, environment: str, project: Project) -> tuple[Plan | None, str]:
    """Return a template's plan there, None where it cannot be planned, and what keeps it from becoming a runbook."""
    if template.unclear:
        return None, str(template.unclear[0])
    try:
        table = dict(project.settings(environment).values)
        values = bind_values(list(template.parameters), table, {"environment": environment})
        made = planning.make(template, values)
    except NbrunbookError as error:
        return None, str(error)
    if template.stopping:
        more = f" and {len(template.stopping) - 1} more" if len(template.stopping) > 1 else ""
        return made, f"{template.stopping[0]}{more}"
    try:
        require_all(list(template.parameters), values)
    except NbrunbookError as error:
        return made, str(error)
    return made, ""
