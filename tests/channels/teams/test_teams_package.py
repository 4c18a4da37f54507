"""The package is what Teams takes: by Microsoft's schemas, with icons as its documentation asks, or it is not written."""

import io
import itertools
import json
import re
import zipfile
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft6Validator, ValidationError
from jsonschema.validators import extend
from matplotlib.image import imread

from bot.channels.teams import package as made_by
from bot.channels.teams.package import MANIFEST_VERSION, package
from tests.channels.teams.microsoft import APP_ID
from tests.npm import install

NODE = Path(__file__).resolve().parent / "node"
SCHEMAS = f"node_modules/@microsoft/app-manifest/build/json-schemas/teams/v{MANIFEST_VERSION}"
MANIFEST, TRANSLATION = "MicrosoftTeams.schema.json", "MicrosoftTeams.Localization.schema.json"
ADDRESS = "https://support.partner.example"
SITE = "https://www.partner.example/about?us"
_numbers = itertools.count(1)

# The schemas are of draft 4, and use "const", which came later.
Validator = extend(Draft4Validator, {"const": Draft6Validator.VALIDATORS["const"]})

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=50)
PIECES = [
    *("https://", "http://", "a.example", "www", ".", "/", ":", "443", "@", "?", "#", "%", "[", "]", "xn--", "-"),
    *('"', "\\", " ", "\n", "é"),
]
ALMOST_AN_ADDRESS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.lists(st.one_of(st.sampled_from(PIECES), ANY_TEXT), max_size=4).map(lambda rest: f"https://a.example{''.join(rest)}"),
    st.integers(2_000, 2_100).map(lambda size: f"{ADDRESS}/".ljust(size, "a")),
)
ALMOST_A_COMPANY = st.tuples(st.sampled_from(["a", " ", "\t", "é", "😀"]), st.integers(0, 40), st.integers(0, 10)).map(
    lambda parts: "Partner" + parts[0] * parts[1] + " " * parts[2]
)


@pytest.fixture(scope="module")
def schemas():
    """Return Microsoft's validators by the names of their files."""
    files = {name: install(NODE) / SCHEMAS / name for name in (MANIFEST, TRANSLATION)}
    found = {name: Validator(json.loads(file.read_text(encoding="utf-8-sig"))) for name, file in files.items()}
    for validator in found.values():
        Draft4Validator.check_schema(validator.schema)
    return found


@pytest.fixture
def target(tmp_path):
    return tmp_path / "teams-app.zip"


@pytest.fixture
def files(target):
    """Return what is in a package, by name."""
    package(APP_ID, ADDRESS, target)
    return contents(target)


def contents(target):
    with zipfile.ZipFile(target) as file:
        assert file.testzip() is None
        names = file.namelist()
        assert len(names) == len(set(names))
        return {name: file.read(name) for name in names}


def assert_valid(found, schemas):
    schemas[MANIFEST].validate(json.loads(found["manifest.json"]))
    schemas[TRANSLATION].validate(json.loads(found["nl.json"]))


def pixels(png):
    """Return the pixels as rows of (red, green, blue, alpha), each from 0 to 1."""
    return imread(io.BytesIO(png), format="png")


def at(document, path):
    """Return what stands at a place that is named as in a translation, like bots[0].botId."""
    for name in re.findall(r"[^.\[\]]+", path):
        document = document[int(name) if name.isdigit() else name]
    return document


def test_it_holds_four_files_and_nothing_else(files):
    assert sorted(files) == ["color.png", "manifest.json", "nl.json", "outline.png"]


def test_both_documents_keep_to_microsofts_schemas(files, schemas):
    assert_valid(files, schemas)
    manifest, dutch = json.loads(files["manifest.json"]), json.loads(files["nl.json"])
    assert manifest["$schema"].endswith(f"/teams/v{manifest['manifestVersion']}/{MANIFEST}")
    assert dutch["$schema"].endswith(f"/teams/v{manifest['manifestVersion']}/{TRANSLATION}")


