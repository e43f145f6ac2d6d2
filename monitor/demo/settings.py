"""The demo's settings: its own database under `var/demo`, the simulator's targets, a quick pace."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

import probes.simulator
from monitor.config import Settings
from monitor.sections import Database, HostPace, Pace, Schedule, Storage, Targets, VantagePoint

FOLDER = Path("var/demo")
CATALOGUE = Path(probes.simulator.__file__).with_name("targets.toml")


def demo_settings() -> Settings:
    """Defaults for the demo; `VIGIE_*` variables still win. Raises `BadInput` for a wrong one."""
    return Settings(
        database=Database(url=SecretStr(f"sqlite:///{FOLDER}/vigie.sqlite3")),
        storage=Storage(media=FOLDER / "media"),
        vantage=VantagePoint(name="demo"),
        targets=Targets(path=CATALOGUE),
        schedule=Schedule(seed_path=FOLDER / "seed"),
        pace=Pace(hosts={"localhost": HostPace(spacing=timedelta(seconds=1), pages_per_day=1_000_000)}),
    )
