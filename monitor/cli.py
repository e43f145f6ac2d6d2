"""`vigie …`: every command in one place, and one sentence for whatever a person can mend.

A command's module is imported when the command is typed: `vigie log` needs no plotting library, and
`vigie run` none that prints PDF.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from monitor.problems import BadInput
from monitor.store.database.errors import StoreError
from probes.sessions.browser.chrome import BrowserUnavailable
from probes.sessions.pace import NotNow

COMMANDS = {
    "run": "run:run",
    "demo": "run:demo",
    "probe": "probe:probe",
    "attend": "attend:attend",
    "record": "record:record",
    "log": "log:log",
    "doctor": "doctor:doctor",
    "figures": "figures:figures",
    "export": "export:export",
    "decisions": "export:decisions",
    "transitions": "alerts:transitions",
    "reclassify": "reclassify:reclassify",
    "keygen": "evidence:keygen",
    "seal": "evidence:seal",
    "bundle": "evidence:bundle",
    "witness": "evidence:witness",
    "thin": "evidence:thin",
    "anchor": "evidence:anchor_app",
    "quarantine": "quarantine:quarantine_app",
    "audit": "audit:audit_app",
    "alerts": "alerts:alerts_app",
    "targets": "targets:targets_app",
    "db": "upkeep:db_app",
    "switch": "upkeep:switch_app",
}
"""What one types after `vigie`, in the order of `--help`: module of `monitor.commands`, and name in it."""


class Commands(TyperGroup):
    """The commands above, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or `None`."""
        return _made(cmd_name) if cmd_name in COMMANDS else None


def _made(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(f"monitor.commands.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command()(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches the online booking pages of French préfectures and keeps a record that can be checked.",
)


@app.callback()
def _vigie() -> None:
    """Nothing is common to all commands."""


MENDABLE = (BadInput, StoreError, BrowserUnavailable, NotNow)
"""What a person can mend: said in one sentence. Anything else is our own fault and shows its traceback."""


def main() -> None:
    """Run the command line; exit 1 with one sentence on bad input, 130 when interrupted."""
    try:
        app()
    except MENDABLE as error:
        print(f"vigie: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # the reader of our output went away, as `| head` does
        sys.stderr.close()
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
