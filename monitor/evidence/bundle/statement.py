"""The figures of a matter, computed once for the report and its tables. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.evidence.bundle.gather import Matter
from monitor.evidence.journal.facts import (
    AcceptedLineFact,
    AttemptFact,
    GapFact,
    ObservationFact,
    ReadingFact,
)
from monitor.figures import delays, runs, shares
from monitor.figures.delays import Classes
from monitor.figures.period import Insufficient, Period, VisitAttempt, period_of
from monitor.figures.runs import Drought
from monitor.figures.shares import Bound, Honesty, IsoWeek, Share
from monitor.model import Agreement, GapReason, Origin
from monitor.rules.agreement import agreement
from probes.model import Outcome, Transport

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRow:
    """One attempt as a row of the tables: its record, the reading in force (`said`), and its local time.

    `said` is `None` for a gap. `local` is the instant `at` in the préfecture's time zone.
    """

    fact: AttemptFact
    said: ReadingFact | None
    local: datetime

    @property
    def number(self) -> int:
        """The number (`seq`) of its record in the journal."""
        return self.fact.seq

    @property
    def at(self) -> datetime:
        """The drawn instant, or the start of a visit that was not drawn, in UTC."""
        return self.fact.moment

    @property
    def visit(self) -> ObservationFact | None:
        """The record of a visit; `None` for a gap."""
        return self.fact if isinstance(self.fact, ObservationFact) else None

    @property
    def outcome(self) -> Outcome | None:
        """What the reading in force says; `None` for a gap."""
        return self.said.outcome if self.said else None

    @property
    def reason(self) -> GapReason | None:
        """Why nobody looked; `None` for a visit."""
        return self.fact.reason if isinstance(self.fact, GapFact) else None

    @property
    def read_later(self) -> bool:
        """Whether a later reading is in force."""
        return self.said is not self.visit

    @property
    def scheduled(self) -> bool:
        """Whether its instant was drawn: only those count in shares."""
        return self.visit is None or self.visit.origin is Origin.SCHEDULED

    @property
    def quote(self) -> str:
        """The words of the page that decided."""
        return self.said.quote if self.said else ""

    @property
    def accepted(self) -> Sequence[AcceptedLineFact]:
        """The accepted lines on which the reading in force stands."""
        return self.said.accepted if self.said else ()

    @property
    def shown_at(self) -> datetime:
        """When the last page of the visit was received, in local time; for a gap, its instant."""
        if self.visit is None:
            return self.local
        came = self.visit.steps[-1].finished_at if self.visit.steps else self.visit.started_at
        return came.astimezone(self.local.tzinfo)

    @property
    def address(self) -> str:
        """Where the visit ended."""
        return self.visit.address if self.visit else ""

    @property
    def shot_sha256(self) -> str | None:
        """The address of its picture, which may have been thinned out."""
        return self.visit.shot_sha256 if self.visit else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A matter in figures.

    Local days and ISO weeks of `zero_days` and `zero_weeks` saw at least one zero. `late_draws` are the UTC
    days whose draw was recorded after they had begun.
    """

    matter: Matter
    rows: Sequence[BundleRow]
    honesty: Honesty
    share: Share | Insufficient
    bound: Bound | Insufficient
    classes: Classes | Insufficient
    droughts: Sequence[Drought]
    weeks: Sequence[IsoWeek]
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
    def visits(self) -> list[ObservationFact]:
        """The visits that were made."""
        return [row.visit for row in self.rows if row.visit]

    @property
    def accepted(self) -> Counter[AcceptedLineFact]:
        """The accepted lines on which readings in force stand, with the number of rows of each."""
        return Counter(line for row in self.rows for line in row.accepted)

    @property
    def double_readings(self) -> Counter[Agreement]:
        """The visits in Chromium that were also read as plain HTTP would, by what the two readings say."""
        return Counter(agreement(one, one.over_http) for one in self.visits if one.over_http)

    @property
    def over_http(self) -> int:
        """The visits made over plain HTTP whose reading in force concludes."""
        rows = [row for row in self.rows if row.visit and row.visit.transport is Transport.HTTP]
        return sum(row.outcome is not None and row.outcome.conclusive for row in rows)

    @property
    def simulated(self) -> bool:
        """Whether any row is simulated."""
        return any(row.fact.simulated for row in self.rows)

    @property
    def undrawn_days(self) -> list[date]:
        """The local days of the period without a drawn instant: no visit was planned."""
        return [day for day, counts in self.by_day.items() if not counts]

    @property
    def late_visits(self) -> list[ObservationFact]:
        """The visits recorded later than the day after they ended, because no journal was written then."""
        return [one for one in self.visits if one.recorded_at.date() > one.finished_at.date() + DAY]

    @property
    def worst_offset(self) -> timedelta | None:
        """The largest measured error of our clock; `None` when none was measured."""
        measured = [visit.vantage.clock_offset_ms for visit in self.visits]
        found = [abs(offset) for offset in measured if offset is not None]
        return timedelta(milliseconds=max(found)) if found else None


