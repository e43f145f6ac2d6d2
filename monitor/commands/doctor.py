"""`vigie doctor`: is everything here that a good record needs? Each line says so, or how to mend it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console

from monitor.commands.options import ConfigOption, DemoOption, opened, settings_for
from monitor.problems import BadInput
from monitor.settings.load import Settings
from monitor.store import StoreError
from monitor.watch.wiring import catalogue
from probes.sessions.browser.chrome import BrowserUnavailable, find_executable

Check = Callable[[Settings], str]
"""Says what is well; raises one of `ILLS` with what is not."""


class DoctorFinding(Exception):
    """Something is missing; the message says how to mend it."""


ILLS = (DoctorFinding, BadInput, StoreError, BrowserUnavailable)


def doctor(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Check settings, targets, database, disk, Chromium, fonts and clock."""
    console = Console()
    settings = settings_for(config, demo=demo)
    sound = True
    for name, check in CHECKS.items():
        try:
            words, mark = check(settings), "[green]ok  [/]"
        except ILLS as ill:
            words, mark, sound = str(ill), "[red]MEND[/]", False
        console.print(f"{mark} {name:10} ", end="")
        console.print(words, markup=False, highlight=False)
    raise typer.Exit(0 if sound else 1)


def _targets(settings: Settings) -> str:
    entries = catalogue(settings)
    enabled = [entry for entry in entries if entry.enabled]
    return f"{len(entries)} targets, {len(enabled)} enabled"


def _identity(settings: Settings) -> str:
    local = all(entry.local for entry in catalogue(settings) if entry.enabled)
    return settings.user_agent(local=local)


def _database(settings: Settings) -> str:
    store = opened(settings)
    return f"current schema at {store.url.render_as_string()}"


def _disk(settings: Settings) -> str:
    folder = settings.storage.media
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    if usage.used / usage.total > 0.92:
        raise DoctorFinding(
            f"{usage.used / usage.total:.0%} of the disk of {folder.resolve()} is used; free some space"
        )
    return f"{usage.free / 1e9:.0f} GB free for pictures under {settings.storage.media}"


def _chromium(settings: Settings) -> str:
    path = find_executable(settings.browser.executable)
    if path is None:
        return "none of Debian's; Playwright's own download is used if it is there"
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    if version.returncode:
        raise DoctorFinding(f"{path} does not start ({version.stderr.strip()[:200]}); install Chromium again")
    return f"{version.stdout.strip()} at {path}"


def _fonts(_: Settings) -> str:
    found = any(Path(folder).is_dir() for folder in FONTS)
    if not found:
        raise DoctorFinding(
            "no usual fonts were found, screenshots would show boxes; install fonts-liberation"
        )
    return "found"


FONTS = (
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype",
)


def _clock(_: Settings) -> str:
    chronyc = shutil.which("chronyc")
    timedatectl = shutil.which("timedatectl")
    if chronyc is None and timedatectl is None:
        return "not checked: neither chronyc nor timedatectl is here; rows carry no clock offset"
    return _synchronised(timedatectl) if timedatectl else "kept by chrony"


def _synchronised(timedatectl: str) -> str:
    asked = [timedatectl, "show", "--property=NTPSynchronized", "--value"]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    if said == "no":
        raise DoctorFinding(
            "the clock is not synchronised, and hours on evidence would be open to attack; enable NTP"
        )
    return "synchronised" if said == "yes" else "not checked: systemd does not say"


CHECKS: dict[str, Check] = {
    "targets": _targets,
    "identity": _identity,
    "database": _database,
    "disk": _disk,
    "chromium": _chromium,
    "fonts": _fonts,
    "clock": _clock,
}
