"""The rows of one guichet as its page lists them, newest first, in French. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.present.language import day
from monitor.present.proof import caution
from monitor.present.words import label
from monitor.store import EntryRow, GapRow
from monitor.web.sheet import Pairs, local, result, slot, target_pairs
from probes.model import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRow:
    """The texts of one row: its instant in the target's zone, its result, the first date it read."""

    row: int
    at: str
    result: str
    earliest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The texts of a guichet's page. `command` is the command line for the bundle of the period, if any.

    `caution` says that the platform's reader is unproven; it is empty for a proven one.
    """

    title: str
    guichet: Pairs
    period: str
    lines: Sequence[ListedRow]
    more: bool
    command: str
    caution: str


def listing(
    target: Target, rows: Sequence[EntryRow], *, first: date | None, last: date | None, most: int
) -> Listing:
    """The page with at most `most` of the rows. `first` and `last` are the local days asked for, included."""
    return Listing(
        title=f"{target.prefecture} ({target.departement}), {target.demarche}",
        guichet=target_pairs(target),
        period=_period(first, last),
        lines=[_line(row, target) for row in rows[:most]],
        more=len(rows) > most,
        command=_command(target, first, last) if first and last else "",
        caution=caution(target.platform),
    )


def _line(row: EntryRow, target: Target) -> ListedRow:
    if isinstance(row, GapRow):
        told, earliest = f"personne n'a regardé : {label(row.reason)}", ""
    else:
        told, earliest = result(row.in_force), slot(row.in_force.earliest, target.tz)
    simulated = " (préfecture simulée)" if row.simulated else ""
    return ListedRow(row=row.id, at=local(row.at, target.tz), result=told + simulated, earliest=earliest)


def _period(first: date | None, last: date | None) -> str:
    since = f"du {day(first)}" if first else ""
    until = f"au {day(last)}" if last else ""
    return f"{since} {until}".strip()


def _command(target: Target, first: date, last: date) -> str:
    words = ["vigie", "bundle", "--target", target.id, "--from", f"{first}", "--to", f"{last}"]
    return shlex.join([*words, "--out", f"pieces-{target.id}.zip"])
