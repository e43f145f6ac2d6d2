"""What the first page says: exact counts, the field's sentence, and no figure where there is no ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.evidence.bundle import gather, sentences
from monitor.evidence.bundle.statement import state
from monitor.evidence.journal import records
from monitor.figures.period import Insufficient
from monitor.model import Gap, GapReason, Origin
from monitor.store import Store
from probes.failures import Failure
from probes.model import Outcome, Transport
from tests.cast.installation import captcha, no_slots, offered
from tests.cast.observations import NOON, observation, reading, target
from tests.evidence.bodies import EMPTY
from tests.evidence.forbidden import offends
from tests.evidence.matters import HOUR, PARIS_MIDNIGHT, TARGET, a_draw, fact, hourly, matter


def test_the_sentence_is_the_fields_own() -> None:
    moments = hourly(721)
    visits: list[Any] = [no_slots(TARGET, at) for at in moments]
    visits[10], visits[11] = captcha(TARGET, moments[10]), captcha(TARGET, moments[11])
    visits[20] = Gap(target="vienne-titre", scheduled_at=moments[20], reason=GapReason.MISFIRE)
    said = sentences.sentence(state(matter(visits)))
    assert said.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ") == (
        "Du 20/10/2026 au 18/11/2026, 721 sondes ont été programmées (30 jours, dont un de 25 h), "
        "720 exécutées (99,9 %). 718 ont donné un résultat exploitable : 718 sans aucun créneau (100 %), "
        "0 avec créneau. 2 non exploitables (2 captcha)."
    )


def test_an_empty_period_says_so() -> None:
    assert (
        sentences.sentence(state(matter([])))
        == "Du 20/10/2026 au 18/11/2026, aucune sonde n'a été programmée."
    )


def test_zero_days_and_iso_weeks_are_local() -> None:
    sunday_evening = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    found = state(matter([no_slots(TARGET, sunday_evening), no_slots(TARGET, sunday_evening + HOUR)]))
    assert found.zero_days == [date(2026, 10, 25), date(2026, 10, 26)]
    assert found.zero_weeks == ["2026-W43", "2026-W44"]


@pytest.mark.parametrize(("first", "hours"), [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23)])
def test_days_on_which_clocks_change_are_named(first: date, hours: int) -> None:
    assert state(matter([], days=3, first=first - timedelta(days=1))).odd_days == {first: hours}


def test_a_period_with_slots_has_no_bound_and_says_why() -> None:
    found = state(matter([*(no_slots(TARGET, at) for at in hourly(60)), offered(TARGET, hourly(61)[-1])]))
    assert isinstance(found.bound, Insufficient)
    assert "des créneaux ont été proposés" in dict(sentences.facts(found))["Borne à 95 %"]


def test_a_changed_interval_leaves_no_bound_and_vouches_for_no_longer_silence_before_it() -> None:
    """Hourly with ten hours of silence, then every six hours: the draws say which interval was which."""
    start = datetime(2026, 10, 20, tzinfo=UTC)
    looks = [*range(4), *range(14, 24), *range(24, 72, 6)]
    days = {start.date() + timedelta(days=n): HOUR if n < 1 else 6 * HOUR for n in range(3)}
    found = state(matter([no_slots(TARGET, start + n * HOUR) for n in looks], days=3, intervals=days))
    assert "l'intervalle des sondes a changé" in dict(sentences.facts(found))["Borne à 95 %"]
    assert found.droughts[0].at_least <= (66 - 14) * HOUR
    assert found.droughts[0].holes > 10 * HOUR


def test_manual_visits_are_shown_and_never_counted() -> None:
    visits = [no_slots(TARGET, at) for at in hourly(10)]
    by_hand = no_slots(TARGET, hourly(11)[-1], origin=Origin.MANUAL, scheduled_at=None)
    found = state(matter([*visits, by_hand]))
    assert (len(found.rows), len(found.scheduled), found.honesty.counts.scheduled) == (11, 10, 10)


def test_a_later_reading_is_in_force_and_said_to_be() -> None:
    nothing = reading(Outcome.UNRECOGNISED)
    again = records.reclassification(3, nothing, EMPTY, platform="classic", reader_version="2")
    found = state(
        matter(
            [no_slots(TARGET, at) for at in hourly(10)],
            again={3: fact(99, records.FactKind.RECLASSIFICATION, again)},
        )
    )
    assert [row.number for row in found.rows if row.read_later] == [3]
    assert found.honesty.counts.zeros == 9


def test_a_draw_recorded_after_its_day_began_is_named() -> None:
    assert state(matter([])).late_draws == [date(2026, 10, 21)]


def test_a_short_period_is_not_shown_as_repetition() -> None:
    (caution,) = sentences.cautions(state(matter([no_slots(TARGET, at) for at in hourly(48)], days=2)))
    assert caution.startswith(
        "Période courte : les sondes sans créneau portent sur 1 semaine(s) ISO et 2 jour(s)."
    )


def test_thin_coverage_gives_no_share() -> None:
    gaps = [Gap(target="vienne-titre", scheduled_at=at, reason=GapReason.DOWNTIME) for at in hourly(600)]
    found = state(matter([*gaps, *(no_slots(TARGET, at) for at in hourly(30, PARIS_MIDNIGHT + 600 * HOUR))]))
    assert any("couverture inférieure à 80 %" in caution for caution in sentences.cautions(found))


def test_the_counts_of_every_day_add_up() -> None:
    visits: list[Any] = [no_slots(TARGET, at) for at in hourly(72)]
    visits[5] = Gap(target="vienne-titre", scheduled_at=hourly(72)[5], reason=GapReason.OVERLAP)
    found = state(matter(visits, days=3))
    assert sum(sum(day.values()) for day in found.by_day.values()) == 72
    assert found.by_day[date(2026, 10, 20)]["gap"] == 1


def test_a_failed_visit_is_told_in_words() -> None:
    down = reading(Outcome.SITE_DOWN, failure=Failure.CONNECT_TIMEOUT)
    visit = replace(no_slots(TARGET, PARIS_MIDNIGHT), reading=down)
    (row,) = state(matter([visit])).rows
    assert (sentences.result(row), sentences.told(row)) == ("site indisponible", "connexion trop longue")


@pytest.mark.parametrize("text", [
    "Il en résulte qu'aucun créneau n'existait.",
    "Aucun créneau n’a existé",
    "La prise de rendez-vous était impossible",
    "un créneau réservable",
    "la preuve que la préfecture",
    "Ce manquement de l'État",
])  # fmt: skip
def test_forbidden_words_are_found(text: str) -> None:
    assert offends(text)


def test_what_was_observed_may_be_said() -> None:
    assert not offends("Aucun créneau constaté lors de 720 relevés ; zéro créneau proposé.")


def test_days_without_a_drawn_instant_are_said() -> None:
    """Else coverage is whole over days on which nobody meant to look."""
    visits = [no_slots(TARGET, at) for at in hourly(24 * 10)]
    (caution,) = [one for one in sentences.cautions(state(matter(visits))) if "programmée" in one]
    assert "pendant 20 jours de la période (premier : 30/10/2026, dernier : 18/11/2026)" in caution
    assert "couverture" in caution
    whole = [no_slots(TARGET, at) for at in hourly(721)]
    assert not [one for one in sentences.cautions(state(matter(whole))) if "programmée" in one]


def test_visits_recorded_long_after_are_said() -> None:
    visits = [no_slots(TARGET, at) for at in hourly(48)]
    one = matter(visits)
    late = replace(one.attempts[0], recorded_at=datetime(2026, 10, 22, tzinfo=UTC))
    one = replace(one, attempts=[late, *one.attempts[1:]])
    (caution,) = [said for said in sentences.cautions(state(one)) if "inscrite" in said]
    assert caution.startswith("1 visite(s) inscrite(s) au journal plus tard que le lendemain")


def test_first_and_last_are_those_of_the_clock_not_of_the_log() -> None:
    """What was logged late stands behind what happened after it."""
    moments = hourly(6)
    gathered = matter([no_slots(TARGET, at) for at in (*moments[3:], *moments[:3])])
    facts = dict(sentences.facts(state(gathered)))
    assert facts["Première sonde sans créneau"] == "20/10/2026 00:00:00 (UTC+2), ligne 3"
    assert facts["Dernière sonde sans créneau"] == "20/10/2026 05:00:00 (UTC+2), ligne 2"


def test_the_other_demarches_are_counted_to_the_last_day_of_the_period(store: Store) -> None:
    mine, other = target(), target("vienne-permis", demarche="permis")
    store.record_targets([mine, other])
    for day in range(3):
        store.append_observation(observation(NOON + day * gather.DAY, name="vienne-permis"))
    found = gather._others(store, [mine], NOON.date(), NOON.date() + gather.DAY)
    assert sum(count.n for count in found["vienne-permis"][1]) == 2


def test_a_matter_has_the_draw_of_the_utc_day_in_which_its_first_local_day_begins() -> None:
    """Paris midnight is 22 h UTC: the first instants of the period were drawn the day before."""
    first = date(2026, 10, 20)
    drawn = [a_draw(date(2026, 10, day), HOUR) for day in (18, 19, 20, 21)]
    matter = gather._matter(TARGET, gather._span(TARGET, first, first), first, first, drawn)
    assert [draw.day.day for draw in matter.draws] == [19, 20]


def read_twice(at: datetime, *seconds: Outcome) -> list[Any]:
    """Zeros that a browser showed, hour after hour, and what would have been read without one."""
    return [
        no_slots(TARGET, at + n * HOUR, transport=Transport.BROWSER, over_http=reading(second))
        for n, second in enumerate(seconds)
    ]


def plainly(said: str) -> str:
    return said.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def test_double_readings_are_said_with_what_was_read_without_a_browser() -> None:
    over_http = [no_slots(TARGET, at, transport=Transport.HTTP) for at in hourly(3)]
    zero, slots, unknown = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.UNRECOGNISED
    twice = read_twice(PARIS_MIDNIGHT + 3 * HOUR, zero, zero, slots, unknown)
    found = state(matter([*over_http, *twice]))
    assert plainly(dict(sentences.facts(found))["Doubles lectures"]) == (
        "3 résultat(s) exploitable(s) lu(s) sans navigateur ; 3 visite(s) avec navigateur comparée(s) "
        "à cette lecture, dont 1 en désaccord ; 1 sans comparaison possible"
    )
    cautions = sentences.cautions(found)
    assert any(said.startswith("1 désaccord(s) entre ce que montrait") for said in cautions)


def test_without_a_disagreement_there_is_no_caution_and_without_http_no_line() -> None:
    alike = state(matter(read_twice(PARIS_MIDNIGHT, Outcome.NO_SLOTS)))
    assert not any("désaccord" in caution for caution in sentences.cautions(alike))
    in_browser = state(matter([no_slots(TARGET, at, transport=Transport.BROWSER) for at in hourly(3)]))
    assert "Doubles lectures" not in dict(sentences.facts(in_browser))


def test_what_was_read_without_a_browser_and_never_compared_says_so() -> None:
    found = state(matter([no_slots(TARGET, at, transport=Transport.HTTP) for at in hourly(2)]))
    assert dict(sentences.facts(found))["Doubles lectures"].startswith(
        "2 résultat(s) exploitable(s) lu(s) sans navigateur ; 0 visite(s) avec navigateur comparée(s)"
    )
