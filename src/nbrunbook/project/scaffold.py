"""What a repository needs for nbrunbook, as text to add to its files. Nothing is read or written here."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from collections.abc import Iterable, Sequence

from nbrunbook.project import patterns

CONFIGURATION = """\
# expect = ["*/migrations/*"]  # a change to one of these files should have a step
#
# The places that are deployed to, with values for the templates' parameters.
# With any declared, -e takes no other name.
# [{table}environments.staging]
# base_url = "https://staging.example.com"
#
# [{table}environments.production]
# approval = "verified"  # only operators whom Jupyter's identity provider names may approve
# committed = true  # only steps that are committed become runbooks there, others with --dirty
# base_url = "https://www.example.com"
"""

STANDARD = "templates"
"""The folder of templates where none is configured."""

BESIDE = "release-templates"
"""The folder of templates in a project whose `templates` holds other files: Django's and Flask's pages."""

HOOK = """\
- repo: local
  hooks:
    - id: nbrunbook-lint
      name: nbrunbook lint
      entry: nbrunbook lint
      language: system
      files: {files}
      require_serial: true
"""

TEXTCONV = "git config diff.nbrunbook.textconv 'nbrunbook textconv'"
"""What a person runs once in each clone: git takes no commands from a repository."""


def appended(before: bytes, text: str) -> bytes:
    """Return a file with lines added at its end, with the line ends that it has; what is there stays to the byte."""
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    if before and not before.endswith(b"\n"):
        before += newline
    return before + (newline if before.strip() else b"") + text.encode().replace(b"\n", newline)


def with_table(pyproject: bytes, name: str, templates: str = STANDARD) -> bytes | None:
    """Return a pyproject.toml with a [tool.nbrunbook]: the project's name, and a folder of templates of its own.

    None where the table cannot be added at the end.
    """
    text = "[tool.nbrunbook]\n" + _name(name) + _folder(templates) + CONFIGURATION.format(table="tool.nbrunbook.")
    after = appended(pyproject, text)
    try:
        old, new = (tomllib.loads(content.decode("utf-8-sig")) for content in (pyproject, after))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    added = new["tool"].pop("nbrunbook")
    expected = {"name": name} if templates == STANDARD else {"name": name, "templates": templates}
    return after if added == expected and {"tool": {}, **old} == new else None


def own_file(name: str, templates: str = STANDARD) -> bytes:
    """Return an nbrunbook.toml with the project's name, and a folder of templates that is another one."""
    text = "# nbrunbook's configuration.\n" + _name(name) + _folder(templates) + CONFIGURATION.format(table="")
    return text.encode()


def with_name(configuration: bytes, name: str, table: str) -> bytes:
    """Return a configuration with the project's name as the first thing that it says; as it is where that cannot be.

    `table` is the header that stands in front; empty for a file that is all of it.
    """
    mark = codecs.BOM_UTF8 if configuration.startswith(codecs.BOM_UTF8) else b""
    text = configuration.decode("utf-8-sig", errors="replace")
    newline = "\r\n" if "\r\n" in text else "\n"
    header = re.search(rf"^[ \t]*{re.escape(table)}[ \t]*(?:#[^\n]*)?\r?\n", text, re.M) if table else None
    at = header.end() if header else 0
    after = text[:at] + _name(name).replace("\n", newline) + text[at:]
    try:
        old, new = tomllib.loads(text), tomllib.loads(after)
        own = new["tool"]["nbrunbook"] if table else new
        added = own.pop("name")
    except (tomllib.TOMLDecodeError, LookupError, TypeError, RecursionError):
        return configuration
    is_right = added == name and old == new and mark + text.encode() == configuration
    return mark + after.encode() if is_right else configuration


def _name(name: str) -> str:
    return f"name = {json.dumps(name, ensure_ascii=False)}  # under which its runbooks stand in the journal\n"


def _folder(templates: str) -> str:
    return "" if templates == STANDARD else f"templates = {json.dumps(templates)}  # {STANDARD}/ holds other files\n"


def foreign(names: Iterable[str]) -> str:
    """Return the first file below a folder `templates` that shows it to be another tool's; empty where none does.

    A notebook among them shows that it is ours. Images belong to both, and hidden files to nobody.
    """
    seen = [name for name in sorted(names) if not any(part.startswith(".") for part in name.split("/"))]
    if any(name.endswith(".ipynb") for name in seen):
        return ""
    return next((name for name in seen if not re.search(r"(?i)\.(md|png|jpe?g|gif|svg|webp)$", name)), "")


