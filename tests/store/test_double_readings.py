"""Double readings as they are kept: counted, and in doubt until a person resumes; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import SQLAlchemyError

from monitor.model import Agreement
from monitor.store import Store, StoreError
from monitor.store.review import double_readings
from monitor.store.review.double_readings import Resumption
from monitor.store.tables.review import double_readings as table
from probes.model import Outcome, Reading, Transport
from tests.cast.observations import HOUR, NOON, observation, reading, target
from tests.cast.transactions import ask, tell

ZERO, SLOTS = reading(Outcome.NO_SLOTS), reading(Outcome.SLOTS_OFFERED)
UNKNOWN = Reading(outcome=Outcome.UNRECOGNISED, rule="unread_parts")


def read_twice(
    store: Store,
    hour: int,
    second: Reading,
    outcome: Outcome = Outcome.NO_SLOTS,
    name: str = "vienne-titre",
    platform: str = "classic",
) -> int:
    """Record a visit in Chromium of that outcome, which plain HTTP would have read as `second`."""
    return store.append_observation(
        observation(
            NOON + hour * HOUR,
            outcome,
            name,
            transport=Transport.BROWSER,
            platform=platform,
            over_http=second,
        )
    )


@pytest.fixture
def known(store: Store) -> Store:
    store.record_targets([target(), target("ain")])
    return store


def resume(store: Store, number: int, platform: str = "classic") -> Resumption:
    made = Resumption(
        platform=platform, observation=number, reason="a banner", author="Ada", at=NOON + 30 * HOUR
    )
    tell(store, double_readings.resume, made)
    return made


def test_the_second_reading_is_kept_beside_the_visit(known: Store) -> None:
    number = read_twice(known, 0, UNKNOWN)
    assert ask(known, double_readings.over_http, number) == UNKNOWN
    alone = known.append_observation(observation(NOON + HOUR))
    assert ask(known, double_readings.over_http, alone) is None


def test_they_are_counted_by_platform_and_by_target_and_day(known: Store) -> None:
    read_twice(known, 0, ZERO)
    read_twice(known, 1, UNKNOWN)
    read_twice(known, 24, ZERO)
    read_twice(known, 2, SLOTS, name="ain", platform="orion")
    assert ask(known, double_readings.counts) == {
        "classic": {Agreement.ALIKE: 2, Agreement.NOT_COMPARABLE: 1},
        "orion": {Agreement.OTHERWISE: 1},
    }
    day = NOON.date()
    assert ask(known, double_readings.counts_of, "vienne-titre", day, day) == {
        Agreement.ALIKE: 1,
        Agreement.NOT_COMPARABLE: 1,
    }
    assert ask(known, double_readings.counts_of, "ain", day + timedelta(days=1), day) == {}


def test_only_a_disagreement_puts_its_platform_in_doubt(known: Store) -> None:
    read_twice(known, 0, ZERO)
    read_twice(known, 1, UNKNOWN, name="ain")
    assert ask(known, double_readings.in_doubt) == frozenset()
    number = read_twice(known, 2, SLOTS)
    assert ask(known, double_readings.in_doubt) == {"classic"}
    (found,) = ask(known, double_readings.disagreements)
    assert (found.observation, found.target, found.at) == (number, "vienne-titre", NOON + 2 * HOUR)
    assert (found.platform, found.over_http.outcome) == ("classic", Outcome.SLOTS_OFFERED)


@pytest.mark.parametrize("other_first", [False, True])
def test_whoever_looked_ends_the_doubt_of_that_platform_alone(known: Store, *, other_first: bool) -> None:
    def doubted() -> int:
        return read_twice(known, 1, ZERO, Outcome.SLOTS_OFFERED, name="ain", platform="orion")

    if other_first:
        doubted()
    number = read_twice(known, 0, SLOTS)
    if not other_first:
        doubted()
    made = resume(known, number)
    assert ask(known, double_readings.in_doubt) == {"orion"}
    assert ask(known, double_readings.resumed) == [made]


def test_a_disagreement_after_the_look_is_a_new_doubt(known: Store) -> None:
    first = read_twice(known, 0, SLOTS)
    second = read_twice(known, 1, SLOTS)
    resume(known, first)
    assert [one.observation for one in ask(known, double_readings.disagreements)] == [second]
    resume(known, second)
    assert ask(known, double_readings.in_doubt) == frozenset()
    read_twice(known, 2, SLOTS, name="ain")
    assert ask(known, double_readings.in_doubt) == {"classic"}


def test_no_double_reading_can_be_changed(known: Store) -> None:
    number = read_twice(known, 0, SLOTS)
    with pytest.raises((StoreError, SQLAlchemyError), match="append-only"), known.write() as conn:
        conn.execute(table.update().where(table.c.observation_id == number).values(agreement="read_alike"))
    assert ask(known, double_readings.in_doubt) == {"classic"}
