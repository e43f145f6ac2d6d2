"""Prometheus metrics of what is added after a visit: quarantine, audit, controls, suspicions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor.model import Agreement, Corroboration
from monitor.store import Transaction
from monitor.store.review import controls, double_readings, quarantine, suspicions, verdicts
from monitor.store.review.verdicts import Result

STALE_AFTER = 3


@dataclass(frozen=True, kw_only=True)
class ReviewFigures:
    """The values of one scrape. `words`: what the control last said, of targets where that is recent."""

    pages: int
    judged: Mapping[Result, int]
    words: Mapping[str, Corroboration]
    suspected: Mapping[str, datetime]
    doubles: Mapping[str, Mapping[Agreement, int]]
    in_doubt: Collection[str]

    @classmethod
    def read(cls, conn: Transaction, intervals: Mapping[str, timedelta], now: datetime) -> ReviewFigures:
        """Read all values from the store. `intervals` are those of the watched targets, `now` is UTC."""
        judged: Counter[Result] = Counter()
        for one in verdicts.judgements(conn):
            judged[one.result] += one.n
        words = {
            name: word
            for name, (word, at) in controls.latest(conn).items()
            if name in intervals and now - at <= STALE_AFTER * intervals[name]
        }
        return cls(
            pages=quarantine.count_waiting(conn),
            judged=judged,
            words=words,
            suspected=suspicions.last_raised(conn),
            doubles=double_readings.counts(conn),
            in_doubt=double_readings.in_doubt(conn),
        )


def reviews(reviewed: ReviewFigures) -> Iterator[Metric]:
    """All metrics of `reviewed`. Each result of the audit has a series, which starts at 0."""
    yield GaugeMetricFamily(
        "vigie_quarantine_pages", "Unrecognised pages nobody has made a case of.", value=reviewed.pages
    )
    samples = CounterMetricFamily(
        "vigie_audit_samples", "Observations judged blind by a person, by result.", labels=["result"]
    )
    for result in Result:
        samples.add_metric([result.value], reviewed.judged.get(result, 0))
    words = GaugeMetricFamily(
        "vigie_target_corroboration",
        "What the control said of the last zero or error compared: 1 for it, else 0.",
        labels=["target", "corroboration"],
    )
    for target, said in reviewed.words.items():
        for word in Corroboration:
            words.add_metric([target, word.value], float(word is said))
    suspected = GaugeMetricFamily(
        "vigie_soft_block_suspected_timestamp_seconds",
        "When zeros of the host were last suspected to be an answer to robots alone.",
        labels=["host"],
    )
    for host, at in reviewed.suspected.items():
        suspected.add_metric([host], at.timestamp())
    yield from (samples, words, suspected, *_doubles(reviewed))


def _doubles(reviewed: ReviewFigures) -> Iterator[Metric]:
    """Double readings. A platform without any has no series: nothing is known of it."""
    made = CounterMetricFamily(
        "vigie_double_readings",
        "Visits in Chromium that were also read as plain HTTP would, by what the two readings say.",
        labels=["platform", "agreement"],
    )
    doubt = GaugeMetricFamily(
        "vigie_http_in_doubt",
        "Whether nothing is concluded over HTTP until somebody has looked at a disagreement: 1 for yes.",
        labels=["platform"],
    )
    for platform, counts in sorted(reviewed.doubles.items()):
        doubt.add_metric([platform], float(platform in reviewed.in_doubt))
        for agreement in Agreement:
            made.add_metric([platform, agreement.value], counts.get(agreement, 0))
    yield from (made, doubt)
