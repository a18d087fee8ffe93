"""The papermill door: what a runbook's file holds, and what it never holds."""

from __future__ import annotations

import hashlib
import html
import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.filling import Fill
from nbrunbook.documents.markdown.html import draw
from nbrunbook.documents.notebook import Cell
from nbrunbook.errors import visible
from nbrunbook.runbook.metadata import SCHEMA
from nbrunbook.runbook.plan_json import plan_from_json
from tests.conftest import PARAMETERS, MakeRunbook, Workplace
from tests.making import HOSTILE, runbook_file, session_on

SECRET = "api_token: Secret = Secret('SHOP_TOKEN')\n"
DECLARE = f"from nbrunbook import Secret\n{PARAMETERS}\nkind: str = 'minor'\nreplicas: int = 2\n{SECRET}"
MARKDOWN = (
    "# Notes on {{release}}\nIntro.\n<!-- for reviewers only -->",
    "## Tell people\n- [ ] Mail for {{kind}} {#mail}\n\n## Read this\nNo steps.\n\n## Then\n- [ ] Board {#board}",
)


def _cells(work: Workplace, key: str = "staging/1.0") -> list[Cell]:
    return [{**cell, "source": "".join(cell["source"])} for cell in runbook_file(work, key)["cells"]]


def _drawn(cells: list[Cell]) -> list[str]:
    """The HTML of our cells."""
    outputs = [output for cell in cells if "checklist" in cell["source"] for output in cell["outputs"]]
    return ["".join(output["data"]["text/html"]) for output in outputs]


@pytest.fixture
def made(work: Workplace, runbook: MakeRunbook) -> dict[str, Any]:
    """A runbook's file, as JSON."""
    runbook(*MARKDOWN, parameters=DECLARE, code="print('author')")
    return runbook_file(work)


def test_the_metadata_is_in_one_place(made: dict[str, Any], work: Workplace) -> None:
    """metadata.nbrunbook holds the facts: key, project, template, parameters, plan, deployment, version."""
    about = made["metadata"]["nbrunbook"]
    content = (work.root / "templates" / "1.0.ipynb").read_bytes()
    assert (about["schema"], about["key"], about["project"]) == (SCHEMA, "staging/1.0", "shop")
    assert (about["release"], about["environment"], about["created_by"]) == ("1.0", "staging", "ana")
    assert about["template"]["parts"] == [
        {"path": "templates/1.0.ipynb", "sha256": hashlib.sha256(content).hexdigest(), "commit": ""}
    ]
    assert about["parameters"]["replicas"] == 2
    assert set(about["deployment"]) == {"commit", "pipeline", "deployed_by"}


def test_the_plan_in_the_file_is_the_one_in_the_journal(made: dict[str, Any]) -> None:
    """The plan stands in the file, its digest too, and the journal's row says the same."""
    about, session = made["metadata"]["nbrunbook"], session_on()
    found = plan_from_json(about["plan"])
    assert found.digest == about["plan_digest"] == session.runbook.plan_digest
    assert found == session.plan
    assert {
        name: value for name, value in about.items() if name not in ("schema", "digest", "plan")
    } == session.runbook.facts


def test_the_journal_keeps_the_notebook(made: dict[str, Any], work: Workplace) -> None:
    """The `opened` event holds the file's sha256, and the journal the file itself."""
    content, session = (work.root / "runbooks" / "staging" / "1.0.ipynb").read_bytes(), session_on()
    digest = session.events[0].data["notebook"]
    assert digest == hashlib.sha256(content).hexdigest()
    assert session.journal.blob(digest) == content


def test_cells_are_cut_at_headings(made: dict[str, Any], work: Workplace) -> None:
    """A header, the author's cells, one checklist for each heading with steps, and a sign-off."""
    ids = [cell["id"] for cell in made["cells"]]
    assert ids == [
        *("nbrunbook-header", "parameters", "nbrunbook-parameters", "text-0"),
        *("text-1", "nbrunbook-tell-people", "nbrunbook-read-this-text", "nbrunbook-then-text", "nbrunbook-then"),
        *("code", "nbrunbook-sign-off"),
    ]
    sources = [cell["source"] for cell in _cells(work)]
    assert "## Read this\nNo steps." in sources
    (ours,) = [each for each in sources if each.endswith('runbook.checklist("tell-people")')]
    first, *call = ours.splitlines()
    assert first.startswith("# Nothing to click below? Reload the page.")
    assert call == ["from nbrunbook.checklist import runbook", 'runbook.checklist("tell-people")']


