"""`vigie …`: every command in one place, and one sentence for whatever a person can mend.

A command's module is imported when the command is typed: `vigie log` needs no plotting library, `vigie run`
none that prints PDF, and `vigie --help` none at all.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from probes.failures import Mendable

COMMANDS = {
    "run": ("commands.run:run", "Watch the enabled targets and serve metrics, until interrupted."),
    "demo": ("demo.live:demo", "Watch simulated préfectures on this machine, with nine weeks of history."),
    "probe": ("commands.probe:probe", "Visit one page now and say what it says. Nothing is recorded."),
    "attend": (
        "commands.probe:attend",
        "Open a page for a person who passes its CAPTCHA herself; read and record the answer alone.",
    ),
    "record": (
        "commands.record:record",
        "Visit one page before your eyes and save it for the tests, without cookies, tokens or addresses.",
    ),
    "log": ("commands.log:log", "Print observations and gaps, oldest first."),
    "doctor": (
        "commands.upkeep:doctor",
        "Check settings, targets, database, disk, Chromium, fonts, clock, key and mail server.",
    ),
    "figures": (
        "commands.figures:figures",
        "Every figure of one target, each with its n, coverage and period.",
    ),
    "export": (
        "commands.export:export",
        "Write the open data set: CSV, Parquet, Table Schema. Days under embargo are left out.",
    ),
    "decisions": (
        "commands.export:decisions",
        "Check the registry of dated events and show it on the dashboards, in place of what was there.",
    ),
    "transitions": (
        "commands.alerts:transitions",
        "Print what changed. With --replay, exit 1 unless the record gives the same transitions bit for bit.",
    ),
    "reclassify": (
        "commands.reclassify:reclassify",
        "Read stored captures again; append the readings that differ. The old ones stay.",
    ),
    "keygen": (
        "commands.evidence:keygen",
        "Make the log's private key, or a witness's, and print its public line. Never overwrites.",
    ),
    "seal": (
        "commands.evidence:seal",
        "Seal every day that is over (in the demo also today), publish the tree, ask for missing stamps.",
    ),
    "bundle": (
        "commands.export:bundle",
        "Make the bundle of one matter: everything of the period, verifiable without us.",
    ),
    "witness": (
        "commands.evidence:witness",
        "Follow a published log and cosign it, unless it was forked or shortened (exit 2).",
    ),
    "thin": (
        "commands.evidence:thin",
        "Remove old pictures that nothing keeps: "
        "no change of result, no slots, not the day's first, no hold.",
    ),
    "anchor": ("commands.evidence:anchor_app", "Third parties' time stamps on the daily seals."),
    "quarantine": ("commands.quarantine:quarantine_app", "Unrecognised pages, grouped by their structure."),
    "platforms": (
        "commands.platforms:platforms_app",
        "What each platform declares, and whether HTTP is in doubt for it.",
    ),
    "audit": ("commands.audit:audit_app", "Measure the error rate, blind."),
    "alerts": ("commands.alerts:alerts_app", "Mails about zeros, openings and troubles."),
    "targets": ("commands.targets:targets_app", "Check the catalogue of targets; show when each is visited."),
    "db": ("commands.upkeep:db_app", "The database."),
    "switch": ("commands.upkeep:switch_app", "Kill switches: stop visits within ten seconds."),
}
"""What one types after `vigie`, in the order of `--help`: a module of `monitor`, the name in it, and the
sentence of `--help`, with which the command's own help begins (a test compares them)."""


class Commands(TyperGroup):
    """The commands above, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in the order of `--help`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or `None`."""
        return _made(cmd_name) if cmd_name in COMMANDS else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write `--help` from the table above: to list a command does not load it."""
        listed = [TyperCommand(name, help=sentence) for name, (_place, sentence) in COMMANDS.items()]
        shown = TyperGroup(name=self.name, commands=listed, params=self.params, help=self.help)
        shown.format_help(ctx, formatter)


def _made(name: str) -> Any:
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(f"monitor.{module}"), attribute)
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


def _say_version(asked: bool) -> None:
    if asked:
        print(f"vigie {version('vigie')}")
        raise typer.Exit


@app.callback()
def _vigie(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which Vigie this is.")
    ] = False,
) -> None:
    """Nothing else is common to all commands."""


def main() -> None:
    """Run the command line; exit 1 with one sentence on what a person can mend, 130 when interrupted.

    Anything else that goes wrong is our own fault and shows its traceback.
    """
    # What a terminal cannot show is shown in another way: the work is done by then, and must not seem lost.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        # Bytes of an unexpected encoding are kept as they are: who asks makes letters of them.
        sys.stdin.reconfigure(errors="surrogateescape")
    try:
        app()
    except Mendable as error:
        print(f"vigie: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # the reader of our output went away, as `| head` does
        sys.stderr.close()
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
