"""The app: what it loads, and what it does not."""

from __future__ import annotations

from tests.django.hosts import Host


def test_setting_django_up_and_checking_load_no_journal(host: Host) -> None:
    """A process that needs no journal, or runs a site's tests, has imported neither SQLAlchemy nor markdown-it-py."""
    script = """
    import nbrunbook.django.operations, nbrunbook.django.test
    call("check")
    print(json.dumps([each for each in ("sqlalchemy", "markdown_it") if each in sys.modules]))
    """
    assert host.answers(script) == []
