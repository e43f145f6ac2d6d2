"""The service keeps its promise: every drawn instant ends as exactly one observation or one gap."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import GapReason, Observation
from monitor.store import Store
from monitor.store.record import draws
from monitor.store.review import quarantine
from monitor.targets.catalogue import CatalogueEntry
from monitor.watch.observe import REFUSALS
from monitor.watch.service import Service
from probes.model import Outcome
from tests.cast.transactions import ask
from tests.service.one_page import OnePage, Site, entry, run, service

pytestmark = pytest.mark.slow

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def drawn(store: Store, until: datetime) -> Counter[tuple[str, datetime]]:
    """Every committed instant before `until`."""
    days = [until.date() - DAY, until.date()]
    return Counter(
        (draw.target, instant)
        for day in days
        for draw in ask(store, draws.of_day, day)
        for instant in draw.instants
        if instant < until
    )


def entered(store: Store, until: datetime) -> Counter[tuple[str, datetime]]:
    """Every instant before `until` that has its entry."""
    return Counter((row.target, row.scheduled_at) for row in store.entries(until=until) if row.scheduled_at)


def reasons(store: Store) -> Counter[GapReason]:
    return Counter(row.reason for row in store.gaps())


def rows(store: Store) -> int:
    return len(list(store.entries()))


def closed(store: Store, watched: Service) -> datetime:
    """Account for what the sweep would have found, up to the last entry; that moment."""
    until = max(row.at for row in store.entries()) + SECOND / 2
    watched.timetable.close(until, lambda _: GapReason.MISFIRE)
    return until


def test_it_observes_every_drawn_instant(store: Store) -> None:
    site = Site()
    watched = service(store, [entry("a"), entry("b")], site)
    run(lambda: rows(store) >= 4, watched)
    until = closed(store, watched)
    assert entered(store, until) == drawn(store, until)
    assert site.asked >= 4
    assert all(row.reading.outcome is Outcome.NO_SLOTS for row in store.observations())


def test_an_unknown_page_goes_to_quarantine_with_its_row(store: Store) -> None:
    run(
        lambda: rows(store) >= 1,
        service(store, [entry("a")], Site(), platform=OnePage(told=b"something new")),
    )
    (group,) = ask(store, quarantine.groups)
    seen = [row.id for row in store.observations()]
    assert (group.count, group.newest) == (len(seen), seen[-1])


def test_its_rows_say_that_a_page_on_this_machine_is_simulated(store: Store) -> None:
    run(lambda: rows(store) >= 1, service(store, [entry("a")], Site()))
    assert all(row.simulated for row in store.entries())


def test_a_visit_still_running_makes_the_next_instants_overlap(store: Store) -> None:
    run(lambda: reasons(store)[GapReason.OVERLAP] >= 1, service(store, [entry("a")], Site(delay=60)))


def test_a_visit_cut_by_shutdown_is_a_gap_and_leaves_no_half_row(store: Store) -> None:
    site = Site(delay=60)
    run(lambda: site.asked == 1, service(store, [entry("a", timedelta(seconds=5))], site))
    assert list(store.observations()) == []
    assert reasons(store)[GapReason.SHUTDOWN] == 1


def test_a_host_that_never_becomes_free_makes_gaps(store: Store) -> None:
    both = [entry("a"), entry("b")]
    same_host = [both[0], _on_the_host_of(both[1], both[0])]
    watched = service(store, same_host, Site(delay=60), grace=SECOND / 2, wait=SECOND / 2)
    run(lambda: reasons(store)[GapReason.HOST_BUSY] >= 1, watched)


def test_instants_gone_by_while_down_become_gaps_and_are_never_visited(store: Store) -> None:
    half_hourly = entry("a", timedelta(minutes=30))
    yesterday = datetime.now(UTC).date() - DAY
    service(store, [half_hourly], Site()).timetable.commit(yesterday)
    site = Site()
    run(lambda: reasons(store)[GapReason.DOWNTIME] >= 48, service(store, [half_hourly], site))
    assert site.asked <= 1


def test_days_that_nobody_drew_are_drawn_late_and_become_gaps(store: Store) -> None:
    hourly = entry("a", timedelta(hours=1))
    today = datetime.now(UTC).date()
    service(store, [hourly], Site()).timetable.commit(today - 3 * DAY)
    run(lambda: rows(store) >= 3 * 24, service(store, [hourly], Site()))
    days = Counter(row.scheduled_at.date() for row in store.gaps())
    assert [days[today - n * DAY] for n in (4, 3, 2, 1)] == [0, 24, 24, 24]


def test_the_draw_of_tomorrow_is_in_the_record_today(store: Store) -> None:
    tomorrow = datetime.now(UTC).date() + DAY
    run(
        lambda: bool(ask(store, draws.of_day, tomorrow)),
        service(store, [entry("a", timedelta(hours=1))], Site()),
    )
    (committed,) = ask(store, draws.of_day, tomorrow)
    assert len(committed.instants) == 24
    assert committed.drawn_at < committed.instants[0]


def test_instants_of_a_withdrawn_target_say_so(store: Store) -> None:
    yesterday = datetime.now(UTC).date() - DAY
    service(store, [entry("gone", timedelta(hours=1))], Site()).timetable.commit(yesterday)
    run(lambda: reasons(store)[GapReason.WITHDRAWN] == 24, service(store, [entry("a")], Site()))


def test_a_mistake_in_a_walk_is_an_observation_that_names_us(store: Store) -> None:
    run(lambda: rows(store) >= 1, service(store, [entry("a")], Site(), platform=OnePage(broken=True)))
    (outcome,) = {row.reading.outcome for row in store.observations()}
    assert outcome is Outcome.PROBE_ERROR


def test_two_services_on_one_record_double_nothing(store: Store) -> None:
    first, second = (service(store, [entry("a")], Site()) for _ in range(2))
    run(lambda: rows(store) >= 3, first, second)
    until = closed(store, first)
    assert entered(store, until) == drawn(store, until)


def test_what_was_seen_is_told_once_it_is_recorded(store: Store) -> None:
    told: list[Observation] = []
    watched = service(store, [entry("a")], Site(), seen=told.append)
    run(lambda: len(told) >= 2, watched)
    assert len(told) == len(list(store.observations()))


def _on_the_host_of(one: CatalogueEntry, other: CatalogueEntry) -> CatalogueEntry:
    return replace(one, target=replace(one.target, url=other.target.url))


def test_a_site_that_is_down_is_left_alone_like_one_that_refuses() -> None:
    assert {Outcome.BLOCKED, Outcome.RATE_LIMITED, Outcome.OVERLOADED, Outcome.SITE_DOWN} == REFUSALS
