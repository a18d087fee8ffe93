"""What was signed with the last version stays valid: its journal, records and runbooks, in tests/golden."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.journal.journal import Journal
from nbrunbook.work.build import IF_NOTHING_SHOWS
from tests import restoring
from tests.conftest import Workplace
from tests.restoring import GOLDEN

EXPECTED = json.loads((GOLDEN / "expected.json").read_bytes())
ROWS = restoring.rows()
OPEN = "production-eu/2026.10.0"
CONTACT = ["-p", "contact", "Zoë & Kim <kim@example.com>"]
BY_CI = ["-p", "kind", "minor", "-p", "replicas", "3", "-p", "api_token", "SHOP_TOKEN"]
MADE_FROM = {
    "staging/2026.9.0": ["2026.9.0.md"],
    "production-eu/2026.9.0": ["2026.9.0.md"],
    "staging/2026.10.0": ["2026.10.0", *CONTACT],
    "production-eu/2026.10.0": ["2026.10.0", *BY_CI],
    "production-us/2026.10.0": ["2026.10.0", *BY_CI],
    "staging/2026.12.0": ["2026.12.0.md"],
}
"""By key, the template and the parameters of the runbooks whose template is still what it was."""


def sha256(content: str | bytes) -> str:
    """Return the sha256 of a text or of bytes, in hex."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical(value: Any) -> str:
    """Return a JSON value as the texts that are hashed have it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@pytest.fixture
def put(
    work: Workplace, engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, list[Any]]], None]:
    """Put the golden project here, with a journal of some rows."""
    restoring.put_files(work.root)

    def put_rows(kept: dict[str, list[Any]]) -> None:
        if engine == "sqlite":
            restoring.put_in_file(work.root / ".nbrunbook" / "journal.db", kept)
            Journal.upgrade(f"sqlite:///{work.root}/.nbrunbook/journal.db")
            return
        url = request.getfixturevalue("postgres").fresh()
        monkeypatch.setenv("NBRUNBOOK_JOURNAL", url)
        restoring.put_in_postgres(url, kept)
        Journal.upgrade(url)

    return put_rows


@pytest.fixture
def golden(put: Callable[[dict[str, list[Any]]], None], work: Workplace) -> Workplace:
    """The golden project with its journal, in the working directory."""
    put(ROWS)
    return work


def test_the_journal_holds(golden: Workplace) -> None:
    """The whole journal and all records of the last version verify, with no fault and nothing left out."""
    assert golden.run("verify", "--all", "--json") == 0
    assert json.loads(golden.out) == EXPECTED["told"]["verify --all --json"]
    assert len(ROWS["event"]) == json.loads(golden.out)["events"] == 87


def test_what_is_told_is_the_same(golden: Workplace) -> None:
    """The command line tells of it what the last version told, to the letter."""
    for words, expected in EXPECTED["told"].items():
        assert golden.run(*words.split()) == 0, golden.err
        assert told(words.split()[0], golden.out) == expected, words


def told(verb: str, text: str) -> Any:
    """Return what was printed: JSON, JSON in lines, or lines of text but the first, which says when."""
    if verb == "export":  # the last version left the year out
        return re.sub(r" 2026 (\d\d:\d\d UTC)", r" \1", text).splitlines()[1:]
    found = [json.loads(line) for line in text.splitlines()] if verb == "journal" else json.loads(text)
    for step in [step for each in found["runbooks"] for step in each["steps"]] if verb == "status" else ():
        assert step.pop("kind") == "manual"  # the last version knew no other
    return found


def test_the_records_verify(golden: Workplace) -> None:
    """Each record is what it was, by itself, by SHA256SUMS and by the journal."""
    for name, digest in EXPECTED["records"].items():
        assert sha256((golden.root / name).read_bytes()) == digest
        assert golden.run("verify", name, "--json") == 0, golden.out
        verdict = json.loads(golden.out)
        assert (verdict["fault"], verdict["held_against"]) == (None, ["itself", "SHA256SUMS", "the journal"])


def test_what_is_hashed_is_in_the_files() -> None:
    """Bodies, data, plans and blobs have the digests that the rows say, without a line of our code."""
    for table in ("plan", "runbook"):
        assert all(sha256(row[-1] if table == "runbook" else row[1]) == row[0] for row in ROWS[table])
    data = {row[0]: row[1:] for row in ROWS["event_data"]}
    previous = dict.fromkeys([row[0] for row in ROWS["runbook"]])
    for event_id, runbook, _, _, body, digest, _ in ROWS["event"]:
        facts = json.loads(body)
        assert (canonical(facts), sha256(body), facts["prev_hash"]) == (body, digest, previous[runbook] or runbook)
        salt, said = data.get(event_id, ("", ""))
        assert said is None or facts["data_digest"] == (said and sha256(salt + said))
        previous[runbook] = digest
    assert all(sha256(content) == name or not content for name, content in ROWS["blob"])


EDITS: dict[str, tuple[str, int]] = {"plan": ("plan", 1), "body": ("event", 4), "data": ("event_data", 2)}


@pytest.mark.parametrize("what", [*EDITS, "blob"])
def test_one_changed_byte_is_found(put: Callable[[dict[str, list[Any]]], None], work: Workplace, what: str) -> None:
    """Where one byte of what is hashed is another one, the golden journal does not verify."""
    kept = {table: [list(row) for row in rows] for table, rows in ROWS.items()}
    table, column = EDITS.get(what, ("blob", 1))
    row = next(row for row in kept[table] if row[column])
    middle = len(row[column]) // 2
    other = b"~" if what == "blob" else "~"
    row[column] = row[column][:middle] + other + row[column][middle + 1 :]
    put(kept)
    assert work.run("verify", "--all") == 1


# Made again


@pytest.fixture
def shop(work: Workplace) -> Workplace:
    """The golden project's templates, in a project where nothing was made yet."""
    restoring.put_files(work.root, "pyproject.toml", "docs", "templates")
    return work


