"""Make the golden files of a version, with the code of that version; the README beside this says how."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import nbclient
import nbformat

from nbrunbook import commands, kernelspec, project, session
from nbrunbook.operator import Operator

HERE = Path(__file__).parent
CI = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": "5f3c1d7e9a0b2c4d6e8f0a1b3c5d7e9f0a2b4c6d",
    "GITHUB_SERVER_URL": "https://git.example.com",
    "GITHUB_REPOSITORY": "shop/shop",
    "GITHUB_RUN_ID": "1010",
    "GITHUB_ACTOR": "deploy-bot",
    "CI": "false",
}
BEFORE = {
    "Mail the shops about the new prices": "Mail the shops",
    "- [ ] Send the new list to the printer {#printer}\n": "- [ ] Put the old list away {#old-list}\n",
}
"""What 2026.11.0 says otherwise before it is revised."""
ORDER = {
    "schema_version": "version",
    "plan": "digest",
    "blob": "sha256",
    "runbook": "project, key",
    "event": "runbook, seq",
    "event_data": "event",
}


class Clock(datetime):
    """A clock of the golden files' own: each look takes seven seconds."""

    at = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """Return its instant."""
        Clock.at += timedelta(seconds=7, milliseconds=13)
        return Clock.at


def main() -> None:
    """Write shop/, journal.json and expected.json anew; shop/templates and the like stay as they are."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(HERE / "shop", Path(folder) / "shop"))
        for name in ("runbooks", "records"):
            shutil.rmtree(root / name, ignore_errors=True)
        os.chdir(root)
        os.environ.update(HOME=folder, NBRUNBOOK_OPERATOR="ana", GIT_CEILING_DIRECTORIES=folder)
        with _settled_chances():
            _live(root)
        keys = _keep(root)
        (HERE / "expected.json").write_text(_json(_expected(root, keys)), encoding="utf-8")


@contextlib.contextmanager
def _settled_chances() -> Any:
    """Ids, salts and instants that are the same each time."""
    chance = random.Random(650058)

    def new_id() -> uuid.UUID:
        return uuid.UUID(int=chance.getrandbits(128), version=4)

    with contextlib.ExitStack() as stack:
        for name in ("session", "journal", "runbook"):
            stack.enter_context(mock.patch(f"nbrunbook.{name}.datetime", Clock))
        stack.enter_context(mock.patch("uuid.uuid4", new_id))
        stack.enter_context(mock.patch("secrets.token_hex", lambda size=32: chance.randbytes(size).hex()))
        yield


def run(*words: str, by: str = "ana", expect: int = 0, **environment: str) -> str:
    """Run one command line as an operator, and return what it prints."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    surrounding = {"NBRUNBOOK_OPERATOR": by, **environment}
    with mock.patch.dict(os.environ, surrounding), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = commands.run(list(words))
    said, talk = (each.buffer.getvalue().decode() for each in (out, err))
    assert status == expect, (words, status, said, talk)
    return said


def later(**more: int) -> None:
    """Let time pass."""
    Clock.at += timedelta(**more)


def _live(root: Path) -> None:
    """The lives of all runbooks, in order."""
    _reopened()
    _rich_staging(root)
    _production(root)
    _revised(root)
    _abandoned()


def _reopened() -> None:
    for name in ("staging", "production-eu"):
        run("instantiate", "templates/2026.9.0.md", "-e", name)
    run("skip", "production-us/2026.9.0", "--reason", "2026.10.0 follows within the week")
    key = "staging/2026.9.0"
    run("tick", key, "announce", "--evidence", "https://news.example.com/1")
    run("tick", key, "release-release-close-the-milestone", by="ben")
    run("sign-off", key)
    run("archive", key)
    later(hours=2)
    run("reopen", key, "--reason", "the link was wrong")
    run("untick", key, "announce", "--reason", "it named <2026.8.0> & more")
    run("tick", key, "announce", "--evidence", "https://news.example.com/2", "--note", "„now“ it is right")
    run("sign-off", key, "--note", "for good", by="ben")
    run("archive", key)
    key = "production-eu/2026.9.0"
    run("tick", key, "announce", "--evidence", "https://news.example.com/3", "--for", "Kim, support")
    run("skip", key, "release-release-close-the-milestone", "--reason", "closed from staging")
    run("sign-off", key)
    run("archive", key)