def test_cell_ids_are_stable(work: Workplace, runbook: MakeRunbook) -> None:
    """Two runbooks of one template have the same cell ids, all of them unique, so they can be diffed."""
    runbook(*MARKDOWN, code="x = 1")
    path = Path("templates/1.0.ipynb")
    assert work.run("instantiate", path, "-e", "production") == 0
    ids = [[cell["id"] for cell in _cells(work, key)] for key in ("staging/1.0", "production/1.0")]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_two_runbooks_differ_only_where_they_must(work: Workplace, runbook: MakeRunbook) -> None:
    """Cells that name no environment are the same in two runbooks of one template."""
    runbook("## Tell\nIntro.\n- [ ] Mail {#mail}", code="x = 1")
    assert work.run("instantiate", "templates/1.0.ipynb", "-e", "production") == 0
    pairs = zip(_cells(work), _cells(work, "production/1.0"), strict=True)
    differing = [one["id"] for one, other in pairs if one != other]
    assert differing == ["nbrunbook-header", "nbrunbook-parameters"]


def test_our_cells_are_skipped_and_collapsed(made: dict[str, Any]) -> None:
    """Our cells carry skip-execution and a hidden source, and cannot be edited away by mistake."""
    ours = [cell for cell in made["cells"] if "nbrunbook" in cell["metadata"]]
    assert [cell["metadata"]["nbrunbook"]["cell"] for cell in ours] == ["header", "checklist", "checklist", "sign-off"]
    for cell in ours:
        assert "skip-execution" in cell["metadata"]["tags"]
        assert cell["metadata"]["jupyter"]["source_hidden"] is True
        assert cell["metadata"]["deletable"] is False


def test_the_authors_cells_let_run_all_go_on(made: dict[str, Any]) -> None:
    """The author's code cells carry raises-exception, so that Run All reaches every checklist."""
    author = [cell for cell in made["cells"] if cell["cell_type"] == "code" and "nbrunbook" not in cell["metadata"]]
    assert [cell["id"] for cell in author] == ["parameters", "nbrunbook-parameters", "code"]
    assert all("raises-exception" in cell["metadata"]["tags"] for cell in author)
    assert not any("skip-execution" in cell["metadata"]["tags"] for cell in author)


def test_an_authors_tags_stay(work: Workplace) -> None:
    """An author's own tags and metadata stay beside ours, and a tag is not given twice."""
    path = work.root / work.template("- [ ] A {#a}", code="x = 1")
    document = json.loads(path.read_bytes())
    document["cells"][-1]["metadata"] = {"tags": ["mine", "raises-exception"], "theirs": {"a": 1}}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    cell = next(cell for cell in _cells(work) if cell["id"] == "code")
    assert cell["metadata"] == {"tags": ["mine", "raises-exception"], "theirs": {"a": 1}}


def test_the_output_is_static(made: dict[str, Any]) -> None:
    """Outside a session a checklist is static HTML and plain text, and says how to go live."""
    ours = [cell for cell in made["cells"] if "nbrunbook" in cell["metadata"]]
    for cell in ours:
        assert [set(output["data"]) for output in cell["outputs"]] == [{"text/html", "text/plain"}]
    header = "".join(ours[0]["outputs"][0]["data"]["text/plain"])
    assert "Not live" in header
    assert "nbrunbook work staging/1.0" in header
    assert "widgets" not in made["metadata"]


def test_the_output_holds_nothing_to_click(made: dict[str, Any]) -> None:
    """A checkbox without a kernel could be clicked and would record nothing."""
    text = json.dumps(made)
    assert "<input" not in text
    assert "application/vnd.jupyter.widget" not in text


def test_nothing_was_executed(made: dict[str, Any]) -> None:
    """Without --execute the author's cells were not run."""
    author = [cell for cell in made["cells"] if cell["cell_type"] == "code" and "nbrunbook" not in cell["metadata"]]
    assert [cell["outputs"] for cell in author] == [[], [], []]
    assert {cell["execution_count"] for cell in author} == {None}


