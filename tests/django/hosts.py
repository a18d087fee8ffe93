"""Django projects of the tests' own: a small shop in a folder, on SQLite or PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

MANAGE = """\
import os, sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_shop.settings")
if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
SETTINGS = """\
import json, os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "of the tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "site_of_shop.urls"
WSGI_APPLICATION = "site_of_shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["shop", "stock", "nbrunbook.django"]
MIDDLEWARE = []
DATABASES = {databases}
NBRUNBOOK = {nbrunbook}
"""
MODELS = """\
from django.db import models


class {name}(models.Model):
    title = models.CharField(max_length=100, default="")
"""
URLS = "urlpatterns = []\n"
WSGI = """\
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_shop.settings")
application = get_wsgi_application()
"""
INITIAL = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            "{name}",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(default="", max_length=100)),
            ],
        ),
    ]
"""
FORGOTTEN = ("DJANGO_SETTINGS_MODULE", "NBRUNBOOK_JOURNAL", "NBRUNBOOK_UNGUARDED")
"""Variables that a process of a host does not inherit."""


@dataclass
class Host:
    """A Django project `site_of_shop` with two apps: `shop` (model Product) and `stock` (model Shelf), at 0001_initial.

    `nbrunbook` is the setting NBRUNBOOK, `databases` is DATABASES; `more` stands at the end of the settings' module.
    """

    root: Path
    nbrunbook: dict[str, object] = field(default_factory=lambda: {"NAME": "shop", "ENVIRONMENT": "production"})
    databases: dict[str, dict[str, object]] = field(default_factory=dict)
    more: str = ""
    python: str = os.environ.get("NBRUNBOOK_HOST_PYTHON") or sys.executable
    """Whose Django it is: `make newer` has another one's."""

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.databases = self.databases or {"default": sqlite(self.root / "db.sqlite3")}
        self.write("manage.py", MANAGE)
        self.write("site_of_shop/__init__.py", "")
        self.write("site_of_shop/urls.py", URLS)
        self.write("site_of_shop/wsgi.py", WSGI)
        for app, model in (("shop", "Product"), ("stock", "Shelf")):
            self.write(f"{app}/__init__.py", "")
            self.write(f"{app}/models.py", MODELS.format(name=model))
            self.write(f"{app}/migrations/__init__.py", "")
            self.write(f"{app}/migrations/0001_initial.py", INITIAL.format(name=model))
        self.set()

    def set(self, more: str | None = None, **keys: object) -> None:
        """Write the settings again, with some keys of NBRUNBOOK changed; None takes one away."""
        self.nbrunbook = {key: value for key, value in {**self.nbrunbook, **keys}.items() if value is not None}
        self.more = self.more if more is None else textwrap.dedent(more)
        databases, nbrunbook = repr(self.databases), repr(self.nbrunbook)
        self.write("site_of_shop/settings.py", SETTINGS.format(databases=databases, nbrunbook=nbrunbook) + self.more)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the project; indented text is dedented."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def migration(self, app: str, name: str, operations: str, *, after: str = "0001_initial", extra: str = "") -> Path:
        """Write a migration: `operations` is the text of a list (`[ours.DropColumn(…)]`), `extra` more of its class."""
        ours = any(each in operations for each in ("DropColumn", "RemoveFieldFromState"))
        head = "from django.db import migrations, models\n" + "from nbrunbook.django import operations as ours\n" * ours
        body = f"    dependencies = [({app!r}, {after!r})]\n    operations = {operations}\n"
        lines = textwrap.indent(textwrap.dedent(extra), "    ")
        return self.write(
            f"{app}/migrations/{name}.py", f"{head}\n\nclass Migration(migrations.Migration):\n{body}{lines}\n"
        )

    def template(self, release: str, text: str, *, app: str = "shop") -> Path:
        """Write a template in Markdown into an app's `runbooks/`."""
        return self.write(f"{app}/runbooks/{release}.md", text)

    def environ(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process of this host's."""
        kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
        return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}

    def manage(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run manage.py, whatever its exit status."""
        return self._python("manage.py", *arguments, env=env)

    def run(self, script: str, *, env: Mapping[str, str] | None = None, fine: bool = True) -> str:
        """Run a script in one process, once Django is set up, and return what it printed; it must end well if `fine`.

        In it, `call(*arguments)` calls a management command, and returns what it wrote; `refused: …` of a CommandError.
        """
        done = self._python("-c", SET_UP + textwrap.dedent(script), env=env)
        if fine:
            assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def answers(self, script: str, *, env: Mapping[str, str] | None = None) -> object:
        """Run a script and return what its last line prints as JSON."""
        return json.loads(self.run(script, env=env).splitlines()[-1])

    def _python(self, *arguments: str, env: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *arguments], cwd=self.root, env=self.environ(env), capture_output=True, text=True, timeout=300
        )


SET_UP = """\
import io, json, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_shop.settings")
import django
django.setup()
from django.core.management import CommandError, call_command
def call(*arguments, **options):
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out, **options)
    except CommandError as error:
        return f"refused: {error}"
    return out.getvalue()
"""


def sqlite(path: Path) -> dict[str, object]:
    """Return an entry of DATABASES for a file."""
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}


def postgres(url: str, **more: object) -> dict[str, object]:
    """Return an entry of DATABASES for a URL of PostgreSQL, as the fixtures give it."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host, port = parts.hostname or query.pop("host", ""), str(parts.port or query.pop("port", ""))
    names = {"NAME": unquote(parts.path.removeprefix("/")), "USER": unquote(parts.username or ""), "HOST": host}
    password = {"PASSWORD": unquote(parts.password)} if parts.password else {}
    options = {"OPTIONS": query} if query else {}
    return {"ENGINE": "django.db.backends.postgresql", **names, **password, "PORT": port, **options, **more}
