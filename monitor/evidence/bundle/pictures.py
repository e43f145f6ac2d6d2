"""The screenshots that are printed, and the caption of each copy. Pure."""

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
from probes.pages.seen import certain

MOST = 30


def pictures_of(
    statement: Statement, shown: Sequence[BundleRow], pieces: Mapping[str, bytes]
) -> list[ReportPicture]:
    """Framed copies of the cited rows whose picture is still among the pieces."""
    pictured = [row for row in shown if _name(row, pieces)]
    return [_copied(row, statement, pieces) for row in cited(pictured)]


def _copied(row: BundleRow, statement: Statement, pieces: Mapping[str, bytes]) -> ReportPicture:
    original = _name(row, pieces)
    copy = framed(pieces[original], caption(row, statement), decided(row))
    return ReportPicture(row=row, copy=copy, original=original)


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
    """What a copy says: page, full address, local time and UTC of its arrival, target, result, original."""
    known = statement.matter.known
    page = row.visit.in_picture if row.visit else None
    address, at = (page.address, page.finished_at) if page else (row.address, row.at)
    local = at.astimezone(row.local.tzinfo)
    return (
        f"{known.prefecture} ({known.departement}) : {known.demarche}",
        address,
        f"{local_time(local)}, soit {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ; cible {row.fact.target}",
        f"Ligne {row.number} : {sentences.result(row)}",
        f"Image d'origine, intacte : SHA-256 {row.shot_sha256}",
    )


def _name(row: BundleRow, pieces: Mapping[str, bytes]) -> str:
    """The name of the piece with the original picture; empty when there is none, or it was thinned out."""
    names = (f"captures/{row.shot_sha256}.{extension}" for extension in ("jpg", "png"))
    return next((name for name in names if name in pieces), "")
