"""The app's models."""

from __future__ import annotations

from tests.django.hosts import Host


def test_the_app_hears_of_migrate(host: Host) -> None:
    """Django sends `pre_migrate` only to apps with a module for models, and ours makes no migration."""
    script = """
    from django.apps import apps
    print(call("makemigrations", "nbrunbook", "--check", "--dry-run"))
    print(json.dumps(apps.get_app_config("nbrunbook").models_module is not None))
    """
    assert host.answers(script) is True
