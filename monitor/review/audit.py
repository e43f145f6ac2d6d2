"""Blind audit: observations drawn at random, a person's verdicts, and the error rates they bear out.

Whoever judges is shown what a visit received and never how it was read; nobody's name is kept.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scipy.stats import binomtest

from monitor.store import Store
from monitor.store.record import entries, target_versions
from monitor.store.review import verdicts
from monitor.store.review.verdicts import Judgement, Result
from probes.model import Capture, Outcome, Target
from probes.pages.page import parse

CONFIDENCE = 0.95
SHARES = {Outcome.NO_SLOTS: 0.5, Outcome.SLOTS_OFFERED: 0.3}
"""Of a sample, by outcome; the inconclusive ones have the rest. What one kind lacks, the others make up."""
RATES = {"false_zero": Outcome.NO_SLOTS, "false_slots": Outcome.SLOTS_OFFERED}
"""The two errors that are counted, by the outcome that was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """What a person is shown: the page asked for, when it was seen, its picture, the text of every page."""

    observation: int
    target: Target
    at: datetime
    picture: Path
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """`errors` among `n` readings of one kind; `upper`: exact one-sided bound at 95 %, `None` when n is 0."""

    errors: int
    n: int
    upper: float | None


def sample(
    store: Store,
    n: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    simulated: bool = False,
    seed: int | None = None,
) -> list[int]:
    """`n` observations that have a picture and no verdict yet, or all there are, in random order."""
    chance = random.Random(seed)
    with store.read() as conn:
        found = verdicts.unjudged(conn, since=since, until=until, simulated=simulated)
        # Pictures are thinned out in time: only those still there can be shown.
        shown = ((number, outcome) for number, outcome, pic in found if store.media.path(pic).exists())
        drawn = _allotted(_reservoirs(shown, n, chance), n)
    chance.shuffle(drawn)
    return drawn


def exhibit(store: Store, number: int) -> Exhibit:
    """What a person is shown of observation `number`. Raises `StoreError` for what is lost or damaged."""
    with store.read() as conn:
        row = entries.observation(conn, number)
        target = target_versions.of(conn, row.target_version_id)
    capture = store.load_capture(number)
    return Exhibit(
        observation=number,
        target=target,
        at=row.started_at,
        picture=store.media.path(row.screenshot_sha256 or ""),
        texts=tuple(_texts(capture)),
    )


def rate(judgements: Iterable[Judgement], outcome: Outcome) -> Rate:
    """How often readings of `outcome` were found wrong, and how often at most they are (Clopper–Pearson)."""
    counted: Counter[Result] = Counter()
    for one in judgements:
        if one.outcome is outcome and one.result is not Result.UNDECIDED:
            counted[one.result] += one.n
    n = counted.total()
    errors = n - counted[Result.AGREED]
    return Rate(errors=errors, n=n, upper=upper(errors, n) if n else None)


def upper(errors: int, n: int) -> float:
    """The largest rate that leaves `errors` or fewer among `n` a chance of 5 %."""
    interval = binomtest(errors, n, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(interval.high)


def _reservoirs(
    found: Iterator[tuple[int, Outcome]], size: int, chance: random.Random
) -> Mapping[Outcome | None, list[int]]:
    """`size` of each kind at random, in one pass and constant memory; `None` is all that is inconclusive."""
    pots: defaultdict[Outcome | None, list[int]] = defaultdict(list)
    seen: Counter[Outcome | None] = Counter()
    for number, outcome in found:
        kind = outcome if outcome in SHARES else None
        pot, place = pots[kind], chance.randrange(seen[kind] + 1)
        seen[kind] += 1
        if len(pot) < size:
            pot.insert(place, number)
        elif place < size:
            pot[place] = number
    return pots


def _allotted(kept: Mapping[Outcome | None, list[int]], n: int) -> list[int]:
    """`n` of them by the shares; what a kind lacks is made up from the others in turn."""
    wanted: dict[Outcome | None, int] = {kind: round(n * part) for kind, part in SHARES.items()}
    wanted[None] = n - sum(wanted.values())
    drawn = [number for kind, some in wanted.items() for number in kept.get(kind, [])[:some]]
    rest = [number for kind, some in wanted.items() for number in kept.get(kind, [])[some:]]
    return [*drawn, *rest[: n - len(drawn)]]


def _texts(capture: Capture) -> Iterator[str]:
    for step in capture.steps:
        if step.body or step.rendered:
            page = parse(step)
            yield f"{page.title} — {page.text}" if page.title else page.text
