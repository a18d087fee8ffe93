"""Write docs/commands.md from what each verb's `--help` says."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from nbrunbook.commands import VERBS, cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"


def page() -> str:
    """Return the page as it should stand."""
    parts = ["# Every command", "What each verb's `--help` says. Results are on stdout, talk is on stderr."]
    for verb in VERBS:
        result = CliRunner().invoke(cli, [verb, "--help"], prog_name="nbrunbook", terminal_width=100)
        parts.append(f"## {verb}\n\n```text\n{result.output.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