STEP = re.compile('data-step="([^"]+)" data-status="([^"]+)"')


def stable(path: Path) -> dict[str, Any]:
    """Return a runbook without what says when, by whom and with which versions it was made.

    What Jupyter completes on opening, that the parameters' cell is folded, and the comment that begins our cells came
    later: none is a word of it. Of sections, which are drawn another way now, the steps and statuses count.
    """
    document: dict[str, Any] = json.loads(path.read_bytes())
    for name in ("created_at", "created_by", "deployment", "version", "digest"):
        del document["metadata"]["nbrunbook"][name]
    del document["metadata"]["papermill"]["version"], document["metadata"]["language_info"]
    for cell in document["cells"]:
        if cell["id"] == "nbrunbook-header":
            del cell["outputs"]
        if cell["id"] == "nbrunbook-parameters":
            cell["metadata"].pop("jupyter", None)
        if "nbrunbook" in cell["metadata"]:
            cell["source"] = [line for line in cell["source"] if line != f"{IF_NOTHING_SHOWS}\n"]
            for output in cell.get("outputs", ()):
                output["data"] = STEP.findall("".join(output["data"]["text/html"]))
    return document


@pytest.mark.parametrize("key", MADE_FROM)
def test_a_template_becomes_the_same_runbook(shop: Workplace, key: str) -> None:
    """The same template and parameters give the same plan and the same cells, to the letter."""
    environment, _ = key.split("/")
    template, *given = MADE_FROM[key]
    assert shop.run("instantiate", f"templates/{template}", "-e", environment, *given) == 0, shop.err
    path = Path("runbooks") / f"{key}.ipynb"
    assert stable(shop.root / path) == stable(GOLDEN / "shop" / path)


def test_a_revised_template_gives_the_same_plan(shop: Workplace) -> None:
    """The template as it is since a revision gives the plan that the revision names."""
    assert shop.run("instantiate", "templates/2026.11.0.md", "-e", "staging") == 0, shop.err
    made = json.loads((shop.root / "runbooks" / "staging" / "2026.11.0.ipynb").read_bytes())
    revised = [row[4] for row in ROWS["event"] if row[3] == "revised" and '"staging/' in row[4]]
    event_id = json.loads(revised[0])["id"]
    (data,) = [json.loads(row[2]) for row in ROWS["event_data"] if row[0] == event_id]
    assert made["metadata"]["nbrunbook"]["plan_digest"] == data["plan"]