def _rich_staging(root: Path) -> None:
    later(days=4)
    key = "staging/2026.10.0"
    run("instantiate", "templates/2026.10.0", "-e", "staging", "-p", "contact", "Zoë & Kim <kim@example.com>")
    _first_steps(root, key)
    run("untick", key, "tell-people-warn-the-shops", "--reason", "one has called")
    run("tick", key, "tell-people-warn-the-shops", by="ben")
    run("approve", key, "promote", "--note", "four eyes", by="ben")
    run("tick", key, "promote", "--yes")
    run("tick", key, "drain-web", "drain-workers", "rebuild", "look")
    later(hours=25)
    run("tick", key, "drop-index", "answer")
    _session_copy(root, key)
    run("sign-off", key)
    run("archive", key)


def _first_steps(root: Path, key: str) -> None:
    run("tick", key, "mail-support", "--note", "sent at noon")
    run("tick", key, "dashboard", "--evidence", "https://boards.example.com/7")
    log = root / "backup.log"
    log.write_text(f"backup of {key}: 7 tables\n", encoding="utf-8")
    run("tick", key, "backup-log", "--file", "backup.log", by="ben")
    log.unlink()
    run("skip", key, "tell-people-warn-the-shops", "--reason", "nobody sells there")


def _production(root: Path) -> None:
    later(days=3)
    given = ["-p", "kind", "minor", "-p", "replicas", "3", "-p", "api_token", "SHOP_TOKEN"]
    run("instantiate", "templates/2026.10.0", "-e", "production", *given, by="", **CI)
    eu, us = "production-eu/2026.10.0", "production-us/2026.10.0"
    _first_steps(root, eu)
    run("approve", eu, "promote", by="ben@example.com")
    run("tick", eu, "promote", "--yes")
    run("add", eu, "Restart the *cache* by hand", "--after", "promote")
    run("take", eu, "drain-web", by="ben")
    run("note", eu, "node 7 hangs: token hunter2", "--step", "drain-web", by="ben")
    run("note", eu, "ben takes over at 22:00")
    _verified(eu, "noted", data={"note": "I watch the graphs"})
    run("tick", eu, "rebuild", by="ben")
    run("tick", eu, "switch-back", "--yes")
    seqs = {event["kind"]: event["seq"] for event in _events(eu) if event["step"] in ("drain-web", "backup-log")}
    run("redact", eu, str(seqs["noted"]), "--reason", "a token was pasted", "--yes")
    run("redact", eu, str(seqs["ticked"]), "--reason", "the log holds names", "--yes")
    run("take", eu, "drain-workers")
    run("take", eu, "drain-workers", "--release")

    _first_steps(root, us)
    run("approve", us, "promote", by="ben")
    run("tick", us, "promote", "--yes")
    run("tick", us, "drain-web", "drain-workers", "look", "everywhere", "answer")
    run("skip", us, "drop-index", "--reason", "there was none")
    run("sign-off", us)
    run("archive", us)


def _revised(root: Path) -> None:
    later(days=9)
    path = root / "templates" / "2026.11.0.md"
    after = before = path.read_text(encoding="utf-8")
    for new, old in BEFORE.items():
        assert new in before
        before = before.replace(new, old)
    path.write_text(before, encoding="utf-8")
    keys = ("staging/2026.11.0", "production-eu/2026.11.0")
    for key in keys:
        run("instantiate", "templates/2026.11.0.md", "-e", key.partition("/")[0])
        run("tick", key, "mail")
        run("skip", key, "old-list", "--reason", "there is none")
    path.write_text(after, encoding="utf-8")
    for key in keys:
        run("revise", key, "--yes", by="ben")
    run("note", keys[1], "kim's number is 0123", "--step", "mail")
    run("tick", keys[1], "mail", "printer", "first-order")
    run("sign-off", keys[1])
    run("archive", keys[1])
    note = next(event["seq"] for event in _events(keys[1]) if event["kind"] == "noted")
    run("redact", keys[1], str(note), "--reason", "a number", "--yes")


