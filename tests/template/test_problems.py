"""Every problem that a template can have: one test for each id, and a clean template has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrunbook.documents import kernelspec, notebook
from nbrunbook.template import images
from nbrunbook.template.problems import PROBLEMS, Problem
from nbrunbook.template.template import read_template
from tests.conftest import PARAMETERS, Workplace, template_bytes
from tests.making import put

CLEAN = """## Tell people {owner="release manager"}
- [ ] Mail support that {{release}} is live {#mail-support}
  Use the [prepared text](https://example.com/{{release}}), not {{ .State }}.
- [ ] Put it on the board {#board evidence="link to the board" as=board}

## Switch over {.gate when="environment != 'demo'"}
- [ ] Take the old nodes out: {#drain .group}
  - [ ] web {#web .irreversible .approval}
- [ ] Remove the old index {#drop after="web board" wait=24h due=7d .optional}
"""


def of(content: bytes, folder: Path) -> list[Problem]:
    """Return the problems of a template called 1.0."""
    path = folder / "1.0.ipynb"
    path.write_bytes(content)
    return list(read_template(path).problems)


def ids(folder: Path, *markdown: str, **more: str) -> list[str]:
    """Return the ids of the problems of some Markdown."""
    return [problem.id for problem in of(template_bytes(*markdown, **more), folder)]


def changed(content: bytes, **more: Any) -> bytes:
    """Return a notebook with other facts at its top."""
    return json.dumps({**json.loads(content), **more}).encode()


def test_a_clean_template_has_no_problem(tmp_path: Path) -> None:
    """What the design shows is clean."""
    assert of(template_bytes(CLEAN, code="import json"), tmp_path) == []


def test_every_problem_has_a_test() -> None:
    """Each id of PROBLEMS stands in the name of a test here."""
    tested = {name.split("_")[1].upper() for name in globals() if name.startswith("test_rb")}
    assert tested == set(PROBLEMS)


def test_a_problem_says_where_it_is() -> None:
    """A problem is shown with its id, file, cell, line, message and hint, as far as it has them."""
    whole = Problem(id="RB103", message="twice", hint="choose", path=Path("a.ipynb"), cell=2, line=3)
    assert str(whole) == "RB103 a.ipynb, cell 2, line 3: twice (choose)"
    assert str(Problem(id="RB209", message="no steps", path=Path("a.ipynb"))) == "RB209 a.ipynb: no steps"
    assert whole.stops
    assert not Problem(id="RB209", message="", path=Path()).stops


def test_what_stops_a_template_says_so(work: Any) -> None:
    """`plan` shows findings and ends with 1 where one stops the template; advice alone ends with 0."""
    assert work.run("plan", work.template("- [ ] a")) == 0
    assert "RB203" in work.out
    stopped = work.template("- [ ] a {#a}\n- [ ] b {#a}")
    assert work.run("plan", stopped) == 1
    assert "RB103" in work.out
    assert work.run("instantiate", stopped, "-e", "staging") == 1
    assert not (work.root / "runbooks").exists()


def test_rb101_one_cell_is_tagged_parameters(tmp_path: Path) -> None:
    """A template has one code cell tagged parameters: none is a problem, and so are two."""
    step = notebook.markdown_cell("a", "- [ ] a {#a}")
    tagged = [notebook.code_cell(name, "x = 1", {"tags": ["parameters"]}) for name in "bc"]
    for cells in ([step], [step, *tagged]):
        found = of(notebook.dump(notebook.document(cells, kernelspec.notebook_metadata({}))), tmp_path)
        assert [problem.id for problem in found] == ["RB101"]


@pytest.mark.parametrize("line", ["x = open('f')", "x: dict = {}", "release: int = 1", "x: int = 'a'", "x ="])
def test_rb102_a_declaration_is_understood(tmp_path: Path, line: str) -> None:
    """A declaration that is computed, of an unknown type, or that does not fit is a problem with its line."""
    found = of(template_bytes("- [ ] a {#a}", parameters=f"# one\n{line}"), tmp_path)
    assert [(problem.id, problem.cell, problem.line) for problem in found] == [("RB102", 1, 2)]


@pytest.mark.parametrize("second", ["- [ ] b {#a}", "# Other\n- [ ] b {#a}", "- plain\n  - [ ] b {#a .optional}"])
def test_rb103_ids_are_unique(tmp_path: Path, second: str) -> None:
    """Two steps of one id are a problem, in whichever section they stand."""
    assert ids(tmp_path, "- [ ] a {#a}", second) == ["RB103"]


def test_rb103_a_second_step_of_one_name_is_pinned(tmp_path: Path) -> None:
    """A second step that would get the same id must be pinned, and the hint says how."""
    content = template_bytes("# S\n- [ ] Say it {#s-1}\n- [ ] Say it\n- [ ] Say it")
    found = [problem for problem in of(content, tmp_path) if problem.id == "RB103"]
    assert [problem.line for problem in found] == [4]
    assert "{#s-say-it-2}" in found[0].hint


def test_rb103_plain_bullets_may_repeat(tmp_path: Path) -> None:
    """Plain bullets over steps have no history to keep: two may have the same words."""
    assert ids(tmp_path, "- web\n  - [ ] a {#a}\n- web\n  - [ ] b {#b}") == []


@pytest.mark.parametrize(
    ("markdown", "hint"),
    [
        ("- [ ] a {#a .irreversable}", ".irreversible"),
        ("# H {.gates}\n- [ ] a {#a}", ".gate"),
        ("# H {.once}\n- [ ] a {#a}", ""),
    ],
)
def test_rb104_an_unknown_flag(tmp_path: Path, markdown: str, hint: str) -> None:
    """A flag that a step or a heading does not know is a problem, with the nearest one that it does."""
    found = of(template_bytes(markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB104"]
    assert hint in found[0].hint


@pytest.mark.parametrize("markdown", ["- [ ] a {#a ownr=ops}", "# H {wait=1d}\n- [ ] a {#a}"])
def test_rb105_an_unknown_key(tmp_path: Path, markdown: str) -> None:
    """A key that a step or a heading does not know is a problem, with what it does know."""
    found = of(template_bytes(markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB105"]
    assert "owner" in found[0].hint


@pytest.mark.parametrize(
    "attribute",
    ["wait=soon", "due=1.5h", 'owner=""', "as=x", 'as=release evidence="e"', 'as="a b" evidence="e"', 'evidence=" "'],
)
def test_rb106_a_value_that_cannot_be_used(tmp_path: Path, attribute: str) -> None:
    """An empty value, no duration, an `as` without evidence or of a taken name is a problem."""
    assert ids(tmp_path, f"- [ ] a {{#a {attribute}}}") == ["RB106"]


@pytest.mark.parametrize("expression", ["print(kind)", "kind ==", "knd == 'patch'", "kind.x", "kind == x"])
def test_rb107_a_when_that_cannot_be_decided(tmp_path: Path, expression: str) -> None:
    """A `when` that is no comparison, or names no parameter, is a problem on a step and on a heading."""
    declared = f"{PARAMETERS}\nkind = 'minor'"
    for markdown in (f'- [ ] a {{#a when="{expression}"}}', f'# H {{when="{expression}"}}\n- [ ] a {{#a}}'):
        assert ids(tmp_path, markdown, parameters=declared) == ["RB107"]


@pytest.mark.parametrize("after", ["promot", "promote,x", "self", "x@production"])
def test_rb108_an_after_that_names_no_step(tmp_path: Path, after: str) -> None:
    """`after` names other steps of the template."""
    assert ids(tmp_path, f"- [ ] p {{#promote}}\n- [ ] a {{#self after='{after}'}}") == ["RB108"]


@pytest.mark.parametrize("after", ["promote", "promote,below", "promote@production", "2026.11.0#anything"])
def test_rb108_what_after_may_name(tmp_path: Path, after: str) -> None:
    """`after` may name a step above or below, one in every environment of a group, or one of another release."""
    markdown = f"- [ ] p {{#promote}}\n- [ ] a {{#a after='{after}'}}\n- [ ] b {{#below}}"
    assert ids(tmp_path, markdown) == []


@pytest.mark.parametrize("block", ["{#a #b}", "{#a .once .once}", "{#a owner=x owner=y}"])
def test_rb109_the_same_attribute_twice(tmp_path: Path, block: str) -> None:
    """An id, a flag or a key stands there once."""
    assert ids(tmp_path, f"- [ ] a {block}") == ["RB109"]


def test_rb110_a_notebook_that_breaks_its_schema(tmp_path: Path) -> None:
    """A notebook that breaks its schema is still read, and the cell is named."""
    broken = json.loads(template_bytes("- [ ] a {#a}"))
    broken["cells"][1]["outputs"] = []
    found = of(json.dumps(broken).encode(), tmp_path)
    assert [(problem.id, problem.cell) for problem in found] == [("RB110", 2)]


@pytest.mark.parametrize(
    "metadata", [{"language_info": {"name": "R"}}, {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}]
)
def test_rb111_another_language(tmp_path: Path, metadata: dict[str, Any]) -> None:
    """Sessions run Python: a notebook that says another language is a problem."""
    found = of(changed(template_bytes("- [ ] a {#a}"), metadata=metadata), tmp_path)
    assert "RB111" in [problem.id for problem in found]
    python = {"kernelspec": {"display_name": "Mine", "name": "mine"}, "language_info": {"name": "ipython"}}
    assert of(changed(template_bytes("- [ ] a {#a}"), metadata=python), tmp_path) == []


@pytest.mark.parametrize("title", ["<!-- later -->", "&nbsp;", "<br>"])
def test_rb112_a_step_without_a_title(tmp_path: Path, title: str) -> None:
    """A step says what is to be done."""
    assert ids(tmp_path, f"- [ ] {title} {{#a}}") == ["RB112"]


@pytest.mark.parametrize(
    "about",
    [["production"], "production", {"environments": "production"}, {"environments": []}, {"environments": [7]},
     {"environments": [" "]}, {"environmets": ["production"]}],
)  # fmt: skip
def test_rb116_environments_that_cannot_be_used(tmp_path: Path, about: object) -> None:
    """What a template's metadata says under nbrunbook is a list of names under `environments`."""
    content = json.loads(template_bytes("- [ ] a {#a}"))
    found = of(changed(template_bytes("- [ ] a {#a}"), metadata={**content["metadata"], "nbrunbook": about}), tmp_path)
    assert "RB116" in [problem.id for problem in found]


def test_rb116_parts_that_disagree(tmp_path: Path) -> None:
    """Parts that say where the template applies say the same; a standing part does not say it."""
    matter = "---\nnbrunbook:\n  environments: [{}]\n---\n- [ ] a {{#{}}}\n"
    put(tmp_path, next__a=matter.format("production", "a"), next__b=matter.format("staging", "b"))
    found = read_template(tmp_path / "next")
    assert [(each.id, each.path.name) for each in found.problems] == [("RB116", "b.md")]
    assert found.environments is None
    put(tmp_path, next__b="- [ ] b {#b}", always__c=matter.format("production", "c"))
    found = read_template(tmp_path / "next")
    assert [(each.id, each.path.name) for each in found.problems] == [("RB116", "c.md")]


@pytest.mark.parametrize(
    ("markdown", "why"),
    [
        ("<!--\n- [ ] hidden\n-->", "inside a comment"),
        ("Text <!-- - [ ] hidden -->", "inside a comment"),
        ("```\n- [ ] code\n```", "inside a code block"),
        ("- [] no space", "no space between"),
        ("[ ] no marker", "no list marker"),
        ("a\n\n      - [ ] too far", "indented so far"),
        ("- [ ]", "nothing stands behind"),
        ("<div>\n- [ ] html\n</div>", "inside HTML"),
        ("# [ ] heading", ""),
        ("- [ ]glued", ""),
        ("| a |\n|---|\n| [ ] cell |", ""),
        ("- [ ] a {#b}\n      - [ ] too far", ""),
    ],
)
def test_rb201_a_box_that_markdown_does_not_see(tmp_path: Path, markdown: str, why: str) -> None:
    """What looks like a box to a person and is none to Markdown is a finding, never silently dropped."""
    found = of(template_bytes("- [ ] a {#a}", markdown), tmp_path)
    assert [problem.id for problem in found] == ["RB201"]
    assert why in found[0].message


@pytest.mark.parametrize("text", ["[x](https://example.com)", "a[ ] = b", "    x[0]", "[link] text\n\n[link]: /a"])
def test_rb201_what_is_no_box(tmp_path: Path, text: str) -> None:
    """Links and indices are no boxes, and nobody takes them for one."""
    assert ids(tmp_path, "- [ ] a {#a}", text) == []


@pytest.mark.parametrize("mark", ["x", "X"])
def test_rb202_a_box_that_is_ticked_already(tmp_path: Path, mark: str) -> None:
    """A template's boxes are open: what was done is in the journal."""
    assert ids(tmp_path, f"- [{mark}] a {{#a}}") == ["RB202"]


def test_rb203_an_id_that_is_not_pinned(tmp_path: Path) -> None:
    """A step without an id is a finding that offers the one it has now."""
    found = of(template_bytes("# Tell people\n- [ ] Mail support that the search is live"), tmp_path)
    assert [problem.id for problem in found] == ["RB203"]
    assert "{#tell-people-mail-support-that-the-search}" in found[0].hint


@pytest.mark.parametrize(
    "text", ["{{relase}}", "[a](https://e.com/{{relase}})", "`{{relase}}`", "```\n{{relase}}\n```"]
)
def test_rb204_nearly_a_parameter(tmp_path: Path, text: str) -> None:
    """A {{name}} close to a parameter's is a finding wherever it stands, with the name that was meant."""
    found = of(template_bytes("- [ ] a {#a}", text), tmp_path)
    assert [problem.id for problem in found] == ["RB204"]
    assert "{{release}}" in found[0].hint


@pytest.mark.parametrize(
    "text", ["{{ .State }}", "${{ github.sha }}", "{{ steps.x }}", "\\{{relase}}", "{{unrelated}}"]
)
def test_rb204_other_braces_are_none_of_ours(tmp_path: Path, text: str) -> None:
    """What belongs to another tool, or is escaped, is no finding."""
    assert ids(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []


@pytest.mark.parametrize("text", ["{{ release }}", "[a](https://e.com/{{ anything }})", "`{{release }}`"])
def test_rb205_spaces_inside_the_braces(tmp_path: Path, text: str) -> None:
    """Spaces around a parameter's name, or inside a link's target, are a finding."""
    assert ids(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == ["RB205"]


def test_rb206_a_release_that_is_not_the_name(tmp_path: Path) -> None:
    """The template is called what its release is called."""
    assert ids(tmp_path, "- [ ] a {#a}", parameters="release: str = '1.1'") == ["RB206"]
    assert ids(tmp_path, "- [ ] a {#a}", parameters="release: str") == []


@pytest.mark.parametrize("more", [{"execution_count": 3}, {"outputs": [notebook.html_output("<b>a</b>", "a")]}])
def test_rb207_outputs_in_a_template(tmp_path: Path, more: dict[str, Any]) -> None:
    """A template is never executed in place: outputs and execution counts are a finding."""
    content = json.loads(template_bytes("- [ ] a {#a}", code="1"))
    content["cells"][-1].update(more)
    assert [problem.id for problem in of(json.dumps(content).encode(), tmp_path)] == ["RB207"]


@pytest.mark.parametrize("title", ["- [ ] a {#a b}", "# H {owner=}", "- plain {#a}", "- [ ] a {irreversible}"])
def test_rb208_braces_that_look_like_attributes(tmp_path: Path, title: str) -> None:
    """Braces that were probably meant as attributes, and are text, are a finding."""
    assert "RB208" in ids(tmp_path, "- [ ] b {#b}", title)


def test_rb209_a_template_without_steps(tmp_path: Path) -> None:
    """A template has at least one step; a plain list is none."""
    assert ids(tmp_path, "# Notes\n- a\n- b") == ["RB209"]


def test_rb210_a_box_in_a_quotation(tmp_path: Path) -> None:
    """A box in a quotation is a step, and a finding."""
    assert ids(tmp_path, "> - [ ] a {#a}") == ["RB210"]


def test_rb211_an_image_that_cannot_be_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is missing, too large or no image, and an attachment that is not there, are findings."""
    monkeypatch.setattr(images, "LARGEST", 10)
    (tmp_path / "large.png").write_bytes(b"x" * 11)
    (tmp_path / "text.txt").write_bytes(b"x")
    for target in ("missing.png", "large.png", "text.txt", "attachment:a.png", "."):
        assert ids(tmp_path, f"- [ ] a {{#a}}\n\n![a]({target})") == ["RB211"]


@pytest.mark.parametrize("attachments", [["x"], {"a.png": {"image/png": 3}}, {"a.png": []}, "x"])
def test_rb211_an_attachment_that_is_none(tmp_path: Path, attachments: object) -> None:
    """An attachment of another shape than Jupyter's is a finding."""
    content = json.loads(template_bytes("- [ ] a {#a}\n\n![a](attachment:a.png)"))
    content["cells"][1]["attachments"] = attachments
    assert "RB211" in [each.id for each in of(json.dumps(content).encode(), tmp_path)]


def test_rb211_an_image_that_is_embedded(tmp_path: Path) -> None:
    """A small image beside the template, and one from the network, are no findings."""
    (tmp_path / "small image.png").write_bytes(b"x")
    text = "![a](small%20image.png) ![b](https://example.com/b.png) ![c](data:image/png;base64,eA==)"
    assert ids(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []


@pytest.mark.parametrize(
    "text",
    [
        "- [ ] a {#a after=b}\n- [ ] b {#b after=a}",
        "- [ ] a {#a}\n  - [ ] b {#b after=a}",
        "- [ ] a {#a after=b}\n## B {.gate}\n- [ ] b {#b}",
        "- [ ] a {#a .gate after=b}\n- [ ] b {#b}",
    ],
)
def test_rb113_steps_that_wait_for_each_other(text: str, tmp_path: Path) -> None:
    """Steps that could never be done, as each waits for the other, stop a template."""
    path = tmp_path / "1.0.ipynb"
    path.write_bytes(template_bytes(f"## A\n{text}"))
    assert [problem.id for problem in read_template(path).stopping] == ["RB113"]


def test_rb100_a_file_that_cannot_be_read(work: Workplace) -> None:
    """The linter goes on with the other templates where one cannot be read, and says why."""
    work.template("- [ ] a", name="good")
    (work.root / "templates" / "bad.ipynb").write_text("{")
    assert work.run("lint", "--format", "json") == 1
    assert [(each["id"], each["path"]) for each in json.loads(work.out)["findings"]] == [
        ("RB100", "templates/bad.ipynb"),
        ("RB203", "templates/good.ipynb"),
    ]


def _folder(tmp_path: Path, **parts: str) -> list[Problem]:
    folder = tmp_path / "1.0"
    folder.mkdir(parents=True)
    for name, text in parts.items():
        (folder / f"{name}.md").write_text(text)
    return list(read_template(folder).problems)


def test_rb114_parts_declare_a_parameter_alike(tmp_path: Path) -> None:
    """Two parts may declare one parameter, alike; another type or default stops the template, with its line."""
    one = "# A\n\n```python parameters\nurl: str = 'x'  # mine\n```\n- [ ] a {#a}\n"
    assert _folder(tmp_path / "same", a=one, b=one.replace("#a", "#b").replace("mine", "other words")) == []
    other = one.replace("#a", "#b").replace("'x'", "'y'")
    (found,) = _folder(tmp_path / "other", a=one, b=other)
    assert (found.id, found.path.name, found.cell, found.line, found.stops) == ("RB114", "b.md", None, 4, True)
    assert "a.md" in found.message
    assert found.hint == "give both the same default: there it is a str"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("@check('mail-suport')\ndef _(): pass", "mail-support"),
        ("@nbrunbook.action('mail-suport', once=True)\ndef _(): pass", "mail-support"),
        ("fill = batch('far away', databases=['eu'])", "{#id}"),
        ("@check(name)\ndef _(): pass", '@check("id")'.replace("@", "")),
    ],
)
def test_rb115_a_decorator_that_names_no_step(tmp_path: Path, code: str, hint: str) -> None:
    """A decorator names a step by its literal id; another one stops the template, with the nearest id."""
    found = of(template_bytes("- [ ] a {#mail-support}", code=code), tmp_path)
    assert [problem.id for problem in found] == ["RB115"]
    assert hint in found[0].hint


def test_rb115_a_decorator_that_names_a_step(tmp_path: Path) -> None:
    """What names a step is no finding, and neither is another library's decorator of another name."""
    code = "@check('a')\ndef _(): run()\n\nfill = batch('a', databases=[])\n@fill.chunks\ndef _(db, at): ...\n"
    assert ids(tmp_path, "- [ ] a {#a}", code=code + "@app.task(3)\ndef f(): go()") == []


@pytest.mark.parametrize(
    "code",
    [
        "password = 'hunter2'",
        "connect(db_password='hunter2')",
        "d = {'api_key': 'abc123'}",
        "def f(token='abc123'): pass",
        "def f(*, token='abc123'): pass",
        "x.secret = 'abc123'",
        "d['token'] = 'abc123'",
        "x = 'ghp_" + "a" * 36 + "'",
        "x = 'postgresql://me:hunter2@db/shop'",
    ],
)
def test_rb212_what_looks_like_a_secret(tmp_path: Path, code: str) -> None:
    """A literal that looks like a secret, by its name or by its shape, is a finding that does not repeat it."""
    found = [each for each in of(template_bytes("- [ ] a {#a}", code=code), tmp_path) if each.id == "RB212"]
    assert len(found) == 1
    assert not any(word in str(found[0]) for word in ("hunter2", "abc123", "aaaa"))


def test_rb212_in_parameters_and_text(tmp_path: Path) -> None:
    """Parameters are searched too, and text for what is a secret by its shape."""
    parameters = PARAMETERS + "\napi_token: str = 'abc123'"
    assert ids(tmp_path, "- [ ] a {#a}", parameters=parameters) == ["RB212"]
    assert ids(tmp_path, "- [ ] a {#a}\n\nAKIA" + "ABCDEFGH" * 2) == ["RB212"]


@pytest.mark.parametrize(
    "code",
    [
        "api_token: Secret = Secret('DEPLOY_API_TOKEN')",
        "password = ''",
        "token = 'DEPLOY_TOKEN'",
        "password = '<your password>'",
        "token_url = 'https://example.com/token'",
        "x = 'postgresql://{user}:{password}@db'",
        "x = 'https://example.com:8080/a@b'",
        "password = other",
    ],
)
def test_rb212_what_does_not(tmp_path: Path, code: str) -> None:
    """The name of a variable, a place holder and an address without a password are no secrets."""
    assert "RB212" not in ids(tmp_path, "- [ ] a {#a}", code=code)


@pytest.mark.parametrize(
    "code",
    ["purge()", "x = client.get(url)", "!rm -r /tmp/x", "%run a.py", "%%bash\nls", "x = !ls", "if True:\n    purge()",
     "with open('f') as f:\n    pass",
     "def f(x=purge()): pass", "class A:\n    x = purge()", "purge?", "await purge()", "f'{purge()}'"],
)  # fmt: skip
def test_rb213_code_that_runs_at_each_opening(tmp_path: Path, code: str) -> None:
    """A call, a magic or a command of the shell outside of a function is a finding."""
    assert ids(tmp_path, "- [ ] a {#a}", code=code) == ["RB213"]


@pytest.mark.parametrize(
    "code",
    ["# should we?", "x = (10\n     % 3)", "'''text?'''", "import json",
     "def f(x=1):\n    purge()", "f = lambda: purge()", "x = 1 + 2", "'{#a}'", "# purge()",
     "@dataclass(frozen=True)\nclass A:\n    def f(self): purge()", "x = Secret('TOKEN')", ""],
)  # fmt: skip
def test_rb213_code_that_does_not(tmp_path: Path, code: str) -> None:
    """Imports, definitions, decorators and plain values have no effect."""
    assert ids(tmp_path, "- [ ] a {#a}", code=code) == []


@pytest.mark.parametrize(
    "code",
    ["db.connect(password='hunter2secret')", "get('postgres://u:hunter2secret@h/db')", "!curl -H hunter2secret"],
)
def test_rb213_shows_no_secret(tmp_path: Path, code: str) -> None:
    """What is called is named, what it gets is not."""
    found = of(template_bytes("- [ ] a {#a}", code=code), tmp_path)
    assert "RB213" in [each.id for each in found]
    assert "hunter2" not in " ".join(map(str, found))


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": {}}, {"kernelspec": "python3"}])
def test_rb214_a_notebook_that_names_no_kernel(tmp_path: Path, metadata: dict[str, Any]) -> None:
    """Without a kernel's name JupyterLab asks for one at each opening."""
    found = of(changed(template_bytes("- [ ] a {#a}"), metadata=metadata), tmp_path)
    assert "RB214" in [problem.id for problem in found]


def test_rb215_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """A relative link leads to a file or a folder, from the template's own."""
    (tmp_path / "a file.md").write_text("")
    text = "[a](a%20file.md#part) [b](.) [c](#part) [d](https://e.com) [e](mailto:a@b) [f](/root) [g]({{release}}.md)"
    assert ids(tmp_path, f"- [ ] a {{#a}}\n\n{text}") == []
    found = of(template_bytes("- [ ] a {#a}\n  [here](gone.md)"), tmp_path)
    assert [(each.id, each.line) for each in found] == [("RB215", 2)]
    assert "'gone.md'" in found[0].message


def test_rb216_a_cell_without_an_id_of_its_own(tmp_path: Path) -> None:
    """Each cell has an id, another one than the others; an older format has none."""
    content = json.loads(template_bytes("- [ ] a {#a}", "b"))
    content["cells"][2]["id"] = content["cells"][1]["id"]
    assert [(each.id, each.cell) for each in of(json.dumps(content).encode(), tmp_path)] == [("RB216", 3)]
    for cell in content["cells"]:
        del cell["id"]
    found = of(json.dumps({**content, "nbformat_minor": 4}).encode(), tmp_path)
    assert [(each.id, each.cell) for each in found] == [("RB216", number) for number in (1, 2, 3)]


def test_rb217_metadata_in_order(tmp_path: Path) -> None:
    """Jupyter sorts metadata; another order makes a diff of nothing."""
    content = json.loads(template_bytes("- [ ] a {#a}"))
    content["metadata"] = dict(reversed(content["metadata"].items()))
    content["cells"][1]["metadata"] = {"b": 1, "a": 2}
    found = of(json.dumps(content).encode(), tmp_path)
    assert [(each.id, each.cell) for each in found] == [("RB217", None), ("RB217", 2)]


def test_rb218_a_code_cell_that_is_not_python(tmp_path: Path) -> None:
    """What a session could not run is a finding."""
    assert ids(tmp_path, "- [ ] a {#a}", code="SELECT 1 FROM shop") == ["RB218"]


def test_rb219_a_file_that_is_no_part(tmp_path: Path) -> None:
    """What looks like a part and is none is told; a README, a draft and an image are not."""
    folder = tmp_path / "1.0"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.md", "b.MD", "c.markdown", "sub/d.md", "README.md", "_draft.md", "picture.png"):
        (folder / name).write_text(f"- [ ] a {{#{name[0]}}}")
    (folder / "e.md").symlink_to(folder / "gone.md")
    found = read_template(folder).problems
    assert {each.id for each in found} == {"RB219"}
    assert [each.path.name for each in found] == ["b.MD", "c.markdown", "e.md", "sub"]


def test_rb113_sees_circles_through_other_environments(tmp_path: Path) -> None:
    """What waits for a step in every environment of a group waits for it in its own, too."""
    assert ids(tmp_path, "- [ ] a {#a after=b@prod}\n- [ ] b {#b after=a@prod}") == ["RB113"]
    assert ids(tmp_path, "- [ ] a {#a}\n- [ ] b {#b after=a@prod}") == []


def test_rb220_an_after_that_no_other_runbook_can_settle(work: Workplace) -> None:
    """A place that nobody declared, and a step that another release does not have, are told; what is there is not."""
    settings = "[tool.nbrunbook.environments]\neu = {group = 'production'}\nus = {group = 'production'}\n"
    (work.root / "pyproject.toml").write_text(settings)
    put(work.root, templates__one="- [ ] a {#stop}", templates__two="- [ ] b {#b after='one#stop@eu stop@production'}")
    put(work.root, templates__three="- [ ] c {#c}\n- [ ] d {#d after='one#stpo c@prodction gone#x one#stop'}")
    assert work.run("lint", "templates/three.md", "--format", "json") == 1
    told = [(each["id"], each["message"], each["hint"]) for each in json.loads(work.out)["findings"]]
    assert told == [
        ("RB220", "after=one#stpo names no step of one", "did you mean stop?"),
        ("RB220", "after=c@prodction names no environment and no group", "did you mean production?"),
    ]
    put(work.root, templates__four="- [ ] a {#a}\n- [ ] b {#b after='four#b four#a one#stop'}")
    work.run("lint", "templates/four.md", "--format", "json")
    told = [each["message"] for each in json.loads(work.out)["findings"]]
    assert told == ["after=four#b names this step itself, which would wait for ever"]
    assert work.run("lint", "templates/two.md") == 1, "b waits for stop here, which it does not have"
    assert "RB108" in work.out
    assert "RB220" not in work.out


def test_rb301_a_change_that_should_have_a_step(work: Workplace) -> None:
    """See tests/commands/test_lint.py for the whole rule: here it is only found by its id."""
    problem = Problem(id="RB301", message="3 files", path=Path("pyproject.toml"))
    assert not problem.stops
