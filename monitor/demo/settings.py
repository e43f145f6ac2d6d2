"""The demo's settings: its own database under `var/demo`, the simulator's targets, a quick pace."""

from __future__ import annotations

from pathlib import Path

import probes.simulator
from monitor.settings.load import Settings, make_settings

FOLDER = Path("var/demo")
DECISIONS = FOLDER / "decisions.toml"
"""Dated events of the demo, written when it is first started."""
CATALOGUE = Path(probes.simulator.__file__).with_name("targets.toml")


def demo_settings() -> Settings:
    """Defaults for the demo; `VIGIE_*` variables still win. Raises `BadInput` for a wrong one."""
    return make_settings(
        {
            "database": {"url": f"sqlite:///{FOLDER}/vigie.sqlite3"},
            "storage": {"media": FOLDER / "media"},
            "vantage": {"name": "demo"},
            "targets": {"path": CATALOGUE},
            # The pages are our own, and some machines refuse an ordinary user a sandbox.
            "browser": {"sandbox": False},
            "schedule": {"seed_path": FOLDER / "seed"},
            "evidence": {
                "folder": FOLDER / "evidence",
                "key_path": FOLDER / "log.key",
                "origin": "demo.vigie.invalid/journal",
            },
            "pace": {"hosts": {"localhost": {"spacing": "1s", "pages_per_day": 1_000_000}}},
        },
        "the demo",
    )
