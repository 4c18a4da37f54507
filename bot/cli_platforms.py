"""The commands that set up Slack and Teams: what their administrators paste or upload."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Optional

import click

from bot.channels.addresses import is_public_address
from bot.engine import UnusableFacts
from bot.settings import UUID, Credentials, load_settings

PACKAGE = "teams-app.zip"


def _address(context: click.Context, option: click.Parameter, given: str) -> str:
    """Return the address of the server, without a slash at its end. Raises UnusableFacts."""
    address = given.rstrip("/")
    if not is_public_address(address) or "?" in address or "#" in address:
        raise UnusableFacts(f'"{given}" must be the address that the server has for others, like https://support.partner.example')
    return address


address_option = click.option(
    "--address", required=True, callback=_address, help="Where Slack or Teams reaches the server: https://..."
)


@click.command("slack-manifest")
@address_option
def slack_manifest_command(address: str) -> None:
    """Print the manifest (YAML) that makes the Slack app in one paste: api.slack.com/apps, Create New App, From a manifest."""
    from bot.channels.slack.manifest import manifest

    click.echo(manifest(address), nl=False)


@click.command("teams-package")
@address_option
@click.option("--app-id", default=None, help="The bot's Microsoft App ID; teams.app_id of channels.yml by default.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), default=PACKAGE, show_default=True, help="The file to write."
)
@click.option("--company", default="Support", show_default=True, help="Who offers the app, as Teams shows it.")
@click.option("--website", default=None, help="The company's site; --address by default.")
@click.option("--privacy", default=None, help="The company's privacy statement; --website by default.")
@click.option("--terms", default=None, help="The company's terms of use; --website by default.")
def teams_package_command(
    address: str,
    app_id: Optional[str],
    target: Path,
    company: str,
    website: Optional[str],
    privacy: Optional[str],
    terms: Optional[str],
) -> None:
    """Write the app package (manifest and icons) that is uploaded in Teams: Apps, Manage your apps, Upload an app."""
    from bot.channels.teams.package import package

    found = (app_id or load_settings().teams.app_id).lower()
    if not UUID.fullmatch(found):
        raise UnusableFacts("teams.app_id in channels.yml, or --app-id, must be the bot's Microsoft App ID")
    try:
        package(found, address, target, company=company, website=website, privacy=privacy, terms=terms)
    except ValueError as error:
        raise UnusableFacts(str(error)) from None
    click.echo(f"{target} is ready to be uploaded")


def check_channels(as_json: bool) -> bool:
    """Print what each channel needs; say whether none is set up by half or looks wrong."""
    from bot.check.platforms import readiness

    found = readiness(load_settings(), Credentials.given())
    for channel in found:
        if as_json:
            click.echo(json.dumps({**asdict(channel), "is_on": channel.is_on}))
        else:
            click.echo("\n".join(channel.lines()))
    return all((channel.is_on or not channel.is_wanted) and not channel.doubtful for channel in found)
