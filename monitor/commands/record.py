"""`vigie record`: one live visit, saved for the tests without its secrets, for a person to review."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands.options import ConfigOption, DemoOption, entry_named, settings_for
from monitor.commands.probe import (
    check_address,
    check_transport,
    first_transport,
    has_display,
    target_at,
    target_of,
)
from monitor.places.hosts import host_of, is_local
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.recording import cases
from monitor.recording.recorder import RecordedCase, SiteChanged, Unknown, recorded
from monitor.settings.load import Settings
from monitor.watch.installation import catalogue
from monitor.watch.wiring import observing
from probes.model import Platform, Target, Transport
from probes.registry import known, platform

REVIEW = """
À relire avant de proposer cette page, fichier par fichier :
  1. qu'il n'y reste ni nom, ni adresse, ni code : retirez à la main ce que le masquage a laissé ;
  2. que la lecture est juste : « {outcome} » ({rule}).
Puis lancez deux fois `pytest tests/platforms/test_pages.py` : la première écrit expected.json et échoue,
pour que quelqu'un le relise ; la seconde doit passer."""


def record(
    what: Annotated[str, typer.Argument(metavar="TARGET|URL", help="An id of the catalogue, or an address.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to make; tests/pages/<platform>/… by default.")
    ] = None,
    note: Annotated[str, typer.Option(help="What this page shows, in a few words.")] = "Recorded",
    platform_name: Annotated[
        str | None, typer.Option("--platform", help="The platform of an address; a new name for a new one.")
    ] = None,
    transport: Annotated[Transport | None, typer.Option(help="How to fetch the pages.")] = None,
    allow_local: Annotated[
        bool, typer.Option("--allow-local", help="Permit an address on this machine.")
    ] = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Visit one page before your eyes and save it for the tests, without cookies, tokens or addresses."""
    settings = settings_for(config, demo=demo)
    target, reader, how = _meant(settings, what, platform_name, transport, allow_local=allow_local)
    if out and out.exists():
        # Before the visit: nobody's site is asked for what cannot be kept.
        raise _taken(out)
    try:
        kept = asyncio.run(_record(settings, target, reader, how))
    except SiteChanged as change:
        words = f"cannot be saved: without its secrets, {change}; say so to the maintainers"
        raise BadInput(Problem(what, words)) from None
    folder = out or cases.PAGES / reader.name / _name(kept)
    source = host_of(kept.target.url)
    # Only a real site proves a reader: what was visited on this machine is of somebody's making.
    origin = "reconstructed" if is_local(source) else "recorded"
    try:
        files = cases.write(folder, kept.target, kept.capture, note=note, origin=origin, source=source)
    except FileExistsError:
        raise _taken(folder) from None
    except OSError as problem:
        words = (
            f"cannot be written ({problem.strerror}); nothing was left there, name another folder with --out"
        )
        raise BadInput(Problem(str(folder), words)) from None
    _print(kept, files)


def _taken(folder: Path) -> BadInput:
    return BadInput(Problem(str(folder), "is there already; name another folder with --out"))


def _meant(
    settings: Settings, what: str, named: str | None, transport: Transport | None, *, allow_local: bool
) -> tuple[Target, Platform, Transport]:
    """What to visit, who reads it, and how. Raises `BadInput`."""
    if "://" not in what:
        entry = entry_named(catalogue(settings), what)
        target, how = entry.target, transport or entry.transport
    elif named and named not in {each.name for each in known()}:
        check_address(what, settings, allow_local=allow_local)
        return target_of(what, named), Unknown(named, what), transport or Transport.BROWSER
    else:
        target = target_at(what, named, settings, allow_local=allow_local)
        how = transport or first_transport(platform(target.platform))
    check_transport(target, how)
    return target, platform(target.platform), how


async def _record(settings: Settings, target: Target, reader: Platform, how: Transport) -> RecordedCase:
    async with observing(settings, [target.url], {how}, headed=has_display()) as observer:
        return await recorded(observer, target, reader, how)


def _name(kept: RecordedCase) -> str:
    """`<outcome>-recorded_20260301`, as the tests want it: an outcome first."""
    steps = kept.capture.steps
    return f"{kept.reading.outcome}-recorded" + (f"_{steps[0].started_at:%Y%m%d}" if steps else "")


def _print(kept: RecordedCase, files: list[Path]) -> None:
    console = terminal()
    console.print(str(files[0].parent), style="bold")
    for path in files:
        console.print(f"  {path.name}  {path.stat().st_size} octets")
    taken = ", ".join(f"{kind} {count}" for kind, count in sorted(kept.taken.items())) or "rien"
    console.print(f"Masqué : {taken}")
    outcome = label(kept.reading.outcome, "fr")
    console.print(REVIEW.format(outcome=outcome, rule=kept.reading.rule), soft_wrap=True)
