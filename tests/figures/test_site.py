"""In which hours the site of a target answered, from the visits to all targets of its host."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.figures import loading
from monitor.figures.period import VisitAttempt
from monitor.store import Store
from monitor.store import for_figures as rows
from probes.model import Outcome
from tests.cast.observations import reading, target
from tests.cast.seeding import read_again, seed
from tests.cast.supply import HOUR
from tests.cast.transactions import ask

TARGETS = [target("vienne"), target("reunion", zone="Indian/Reunion", departement="974")]
SILENT, OURS = Outcome.SITE_DOWN, Outcome.PROBE_ERROR
TRIED = {
    "ici": [SILENT, SILENT, Outcome.NO_SLOTS, SILENT, OURS],
    "guichet-voisin": [SILENT, Outcome.CAPTCHA, SILENT, Outcome.OVERLOADED, OURS],
    "ailleurs": [Outcome.NO_SLOTS, SILENT, SILENT, SILENT, SILENT],
    "plus-loin": [SILENT, SILENT, SILENT, SILENT, SILENT],
}


def test_an_hour_is_down_when_no_target_of_the_host_was_answered(store: Store) -> None:
    """And it is left out when two other hosts were silent in it too: then the fault is likelier ours."""
    hosts = {"ailleurs": "http://ailleurs.localhost/", "plus-loin": "http://plus-loin.localhost/"}
    here = "http://ici.localhost/"
    store.record_targets(target(name, url=hosts.get(name, here)) for name in TRIED)
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    for name, outcomes in TRIED.items():
        made = [VisitAttempt(scheduled_at=start + n * HOUR, outcome=o) for n, o in enumerate(outcomes)]
        seed(store, name, made)
    found = loading.site(store, "ici", start.date(), start.date())
    assert (found.hours, found.down, found.excluded) == (3, 1, 1)


@pytest.mark.parametrize(
    ("first", "again", "hours", "down"),
    [
        (Outcome.SITE_DOWN, Outcome.CAPTCHA, 1, 0),
        (Outcome.CAPTCHA, Outcome.OVERLOADED, 1, 1),
        (Outcome.SITE_DOWN, Outcome.PROBE_ERROR, 0, 0),
        (Outcome.PROBE_ERROR, Outcome.CAPTCHA, 1, 0),
    ],
)
def test_a_site_answered_if_its_page_as_read_now_is_an_answer(
    store: Store, first: Outcome, again: Outcome, hours: int, down: int
) -> None:
    store.record_targets(TARGETS)
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    seed(store, "vienne", [VisitAttempt(scheduled_at=at, outcome=first)])
    read_again(store, "vienne", reading(again))
    found = loading.site(store, "vienne", at.date(), at.date())
    assert (found.hours, found.down) == (hours, down)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_silence_of_the_site_is_down(store: Store, outcome: Outcome) -> None:
    store.record_targets(TARGETS)
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    seed(store, "vienne", [VisitAttempt(scheduled_at=at, outcome=outcome)])
    found = loading.site(store, "vienne", at.date(), at.date())
    silent = outcome in (Outcome.SITE_DOWN, Outcome.OVERLOADED)
    assert (found.hours, found.down) == (int(outcome is not Outcome.PROBE_ERROR), int(silent))


def test_one_answer_in_an_hour_is_enough_and_others_are_not_asked_about(store: Store) -> None:
    store.record_targets([*TARGETS, target("ailleurs")])
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    outcomes = [[SILENT, Outcome.CAPTCHA], [Outcome.NO_SLOTS, SILENT], [SILENT, SILENT], [Outcome.CAPTCHA]]
    for name in ("vienne", "ailleurs"):
        made = [
            VisitAttempt(scheduled_at=at + n * HOUR + m * HOUR / 2, outcome=outcome)
            for n, hour in enumerate(outcomes)
            for m, outcome in enumerate(hour)
        ]
        seed(store, name, made)
    day, hours = at.date(), [at + n * HOUR for n in range(4)]
    expected = [("vienne", at + n * HOUR, n != 2) for n in range(4)]
    assert sorted(ask(store, rows.answered, day, day, ["vienne"])) == expected
    for some in ([1], [1, 2], [0, 3]):
        found = ask(store, rows.answered, day, day, ["vienne"], [hours[n] for n in some])
        assert sorted(found) == [expected[n] for n in some]
    assert ask(store, rows.answered, date(2026, 4, 19), date(2026, 4, 19), ["vienne"]) == []


def test_an_hour_in_which_the_site_answered_counts_whatever_the_others_did(store: Store) -> None:
    hosts = ["ici", "un", "deux", "trois"]
    store.record_targets(target(name, url=f"http://{name}.localhost/") for name in hosts)
    at = datetime(2026, 4, 20, 9, tzinfo=UTC)
    for name in hosts:
        outcome = Outcome.CAPTCHA if name == "ici" else SILENT
        seed(store, name, [VisitAttempt(scheduled_at=at, outcome=outcome)])
    found = loading.site(store, "ici", at.date(), at.date())
    assert (found.hours, found.down, found.excluded) == (1, 0, 0)