def test_images_are_in_the_notebook_itself(work: Workplace) -> None:
    """Of Markdown and of HTML, beside steps and in prose; an attachment that JupyterLab would not find is embedded."""
    (work.root / "templates").mkdir(exist_ok=True)
    (work.root / "templates" / "a.png").write_bytes(b"png")
    text = "# Read\n<img src='a.png'> ![s](attachment:S%20S.png) ![t](attachment:t.png)"
    path = work.template(text, "# Do\n- [ ] A <img src='a.png'> {#a}")
    template = json.loads((work.root / path).read_bytes())
    template["cells"][1]["attachments"] = {name: {"image/png": "eA=="} for name in ("S S.png", "t.png")}
    (work.root / path).write_bytes(notebook.dump(template))
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    cells = _cells(work)
    prose = next(cell for cell in cells if cell["source"].startswith("# Read"))
    png, attached = "data:image/png;base64,cG5n", "data:image/png;base64,eA=="
    assert prose["source"] == f'# Read\n<img src="{png}"> ![s]({attached}) ![t](attachment:t.png)'
    assert "t.png" in prose["attachments"]
    assert f'<img src="{png}">' in "".join(_drawn(cells))


def test_values_are_injected_and_put_in(work: Workplace) -> None:
    """Parameters are injected as Python of their type, and put into the text."""
    path = work.template(*MARKDOWN, parameters=DECLARE)
    assert work.run("instantiate", path, "-e", "staging", "-p", "kind", "ma'jor", "-p", "replicas", "5") == 0
    cells = {cell["id"]: cell for cell in _cells(work)}
    scope: dict[str, Any] = {}
    exec(cells["nbrunbook-parameters"]["source"], scope)
    assert (scope["kind"], scope["replicas"], scope["environment"]) == ("ma'jor", 5, "staging")
    assert cells["text-0"]["source"] == "# Notes on 1.0\nIntro."


@pytest.mark.parametrize("value", [*HOSTILE.values(), "back`tick", "*bold*", "1. list", "- [ ] step", "a\\b"])
def test_a_value_is_text_in_the_authors_prose(work: Workplace, value: str) -> None:
    """A value is escaped as text where it is put in: it never becomes markup, and never a step."""
    if "\x1b" in value:
        value = value.replace("\x1b", "")
    path = work.template("Ship {{what}} now", "- [ ] Ship {{what}} {#ship}", parameters="what: str = 'x'")
    assert work.run("instantiate", path, "-e", "staging", "-p", "what", value) == 0, work.err
    cell = next(cell for cell in _cells(work) if cell["id"] == "text-0")
    assert [step.id for step in session_on().plan.steps] == ["ship"]
    assert session_on().plan.texts()["what"] == value
    drawn = draw(cell["source"], Fill())
    assert drawn == f"<p>Ship {html.escape(visible(value), quote=False)} now</p>\n"


def test_kernel_metadata_is_whole(made: dict[str, Any]) -> None:
    """Kernel metadata is always written in full."""
    assert made["metadata"]["kernelspec"]["name"] == "python3"
    assert made["metadata"]["language_info"]["name"] == "python"
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)


def test_papermill_keeps_no_copy_of_the_template(made: dict[str, Any], work: Workplace) -> None:
    """Papermill's own metadata holds no copy of the template, no path and no secret."""
    about = made["metadata"]["papermill"]
    assert set(about) <= {"parameters", "version", "start_time", "end_time", "duration", "exception"}
    assert "SHOP_TOKEN" not in json.dumps(about)
    assert str(work.root) not in json.dumps(made["metadata"])


def test_comments_stay_with_the_author(made: dict[str, Any]) -> None:
    """HTML comments do not reach the runbook."""
    assert "for reviewers only" not in json.dumps(made)


@pytest.mark.parametrize("execute", [False, True])
def test_a_secret_is_never_written(work: Workplace, monkeypatch: pytest.MonkeyPatch, execute: bool) -> None:
    """A Secret's value is neither in the runbook nor in the journal; only its variable's name is."""
    monkeypatch.setenv("SHOP_TOKEN", "hunter2-hunter2")
    monkeypatch.setenv("OTHER_TOKEN", "correct-horse")
    path = work.template("- [ ] A {#a}", parameters=DECLARE, code="assert api_token.value == 'correct-horse'")
    command = ["instantiate", path, "-e", "staging", "-p", "api_token", "OTHER_TOKEN"]
    assert work.run(*command, *(["--execute"] if execute else [])) == 0, work.err
    for file in (work.root / "runbooks" / "staging" / "1.0.ipynb", work.root / ".nbrunbook" / "journal.db"):
        content = file.read_bytes()
        assert b"hunter2" not in content
        assert b"correct-horse" not in content.replace(b"== 'correct-horse'", b"")
    source = next(cell["source"] for cell in _cells(work) if cell["id"] == "nbrunbook-parameters")
    assert 'api_token = Secret("OTHER_TOKEN")' in source


