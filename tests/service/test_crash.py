"""kill −9 at random moments: no instant without its entry, none with two, no half row."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("CRASH_KILLS", "30"))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_after_many_kills_every_instant_has_exactly_one_entry(database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.service.crash", database_url, str(tmp_path / "media"), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "each with exactly one entry" in done.stdout
