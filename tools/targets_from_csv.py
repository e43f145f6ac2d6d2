"""Makes `docs/targets-france.toml` from a list of addresses: `python -m tools.targets_from_csv LIST.csv`.

Columns: department_code, prefecture, procedure, platform, url, seen_in, seen_date. Every row is checked by
the rules of `targets.toml` and written with `enabled = false`. A row that these rules refuse, whose platform
cannot be read yet or asks for options that stand on the page alone, is written as a comment with the reason,
so that no address is lost.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from monitor.places.departements import zone_of
from monitor.problems import BadInput
from monitor.targets.catalogue import CatalogueRules, parse_catalogue
from probes.model import Platform, Transport
from probes.registry import PLATFORMS

LONGEST_KEY = 40
PLATFORM_NAMES = {"booking-module": "classic", "esirius-eappointment": "esirius", "esii-orion": "orion"}

HEAD = """\
# Booking pages of French préfectures, gathered from public sources.
#
# None of these addresses was visited to make this list. Procedures are renumbered, moved and withdrawn: each
# entry says when and where it was last seen, and is disabled. To watch one, copy it into your targets.toml,
# open its address in your own browser, correct what has changed, then set enabled = true.
# Sources are public repositories and pages; "id" is the reference number of a public source file.
#
# {targets} targets
# {lacking} pages whose platform needs options, which are copied from the page (docs/targets.md), at the end
# {unread} pages of platforms that cannot be read yet, at the end
# {refused} addresses that the catalogue's rules refuse, at the end
"""
LACKING = "# ----- Pages whose platform needs options, to be copied from the page -----\n"
UNREAD = "# ----- Pages of platforms that cannot be read yet -----\n"
REFUSED = "# ----- Addresses that the catalogue's rules refuse -----\n"


def catalogue_of(rows: Iterable[Mapping[str, str]], rules: CatalogueRules) -> str:
    """The text of the TOML file. `rows` map column names to values."""
    parts: dict[str, list[str]] = {"": [], LACKING: [], UNREAD: [], REFUSED: []}
    for row in rows:
        part, text = _placed(row, parts[""], rules)
        parts[part].append(text)
    lacking, unread, refused = (len(parts[part]) for part in (LACKING, UNREAD, REFUSED))
    head = HEAD.format(targets=len(parts[""]), lacking=lacking, unread=unread, refused=refused)
    good, *rest = parts.items()
    return "\n".join([head, *good[1], *(text for part, texts in rest for text in (part, *texts))])


def _placed(row: Mapping[str, str], good: Sequence[str], rules: CatalogueRules) -> tuple[str, str]:
    """Under which heading a row goes, and its text there; the tables of `good` stand before it."""
    name = PLATFORM_NAMES.get(row["platform"], row["platform"].replace("-", "_"))
    platform = next((each for each in rules.platforms if each.name == name), None)
    if platform is None:
        return UNREAD, _comment(_entry(row, name), f"the platform {name} cannot be read yet")
    entry = _entry(row, name) | _transport(platform)
    needed = [option for option in platform.options if option.required]
    known = entry | ({"options": {option.name: option.example for option in needed}} if needed else {})
    if reason := _refusal("\n".join([*good, _table(known)]), rules):
        return REFUSED, _comment(entry, reason)
    if needed:
        empty = entry | {"options": {option.name: "" for option in needed}}
        return LACKING, _comment(empty, f"the platform {name} needs options, see docs/targets.md")
    return "", _table(entry)


def _transport(platform: Platform) -> dict[str, object]:
    """The key `transport` of a platform that Chromium cannot read; else none."""
    return {} if Transport.BROWSER in platform.transports else {"transport": Transport.HTTP}


def _entry(row: Mapping[str, str], platform: str) -> dict[str, object]:
    code = row["department_code"]
    url = re.sub("^http:", "https:", row["url"])
    source = row["seen_in"] + ("; seen as http://" if url != row["url"] else "")
    return {
        "id": f"{code.lower() or 'xx'}-{_slug(row['prefecture'].partition(' (')[0])}-{_key(url)}",
        "platform": platform,
        "url": url,
        "prefecture": row["prefecture"],
        "departement": code,
        "demarche": row["procedure"],
        "zone": zone_of(code),
        "enabled": False,
        **({"last_seen": row["seen_date"]} if row["seen_date"] else {}),
        "source": source,
    }


def _key(url: str) -> str:
    """A short part of `url` that differs from page to page of one host. The id is a label in every metric."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    last = [query[name][0] for name in ("config", "public_link_organisation_id") if name in query]
    key = _slug(last[0] if last else parts.path.rstrip("/").rpartition("/")[2])
    return textwrap.shorten(key.replace("-", " "), LONGEST_KEY, placeholder="").replace(" ", "-")


def _slug(text: str) -> str:
    letters = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")


def _table(entry: Mapping[str, object]) -> str:
    lines = [f"{key} = {_written(value)}" for key, value in entry.items()]
    return "\n".join(["[[target]]", *lines]) + "\n"


def _written(value: object) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_written(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _comment(entry: Mapping[str, object], reason: str) -> str:
    return "".join(f"# {line}\n" for line in [reason, *_table(entry).splitlines()])


def _refusal(text: str, rules: CatalogueRules) -> str | None:
    """Why the catalogue's rules refuse the last table of `text`."""
    try:
        parse_catalogue(text, rules)
    except BadInput as refusal:
        where = refusal.problems[0].where.rpartition(", ")[2]
        return f"{where} {refusal.problems[0].what}"
    return None


def main(path: str) -> None:
    """Read the CSV file at `path` and print the TOML file."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        print(catalogue_of(csv.DictReader(file), CatalogueRules(platforms=PLATFORMS)), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
