"""`vigie run`, `vigie demo`."""

from __future__ import annotations

import asyncio
import logging

from rich.console import Console

from monitor.commands.options import ConfigOption, settings_for
from monitor.demo.live import run as run_demo
from monitor.watch.run import watch
from monitor.watch.wiring import catalogue, record


def run(config: ConfigOption = None) -> None:
    """Watch the enabled targets and serve metrics, until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what it drops is recorded as gaps
    settings = settings_for(config)
    entries = catalogue(settings)
    asyncio.run(watch(settings, entries, record(settings)))


def demo() -> None:
    """Watch simulated préfectures on this machine, with nine weeks of history."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    run_demo(Console())
