"""`vigie alerts …` and `vigie transitions`: what would be told, to whom, and what became of it.

Addresses are never printed: recipients are shown by their names in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.alerts import wiring
from monitor.alerts.decide.subscribers import everyone
from monitor.alerts.send import smtp
from monitor.alerts.send.mailer import Mailer
from monitor.alerts.wiring import AlertTargets
from monitor.alerts.write import mails
from monitor.alerts.write.messages import OutgoingMessage, compose
from monitor.clock import SystemClock
from monitor.commands.options import ConfigOption, DemoOption, check_seen, moment, settings_for, writing_to
from monitor.evidence.journal.witness import CHECKPOINT_FILE
from monitor.model import Transition
from monitor.present.as_json import instant
from monitor.present.terminal import terminal
from monitor.problems import BadInput, Problem
from monitor.rules.transitions import State, step
from monitor.settings.alerts import mail_address
from monitor.settings.load import Settings
from monitor.store import Status, Store
from monitor.store.alerts import deliveries
from monitor.store.alerts import incidents as stored_incidents
from monitor.store.alerts import transitions as stored_transitions
from monitor.store.record import target_versions
from monitor.watch.installation import catalogue, opened

alerts_app = typer.Typer(no_args_is_help=True, help="Mails about zeros, openings and troubles.")

OPEN = (Status.PENDING, Status.HELD, Status.PARKED)


@alerts_app.command()
def status(config: ConfigOption = None, demo: DemoOption = False) -> None:
    """What is to be sent, what is stuck and why, and what the operator must look at."""
    store = opened(settings_for(config, demo=demo))
    with store.read() as conn:
        backlog = deliveries.backlog(conn)
        stuck = deliveries.with_status(conn, *OPEN)
        incidents = stored_incidents.open_now(conn)
    counted = ", ".join(f"{backlog.by_status.get(one, 0)} {one}" for one in Status)
    print(f"Mails: {counted}; {backlog.waiting} changes wait for one.")
    _show(
        "Mails not sent",
        ("mail", "form", "recipient", "status", "attempts", "due", "last error"),
        (
            (str(d.id), d.form, d.recipient, d.status, str(d.attempts), instant(d.due_at), d.error)
            for d in stuck
        ),
    )
    _show(
        "Incidents",
        ("kind", "where", "since", "targets", "detail"),
        ((one.kind, one.key, instant(one.since), str(len(one.targets)), one.detail) for one in incidents),
    )


@alerts_app.command()
def preview(
    html: Annotated[Path | None, typer.Option("--html", help="Write them as HTML into this folder.")] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Print the mails that are pending, held or set aside, as they would leave now."""
    mailer = _mailer(settings_for(config, demo=demo))
    with mailer.store.read() as conn:
        waiting = deliveries.with_status(conn, *OPEN)
    for delivery in reversed(waiting):
        message = mailer.messages.write(delivery, mailer.clock.now())
        if message is None:
            print(f"[{delivery.id}] {delivery.recipient}: nothing left to tell\n")
        else:
            _print(f"[{delivery.id}] {delivery.recipient} ({delivery.status})", message)
            _write(message, html and html / f"{delivery.id}.html")
    print(f"{len(waiting)} mails.")


@alerts_app.command("send-test")
def send_test(address: str, config: ConfigOption = None) -> None:
    """Send a mail that says nothing of any préfecture to ADDRESS, to try the mail server."""
    settings = settings_for(config)
    if not settings.smtp.host:
        raise BadInput(Problem("[smtp] host", 'is not set; write the name of your mail server, host = "…"'))
    try:
        to = mail_address(address)
    except ValueError as error:
        raise BadInput(Problem("the address", str(error))) from None
    now = SystemClock().now()
    message = compose(
        mails.trial(settings.alerts.language),
        sender=settings.smtp.sender,
        recipient=to,
        key=f"trial-{to}-{now.isoformat()}",
        at=now,
        reply_to=settings.smtp.reply_to,
    )

    async def send() -> None:
        async with smtp.connect(settings.smtp) as session:
            await session.send(message, sender=settings.smtp.sender, recipient=to)

    try:
        asyncio.run(send())
    except (smtp.ServerError, smtp.DeliveryError) as error:
        raise BadInput(Problem("[smtp]", str(error))) from None
    print(f"The mail server took the message {message['Message-ID']}.")


