"""The app, `nbrunbook.django`: it registers the site. Nothing that the journal needs is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.models.signals import pre_migrate

if TYPE_CHECKING:
    from nbrunbook.journal.engines import Door


class NbrunbookConfig(AppConfig):
    """The app's label is `nbrunbook`."""

    name = "nbrunbook.django"
    label = "nbrunbook"
    verbose_name = "nbrunbook"
    default = True

    def ready(self) -> None:
        """Say which project this is, and register the checks."""
        from nbrunbook.django import checks, migration_checks, site  # noqa: F401 - the checks register themselves
        from nbrunbook.journal import schemes
        from nbrunbook.project import sites

        sites.register(site.project)
        pre_migrate.connect(_before_migrate, sender=self, dispatch_uid="nbrunbook.guard")
        for scheme in ("django", "postgresql+psycopg", "postgresql", "postgres"):
            schemes.register(scheme, _door)


def _before_migrate(**sent: Any) -> None:
    """Let migrations wait: only `migrate` loads what that needs."""
    from nbrunbook.django.guard import guard

    guard(**sent)


def _door(url: str, wait_seconds: float) -> Door:
    """The door of `django://ALIAS`, or of a URL of PostgreSQL: whoever opens a journal loads what that needs."""
    from nbrunbook.django import door

    return (door.door if url.startswith("django:") else door.by_url)(url, wait_seconds)
