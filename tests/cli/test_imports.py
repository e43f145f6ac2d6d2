"""What a command loads: the service runs for months on a small machine, and starts where Pango is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "numpy", "polars", "scipy", "warcio", "weasyprint")
LIGHT = ("run", "log", "probe", "doctor")
PROGRAM = """
import importlib, os, sys, monitor.cli
for command in sys.argv[1:]:
    if not os.fork():
        importlib.import_module(f"monitor.commands.{command}")
        print(command, *sys.modules, flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """The modules in memory once `vigie` has loaded a command, by command."""
    command = [sys.executable, "-c", PROGRAM, *LIGHT, "evidence"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: set(modules) for name, *modules in map(str.split, said.splitlines())}


@pytest.mark.parametrize("command", LIGHT)
def test_it_loads_no_library_of_figures_plots_or_print(command: str, loaded: dict[str, set[str]]) -> None:
    assert sorted(set(HEAVY) & loaded[command]) == []


def test_only_a_bundle_needs_what_prints(loaded: dict[str, set[str]]) -> None:
    assert "weasyprint" not in loaded["evidence"]
