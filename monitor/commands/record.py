"""`vigie record`: one live visit, saved for the tests without its secrets, for a person to review."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from pydantic import ValidationError

from monitor.commands.options import ConfigOption, DemoOption, entry_named, settings_for
from monitor.commands.probe import (
    check_address,
    check_transport,
    first_transport,
    has_display,
    target_at,
    target_of,
)
from monitor.evidence.bundle.pieces import write_zip
from monitor.places.hosts import host_of, is_local, url_problem, without_trackers
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.recording import cases
from monitor.recording.guide import Guide
from monitor.recording.masking import by_kind
from monitor.recording.recorder import RecordedCase, SiteChanged, Unknown, Unmasked, recorded
from monitor.recording.saved import saved_capture
from monitor.recording.seen import Seen, case_outcome
from monitor.rules import personal
from monitor.settings.load import Settings
from monitor.settings.sections import Identity
from monitor.watch.installation import catalogue
from monitor.watch.wiring import observing
from probes.attendance import ATTENDED
from probes.model import Outcome, Platform, Target, Transport
from probes.proof import PageOrigin
from probes.registry import known, platform, platform_for

REVIEW = """
À relire avant de proposer cette page, fichier par fichier :
  1. qu'il n'y reste ni nom, ni adresse, ni code : retirez à la main ce que le masquage a laissé ;
  2. que la lecture est juste : « {outcome} » ({rule}).
Puis lancez deux fois `pytest tests/platforms/test_pages.py` : la première écrit expected.json et échoue,
pour que quelqu'un le relise ; la seconde doit passer."""


