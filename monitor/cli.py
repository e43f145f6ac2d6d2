"""`vigie …`: every command in one place, and one sentence for whatever a person can mend."""

from __future__ import annotations

import sys

import typer

from monitor.bad_input import BadInput
from monitor.commands import (
    alerts,
    attend,
    audit,
    doctor,
    evidence,
    export,
    figures,
    log,
    probe,
    quarantine,
    reclassify,
    record,
    targets,
    upkeep,
    watching,
)
from monitor.store import StoreError
from probes.sessions.chrome import BrowserUnavailable
from probes.sessions.pace import NotNow

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Watches the online booking pages of French préfectures and keeps a record that can be checked.",
)
app.command()(watching.run)
app.command()(watching.demo)
app.command()(probe.probe)
app.command()(attend.attend)
app.command()(record.record)
app.command()(log.log)
app.command()(doctor.doctor)
app.command()(figures.figures)
app.command()(export.export)
app.command()(export.decisions)
app.command()(alerts.transitions)
app.command()(reclassify.reclassify)
app.command()(evidence.keygen)
app.command()(evidence.seal)
app.command()(evidence.bundle)
app.command()(evidence.witness)
app.command()(evidence.thin)
app.add_typer(evidence.anchor_app, name="anchor")
app.add_typer(quarantine.quarantine_app, name="quarantine")
app.add_typer(audit.audit_app, name="audit")
app.add_typer(alerts.alerts_app, name="alerts")
app.add_typer(targets.targets_app, name="targets")
app.add_typer(upkeep.db_app, name="db")
upkeep.db_app.command()(export.recount)
app.add_typer(upkeep.switch_app, name="switch")

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
