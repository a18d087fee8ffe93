"""The docs say what is true now."""

from __future__ import annotations

import ast
import inspect
import json
import re
import sqlite3

import psycopg
import pytest
from scripts import write_commands

from nbrunbook.batches.definition import batch
from nbrunbook.commands import VERBS
from nbrunbook.documents import attributes
from nbrunbook.runbook import events
from nbrunbook.template.problems import PROBLEMS
from tests.conftest import ROOT, Workplace
from tests.databases import Server
from tests.making import session_on
from tests.serving import Site, site

__all__ = ["site"]


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_problem_stands_in_the_docs() -> None:
    """Each finding has a heading, with its id and the words of the table in the code, and some lines of its own."""
    found = re.findall(r"^### (RB\d{3}): (.+)\n\n(.+)", _page("docs/findings.md"), re.MULTILINE)
    assert [(problem, words.replace("`", "")) for problem, words, _ in found] == [
        (problem, words.replace("`", "")) for problem, words in sorted(PROBLEMS.items())
    ]
    assert all(len(text) > 20 for *_, text in found)


def test_what_is_mended_is_said() -> None:
    """The findings that the docs mark as mended are those of which `lint --fix` mends at least one kind."""
    sections = re.split(r"^### ", _page("docs/findings.md"), flags=re.MULTILINE)
    marked = {section[:5] for section in sections if "*mended*" in section.lower() and section.startswith("RB")}
    assert marked == {"RB103", "RB110", "RB201", "RB203", "RB207", "RB216", "RB217"}


def test_every_attribute_stands_in_the_docs() -> None:
    """Each flag and each key has a row."""
    page = _page("docs/templates.md")
    names = [f".{flag}" for flag in (*attributes.STEP_FLAGS, *attributes.HEADING_FLAGS)]
    for name in [*names, *attributes.STEP_KEYS]:
        assert f"| `{name}` |" in page


def test_every_command_stands_in_the_docs() -> None:
    """docs/commands.md is what `scripts/write_commands.py` writes today."""
    assert _page("docs/commands.md") == write_commands.page()


def test_every_kind_of_event_stands_in_the_docs() -> None:
    """The page on the journal names each kind."""
    page = re.sub(r"\s+", " ", _page("docs/journal.md"))
    assert ", ".join(events.KINDS) in page


def test_readme_is_short_and_starts_with_a_live_runbook() -> None:
    """At most 150 lines, and the one command by line 40."""
    lines = _page("README.md").splitlines()
    assert len(lines) <= 150
    assert "$ make demo" in lines[:40]


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_links_and_commands_of_a_page_hold(page: str) -> None:
    """Relative links lead to files, and every `nbrunbook VERB` in a page is a verb."""
    text = _page(page)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if "{{" not in target:
            assert ((ROOT / page).parent / target).exists(), target
    for verb in re.findall(r"^(?:\$ |.*`)nbrunbook ([a-z-]+)", text, re.MULTILINE):
        assert verb in VERBS, verb


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_commands_to_copy_fit_a_terminal(page: str) -> None:
    """A command that a page shows fits 80 columns, unless an address makes it longer."""
    commands = re.findall(r"^\$ .*", _page(page), re.MULTILINE)
    assert [each for each in commands if len(each) > 80 and "://" not in each] == []


def test_readme_commands_run(work: Workplace) -> None:
    """The README's way in a project of one's own works to the letter, up to the browser."""
    (work.root / "docs").mkdir()
    checklist = "## Tell people\n- [ ] Mail support\n- [ ] Add the dashboard\n"
    (work.root / "docs" / "release-checklist.md").write_text(checklist, encoding="utf-8")
    commands = re.findall(r"^\$ nbrunbook (.+)$", _page("README.md"), re.MULTILINE)
    ran = [line for line in commands if line.split()[0] != "work"]
    verbs = ["init", "new", "import", "lint", "plan", "instantiate", "status", "pending", "instantiate"]
    assert [line.split()[0] for line in ran] == verbs
    for line in ran:
        assert work.run(*line.split()) == 0, (line, work.err)