def record(
    what: Annotated[str, typer.Argument(metavar="TARGET|URL", help="An id of the catalogue, or an address.")],
    saved: Annotated[
        Path | None,
        typer.Option(help="A page saved by hand from a browser (.html or .mhtml); then nobody is visited."),
    ] = None,
    guided: Annotated[
        bool | None,
        typer.Option("--guided/--no-guided", help="Explain and ask, in French; by default on a terminal."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to make, or file ending in .zip; guided: a .zip here, else tests/pages/<platform>/…."
        ),
    ] = None,
    note: Annotated[
        str,
        typer.Option(
            help="What this page shows, in a few words.",
            callback=lambda given: personal.check("--note", given),
        ),
    ] = "Recorded",
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
    guide = _guide() if (sys.stdin.isatty() if guided is None else guided) else None
    # Before the visit: nobody's site is asked, and no person, for what cannot be kept.
    if out and out.exists():
        raise _taken(out)
    _check_folder(out.parent if out else Path() if guide else cases.PAGES)
    named = _new_name(platform_name)
    if saved:
        target, reader = _saved_target(settings, what, named)
        visit = _opened(saved, target, reader, guide)
    else:
        target, reader, how = _meant(settings, what, named, transport, allow_local=allow_local)
        visit = _visited(settings, target, reader, how, guide)
    try:
        kept, seen = _talked(guide, visit, saved=saved is not None) if guide else (visit.masked(), None)
    except SiteChanged as change:
        english = f"cannot be saved: without its secrets, {change}; say so to the maintainers"
        french = "ne peut pas être gardé : sans ses secrets, il se lit autrement ; dites-le aux mainteneurs"
        raise BadInput(Problem(what, french if guide else english)) from None
    usual, name = _usual_place(kept, seen, reader, guided=guide is not None)
    place = out or usual
    if guide:
        guide.consent(str(place))
    by_hand = ", saved by hand from a browser" if saved else ""
    source = f"{host_of(kept.target.url)}{by_hand}"
    files = _write(place, f"{reader.name}/{name}", kept, seen, note=note, source=source)
    if guide:
        guide.written(str(place))
    else:
        _print(kept, place, files)


def _guide() -> Guide:
    console = terminal()
    return Guide(
        say=lambda text: console.print(text, soft_wrap=True),
        ask=lambda question: console.input(question, markup=False, emoji=False),
    )


def _new_name(named: str | None) -> str | None:
    """The platform named, if any. Raises `BadInput` for what cannot be a platform's name, and a folder's."""
    if named is not None and not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", named):
        words = f'"{named}" is no name of a platform; use small letters, digits and _, as in mairie_de_vaux'
        raise BadInput(Problem("--platform", words))
    return named


def _check_folder(folder: Path) -> None:
    """Raise `BadInput` when `folder` is none that takes files, and cannot become one."""
    whole = folder.absolute()
    there = next(each for each in (whole, *whole.parents) if each.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise BadInput(Problem(str(there), "takes no files; name another place with --out"))


def _taken(out: Path) -> BadInput:
    return BadInput(Problem(str(out), "is there already; name another folder with --out"))


def _meant(
    settings: Settings, what: str, named: str | None, transport: Transport | None, *, allow_local: bool
) -> tuple[Target, Platform, Transport]:
    """What to visit, who reads it, and how. Raises `BadInput`."""
    if "://" not in what:
        _check_id(what)
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


def _check_id(what: str) -> None:
    """Raise `BadInput` for what can be no target's id: an address without its beginning, most likely."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", what):
        words = "is neither a target's id nor a whole address, which begins with https:// (commencez par https://)"
        raise BadInput(Problem(f'"{what}"', words))


def _saved_target(settings: Settings, what: str, named: str | None) -> tuple[Target, Platform]:
    """What a saved page is of, and who reads it. Nobody is visited: any host will do. Raises `BadInput`."""
    if "://" not in what:
        _check_id(what)
        target = entry_named(catalogue(settings), what).target
        return target, platform(target.platform)
    url = without_trackers(what)
    if words := url_problem(url, [host_of(url)]):
        raise BadInput(Problem(what, words))
    if named and named not in {each.name for each in known()}:
        return target_of(url, named), Unknown(named, url)
    found = platform_for(url)
    if found and found.name in ATTENDED and not named:
        target = target_of(url, found.name)
        if ATTENDED[found.name].stop_line(target).lists(url):
            return target, found
    hosts = settings.targets.model_copy(update={"hosts_allowed": (host_of(url),)})
    target = target_at(url, named, settings.model_copy(update={"targets": hosts}), allow_local=True)
    return target, platform(target.platform)


def _opened(saved: Path, target: Target, reader: Platform, guide: Guide | None) -> Unmasked:
    if guide:
        guide.welcome(target.url, saved=True)
    return Unmasked(target=target, platform=reader, capture=saved_capture(saved, target.url))


def _visited(
    settings: Settings, target: Target, reader: Platform, how: Transport, guide: Guide | None
) -> Unmasked:
    if guide:
        guide.welcome(target.url, saved=False)
        settings = _reachable(settings, target, guide)
        guide.visiting()
    visit = asyncio.run(_record(settings, target, reader, how))
    if guide and not any(step.body or step.rendered for step in visit.capture.steps):
        failure = visit.platform.read(target, visit.capture).failure
        why = f" ({label(failure, 'fr')})" if failure else ""
        raise BadInput(Problem(target.url, f"n'a rien renvoyé{why} ; vérifiez votre connexion et l'adresse"))
    if visit.platform.read(target, visit.capture).outcome is Outcome.PROBE_ERROR:
        words = "the robot itself failed, not the page; nothing was saved, try again"
        french = "Vigie a failli, et non la page ; rien n'est enregistré, recommencez"
        raise BadInput(Problem(target.url, french if guide else words))
    return visit


def _reachable(settings: Settings, target: Target, guide: Guide) -> Settings:
    """The settings with a contact; a real site is not visited without, so she is asked for one."""
    if settings.identity.contact or is_local(host_of(target.url)):
        return settings

    def usable(text: str) -> bool:
        try:
            return bool(Identity(contact=text).contact)
        except ValidationError:
            return False

    identity = Identity(contact=guide.contact(usable))
    return settings.model_copy(update={"identity": identity})


def _talked(guide: Guide, visit: Unmasked, *, saved: bool) -> tuple[RecordedCase, Seen]:
    """The case as she wants it, and what she saw. Raises `SiteChanged`, `GivenUp`."""
    seen = guide.seen(saved=saved)
    guide.reading(visit.masked().reading, visit.target, seen, saved=saved)
    return guide.names(visit.masked), seen


async def _record(settings: Settings, target: Target, reader: Platform, how: Transport) -> Unmasked:
    async with observing(settings, [target.url], {how}, headed=has_display()) as observer:
        return await recorded(observer, target, reader, how)


def _usual_place(
    kept: RecordedCase, seen: Seen | None, reader: Platform, *, guided: bool
) -> tuple[Path, str]:
    """Guided, a file to send, in the folder where one is; else a folder of the tests. And the case's name.

    Guided, the second case of a day and the next ones have a number: what she typed must not be lost.
    """
    name = _name(kept, seen)
    if not guided:
        return cases.PAGES / reader.name / name, name
    for called in (name, *(f"{name}_{number}" for number in range(2, 1000))):
        place = Path(f"vigie-{reader.name}-{called}.zip")
        if not place.exists():
            return place, called
    raise _taken(place)


def _name(kept: RecordedCase, seen: Seen | None) -> str:
    """`<outcome>-recorded_20260301`, as the tests want it: an outcome first."""
    steps = kept.capture.steps
    day = f"_{steps[0].started_at:%Y%m%d}" if steps else ""
    return f"{case_outcome(seen, kept.reading)}-recorded{day}"


def _write(
    place: Path, within: str, kept: RecordedCase, seen: Seen | None, *, note: str, source: str
) -> list[Path]:
    """Write the case as a folder, or as one archive to be unpacked into `tests/pages`. Raises `BadInput`.

    `within` is its place there.
    """
    # Only a real site proves a reader: what was visited on this machine is of somebody's making.
    local = is_local(host_of(kept.target.url))
    origin = PageOrigin.RECONSTRUCTED if local else PageOrigin.RECORDED

    def write(folder: Path) -> list[Path]:
        return cases.write(
            folder, kept.target, kept.capture, note=note, origin=origin, source=source, seen=seen
        )

    try:
        if place.suffix != ".zip":
            return write(place)
        with TemporaryDirectory() as beside:
            files = write(Path(beside) / "case")
            pieces = {f"{within}/{path.name}": path.read_bytes() for path in files}
        write_zip(pieces, place)
        return files
    except FileExistsError:
        raise _taken(place) from None
    except OSError as problem:
        words = (
            f"cannot be written ({problem.strerror}); nothing was left there, name another folder with --out"
        )
        raise BadInput(Problem(str(place), words)) from None


def _print(kept: RecordedCase, place: Path, files: list[Path]) -> None:
    console = terminal()
    console.print(str(place), style="bold")
    for path in files:
        console.print(f"  {path.name}")
    taken = ", ".join(f"{kind} {count}" for kind, count in sorted(by_kind(kept.found).items())) or "rien"
    console.print(f"Masqué : {taken}")
    outcome = label(kept.reading.outcome, "fr")
    console.print(REVIEW.format(outcome=outcome, rule=kept.reading.rule), soft_wrap=True)
