"""`lint --fix`: what has one right answer is mended, everything else stays to the letter, and twice is once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrunbook.documents import notebook
from nbrunbook.documents.markdown.reading import read_markdown
from nbrunbook.errors import NotebookError
from nbrunbook.template import mending
from nbrunbook.template.template import read_template
from tests.conftest import template_bytes
from tests.making import HOSTILE


def mend(path: Path) -> bytes:
    """Mend a template in place and return what its file holds then."""
    for file, content in mending.mended(path).items():
        file.write_bytes(content)
    return path.read_bytes()


def mend_text(folder: Path, text: str) -> str:
    """Return a Markdown template as mended."""
    path = folder / "1.0.md"
    path.write_bytes(text.encode())
    return mend(path).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# A\n- [ ] Mail support\n", "# A\n- [ ] Mail support {#a-mail-support}\n"),
        ("- [ ] a {owner=ana}\n  body\n", "- [ ] a {#a owner=ana}\n  body\n"),
        ("- [ ] a\n- [ ] a\n", "- [ ] a {#a}\n- [ ] a {#a-2}\n"),
        ("[ ] a {#a}\n[ ] b {#b}\n", "- [ ] a {#a}\n- [ ] b {#b}\n"),
        ("text\n\n  [ ] a {#a}\n", "text\n\n  - [ ] a {#a}\n"),
        ("- [ ] a {#a}\n[ ] b {#b}\n", "- [ ] a {#a}\n- [ ] b {#b}\n"),
        ("\ufeff- [ ] a\r\n  x  \r\n", "\ufeff- [ ] a\r\n  x {#a-x}  \r\n"),
        (
            "- [ ] first\n[ ] second\n[ ] third\n",
            "- [ ] first {#first}\n- [ ] second {#second}\n- [ ] third {#third}\n",
        ),
        ("- [ ] a\r\n\r\n  x  \r\n", "- [ ] a {#a}\r\n\r\n  x  \r\n"),
        ("---\ntitle: x\n---\n- [ ] a", "---\ntitle: x\n---\n- [ ] a {#a}"),
        ("- ☐ a {#a}\n1. [_] b {#b}\n", "- [ ] a {#a}\n1. [ ] b {#b}\n"),
        ("- [ ] a {#a}\n• [ ] b {#b}\n", "- [ ] a {#a}\n- [ ] b {#b}\n"),
        ("☐ a {#a}\n☐ b {#b}\n\n  – ［　］ c {#c}\n", "- [ ] a {#a}\n- [ ] b {#b}\n\n  - [ ] c {#c}\n"),
        ("-\u00a0[ ] a {#a}\n- [\u00a0]\u00a0b {#b}\n", "- [ ] a {#a}\n- [ ] b {#b}\n"),
        ("-[ ] a {#a}\n- [ ]b {#b}\n- [  ]\tc {#c}\n", "- [ ] a {#a}\n- [ ] b {#b}\n- [ ]\tc {#c}\n"),
        ("> * <input type='checkbox'/> a {#a}\n", "> * [ ] a {#a}\n"),
        ("- [ x ] a {#a}\r\n", "- [x] a {#a}\r\n"),
    ],
)
def test_text_is_mended(tmp_path: Path, before: str, after: str) -> None:
    """Ids are written behind titles, bare boxes become items; line ends, marks and spaces stay."""
    assert mend_text(tmp_path, before) == after


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n[ ] a\n-->\n- [ ] b {#b}\n",
        "```\n[ ] a\n```\n- [ ] b {#b}\n",
        "- [] a\n- [ ] b {#b}\n",
        "- [x] b {#b}\n",
        "- [ ] a {#a}\n- [ ] b {#a}\n",
        "- plain\n  - [ ] b {#b}\n",
        "- [ ] a [ ] c\n- [ ] b {#b}\n",
        "- [ ] a {#id c}\n- [ ] b {#b}\n",
        "| [ ] |\n|---|\n\n- [ ] b {#b}\n",
        *(f"- [ ] b {{#b}}\n\n{line}\n" for line in ("# ☐ a", "```\n☐ a\n```", "<p>\n☐ a\n</p>", "      • [ ] a")),
        *(f"- [ ] b {{#b}}\n- {box} a\n" for box in ("\\[ \\]", "☑", "[-]", "[✓]", "( )", "**[ ]**", "`[ ]`")),
        "- [ ] b {#b}\na. [ ] c\n",
        "- [ ] b {#b}\n- <input type=checkbox checked> a\n",
        "- [ ] b {#b}\n      - [ ] a\n",
        "Text\n2. [ ] a\n\n- [ ] b {#b}\n",
    ],
)
def test_what_has_no_one_answer_stays(tmp_path: Path, text: str) -> None:
    """A box in a comment, code, HTML or a heading, a ticked or doubtful one, and one indented too far is not mended."""
    assert mend_text(tmp_path, text) == text


def _notebook(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(template_bytes("# A\n- [ ] a {#a}", code="1"))
    return {**found, **more}


def _mended(folder: Path, document: dict[str, Any], **layout: Any) -> tuple[str, str]:
    path = folder / "1.0.ipynb"
    text = json.dumps(document, **{"indent": 1, "ensure_ascii": False, **layout}) + "\n"
    path.write_text(text, encoding="utf-8")
    return text, mend(path).decode()


def test_a_notebook_is_mended(tmp_path: Path) -> None:
    """Outputs and counts go, also from a Markdown cell; metadata is sorted; each cell has an id of its own."""
    document = _notebook()
    document["cells"][2].update(execution_count=3, outputs=[notebook.html_output("<b>a</b>", "a")])
    document["cells"][1].update(outputs=[], metadata={"b": {"d": 1, "c": 2}, "a": 1})
    document["cells"][2]["id"] = document["cells"][1]["id"]
    after = json.loads(_mended(tmp_path, document)[1])
    assert (after["cells"][2]["execution_count"], after["cells"][2]["outputs"]) == (None, [])
    assert "outputs" not in after["cells"][1]
    assert json.dumps(after["cells"][1]["metadata"]) == '{"a": 1, "b": {"c": 2, "d": 1}}'
    assert len({cell["id"] for cell in after["cells"]}) == 3
    assert list(read_template(tmp_path / "1.0.ipynb").problems) == []


def test_an_older_format_gets_ids(tmp_path: Path) -> None:
    """A notebook from before cells had ids becomes one of nbformat 4.5, with the same ids each time."""
    document = _notebook(nbformat_minor=2)
    for cell in document["cells"]:
        del cell["id"]
    once = _mended(tmp_path, document)[1]
    assert once == _mended(tmp_path, document)[1]
    assert json.loads(once)["nbformat_minor"] == 5
    assert [problem.id for problem in read_template(tmp_path / "1.0.ipynb").problems] == []


@pytest.mark.parametrize("layout", [{"indent": 1}, {"indent": 2}, {"indent": 4}, {"indent": "\t"}, {"indent": None}])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_layout_of_a_file_stays(tmp_path: Path, layout: dict[str, Any], ascii_only: bool) -> None:
    """Only the lines that are mended differ, whatever the indentation and the way of writing an ü."""
    document = _notebook()
    document["cells"][1]["source"] = ["# Ü\n", "- [ ] ü\n", "\n", "tail"]
    before, after = _mended(tmp_path, document, ensure_ascii=ascii_only, **layout)
    title = json.dumps("- [ ] ü", ensure_ascii=ascii_only)[1:-1]
    pinned = json.dumps("- [ ] ü {#ü-ü}", ensure_ascii=ascii_only)[1:-1]
    assert after == before.replace(title, pinned)


def test_a_layout_that_nobody_knows_stays(tmp_path: Path) -> None:
    """On one line, with escapes, mixed indents or several lines in one text: nothing changes but what is mended."""
    document = _notebook()
    document["cells"][1]["source"] = ["# A <x>\n- [ ] a\n", "\n", "tail"]
    text = json.dumps(document, indent=3).replace("<", "\\u003c").replace("\n      ", "\n\t  ", 3) + "  "
    for before in (text, text.replace("\n", ""), text.replace("\n", "\r\n")):
        (tmp_path / "1.0.ipynb").write_bytes(before.encode())
        assert mend(tmp_path / "1.0.ipynb").decode() == before.replace("- [ ] a", "- [ ] a {#a-a}")


def test_what_is_sorted_cleared_or_added_keeps_its_layout(tmp_path: Path) -> None:
    """Metadata in order, no outputs, an id: each is written as its neighbours are."""
    document = _notebook()
    document["cells"][1] = {"metadata": {"b": {"c": 1.50}, "a": 1}, "source": "x", "cell_type": "markdown"}
    document["cells"][2]["outputs"] = [notebook.html_output("<b>a</b>", "a")]
    text = json.dumps(document, indent=3).replace('"a": 1', '"a" :1')
    (tmp_path / "1.0.ipynb").write_text(text)
    after = mend(tmp_path / "1.0.ipynb").decode()
    cell_id = json.loads(after)["cells"][1]["id"]
    was = '"b": {\n               "c": 1.5\n            },\n            "a" :1\n'
    now = '"a" :1,\n            "b": {\n               "c": 1.5\n            }\n'
    id_added = text.replace(was, now).replace(
        'type": "markdown"\n', f'type": "markdown",\n         "id": "{cell_id}"\n'
    )
    assert after == re.sub(r'"outputs": \[\n.*?\n {9}\]', '"outputs": []', id_added, flags=re.DOTALL)


def test_a_key_that_stands_twice_is_left_alone(tmp_path: Path) -> None:
    """A notebook of which nobody can tell what was meant is not written, and why is told."""
    path = tmp_path / "1.0.ipynb"
    path.write_text(json.dumps(_notebook()).replace('"id"', '"id": "x", "id"', 1).replace("{#a}", ""))
    assert mending.mended(path) == {}
    assert mending.left_alone(path) == {path: "the key 'id' stands in it twice"}


def test_line_ends_and_the_mark_of_a_file_stay(tmp_path: Path) -> None:
    """A notebook with the line ends of Windows and a byte-order mark keeps both."""
    document = _notebook()
    document["cells"][1]["source"] = ["# A\n", "- [ ] a\n", "tail"]
    text = "\ufeff" + json.dumps(document, indent=1).replace("\n", "\r\n") + "\r\n"
    path = tmp_path / "1.0.ipynb"
    path.write_bytes(text.encode())
    assert mend(path).decode() == text.replace("tail", "tail {#a-a-tail}")


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A file in another encoding is left as it is."""
    (tmp_path / "1.0.md").write_bytes(b"- [ ] \xff")
    with pytest.raises(NotebookError, match="not UTF-8"):
        mending.mended(tmp_path / "1.0.md")


