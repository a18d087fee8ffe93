"""Whether a revision waits: an open runbook's template was changed on disk and gives other steps.

`status` asks each time, and a live runbook every few seconds: what reads templates is loaded where one has changed.
"""

from __future__ import annotations

import shlex

from nbrunbook import extras
from nbrunbook.errors import NbrunbookError, ParameterError, TemplateError
from nbrunbook.project.settings import Project
from nbrunbook.work.following import Following
from nbrunbook.work.template_on_disk import has_changed

WAITS = "the template changed since: nbrunbook revise {key}"


def waits(following: Following, project: Project) -> bool:
    """Tell whether a revision waits: the template on disk gives other steps than the runbook has.

    A template that is not there, or that is unchanged, has nothing to bring;
    one that changed and cannot become a plan just now has: `revise` says what keeps it from it.
    """
    try:
        if following.progress.state != "open" or not has_changed(following, project):
            return False
        from nbrunbook.work.revision import is_new, replan

        made = replan(following, project, {}, check=not extras.missing("ci")).plan
        return is_new(made, following.progress.versions[-1].plan)
    except (TemplateError, ParameterError):
        return True
    except (NbrunbookError, OSError, ValueError):
        return False


def revision_waits_words(following: Following, project: Project) -> str:
    """Return that a revision waits, and how to look at it; empty where none does."""
    return WAITS.format(key=shlex.quote(following.key)) if waits(following, project) else ""