def test_a_version_compares_as_one_in_the_kernel(work: Workplace) -> None:
    """What is injected for a parameter that is a Version is one, whether it was given or is the default."""
    declare = f"from nbrunbook import Version\n{PARAMETERS}\nschema: Version = '2.9'\nleast: Version = Version('2.8')"
    path = work.template(
        '- [ ] A {#a when="schema > least"}', parameters=declare, code="assert schema > least >= 'v2.8'"
    )
    assert work.run("instantiate", path, "-e", "staging", "-p", "schema", "2.10", "--execute") == 0, work.err
    source = next(cell["source"] for cell in _cells(work) if "injected-parameters" in cell["metadata"].get("tags", ()))
    assert ("schema = Version('2.10')" in source, "least = Version('2.8')" in source) == (True, True)
    assert work.run("status", "staging/1.0") == 0
    assert "0 of 1 done" in work.out


def test_a_literal_secret_is_refused(work: Workplace) -> None:
    """A secret itself on the command line is refused, and not repeated."""
    path = work.template("- [ ] A {#a}", parameters=DECLARE)
    assert work.run("instantiate", path, "-e", "staging", "-p", "api_token", "hunter2-hunter2") == 1
    assert "api_token" in work.err
    assert "hunter2" not in work.err + work.out
    assert not (work.root / "runbooks").exists()


# --execute


def test_the_authors_cells_are_executed_on_request(work: Workplace) -> None:
    """--execute runs the author's cells in the project's root with the values given, and not ours."""
    (work.root / "here.txt").write_text("here", encoding="utf-8")
    path = work.template("- [ ] A {#a}", code="print(open('here.txt').read(), environment)")
    assert work.run("instantiate", path, "-e", "staging", "--execute") == 0, work.err
    cells = {cell["id"]: cell for cell in _cells(work)}
    assert "".join(cells["code"]["outputs"][0]["text"]) == "here staging\n"
    assert cells["nbrunbook-header"]["execution_count"] is None
    assert [set(output["data"]) for output in cells["nbrunbook-header"]["outputs"]] == [{"text/html", "text/plain"}]


def test_a_failing_author_cell_is_named(work: Workplace) -> None:
    """A failing cell exits 1 with its id and error; the runbook is registered and whole, with its output."""
    path = work.template("- [ ] A {#a}", code="print('before')\nraise ValueError('no such index')")
    assert work.run("instantiate", path, "-e", "staging", "--execute") == 1
    assert "(id code) failed: ValueError: no such index" in work.err
    cells = {cell["id"]: cell for cell in _cells(work)}
    assert [output["output_type"] for output in cells["code"]["outputs"]] == ["stream", "error"]
    assert list(cells)[-1] == "nbrunbook-sign-off"
    assert work.run("tick", "staging/1.0", "a") == 0


def test_the_first_failing_cell_is_the_one_that_is_named(work: Workplace) -> None:
    """Later cells still run after a failing one, and the first failure is told."""
    path = work.root / work.template("- [ ] A {#a}", code="1 / 0")
    document = json.loads(path.read_bytes())
    document["cells"].append(notebook.code_cell("later", "print('ran')"))
    path.write_text(json.dumps(document), encoding="utf-8")
    assert work.run("instantiate", path, "-e", "staging", "--execute") == 1
    assert "(id code) failed: ZeroDivisionError" in work.err
    cells = {cell["id"]: cell for cell in _cells(work)}
    assert "".join(cells["later"]["outputs"][0]["text"]) == "ran\n"


# Deployment


def test_a_link_is_moved_however_it_is_written(work: Workplace) -> None:
    """Outside of a section of steps, too; code beside it stays, and what cannot be moved is named."""
    path = work.template("[a](<x y.md>) [b](z.md) and `[b](z.md)`\n\n## A\n- [ ] Do {#do}")
    assert work.run("instantiate", path, "-e", "staging") == 0, work.err
    text = Path("runbooks/staging/1.0.ipynb").read_text(encoding="utf-8")
    assert "[a](<../../templates/x%20y.md>) [b](../../templates/z.md) and `[b](z.md)`" in text
    work.template("[b](z.md) \\[b](z.md)\n\n## A\n- [ ] Do {#do}", name="2.0")
    assert work.run("instantiate", "2.0", "-e", "staging") == 1
    assert "a link in '[b](z.md)" in work.err
    assert "parameter" not in work.err