def _abandoned() -> None:
    later(days=5)
    run("instantiate", "templates/2026.12.0.md", "-e", "staging")
    run("take", "staging/2026.12.0", "warm")
    run("abandon", "staging/2026.12.0", "--reason", "rolled back")
    run("instantiate", "templates/2026.12.0.md", "-e", "staging", "--again")


def _events(key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("journal", key, "--json").splitlines()]


def _verified(key: str, kind: Any, **more: Any) -> None:
    """Record something as somebody whom Jupyter vouches for."""
    cleo = Operator(name="cleo", known="verified", known_by="jupyter")
    session.open_session(project.find(), key, cleo).record(kind, **more)


def _session_copy(root: Path, key: str) -> None:
    """Run the runbook's cells in a kernel, and save it as JupyterLab does."""
    copy = project.find().session_path(key)
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(root / "runbooks" / f"{key}.ipynb", copy)
    document = nbformat.read(copy, as_version=4)
    client = nbclient.NotebookClient(
        document,
        resources={"metadata": {"path": str(root)}},
        skip_cells_with_tag="none",
        store_widget_state=False,
        record_timing=False,
    )
    with kernelspec.private("python3"), mock.patch.dict(os.environ, JPY_SESSION_NAME=str(copy)):
        client.execute()
    views = [
        output["data"]["application/vnd.jupyter.widget-view+json"]
        for cell in document.cells
        for output in cell.get("outputs", ())
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert len(views) > 3, "it was not live"
    for number, view in enumerate(views):
        view["model_id"] = f"{number:032x}"
    nbformat.write(document, copy)


def _keep(root: Path) -> list[str]:
    """Keep the project's files and the journal's rows; a blob that is a file of the project is named by it."""
    for name in ("runbooks", "records"):
        shutil.rmtree(HERE / "shop" / name, ignore_errors=True)
        shutil.copytree(root / name, HERE / "shop" / name, ignore=shutil.ignore_patterns(".gitignore"))
    connection = sqlite3.connect(root / ".nbrunbook" / "journal.db")
    rows: dict[str, list[Any]] = {
        table: [list(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}")]
        for table, order in ORDER.items()
    }
    connection.close()
    files = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.relative_to(HERE / "shop").as_posix()
        for path in sorted((HERE / "shop" / "runbooks").rglob("*.ipynb"))
    }
    for row in rows["blob"]:
        row[1] = {"file": files[row[0]]} if row[0] in files else {"text": row[1].decode()}
    (HERE / "journal.json").write_text(_json(rows, by_line=True), encoding="utf-8")
    return [row[2] for row in rows["runbook"]]


def _expected(root: Path, keys: list[str]) -> dict[str, Any]:
    """What the command line says of it now, by its words, and the records' sha256."""
    told = [["status", "--json"], ["history", "--json"], ["pending", "--json"], ["verify", "--all", "--json"]]
    told += [["journal", key, "--json"] for key in keys]
    told += [["export", key] for key in ("production-eu/2026.10.0", "production-eu/2026.11.0", "staging/2026.9.0")]
    planned = {"2026.9.0.md": "staging", "2026.10.0": "production", "2026.11.0.md": "staging"}
    told += [["plan", f"templates/{path}", "-e", name, "--json"] for path, name in planned.items()]
    here = HERE / "shop"
    return {
        "records": {
            path.relative_to(here).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((here / "records").rglob("*.html"))
        },
        "told": {" ".join(words): _read(words[0], run(*words)) for words in told},
    }


def _read(verb: str, text: str) -> Any:
    """What was printed: JSON, JSON in lines, or lines of text, the first of which says when."""
    if verb == "export":
        return text.splitlines()[1:]
    return [json.loads(line) for line in text.splitlines()] if verb == "journal" else json.loads(text)


def _json(value: Any, *, by_line: bool = False) -> str:
    if not by_line:
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    texts = {name: [json.dumps(row, ensure_ascii=False) for row in rows] for name, rows in value.items()}
    tables = [f"{json.dumps(name)}: [\n" + ",\n".join(rows) + "\n]" for name, rows in texts.items()]
    return "{\n" + ",\n".join(tables) + "\n}\n"


if __name__ == "__main__":
    main()
