"""What `vigie doctor` tries of an installation. A check says that something is well only when it tried it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from monitor.alerts.send import smtp
from monitor.evidence.journal.keys import log_key
from monitor.evidence.journal.seals import Seals
from monitor.problems import BadInput
from monitor.rules.schedule import DOUBLED
from monitor.settings.load import Settings
from monitor.targets import mentions
from monitor.targets.catalogue import may_be_doubled
from monitor.watch import clock_offset
from monitor.watch.installation import catalogue, known_targets, opened
from probes.failures import Mendable
from probes.registry import platform
from probes.sessions.browser.executable import find_executable

Check = Callable[[Settings], str]
"""Says what is well; raises `NotTried` where it cannot know, and `Mendable` with what is not."""

FULL = 0.92
"""Share of a disk from which on it is called full."""
STARTING = 60
"""Seconds that Chromium may take to draw an empty page."""
MOST_OFF = timedelta(seconds=1)
FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"))


class DoctorFinding(Mendable):
    """Something is missing or does not work; the message says how to mend it."""


class NotTried(Mendable):
    """What could not be tried here; the message says why."""


def targets(settings: Settings) -> str:
    """Whether `vigie run` finds something to watch."""
    entries = catalogue(settings)
    enabled = [entry for entry in entries if entry.enabled]
    if not enabled:
        raise DoctorFinding(f"{len(entries)} targets, none enabled; set enabled = true on one")
    return f"{len(entries)} targets, {len(enabled)} enabled"


def names(settings: Settings) -> str:
    """Whether the settings name only what there is."""
    there = [entry.target for entry in catalogue(settings)]
    hosts = mentions.in_hosts(settings.pace.hosts, there)
    if wrong := [*hosts, *mentions.in_settings(settings, known_targets(settings))]:
        raise BadInput(*wrong)
    return "every target, host and place that the settings name is known"


def identity(settings: Settings) -> str:
    """The name under which pages are asked for; a real site needs a contact in it."""
    entries = catalogue(settings)
    local = all(entry.local for entry in entries if entry.enabled)
    name = settings.user_agent(local=local)
    if not settings.identity.contact and not all(entry.local for entry in entries):
        raise NotTried("no contact is set; write [identity] contact before you enable a real target")
    return name if settings.identity.contact else f"{name}, for simulated préfectures alone"


def database(settings: Settings) -> str:
    """Whether the record has the current schema and can be written."""
    store = opened(settings)
    with store.write():
        pass
    return f"current schema at {store.url.render_as_string()}, which takes writes"


def disk(settings: Settings) -> str:
    """Whether files can be written where the settings put them, and have room."""
    for name, folder in _folders(settings):
        _check_room(name, folder)
    free = shutil.disk_usage(_there(settings.storage.media)).free
    return f"{free / 1e9:.0f} GB free for pictures under {settings.storage.media}"


def _folders(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield "[storage] media", settings.storage.media
    yield "[evidence] folder", settings.evidence.folder
    if settings.database.address.startswith("sqlite:///"):
        yield "[database] url", Path(settings.database.address.removeprefix("sqlite:///")).parent


def _check_room(name: str, folder: Path) -> None:
    there = _there(folder)
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        words = f"{there.resolve()} takes no files ({error.strerror}); set {name} to a folder of your own"
        raise DoctorFinding(words) from error
    usage = shutil.disk_usage(there)
    if usage.used > FULL * usage.total:
        share = usage.used / usage.total
        raise DoctorFinding(f"{share:.0%} of the disk of {there.resolve()} is used; free some space")


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists: it is made in there."""
    whole = folder.absolute()
    return next(each for each in (whole, *whole.parents) if each.exists())


def chromium(settings: Settings) -> str:
    """Whether Chromium draws an empty page."""
    path = find_executable(settings.browser.executable)
    if path is None:
        words = "none of Debian's; Playwright's own download is used if it is there"
        raise NotTried(words + _in_vain(settings))
    version = _said(path, "--version")
    safe = settings.browser.sandbox and os.geteuid() != 0  # root never has a sandbox
    with TemporaryDirectory() as profile:
        alone = () if safe else ("--no-sandbox",)
        drawn = _said(path, "--headless", *alone, f"--user-data-dir={profile}", "--dump-dom", "about:blank")
    if "<html" not in drawn:
        raise DoctorFinding(f"{path} starts and draws no page; install Chromium again")
    return f"{version.strip()} at {path} draws a page"


