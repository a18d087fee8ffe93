"""Which templates are meant: by a path, or by a name in the project's folder of templates."""

from __future__ import annotations

from pathlib import Path

from nbrunbook.project.settings import Project
from nbrunbook.template import files as template_files
from nbrunbook.template.template import Template, read_template


def read_named(project: Project | None, path: Path) -> Template:
    """Return the template at a path, or of a name such as `next`; without a project only a path can be meant.

    Raises as `read_template` does, and NbrunbookError, with the nearest, for a name that nothing has.
    """
    named = template_files.template_named(path, project.templates if project else None)
    return read_template(named, declared=project.declared if project else ())
