"""Blind audit: observations drawn at random, a person's verdicts, and the error rates that follow.

The person is shown the captured pages and never their reading. The person's name is not stored.
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
"""The share of each outcome in a sample; inconclusive ones get the rest.

When there are too few of one kind, the sample is filled up with the others.
"""
RATES = {"false_zero": Outcome.NO_SLOTS, "false_slots": Outcome.SLOTS_OFFERED}
"""The two errors that are counted, by the outcome that was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """What a person is shown to judge: target, time of the visit (UTC), picture, text of every page."""

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
    """The numbers of `n` random observations that have a picture and no verdict yet, in random order.

    Fewer when there are not so many. The same `seed` draws the same ones.
    """
    chance = random.Random(seed)
    with store.read() as conn:
        found = verdicts.unjudged(conn, since=since, until=until, simulated=simulated)
        # Old pictures are deleted: only those still there can be shown.
        shown = ((number, outcome) for number, outcome, pic in found if store.media.path(pic).exists())
        drawn = _allotted(_reservoirs(shown, n, chance), n)
    chance.shuffle(drawn)
    return drawn


def exhibit(store: Store, number: int) -> Exhibit:
    """What a person is shown of observation `number`. Raises `StoreError` when its capture is damaged."""
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
    """How often readings of `outcome` were wrong, with the upper bound of their rate (Clopper–Pearson).

    Verdicts `undecided` are left out.
    """
    counted: Counter[Result] = Counter()
    for one in judgements:
        if one.outcome is outcome and one.result is not Result.UNDECIDED:
            counted[one.result] += one.n
    n = counted.total()
    errors = n - counted[Result.AGREED]
    return Rate(errors=errors, n=n, upper=upper(errors, n) if n else None)


def upper(errors: int, n: int) -> float:
    """The upper bound: the error rate at which `errors` or fewer among `n` have a chance of just 5 %."""
    interval = binomtest(errors, n, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(interval.high)


def _reservoirs(
    found: Iterator[tuple[int, Outcome]], size: int, chance: random.Random
) -> Mapping[Outcome | None, list[int]]:
    """`size` of each kind at random, in one pass with constant memory. The kind `None`: inconclusive."""
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
    """`n` numbers in the proportions of `SHARES`, filled up from the other kinds where one has too few."""
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
