"""What a command loads: the service runs for months on a small machine, and starts where Pango is missing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest
import typer

from monitor.cli import COMMANDS, app
from tests.cast.vigie import Vigie

pytestmark = pytest.mark.slow

HEAVY = ("matplotlib", "numpy", "polars", "scipy", "warcio", "weasyprint")
NOT_FOR_HELP = {
    *HEAVY,
    *("aiosmtplib", "alembic", "apscheduler", "cryptography", "httpx", "jinja2", "PIL", "playwright"),
    *("prometheus_client", "psycopg", "pydantic", "pydantic_settings", "selectolax", "sqlalchemy"),
    *("asyncio", "starlette", "tinycss2", "uvicorn", "zstandard"),
}

CPU_SECONDS = 0.5
PEAK_MEGABYTES = 90

COMMAND = "from monitor.cli import main; main()"
TELLING = f"import atexit, sys; atexit.register(lambda: print('loaded', *sys.modules)); {COMMAND}"
MEASURED = """
import os, sys

child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
print("used", status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""
"""In a small process between us and the one measured: a child's peak begins with the memory of its parent."""


def last_line(*arguments: str) -> list[str]:
    """The words after the first of the last line that Python prints."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


def loaded(*arguments: str) -> set[str]:
    """The modules in memory when `vigie …` has said what it says."""
    return set(last_line("-c", TELLING, *arguments))


@pytest.mark.parametrize("command", ["run", "log", "probe", "doctor"])
def test_it_loads_no_library_of_figures_plots_or_print(command: str) -> None:
    assert sorted(set(HEAVY) & loaded(command, "--help")) == []


@pytest.mark.parametrize("command", ["keygen", "seal", "witness", "thin", "anchor"])
def test_keys_seals_and_witnesses_need_no_library_of_figures_plots_or_print(command: str) -> None:
    assert sorted(set(HEAVY) & loaded(command, "--help")) == []


def test_only_a_bundle_needs_what_prints() -> None:
    assert "weasyprint" not in loaded("bundle", "--help")


@pytest.mark.parametrize(
    ("command", "others"),
    [
        (["log"], {"alembic", "apscheduler", "httpx", "playwright", "psycopg", "starlette"}),
        (["targets", "check"], {"alembic", "httpx", "monitor.store", "playwright", "sqlalchemy"}),
        (["doctor"], {"alembic", "apscheduler", "httpx", "playwright", "prometheus_client", "psycopg"}),
        (["probe"], {"PIL", "alembic", "starlette"}),
        (["run"], {"alembic", "monitor.demo.live", "probes.simulator.app", "psycopg"}),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else "",
)
def test_it_loads_nothing_of_the_others(command: list[str], others: set[str]) -> None:
    assert sorted(others & loaded(*command, "--help")) == []


@pytest.mark.parametrize("arguments", ["--help", "--version"])
def test_help_and_version_load_no_command(arguments: str) -> None:
    modules = loaded(arguments)
    ours = {name for name in modules if name.partition(".")[0] in ("monitor", "probes")}
    assert ours == {"monitor", "monitor.cli", "probes", "probes.failures"}
    assert sorted(NOT_FOR_HELP & modules) == []


@pytest.mark.parametrize("arguments", ["--help", "--version"])
def test_help_and_version_are_there_at_once(arguments: str) -> None:
    """Processor time, not a clock's, and the least of three: a busy machine must not fail this."""
    runs = [last_line("-c", MEASURED, "-c", COMMAND, arguments) for _ in range(3)]
    assert {status for status, _cpu, _peak in runs} == {"0"}
    assert min(float(cpu) for _status, cpu, _peak in runs) < CPU_SECONDS
    assert min(int(peak) for _status, _cpu, peak in runs) / 1024 < PEAK_MEGABYTES


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_of_a_command_what_its_own_help_begins_with(name: str) -> None:
    commands: Any = typer.main.get_command(app)
    command = commands.get_command(None, name)
    assert " ".join(command.help.split("\n\n")[0].split()) == COMMANDS[name][1]


def test_help_lists_every_command(vigie: Vigie) -> None:
    said = vigie("--help").stdout
    words = " ".join(said.replace("│", " ").split())
    assert [name for name, (_place, sentence) in COMMANDS.items() if f" {name} {sentence}" not in words] == []


def test_version_is_that_of_the_package(vigie: Vigie) -> None:
    assert vigie("--version").stdout == f"vigie {version('vigie')}\n"