def _said(path: Path, *options: str) -> str:
    """What Chromium prints. Raises `DoctorFinding` when it cannot be run or fails."""
    try:
        done = subprocess.run(
            [str(path), *options],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=STARTING,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = "it does not answer" if isinstance(error, subprocess.TimeoutExpired) else error.strerror
        raise DoctorFinding(
            f"{path} cannot be run ({why}); set [browser] executable to a Chromium"
        ) from error
    if done.returncode:
        why = " ".join(done.stderr.split())[:200]
        raise DoctorFinding(f"{path} does not start ({why}); install Chromium again")
    return done.stdout


def _in_vain(settings: Settings) -> str:
    """What follows without any Chromium for targets read over plain HTTP; empty when there are none."""
    doubled = [
        entry
        for entry in catalogue(settings)
        if entry.enabled and may_be_doubled(entry, platform(entry.target.platform))
    ]
    if not doubled:
        return ""
    return f". Without any, one instant in {DOUBLED} of {len(doubled)} targets read over HTTP is a gap"


def fonts(_: Settings) -> str:
    """Whether there is a font: without one, pictures show boxes."""
    files = (path for folder in FONTS for path in folder.expanduser().rglob("*"))
    found = next((path for path in files if path.suffix.lower() in (".ttf", ".otf", ".ttc")), None)
    if found is None:
        raise DoctorFinding("no font was found, screenshots would show boxes; install fonts-liberation")
    return f"found, such as {found}"


def clock(_: Settings) -> str:
    """How far the clock is off, as the time service measured it."""
    off, kept = clock_offset.measured(), clock_offset.synchronised()
    if off is not None and abs(off) > MOST_OFF:
        raise DoctorFinding(
            f"the clock is off by {abs(off).total_seconds():.1f} s, and hours on evidence would be open to "
            "attack; set it right"
        )
    if off is not None:
        return f"off by {abs(off).total_seconds():.3f} s, as the time service measured it"
    if kept is False:
        raise DoctorFinding(
            "the clock is not synchronised, and hours on evidence would be open to attack; enable NTP"
        )
    if kept:
        return "synchronised, says systemd; nobody measured how far it is off, and rows carry no offset"
    raise NotTried("neither chrony nor systemd says whether it is right; rows carry no clock offset")


def key(settings: Settings) -> str:
    """Whether the journal's key is there and can sign."""
    given, path, folder = settings.evidence.key, settings.evidence.key_path, settings.evidence.folder
    if given is None and not path.exists():
        if Seals(folder).days():
            raise DoctorFinding(f"{path} is missing, and signed what is in {folder}: put its copy back")
        return f"none yet, and nothing sealed; it is made at {path} by the first `vigie run`"
    return f"signs as {log_key(settings, make=False).verifier.vkey}"


def mail(settings: Settings) -> str:
    """Whether the mail server lets us in; no mail is sent."""
    lists = len(settings.alerts.lists)
    if not settings.smtp.host and lists:
        raise DoctorFinding(f"[smtp] host is not set: {lists} lists get no mail; name your mail server")
    if not settings.smtp.host:
        return "no mail server is set, so no mail is sent"

    async def knock() -> None:
        async with smtp.connect(settings.smtp):
            pass

    try:
        asyncio.run(knock())
    except smtp.ServerError as error:
        raise DoctorFinding(str(error)) from error
    return f"{settings.smtp.host} lets us in; `vigie alerts send-test` tries a mail"


CHECKS: dict[str, Check] = {
    "targets": targets,
    "names": names,
    "identity": identity,
    "database": database,
    "disk": disk,
    "chromium": chromium,
    "fonts": fonts,
    "clock": clock,
    "key": key,
    "mail": mail,
}
