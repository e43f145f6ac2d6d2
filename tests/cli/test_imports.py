"""What a command loads: the service runs for months on a small machine, and starts where Pango is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "numpy", "polars", "scipy", "warcio", "weasyprint")


@pytest.mark.parametrize("command", ["run", "log", "probe", "doctor"])
def test_it_loads_no_library_of_figures_plots_or_print(command: str) -> None:
    code = f"import sys, monitor.cli, monitor.commands.{command}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert sorted(set(HEAVY) & set(loaded.split())) == []


def test_only_a_bundle_needs_what_prints() -> None:
    code = "import sys, monitor.cli, monitor.commands.evidence; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "weasyprint" not in loaded.split()
