"""The catalogue of targets, `targets.toml`: from its text to checked entries. Pure except `read_catalogue`.

Each mistake is reported (`BadInput`) in one sentence with the line of its `[[target]]` header.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.durations import format_duration
from monitor.places.departements import zone_of
from monitor.places.hosts import host_of, is_local, url_problem
from monitor.problems import BadInput, Problem, nearest, parse_toml, quoted, read_text
from monitor.settings.base import SHORTEST_INTERVAL
from monitor.settings.explain import by_cause, explain
from monitor.settings.load import Settings
from monitor.targets.options import option_problems
from monitor.targets.row import CatalogueRow
from probes.model import Platform, Target, Transport
from probes.sessions.guard import StopLineGuard

HOUR = timedelta(hours=1)

# Strings and comments come first, so that a header quoted in one of them is not taken for a header.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|'
    r"#[^\n]*|^[ \t]*(?P<header>\[\[[ \t]*target[ \t]*\]\])",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueEntry:
    """One target and how to watch it. `control` is the id of its control.

    `last_seen` is when a person last saw the page: `2026`, `2026-03` or `2026-03-01`.
    """

    target: Target
    interval: timedelta
    transport: Transport
    control: str | None = None
    enabled: bool = True
    last_seen: str | None = None
    source: str = ""

    @property
    def local(self) -> bool:
        """Whether the page is on this machine: a simulated préfecture."""
        return is_local(host_of(self.target.url))


@dataclass(frozen=True, kw_only=True)
class CatalogueRules:
    """What a catalogue is checked against. `hosts_allowed` add to the official hosts."""

    platforms: Sequence[Platform]
    hosts_allowed: Collection[str] = ()
    interval: timedelta = HOUR

    @classmethod
    def of(cls, settings: Settings, platforms: Sequence[Platform]) -> CatalogueRules:
        """The rules that follow from the settings of an installation."""
        return cls(
            platforms=platforms,
            hosts_allowed=settings.targets.hosts_allowed,
            interval=settings.schedule.interval,
        )


@dataclass(frozen=True)
class PlacedRow:
    """A row and where it is in the file (`where`), for sentences about mistakes."""

    row: CatalogueRow
    where: str

    def problem(self, key: str, what: str) -> Problem:
        """The problem `what` with the value of the row's `key`."""
        return Problem(f"{self.where}, {key}", what)


def read_catalogue(path: Path, rules: CatalogueRules) -> tuple[CatalogueEntry, ...]:
    """The entries of a file, in its order. Raises `BadInput`."""
    return parse_catalogue(read_text(path), rules, file=str(path))


def parse_catalogue(
    text: str, rules: CatalogueRules, *, file: str = "targets.toml"
) -> tuple[CatalogueEntry, ...]:
    """The entries of a catalogue, in its order. Raises `BadInput` with every problem found."""
    rows: list[PlacedRow] = []
    problems: list[Problem] = []
    for where, table in _tables(text, file):
        try:
            rows.append(PlacedRow(CatalogueRow.model_validate(table), where))
        except ValidationError as error:
            problems += [_key_problem(where, e) for e in by_cause(error.errors())]
        else:
            problems += _row_problems(rows[-1], rules)
        problems += option_problems(where, table, rules.platforms)
    # rows are compared with each other only once each is sound by itself
    problems = problems or [*_doubles(rows), *_control_problems(rows)]
    if problems:
        raise BadInput(*problems)
    return tuple(_entry(placed.row, rules) for placed in rows)


