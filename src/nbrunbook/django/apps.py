"""The app, `nbrunbook.django`: it registers the site. Nothing that the journal needs is imported here."""

from __future__ import annotations

from django.apps import AppConfig


class NbrunbookConfig(AppConfig):
    """The app's label is `nbrunbook`."""

    name = "nbrunbook.django"
    label = "nbrunbook"
    verbose_name = "nbrunbook"
    default = True

    def ready(self) -> None:
        """Say which project this is, and register the checks."""
        from nbrunbook.django import site
        from nbrunbook.project import sites

        sites.register(site.project)
