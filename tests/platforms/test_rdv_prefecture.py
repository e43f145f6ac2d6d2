"""RDV-Préfecture's `/creneau/`: when its heading, its hours and its buttons agree, and what they say then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from probes.model import Capture, NoSlotsKind, Outcome, Reading, Transport
from probes.platforms.rdv_prefecture import RdvPrefecture
from tests.cast.saved_pages import received, target

PROCEDURE = "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/9040/"
NONE, CHOOSE = "<h2>Aucun créneau disponible</h2>", "<h2>Choisissez votre créneau</h2>"
THIS_WEEK = "<div>Aucun créneau disponible sur cette semaine</div>"
TRY_LATER = "<div>Veuillez réessayer ultérieurement.</div>"
FROM_THIS_DATE = TRY_LATER.replace("<div>", "<div>Aucun créneau disponible à partir de cette date.<br>")
FOLDED = "<div class=q-expansion-item><p class=q-item__label>{}</p><p>Aucun créneau disponible</p></div>"
NEXT_DAYS = ["12/02/2026", "jeudi 12 février 2026", "jeudi 12 février", "12/02/2026 à 9h30"]
DATA = (
    '<script id="vui-init-data" type="application/json">{"vueData": {"critere": {"premierJour": "%s", '
    '"dateMin": "%s", "dateMax": "30/06/2026", "datePremiereDispo": "%s"}}}</script>'
)


def seen(main: str, *, data: str = "", query: str = "", outside: str = "") -> Reading:
    """What `/creneau/` reads as on Saturday, 20 December 2025."""
    body = f"<html><body>{outside}<main><h1>Titre de séjour</h1>{main}</main>{data}</body></html>"
    step = received(body, url=f"{PROCEDURE}creneau/{query}")
    capture = Capture(transport=Transport.BROWSER, steps=(step,))
    return RdvPrefecture().read(target("rdv_prefecture", PROCEDURE), capture)


def column(day: str, *hours: str) -> str:
    listed = "".join(hours)
    return f"<div class=column><h3 class=celulleHeader>{day}</h3><ul>{listed}</ul></div>"


def hour(at: str = "09h30", *, radio: str = "", label: str = "{}", item: str = "") -> str:
    said = label.format(at)
    return (
        f"<li class='cellule {item}'><input type=radio name=trhId id=trhId_1 {radio}>"
        f"<label class=fr-label for=trhId_1>{said}</label></li>"
    )


WEEK = column("lundi<br>22/12", hour())


# Slots.


def test_hours_are_slots_of_their_columns_day() -> None:
    reading = seen(CHOOSE + WEEK)
    assert (reading.outcome, reading.words) == (Outcome.SLOTS_OFFERED, "lundi 22/12 09h30")
    assert reading.earliest is not None
    assert reading.earliest.starts_at == datetime(2025, 12, 22, 8, 30, tzinfo=UTC)


def test_the_words_are_those_of_the_first_hour_wherever_it_stands() -> None:
    reading = seen(CHOOSE + column("mardi<br>23/12", hour("10h00")) + WEEK)
    assert reading.words == "lundi 22/12 09h30"
    assert (reading.slots, reading.second is None) == (2, False)


def test_an_hour_that_cannot_be_read_is_counted_and_has_no_date() -> None:
    reading = seen(CHOOSE + column("lundi<br>22/12", hour("matin")))
    assert (reading.outcome, reading.earliest, reading.slots) == (Outcome.SLOTS_OFFERED, None, 1)


@pytest.mark.parametrize("day", ["jeudi<br>23/12", "lundi<br>30/02", "lundi<br>32/01", "sans date"])
def test_an_hour_of_a_day_that_does_not_exist_makes_all_of_them_doubtful(day: str) -> None:
    assert seen(CHOOSE + column(day, hour())).rule == "unreadable_date"
    assert seen(CHOOSE + WEEK + column(day, hour())).rule == "unreadable_date"


RELEASE = "Prochaine mise en ligne de nouveaux rendez-vous : le 05/01/2026 à 09:00"
NEXT = "<button>Prochaine disponibilité le 12/02/2026</button>"


@pytest.mark.parametrize("shown", [CHOOSE + WEEK, NONE + THIS_WEEK + NEXT, NONE + TRY_LATER])
def test_when_slots_are_put_online_is_a_notice(shown: str) -> None:
    reading = seen(f"{shown}<p>{RELEASE}</p>")
    assert (reading.outcome.conclusive, reading.notices) == (True, (RELEASE,))


def test_the_days_that_were_read_end_with_the_week_or_with_the_last_day() -> None:
    data = DATA % ("22/12/2025", "22/12/2025", "")
    assert str(seen(CHOOSE + WEEK, data=data).horizon) == "2025-12-28"
    assert str(seen(NONE + FROM_THIS_DATE, data=data).horizon) == "2026-06-30"


def test_two_headings_or_hours_beside_the_next_day_are_no_answer() -> None:
    assert seen(NONE + THIS_WEEK + NEXT).outcome is Outcome.SLOTS_OFFERED
    assert seen(NONE + CHOOSE + THIS_WEEK + NEXT).outcome is Outcome.UNRECOGNISED
    taken = column("lundi<br>22/12", hour(radio="disabled"))
    assert seen(CHOOSE + taken + NEXT).outcome is Outcome.UNRECOGNISED
    assert seen(NONE + taken + NEXT).outcome is Outcome.UNRECOGNISED


TAKEN = [
    hour(radio="disabled"),
    hour(radio="aria-disabled=true"),
    hour(label="<s>{}</s>"),
    hour(label="{} (complet)"),
    hour(label="{} <span class=fr-badge>Complet</span>"),
    hour(item="disabled"),
    hour().replace("</li>", "<span>indisponible</span></li>"),
    hour().replace("<label ", "<label aria-disabled=true "),
]


@pytest.mark.parametrize("taken", TAKEN)
def test_an_hour_that_cannot_be_taken_is_none(taken: str) -> None:
    assert seen(CHOOSE + column("lundi<br>22/12", taken)).outcome is Outcome.UNRECOGNISED
    beside = seen(CHOOSE + column("lundi<br>22/12", taken) + column("mardi<br>23/12", hour("10h00")))
    assert beside.outcome is Outcome.UNRECOGNISED or beside.words == "mardi 23/12 10h00"


@pytest.mark.parametrize("day", ["vendredi<br>19/12", "lundi<br>15/12"])
def test_one_hour_of_the_past_leaves_no_date(day: str) -> None:
    assert seen(CHOOSE + column(day, hour())).rule == "out_of_time"
    assert seen(CHOOSE + column(day, hour()) + WEEK).rule == "out_of_time"


@pytest.mark.parametrize("first", ["22/12/2029", "22/12/2020", "04/01/2099"])
def test_a_week_in_another_time_has_no_slots(first: str) -> None:
    day = column(first[:5], hour())
    assert seen(CHOOSE + day, data=DATA % (first, first, first)).rule == "out_of_time"


@pytest.mark.parametrize("said", NEXT_DAYS)
@pytest.mark.parametrize("heading", [NONE, CHOOSE])
def test_a_button_that_names_the_next_day_is_a_slot(said: str, heading: str) -> None:
    reading = seen(f"{heading}{THIS_WEEK}<button>Prochaine disponibilité le {said}</button>")
    assert (reading.outcome, reading.rule) == (Outcome.SLOTS_OFFERED, "next_availability")
    assert reading.earliest is not None
    assert reading.earliest.day(target("x", "").tz).isoformat() == "2026-02-12"


@pytest.mark.parametrize("heading", [NONE, CHOOSE])
@pytest.mark.parametrize(
    "button",
    [
        "<button>Prochaine disponibilité le</button>",
        "<button>Prochaine disponibilité le&nbsp;</button>",
        "<button>Prochaine disponibilité le undefined</button>",
        "<button>Prochaine disponibilité le null</button>",
        "<button>Prochaine disponibilité le Invalid Date</button>",
        "<button>Prochaine disponibilité le mois prochain</button>",
        "<button>Prochaine disponibilité</button>",
        "<button>Prochaine disponibilité le 02/03/2020</button>",
        "<button>Prochaine disponibilité le 31/12/2099</button>",
        "<button>Prochaine disponibilité le 19/12/2025</button>",
        "<button disabled>Prochaine disponibilité le 12/02/2026</button>",
        "<button aria-disabled=true>Prochaine disponibilité le 12/02/2026</button>",
        "<s><button>Prochaine disponibilité le 12/02/2026</button></s>",
        "<button>Prochaine disponibilité le 12/02/2026 (complet)</button>",
        "<div><button>Prochaine disponibilité le 12/02/2026</button> <span>Complet</span></div>",
        "<p>Prochaine disponibilité le 12/02/2026</p>",
    ],
)
def test_a_next_availability_that_leads_nowhere_is_neither_some_nor_none(button: str, heading: str) -> None:
    assert seen(f"{heading}{THIS_WEEK}{button}").outcome is Outcome.UNRECOGNISED


# None.


@pytest.mark.parametrize(
    "below",
    [
        FROM_THIS_DATE,
        TRY_LATER,
        "",
        column("lundi<br>22/12") + column("mardi<br>23/12") + FROM_THIS_DATE,
        f"{TRY_LATER}<p>Prochaine mise en ligne de nouveaux rendez-vous : le 05/01/2026 à 09:00</p>"
        "<p>pour des créneaux de la semaine du 02/02/2026</p>",
    ],
)
def test_the_heading_alone_says_none_and_nothing_says_why(below: str) -> None:
    reading = seen(NONE + below)
    assert (reading.outcome, reading.kind) == (Outcome.NO_SLOTS, NoSlotsKind.UNSPECIFIED)


@pytest.mark.parametrize(
    ("data", "query", "columns"),
    [
        (DATA % ("05/01/2026", "22/12/2025", ""), "", ""),
        (DATA % ("12/01/2026", "", ""), "", ""),
        ("", "?premierJour=2026-01-05", ""),
        (DATA % ("29/12/2025", "26/12/2025", ""), "", ""),
        (DATA % ("22/12/2025", "19/12/2025", ""), "", ""),
        ("", "", column("lundi<br>05/01") + column("mardi<br>06/01")),
        (DATA % ("2026-03-02", "2025-12-22", ""), "", ""),
        (DATA % ("22/12/2025", "22/12/2025", ""), "", column("lundi<br>26/01")),
    ],
)
def test_from_a_later_week_on_is_not_none(data: str, query: str, columns: str) -> None:
    reading = seen(NONE + columns + FROM_THIS_DATE, data=data, query=query)
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "later_week")


@pytest.mark.parametrize("first", ["20/12/2025", "22/12/2025", "24/12/2025"])
def test_the_first_week_is_no_later_one(first: str) -> None:
    assert seen(NONE + FROM_THIS_DATE, data=DATA % (first, first, "")).outcome is Outcome.NO_SLOTS
    assert seen(NONE + FROM_THIS_DATE, data=DATA % (first, "", "")).outcome is Outcome.NO_SLOTS


def test_a_last_week_that_is_over_is_no_answer_of_today() -> None:
    shown = DATA % ("15/12/2025", "15/12/2025", "")
    assert seen(NONE + FROM_THIS_DATE, data=shown).outcome is Outcome.NO_SLOTS
    over = seen(NONE + FROM_THIS_DATE, data=shown.replace("30/06/2026", "19/12/2025"))
    assert (over.outcome, over.rule) == (Outcome.UNRECOGNISED, "out_of_time")


def test_the_pages_own_first_day_with_slots_speaks_against_none() -> None:
    reading = seen(NONE + FROM_THIS_DATE, data=DATA % ("22/12/2025", "22/12/2025", "12/02/2026"))
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "contradiction")


BESIDE = [
    "<p>Ceci est un exemple.</p>",
    "<p>Sauf pour les duplicatas.</p>",
    "<p>avant le 15 janvier</p>",
    "<p>mardi 23/12</p>",
    "<h3>mardi</h3>",
    "<p>Les rendez-vous sont pris au guichet 4.</p>",
    "<blockquote>Choisissez votre créneau</blockquote>",
    "<ul><li>lundi 22/12 à 09h30</li></ul>",
    THIS_WEEK,
    WEEK,
    "<p>Des créneaux sont disponibles à la sous-préfecture de Torcy.</p>",
    "<p>Prochain créneau : lundi 1er mars 2027</p>",
    "<div class=fr-alert>Une erreur s'est produite.</div>",
    "<p>Les créneaux n'ont pas pu être chargés.</p>",
]


@pytest.mark.parametrize("beside", BESIDE)
def test_what_stands_below_the_heading_can_take_it_back(beside: str) -> None:
    assert seen(NONE + beside).outcome is Outcome.UNRECOGNISED
    assert seen(f"<div>{NONE}</div><div>{beside}</div>").outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "heading",
    [
        "<h2><s>Aucun créneau disponible</s></h2>",
        "<h2><del>Aucun créneau disponible</del></h2>",
        "<h2>« Aucun créneau disponible »</h2>",
        "<blockquote><h2>Aucun créneau disponible</h2></blockquote>",
        "<h2>Aucun créneau disponible avant le 15 janvier</h2>",
        "<h2>Aucun créneau disponible sur cette semaine</h2>",
        "<h2>Aucun créneau disponible <small>à Créteil</small></h2>",
        "<table><tr><td>12/11</td><td><h2>Aucun créneau disponible</h2></td></tr></table>",
    ],
)
def test_a_heading_that_is_quoted_struck_or_limited_is_no_answer(heading: str) -> None:
    assert seen(heading + TRY_LATER).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "outside",
    [
        "<header><p>Le service sera fermé le mardi 23 décembre.</p></header>",
        "<p>Présentez-vous avec votre passeport.</p>",
        "<nav><a>Gérer mes rendez-vous</a></nav>",
    ],
)
def test_what_stands_outside_the_main_part_changes_nothing(outside: str) -> None:
    assert seen(NONE + TRY_LATER, outside=outside).outcome is Outcome.NO_SLOTS
    assert seen(CHOOSE + WEEK, outside=outside).outcome is Outcome.SLOTS_OFFERED


@pytest.mark.parametrize(
    "beside",
    [
        FROM_THIS_DATE,
        "<button>Voir plus de créneaux</button>",
        column("mardi<br>23/12"),
        FOLDED.format("jeudi 25/12"),
        "<p>Étape 2 sur 4</p>",
    ],
)
def test_what_the_product_shows_beside_hours_is_known(beside: str) -> None:
    assert seen(CHOOSE + WEEK + beside).outcome is Outcome.SLOTS_OFFERED
