"""Everything a bundle is made from: the sealed lines of a period, what was received, what else was watched.

Reads the log and compares it with its seals: a line that is no longer what was sealed stops the bundle.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.evidence.bundle import pieces
from monitor.evidence.bundle.pieces import BundleScope, Pieces
from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal import records
from monitor.evidence.journal.records import sha256_text
from monitor.evidence.journal.seals import Seals
from monitor.problems import BadInput, Problem, nearest
from monitor.store import Count, Store, StoreError
from monitor.store.journal import lines as journal_lines
from monitor.store.record import captures
from probes.model import Capture, Target

Fact = dict[str, Any]
"""A record of the log, read back."""

DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_BATCH = 50


class Broken(StoreError):
    """The log is not what was sealed; the message names the piece. No bundle can be made of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """One target over whole local days, `first` to `last` included: its sealed records of that time.

    `attempts` are observations and gaps in the log's order, `again` later readings by the number of the
    record they read again, `known` the target as the draws of the period describe it, `draws` the drawn UTC
    days, each with the instant at which its draw was recorded, `intervals` what they were drawn in.
    """

    target: Target
    first: date
    last: date
    begin: datetime
    end: datetime
    attempts: Sequence[Fact]
    again: Mapping[int, Fact]
    known: Fact
    draws: Sequence[tuple[date, str]]
    intervals: Mapping[date, timedelta]

    @property
    def tz(self) -> ZoneInfo:
        """The zone of the préfecture."""
        return ZoneInfo(self.known["zone"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """All matters of a bundle, with the sealed files they rest on.

    `lines` and `facts` are the records, `anchors` the stamps of these days' seals, `others` counts of the
    same préfectures' other targets.
    """

    scope: BundleScope
    matters: Sequence[Matter]
    days: Sequence[date]
    day_files: Pieces
    lines: Mapping[int, bytes]
    facts: Sequence[Fact]
    anchors: Sequence[Fact]
    others: Mapping[str, tuple[Target, Sequence[Count]]]


def gather(store: Store, seals: Seals, names: Sequence[str], first: date, last: date) -> Gathered:
    """The matters of `names` over local days. Raises `BadInput` for what cannot be asked, and `Broken`."""
    if last < first:
        raise BadInput(Problem("period", f"ends on {last}, before it begins on {first}; swap them"))
    names = list(dict.fromkeys(names))
    targets = _targets(store, names)
    spans = {target.id: _span(target, first, last) for target in targets}
    begin, end = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    scope = BundleScope(targets=tuple(names), begin=begin, end=end)
    days = _days(store, seals, scope)
    day_files = _day_files(store, seals, (*names, records.JOURNAL), days)
    lines = {
        json.loads(line)["seq"]: line for content in day_files.values() for line in content.splitlines(True)
    }
    facts = [json.loads(line) for _, line in sorted(lines.items())]
    _ended(facts, scope)
    return Gathered(
        scope=scope,
        matters=[_matter(target, spans[target.id], first, last, facts) for target in targets],
        days=days,
        day_files=day_files,
        lines=lines,
        facts=facts,
        anchors=_anchors(store, days),
        others=_others(store, targets, first, last),
    )


def received(store: Store, facts: Iterable[Fact]) -> Iterable[tuple[Fact, Capture]]:
    """What each observation received, checked against its record. Raises `Broken`."""
    seen = [fact for fact in facts if fact["type"] == records.FactKind.OBSERVATION]
    for start in range(0, len(seen), _BATCH):
        part = seen[start : start + _BATCH]
        manifests = {fact["entry"]: store.observation(fact["entry"]).manifest_sha256 for fact in part}
        with store.read() as conn:
            held = {
                entry: captures.load(conn, manifest, store.media) for entry, manifest in manifests.items()
            }
        for fact in part:
            _same(fact, held[fact["entry"]])
            yield fact, held[fact["entry"]]


def _same(fact: Fact, capture: Capture) -> None:
    kept = [(step.body_sha256, step.rendered and sha256_text(step.rendered)) for step in capture.steps]
    said = [(step["body_sha256"], step.get("rendered_sha256")) for step in fact["steps"]]
    if kept != said:
        raise Broken(f"the capture of record {fact['seq']} is not the one that was sealed")


def _targets(store: Store, names: Sequence[str]) -> list[Target]:
    known = {version.target.id: version.target for version in store.targets()}
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
        span = journal_lines.days_about(conn, scope.targets, scope.begin, scope.end)
    if span is None:
        raise BadInput(Problem("period", "holds no record of these targets; see `vigie log`"))
    # Also the days of which nothing was logged: their instants may be; the verifiers want them.
    last = max(span[1], (scope.end - _TICK).astimezone(UTC).date())
    first = min(span[0], max(scope.begin.astimezone(UTC).date(), *seals.days()[:1]))
    try:
        return pieces.sealed_days(seals, first, last)
    except ValueError as error:
        raise BadInput(Problem("period", str(error))) from error


def _ended(facts: Sequence[Fact], scope: BundleScope) -> None:
    """Raise `BadInput` unless each drawn instant of the scope ended, and there is something to show."""
    begin, end = records.instant(scope.begin), records.instant(scope.end)
    mine = [fact for fact in facts if fact["target"] in scope.targets]
    ended = {(fact["target"], moment(fact)) for fact in mine if begin <= moment(fact) < end}
    drawn = {(fact["target"], at) for fact in mine for at in fact.get("instants", ()) if begin <= at < end}
    if not ended:
        raise BadInput(Problem("period", "holds no visit and no gap of these targets; see `vigie log`"))
    if owed := len(drawn - ended):
        words = f"has {owed} drawn instants without a visit or a gap yet: `vigie run` accounts for them"
        raise BadInput(Problem("period", words))


def _day_files(store: Store, seals: Seals, chains: Sequence[str], days: Sequence[date]) -> Pieces:
    found: Pieces = {}
    for day in days:
        sealed = journal_names.read_sums(seals.read(journal_names.seal(day)))
        with store.read() as conn:
            start, end = journal_lines.size_before(conn, day), journal_lines.size_before(conn, day + DAY)
            held = list(journal_lines.lines(conn, start, end))
        for chain in chains:
            name, content = (
                journal_names.day_file(day, chain),
                b"".join(line for of, line in held if of == chain),
            )
            if sealed.get(name, records.digest(b"")) != records.digest(content):
                raise Broken(f"{name} is not what was sealed: restore the database from a backup")
            found |= {f"donnees/{name}": content} if content else {}
    return found


def _matter(
    target: Target, span: tuple[datetime, datetime], first: date, last: date, facts: Sequence[Fact]
) -> Matter:
    begin, end = map(records.instant, span)
    mine = [fact for fact in facts if fact["target"] == target.id]
    first_day, last_day = (str(instant.astimezone(UTC).date()) for instant in (span[0], span[1] - _TICK))
    draws = [fact for fact in mine if first_day <= fact.get("day", "") <= last_day]
    return Matter(
        target=target,
        first=first,
        last=last,
        begin=span[0],
        end=span[1],
        attempts=[fact for fact in mine if begin <= moment(fact) < end],
        again={fact["of"]: fact for fact in mine if fact["type"] == records.FactKind.RECLASSIFICATION},
        known=draws[-1] if draws else records.target_config(target),
        draws=[(date.fromisoformat(draw["day"]), draw["recorded_at"]) for draw in draws],
        intervals={date.fromisoformat(draw["day"]): timedelta(seconds=draw["interval_s"]) for draw in draws},
    )


def moment(fact: Fact) -> str:
    """When an attempt counts: its drawn instant, or the start of a visit nobody drew; empty for the rest."""
    if fact["type"] not in (records.FactKind.OBSERVATION, records.FactKind.GAP):
        return ""
    return str(fact.get("scheduled_at") or fact["started_at"])


def _anchors(store: Store, days: Sequence[date]) -> list[Fact]:
    with store.read() as conn:
        found = [json.loads(line) for line in journal_lines.about(conn, "anchor ")]
    wanted = {day.isoformat() for day in days}
    return sorted((one for one in found if one["seal_day"] in wanted), key=lambda one: str(one["stamped_at"]))


def _others(
    store: Store, targets: Sequence[Target], first: date, last: date
) -> dict[str, tuple[Target, Sequence[Count]]]:
    prefectures, mine = {target.prefecture for target in targets}, {target.id for target in targets}
    others = [version.target for version in store.targets() if version.target.prefecture in prefectures]
    return {
        other.id: (other, store.day_counts(target=other.id, since=first, until=last + DAY))
        for other in others
        if other.id not in mine
    }
