"""What the figures say in French."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.figures import sentences
from monitor.figures.chances import chances
from monitor.figures.controls import PairTable, before_after
from monitor.figures.delays import Gaps
from monitor.figures.period import Counts, Insufficient, VisitAttempt
from monitor.figures.runs import Lifetimes, droughts, lifetimes
from monitor.figures.shares import HonestyPart, bound_of, honesty, share
from monitor.model import GapReason
from monitor.present.language import ceiling, length, percent, percents
from probes.model import Outcome
from tests.cast.supply import HOUR, look_back, month, simulate

FIRST = date(2026, 3, 3)
COUNTS = Counts(scheduled=1439, executed=1417, conclusive=1398, zeros=1398)
REFUSED = Insufficient(counts=Counts(), reason="aucune sonde programmée")


def plain(text: str) -> str:
    """With ordinary spaces, to compare."""
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def sixty_days() -> list[VisitAttempt]:
    """The 1 439 hours of sixty days of which one has 23: 22 missed, 12 down, 7 captcha, the others zeros."""
    start, end = month(FIRST, 60)
    fates = [{"gap": GapReason.DOWNTIME}] * 22 + [{"outcome": Outcome.SITE_DOWN}] * 12
    fates += [{"outcome": Outcome.CAPTCHA}] * 7
    hours = int((end - start) / HOUR)
    fates += [{"outcome": Outcome.NO_SLOTS}] * (hours - len(fates))
    return [VisitAttempt(scheduled_at=start + i * HOUR, **fate) for i, fate in enumerate(fates)]


def test_the_summary_has_the_form_the_field_uses() -> None:
    series = look_back(sixty_days(), FIRST, 60)
    assert plain(sentences.summary(series, honesty(series))) == (
        "Du 03/03/2026 au 01/05/2026 (fuseau Europe/Paris), 1 439 sondes programmées, "
        "1 417 exécutées (98,5 %). "
        "1 398 ont donné un résultat exploitable : 1 398 sans aucun créneau (100 %), 0 avec créneau. "
        "19 non exploitables (7 captcha, 12 site indisponible)."
    )


def test_the_honesty_bar_says_why_nobody_looked() -> None:
    series = look_back(sixty_days(), FIRST, 60)
    assert plain(sentences.parts(honesty(series))).endswith("(22) (raisons : 22 service à l'arrêt)")


def test_the_summary_of_nothing_says_so() -> None:
    series = look_back([], FIRST, 7)
    assert sentences.summary(series, honesty(series)).endswith(": aucune sonde programmée.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.9999, "99,9 %"),
        (0.0001, "0,1 %"),
        (0.5, "50,0 %"),
        (0.12345, "12,3 %"),
    ],
)
def test_only_an_exact_share_is_written_0_or_100_percent(value: float, text: str) -> None:
    assert plain(percent(value)) == text


@given(st.floats(1e-6, 1))
def test_a_printed_bound_never_understates_itself(value: float) -> None:
    printed = float(plain(ceiling(value)).removesuffix(" %").replace(",", "."))
    assert printed >= 100 * value - 1e-6


def test_the_bound_says_percent_minutes_and_n() -> None:
    told = plain(sentences.bound(bound_of(Counts(scheduled=720, executed=720, conclusive=720, zeros=720))))
    assert "à 720 instants tirés au sort" in told
    assert "au plus 0,42 % du temps, soit 6 min par jour (confiance 95 %" in told


@pytest.mark.parametrize(
    ("value", "up", "text"),
    [
        (timedelta(days=83, hours=20), False, "83 jours"),
        (timedelta(days=83, hours=20), True, "84 jours"),
        (timedelta(hours=26), False, "26 h"),
        (timedelta(minutes=119), True, "119 min"),
        (timedelta(0), False, "0 min"),
    ],
)
def test_a_length_is_rounded_towards_what_is_certain(value: timedelta, up: bool, text: str) -> None:
    assert plain(length(value, up=up)) == text


def test_every_percentage_stands_beside_its_n_and_coverage() -> None:
    told = plain(sentences.share(share(COUNTS)))
    assert told.startswith("100 % des sondes sans créneau")
    assert (
        "n = 1 398 sondes exploitables sur 1 439 programmées, couverture 98,5 %, exploitables 98,7 %" in told
    )


def test_a_basis_of_nothing_shows_no_percentage() -> None:
    assert "%" not in sentences.basis(Counts())
    assert "aucune exécutée" in sentences.basis(Counts(scheduled=3))


def test_gaps_say_no_date_before_the_quantiles_of_those_with_dates() -> None:
    told = plain(
        sentences.gaps(
            Gaps(
                counts=COUNTS,
                quantiles={0.5: 158, 0.9: None},
                with_dates={0.5: 12, 0.9: 30},
                dated=80,
                unread=3,
            )
        )
    )
    assert told.index("neuvième décile : aucune date") < told.index(
        "parmi les seules 80 sondes avec dates, médiane 12 j et neuvième décile 30 j"
    )
    assert "3 sondes avec une date non lisible" in told


def test_gaps_without_any_date_say_nothing_of_dated_attempts() -> None:
    none = Gaps(counts=COUNTS, quantiles={0.5: None, 0.9: None}, with_dates=None, dated=0, unread=0)
    assert "parmi" not in sentences.gaps(none)
    assert "3 sondes avec une date non lisible" in plain(sentences.gaps(replace(none, unread=3)))


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=14).filter(any))
def test_the_parts_of_the_honesty_bar_add_up_to_100_as_they_are_printed(parts: list[int]) -> None:
    shown = [float(plain(text).removesuffix(" %").replace(",", ".")) for text in percents(parts)]
    assert sum(shown) == pytest.approx(100, abs=1e-9)
    assert [n > 0 for n in shown] == [n > 0 for n in parts]
    assert all(abs(100 * n / sum(parts) - told) < 1.4 for n, told in zip(parts, shown, strict=True))


def test_three_thirds_make_100_percent() -> None:
    assert [plain(text) for text in percents([5, 5, 5])] == ["33,4 %", "33,3 %", "33,3 %"]


@pytest.mark.parametrize(("parts", "told"), [([], []), ([0, 0], ["0 %", "0 %"])])
def test_nothing_at_all_has_no_shares(parts: list[int], told: list[str]) -> None:
    """A bundle of manual visits alone has no drawn instant to share out."""
    assert [plain(text) for text in percents(parts)] == told


def test_a_drought_says_at_least_at_most_and_its_holes() -> None:
    signs = "S" + "z" * 30 + " " * 10 + "z" * 60 + "S"
    fates = {"S": {"outcome": Outcome.SLOTS_OFFERED}, "z": {"outcome": Outcome.NO_SLOTS}}
    start, _ = month(FIRST)
    rows = [
        VisitAttempt(scheduled_at=start + i * HOUR, **fates.get(s, {"gap": GapReason.MISFIRE}))
        for i, s in enumerate(signs)
    ]
    told = plain(sentences.drought(droughts(look_back(rows, FIRST, 7))[0]))
    assert told.startswith(
        "aucun créneau observé pendant au moins 2 jours d'affilée et au plus 5 jours (zéros du 03/03/2026 au "
        "07/03/2026, dont 11 h sans réponse exploitable ; n = 90 "
    )


def test_a_drought_whose_end_nobody_saw_has_no_upper_length_and_is_not_said_to_go_on() -> None:
    _, series = simulate("scarcity", FIRST, 14, seed=0)
    told = sentences.drought(droughts(series)[0])
    assert "d'affilée, début et fin non observés" in told
    assert "au plus" not in told


def test_the_days_of_a_drought_are_the_prefectures_own() -> None:
    """23:30 UTC on 3 March is already 4 March in Paris, and 4 March 19:30 UTC is 5 March in Wallis."""
    at = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    for zone, days in (("Europe/Paris", "04/03/2026 au 04/03"), ("Pacific/Wallis", "04/03/2026 au 05/03")):
        rows = [VisitAttempt(scheduled_at=at + i * HOUR, outcome=Outcome.NO_SLOTS) for i in range(21)]
        assert f"zéros du {days}/2026" in sentences.drought(droughts(look_back(rows, FIRST, 7, zone))[0])


def test_lifetimes_are_told_as_a_band() -> None:
    found = lifetimes(simulate("long_openings", FIRST, 90, seed=1)[1])
    assert isinstance(found, Lifetimes)
    assert "durée médiane : au moins" in sentences.lifetimes(found)
    open_ended = Lifetimes(counts=COUNTS, openings=found.openings, median_at_least=HOUR, median_at_most=None)
    assert "sans borne supérieure" in sentences.lifetimes(open_ended)


def test_pairs_tell_the_four_counts_and_the_test() -> None:
    table = PairTable(
        target="a",
        control="b",
        n=1204,
        both_zero=60,
        target_alone_zero=1131,
        control_alone_zero=3,
        both_slots=10,
        p=1e-9,
    )
    told = plain(sentences.pairs(table))
    assert "sur 1 204 couples de sondes" in told
    assert "1 131 fois aucun créneau ici et des créneaux à l'autre porte, 3 fois l'inverse" in told
    assert "p < 0,001" in told


def test_chances_speak_of_seeing_and_of_how_many_days() -> None:
    told = plain(sentences.chances(chances(simulate("long_openings", FIRST, 56, seed=1)[1])))
    assert "de chances d'avoir vu un créneau en 28 jours" in told
    scarce = plain(sentences.chances(chances(simulate("scarcity", FIRST, 56, seed=1)[1])))
    assert scarce.startswith("aucun créneau observé ; en regardant une fois par jour")
    assert "au plus 6,3 % de chances d'en avoir vu un en 28 jours" in scarce  # 6.24: a bound is rounded up
    rare = plain(sentences.chances(chances(simulate("cancellations", FIRST, 56, seed=1)[1])))
    assert "une chance sur deux : plus de 28 jours" in rare


def test_before_and_after_is_observed_and_says_when_it_has_no_control() -> None:
    _, series = simulate("long_openings", FIRST, 56, seed=1)
    change = FIRST + timedelta(days=28)
    alone = sentences.before_after(before_after(series, [], notified=change))
    assert alone.startswith(
        "évolution observée sur 4 semaines de chaque côté, avant le 31/03/2026 et depuis le 31/03/2026 :"
    )
    assert "n = 672, couverture 100 %" in plain(alone)
    assert "aucun témoin : rien à quoi comparer" in alone
    assert "témoin t :" in sentences.before_after(before_after(series, [series], notified=change))


@pytest.mark.parametrize(
    "tell",
    [
        sentences.share,
        sentences.bound,
        sentences.gaps,
        sentences.lifetimes,
        sentences.pairs,
        sentences.chances,
    ],
)
def test_a_refused_figure_is_told_in_words_without_any_digit(tell: object) -> None:
    assert tell(REFUSED) == "données insuffisantes (aucune sonde programmée)"  # type: ignore[operator]


def test_every_part_of_the_honesty_bar_and_every_class_has_its_own_words() -> None:
    assert set(sentences.PARTS) == set(HonestyPart)
    assert len(set(sentences.PARTS.values())) == len(HonestyPart)
    assert len(set(sentences.DELAYS.values())) == len(sentences.DELAYS)


def test_a_simulated_prefecture_says_so_wherever_its_period_stands() -> None:
    series = replace(look_back(sixty_days(), FIRST, 60), simulated=True)
    assert "préfecture simulée" in sentences.span(series)
    assert "préfecture simulée" in sentences.summary(series, honesty(series))
