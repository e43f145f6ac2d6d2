"""The screenshots that are printed, and the text in the frame around each copy. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from itertools import pairwise

from monitor.evidence.bundle import sentences
from monitor.evidence.bundle.report import ReportPicture
from monitor.evidence.bundle.statement import BundleRow, Statement
from monitor.present.framed import framed
from monitor.present.language import local_time
from probes.model import Ink
from probes.pages.contract import certain

MOST = 30


def pictures_of(
    statement: Statement, shown: Sequence[BundleRow], pieces: Mapping[str, bytes]
) -> list[ReportPicture]:
    """Framed copies of the cited rows whose picture is still among the pieces."""
    pictured = [row for row in shown if _raw(row, pieces)]
    return [
        ReportPicture(row=row, copy=framed(_raw(row, pieces), caption(row, statement), decided(row)))
        for row in cited(pictured)
    ]


def decided(row: BundleRow) -> tuple[Ink, ...]:
    """Where the words that decided stand on the picture, as the sealed line of the reading in force says."""
    if row.said is None or row.visit is None:
        return ()
    words = [
        Ink(
            words=row.quote,
            left=one.left,
            top=one.top,
            width=one.width,
            height=one.height,
            places=one.places,
        )
        for one in row.said.seen
        if one.step == row.visit.shot_step
    ]
    return certain(row.said.outcome, words)


def cited(rows: Sequence[BundleRow]) -> list[BundleRow]:
    """The rows whose pictures are printed, in order.

    First choice: the first and last row and changes of result; then one a day, up to the number printed.
    """
    changes = [now for before, now in pairwise(rows) if before.outcome is not now.outcome]
    daily = {row.local.date(): row for row in reversed(rows)}
    wanted = {row.number: row for row in (*rows[:1], *rows[-1:], *changes, *reversed(daily.values()))}
    return sorted(list(wanted.values())[:MOST], key=lambda row: row.number)


def caption(row: BundleRow, statement: Statement) -> tuple[str, ...]:
    """What a framed copy says: page, full address, local time and UTC of its arrival, target, result."""
    known = statement.matter.known
    return (
        f"{known.prefecture} ({known.departement}) : {known.demarche}",
        row.address,
        f"{local_time(row.shown_at)}, soit {row.shown_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ; "
        f"cible {row.fact.target}",
        f"Ligne {row.number} : {sentences.result(row)}",
    )


def _raw(row: BundleRow, pieces: Mapping[str, bytes]) -> bytes:
    """The raw picture; empty when there is none, or when it was thinned out."""
    digest = row.shot_sha256
    return next(
        (pieces[name] for name in (f"captures/{digest}.jpg", f"captures/{digest}.png") if name in pieces), b""
    )