LEFT_BEHIND = (".nbrunbook/", ".ipynb_checkpoints/", ".jupyter/", ".jupyter_ystore.db")
"""What we and Jupyter leave in a project: the last two are of people who work on one notebook at once."""


def ignored(runbooks: str | None) -> list[str]:
    """Return the lines for .gitignore; `runbooks` is the folder from the root, None for one outside of it."""
    return [*LEFT_BEHIND, *([] if runbooks is None else [f"{_glob(runbooks)}_sessions/"])]


def attributes(records: str | None) -> list[str]:
    """Return the lines for .gitattributes: records to the byte, notebooks to be read as text."""
    if records is None:
        return ["*.ipynb diff=nbrunbook"]
    pages, sums = (_quoted(f"{_glob(records)}{name}") for name in ("**/*.html", "SHA256SUMS"))
    # Two branches that each archived something have both lines after a merge.
    return [f"{pages} -text -whitespace", f"{sums} -text merge=union", "*.ipynb diff=nbrunbook"]


def _glob(folder: str) -> str:
    return "" if folder == "." else re.sub(r"([\[\]*?!#\\ ])", r"\\\1", folder) + "/"


def _quoted(pattern: str) -> str:
    """A pattern of .gitattributes, where a space would end it and a backslash before one does not help."""
    return json.dumps(pattern.replace("\\ ", " "), ensure_ascii=False) if " " in pattern else pattern


def with_lines(before: bytes, lines: Sequence[str], comment: str) -> bytes:
    """Return a file with those lines added that it lacks, under a comment."""
    there = {_bare(line) for line in before.decode(errors="replace").splitlines()}
    missing = [line for line in lines if _bare(line) not in there]
    return appended(before, "\n".join([f"# {comment}", *missing, ""])) if missing else before


def _bare(line: str) -> str:
    return re.sub(r"\s+", " ", line.strip().removeprefix("/").rstrip("/"))


def other_diff(gitattributes: bytes) -> str:
    """Return the line that already says how notebooks are shown by git diff; empty without one."""
    found = re.search(r"^\*\.ipynb[ \t].*\bdiff=(?!nbrunbook\b).*$", gitattributes.decode(errors="replace"), re.M)
    return found[0].strip() if found else ""


def files_pattern(templates: str, more: Sequence[str] = ()) -> str:
    """Return the regular expression of the templates below a folder, and below what `more` lists, for pre-commit."""
    folder = "" if templates == "." else f"{re.escape(templates)}/"
    if folder and more:
        folder = f"({'|'.join([folder, *(f'{_as_expression(each)}/' for each in more)])})"
    return rf"^{folder}(?!(.*/)?README\.md$).*\.(ipynb|md)$"


def _as_expression(pattern: str) -> str:
    """A folder's name or pattern, of which each `*` stands for one name."""
    signs = {r"\*": "[^/]*", r"\?": "[^/]", r"\[": "[", r"\]": "]", "[!": "[^"}
    found = re.escape(pattern.strip("/"))
    for sign, expression in signs.items():
        found = found.replace(sign, expression)
    return found


def hook(templates: str, more: Sequence[str] = ()) -> str:
    """Return the entry for .pre-commit-config.yaml."""
    return HOOK.format(files="'" + files_pattern(templates, more).replace("'", "''") + "'")


def with_hook(before: bytes, templates: str, more: Sequence[str] = ()) -> bytes | None:
    """Return a .pre-commit-config.yaml with the hook as its last entry; None where it is not certain how."""
    if not before.strip():
        return b"repos:\n" + _indented(hook(templates, more), "  ").encode()
    try:
        indent = _indent_of_repos(before.decode().splitlines())
    except UnicodeDecodeError:
        return None
    if indent is None:
        return None
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    separator = b"" if before.endswith(b"\n") else newline
    return before + separator + _indented(hook(templates, more), indent).encode().replace(b"\n", newline)


def exclude(records: str) -> str:
    """Return the line for .pre-commit-config.yaml that keeps hooks from changing what a record's digest covers."""
    pattern = r"\.html$|(^|/)SHA256SUMS$" if records == "." else f"^{re.escape(records)}/"
    return "exclude: '" + pattern.replace("'", "''") + "'"


