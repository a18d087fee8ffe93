"""Where a stranger's template must not lead: neither out of the repository, nor to what never ends."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from nbrunbook.documents import kernelspec
from nbrunbook.jupyter.session_copy import session_copy
from nbrunbook.project.settings import find_project
from tests.conftest import MakeRunbook, Workplace
from tests.making import session_on

SECRET = "- [ ] of somebody else {#theirs}\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def outside(work: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside the repository, with a text and an image that are none of its business."""
    Path(".git").mkdir()
    Path("templates").mkdir()
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.md").write_text(SECRET, encoding="utf-8")
    (folder / "secret.png").write_bytes(PNG)
    return folder


@pytest.mark.parametrize(
    "kind", ["a link", "a relative link", "an absolute path", "a file: address", "dots", "a device"]
)
def test_no_image_of_elsewhere_is_embedded(work: Workplace, outside: Path, kind: str) -> None:
    """It would be in the runbook and in the record, for everybody to read."""
    if kind == "a device":
        Path("templates/a.png").symlink_to("/dev/zero")
    elif kind == "a relative link":
        Path("templates/a.png").symlink_to(os.path.relpath(outside / "secret.png", "templates"))
    else:
        Path("templates/a.png").symlink_to(outside / "secret.png")
    target = {
        "an absolute path": str(outside / "secret.png"),
        "a file: address": f"file://{outside}/secret.png",
        "dots": os.path.relpath(outside / "secret.png", "templates"),
    }.get(kind, "a.png")
    Path("templates/1.0.md").write_text(f"![x]({target})\n\n- [ ] A {{#a}}\n", encoding="utf-8")
    assert work.run("lint") == (0 if kind == "a file: address" else 1)  # which no Markdown reader takes for an image
    if kind != "a file: address":
        assert "RB211" in work.out
        assert "leads out of its repository" in work.out
    assert work.run("instantiate", "1.0", "-e", "staging") == 0, work.err
    assert "MDAwMDAw" not in Path("runbooks/staging/1.0.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["templates/1.0.md", "templates/1.0.ipynb", "templates/next/a.md", "templates/always/a.md"]
)
@pytest.mark.parametrize("command", ["lint", "lint --fix", "plan", "pending", "export", "instantiate"])
def test_no_part_of_elsewhere_is_read_or_written(work: Workplace, outside: Path, name: str, command: str) -> None:
    """A part that is a link to somewhere else is told, and neither shown nor mended."""
    Path("templates/2.0.md").write_text("- [ ] A {#a}\n", encoding="utf-8")
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    (outside / "secret.md").write_text("- [ ] of somebody else\n", encoding="utf-8")
    path.symlink_to(outside / "secret.md")
    more = {"plan": ("2.0",), "export": ("templates/2.0.md",), "instantiate": ("2.0", "-e", "staging")}
    work.run(*command.split(), *more.get(command, ()))
    assert "of somebody else" not in work.out
    assert (outside / "secret.md").read_text(encoding="utf-8") == "- [ ] of somebody else\n"
    if command.startswith("lint"):
        assert "leads out of its repository" in work.out
    assert work.run("lint") == 1


def test_a_folder_of_elsewhere_is_no_folder_of_templates(work: Workplace, outside: Path) -> None:
    """A whole folder may be a link, too."""
    Path("templates/1.0").symlink_to(outside)
    assert work.run("plan", "1.0") == 1
    assert "leads out of its repository" in work.err
    assert "somebody else" not in work.out


def test_a_template_that_is_too_large_is_told(work: Workplace, outside: Path) -> None:
    """Five megabytes are more than any checklist; an image may have ten, the configuration one."""
    Path("templates/1.0.md").write_text("x" * 5_000_001, encoding="utf-8")
    assert work.run("lint") == 1
    assert "more than 5 MB" in work.out
    Path("templates/1.0.md").write_text("![x](a.png)\n\n- [ ] A {#a}\n", encoding="utf-8")
    Path("templates/a.png").write_bytes(b"0" * 10_000_001)
    assert work.run("lint") == 1
    assert "more than 10 MB" in work.out
    Path("nbrunbook.toml").write_text("#" * 1_000_001, encoding="utf-8")
    Path("pyproject.toml").unlink()
    assert work.run("lint") == 1
    assert "more than 1 MB" in work.err


