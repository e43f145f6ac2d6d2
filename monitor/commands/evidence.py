"""`vigie keygen|seal|witness|thin` and `vigie anchor status`: the record as others can check it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.table import Table

from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, settings_for, writing
from monitor.evidence import thinning
from monitor.evidence.journal import checkpoint, names
from monitor.evidence.journal import keeper as journal_keeper
from monitor.evidence.journal.checkpoint import LOG, WITNESS, NoteError
from monitor.evidence.journal.seals import RETRY_DAYS, Seals
from monitor.evidence.journal.stamps import Anchors
from monitor.evidence.journal.witness import Diverged, Unreadable, Witness, from_folder, from_url
from monitor.files import write_whole
from monitor.present.terminal import terminal
from monitor.problems import BadInput, Problem, read_text
from monitor.targets import mentions
from monitor.watch.installation import known_targets, opened

anchor_app = typer.Typer(no_args_is_help=True, help="Third parties' time stamps on the daily seals.")

KeyOption = Annotated[Path, typer.Option("--key", help="The private key.", dir_okay=False)]


def keygen(
    config: ConfigOption = None,
    demo: DemoOption = False,
    witness: Annotated[str | None, typer.Option(help="Make a witness's key, under this name.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where; by default the settings' key_path.")] = None,
) -> None:
    """Make the log's private key, or a witness's, and print its public line. Never overwrites."""
    settings = settings_for(config, demo=demo).evidence
    path = out or settings.key_path
    try:
        made = checkpoint.keygen(path, name=witness or settings.origin, role=WITNESS if witness else LOG)
    except checkpoint.NoteError as error:
        raise BadInput(Problem("--witness", str(error))) from error
    except FileExistsError:
        raise BadInput(Problem(str(path), "exists; a key is never overwritten, name another file")) from None
    except OSError as error:
        why = f"cannot be written ({error.strerror}); make its folder, or name another file"
        raise BadInput(Problem(str(path), why)) from error
    print(made.verifier.vkey)


def seal(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Seal every day that is over (in the demo also today), publish the tree, ask for missing stamps."""
    settings = settings_for(config, demo=demo)
    with journal_keeper.keeper(settings, opened(settings), SystemClock()) as keeper:
        try:
            # Weeks of simulated history were recorded today: nobody should wait until tomorrow for a bundle.
            done = keeper.keep(early=demo)
        except OSError as error:
            words = f"cannot be written ({error.strerror}); make room or mend it, nothing is lost"
            raise BadInput(Problem(str(settings.evidence.folder), words)) from error
    print(f"{done.recorded} records written late, {len(done.sealed)} days sealed.")
    _tell_strays(done.strays)
    for attempt in done.attempts:
        answer = (
            f"stamped {attempt.anchor.stamped_at:%Y-%m-%d %H:%M:%S} UTC" if attempt.anchor else attempt.reason
        )
        print(f"{attempt.day} {attempt.authority}: {answer}")


@anchor_app.command()
def status(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """Every sealed day and who stamped it; what is still asked for, and what was given up."""
    settings = settings_for(config, demo=demo)
    seals, stampers = Seals(settings.evidence.folder), journal_keeper.authorities(settings)
    _tell_strays(seals.strays())
    table = Table("day", *(one.name for one in stampers), box=None)
    with httpx.Client() as client:
        anchors = Anchors(seals, stampers, client, SystemClock())
        given_up = {(day, one.name) for day, one in anchors.given_up()}
    for day in seals.days():
        table.add_row(str(day), *(_state(seals, day, one.name, given_up) for one in stampers))
    terminal().print(table)


def _tell_strays(strays: Iterable[Problem]) -> None:
    for stray in strays:
        print(stray, file=sys.stderr)


def _state(seals: Seals, day: date, authority: str, given_up: set[tuple[date, str]]) -> str:
    if names.token(day, authority) in seals.tokens(day):
        return "stamped"
    return f"given up after {RETRY_DAYS} days" if (day, authority) in given_up else "asked for"


def thin(
    really: Annotated[
        bool, typer.Option("--really", help="Remove them; without it they are only counted.")
    ] = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Remove old pictures that nothing keeps: no change of result, no slots, not the day's first, no hold."""
    settings = settings_for(config, demo=demo)
    before = SystemClock().now().date() - timedelta(days=settings.evidence.pictures_days)
    holds = settings.evidence.holds
    if wrong := list(mentions.in_holds(holds, known_targets(settings) if holds else ())):
        raise BadInput(*wrong)
    done = thinning.thin(opened(settings), before=before, holds=holds, really=really, tell=_tell_held)
    verb = "removed" if really else "would go; give --really"
    print(f"{len(done.gone)} pictures of {done.bytes / 1e6:.1f} MB {verb}, {done.kept} stay.")


def _tell_held(held: thinning.Held) -> None:
    print(f"Hold {held.number} keeps {len(held.pictures)} pictures of {held.visits} visits: {held}.")


def witness(
    log: Annotated[str, typer.Option(help="The published log: its address, or a folder.")],
    log_key: Annotated[str, typer.Option(help="The log's public line (name+hash+key).")],
    name: Annotated[str, typer.Option(help="The witness's name, as its key was made for.")],
    key: KeyOption,
    memory: Annotated[Path, typer.Option(help="File that remembers what was seen.")] = Path("witness.json"),
    out: Annotated[Path | None, typer.Option(help="Where to write the cosigned checkpoint.")] = None,
) -> None:
    """Follow a published log and cosign it, unless it was forked or shortened (exit 2)."""
    try:
        signer = checkpoint.signer(read_text(key).encode(), name=name, role=WITNESS)
        verifier = checkpoint.verifier(log_key)
        with httpx.Client(timeout=30) as client:
            read = from_url(log, client) if "://" in log else from_folder(Path(log))
            observer = Witness(key=signer, log=verifier, read=read, memory=memory, clock=SystemClock())
            with writing(memory):
                note = observer.look()
    except (NoteError, Unreadable) as error:
        raise BadInput(Problem("witness", str(error))) from error
    except Diverged as error:
        print(f"REFUSED: {error}")
        raise typer.Exit(2) from None
    if out:
        with writing(out):
            write_whole(out, note.encode())
    print(note, end="")