def state(matter: Matter) -> Statement:
    """The statement of a matter."""
    # Sorted by time: lines written late come in the journal after those of later instants.
    rows = sorted((_row(fact, matter) for fact in matter.attempts), key=lambda row: (row.at, row.number))
    period = _period(matter, rows)
    zeros = sorted({row.local.date() for row in rows if row.scheduled and row.outcome is Outcome.NO_SLOTS})
    return Statement(
        matter=matter,
        rows=rows,
        honesty=shares.honesty(period),
        share=shares.share(period.counts),
        bound=shares.bound(period),
        classes=delays.classes(period),
        droughts=runs.droughts(period),
        weeks=shares.weekly(period, least=1),
        odd_days=_odd_days(matter),
        zero_days=zeros,
        zero_weeks=sorted({f"{day.isocalendar().year}-W{day.isocalendar().week:02}" for day in zeros}),
        by_day=_by_day(rows, matter),
        late_draws=[draw.day for draw in matter.draws if draw.recorded_at.date() >= draw.day],
    )


def _row(fact: AttemptFact, matter: Matter) -> BundleRow:
    said = matter.again.get(fact.seq, fact) if isinstance(fact, ObservationFact) else None
    return BundleRow(fact=fact, said=said, local=fact.moment.astimezone(matter.tz))


def _period(matter: Matter, rows: Sequence[BundleRow]) -> Period:
    intervals = matter.intervals
    return period_of(
        (_attempt(row, intervals) for row in rows),
        target=matter.target.id,
        zone=matter.tz.key,
        interval=matter.interval,
        first=matter.first,
        last=matter.last,
        simulated=any(row.fact.simulated for row in rows),
    )


def _attempt(row: BundleRow, intervals: Mapping[date, timedelta]) -> VisitAttempt:
    said, visit = row.said, row.visit
    return VisitAttempt(
        scheduled_at=row.at,
        outcome=row.outcome,
        gap=row.reason,
        began=visit.started_at if visit else None,
        ended=visit.finished_at if visit else None,
        earliest=said.earliest.at if said and said.earliest else None,
        second=said.second.at if said and said.second else None,
        slots=said.slots if said else None,
        horizon=said.horizon if said else None,
        origin=visit.origin if visit else Origin.SCHEDULED,
        simulated=row.fact.simulated,
        interval=intervals.get(row.at.date()),
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
    """The local days of the period that do not have 24 hours, with their number of hours."""
    found: dict[date, int] = {}
    for n in range((matter.last - matter.first).days + 1):
        day = matter.first + n * DAY
        start, end = (datetime(d.year, d.month, d.day, tzinfo=matter.tz) for d in (day, day + DAY))
        # By timestamps: Python subtracts two datetimes of the same zone as wall-clock times.
        hours = round((end.timestamp() - start.timestamp()) / 3600)
        found |= {day: hours} if hours != 24 else {}
    return found