def test_a_clean_template_is_left_alone(tmp_path: Path) -> None:
    """Where there is nothing to mend no file is given back, not even one in an odd layout."""
    path = tmp_path / "1.0.ipynb"
    path.write_text(json.dumps(_notebook(), indent=3))
    assert mending.mended(path) == {}


def test_standing_parts_are_left_to_themselves(tmp_path: Path) -> None:
    """Mending a release touches its own parts only."""
    for name in ("1.0", "always"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.md").write_text("- [ ] a")
    assert list(mending.mended(tmp_path / "1.0")) == [tmp_path / "1.0" / "1.0.md"]


words = st.sampled_from(
    ["- [ ] ", "[ ] ", "- [x] ", "- [] ", "1. [ ] ", "* ", "  ", "    ", "a", "b c", "**lead** d", "`code`",
     "<!-- x -->", "{#a}", " {#b .optional}", " {.flag", "\n", "\n", "\n", "\n\n", "```\n", "> ", "# H", "| a |",
     "[x]: y", "\\", "ü", "<!--", "-->", "{{release}}", "\r\n", "~~", "---", "[l](m)", *HOSTILE.values()]
)  # fmt: skip
texts = st.lists(words, max_size=14).map("".join)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_twice_is_once_and_nothing_is_lost(tmp_path: Path, text: str) -> None:
    """Mending mended text changes nothing; no line goes or comes, each keeps what it held, and no step is lost."""
    once = mend_text(tmp_path, text)
    assert mend_text(tmp_path, once) == once
    before, after = text.splitlines(), once.splitlines()
    assert len(before) == len(after)
    for was, now in zip(before, after, strict=True):
        assert is_within(was, now)
    boxes = sum(item.box for item in read_markdown(text).items)
    assert sum(item.box for item in read_markdown(once).items) >= boxes


strange = st.sampled_from(
    ["- ", "• ", "– ", "-", "1. ", "2) ", "☐ ", "☑ ", "[ ] ", "[_] ", "[ x] ", "［ ］", "\\[ \\] ", "[]", "q ", "w",
     " {#c}", "\u00a0", "\u200b", "  ", "    ", "> ", "\n", "\n", "\n\n", "**", "`", "| ", "# ", "<b>", "<!-- ", "-->",
     "&nbsp;"]
)  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(strange, max_size=14))
def test_what_looks_like_boxes_becomes_them_once(tmp_path: Path, pieces: list[str]) -> None:
    """The law holds for whatever looks like a box: twice is once, words stay in their lines, no step is lost."""
    text = "".join(pieces)
    once = mend_text(tmp_path, text)
    assert mend_text(tmp_path, once) == once
    for was, now in zip(text.split("\n"), once.split("\n"), strict=True):
        assert is_within(re.sub(r"[^qw]", "", was), now)
    assert sum(each.box for each in read_markdown(once).items) >= sum(each.box for each in read_markdown(text).items)