@pytest.mark.parametrize("name", ["../../../elsewhere", "/tmp/elsewhere", "..", ".", "a/b", "", "a" * 500, 7, None])
def test_the_name_of_a_kernel_is_no_path(tmp_path: Path, name: object) -> None:
    """A kernel.json would be written wherever it leads; what is no name is python3."""
    made = kernelspec.notebook_metadata({"kernelspec": {"name": name}})
    assert made["kernelspec"]["name"] == "python3"
    if isinstance(name, str) and len(name) < 500:
        with pytest.raises(ValueError, match="is no kernel's name"):
            kernelspec.write(tmp_path / "deep" / "er", name)
    assert list(tmp_path.rglob("kernel.json")) == []


@pytest.mark.on("sqlite")
def test_a_session_copy_that_is_a_link_keeps_nobody_s_key(
    work: Workplace, runbook: MakeRunbook, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At sign-off the copy goes into the journal: not what a link leads to."""
    key = runbook("- [ ] A {#a .optional}")
    secret = tmp_path_factory.mktemp("outside") / "id_ed25519"
    secret.write_text("PRIVATE KEY", encoding="utf-8")
    copy = session_copy(session_on(key), find_project())
    copy.unlink()
    copy.symlink_to(secret)
    assert work.run("sign-off", key) == 1
    assert "leads out of its repository" in work.err
    assert work.run("journal", key, "--json") == 0
    assert [json.loads(line)["kind"] for line in work.out.splitlines()] == ["opened"]


@pytest.mark.parametrize("target", [".git/config", ".env"])
@pytest.mark.parametrize("command", ["lint", "plan 2.0", "export 2.0", "instantiate 2.0 -e staging"])
def test_no_part_leads_to_what_nobody_has_published(work: Workplace, target: str, command: str) -> None:
    """Git's own files hold a CI's token, and what git ignores holds passwords; a diff would show it to everybody."""
    subprocess.run(["git", "init", "-q"], check=True)
    Path(".env").write_text("hunter2\n", encoding="utf-8")
    subprocess.run(["git", "config", "http.extraheader", "hunter2"], check=True)
    Path("templates/2.0").mkdir(parents=True)
    Path("templates/2.0/10.md").write_text("- [ ] A {#a}\n", encoding="utf-8")
    Path("templates/2.0/20.md").symlink_to(f"../../{target}")
    assert work.run(*command.split()) == 1
    assert "hunter2" not in work.out + work.err
    assert "git" in work.out + work.err
    assert not Path("runbooks").exists()


def test_a_link_to_a_tracked_file_is_read(work: Workplace) -> None:
    """Parts may be shared between templates."""
    subprocess.run(["git", "init", "-q"], check=True)
    Path("templates/2.0").mkdir(parents=True)
    Path("shared.md").write_text("- [ ] A {#a}\n", encoding="utf-8")
    Path("templates/2.0/20.md").symlink_to("../../shared.md")
    subprocess.run(["git", "add", "shared.md"], check=True)
    assert work.run("lint") == 0, work.out


def test_a_link_to_another_repository_leads_out_of_this_one(
    work: Workplace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Though what it leads to lies in one, too."""
    other = tmp_path_factory.mktemp("other")
    for folder in (Path(), other):
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (other / "10.md").write_text(SECRET, encoding="utf-8")
    Path("templates").mkdir()
    Path("templates/2.0").symlink_to(other)
    assert work.run("plan", "2.0") == 1
    assert "leads out of its repository" in work.err