@alerts_app.command("dry-run")
def dry_run(
    since: Annotated[
        str | None, typer.Option(help="News from this day or instant; 30 days by default.")
    ] = None,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """What the rules and lists of the settings would have told since then. Nothing is written or sent."""
    settings = settings_for(config, demo=demo)
    mailer = _mailer(settings)
    first = moment(since) or mailer.clock.now() - timedelta(days=30)
    with mailer.store.read() as conn:
        audience = everyone(conn, mailer.planner.listed, settings.alerts.embargo)
    targets = mailer.messages.gatherer.targets()
    news = [made for made in _refold(mailer.store, settings) if made.news and made.at >= first]
    rows = [
        (instant(made.at), made.change, made.target, one.id, instant(made.at + one.delay(made)))
        for made in sorted(news, key=lambda made: made.at)
        for one in audience
        if one.wants(made, targets[made.target])
    ]
    _show("Would be told", ("at", "change", "target", "recipient", "due"), rows)
    print(f"{len(news)} news, {len(rows)} tellings to {len(audience)} subscriptions.")


@alerts_app.command()
def resend(
    held: Annotated[bool, typer.Option("--held", help="Only the mass mail that was held.")] = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Send what was set aside after a refusal, or held, with the same Message-ID."""
    settings = settings_for(config, demo=demo)
    statuses = (Status.HELD,) if held else (Status.HELD, Status.PARKED)
    with opened(settings).write() as conn:
        released = deliveries.release(conn, statuses, SystemClock().now())
    print(f"{released} mails are due again.")


def transitions(
    target: Annotated[str | None, typer.Option(help="Only this target.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant, included.")] = None,
    replay: Annotated[bool, typer.Option("--replay", help="Fold the record again and compare.")] = False,
    config: ConfigOption = None,
    demo: DemoOption = False,
) -> None:
    """Print what changed. With --replay, exit 1 unless the record gives the same transitions bit for bit."""
    settings = settings_for(config, demo=demo)
    store = opened(settings)
    with store.read() as conn:
        check_seen(target, target_versions.current(conn))
        recorded = [
            one.transition for one in stored_transitions.told(conn, target=target, since=moment(since))
        ]
    _show(
        "Transitions",
        ("at", "target", "change", "before", "after", "trouble", "days", "zeros"),
        map(_row, recorded),
    )
    if replay:
        _compare(store, settings, target)


def _compare(store: Store, settings: Settings, target: str | None) -> None:
    with store.read() as conn:  # up to here, lest a service that goes on looks like a difference
        until = stored_transitions.folded(conn)
        told = stored_transitions.told(conn, target=target)
    recorded = [one.transition for one in told if one.entry <= until[one.transition.target]]
    again = [made for made in _refold(store, settings, until) if target in (None, made.target)]
    if sorted(again, key=_order) != sorted(recorded, key=_order):
        print(f"The record gives {len(again)} transitions where {len(recorded)} are recorded, or others.")
        raise typer.Exit(1)
    print(f"Replay gives the same {len(recorded)} transitions.")


def _refold(store: Store, settings: Settings, until: Mapping[str, int] | None = None) -> Iterator[Transition]:
    """All transitions anew, from the facts alone; of each target up to the entry `until` names."""
    rules = wiring.rules(settings.alerts)
    with store.read() as conn:
        known = target_versions.current(conn)
        states = {name: State(target=name, zone=target.zone) for name, target in known.items()}
        for entry, name, fact in stored_transitions.facts(conn):
            if until is not None and entry > until.get(name, 0):
                continue
            states[name], made = step(states[name], fact, rules)
            yield from made


def _mailer(settings: Settings) -> Mailer:
    entries = catalogue(settings)
    watched = AlertTargets(
        targets=[entry.target for entry in entries if entry.enabled],
        controls={entry.target.id: entry.control for entry in entries if entry.control},
    )
    line = partial(wiring.checkpoint_line, settings.evidence.folder / CHECKPOINT_FILE)
    store = opened(settings)
    return wiring.mailer(store, settings.alerts, settings.smtp, watched, SystemClock(), checkpoint=line)


def _order(made: Transition) -> tuple[str, datetime, str]:
    return made.target, made.at, made.change


def _row(made: Transition) -> tuple[str | None, ...]:
    days, zeros = (str(made.drought.days), str(made.drought.zeros)) if made.drought else ("", "")
    return (instant(made.at), made.target, made.change, made.before, made.after, made.trouble, days, zeros)


def _print(head: str, message: OutgoingMessage) -> None:
    print(f"{head}\n{message.mail.subject}\n\n{message.mail.text}")


def _write(message: OutgoingMessage, path: Path | None) -> None:
    if path:
        with writing_to(path.parent):
            path.write_text(message.mail.html, encoding="utf-8")


def _show(title: str, columns: Iterable[str], rows: Iterable[Iterable[str | None]]) -> None:
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(cell or "" for cell in row))
    if table.row_count:
        terminal().print(table)
