"""`vigie demo`, the live part: simulator, service and exporter in one process, history in another."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing.connection import Connection

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from monitor.clock import SystemClock
from monitor.demo.history import fill
from monitor.demo.settings import DECISIONS, FOLDER, demo_settings
from monitor.model import Observation
from monitor.present.language import day
from monitor.present.terminal import terminal
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.settings.load import Settings
from monitor.store import Store
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.installation import catalogue, record
from monitor.watch.run import watch
from probes.serving import CannotListen
from probes.simulator.app import build
from probes.simulator.demo import DEFAULT_PORT
from probes.simulator.listener import serve

FIRST_DAY = FOLDER / "first-day"


def demo() -> None:
    """Watch simulated préfectures on this machine, with nine weeks of history."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what it drops is recorded as gaps
    console, settings = terminal(), demo_settings()
    entries, store = catalogue(settings), record(settings)
    store.record_targets(entry.target for entry in entries)
    day = first_live_day(SystemClock())
    console.print("Vigie, démonstration : préfectures simulées, aucun rendez-vous réel.")
    console.print(f"Préfectures : http://localhost:{DEFAULT_PORT}/   Ctrl-C pour arrêter")
    console.print(f"Métriques   : http://{settings.metrics.host}:{settings.metrics.port}/metrics")
    with _history(console, day):
        asyncio.run(_live(console, settings, entries, store, datetime.combine(day, time.min, tzinfo=UTC)))


async def _live(
    console: Console,
    settings: Settings,
    entries: Sequence[CatalogueEntry],
    store: Store,
    origin: datetime,
) -> None:
    try:
        async with serve(build(SystemClock()), port=DEFAULT_PORT):
            await watch(
                settings,
                entries,
                store,
                origin=origin,
                seen=lambda observation: console.print(line(observation)),
            )
    except CannotListen as error:
        words = f"cannot be used ({error.why}); another demo seems to be running, stop it first"
        raise BadInput(Problem(f"port {DEFAULT_PORT}", words)) from error


def line(observation: Observation) -> str:
    """One observation on one line."""
    reading = observation.reading
    earliest = f", première date {day(reading.earliest.starts_at)}" if reading.earliest else ""
    seconds = (observation.finished_at - observation.started_at).total_seconds()
    return (
        f"{observation.started_at:%H:%M:%S} UTC  {observation.target:32}"
        f"{label(reading.outcome, 'fr')}{earliest}  ({observation.transport}, {seconds:.1f} s)"
    )


def first_live_day(clock: SystemClock) -> date:
    """The UTC day on which this demo was first started, kept in a file. Its history ends before that day."""
    if not FIRST_DAY.exists():
        FIRST_DAY.write_text(f"{clock.now().date()}\n", encoding="utf-8")
    day = date.fromisoformat(FIRST_DAY.read_text(encoding="utf-8").strip())
    if not DECISIONS.exists():
        DECISIONS.write_text(_EVENT.format(day=day - timedelta(weeks=4)), encoding="utf-8")
    return day


_EVENT = """# Un événement imaginaire, pour que « avant / après » ait de quoi comparer.
[[decision]]
id = "exemple"
kind = "decision"
day = {day}
title = "Décision imaginaire, pour l'exemple"
source = "https://example.org"
departement = "92"
"""


@contextmanager
def _history(console: Console, until: date) -> Iterator[None]:
    """Run the history process during the block and show its progress; it is ended with the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_fill, args=(until, theirs), daemon=True, name="history")
    process.start()
    theirs.close()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Historique simulé", total=None)
        watcher = _follow(ours, progress, task)
        try:
            yield
        finally:
            process.terminate()
            process.join()
            watcher.join()


def _follow(ours: Connection, progress: Progress, task: TaskID) -> threading.Thread:
    """A thread that shows the progress the history process reports, until that process ends."""

    def draw() -> None:
        try:
            while True:
                done, total = ours.recv()
                progress.update(task, completed=done, total=total)
        except EOFError:
            progress.update(task, visible=False)

    thread = threading.Thread(target=draw, name="history progress", daemon=True)
    thread.start()
    return thread


def _fill(until: date, report: Connection) -> None:
    """The history process. It ignores Ctrl-C: the parent process handles it and ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)
    settings = demo_settings()

    def tell(done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            report.send((done, total))

    fill(settings, catalogue(settings), until, tell)
