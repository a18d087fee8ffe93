"""Options and arguments that several verbs have."""

from __future__ import annotations

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
release_option = click.option("--release", metavar="NAME", help="The release, where the template is templates/next.")
key_argument = click.argument("key", metavar="KEY")
for_option = click.option("--for", "on_behalf", metavar="WHO", help="Record it for somebody without Jupyter.")