@pytest.fixture
def automated(work: Workplace, site: Site, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """A project with the examples of the page on automation as one template, their addresses changed to a local one."""
    blocks = dict[str, list[str]]()
    for info, text in re.findall(r"^```([^\n]*)\n(.*?)^```", _page("docs/automation.md"), re.MULTILINE | re.DOTALL):
        blocks.setdefault(info, []).append(text)
    (parameters,), (markdown,), code = blocks["python parameters"], blocks["markdown"], blocks["python"]
    secret = 'cdn_url: str\ncdn_token: Secret = Secret("CDN_TOKEN")\n'
    assert all(f"`{line}`" in _page("docs/automation.md") for line in secret.splitlines())
    declared = f"from nbrunbook import Secret\n{parameters.replace('http://127.0.0.1:8000', site.url)}{secret}"
    steps = f"{markdown}- [ ] The CDN is empty {{#purge-cdn}}\n"
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("CDN_TOKEN", "s3cret-token")
    bound = [each for each in code if "@" in each]
    work.template(steps, parameters=declared, code="\n".join(bound))
    (site.folder / "version").write_text("1.0\n", encoding="utf-8")
    return work


def test_examples_of_automation_run(automated: Workplace, site: Site) -> None:
    """What the page on automation shows is a template without findings, and does what it says."""
    given = ("-p", "cdn_url", site.url)
    assert automated.run("lint") == 0, automated.out
    assert automated.run("rehearse", "1.0", "--checks", *given) == 0, automated.err
    assert automated.run("instantiate", "1.0", "-e", "staging", *given) == 0, automated.err
    assert automated.run("check", "staging/1.0") == 0, automated.err
    assert automated.out.startswith("staging/1.0, site-answers: passed, run by ana (declared), ")
    assert automated.run("run", "staging/1.0", "warm-cache", "purge-cdn") == 0, automated.err
    assert "/version: 4 characters\nwarm-cache: passed, " in automated.out
    assert "\n2 pages\n" in automated.out
    assert automated.out.endswith("\nthe CDN says 202\n")
    ((path, headers),) = site.posted
    assert (path, headers["Authorization"]) == ("/purge", "Bearer s3cret-token")
    last = session_on().progress.of("purge-cdn").last
    assert last is not None
    assert headers["Idempotency-Key"] == last.data["run"]


def test_json_of_runs_stands_in_the_docs(automated: Workplace, site: Site) -> None:
    """The page shows the keys that `run --json` gives."""
    shown = re.search(r"^\{\n  \"runs\": .*?^\}", _page("docs/automation.md"), re.MULTILINE | re.DOTALL)
    assert shown
    assert automated.run("instantiate", "1.0", "-e", "staging", "-p", "cdn_url", site.url) == 0, automated.err
    (site.folder / "version").write_text("", encoding="utf-8")
    assert automated.run("check", "staging/1.0", "--json") == 1
    assert list(json.loads(automated.out)["runs"][0]) == list(json.loads(shown[0])["runs"][0])


def _blocks(page: str) -> dict[str, list[str]]:
    """What stands in a page's fences, by the words behind the three backticks."""
    blocks = dict[str, list[str]]()
    for info, text in re.findall(r"^```([^\n]*)\n(.*?)^```", _page(page), re.MULTILINE | re.DOTALL):
        blocks.setdefault(info, []).append(text)
    return blocks


@pytest.mark.database
def test_tutorial_of_batches_runs(work: Workplace, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page on batches shows fills two databases, holds the next step back, and mends the refused row."""
    blocks, urls = _blocks("docs/batches.md"), {"eu": postgres.fresh(), "us": postgres.fresh()}
    for url in urls.values():
        _psql(url, *blocks["sql"])
    spoil, mend = re.findall(r'^\$ psql us -c "(.*)"$', _page("docs/batches.md"), re.MULTILINE)
    _psql(urls["us"], spoil)
    (toml,) = blocks["toml"]
    for name, url in urls.items():
        toml = toml.replace(f"postgresql+psycopg://postgres@127.0.0.1:5432/{name}", url)
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(toml)
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    work.template(*blocks["markdown"], parameters=blocks["python parameters"][0], code=blocks["python"][0])
    assert work.run("lint") == 0, work.out
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    fill = ("staging/1.0", "fill-slugs")
    assert work.run("run", *fill) == 1
    assert "US_PASSWORD" in work.err
    monkeypatch.setenv("US_PASSWORD", "asked-by-nobody")
    assert work.run("rehearse", "1.0") == 0, work.err
    assert work.run("run", *fill) == 1, work.out
    assert work.run("tick", "staging/1.0", "drop-index") == 1
    assert work.run("batch", "status", *fill, "--json") == 0, work.err
    (shown,) = (json.loads(text) for text in blocks["json"])
    found = json.loads(work.out)
    assert list(found) == list(shown)
    assert [list(each) for each in found["databases"]] == [list(shown["databases"][0])] * 2
    assert {each["name"]: (each["state"], each["done"], each["quarantined"]) for each in found["databases"]} == {
        "eu": ("done", 20_000, 0),
        "us": ("stopped", 19_999, 1),
    }
    _psql(urls["us"], mend)
    assert work.run("batch", "rerun", *fill) == 0, work.err
    assert _psql(urls["us"], "SELECT slug FROM product WHERE id = 137") == "three-question-marks"
    assert work.run("run", *fill) == 0, "a batch that is done is no error"
    assert work.run("tick", "staging/1.0", "drop-index") == 0, work.err


def test_arguments_of_a_batch_stand_in_the_docs() -> None:
    """The page names each that `batch` takes, with what is meant where nothing is said."""
    (block,) = _blocks("docs/batches.md")["python arguments"]
    (call,) = ast.parse(block).body
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    shown = {each.arg: ast.literal_eval(each.value) for each in call.value.keywords}
    taken = {name: each.default for name, each in inspect.signature(batch).parameters.items() if name != "step"}
    assert {**shown, "databases": inspect.Parameter.empty, "throttle": ()} == taken


def test_throttles_of_the_docs_are_planned(work: Workplace) -> None:
    """The page's throttles have no finding, and the plan says them."""
    blocks = _blocks("docs/batches.md")
    code, (throttles,) = blocks["python"][0], blocks["python throttles"]
    code = re.sub(r"^fill = batch\(.*\)\n", lambda _: throttles, code, count=1, flags=re.MULTILINE)
    work.template(*blocks["markdown"], parameters=blocks["python parameters"][0], code=code)
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('[tool.nbrunbook.databases]\neu = "sqlite:///eu.db"\nus = "sqlite:///us.db"\n')
    assert work.run("lint") == 0, work.out + work.err
    assert work.run("plan", "1.0", "--json") == 0
    assert work.out.count("replica_lag") == 1


def _psql(url: str, *statements: str) -> object:
    """Run statements, and return the first value of the last one, if it has any."""
    with psycopg.connect(url.replace("+psycopg", "")) as db:
        for each in statements:
            last = db.execute(each.encode())
        return (last.fetchone() or [None])[0] if last.description else None


def test_starter_of_batches_runs(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The starter fills the SQLite database that the page on batches makes, from its first check to its last."""
    blocks = _blocks("docs/batches.md")
    exec(blocks["python make"][0], {})
    with (work.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(blocks["toml sqlite"][0])
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    assert work.run("new", "1.0", "--from", "backfill") == 0, work.err
    assert work.run("lint") == 0, work.out
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    assert work.run("check", "staging/1.0", "column-there", "sample") == 0, work.err
    assert "shop 1 'Product Number 0' -> 'product-number-0'" in work.out
    for step in ("writes-it", "sample-read", "tell-watchers"):
        asked = ("--evidence", "https://example.com/7") if step != "sample-read" else ()
        assert work.run("tick", "staging/1.0", step, *asked) == 0, work.err
    assert work.run("run", "staging/1.0", "fill") == 0, work.err
    assert work.run("check", "staging/1.0", "none-left") == 0, work.err
    with sqlite3.connect("shop.db") as db:
        assert db.execute("SELECT count(DISTINCT slug) FROM product").fetchone() == (20_000,)


def test_changelog_has_what_is_released() -> None:
    """The changelog has an entry for the version in the package."""
    from nbrunbook import __version__

    assert f"## [{__version__}]" in _page("CHANGELOG.md")
