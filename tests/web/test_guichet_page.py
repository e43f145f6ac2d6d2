"""The rows of a guichet over HTTP: whole local days, nothing under embargo, nothing hostile run."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from monitor.alerts.write import links
from monitor.clock import SimulatedClock
from monitor.model import Change, GapReason, Phase, Transition
from monitor.store import LaterReading, Store
from monitor.store.review import later_readings
from monitor.web.listing import listing
from monitor.web.routes import HEADERS, MOST_ROWS
from probes.model import Outcome, Slot
from tests.cast.observations import HOUR, NOON, gap, observation, reading, target
from tests.cast.transactions import tell
from tests.web.asking import HOSTILE, Get, application, asking, words

DAY = timedelta(days=1)
PAGE = "/guichets/vienne-titre"


@pytest.fixture
def known(store: Store) -> Store:
    store.record_targets([target(), target("reunion", zone="Indian/Reunion", departement="974")])
    return store


@pytest.fixture
def get(known: Store) -> Get:
    return asking(application(known, SimulatedClock(NOON + 3 * DAY)))


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r'href="/releves/(\d+)"', text)]


def test_rows_are_listed_newest_first_with_what_they_established(known: Store, get: Get) -> None:
    first = known.append_observation(observation(NOON))
    slots = reading(Outcome.SLOTS_OFFERED, earliest=Slot(starts_at=NOON + 30 * DAY))
    second = known.append_observation(observation(NOON + HOUR, reading=slots))
    third = known.append_gap(gap(NOON + 2 * HOUR, GapReason.DOWNTIME))
    other = known.append_observation(observation(NOON, name="reunion"))
    answer = get(PAGE)
    told = words(answer)
    assert (answer.status_code, numbers(told)) == (200, [third, second, first])
    assert other not in numbers(told)
    for expected in (
        "Vienne (86), titre de séjour",
        "zéro créneau : tous les créneaux sont pris", "lundi 23/11/2026 13:00:00 (UTC+1)",
        "créneaux proposés", "mercredi 23/12/2026 à 13:00",
        "personne n'a regardé : service à l'arrêt",
        "Plateforme classic non prouvée : son lecteur n'a encore lu aucune page enregistrée du site réel.",
    ):  # fmt: skip
        assert expected in told
    assert "vigie bundle" not in told
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_nothing_under_embargo_is_listed_whatever_is_asked(known: Store, get: Get) -> None:
    shown = known.append_observation(observation(NOON + 2 * DAY - timedelta(seconds=1)))
    known.append_observation(observation(NOON + 2 * DAY + timedelta(seconds=1)))
    assert numbers(get(PAGE).text) == numbers(get(f"{PAGE}?du=2026-11-20&au=2026-12-31").text) == [shown]


def test_a_period_is_of_whole_local_days_and_names_the_command_of_its_bundle(known: Store, get: Get) -> None:
    """La Réunion is four hours east of Greenwich: its 23 November begins at 20:00 UTC on the 22nd."""
    midnight = NOON.replace(hour=20) - DAY
    rows = [
        known.append_observation(observation(midnight + offset, name="reunion"))
        for offset in (-timedelta(seconds=1), timedelta(), DAY - timedelta(seconds=1), DAY)
    ]
    told = words(get("/guichets/reunion?du=2026-11-23&au=2026-11-23"))
    assert numbers(told) == [rows[2], rows[1]]
    assert "Relevés du 23/11/2026 au 23/11/2026" in told
    made = "vigie bundle --target reunion --from 2026-11-23 --to 2026-11-23 --out pieces-reunion.zip"
    assert made in told
    assert numbers(get("/guichets/reunion?du=2026-11-24").text) == [rows[3]]


def test_only_the_latest_rows_are_listed(known: Store, get: Get) -> None:
    rows = [known.append_observation(observation(NOON - n * HOUR)) for n in range(MOST_ROWS + 2)]
    told = get(PAGE)
    assert numbers(told.text) == rows[:MOST_ROWS]
    assert "Seuls les plus récents" in words(told)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/guichets/inconnu", "ne connaît pas ce guichet"),
        (f"{PAGE}?du=hier", "« hier » n'est pas un jour"),
        (f"{PAGE}?au=2026-02-30", "n'est pas un jour"),
        (f"{PAGE}?au=9999-12-31", "n'est pas un jour"),
        (f"{PAGE}?du=0001-01-01", "n'est pas un jour"),
        (f"{PAGE}?du=<script>", "« <script> » n'est pas un jour"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(get: Get, path: str, sentence: str) -> None:
    answer = get(path)
    assert (answer.status_code, "<script>" in answer.text) == (404, False)
    assert sentence in words(answer)


def test_a_guichet_never_visited_says_so(get: Get) -> None:
    assert "Aucun relevé à montrer." in words(get(PAGE))


def test_hostile_words_stay_words(store: Store) -> None:
    store.record_targets([target(demarche=HOSTILE.replace("\ud800", ""), prefecture="<b>Vienne")])
    text = asking(application(store, SimulatedClock(NOON)))(f"{PAGE}?du=2026-01-01&au=2026-01-02").text
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;Vienne" in text


def test_the_links_of_a_mail_lead_to_pages_that_are_there(known: Store, get: Get) -> None:
    row = known.append_observation(observation(NOON))
    made = Transition(
        target="vienne-titre",
        change=Change.ZERO,
        before=Phase.OFFERED,
        after=Phase.ZERO,
        since=NOON.replace(hour=23) - DAY,
        at=NOON,
        row=row,
    )
    given = links.of_transition("http://127.0.0.1", made, target().tz)
    assert given.period == f"http://127.0.0.1{PAGE}?du=2026-11-23&au=2026-11-23"
    for address in (given.page, given.period):
        assert address is not None
        assert numbers(get(address).text) == [row]
    assert given.capture is not None
    assert get(given.capture).headers["location"] == f"/releves/{row}"


def test_a_page_that_holds_every_row_promises_no_more(known: Store) -> None:
    for n in range(2):
        known.append_observation(observation(NOON + n * timedelta(hours=1)))
    rows = list(known.entries("vienne-titre"))
    assert not listing(target(), rows, first=None, last=None, most=2).more
    assert listing(target(), rows, first=None, last=None, most=1).more


def test_a_long_day_that_is_none_is_not_repeated_whole(get: Get) -> None:
    answer = get(f"{PAGE}?du={'x' * 5000}")
    assert (answer.status_code, len(answer.content) < 2000) == (404, True)


def test_a_row_is_listed_as_it_was_read_last(known: Store, get: Get) -> None:
    number = known.append_observation(observation(NOON))
    slots = reading(Outcome.SLOTS_OFFERED, earliest=Slot(starts_at=NOON + 30 * DAY))
    later = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=slots,
        read_at=NOON + DAY,
        cause="nouvelle page",
    )
    tell(known, later_readings.append, "vienne-titre", [later], {}, NOON + DAY)
    told = words(get(PAGE))
    assert "créneaux proposés" in told
    assert "mercredi 23/12/2026 à 13:00" in told
    assert "zéro créneau" not in told
    assert "simulée" not in told


def test_a_simulated_row_is_listed_as_one(known: Store, get: Get) -> None:
    known.append_observation(observation(NOON, simulated=True))
    assert "(préfecture simulée)" in words(get(PAGE))


@pytest.mark.parametrize("asked", ["du=2026-11-23", "au=2026-11-23"])
def test_half_a_period_names_no_command_of_a_bundle(known: Store, get: Get, asked: str) -> None:
    number = known.append_observation(observation(NOON))
    told = words(get(f"{PAGE}?{asked}"))
    assert numbers(told) == [number]
    assert "vigie bundle" not in told
