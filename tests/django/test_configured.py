"""The setting NBRUNBOOK: every key of the configuration, read with the same checks."""

from __future__ import annotations

from tests.django.hosts import Host


def test_a_name_comes_from_the_urls_where_none_is_set(host: Host) -> None:
    """NAME is by default the first part of ROOT_URLCONF."""
    host.set(NAME=None, ENVIRONMENT=None)
    script = "from nbrunbook.django import site; print(json.dumps([site.project().name, site.environment()]))"
    assert host.answers(script) == ["site_of_shop", None]
