"""Everything a bundle is made from: the sealed lines of a period, what was received, what else was watched.

Reads the log and compares it with its seals: a line that is no longer what was sealed stops the bundle.
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
"""What is printed of a period of which the journal holds no draw."""
_TICK = timedelta(microseconds=1)
_BATCH = 50


class BrokenRecord(StoreError):
    """The log is not what was sealed; the message names the piece. No bundle can be made of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """One target over whole local days, `first` to `last` included: its sealed records of that time.

    `attempts` are in the log's order, as are `draws`, those of the UTC days in which the local days lie.
    `again` are later readings by the number of the record they read again.
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
        """The target as the last draw of the period describes it; without any, as its newest version does."""
        return self.draws[-1].described if self.draws else records.scrubbed(self.target)

    @property
    def tz(self) -> ZoneInfo:
        """The zone of the préfecture."""
        return self.known.tz

    @property
    def interval(self) -> timedelta:
        """What the last instants of the period were drawn in."""
        return self.draws[-1].interval if self.draws else _USUAL_INTERVAL

    @property
    def intervals(self) -> dict[date, timedelta]:
        """What the instants of each drawn UTC day were drawn in."""
        return {draw.day: draw.interval for draw in self.draws}


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleMaterial:
    """All matters of a bundle, with the sealed files they rest on.

    `facts` are their records, `anchors` the stamps of these days' seals, `others` counts of the same
    préfectures' other targets.
    """

    scope: BundleScope
    matters: Sequence[Matter]
    days: Sequence[date]
    day_files: Pieces
    facts: Sequence[JournalFact]
    anchors: Sequence[AnchorFact]
    others: Mapping[str, tuple[Target, Sequence[Count]]]


def gather(store: Store, seals: Seals, names: Sequence[str], first: date, last: date) -> BundleMaterial:
    """The matters of `names` over local days.

    Raises `BadInput` for what cannot be asked, `BrokenRecord`, and `UnreadableLine`.
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
    """What each observation received, checked against its record. Raises `BrokenRecord`."""
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
    if kept != said:
        raise BrokenRecord(f"the capture of record {fact.seq} is not the one that was sealed")


def _targets(store: Store, names: Sequence[str]) -> list[Target]:
    with store.read() as conn:
        known = target_versions.current(conn)
    for name in names:
        if name not in known:
            raise BadInput(Problem(f'target "{name}"', f"is not in the record; {nearest(name, known)}"))
    return [known[name] for name in names]


def _span(target: Target, first: date, last: date) -> tuple[datetime, datetime]:
    """The instants at which local days begin and end: 23, 24 or 25 hours each."""
    return (
        datetime.combine(first, time.min, target.tz),
        datetime.combine(last + DAY, time.min, target.tz),
    )


def _days(store: Store, seals: Seals, scope: BundleScope) -> list[date]:
    with store.read() as conn:
        span = lines.days_about(conn, scope.targets, scope.begin, scope.end)
    if span is None:
        raise BadInput(Problem("period", "holds no record of these targets; see `vigie log`"))
    # Also the days of which nothing was logged: their instants may be; the verifiers want them.
    last = max(span[1], (scope.end - _TICK).astimezone(UTC).date())
    first = min(span[0], max(scope.begin.astimezone(UTC).date(), *seals.days()[:1]))
    try:
        return pieces.sealed_days(seals, first, last)
    except ValueError as error:
        raise BadInput(Problem("period", str(error))) from error


def _ended(facts: Sequence[JournalFact], scope: BundleScope) -> None:
    """Raise `BadInput` unless each drawn instant of the scope ended, and there is something to show."""
    mine = [fact for fact in facts if fact.target in scope.targets]
    ended = {(fact.target, fact.moment) for fact in _attempts(mine, scope.begin, scope.end)}
    drawn = {(fact.target, at) for fact in mine if isinstance(fact, DrawFact) for at in fact.instants}
    if not ended:
        raise BadInput(Problem("period", "holds no visit and no gap of these targets; see `vigie log`"))
    if owed := sum(scope.begin <= at < scope.end for _, at in drawn - ended):
        words = f"has {owed} drawn instants without a visit or a gap yet: `vigie run` accounts for them"
        raise BadInput(Problem("period", words))


def _attempts(facts: Iterable[JournalFact], begin: datetime, end: datetime) -> list[AttemptFact]:
    """The attempts that count within a time, `end` excluded."""
    return [fact for fact in facts if isinstance(fact, AttemptFact) and begin <= fact.moment < end]


def _day_files(store: Store, seals: Seals, chains: Sequence[str], days: Sequence[date]) -> Pieces:
    found: Pieces = {}
    for day in days:
        sealed = journal_names.read_sums(seals.read(journal_names.seal(day)))
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
