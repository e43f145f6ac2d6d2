"""`vigie attend`: a person passes the CAPTCHA in a window of ours; the page that answers is recorded."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from monitor.commands.options import ConfigOption, DemoOption, entry_named, settings_for
from monitor.model import Observation
from monitor.present.as_json import slot_text
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.settings.load import Settings
from monitor.store import Store
from monitor.watch.attendant import attending
from monitor.watch.wiring import catalogue, record
from probes.attendance import ATTENDED, Attendance
from probes.model import Target
from probes.registry import platform
from probes.sessions.browser.attended_visit import NotReached

HOW = """[bold]{demarche}[/], {prefecture}
Une fenêtre s'ouvre. Passez vous-même le contrôle de sécurité ; ne saisissez rien d'autre.
Dès que la page des créneaux s'affiche, Vigie la lit, l'enregistre et ferme la fenêtre.
Ni l'image du contrôle ni ce que vous tapez n'est conservé, et rien ne dit qui vous êtes.
Pour renoncer : fermez la fenêtre."""


def attend(
    name: Annotated[str, typer.Argument(metavar="TARGET", help="An id of the catalogue.")],
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long to wait for the person.")] = 10,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Open a page for a person who passes its CAPTCHA herself; read and record the answer alone."""
    settings = settings_for(config, demo=demo)
    target = entry_named(catalogue(settings), name).target
    attendance = attendance_of(target)
    check_display()
    console = Console(highlight=False)
    console.print(HOW.format(demarche=target.demarche, prefecture=target.prefecture))
    store = record(settings)
    store.record_targets([target])
    try:
        seen = asyncio.run(_attend(settings, target, attendance, store, timedelta(minutes=minutes)))
    except NotReached as reason:
        raise BadInput(Problem(name, f"{reason}; nothing was recorded, start again when you like")) from None
    number = store.append_observation(seen)
    console.print(f"[bold]{label(seen.reading.outcome, 'fr')}[/] : « {seen.reading.words} »")
    if seen.reading.earliest:
        console.print(f"Première date : {slot_text(seen.reading.earliest, target.tz)}")
    console.print(f"Enregistré sous le numéro {number}, visite accompagnée.")


async def _attend(
    settings: Settings, target: Target, attendance: Attendance, store: Store, patience: timedelta
) -> Observation:
    async with attending(settings, target, attendance, store) as attendant:
        return await attendant.attend(target, platform(target.platform), attendance, patience=patience)


def attendance_of(target: Target) -> Attendance:
    """How `target` is attended. Raises `BadInput` when the robot can read it by itself."""
    if target.platform not in ATTENDED:
        names = ", ".join(sorted(ATTENDED))
        words = f"is read by the robot alone; only pages of {names} need a person"
        raise BadInput(Problem(target.id, words))
    return ATTENDED[target.platform]


def has_display() -> bool:
    """Whether a window can be opened here."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check_display() -> None:
    """Raise `BadInput` where no window can be opened."""
    if not has_display():
        words = "is not set, so no window can be opened; run this on a computer with a screen"
        raise BadInput(Problem("DISPLAY", words))
