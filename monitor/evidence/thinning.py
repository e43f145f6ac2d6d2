"""Thinning: which screenshots may be deleted to save disk space.

Kept are pictures that are not older than the limit, those just before and after a change of outcome, those
of visits with slots, the first of each local day, and all under a hold. Rows, journal and received pages
are never deleted; they keep the address of a deleted picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.settings.evidence import Hold
from monitor.store import ObservationRow, Store
from monitor.store.record import target_versions
from probes.model import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinningResult:
    """The addresses (SHA-256) of the pictures to delete, their size in bytes, and how many pictures stay."""

    gone: Sequence[str]
    bytes: int
    kept: int


def thin(store: Store, *, before: date, holds: Sequence[Hold] = (), really: bool = True) -> ThinningResult:
    """Delete the pictures of local days before `before` that no rule keeps; without `really` only count them.

    A picture that several rows share stays as long as one of them keeps it.
    """
    wanted: set[str] = set()
    old: set[str] = set()
    with store.read() as conn:
        targets = list(target_versions.current(conn))
    for target in targets:
        for row, kept in judged(store.observations(target), before=before, holds=holds):
            (wanted if kept else old).add(row.screenshot_sha256 or "")
    paths = {sha256: store.media.path(sha256) for sha256 in old - wanted - {""}}
    gone = {sha256: path.stat().st_size for sha256, path in paths.items() if path.exists()}
    for sha256 in gone if really else ():
        paths[sha256].unlink()
    return ThinningResult(gone=sorted(gone), bytes=sum(gone.values()), kept=len(wanted - {""}))


def judged(
    rows: Iterable[ObservationRow], *, before: date, holds: Sequence[Hold]
) -> Iterator[tuple[ObservationRow, bool]]:
    """Each row, with whether its picture is kept. `rows` must be those of one target, in time order."""
    waiting: tuple[ObservationRow, bool] | None = None
    for row in rows:
        changed = waiting is None or waiting[0].in_force.outcome is not row.in_force.outcome
        if waiting:
            yield waiting[0], waiting[1] or changed
        first_of_day = waiting is None or waiting[0].day != row.day
        offered = row.in_force.outcome is Outcome.SLOTS_OFFERED
        held = any(_covers(hold, row) for hold in holds)
        waiting = row, changed or first_of_day or offered or held or row.day >= before
    if waiting:
        yield waiting


def _covers(hold: Hold, row: ObservationRow) -> bool:
    return hold.target in (None, row.target) and hold.first <= row.day <= hold.last
