"""What a matter's records say, computed once for the report and its tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.evidence.bundle.gather import Fact, Matter, moment
from monitor.figures import delays, runs, shares
from monitor.figures.delays import Classes
from monitor.figures.period import Attempt, Insufficient, Record, record
from monitor.figures.runs import Drought
from monitor.figures.shares import Bound, Honesty, Share, Week
from monitor.model import GapReason, Origin
from probes.model import Outcome

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRow:
    """One attempt as tables show it: its record's number, instants, the reading in force, the record itself.

    `outcome` is `None` for a gap, which has a `reason`; `reread` tells that a later reading is in force.
    """

    number: int
    at: datetime
    local: datetime
    outcome: Outcome | None
    reason: GapReason | None
    said: Fact
    fact: Fact
    reread: bool

    @property
    def scheduled(self) -> bool:
        """Whether its instant was drawn: only those count in shares."""
        return bool(self.fact.get("origin", Origin.SCHEDULED) == Origin.SCHEDULED)

    @property
    def quote(self) -> str:
        """The words of the page that decided."""
        return str(self.said.get("quote", ""))

    @property
    def took(self) -> timedelta:
        """How long the visit lasted; nothing for a gap."""
        if self.outcome is None:
            return timedelta()
        return _instant(self.fact["finished_at"]) - _instant(self.fact["started_at"])

    @property
    def recorded_late(self) -> bool:
        """Whether its record was written later than the day after it ended (UTC)."""
        ended = str(self.fact["finished_at"])
        recorded = _instant(str(self.fact.get("recorded_at", ended)))
        return recorded.date() > _instant(ended).date() + DAY

    @property
    def shown_at(self) -> datetime:
        """When the page on which the visit ended had come, in local time; a gap's own instant."""
        if self.outcome is None:
            return self.local
        came = _instant(self.fact["started_at"])
        for step in self.fact["steps"][-1:]:
            came = _instant(step["started_at"]) + timedelta(milliseconds=step["ms"])
        return came.astimezone(self.local.tzinfo)

    @property
    def address(self) -> str:
        """Where the visit ended."""
        steps = self.fact.get("steps") or [{}]
        return str(steps[-1].get("final_url") or steps[-1].get("url", ""))


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A matter in figures.

    Local days and ISO weeks of `zero_days` and `zero_weeks` saw at least one zero. `late_draws` are the UTC
    days whose draw was recorded after they had begun.
    """

    matter: Matter
    rows: Sequence[BundleRow]
    record: Record
    honesty: Honesty
    share: Share | Insufficient
    bound: Bound | Insufficient
    classes: Classes | Insufficient
    droughts: Sequence[Drought]
    weeks: Sequence[Week]
    odd_days: Mapping[date, int]
    zero_days: Sequence[date]
    zero_weeks: Sequence[str]
    by_day: Mapping[date, Counter[str]]
    late_draws: Sequence[date]

    @property
    def scheduled(self) -> list[BundleRow]:
        """The rows of drawn instants."""
        return [row for row in self.rows if row.scheduled]

    @property
    def gaps(self) -> Counter[GapReason]:
        """Instants at which nobody looked, by reason."""
        return Counter(row.reason for row in self.rows if row.reason)

    @property
    def visits(self) -> list[BundleRow]:
        """The rows of visits that were made."""
        return [row for row in self.rows if row.outcome]

    @property
    def undrawn_days(self) -> list[date]:
        """The local days of the period without one drawn instant: nobody meant to look."""
        return [day for day, counts in self.by_day.items() if not counts]

    @property
    def late_visits(self) -> list[BundleRow]:
        """The visits recorded later than the day after they ended: nobody kept the log then."""
        return [row for row in self.visits if row.recorded_late]

    @property
    def worst_offset(self) -> timedelta | None:
        """The largest measured error of our clock; `None` when none was measured."""
        measured = [row.fact["vantage"].get("clock_offset_ms") for row in self.visits]
        found = [abs(offset) for offset in measured if offset is not None]
        return timedelta(milliseconds=max(found)) if found else None

    def used(self, *path: str) -> list[str]:
        """Every value that the visits have under `path` in their records, each once."""
        found = {_at(row.fact, path) for row in self.visits}
        return sorted(value for value in found if value)


def state(matter: Matter) -> Statement:
    """The statement of a matter."""
    # What was logged late stands in the log behind what came after it.
    rows = sorted((_row(fact, matter) for fact in matter.attempts), key=lambda row: (row.at, row.number))
    attempts = _record(matter, rows)
    zeros = sorted({row.local.date() for row in rows if row.scheduled and row.outcome is Outcome.NO_SLOTS})
    return Statement(
        matter=matter,
        rows=rows,
        record=attempts,
        honesty=shares.honesty(attempts),
        share=shares.share(attempts.counts),
        bound=shares.bound(attempts),
        classes=delays.classes(attempts),
        droughts=runs.droughts(attempts),
        weeks=shares.weekly(attempts, least=1),
        odd_days=_odd_days(matter),
        zero_days=zeros,
        zero_weeks=sorted({f"{day.isocalendar().year}-W{day.isocalendar().week:02}" for day in zeros}),
        by_day=_by_day(rows, matter),
        late_draws=[day for day, recorded_at in matter.draws if recorded_at[:10] >= day.isoformat()],
    )


def _row(fact: Fact, matter: Matter) -> BundleRow:
    said = matter.again.get(fact["seq"], fact)
    at = _instant(moment(fact))
    return BundleRow(
        number=fact["seq"],
        at=at,
        local=at.astimezone(matter.tz),
        outcome=Outcome(said["outcome"]) if "outcome" in said else None,
        reason=GapReason(fact["reason"]) if "reason" in fact else None,
        said=said,
        fact=fact,
        reread=said is not fact,
    )


def _record(matter: Matter, rows: Sequence[BundleRow]) -> Record:
    simulated = any(row.fact["simulated"] for row in rows)
    draws = matter.known.get("interval_s", 3600)
    return record(
        (_attempt(row, matter.intervals) for row in rows),
        target=matter.target.id,
        zone=matter.tz.key,
        interval=timedelta(seconds=draws),
        first=matter.first,
        last=matter.last,
        simulated=simulated,
    )


def _attempt(row: BundleRow, intervals: Mapping[date, timedelta]) -> Attempt:
    said, fact = row.said, row.fact
    return Attempt(
        scheduled_at=row.at,
        outcome=row.outcome,
        gap=row.reason,
        began=_instant(fact["started_at"]) if row.outcome else None,
        ended=_instant(fact["finished_at"]) if row.outcome else None,
        earliest=_instant(said["earliest"]["at"]) if "earliest" in said else None,
        second=_instant(said["second"]["at"]) if "second" in said else None,
        slots=said.get("slots"),
        horizon=date.fromisoformat(said["horizon"]) if "horizon" in said else None,
        origin=Origin(fact.get("origin", Origin.SCHEDULED)),
        simulated=fact["simulated"],
        interval=intervals.get(row.at.astimezone(UTC).date()),
    )


def _by_day(rows: Sequence[BundleRow], matter: Matter) -> dict[date, Counter[str]]:
    """What became of each local day's instants: `zero`, `slots`, `other`, `gap`."""
    days = [matter.first + n * DAY for n in range((matter.last - matter.first).days + 1)]
    counts: dict[date, Counter[str]] = {day: Counter() for day in days}
    kinds = {Outcome.NO_SLOTS: "zero", Outcome.SLOTS_OFFERED: "slots", None: "gap"}
    for row in rows:
        if row.scheduled:
            counts[row.local.date()][kinds.get(row.outcome, "other")] += 1
    return counts


def _odd_days(matter: Matter) -> dict[date, int]:
    """The days of the period that have not 24 hours."""
    found: dict[date, int] = {}
    for n in range((matter.last - matter.first).days + 1):
        day = matter.first + n * DAY
        start, end = (datetime(d.year, d.month, d.day, tzinfo=matter.tz) for d in (day, day + DAY))
        # Through UTC: between two instants of one zone Python subtracts what clocks show.
        hours = round((end.timestamp() - start.timestamp()) / 3600)
        found |= {day: hours} if hours != 24 else {}
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _at(fact: Fact, path: Sequence[str]) -> str:
    value: Any = fact
    for name in path:
        value = value.get(name, {}) if isinstance(value, dict) else {}
    return value if isinstance(value, str) else ""
