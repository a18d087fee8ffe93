"""Write docs/commands.md from what each verb's `--help` says."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner

from nbrunbook.commands import VERBS, cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"


def page() -> str:
    """Return the page as it should stand."""
    parts = ["# Every command", "What each verb's `--help` says. Results are on stdout, talk is on stderr."]
    for verb in VERBS:
        parts.append(f"## {verb}")
        found = cli.get_command(click.Context(cli), verb)
        for each in ([verb], *([verb, name] for name in getattr(found, "commands", ()))):
            result = CliRunner().invoke(cli, [*each, "--help"], prog_name="nbrunbook", terminal_width=100)
            parts.append(f"```text\n{result.output.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