def with_exclude(before: bytes, records: str) -> bytes | None:
    """Return a .pre-commit-config.yaml whose hooks pass over records; None where it is not certain how.

    An `exclude` that it has and that matches them stays as it is, whatever else it says.
    """
    try:
        lines = before.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        return None
    own = re.search(r"^exclude[ \t]*:(.*\n?(?:[ \t]+.*\n?|[ \t]*\n)*)", before.decode(), re.M)
    if own:
        return before if any(patterns.seen(patterns.said(own[1]), records, ("production/1.0.html",))) else None
    keys = [number for number, line in enumerate(lines) if re.fullmatch(r"repos:[ \t]*(#.*)?", line.rstrip("\r\n"))]
    if len(keys) != 1:
        return None
    newline = "\r\n" if b"\r\n" in before else "\n"
    added = f"{exclude(records)}  # a record's digest covers every byte of it{newline}"
    return "".join([*lines[: keys[0]], added, *lines[keys[0] :]]).encode()


def hook_elsewhere(configuration: bytes, templates: str) -> str:
    """Return the pattern of a hook of ours that sees no template in the folder; empty where it does, or is not clear.

    A hook without a pattern that comes from our repository sees what its manifest says; any other one sees all.
    """
    text = configuration.decode(errors="replace").replace("\r\n", "\n")
    found = re.search(r"^([ \t]*)-[ \t]+id:[ \t]*nbrunbook-\w+[ \t]*$\n?((?:\1[ \t]+.*\n?|[ \t]*\n)*)", text, re.M)
    if not found:
        return ""
    said = re.search(r"^[ \t]*files:(.+)$", found[2], re.M)
    pattern = files_pattern(STANDARD) if "entry:" not in found[2] else ""
    if said:
        pattern = said[1].strip(" \t").strip("'\"").replace("''", "'")
    seen = patterns.seen(pattern, templates, ("1.0.ipynb", "1.0.md", "next/a.md"))
    return pattern if seen and not any(seen) else ""


def workflow_elsewhere(workflow: bytes, templates: str) -> str:
    """Return the folder that a workflow of ours takes its templates from where that is another one, else nothing."""
    text = workflow.decode(errors="replace")
    found = re.search(r"^[ \t]*TEMPLATES:(.+)$", text, re.M)
    if not found or f"TEMPLATES: {json.dumps(templates, ensure_ascii=False)}" in text:
        return ""
    named = re.split(r"[ \t]#", found[1], maxsplit=1)[0].strip().strip("'\"").rstrip("/")
    return "" if named == templates else named


def _indented(text: str, indent: str) -> str:
    return "".join(indent + line for line in text.splitlines(keepends=True))


def _indent_of_repos(lines: Sequence[str]) -> str | None:
    """How far the entries of `repos` are indented, where that key is the last and its entries are plain to see."""
    keys = [number for number, line in enumerate(lines) if re.match(r"[^\s#-]", line)]
    if not keys or not re.fullmatch(r"repos:[ \t]*(#.*)?", lines[keys[-1]]):
        return None
    below = [line for line in lines[keys[-1] + 1 :] if line.strip() and not line.lstrip().startswith("#")]
    first = re.match(r"( *)- +repo:", below[0]) if below else None
    if not first:
        return None
    indent = first[1]
    plain = all(
        line.startswith(indent) and (not line.startswith(f"{indent}-") or re.match(rf"{indent}- +repo:", line))
        for line in below
    )
    return indent if plain and not any("\t" in line for line in below) else None


def workflow(standard: str, templates: str, branch: str) -> bytes:
    """Return GitHub's workflow for a repository with another folder of templates or another default branch."""
    text = standard
    if branch != "main":
        text = text.replace("branches: [main]", f"branches: [{json.dumps(branch, ensure_ascii=False)}]")
    if templates != STANDARD:
        text = text.replace("TEMPLATES: templates", f"TEMPLATES: {json.dumps(templates, ensure_ascii=False)}")
    return text.encode()


def elsewhere(origin: str, names: Sequence[str]) -> str:
    """Return where a repository's CI runs if that is plainly not GitHub, by its remote and the files in its root."""
    if ".github" in names or re.search(r"(?i)[@/.]github\b", origin):
        return ""
    by_origin = re.search(r"(?i)\b(gitlab|bitbucket|dev\.azure|visualstudio|codeberg|sr\.ht)\b", origin)
    files = {".gitlab-ci.yml", "bitbucket-pipelines.yml", "azure-pipelines.yml", "Jenkinsfile", ".woodpecker.yml"}
    by_file = next((name for name in names if name in files), "")
    return f"the remote is at {by_origin[1].lower()}" if by_origin else f"there is a {by_file}" if by_file else ""
