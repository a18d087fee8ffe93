"""Real web servers for a host: gunicorn and uvicorn, on 127.0.0.1, with views that read and write the journal."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from urllib.request import urlopen

from tests.django.hosts import Host

URLS = """
from asgiref.sync import sync_to_async
from django.db import connection
from django.http import JsonResponse
from django.urls import path


def noted(name):
    from nbrunbook.django import site
    from nbrunbook.project.operator import declared
    from nbrunbook.work.opening import open_session

    session = open_session(site.project(), "production/1.0", declared(name, "env"))
    event = session.append("noted", "", data={"note": name})
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [name])
        (own,) = cursor.fetchone()
        settings = []
        if connection.vendor == "postgresql":
            for each in ("search_path", "lock_timeout", "statement_timeout", "enable_indexonlyscan"):
                cursor.execute(f"SHOW {each}")
                settings += cursor.fetchone()
    read = {each.id: each for each in open_session(site.project(), session.key, session.operator).events}
    return {"note": read[event.id].data["note"], "by": read[event.id].operator, "own": own, "settings": settings}


def notes(request):
    from nbrunbook.django import site
    from nbrunbook.project.operator import declared
    from nbrunbook.work.opening import open_session

    session = open_session(site.project(), "production/1.0", declared("ana", "env"))
    return JsonResponse({"notes": [each.data["note"] for each in session.events if each.kind == "noted"]})


def note(request, name):
    return JsonResponse(noted(name))


async def note_later(request, name):
    return JsonResponse(await sync_to_async(noted)(name))


urlpatterns = [path("notes", notes), path("note/<name>", note), path("later/<name>", note_later)]
"""
BEFORE_FORKING = """
from nbrunbook.django import site
from nbrunbook.journal.journal import Journal

Journal.open(site.project().journal).projects()
"""
"""What a project may do as it is loaded."""
ASGI = """
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_of_shop.settings")
application = get_asgi_application()
"""
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "site_of_shop.wsgi")
UVICORN = ("uvicorn", "--port", "0", "site_of_shop.asgi:application")


def prepare(host: Host) -> None:
    """Give a host the views, and a runbook in its journal."""
    host.write("site_of_shop/urls.py", URLS)
    host.write("site_of_shop/asgi.py", ASGI)
    host.write("site_of_shop/wsgi.py", (host.root / "site_of_shop/wsgi.py").read_text() + BEFORE_FORKING)
    host.write("templates/1.0.md", "- [ ] Look at it {#look}\n")
    host.run("""
    from nbrunbook import commands
    assert commands.run_line(["journal", "init"]) == 0
    assert commands.run_line(["instantiate", "templates/1.0.md", "-e", "production"]) == 0
    """)


@contextmanager
def serving(host: Host, *command: str) -> Iterator[str]:
    """Serve a host by a program and its options until the block ends; yield its address."""
    server = subprocess.Popen(
        [host.python, "-m", *command], cwd=host.root, env=host.environ(), stderr=subprocess.PIPE, text=True
    )
    assert server.stderr
    said = []
    try:
        for line in server.stderr:
            said.append(line)
            found = re.search(r"(?:Listening at:|running on) (http://127\.0\.0\.1:\d+)", line)
            if found:
                break
        else:
            raise AssertionError("".join(said))
        with ThreadPoolExecutor(1) as reader:
            rest = reader.submit(server.stderr.read)  # its pipe never fills
            yield found[1]
            server.terminate()
            rest.result()
    finally:
        server.terminate()
        server.wait(timeout=60)


def ask(address: str, path: str) -> dict[str, object]:
    """Return what a server answers."""
    with urlopen(f"{address}/{path}", timeout=120) as response:
        said = json.load(response)
    assert isinstance(said, dict)
    return said


def ask_for_all(address: str, paths: list[str]) -> list[dict[str, object]]:
    """Ask for several, eight at a time; return the answers in their order."""
    with ThreadPoolExecutor(8) as clients:
        return list(clients.map(partial(ask, address), paths))