@pytest.mark.parametrize(
    "path, value",
    [
        ("id", "my-bot"),
        ("manifestVersion", "1.16"),
        ("developer.name", "a" * 33),
        ("developer.websiteUrl", "support.partner.example"),
        ("name.short", "a" * 31),
        ("accentColor", "blue"),
        ("bots[0].scopes", ["everywhere"]),
        ("bots[0].commandLists[0].commands[0].title", "a" * 33),
        ("bots[0].unknown", True),
        ("permissions", ["everything"]),
        ("validDomains", ADDRESS),
    ],
)
def test_the_schema_refuses_a_manifest_with_an_error(files, schemas, path, value):
    broken = json.loads(files["manifest.json"])
    above, _, name = path.rpartition(".")
    at(broken, above)[name] = value
    with pytest.raises(ValidationError):
        schemas[MANIFEST].validate(broken)


def test_the_schemas_refuse_what_lacks_an_entry_or_has_one_too_many(files, schemas):
    manifest, dutch = json.loads(files["manifest.json"]), json.loads(files["nl.json"])
    for schema, document, needed in ((MANIFEST, manifest, "developer"), (TRANSLATION, dutch, "name.full")):
        for broken in ({**document, "unknown": "x"}, {name: value for name, value in document.items() if name != needed}):
            with pytest.raises(ValidationError):
                schemas[schema].validate(broken)


def test_every_word_of_the_manifest_is_translated_where_it_stands(files):
    manifest, dutch = json.loads(files["manifest.json"]), json.loads(files["nl.json"])
    assert manifest["localizationInfo"] == {
        "defaultLanguageTag": "en",
        "additionalLanguages": [{"languageTag": "nl", "file": "nl.json"}],
    }
    places = {"name.short", "name.full", "description.short", "description.full"}
    for number, _ in enumerate(at(manifest, "bots[0].commandLists[0].commands")):
        places |= {f"bots[0].commandLists[0].commands[{number}].{name}" for name in ("title", "description")}
    assert set(dutch) - {"$schema"} == places
    for place in places:
        assert at(manifest, place).strip() and dutch[place].strip() and at(manifest, place) != dutch[place]


def test_it_names_the_bot_the_company_and_the_addresses(target):
    package(APP_ID.upper(), f"{ADDRESS}:8443/base", target, "Partner & Zoon", SITE, f"{SITE}/privacy", version="2.10.3")
    manifest = json.loads(contents(target)["manifest.json"])
    assert (manifest["id"], manifest["bots"][0]["botId"], manifest["version"]) == (APP_ID, APP_ID, "2.10.3")
    assert manifest["developer"] == {
        "name": "Partner & Zoon",
        "websiteUrl": SITE,
        "privacyUrl": f"{SITE}/privacy",
        "termsOfUseUrl": SITE,
    }
    assert manifest["validDomains"] == ["support.partner.example"]


def test_the_colour_icon_is_as_teams_asks(files):
    icon = pixels(files["color.png"])
    assert icon.shape[:2] == (192, 192)
    assert icon.shape[2] == 3 or (icon[..., 3] == 1).all()
    border = [*icon[0], *icon[-1], *icon[:, 0], *icon[:, -1]]
    accent = json.loads(files["manifest.json"])["accentColor"]
    assert {"#" + "".join(f"{round(part * 255):02X}" for part in pixel[:3]) for pixel in border} == {accent}
    assert len({tuple(pixel) for row in icon for pixel in row}) > 1