def embedded(path: Path) -> dict[str, Any]:
    """Return the facts and the events that a record holds as JSON."""
    found = re.findall(r'<pre [^<>]*"nbrunbook-journal"[^<>]*>(.*?)</pre>', path.read_text(encoding="utf-8"), re.DOTALL)
    facts: dict[str, Any] = json.loads(html.unescape(found[-1]))
    return facts


def test_a_record_written_again_says_the_same(golden: Workplace) -> None:
    """A record that was lost is written again with the same facts and events, and what happened since."""
    for name in ("staging/2026.10.0", "production-us/2026.10.0", "production-eu/2026.9.0", "production-eu/2026.11.0"):
        path = golden.root / "records" / f"{name}.html"
        old = embedded(path)
        path.unlink()
        assert golden.run("archive", name) == 0, golden.err
        new = embedded(path.with_stem(f"{path.stem}~2"))
        assert new["runbook"] == old["runbook"]
        for was, now in zip(old["events"], new["events"], strict=False):
            if "data_digest" in now and "salt" not in now:  # redacted since
                del was["data"], was["salt"]
        assert new["events"][: len(old["events"])] == old["events"]
        assert golden.run("verify", f"records/{name}~2.html") == 0, golden.out


# Worked on


@pytest.mark.parametrize("key", [*MADE_FROM, "staging/2026.11.0", "staging/2026.12.0@2"])
def test_a_file_is_taken_into_another_journal(shop: Workplace, engine: str, key: str) -> None:
    """A runbook's file that no journal knows becomes the same runbook in one, the first hash of its chain the same."""
    name = f"runbooks/{key}.ipynb"
    restoring.put_files(shop.root, name)
    settings = shop.root / "pyproject.toml"
    linked = settings.read_text(encoding="utf-8").replace("nbrunbook]", 'nbrunbook]\nopen_url = "https://hub/{path}"')
    settings.write_text(linked, encoding="utf-8")
    assert shop.run("work", name) == 0, shop.err
    assert shop.run("journal", key, "--json") == 0, shop.err
    (opened,) = [json.loads(line) for line in shop.out.splitlines()]
    (expected,) = [row[0] for row in ROWS["runbook"] if row[2] == key]
    assert opened["prev_hash"] == expected
    assert opened["data"]["notebook"] == sha256((GOLDEN / "shop" / name).read_bytes())


def test_an_open_runbook_is_worked_to_its_end(golden: Workplace) -> None:
    """A runbook that the last version left open is ticked, signed off and archived, and its record verifies."""
    steps = ["added-restart-the-cache-by-hand", "drain-web", "drain-workers", "look", "everywhere", "answer", "say-so"]
    for step in steps:
        assert golden.run("tick", OPEN, step) == 0, golden.err
    assert golden.run("sign-off", OPEN) == 0, golden.err
    assert golden.run("archive", OPEN) == 0, golden.err
    assert golden.run("verify", f"records/{OPEN}.html") == 0, golden.out
    assert golden.run("verify", "--all") == 0, golden.out


def test_the_rest_of_a_life(golden: Workplace) -> None:
    """Runbooks of the last version are confirmed, reopened, abandoned, made again and redacted as ever."""
    assert golden.run("sign-off", "staging/2026.11.0") == 1
    assert golden.run("tick", "staging/2026.11.0", "mail", "printer", "first-order") == 0, golden.err
    assert golden.run("sign-off", "staging/2026.11.0") == 0, golden.err
    assert golden.run("reopen", "staging/2026.12.0", "--reason", "after all") == 0, golden.err
    again = ["instantiate", "templates/2026.9.0.md", "-e", "production-us", "--again"]
    assert golden.run(*again) == 0, golden.err
    assert golden.run("redact", "staging/2026.9.0", "8", "--reason", "a name", "--yes") == 0, golden.err
    assert golden.run("instantiate", "--pending", "-e", "production") == 0, golden.err
    assert golden.run("verify", "--all") == 0, golden.out
