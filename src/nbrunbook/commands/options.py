"""Options and arguments that several verbs have."""

from __future__ import annotations

import click

from nbrunbook.commands import completion

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
release_option = click.option("--release", metavar="NAME", help="The release, where the template is templates/next.")
key_argument = click.argument("key", metavar="KEY", shell_complete=completion.open_keys)
any_key_argument = click.argument("key", metavar="KEY", shell_complete=completion.any_keys)
for_option = click.option("--for", "on_behalf", metavar="WHO", help="Record it for somebody without Jupyter.")
at_option = click.option(
    "--at", "revision", metavar="REV", help="Read the templates of the commit that is deployed there."
)
dirty_option = click.option(
    "--dirty", is_flag=True, help="Take steps that are not committed, also where 'committed' is set."
)
