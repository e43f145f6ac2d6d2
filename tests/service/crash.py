"""Kills a running service with SIGKILL again and again, on one record. Run as a program: it forks.

`python -m tests.service.crash DATABASE_URL MEDIA KILLS`
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.model import GapReason
from monitor.store import open_store
from monitor.store.record import draws
from tests.cast.transactions import ask
from tests.service.one_page import Site, entry, service

ENTRIES = [entry(name, timedelta(seconds=2)) for name in ("a", "b", "c")]


def serve_for_ever(url: str, media: Path) -> None:
    """The victim."""
    store = open_store(url, media=media)
    watched = service(store, ENTRIES, Site(delay=0.05))
    asyncio.run(watched.run(asyncio.Event()))


def kill_at_random(url: str, media: Path, kills: int) -> None:
    """Start the victim and kill it, so often; each start goes on where the last one was cut off."""
    chance = random.Random(0)
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            try:
                serve_for_ever(url, media)
            finally:
                os._exit(1)
        time.sleep(0.05 + chance.random() * 0.6)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def account(url: str, media: Path) -> tuple[int, int]:
    """Close what is left; how many instants were drawn up to now, and how many entries there are for them."""
    store = open_store(url, media=media)
    watched = service(store, ENTRIES, Site())
    until = datetime.now(UTC)
    watched.timetable.close(until, lambda _: GapReason.DOWNTIME)
    days = {until.date(), (until - timedelta(hours=1)).date()}
    known = [draw for day in days for draw in ask(store, draws.of_day, day)]
    drawn = {(draw.target, at) for draw in known for at in draw.instants if at < until}
    found = [(row.target, row.scheduled_at) for row in store.entries(until=until)]
    if len(found) != len(set(found)) or set(found) != drawn:
        raise SystemExit(f"{len(drawn)} instants were drawn, {len(found)} entries found, not one for one")
    whole = sum(1 for row in store.observations(until=until) if store.load_capture(row.id).steps)
    return len(drawn), whole


def main() -> None:
    """Print the instants accounted for, and how many of them were observed."""
    url, media, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    kill_at_random(url, media, kills)
    drawn, observed = account(url, media)
    print(f"{kills} kills: {drawn} instants, each with exactly one entry; {observed} observed, whole")


if __name__ == "__main__":
    main()