def _tables(text: str, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each `[[target]]` table, after the words that say where it is in the file. Raises `BadInput`."""
    tables = parse_toml(text, file)
    targets = tables.pop("target", [])
    if tables:
        name = next(iter(tables))
        raise BadInput(Problem(f"{file}: {name}", "is not a known name; only [[target]] tables go here"))
    lines = [text.count("\n", 0, m.start("header")) + 1 for m in _TOKEN.finditer(text) if m["header"]]
    if not isinstance(targets, list) or len(targets) != len(lines):
        words = "is not a list of tables; begin each target with [[target]]"
        raise BadInput(Problem(f"{file}: target", words))
    for line, table in zip(lines, targets, strict=True):
        yield f"{file}, line {line}" + (f", target {quoted(table['id'])}" if "id" in table else ""), table


def _entry(row: CatalogueRow, rules: CatalogueRules) -> CatalogueEntry:
    target = Target(
        id=row.id,
        platform=row.platform,
        url=row.url,
        prefecture=row.prefecture,
        departement=row.departement,
        demarche=row.demarche,
        zone=row.zone,
        desk=row.desk,
        options=dict(row.options),
    )
    return CatalogueEntry(
        target=target,
        interval=row.interval or rules.interval,
        transport=row.transport,
        control=row.control,
        enabled=row.enabled,
        last_seen=row.last_seen,
        source=row.source,
    )


def _key_problem(where: str, error: ErrorDetails) -> Problem:
    return Problem(f"{where}, {'.'.join(map(str, error['loc']))}", explain(error, CatalogueRow))


def _row_problems(placed: PlacedRow, rules: CatalogueRules) -> Iterator[Problem]:
    """The mistakes of one row taken by itself."""
    row = placed.row
    zone = zone_of(row.departement)
    if row.zone != zone:
        words = f'"{row.zone}" is not the zone of département {row.departement}; write zone = "{zone}"'
        yield placed.problem("zone", words)
    url_words = url_problem(row.url, rules.hosts_allowed)
    if url_words:
        yield placed.problem("url", url_words)
        return
    if row.interval and row.interval < SHORTEST_INTERVAL and not is_local(host_of(row.url)):
        words = (
            f'is shorter than real sites are visited; write "{format_duration(SHORTEST_INTERVAL)}" or more'
        )
        yield placed.problem("interval", words)
    yield from _platform_problems(placed, rules)


def _platform_problems(placed: PlacedRow, rules: CatalogueRules) -> Iterator[Problem]:
    row = placed.row
    platforms = {platform.name: platform for platform in rules.platforms}
    platform = platforms.get(row.platform)
    if platform is None:
        words = f'"{row.platform}" is not a known platform; {nearest(row.platform, platforms)}'
        yield placed.problem("platform", words)
        return
    if words := page_problem(row.url, platform):
        yield placed.problem("url", words)
    if row.transport not in platform.transports:
        offered = " or ".join(f'"{transport}"' for transport in sorted(platform.transports))
        words = (
            f'"{row.transport}" is not offered by the platform {row.platform}; write transport = {offered}'
        )
        yield placed.problem("transport", words)
    elif row.transport is Transport.HTTP and platform.answer.in_html is None:
        words = f"the platform {row.platform} does not say whether its answer stands in the HTML"
        yield placed.problem("transport", f'"http" would never conclude: {words}; {_mend(platform)}')


def _mend(platform: Platform) -> str:
    """What to write for a platform that does not declare where its answer stands."""
    if Transport.BROWSER in platform.transports:
        return 'write transport = "browser", or declare in_html in its description'
    return "declare in_html in its description"


def page_problem(url: str, platform: Platform) -> str:
    """What keeps `platform` from visiting the page at `url`, with the mend; empty when nothing does.

    Whatever passes here is let out by the platform's stop line.
    """

    def may_open(asked: str) -> bool:
        return platform.accepts(asked) and StopLineGuard(platform.stop_line).allows(asked)

    bare = url.partition("?")[0]
    if may_open(url):
        return ""
    if bare != url and may_open(bare):
        return f'has parameters that the platform {platform.name} never asks for; write "{bare}"'
    return f"is no page of the platform {platform.name}; check it, or name another platform"


def _doubles(rows: Sequence[PlacedRow]) -> Iterator[Problem]:
    """A problem for each row whose id or guichet an earlier row has already."""
    ids: dict[str, PlacedRow] = {}
    guichets: dict[tuple[str, ...], PlacedRow] = {}
    for placed in rows:
        if placed.row.id in ids:
            yield placed.problem("id", f"is taken ({ids[placed.row.id].where}); choose another")
        elif placed.row.guichet in guichets:
            first = guichets[placed.row.guichet].where
            yield placed.problem("url", f"is the guichet already watched ({first}); keep one of the two")
        ids.setdefault(placed.row.id, placed)
        guichets.setdefault(placed.row.guichet, placed)


def _control_problems(rows: Sequence[PlacedRow]) -> Iterator[Problem]:
    prefectures = {placed.row.id: (placed.row.departement, placed.row.prefecture) for placed in rows}
    for placed in rows:
        row = placed.row
        if row.control is None:
            continue
        if row.control not in prefectures:
            words = f'"{row.control}" is no target of this file; {nearest(row.control, prefectures)}'
            yield placed.problem("control", words)
        elif row.control == row.id:
            yield placed.problem(
                "control", "is the target itself; name another démarche of the same préfecture"
            )
        elif prefectures[row.control] != (row.departement, row.prefecture):
            there = prefectures[row.control][1]
            words = f'"{row.control}" is at {there}, not at {row.prefecture}; name one of the same préfecture'
            yield placed.problem("control", words)


def may_be_doubled(entry: CatalogueEntry, platform: Platform) -> bool:
    """Whether double readings are made of `entry`: it is read over plain HTTP, and Chromium can show it."""
    return entry.transport is Transport.HTTP and Transport.BROWSER in platform.transports
