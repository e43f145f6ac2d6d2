"""What several commands share: the options that choose an installation, and its settings."""

from __future__ import annotations

import getpass
import os
import shlex
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from monitor.days import parse_day, parse_moment
from monitor.demo.settings import demo_settings
from monitor.problems import BadInput, Problem, nearest
from monitor.settings.load import Settings, load_settings
from monitor.targets.catalogue import CatalogueEntry
from monitor.targets.descriptions import read_descriptions
from probes.registry import PLATFORMS, describe

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file; vigie.toml by default.", dir_okay=False)
]
DemoOption = Annotated[bool, typer.Option("--demo", help="What `vigie demo` stored, not vigie.toml.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


LARGEST = 2**63 - 1
"""The largest whole number that a database can compare: none of its rows has a greater one."""


def whoever() -> str:
    """Who runs this. In a container there may be no name for it, and visits must stop all the same.

    Where people log in with their mail address, the part before the @.
    """
    try:
        return getpass.getuser().partition("@")[0]
    except (KeyError, OSError):  # the error of Python before 3.13, and since
        return f"uid {os.getuid()}"


def settings_for(config: Path | None, *, demo: bool = False) -> Settings:
    """The settings of a file, or the demo's own, their described platforms known. Raises `BadInput`."""
    settings = demo_settings() if demo else load_settings(config)
    describe(read_descriptions(settings.targets.platforms, PLATFORMS))
    return settings


def among(config: Path | None, *, demo: bool) -> str:
    """The options, each after a space, by which a further command means the same installation."""
    return f"{f' --config {shlex.quote(str(config))}' if config else ''}{' --demo' if demo else ''}"


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Make `folder` and write into it. Raises `BadInput` when it cannot be made or written."""
    with writing(folder, "folder"):
        folder.mkdir(parents=True, exist_ok=True)
        yield


@contextmanager
def writing(place: Path, kind: str = "file") -> Iterator[None]:
    """Write a file or folder that a person named. Raises `BadInput` when that cannot be done."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise BadInput(Problem(str(place), f"cannot be written ({why}); choose another {kind}")) from error


def entry_named(entries: tuple[CatalogueEntry, ...], name: str) -> CatalogueEntry:
    """The catalogue's entry `name`. Raises `BadInput` with the nearest one."""
    known = {entry.target.id: entry for entry in entries}
    if name not in known:
        raise BadInput(Problem(f'target "{name}"', f"is not in the catalogue; {nearest(name, known)}"))
    return known[name]


def check_seen(target: str | None, known: Collection[str]) -> None:
    """Raise `BadInput` with the nearest name when the record never knew `target`; `None` is every target."""
    if target is not None and target not in known:
        raise BadInput(Problem(f'target "{target}"', f"is not in the record; {nearest(target, known)}"))


def moment(text: str | None) -> datetime | None:
    """A day or an instant a person typed: `2026-03-01` (its start in UTC) or `2026-03-01T09:00+01:00`."""
    if text is None:
        return None
    found = day_or_instant(text)
    return found if isinstance(found, datetime) else datetime.combine(found, time.min, tzinfo=UTC)


def day_or_instant(text: str) -> date | datetime:
    """What a person typed, an instant in UTC. Raises `BadInput`."""
    try:
        return parse_moment(text)
    except ValueError as error:
        raise BadInput(Problem("the date", str(error))) from None


def day(option: str, text: str) -> date:
    """The day that a person typed after `option`. Raises `BadInput`."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise BadInput(Problem(option, str(error))) from None


def period(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """From when, and up to when, not included. Raises `BadInput`, also when it ends before it begins."""
    first, end = moment(since), moment(until)
    if first and end and end <= first:
        raise BadInput(Problem(f"--until {until}", f"is not after --since {since}; swap them"))
    return first, end
