"""Collects the material of a bundle: the sealed lines of a period, the captures, counts of other targets.

It compares the journal with its seals. A line that is not what was sealed raises `BrokenRecord`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.evidence.bundle import pieces
from monitor.evidence.bundle.pieces import BundleScope, Pieces
from monitor.evidence.journal import facts as journal_facts
from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal import records
from monitor.evidence.journal.facts import (
    AnchorFact,
    AttemptFact,
    DrawFact,
    JournalFact,
    LaterReadingFact,
    ObservationFact,
)
from monitor.evidence.journal.records import sha256_text
from monitor.evidence.journal.seals import Seals
from monitor.problems import BadInput, Problem, nearest
from monitor.store import Store, StoreError
from monitor.store.captures import captures
from monitor.store.journal import lines
from monitor.store.record import counts, entries, target_versions
from monitor.store.record.counts import Count
from probes.model import Capture, Target

DAY = timedelta(days=1)
_USUAL_INTERVAL = timedelta(hours=1)
"""The interval that is printed for a period without a draw in the journal."""
_TICK = timedelta(microseconds=1)
_BATCH = 50


class BrokenRecord(StoreError):
    """The journal or a capture is not what was sealed; the message names the piece. No bundle can be made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """The sealed records of one target over whole local days, `first` to `last` included.

    `begin` and `end` (excluded) are the instants of that period. `attempts` and `draws` are in the journal's
    order; `draws` are those of the UTC days that the period touches. `again` maps the number (`seq`) of an
    observation's record to its newest later reading.
    """

    target: Target
    first: date
    last: date
    begin: datetime
    end: datetime
    attempts: Sequence[AttemptFact]
    again: Mapping[int, LaterReadingFact]
    draws: Sequence[DrawFact]

    @property
    def known(self) -> Target:
        """The target as the last draw of the period describes it; without draws, its newest version."""
        return self.draws[-1].described if self.draws else records.scrubbed(self.target)

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of the préfecture."""
        return self.known.tz

    @property
    def interval(self) -> timedelta:
        """The length of the intervals of the last draw of the period; an hour when there is none."""
        return self.draws[-1].interval if self.draws else _USUAL_INTERVAL

    @property
    def intervals(self) -> dict[date, timedelta]:
        """By drawn UTC day: the length of its intervals."""
        return {draw.day: draw.interval for draw in self.draws}


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleMaterial:
    """All matters of a bundle, with the sealed files from which they come.

    `days` are the sealed UTC days. `facts` are the records in `day_files`, by number. `anchors` are the time
    stamps on the seals of these days. `others` has the day counts of the other targets of these préfectures.
    """

    scope: BundleScope
    matters: Sequence[Matter]
    days: Sequence[date]
    day_files: Pieces
    facts: Sequence[JournalFact]
    anchors: Sequence[AnchorFact]
    others: Mapping[str, tuple[Target, Sequence[Count]]]


def gather(store: Store, seals: Seals, names: Sequence[str], first: date, last: date) -> BundleMaterial:
    """The material for the targets `names` over the local days `first` to `last` (both included).

    Raises `BadInput` for a period or target for which no bundle can be made yet, `BrokenRecord` when the
    record is not what was sealed, and `UnreadableLine` for a line of an unknown form.
    """
    if last < first:
        raise BadInput(Problem("period", f"ends on {last}, before it begins on {first}; swap them"))
    names = list(dict.fromkeys(names))
    targets = _targets(store, names)
    spans = {target.id: _span(target, first, last) for target in targets}
    begin, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    scope = BundleScope(targets=tuple(names), begin=begin, end=end)
    days = _days(store, seals, scope)
    day_files = _day_files(store, seals, (*names, records.JOURNAL), days)
    facts = sorted(_facts(day_files), key=lambda fact: fact.seq)
    _ended(facts, scope)
    return BundleMaterial(
        scope=scope,
        matters=[_matter(target, spans[target.id], first, last, facts) for target in targets],
        days=days,
        day_files=day_files,
        facts=facts,
        anchors=_anchors(store, days),
        others=_others(store, targets, first, last),
    )


def received(store: Store, facts: Iterable[JournalFact]) -> Iterable[tuple[ObservationFact, Capture]]:
    """Each observation with its capture. Raises `BrokenRecord` when the capture is not the sealed one."""
    seen = [fact for fact in facts if isinstance(fact, ObservationFact)]
    for start in range(0, len(seen), _BATCH):
        part = seen[start : start + _BATCH]
        with store.read() as conn:
            rows = [entries.observation(conn, _entry(fact)) for fact in part]
            held = {row.id: captures.load(conn, row.manifest_sha256, store.media) for row in rows}
        for fact in part:
            _same(fact, held[_entry(fact)])
            yield fact, held[_entry(fact)]


def _entry(fact: ObservationFact) -> int:
    if fact.entry is None:
        raise BrokenRecord(
            f"record {fact.seq} names no row of the database: what it received cannot be found"
        )
    return fact.entry


def _same(fact: ObservationFact, capture: Capture) -> None:
    kept = [(step.body_sha256, step.rendered and sha256_text(step.rendered)) for step in capture.steps]
    said = [(step.body_sha256, step.rendered_sha256) for step in fact.steps]
    # Lines of older versions name no style sheets.
    sheets = all(
        one.sheets_sha256 in (None, records.digest(records.sheets(step)))
        for one, step in zip(fact.steps, capture.steps, strict=False)
    )
    if kept != said or not sheets:
        raise BrokenRecord(f"the capture of record {fact.seq} is not the one that was sealed")


def _targets(store: Store, names: Sequence[str]) -> list[Target]:
    with store.read() as conn:
        known = target_versions.current(conn)
    for name in names:
        if name not in known:
            raise BadInput(Problem(f'target "{name}"', f"is not in the record; {nearest(name, known)}"))
    return [known[name] for name in names]


def _span(target: Target, first: date, last: date) -> tuple[datetime, datetime]:
    """Begin of the first local day, and end of the last (excluded). A local day has 23, 24 or 25 hours."""
    return (
        datetime.combine(first, time.min, target.tz),
        datetime.combine(last + DAY, time.min, target.tz),
    )


def _days(store: Store, seals: Seals, scope: BundleScope) -> list[date]:
    with store.read() as conn:
        span = lines.days_about(conn, scope.targets, scope.begin, scope.end)
    if span is None:
        raise BadInput(Problem("period", "holds no record of these targets; see `vigie log`"))
    # Also days without a line of these targets: the verifiers ask for every UTC day that the period touches.
    last = max(span[1], (scope.end - _TICK).astimezone(UTC).date())
    sealed = seals.days()
    if not sealed:
        raise BadInput(Problem("period", "has no sealed day yet; `vigie seal` seals every day that is over"))
    first = min(span[0], max(scope.begin.astimezone(UTC).date(), sealed[0]))
    try:
        return pieces.sealed_days(seals, first, last)
    except ValueError as error:
        raise BadInput(Problem("period", str(error))) from error


def _ended(facts: Sequence[JournalFact], scope: BundleScope) -> None:
    """Raise `BadInput` when a drawn instant of the scope has no visit and no gap, or without any attempt."""
    mine = [fact for fact in facts if fact.target in scope.targets]
    ended = {(fact.target, fact.moment) for fact in _attempts(mine, scope.begin, scope.end)}
    drawn = {(fact.target, at) for fact in mine if isinstance(fact, DrawFact) for at in fact.instants}
    if not ended:
        raise BadInput(Problem("period", "holds no visit and no gap of these targets; see `vigie log`"))
    if owed := sum(scope.begin <= at < scope.end for _, at in drawn - ended):
        words = f"has {owed} drawn instants without a visit or a gap yet: `vigie run` accounts for them"
        raise BadInput(Problem("period", words))


def _attempts(facts: Iterable[JournalFact], begin: datetime, end: datetime) -> list[AttemptFact]:
    """The attempts whose `moment` is from `begin` to `end`, `end` excluded."""
    return [fact for fact in facts if isinstance(fact, AttemptFact) and begin <= fact.moment < end]


def _day_files(store: Store, seals: Seals, chains: Sequence[str], days: Sequence[date]) -> Pieces:
    found: Pieces = {}
    for day in days:
        sealed = seals.listed(day)
        with store.read() as conn:
            start, end = lines.size_before(conn, day), lines.size_before(conn, day + DAY)
            held = list(lines.between(conn, start, end))
        for chain in chains:
            name, content = (
                journal_names.day_file(day, chain),
                b"".join(line for of, line in held if of == chain),
            )
            if sealed.get(name, records.digest(b"")) != records.digest(content):
                raise BrokenRecord(f"{name} is not what was sealed: restore the database from a backup")
            found |= {f"donnees/{name}": content} if content else {}
    return found


def _facts(day_files: Pieces) -> Iterator[JournalFact]:
    for name, content in day_files.items():
        for place, line in enumerate(content.splitlines(keepends=True), 1):
            yield journal_facts.read(line, where=f"Line {place} of {name}")


def _matter(
    target: Target, span: tuple[datetime, datetime], first: date, last: date, facts: Sequence[JournalFact]
) -> Matter:
    mine = [fact for fact in facts if fact.target == target.id]
    first_day, last_day = (instant.astimezone(UTC).date() for instant in (span[0], span[1] - _TICK))
    draws = [fact for fact in mine if isinstance(fact, DrawFact)]
    return Matter(
        target=target,
        first=first,
        last=last,
        begin=span[0],
        end=span[1],
        attempts=_attempts(mine, *span),
        again={fact.of: fact for fact in mine if isinstance(fact, LaterReadingFact)},
        draws=[draw for draw in draws if first_day <= draw.day <= last_day],
    )


def _anchors(store: Store, days: Sequence[date]) -> list[AnchorFact]:
    with store.read() as conn:
        held = list(lines.about(conn, "anchor "))
    found = (journal_facts.read(line, where="A time stamp in the journal") for line in held)
    wanted = [fact for fact in found if isinstance(fact, AnchorFact) and fact.seal_day in days]
    return sorted(wanted, key=lambda fact: fact.stamped_at)


def _others(
    store: Store, targets: Sequence[Target], first: date, last: date
) -> dict[str, tuple[Target, Sequence[Count]]]:
    prefectures, mine = {target.prefecture for target in targets}, {target.id for target in targets}
    with store.read() as conn:
        return {
            name: (other, counts.by_day(conn, target=name, since=first, until=last + DAY))
            for name, other in target_versions.current(conn).items()
            if other.prefecture in prefectures and name not in mine
        }
