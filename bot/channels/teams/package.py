"""The app package that is uploaded in Teams: a manifest in both languages, and the icons."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional
from urllib.parse import urlsplit

from bot.channels.addresses import is_public_address
from bot.channels.gateway import Words

MANIFEST_VERSION = "1.17"
SCHEMA = f"https://developer.microsoft.com/en-us/json-schemas/teams/v{MANIFEST_VERSION}"
APP_VERSION = "1.0.0"  # Teams offers an update of the app when it is greater than before
ICONS = Path(__file__).with_name("icons")
ACCENT = "#1F5FBF"  # the colour of the icon
LONGEST_COMPANY = 32
LONGEST = {"name.short": 30, "name.full": 100, "description.short": 80, "description.full": 4000}
LONGEST_TITLE, LONGEST_DESCRIPTION = 32, 128  # of a command
SCOPES = ["personal", "team", "groupChat"]
COMMANDS = (("utter_widget_start_over", "utter_teams_app_start_over"), ("utter_widget_person", "utter_teams_app_person"))
TRANSLATED = {
    "name.short": "utter_teams_app_name",
    "name.full": "utter_teams_app_full_name",
    "description.short": "utter_teams_app_description",
    "description.full": "utter_teams_app_full_description",
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"(?:0|[1-9][0-9]{0,4})(?:\.(?:0|[1-9][0-9]{0,4})){2}")


def package(
    app_id: str,
    address: str,
    target: Path,
    company: str = "Support",
    website: Optional[str] = None,
    privacy: Optional[str] = None,
    terms: Optional[str] = None,
    version: str = APP_VERSION,
    words: Optional[Words] = None,
) -> None:
    """Write the package for the bot `app_id`, whose server others reach at `address`, to `target`.

    `website` is `address` unless given, `privacy` and `terms` are `website`. Raises ValueError with every problem; an
    older package then stays.
    """
    if words is None:
        from bot.wording import shared_wording  # here, since the channels of a running server are given theirs

        words = shared_wording().text
    website = website or address
    urls = {"websiteUrl": website, "privacyUrl": privacy or website, "termsOfUseUrl": terms or website}
    made = manifest(app_id.lower(), address, {"name": company.strip(), **urls}, version, words)
    dutch = translation(words, "nl")
    found = problems(made, address, dutch)
    if found:
        raise ValueError("; ".join(found))
    zipped = io.BytesIO()  # whole before anything is written
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", _json(made))
        file.writestr("nl.json", _json(dutch))
        for icon in made["icons"].values():
            file.write(ICONS / icon, icon)
    target.write_bytes(zipped.getvalue())


def manifest(app_id: str, address: str, developer: Dict[str, str], version: str, words: Words) -> Dict[str, Any]:
    """Return the manifest, in English."""
    text = {name: words(response, "en") for name, response in TRANSLATED.items()}
    commands = [{"title": words(title, "en"), "description": words(said, "en")} for title, said in COMMANDS]
    return {
        "$schema": f"{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": MANIFEST_VERSION,
        "version": version,
        "id": app_id,
        "developer": developer,
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "nl", "file": "nl.json"}],
        },
        "name": {"short": text["name.short"], "full": text["name.full"]},
        "description": {"short": text["description.short"], "full": text["description.full"]},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": app_id,
                "scopes": SCOPES,
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": SCOPES, "commands": commands}],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "validDomains": [urlsplit(address).hostname if is_public_address(address) else ""],
    }


def translation(words: Words, language: str) -> Dict[str, str]:
    """Return the words of the manifest in another language, by where they stand in it."""
    made = {"$schema": f"{SCHEMA}/MicrosoftTeams.Localization.schema.json"}
    made.update({name: words(response, language) for name, response in TRANSLATED.items()})
    for number, (title, said) in enumerate(COMMANDS):
        made[f"bots[0].commandLists[0].commands[{number}].title"] = words(title, language)
        made[f"bots[0].commandLists[0].commands[{number}].description"] = words(said, language)
    return made


def problems(made: Dict[str, Any], address: str, dutch: Dict[str, str]) -> List[str]:
    """Return what Teams would refuse, as far as that can be said without its schema."""
    found = [] if _UUID.fullmatch(made["id"]) else [f'"{made["id"]}" is no Microsoft App ID']
    if not _VERSION.fullmatch(made["version"]):
        found.append(f'the version "{made["version"]}" is not three numbers like {APP_VERSION}')
    developer = made["developer"]
    if not 0 < len(developer["name"]) <= LONGEST_COMPANY or not developer["name"].isprintable():
        found.append(f'the company "{developer["name"]}" must have 1 to {LONGEST_COMPANY} characters that can be shown')
    addresses = dict.fromkeys([address, *(developer[name] for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"))])
    found += [f'"{given}" is no address like https://support.partner.example' for given in addresses if not is_public_address(given)]
    english = {name: made[name.partition(".")[0]][name.partition(".")[2]] for name in LONGEST}
    for language, texts in (("en", english), ("nl", dutch)):
        found += [f"{TRANSLATED[name]} ({language}) is longer than {most}" for name, most in LONGEST.items() if len(texts[name]) > most]
    listed = made["bots"][0]["commandLists"][0]["commands"]
    for number, (title, said) in enumerate(COMMANDS):
        at = f"bots[0].commandLists[0].commands[{number}]"
        titles, descriptions = (
            (listed[number][name], dutch[f"{at}.{name}"]) for name in ("title", "description")
        )
        found += [f"{title} is longer than {LONGEST_TITLE}"] if max(map(len, titles)) > LONGEST_TITLE else []
        found += [f"{said} is longer than {LONGEST_DESCRIPTION}"] if max(map(len, descriptions)) > LONGEST_DESCRIPTION else []
    return found


def _json(document: Dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
