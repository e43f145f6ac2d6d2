"""Thinning: which screenshots may be deleted to save disk space.

Kept are pictures that are not older than the limit, those just before and after a change of outcome, those
of visits with slots, the first of each local day, and all under a hold. Rows, journal and received pages
are never deleted; they keep the address of a deleted picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from monitor.problems import BadInput, Problem
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


@dataclass(slots=True)
class Held:
    """What a hold, the `number`th of the settings, covers: visits, and the addresses of their pictures."""

    number: int
    hold: Hold
    visits: int = 0
    pictures: set[str] = field(default_factory=set)

    def add(self, row: ObservationRow) -> None:
        """Count a row, if the hold covers it."""
        if _covers(self.hold, row):
            self.visits += 1
            self.pictures |= {row.screenshot_sha256} if row.screenshot_sha256 else set()

    def __str__(self) -> str:
        """What it names."""
        return f"{self.hold.target or 'all targets'} from {self.hold.first} to {self.hold.last}"


def _say_nothing(_: Held) -> None:
    pass


def thin(
    store: Store,
    *,
    before: date,
    holds: Sequence[Hold] = (),
    really: bool = True,
    tell: Callable[[Held], None] = _say_nothing,
) -> ThinningResult:
    """Delete the pictures of local days before `before` that no rule keeps; without `really` only count them.

    A picture that several rows share stays as long as one of them keeps it. Tells what each hold keeps first;
    raises `BadInput`, and deletes nothing, while one covers no visit: its days or its target may be mistyped.
    """
    held = [Held(number, hold) for number, hold in enumerate(holds, start=1)]
    wanted: set[str] = set()
    old: set[str] = set()
    with store.read() as conn:
        targets = list(target_versions.current(conn))
    for target in targets:
        for row, kept in judged(store.observations(target), before=before, holds=holds):
            (wanted if kept else old).add(row.screenshot_sha256 or "")
            for one in held:
                one.add(row)
    for one in held:
        tell(one)
    _refuse_idle(held)
    paths = {sha256: store.media.path(sha256) for sha256 in old - wanted - {""}}
    gone = {sha256: path.stat().st_size for sha256, path in paths.items() if path.exists()}
    for sha256 in gone if really else ():
        paths[sha256].unlink()
    return ThinningResult(gone=sorted(gone), bytes=sum(gone.values()), kept=len(wanted - {""}))


def _refuse_idle(held: Iterable[Held]) -> None:
    words = "covers no visit, and nothing is removed meanwhile; correct its target and days, or take it out"
    idle = [Problem(f"[[evidence.holds]] {one.number}, {one}", words) for one in held if not one.visits]
    if idle:
        raise BadInput(*idle)


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