def test_the_outline_icon_is_white_on_nothing(files):
    icon = pixels(files["outline.png"])
    assert icon.shape == (32, 32, 4)
    seen = icon[icon[..., 3] > 0]
    assert 0 < len(seen) < 32 * 32 and (icon[..., 3] == 0).any() and (icon[..., 3] == 1).any()
    assert (seen[:, :3] == 1).all()


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"app_id": "my-bot"}, '"my-bot" is no Microsoft App ID'),
        ({"app_id": ""}, '"" is no Microsoft App ID'),
        ({"app_id": f"{APP_ID}0"}, f'"{APP_ID}0" is no Microsoft App ID'),
        ({"app_id": f"{{{APP_ID}}}"}, "is no Microsoft App ID"),
        ({"address": "http://support.partner.example"}, '"http://support.partner.example" is no address'),
        ({"address": "https://user:pw@support.partner.example"}, '"https://user:pw@support.partner.example" is no address'),
        ({"address": 'https://support.partner.example/"a"'}, "is no address"),
        ({"address": "https://support.partner.example/a b"}, "is no address"),
        ({"address": "https://support.partner.example/\n"}, "is no address"),
        ({"address": "https://support.partner.example:port"}, "is no address"),
        ({"address": "https://support.partner.example:99999"}, "is no address"),
        ({"address": "https://127.0.0.1"}, "is no address"),
        ({"address": "https://[::1"}, "is no address"),
        ({"address": "https://localhost"}, "is no address"),
        ({"address": "support.partner.example"}, '"support.partner.example" is no address'),
        ({"address": ""}, '"" is no address'),
        ({"address": f"{ADDRESS}/".ljust(2_049, "a")}, "is no address"),
        ({"website": "http://www.partner.example"}, '"http://www.partner.example" is no address'),
        ({"privacy": "javascript:alert(1)"}, '"javascript:alert(1)" is no address'),
        ({"terms": "terms.html"}, '"terms.html" is no address'),
        ({"company": "a" * 33}, "must have 1 to 32 characters"),
        ({"company": "Partner\nline"}, "must have 1 to 32 characters that can be shown"),
        ({"company": " "}, '"" must have 1 to 32 characters'),
        ({"company": "Partner\udcff"}, "company"),
        ({"version": "1.0"}, 'the version "1.0"'),
        ({"version": "1.0.0-beta"}, 'the version "1.0.0-beta"'),
        ({"version": "v1.0.0"}, 'the version "v1.0.0"'),
        ({"version": "1.0.0\n"}, "the version"),
        ({"version": "01.0.0"}, 'the version "01.0.0"'),
        ({"version": "١.٠.٠"}, 'the version "١.٠.٠"'),
        ({"version": ""}, 'the version ""'),
    ],
)
def test_what_teams_would_refuse_is_named_and_no_file_written(target, wrong, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        package(**{"app_id": APP_ID, "address": ADDRESS, "target": target, **wrong})
    assert not target.exists()


def test_every_problem_is_named_at_once_and_an_older_package_is_kept(target):
    target.write_bytes(b"an older package")
    with pytest.raises(ValueError) as raised:
        package("my-bot", "http://a.example", target, company="", website="b.example", version="1")
    for said in ('"my-bot"', '"http://a.example"', "the company", '"b.example"', 'the version "1"'):
        assert said in str(raised.value)
    assert target.read_bytes() == b"an older package"


@pytest.mark.parametrize("response", [*made_by.TRANSLATED.values(), *itertools.chain(*made_by.COMMANDS)])
@pytest.mark.parametrize("in_language", ["en", "nl"])
def test_words_that_are_too_long_are_named(target, wording, response, in_language):
    def words(name, language):
        return "a" * 4_001 if (name, language) == (response, in_language) else wording.text(name, language)

    with pytest.raises(ValueError, match=f"{response}.* is longer than"):
        package(APP_ID, ADDRESS, target, words=words)
    assert not target.exists()


def test_the_longest_words_that_it_takes_are_those_of_the_schemas(files, schemas):
    manifest, dutch = json.loads(files["manifest.json"]), json.loads(files["nl.json"])
    limits = dict(made_by.LONGEST)
    for number, _ in enumerate(made_by.COMMANDS):
        command = f"bots[0].commandLists[0].commands[{number}]"
        limits.update({f"{command}.title": made_by.LONGEST_TITLE, f"{command}.description": made_by.LONGEST_DESCRIPTION})
    for place, most in limits.items():
        above, _, name = place.rpartition(".")
        for size in (most, most + 1):
            longer = deepcopy(manifest)
            at(longer, above)[name] = "a" * size
            assert schemas[MANIFEST].is_valid(longer) == (size == most)
            assert schemas[TRANSLATION].is_valid({**dutch, place: "a" * size}) == (size == most)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(ANY_TEXT, ALMOST_A_COMPANY),
    st.one_of(st.just(SITE), ANY_TEXT, ALMOST_AN_ADDRESS),
)
@example("a" + " " * 32, SITE)
@example("\ud800", SITE)
@example("Partner", "https://a.example:")
@example("Partner", f"{ADDRESS}/".ljust(2_048, "a"))
def test_whatever_company_and_website_the_package_is_valid_or_refused(tmp_path, schemas, company, website):
    target = tmp_path / f"{next(_numbers)}.zip"
    try:
        package(APP_ID, ADDRESS, target, company=company, website=website)
    except ValueError:
        assert not target.exists()
    else:
        found = contents(target)
        assert_valid(found, schemas)
        developer = json.loads(found["manifest.json"])["developer"]
        assert developer["name"] == company.strip() and developer["websiteUrl"] == (website or ADDRESS)
