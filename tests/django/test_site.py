"""The site: which project a Django process belongs to, and which environment."""

from __future__ import annotations

from tests.django.hosts import Host


def test_the_site_is_the_project_wherever_one_asks(host: Host) -> None:
    """`find_project` answers with the settings' root, name and environment once Django is set up."""
    script = """
    from nbrunbook.django import site
    from nbrunbook.project.settings import find_project
    found = find_project()
    print(json.dumps([str(found.root), found.name, site.environment(), str(found.templates)]))
    """
    root = str(host.root.resolve())
    assert host.answers(script) == [root, "shop", "production", f"{root}/templates"]
