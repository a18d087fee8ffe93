"""Where the journal is, as settings say it: a URL, a file's path, or nothing."""

from __future__ import annotations

import re
from pathlib import Path

from nbrunbook.errors import NbrunbookError
from nbrunbook.project.local_state import own_journal

ABSENT = "none://"
"""The URL of no journal: of a site whose tests run."""
HAS_PASSWORD = re.compile(r"://[^/?]*:[^/?]*@|[?&][a-z]*password=")
"""A URL with a password, which does not belong into a file that is committed."""
LIBPQ = re.compile(r"(^|\s)(host|dbname|user|password)\s*=|^[^/\s]*:[^/\s]*@")
"""Other ways to name a database, which would pass for a file's path: libpq's own, or a URL without its scheme."""


def without_passwords(url: str) -> str:
    """The URL of a journal that a file names, which anybody may have written: its host gets no password.

    Neither in clear nor as a hash that could be sent again (https://www.postgresql.org/docs/current/libpq-connect.html,
    require_auth); SCRAM proves to the host that one knows it.
    """
    if not url.startswith("postgres"):
        return url
    place, _, query = url.partition("?")
    kept = [each for each in query.split("&") if each and not each.lower().startswith("require_auth")]
    return f"{place}?{'&'.join([*kept, 'require_auth=!password,!md5'])}"


def journal_url(root: Path, setting: str | None) -> str:
    """Return a journal's URL: the setting (a URL or a file's path), else the project's own file."""
    if setting and "://" in setting:
        return setting
    if setting and LIBPQ.search(setting):
        raise NbrunbookError(
            "the journal's setting is neither a URL nor a path (it is not shown, since it may hold a password)",
            "postgresql+psycopg://USER@HOST/DATABASE",
            "give the password with PGPASSWORD or in ~/.pgpass",
        )
    return f"sqlite:///{root / setting}" if setting else own_journal(root)
