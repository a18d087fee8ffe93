"""Options and arguments that several verbs have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from nbrunbook.commands import completion, program

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
release_option = click.option("--release", metavar="NAME", help="The release, where the template is templates/next.")
of_release_option = click.option(
    "--release", metavar="NAME", default="", shell_complete=completion.releases, help="Only of one release."
)
key_argument = click.argument("key", metavar="KEY", shell_complete=completion.open_keys)
any_key_argument = click.argument("key", metavar="KEY", shell_complete=completion.any_keys)
for_option = click.option("--for", "on_behalf", metavar="WHO", help="Record it for somebody without Jupyter.")
at_option = click.option(
    "--at", "revision", metavar="REV", help="Read the templates of the commit that is deployed there."
)
dirty_option = click.option(
    "--dirty", is_flag=True, help="Take steps that are not committed, also where 'committed' is set."
)


class EnvironmentOption(click.Option):
    """`-e`, which a Django site's settings answer where it is not given; not where a KEY names the environment."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Say in the help where it means by default, without asking for it."""
        found = super().get_help_record(ctx)
        by_default = program.here().by_default
        return (found[0], f"{found[1]}  [default: {by_default}]") if found and by_default else found

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Return the site's environment, else the declared default."""
        has_key = isinstance(ctx.params.get("key"), str)  # click has a mark of its own for one that is not given
        site = None if has_key or not call else program.here().environment()
        return site or super().get_default(ctx, call)


def environment_option(about: str) -> Callable[[Any], Any]:
    """Return `-e` for an environment or a group, empty for all of them; `about` is its help."""
    return click.option(
        "-e",
        "environment",
        metavar="ENV|GROUP",
        shell_complete=completion.environments,
        default="",
        help=about,
        cls=EnvironmentOption,
    )
