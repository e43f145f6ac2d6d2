"""`vigie` run as a person does: another process, in a folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Vigie = Callable[..., "subprocess.CompletedProcess[str]"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `vigie …` said and returned."""
    command = [sys.executable, "-c", "from monitor.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=100)