def is_within(was: str, now: str) -> bool:
    """Return whether all characters of a line stand in another one, in order."""
    rest = iter(now)
    return all(character in rest for character in was)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(texts, min_size=1, max_size=4), minor=st.sampled_from([4, 5]), count=st.sampled_from([None, 3]))
def test_a_notebook_twice_is_once(tmp_path: Path, cells: list[str], minor: int, count: int | None) -> None:
    """The law holds for notebooks of several cells, with and without ids, outputs and counts."""
    document = json.loads(template_bytes(*(text.replace("\ud800", "") for text in cells), code="1"))
    document["nbformat_minor"] = minor
    document["cells"][-1]["execution_count"] = count
    _, once = _mended(tmp_path, document)
    path = tmp_path / "1.0.ipynb"
    assert mend(path).decode() == once
    assert "RB207" not in {problem.id for problem in read_template(path).problems}


def test_outputs_are_cleared_however_large_they_are(tmp_path: Path) -> None:
    """What a person reads is limited, and not the picture that is taken out."""
    document = json.loads(template_bytes("- [ ] A {#a}", code="x = 1"))
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 400_000}}
    document["cells"][-1]["outputs"] = [picture]
    path = tmp_path / "1.0.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    (content,) = mending.mended(path).values()
    assert json.loads(content)["cells"][-1]["outputs"] == []
