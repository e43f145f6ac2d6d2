"""Dates as French pages write them: the right day, the right hour, the right year, or none at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.model import Precision, Slot
from probes.pages import dates, starts

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2025, 12, 20)


def found(text: str, reference: date = TODAY) -> tuple[str | None, ...] | None:
    when = dates.find(text, reference=reference)
    return (when.day.isoformat(), f"{when.at:%H:%M}" if when.at else None) if when else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mardi 20 septembre 2022 à 08h00", ("2022-09-20", "08:00")),
        ("Prochaine disponibilité le\nMARDI 20 septembre\u00a02022 à 8h", ("2022-09-20", "08:00")),
        ("lundi 05 janvier", ("2026-01-05", None)),
        ("lundi 05/01", ("2026-01-05", None)),
        ("lundi 05/01 09h30", ("2026-01-05", "09:30")),
        ("05/01", ("2026-01-05", None)),
        ("le 05/01/2026 à 08:30", ("2026-01-05", "08:30")),
        ("1er février 2026 à 9 h 30", ("2026-02-01", "09:30")),
        ("lundi 5 janv. à 09:00", ("2026-01-05", "09:00")),
        ("mardi 3 févr. 2026", ("2026-02-03", None)),
        ("mardi 3 fevrier 2026", ("2026-02-03", None)),
        ("15 août 2026, 14h05", ("2026-08-15", "14:05")),
        ("le 2 mars 2026 de 14h à 15h", ("2026-03-02", "14:00")),
        ("2026-01-05", ("2026-01-05", None)),
        ("2026-01-05T09:00:00+01:00", ("2026-01-05", "09:00")),
        ("2026-01-05 09:00:00 +0100", ("2026-01-05", "09:00")),
        ("29 février 2028", ("2028-02-29", None)),
        ("31 décembre à 23h59", ("2025-12-31", "23:59")),
        ("20/12", ("2025-12-20", None)),
        ("Du 05/01/2026 au 09/01/2026", ("2026-01-05", None)),
        ("jeudi 5 mars 2026 à 9 heures 30", ("2026-03-05", "09:30")),
        ("5 mars 2026 à 14 heures 45 minutes", ("2026-03-05", "14:45")),
        ("5 mars 2026 à 9 heures", ("2026-03-05", "09:00")),
        ("5 mars 2026 – 9h", ("2026-03-05", "09:00")),
        ("du 3 au 7 mars 2026", ("2026-03-03", None)),
        ("3 au 7 mars 2026", ("2026-03-03", None)),
        ("3-7 mars 2026", ("2026-03-03", None)),
        ("entre le 3 et le 7 mars 2026 à 9h", ("2026-03-03", None)),
        ("les 3, 4 et 7 mars 2026", ("2026-03-03", None)),
        ("du mardi 3 au samedi 7 mars 2026", ("2026-03-03", None)),
        ("du 28 décembre au 4 janvier 2027", ("2026-12-28", None)),
        ("du 03/03 au 07/03/2026", ("2026-03-03", None)),
        ("les 3 ou 7 mars 2026", ("2026-03-03", None)),
        ("les 1, 2, 3, 4, 5, 6, 7 et 9 mars 2026", ("2026-03-01", None)),
        ("entre le 28 décembre et le 4 janvier 2027", ("2026-12-28", None)),
        ("du 28/12 et 04/01/2027", ("2026-12-28", None)),
        ("5 mars 2026 a 9h", ("2026-03-05", "09:00")),
        *((f"5 mars 2026 {dash} 9h", ("2026-03-05", "09:00")) for dash in "-–—,"),
        ("Guichet 2 - 12 mars 2026 à 9h", ("2026-03-12", "09:00")),
        ("9h30 - 3 mars 2026", ("2026-03-03", None)),
        ("3 fév. 2026", ("2026-02-03", None)),
        ("3 juill. 2026", ("2026-07-03", None)),
        ("1 er mars 2026", ("2026-03-01", None)),
        ("1ᵉʳ mars 2026", ("2026-03-01", None)),
        ("mar. 3 mars 2026", ("2026-03-03", None)),
        ("2026-01-05T09:00+01", ("2026-01-05", "09:00")),
    ],
)
def test_it_reads_the_date(text: str, expected: tuple[str | None, ...]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bientôt",
        "31/02/2026",
        "31/02/2026 puis le 5 mars 2026",
        "31 février 2026 puis le 05/03/2026",
        "mardi 31 février 2026",
        "29 février 2027",
        "lundi 20 septembre 2022",
        "05/13",
        "99/99/2026",
        "0/0",
        "05/01/26",
        "05/01/20266",
        "1205/01/2026",
        "5 brumaire 2026",
        "2026-13-01",
        "2026-01-05T25:00:00",
        "lundi 5 janvier 2026 à 24h00",
        "lundi 5 janvier 2026 à 08h60",
        "5 janvier 1066",
        "1 2 3",
        "mer. 3 mars 2026",
        "du lundi 3 au samedi 7 mars 2026",
        "du 7 au 3 mars 2026",
        "3 mars 28",
        "3 mars 28 à 9h",
        "5 janvier 2026 à 9h et demie",
        "5 janvier 2026 à 9 heures moins le quart",
        "5 janvier 2026 à 9:30 pm",
        "3 III 2026",
        "5 janvier 2026 à 9:30 am",
        "5 janvier 2026 à 9 h p.m.",
        "5 janvier 2026 à 8h du soir",
        "5 janvier 2026 à 2h30 de l'après-midi",
        "5 janvier 2026 à 10h30 UTC",
        "5 janvier 2026 à 10h30 (heure de La Réunion)",
        *(f"5 janvier 2026 à 9h {tail}" for tail in ("et quart", "et un quart", "moins le quart", "et demi")),
        "3 mars '28",
        "3 mars /28",
        "31 décembre 1999",
        "01/01/2100",
        "du 7 au 7 mars 2026",
    ],
)
def test_what_is_no_real_date_is_none(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("lundi 05 janvier", date(2025, 12, 31), "2026-01-05"),
        ("lundi 05 janvier", date(2026, 1, 5), "2026-01-05"),
        ("mardi 05 janvier", date(2026, 1, 6), "2027-01-05"),
        ("05/01", date(2026, 3, 6), "2027-01-05"),
        ("05/01", date(2026, 2, 6), "2027-01-05"),
        ("lundi 20 décembre", date(2026, 12, 20), "2027-12-20"),
        ("29 février", date(2027, 6, 1), "2028-02-29"),
        ("jeudi 1er janvier", date(2025, 12, 28), "2026-01-01"),
        ("jeudi 31 décembre", date(2026, 12, 28), "2026-12-31"),
    ],
)
def test_a_date_without_a_year_is_the_next_such_day(text: str, reference: date, expected: str) -> None:
    assert found(text, reference) == (expected, None)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("mardi 05 janvier", date(2025, 12, 20)),
        ("lundi 20 décembre", date(2025, 12, 20)),
        ("lundi 22/12", date(2026, 11, 27)),
        ("29 février", date(2026, 11, 27)),
    ],
)
def test_a_date_without_a_year_that_fits_a_later_year_alone_was_misread(text: str, reference: date) -> None:
    assert found(text, reference) is None


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("05/01", date(2026, 1, 6), "2026-01-05"),
        ("31/12", date(2026, 1, 1), "2025-12-31"),
        ("lundi 05 janvier", date(2026, 1, 6), "2026-01-05"),
        ("lundi 05 janvier", date(2026, 2, 5), "2026-01-05"),
        ("mardi 05 janvier", date(2026, 1, 6), "2027-01-05"),
    ],
)
def test_a_day_that_has_just_passed_is_not_next_year_s(text: str, reference: date, expected: str) -> None:
    assert found(text, reference) == (expected, None)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("29 février", date(2024, 5, 1)),
        ("dimanche 05 janvier", date(2025, 12, 20)),
        ("lundi 20 décembre", date(2025, 12, 19)),
    ],
)
def test_a_date_without_a_year_is_never_years_away(text: str, reference: date) -> None:
    assert found(text, reference) is None


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("05/01/2026 09h00", "Europe/Paris", "2026-01-05T08:00+00:00"),
        ("05/07/2026 09h00", "Europe/Paris", "2026-07-05T07:00+00:00"),
        ("05/01/2026 09h00", "Indian/Reunion", "2026-01-05T05:00+00:00"),
        ("05/01/2026 09h00", "America/Miquelon", "2026-01-05T12:00+00:00"),
        ("29/03/2026 01h59", "Europe/Paris", "2026-03-29T00:59+00:00"),
        ("29/03/2026 03h00", "Europe/Paris", "2026-03-29T01:00+00:00"),
        ("25/10/2026 02h30", "Europe/Paris", "2026-10-25T00:30+00:00"),
        ("25/10/2026 03h00", "Europe/Paris", "2026-10-25T02:00+00:00"),
        ("2026-10-25T02:30:00+01:00", "Europe/Paris", "2026-10-25T01:30+00:00"),
        ("2026-01-05T09:00:00Z", "Europe/Paris", "2026-01-05T09:00+00:00"),
        ("2026-01-05T09:00:00-03:00", "Europe/Paris", "2026-01-05T12:00+00:00"),
        ("2026-01-05T09:00:00+0530", "Europe/Paris", "2026-01-05T03:30+00:00"),
        ("2026-01-05T09:00:00-03:30", "Europe/Paris", "2026-01-05T12:30+00:00"),
        ("2026-01-05T09:00+02", "Europe/Paris", "2026-01-05T07:00+00:00"),
        ("2026-01-05 09:00:00 UTC", "Europe/Paris", "2026-01-05T09:00+00:00"),
    ],
)
def test_a_wall_time_becomes_the_instant_it_is_in_the_page_s_zone(
    text: str, zone: str, expected: str
) -> None:
    slot = starts.slot(text, tz=ZoneInfo(zone), reference=TODAY)
    assert slot is not None
    assert slot.starts_at.isoformat(timespec="minutes") == expected
    assert slot.precision is Precision.MINUTE


def test_an_hour_that_the_spring_night_skips_is_no_slot() -> None:
    assert starts.slot("29/03/2026 02h30", tz=PARIS, reference=TODAY) is None


def test_a_day_without_an_hour_is_the_start_of_that_day() -> None:
    slot = starts.slot("05/01/2026", tz=PARIS, reference=TODAY, place="Guichet 1")
    assert slot == Slot(
        starts_at=datetime(2026, 1, 4, 23, tzinfo=UTC), precision=Precision.DAY, place="Guichet 1"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1767600000", datetime(2026, 1, 5, 8, tzinfo=UTC)), (1767600000, datetime(2026, 1, 5, 8, tzinfo=UTC))],
)
def test_a_unix_time_is_an_instant(text: int | str, expected: datetime) -> None:
    assert dates.from_unix(text) == expected


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "9" * 30, "9" * 5000, "32503680000", "1e9", "NaN"])
def test_what_is_no_unix_time_of_our_days_is_none(text: str) -> None:
    assert dates.from_unix(text) is None


def test_the_second_slot_is_the_first_of_a_later_local_day() -> None:
    instants = ["2026-01-05T22:30", "2026-01-05T23:30", "2026-01-05T08:00", "2026-02-01T08:00"]
    slots = [Slot(starts_at=datetime.fromisoformat(f"{i}+00:00")) for i in instants]
    assert starts.first_two(slots, PARIS) == (slots[2], slots[1])
    assert starts.first_two(slots, ZoneInfo("UTC")) == (slots[2], slots[3])
    assert starts.first_two(slots[:1], PARIS) == (slots[0], None)
    assert starts.first_two([], PARIS) == (None, None)


SPELLINGS = (
    *("janvier janv jan", "février fevrier févr fevr fév fev", "mars", "avril avr", "mai", "juin"),
    *("juillet juil juill", "août aout", "septembre sept", "octobre oct", "novembre nov"),
    "décembre decembre déc dec",
)


@pytest.mark.parametrize(
    ("spelling", "month"), [(one, n) for n, names in enumerate(SPELLINGS, start=1) for one in names.split()]
)
def test_every_spelling_of_a_month_is_that_month(spelling: str, month: int) -> None:
    assert found(f"3 {spelling} 2026") == found(f"3 {spelling}. 2026") == (f"2026-{month:02}-03", None)
    assert found(f"3 {spelling}x 2026") is None


@pytest.mark.parametrize(("written", "year"), [("01/01/2000", 2000), ("31/12/2099", 2099)])
def test_a_year_of_this_century_is_read(written: str, year: int) -> None:
    when = dates.find(written, reference=TODAY)
    assert when is not None
    assert when.day.year == year


@given(st.text(max_size=60), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_no_text_is_ever_an_error(text: str, reference: date) -> None:
    when = dates.find(text, reference=reference)
    slot = when.slot(PARIS) if when else None
    assert slot is None or slot.starts_at.tzinfo is UTC


@given(
    st.from_regex(
        r"(lundi )?[0-9]{1,2}( |/)(janvier|[0-9]{1,2})( |/)?[0-9]{0,4} ?(à )?[0-9]{0,2}h?[0-9]{0,2}"
    ),
    st.sampled_from(["Europe/Paris", "Indian/Reunion", "America/Miquelon", "Pacific/Noumea"]),
)
def test_nothing_like_a_date_is_ever_an_error(text: str, zone: str) -> None:
    slot = starts.slot(text, tz=ZoneInfo(zone), reference=TODAY)
    assert slot is None or slot.starts_at.year in range(1999, 2101)


@given(
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.times(min_value=time(7), max_value=time(20)).map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(["{d:%d/%m/%Y} à {t:%Hh%M}", "{d:%Y-%m-%d} {t:%H:%M}", "{w} {n} {m} {d:%Y} à {t:%Hh%M}"]),
)
def test_a_date_written_is_the_date_read(day: date, at: time, form: str) -> None:
    text = form.format(d=day, t=at, w=dates.WEEKDAYS[day.weekday()], n=day.day, m=dates.MONTHS[day.month - 1])
    when = dates.find(text, reference=TODAY)
    assert when is not None
    assert (when.day, when.at) == (day, at)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(0, 360))
def test_a_day_without_a_year_is_found_again_within_a_year(reference: date, ahead: int) -> None:
    day = reference + timedelta(days=ahead)
    text = f"{dates.WEEKDAYS[day.weekday()]} {day:%d/%m}"
    when = dates.find(text, reference=reference)
    assert when is not None
    assert when.day == day


def test_the_date_that_comes_first_in_the_text_counts_whatever_its_form() -> None:
    found = dates.find(
        "du 05/01/2026 au 12 février 2026, mis à jour 2025-12-01", reference=date(2025, 12, 20)
    )
    assert found is not None
    assert found.day == date(2026, 1, 5)


OF_ONE_SLOT = {
    "mardi 12 janvier 2027 de 8h30 à 9h": "2027-01-12T08:30",
    "mardi 12 janvier 2027 8h30 - 9h00": "2027-01-12T08:30",
    "mardi 12 janvier 2027 à 8h30-9h": "2027-01-12T08:30",
    "mardi 12 janvier 2027 entre 8h et 9h": "2027-01-12",
    "mardi 12 janvier 2027 à 8h (08:00)": "2027-01-12T08:00",
    "mardi 12 janvier 2027 à 8h (durée : 1h)": "2027-01-12T08:00",
    "mardi 12 janvier 2027 à 8h, 3/12 places": "2027-01-12T08:00",
    "mardi 12 janvier 2027 (12/01/2027)": "2027-01-12",
    "mardi : 12 janvier 2027": "2027-01-12",
    "12 janvier, 2027": "2027-01-12",
    "Guichet 2 - 12 mars 2027 à 9h": "2027-03-12T09:00",
    "créneau 05/01 à 9h30": "2027-01-05T09:30",
    "dès le 12 janvier 2027": "2027-01-12",
    "Au plus tôt le 12/01/2027": "2027-01-12",
    "semaine du 11 janvier 2027": "2027-01-11",
    "du 12 janvier 2027 au 15 janvier 2027": "2027-01-12",
    "du 28/12 au 04/01/2027": "2026-12-28",
    "les 3 et 7 mars 2027": "2027-03-03",
    "lundi 11 et mardi 12 janvier 2027": "2027-01-11",
    "12 janvier 2027 à 8h au 12 janvier 2027 à 9h": "2027-01-12T08:00",
    "2027-01-12T08:00:00+01:00/2027-01-12T08:30:00+01:00": "2027-01-12T08:00",
    "2027-01-12 08:00 - 10:00": "2027-01-12T08:00",
}


def of_one_slot(text: str) -> str | None:
    slot = starts.slot(text, tz=PARIS, reference=date(2026, 11, 27))
    if slot is None:
        return None
    form = "%Y-%m-%dT%H:%M" if slot.precision is Precision.MINUTE else "%Y-%m-%d"
    return slot.starts_at.astimezone(PARIS).strftime(form)


@pytest.mark.parametrize(("text", "expected"), OF_ONE_SLOT.items())
def test_one_day_and_one_hour_or_period_are_the_date_of_a_slot(text: str, expected: str) -> None:
    assert of_one_slot(text) == expected


MORE_THAN_ONE_DAY = [
    "Guichet 3/4 : 12 janvier 2027 8h",
    "créneau n° 3/12 mardi 12 janvier 2027",
    "publié le 1er décembre 2026 : mardi 12 janvier 2027 à 8h",
    "mis à jour le 26/11/2026 - 12 janvier 2027 à 8h",
    "ref 2026-12-01-77 le 12 janvier 2027",
    "salle 12 mai — 12 janvier 2027",
    "12 janvier 2027, 5 janvier 2027",
    "5 janvier 2027, 12 janvier 2027",
    "mardi 12 janvier 2027 5 janvier 2027",
    "3 mars 2027, 7 mars 2027 et 9 mars 2027",
    "du 15 janvier 2027 au 12 janvier 2027",
    "12 janvier 2027 puis 31/02/2027",
    "12 juin ou juil 2027",
    "juin ou 12 juillet 2027",
    "12 janvier (2028)",
    "lundi : 12 janvier 2027",
]
LIMITED_OR_MOVED = [
    *(
        f"{limit} 12 janvier 2027"
        for limit in (
            *("avant le", "après le", "jusqu'au", "jusqu’au mardi", "au plus tard le", "à partir du"),
            *("à compter du", "depuis le", "passé le", "pas avant le", "sauf le", "d'ici le", "Vers le"),
            *("date limite :", "limite le", "publié le", "mise à jour du", "mis en ligne le", "créé le"),
            *("ouverture le", "fermeture du service le", "par exemple", "né le", "réf.", "n°", "dossier"),
        )
    ),
    "12 janvier 2027 au plus tard",
    "12 janvier 2027 et au-delà",
    "mardi 12 janvier 2027 (reporté au 19 janvier 2027)",
    "mardi 12 janvier 2027 à 8h, reporté",
    "report au mardi 12 janvier 2027",
    "initialement le 12 janvier 2027",
    "12 janvier 2027 au lieu du 5 janvier 2027",
    "ref 2026-12-01-77",
    "Guichet 3/4",
    "créneau n° 3/12",
]
SEVERAL_HOURS = [
    f"mardi 12 janvier 2027 {said}"
    for said in (
        *("à 10h00, 8h20", ": 10h00, 8h20", "8h00 8h20 8h40", "à 8h ou 9h", "de 9h à 8h", "8h-9h 10h-11h"),
        *("8h00 ; 9h00", "à 8h et à 9h et à 10h"),
    )
]


@pytest.mark.parametrize(
    "text", [*MORE_THAN_ONE_DAY, *LIMITED_OR_MOVED, *SEVERAL_HOURS, "2027-01-12 08:00-10:00", "9h", ""]
)
def test_more_than_one_day_or_hour_or_a_limit_is_no_date_of_a_slot(text: str) -> None:
    assert of_one_slot(text) is None


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("mardi", True),
        ("09:00", True),
        ("9h - 9h30", True),
        ("de 9h à 9h30 (durée 0h30)", True),
        ("09:00 le mardi 13 janvier 2026", True),
        ("mardi 13 janvier 2026 à 9h", True),
        ("10h00", False),
        ("8h30 - 9h", False),
        ("9h, 8h20", False),
        ("9h 10h", False),
    ],
)
def test_hours_beside_a_slot_are_its_own_or_a_period_that_begins_then(text: str, *, begins: bool) -> None:
    assert starts.begin(text, time(9)) is begins


@pytest.mark.parametrize(
    ("today", "day", "may"),
    [
        (TODAY, date(2025, 12, 19), False),
        (TODAY, date(2025, 12, 20), True),
        (TODAY, date(2028, 12, 20), True),
        (TODAY, date(2028, 12, 21), False),
        (date(2028, 2, 29), date(2028, 2, 29), True),
        (date(2028, 2, 29), date(2031, 2, 28), True),
        (date(2028, 2, 29), date(2031, 3, 1), False),
    ],
)
def test_a_slot_lies_between_today_and_three_years_ahead(today: date, day: date, *, may: bool) -> None:
    slot = dates.When(day=day).slot(PARIS)
    assert slot is not None
    assert starts.bookable(slot, datetime.combine(today, time(23, 30), PARIS), PARIS) is may
