"""Thinning: what may go, and what a change, a day, an opening or a hold keeps."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.evidence.thinning import Held, thin
from monitor.problems import BadInput
from monitor.settings.evidence import Hold
from monitor.store import Store
from tests.cast.installation import captcha, no_slots, offered, picture
from tests.cast.observations import NOON, target

DAY = timedelta(days=1)
OLD = NOON.date()
LIMIT = OLD + 30 * DAY


@pytest.fixture
def seen(store: Store) -> Store:
    """Two days: four zeros each with its own picture, and an offer at the end of the first."""
    store.record_targets([target()])
    for day in range(2):
        for hour in range(4):
            at = NOON + day * DAY + timedelta(hours=hour)
            store.append_observation(no_slots(target(), at, shot=picture(f"{day} {hour}")))
        if day == 0:
            store.append_observation(offered(target(), NOON + timedelta(hours=6), shot=picture("offer")))
    return store


def pictures(store: Store) -> int:
    return len([path for path in Path(store.media.folder).rglob("*") if path.is_file()])


def test_it_keeps_one_a_day_around_changes_and_offers(seen: Store) -> None:
    assert thin(seen, before=LIMIT).kept == 4
    assert pictures(seen) == 4
    rows = list(seen.observations("vienne-titre"))
    left = [row.at.hour for row in rows if seen.media.load(row.screenshot_sha256 or "")]
    assert left == [12, 15, 18, 12]


def test_every_picture_of_an_opening_stays(store: Store) -> None:
    store.record_targets([target()])
    for hour in range(5):
        at = NOON + timedelta(hours=hour)
        store.append_observation(offered(target(), at, shot=picture(f"offer {hour}")))
    assert thin(store, before=LIMIT).gone == []


def test_a_day_like_the_day_before_keeps_its_first_picture(store: Store) -> None:
    store.record_targets([target()])
    for hour in (0, 1, 2, 24, 25, 26):
        at = NOON + timedelta(hours=hour)
        store.append_observation(no_slots(target(), at, shot=picture(f"{hour}")))
    thin(store, before=LIMIT)
    rows = list(store.observations("vienne-titre"))
    left = [(row.day, row.at.hour) for row in rows if store.media.path(row.screenshot_sha256 or "").exists()]
    assert left == [(OLD, 12), (OLD + DAY, 12)]


def test_the_day_of_the_limit_is_young(seen: Store) -> None:
    thin(seen, before=OLD + DAY)
    rows = list(seen.observations("vienne-titre"))[5:]
    assert all(seen.media.path(row.screenshot_sha256 or "").exists() for row in rows)


def test_a_count_removes_nothing(seen: Store) -> None:
    counted = thin(seen, before=LIMIT, really=False)
    assert (len(counted.gone), pictures(seen)) == (5, 9)
    assert counted.bytes == sum(seen.media.path(sha256).stat().st_size for sha256 in counted.gone)


def test_young_pictures_stay(seen: Store) -> None:
    assert thin(seen, before=OLD).gone == []


@pytest.mark.parametrize(("name", "gone"), [(None, 2), ("vienne-titre", 2), ("isere-titre", 5)])
def test_a_hold_keeps_what_it_covers(seen: Store, name: str | None, gone: int) -> None:
    seen.record_targets([target(), target("isere-titre")])
    seen.append_observation(no_slots(target("isere-titre"), NOON + DAY))
    hold = Hold(first=OLD + DAY, last=OLD + DAY, target=name)
    assert len(thin(seen, before=LIMIT, holds=[hold], really=False).gone) == gone


@pytest.mark.parametrize("really", [True, False])
@pytest.mark.parametrize(
    ("name", "day"), [("mater", OLD), ("vienne-titre", OLD - DAY), (None, OLD + 2 * DAY)]
)
def test_a_hold_that_covers_no_visit_stops_all_thinning(
    seen: Store, name: str | None, day: date, really: bool
) -> None:
    holds = [Hold(first=OLD, last=OLD), Hold(first=day, last=day, target=name)]
    told: list[Held] = []
    with pytest.raises(BadInput, match=r"\[\[evidence.holds\]\] 2, .* covers no visit"):
        thin(seen, before=LIMIT, holds=holds, really=really, tell=told.append)
    assert pictures(seen) == 9
    assert [(one.visits, len(one.pictures)) for one in told] == [(5, 5), (0, 0)]


def test_a_picture_shared_with_a_kept_row_stays(store: Store) -> None:
    store.record_targets([target()])
    for hour in range(3):
        store.append_observation(no_slots(target(), NOON + timedelta(hours=hour), shot=picture("same")))
    assert thin(store, before=LIMIT).gone == []


def test_visits_without_a_picture_are_nothing_to_thin(store: Store) -> None:
    store.record_targets([target()])
    store.append_observation(captcha(target(), NOON))
    assert (thin(store, before=LIMIT).gone, thin(store, before=LIMIT).kept) == ([], 0)


def test_a_second_thinning_finds_nothing(seen: Store) -> None:
    thin(seen, before=LIMIT)
    assert thin(seen, before=LIMIT).gone == []


def test_a_hold_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="last is before first; swap them"):
        Hold(first=date(2026, 2, 1), last=date(2026, 1, 1))


def test_days_are_local(store: Store) -> None:
    reunion = target("reunion-titre", zone="Indian/Reunion", departement="974")
    store.record_targets([reunion])
    evening = datetime(2026, 11, 23, 21, tzinfo=NOON.tzinfo)
    for hour in range(3):
        store.append_observation(no_slots(reunion, evening + timedelta(hours=hour), shot=picture(f"r{hour}")))
    hold = Hold(first=date(2026, 11, 24), last=date(2026, 11, 24))
    assert thin(store, before=LIMIT, holds=[hold]).gone == []
