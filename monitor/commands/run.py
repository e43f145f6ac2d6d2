"""`vigie run`."""

from __future__ import annotations

import asyncio
import logging

from monitor.commands.options import ConfigOption, settings_for
from monitor.watch.installation import catalogue, record
from monitor.watch.run import watch


def run(config: ConfigOption = None) -> None:
    """Watch the enabled targets and serve metrics, until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what it drops is recorded as gaps
    settings = settings_for(config)
    entries = catalogue(settings)
    asyncio.run(watch(settings, entries, record(settings)))
