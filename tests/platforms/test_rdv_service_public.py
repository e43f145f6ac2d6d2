"""RDV Service Public: « none » is all that its page says, a slot is free and has a date that can be true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from probes.model import AcceptedLine, Capture, Outcome, Reading, Step, Transport
from probes.platforms.rdv_service_public.platform import RdvServicePublic
from tests.cast.saved_pages import PAGES, load, received, target
from tests.cast.source import SOURCE
from tests.platforms.scripted import visit

NONE = load(PAGES / "rdv_service_public/no_slots-lieu_step")
MOTIF = "Motif :&nbsp;Renouvellement de récépissé"
URL = "https://rdv.anct.gouv.fr/prendre_rdv?departement=77&public_link_organisation_id=18"
SAID = "Malheureusement, aucun créneau correspondant à votre recherche n'a été trouvé."
NO_SLOT = f'<div class="card"><div class="rdv-font-weight-700">{SAID}</div></div>'
RECAP = (
    '<ul class="list-group"><li class="list-group-item"><div class="col">Motif : Renouvellement</div>'
    '<div class="col-auto"><a href="#">modifier</a></div></li></ul>'
)
HEADINGS = (
    '<div class="card"><a href="/prendre_rdv"><h2>Renouvellement (Sur place)</h2>Service étrangers</a></div>'
)


def place(name: str, when: str, *, more: str = "", link: str = "") -> str:
    """The card of a place with its next slot, and what stands beside it."""
    return (
        f'<div class="card"><h4 class="card-title">{name}</h4><div class="card-subtitle">1 rue Haute</div>'
        f'{more}<a {link} href="/prendre_rdv?lieu_id=4">Prochaine disponibilité le<br>'
        f"<strong>{when}</strong></a></div>"
    )


def hour(written: str, starts_at: str, *, attributes: str = "") -> str:
    """The link of one slot of a week."""
    return (
        f'<a class="btn" {attributes} aria-label="Choisir le créneau de {written}" '
        f'href="/users/rdv_wizard_step/new?starts_at={starts_at.replace(" ", "%20")}">{written}</a>'
    )


def week(*inside: str) -> str:
    """The week of one place."""
    return f'<div class="card"><div id="creneaux-lieu-3">{"".join(inside)}</div></div>'


def chosen(name: str) -> str:
    """The chosen place as the page prints it below the motif."""
    return f'<ul class="list-group"><li class="list-group-item">Lieu : {name}</li></ul>'


def page(*inside: str, recap: str = RECAP, above: str = "") -> Step:
    """A page with this content, received on 20 December 2025."""
    head = "<h1>Prenez rendez-vous avec<br>Préfecture de Vaux</h1>"
    return received(f"<html><body>{above}<main>{head}{recap}{''.join(inside)}</main></body></html>", url=URL)


def read_all(*steps: Step, desk: str | None = None) -> Reading:
    """What the platform makes of a visit of these pages."""
    watched = target("rdv_service_public", URL, desk=desk)
    numbered = tuple(replace(step, n=n) for n, step in enumerate(steps))
    return RdvServicePublic().read(watched, Capture(transport=Transport.HTTP, steps=numbered))


def read(*inside: str, desk: str | None = None, recap: str = RECAP, above: str = "") -> Reading:
    """What the platform makes of one page with this content."""
    return read_all(page(*inside, recap=recap, above=above), desk=desk)


def seen(reading: Reading) -> date | None:
    return reading.earliest.starts_at.date() if reading.earliest else None


@pytest.mark.parametrize(
    ("beside", "outcome"),
    [
        (MOTIF, Outcome.NO_SLOTS),
        (f"{MOTIF}<br>Lieu : Préfecture", Outcome.NO_SLOTS),
        ("Lieu : Préfecture", Outcome.UNRECOGNISED),
        ("Renouvellement de récépissé", Outcome.UNRECOGNISED),
        ("", Outcome.UNRECOGNISED),
    ],
)
def test_the_sentence_counts_beside_the_chosen_motif_alone(beside: str, outcome: Outcome) -> None:
    (step,) = NONE.capture.steps
    shown = replace(step, body=step.body.replace(MOTIF.encode(), beside.encode()))
    reading = RdvServicePublic().read(NONE.target, replace(NONE.capture, steps=(shown,)))
    assert reading.outcome is outcome


def test_the_sentence_counts_on_the_pages_of_the_search_alone() -> None:
    (step,) = NONE.capture.steps
    elsewhere = replace(step, final_url=step.final_url.replace("/prendre_rdv", "/org/2458"))
    assert elsewhere != step
    reading = RdvServicePublic().read(NONE.target, replace(NONE.capture, steps=(elsewhere,)))
    assert reading.outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "shown",
    [
        f"<blockquote>{SAID}</blockquote>",
        f"<p>Hier, le message « {SAID} » s'affichait à tort.</p>",
        f"<p>Ce message s'affichait par erreur :</p><p>{SAID}</p>",
        f"<textarea>{SAID}</textarea>",
        f"<pre>{SAID}</pre>",
        f"<table><tr><td>12/12/2025</td><td>{SAID}</td></tr></table>",
        f"<table><tr><td>{SAID}</td></tr></table>",
        f"<details open><summary>Que veut dire ce message ?</summary><p>{SAID}</p></details>",
        f"<dl><dt>Si rien n'est proposé</dt><dd>{SAID}</dd></dl>",
        f"<ul><li>{SAID}</li></ul>",
        f"<del><p>{SAID}</p></del><p>Deux créneaux ont été ajoutés.</p>",
        f"<s><p>{SAID}</p></s>",
        f'<div style="text-decoration: line-through"><p>{SAID}</p></div>',
        f"<label>{SAID} <input type=checkbox></label>",
        f"<label><p>{SAID}</p></label>",
        f"<figure><p>{SAID}</p></figure>",
        *(f"<div {off}><p>{SAID}</p></div>" for off in ("class=disabled", "inert", "aria-disabled=true")),
        f"<table><tr><th><p>{SAID}</p></th></tr></table>",
        *(f"<{tag}><div>{SAID}</div></{tag}>" for tag in ("blockquote", "q", "code", "li", "dd", "strike")),
    ],
)
def test_the_sentence_in_a_quotation_an_example_or_struck_is_no_answer(shown: str) -> None:
    assert read(shown).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "beside",
    [
        "<p>Prochain créneau : lundi 1er mars 2027</p>",
        "<p>Prochaine ouverture le 4 janvier 2026 à 9h00</p>",
        "<div class='alert'>Le calendrier n'a pas pu être chargé.</div>",
        "<p>Une erreur est survenue pendant la recherche.</p>",
        "<p>Des rendez-vous sont disponibles à Nogent.</p>",
        "<p>avant le 15 janvier</p>",
        "<p>lundi 1er mars 2027</p>",
        "<p>09:00 09:30</p>",
        "<p>S'inscrire</p>",
        "<a href='/prendre_rdv?date=x'>Semaine prochaine</a>",
        "<p>Chargement en cours…</p>",
        "<p>Le service de réservation est indisponible, réessayez plus tard.</p>",
        "<div class='card'><h2 class='card-title'>Il reste des créneaux à Vaux</h2></div>",
        "<div class='card'><h3>Exemple d'affichage</h3></div>",
        f"<div class='card'><h3>Important<br>{SAID}</h3></div>",
        "<div class='modal show' tabindex='-1'><p>À lire</p></div>",
        "<ul><li class='list-group-item'>Service : tout est complet</li></ul>",
        "<ul><li class='list-group-item'>Remarque : passez à l'accueil</li></ul>",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_sentence_beside_something_unknown_is_no_answer(beside: str, *, first: bool) -> None:
    inside = (beside, NO_SLOT) if first else (NO_SLOT, beside)
    assert read(*inside).outcome is Outcome.UNRECOGNISED


def test_an_alert_above_the_page_belongs_to_the_answer() -> None:
    for how in ('class="alert"', "role=alert"):
        failed = f"<div {how}>Bienvenue à tous</div>"
        assert read(NO_SLOT, above=failed).rule == "unknown_line"


@pytest.mark.parametrize(
    "notice",
    [
        "Le service est indisponible le samedi 12 décembre de 8h à 12h.",
        "Le site sera en maintenance tous les mardis entre 6h et 7h.",
        "Le service est momentanément indisponible pour l'envoi des SMS.",
        "La plateforme peut être surchargée ; le site est surchargé le lundi matin.",
        "Notre service sera fermé du 24 au 26 décembre.",
    ],
)
def test_an_announced_outage_beside_an_answer_changes_nothing(notice: str) -> None:
    assert read(f"<p>{notice}</p>", NO_SLOT).outcome is Outcome.NO_SLOTS
    offered = read(f"<p>{notice}</p>", place("Melun", "mardi 13 janvier 2026 à 08h00"))
    assert offered.outcome is Outcome.SLOTS_OFFERED


def test_a_box_of_a_filter_beside_an_answer_changes_nothing() -> None:
    box = '<div class="cf-turnstile" data-sitekey="x"></div>'
    assert read(box, NO_SLOT).outcome is Outcome.NO_SLOTS
    assert read(box, place("Melun", "mardi 13 janvier 2026 à 08h00")).outcome is Outcome.SLOTS_OFFERED
    assert read(box).outcome is Outcome.BLOCKED


@pytest.mark.parametrize(
    "hint",
    [
        "<h2>Sélectionnez le motif de votre RDV :</h2><p>Motif : choisissez dans la liste ci-dessous.</p>",
        "<p>Motif : Renouvellement</p>",
        "<h2>Sélectionnez le motif de votre RDV :</h2>" + RECAP,
        '<ul class="list-group"><li class="list-group-item">Motif : la raison de votre venue</li></ul>',
        '<ul class="list-group"><li class="list-group-item">Motif : Renouvellement</li></ul>',
        '<li class="list-group-item"><a>Motif : choisissez la raison de votre venue</a></li>',
        "<div class='card'><h2>Service étrangers</h2></div>",
        "<h3>Choisissez un motif</h3>" + HEADINGS,
    ],
)
def test_before_a_motif_is_chosen_the_sentence_means_an_outdated_link(hint: str) -> None:
    reading = read(hint, NO_SLOT, recap="")
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "motif_step")


@pytest.mark.parametrize(
    "begin", ["choisissez", "sélectionnez", "indiquez", "précisez", "veuillez", "merci de", "la raison"]
)
def test_a_hint_in_the_list_of_choices_is_no_motif(begin: str) -> None:
    hint = RECAP.replace("Renouvellement", f"{begin} votre démarche")
    reading = read(NO_SLOT, recap=hint)
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "motif_step")


@pytest.mark.parametrize("of", ["recherche", "invitation"])
@pytest.mark.parametrize("tail", ["", " Veuillez réessayer ultérieurement."])
def test_none_is_said_of_a_search_or_of_an_invitation(of: str, tail: str) -> None:
    said = SAID.replace("recherche", of) + tail
    reading = read(NO_SLOT.replace(SAID, said))
    assert (reading.outcome, reading.words, reading.notices) == (
        Outcome.NO_SLOTS,
        said,
        ("Motif : Renouvellement",),
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Préfecture de Melun", True),
        ("Préfecture de Melun (12 rue des Saints-Pères, Melun, 77000)", True),
        ("préfecture de melun (Place de la Préfecture (entrée B), 77010 Melun)", True),
        ("Préfecture de Melun (annexe)", False),
        ("Préfecture de Melun (annexe) (12 rue Haute, Melun, 77000)", False),
        ("Préfecture de Melun-Sénart (12 rue Haute, Melun, 77000)", False),
        ("Sous-préfecture de Meaux (12 rue Haute, Meaux, 77100)", False),
        ("Maison de Meaux (ancienne Préfecture de Melun, 77000)", False),
    ],
)
def test_a_chosen_place_is_named_with_its_address(name: str, *, wanted: bool) -> None:
    desk = "Préfecture de Melun (1 rue Haute, 77000 Melun)"
    none = read(chosen(name), NO_SLOT, desk=desk)
    some = read(chosen(name), week(hour("08:30", "2026-01-05 08:30:00 +0100")), desk=desk)
    assert none.outcome is (Outcome.NO_SLOTS if wanted else Outcome.UNRECOGNISED)
    assert some.outcome is (Outcome.SLOTS_OFFERED if wanted else Outcome.UNRECOGNISED)


def test_the_headings_of_2024_name_motif_and_place() -> None:
    melun = (
        '<div class="card"><a><h2 class="card-title">Melun</h2><p class="card-subtitle">1 rue A</p></a></div>'
    )
    assert read(NO_SLOT, recap=HEADINGS).outcome is Outcome.NO_SLOTS
    assert read(NO_SLOT, recap="<h2>Renouvellement (Sur place)</h2>").outcome is Outcome.NO_SLOTS
    assert read(melun, NO_SLOT, recap=HEADINGS, desk="Melun").outcome is Outcome.NO_SLOTS
    assert read(melun, NO_SLOT, recap=HEADINGS, desk="Meaux").rule == "other_desk"
    slots = week(hour("08:30", "2026-01-05 08:30:00 +0100"))
    assert seen(read(melun, slots, recap=HEADINGS, desk="Melun")) == date(2026, 1, 5)


@pytest.mark.parametrize("places", [1, 2])
def test_slots_on_one_page_and_none_on_the_next_contradict_each_other(places: int) -> None:
    listed = [place(f"Lieu {n}", "mardi 13 janvier 2026 à 08h00") for n in range(places)]
    assert read_all(page(*listed)).outcome is Outcome.SLOTS_OFFERED
    both = read_all(page(*listed), page(NO_SLOT))
    assert (both.outcome, both.rule) == (Outcome.UNRECOGNISED, "contradiction")
    assert SAID in both.words
    assert "13 janvier" in both.words


@pytest.mark.parametrize("kind", ["Sur place", "Par téléphone", "À domicile", "Par visioconférence"])
def test_the_heading_says_where_the_appointment_is(kind: str) -> None:
    recap = HEADINGS.replace("Sur place", kind)
    assert read(NO_SLOT, recap=recap).outcome is Outcome.NO_SLOTS
    assert read(NO_SLOT, recap=HEADINGS.replace("(Sur place)", kind)).outcome is Outcome.UNRECOGNISED


def test_an_empty_week_that_names_its_next_slot_offers_it() -> None:
    days = "<p><strong>dimanche</strong><br>04 janv</p><p>Date fermée à la reservation</p>"
    overlay = (
        '<div class="bg-overlay"><a href="/prendre_rdv?date=x">Prochaine disponibilité le<br>'
        "<strong>dimanche 11 janvier 2026 à 09h00</strong></a></div>"
    )
    named = chosen("Melun (12 rue Haute, Melun, 77000)") + "<h3>Sélectionnez un créneau :</h3>"
    assert seen(read(named, week(days, overlay), desk="Melun")) == date(2026, 1, 11)
    assert read(named, week(days, overlay), desk="Meaux").outcome is Outcome.UNRECOGNISED


def session(
    heading: str, *, footer: str = '<a href="/users/x">S\'inscrire</a>', seats: str = "3 / 10"
) -> str:
    """A session for several people."""
    return (
        f'<div class="card"><div class="card-header">{heading}</div><p><strong>Premiers pas</strong></p>'
        f"<p>Animé par Mme DUPONT</p><p>60 minutes</p><p>{seats}</p>"
        f'<div class="card-footer">{footer}</div></div>'
    )


WORKSHOPS = "<h3>Inscrivez-vous à l'atelier de votre choix :</h3>"


@pytest.mark.parametrize(
    ("heading", "day"),
    [
        ("Le lundi 05 janvier 2026 à 09h00 (durée : 60 minutes)", date(2026, 1, 5)),
        ("Aujourd'hui à 14h30 (durée : 45 minutes)", date(2025, 12, 20)),
    ],
)
def test_a_session_that_one_may_join_is_a_slot(heading: str, day: date) -> None:
    assert seen(read(WORKSHOPS, session(heading))) == day


@pytest.mark.parametrize(
    "footer",
    [
        "Vous êtes déjà inscrit pour cet atelier.",
        "Complet",
        '<a href="/users/x" aria-disabled="true">S\'inscrire</a>',
        '<a href="/users/x" class="disabled">S\'inscrire</a>',
        "<s><a href='/users/x'>S'inscrire</a></s>",
        "<a href='/users/x'>S'inscrire (complet)</a>",
        "<a href='/users/x'>Se désinscrire</a>",
    ],
)
def test_a_session_that_is_full_is_none(footer: str) -> None:
    held = session("Le lundi 05 janvier 2026 à 09h00 (durée : 60 minutes)", footer=footer)
    assert read(WORKSHOPS, held).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "said",
    [
        "Votre référent n'a pas de créneaux disponibles. Voulez-vous voir un autre agent ?",
        "Vos référents n'ont pas de créneaux disponibles.",
        "L'agent avec qui vous voulez prendre rendez-vous ne vous est pas assigné comme référent.",
    ],
)
def test_what_is_said_to_followed_people_is_no_answer(said: str) -> None:
    card = f'<div class="card"><div class="rdv-font-weight-700">{said}</div></div>'
    assert read(card).outcome is Outcome.UNRECOGNISED
    assert read(card, NO_SLOT).outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "when",
    [
        "vendredi 19 décembre 2025 à 09h00",
        "lundi 2 mars 2020 à 09h00",
        "31/12/2099 à 09:00",
        "samedi 31 février 2026 à 09h00",
        "mardi 12 janvier 2026 à 09h00",
        "bientôt",
        "1er janvier 1970",
    ],
)
def test_one_date_that_cannot_be_true_makes_the_page_untrusted(when: str) -> None:
    good = place("Melun", "mardi 13 janvier 2026 à 08h00")
    for inside in ([place("Vaux", when)], [good, place("Vaux", when)], [place("Vaux", when), good]):
        assert read(*inside).outcome is Outcome.UNRECOGNISED
    assert read(*[good, place("Vaux", when)], desk="Melun").outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "starts_at", ["2025-12-19 09:00:00 +0100", "2020-03-02 09:00:00 +0100", "2099-12-31", ""]
)
def test_one_slot_of_a_week_that_cannot_be_true_makes_the_page_untrusted(starts_at: str) -> None:
    good = hour("08:30", "2026-01-05 08:30:00 +0100")
    assert read(week(good)).outcome is Outcome.SLOTS_OFFERED
    assert read(week(hour("09:00", starts_at), good)).outcome is Outcome.UNRECOGNISED


def test_a_slot_later_today_and_one_in_three_years_are_slots() -> None:
    for when, day in (
        ("samedi 20 décembre 2025 à 16h00", date(2025, 12, 20)),
        ("mercredi 20 décembre 2028 à 08h00", date(2028, 12, 20)),
    ):
        assert seen(read(place("Melun", when))) == day


@pytest.mark.parametrize(
    "full",
    [
        place("Melun", "mardi 13 janvier 2026 (complet)"),
        place("Melun", "mardi 13 janvier 2026", link='aria-disabled="true"'),
        place("Melun", "mardi 13 janvier 2026", link='class="btn disabled"'),
        place("Melun", "mardi 13 janvier 2026", more="<span class='badge'>Complet</span>"),
        place("Melun <span class='badge'>Complet</span>", "mardi 13 janvier 2026"),
        f"<del>{place('Melun', 'mardi 13 janvier 2026')}</del>",
        place("Melun", "<s>mardi 13 janvier 2026</s>"),
        week(hour("09:00 (complet)", "2026-01-05 09:00:00 +0100")),
        week(hour("09:00", "2026-01-05 09:00:00 +0100").replace("Choisir le créneau de", "Voir")),
        week(hour("09:00", "2026-01-05 09:00:00 +0100", attributes='aria-disabled="TRUE"')),
        week(hour("<s>09:00</s>", "2026-01-05 09:00:00 +0100")),
        week(hour("09:00", "2026-01-05 09:00:00 +0100", attributes="disabled")),
        week(f"<div class='disabled'>{hour('09:00', '2026-01-05 09:00:00 +0100')}</div>"),
        week(hour("09:00", "2026-01-05 09:00:00 +0100", attributes="style='text-decoration:line-through'")),
    ],
)
def test_a_slot_that_is_full_struck_or_disabled_is_none(full: str) -> None:
    assert read(full).outcome is Outcome.UNRECOGNISED


def test_the_hours_of_a_day_may_stand_side_by_side() -> None:
    hours = [hour(f"{n:02}:00", f"2026-01-05 {n:02}:00:00 +0100") for n in range(9, 18)]
    reading = read(week(f"<div><p><strong>lundi</strong><br>05 janv</p>{' '.join(hours)}</div>"))
    assert (reading.outcome, reading.slots) == (Outcome.SLOTS_OFFERED, 9)


def test_a_free_slot_beside_a_struck_one_is_the_first() -> None:
    gone = hour("09:00", "2026-01-05 09:00:00 +0100", attributes='class="disabled"')
    reading = read(week(f"<del>{gone}</del>", hour("10:00", "2026-01-06 10:00:00 +0100")))
    assert reading.outcome in (Outcome.SLOTS_OFFERED, Outcome.UNRECOGNISED)
    assert seen(reading) in (date(2026, 1, 6), None)


@pytest.mark.parametrize(
    "said",
    [
        "La prise de rendez-vous s'effectue désormais sur le site de l'ANEF.",
        "Les demandes de titre de séjour se font désormais en ligne, sur administration-etrangers.gouv.fr.",
        "Cette démarche est définitivement fermée.",
        "La prise de rendez-vous en ligne est suspendue jusqu'à nouvel ordre.",
        "Ce service n'est plus disponible.",
    ],
)
def test_a_whole_sentence_says_that_the_procedure_is_closed_or_moved(said: str) -> None:
    assert read(f"<p>{said}</p>").outcome is Outcome.CLOSED
    assert read(f"<p>Si vous lisez « {said} », revenez demain.</p>").outcome is Outcome.UNRECOGNISED
    assert read(f"<p>{said}</p>", NO_SLOT).outcome is Outcome.UNRECOGNISED


def test_every_place_is_named_once_with_its_next_slot() -> None:
    listed = (
        place("Melun", "mardi 13 janvier 2026 à 08h00"),
        place("Meaux", "lundi 12 janvier 2026 à 09h00"),
    )
    reading = read(*listed)
    assert [(part.label, part.outcome) for part in reading.parts] == [
        ("Melun", Outcome.SLOTS_OFFERED),
        ("Meaux", Outcome.SLOTS_OFFERED),
    ]
    assert reading.words == "Prochaine disponibilité le lundi 12 janvier 2026 à 09h00"
    assert reading.earliest is not None
    assert reading.earliest.place == "Meaux"
    assert seen(read(*listed, desk="Melun")) == date(2026, 1, 13)
    assert len(read_all(page(*listed), page(*listed)).parts) == 2
    shown = read(chosen("Melun"), week(hour("09:00", "2026-01-06 09:00:00 +0100")))
    assert (shown.parts, shown.words) == ((), "Choisir le créneau de 09:00")
    assert (shown.earliest and shown.earliest.place) == "Melun"


def test_a_week_opens_on_the_local_day_of_the_first_slot() -> None:
    wanted = place("Melun", "mardi 13 janvier 2026 à 00h30")
    sooner = place("Vaux", "lundi 12 janvier 2026 à 09h00").replace("lieu_id=4", "lieu_id=5")
    for desk, tail in ((None, "lieu_id=5&date=2026-01-12"), ("Melun", "lieu_id=4&date=2026-01-13")):
        watched = target("rdv_service_public", URL, desk=desk)
        body = page(wanted, sooner).body.decode()
        asked, _reading = visit(RdvServicePublic(), watched, {URL: (URL, body)})
        assert asked == [URL, f"{URL}&{tail}"]


RECEIPT = "renouvellement_de_recepisse"
ASKED = "https://rdv.anct.gouv.fr/prendre_rdv?motif_name_with_location_type={}&public_link_organisation_id=18"


@pytest.mark.parametrize(
    ("motif", "shown", "rule"),
    [
        (
            "renouvellement_de_recepisse-public_office",
            "Renouvellement de récépissé (Sur place)",
            "none_found",
        ),
        (f"{RECEIPT}-public_office", "Motif : Renouvellement de récépissé", "none_found"),
        ("renouvellement-public_office", "Motif : Renouvellement de récépissé", "none_found"),
        (f"{RECEIPT}-phone", "Renouvellement de récépissé (Par téléphone)", "none_found"),
        (
            "renouvellement_de_recepisse-public_office",
            "Renouvellement de récépissé (Par téléphone)",
            "other_motif",
        ),
        ("1201-public_office", "Motif : Renouvellement de récépissé", "none_found"),
        (f"{RECEIPT}-public_office", "Motif : Retrait de titre", "other_motif"),
        ("retrait_de_titre-public_office", "Motif : Renouvellement de récépissé", "other_motif"),
    ],
)
def test_an_answer_counts_for_the_motif_and_the_meeting_that_were_asked_for_alone(
    motif: str, shown: str, rule: str
) -> None:
    heading = f'<div class="card"><a href="/prendre_rdv"><h2>{shown}</h2></a></div>'
    recap = RECAP.replace("Motif : Renouvellement", shown) if shown.startswith("Motif") else heading
    url = ASKED.format(motif)
    step = replace(page(NO_SLOT, recap=recap), url=url, final_url=url)
    capture = Capture(transport=Transport.HTTP, steps=(step,))
    assert RdvServicePublic().read(target("rdv_service_public", url), capture).rule == rule


@pytest.mark.parametrize(
    ("asked", "arrived"),
    [
        (URL, URL.replace("=18", "=19")),
        (f"{URL}&motif_id=5", f"{URL}&motif_id=6"),
        (ASKED.format("renouvellement-public_office"), ASKED.format("renouvellement-phone")),
        ("https://rdv.anct.gouv.fr/org/18", URL.replace("=18", "=19")),
    ],
)
def test_a_visit_that_ends_at_another_search_answers_nothing(asked: str, arrived: str) -> None:
    step = replace(page(NO_SLOT), url=asked, final_url=arrived)
    reading = RdvServicePublic().read(
        target("rdv_service_public", asked), Capture(transport=Transport.HTTP, steps=(step,))
    )
    assert reading.rule == "other_search"


MELUN = place("Melun", "mardi 13 janvier 2026 à 08h00")
OVERLAY = (
    '<div class="bg-overlay"><a href="/prendre_rdv?date=x">Prochaine disponibilité le<br>'
    "<strong>mardi 13 janvier 2026 à 08h00</strong></a></div>"
)


@pytest.mark.parametrize(
    "host", ["rdv.anct.gouv.fr", "rdv.numerique.gouv.fr", "rdv-solidarites.fr", "www.rdv-solidarites.fr"]
)
def test_the_product_answers_under_each_of_its_names_and_paths(host: str) -> None:
    for path in ("/prendre_rdv?x=1", "/creneaux?lieu_id=4"):
        none, some = (replace(page(each), final_url=f"https://{host}{path}") for each in (NO_SLOT, MELUN))
        assert read_all(none).outcome is Outcome.NO_SLOTS
        assert read_all(some).outcome is Outcome.SLOTS_OFFERED


def test_a_page_that_is_not_the_product_s_offers_nothing() -> None:
    sooner = page(place("Melun", "lundi 5 janvier 2026 à 08h00"))
    for strange in (
        replace(sooner, final_url="https://www.example.org/prendre_rdv"),
        replace(sooner, status=503),
        replace(sooner, final_url=URL.replace("/prendre_rdv", "/org/2458")),
    ):
        assert seen(read_all(page(MELUN), strange)) in (date(2026, 1, 13), None)
        assert read_all(strange).outcome is not Outcome.SLOTS_OFFERED


def test_one_doubtful_date_on_a_later_page_takes_back_the_offers_before_it() -> None:
    reading = read_all(page(MELUN), page(place("Vaux", "samedi 31 février 2026 à 09h00")))
    assert (reading.outcome, reading.rule) == (Outcome.UNRECOGNISED, "unreadable_date")


def test_beside_an_empty_week_the_other_page_decides() -> None:
    empty = page(week("<p><strong>lundi</strong><br>05 janv</p>"))
    assert read_all(empty).rule == "empty_week"
    down = replace(page(), status=503)
    for other, outcome in ((page(NO_SLOT), Outcome.NO_SLOTS), (down, Outcome.SITE_DOWN)):
        assert read_all(empty, other).outcome is outcome
        assert read_all(other, empty).outcome is outcome


def test_names_on_each_page_are_known_and_the_first_one_names_the_motif() -> None:
    salle = '<div class="card"><h3 class="card-title">Salle Europe</h3>'
    later = page(week(hour("08:30", "2026-01-05 08:30:00 +0100")), salle, recap="")
    reading = read_all(page(MELUN), later)
    assert (reading.outcome, seen(reading)) == (Outcome.SLOTS_OFFERED, date(2026, 1, 5))
    assert reading.notices == ("Motif : Renouvellement",)


def test_a_line_that_a_person_accepted_may_stand_beside_none() -> None:
    step = page("<p>Bienvenue sur le portail</p>", NO_SLOT)
    capture = Capture(transport=Transport.HTTP, steps=(step,))
    line = AcceptedLine(line="bienvenue sur le portail", at=step.started_at, reason="x")
    watched = target("rdv_service_public", URL)
    assert RdvServicePublic().read(watched, capture).rule == "unknown_line"
    reading = RdvServicePublic().read(watched, capture, (line,))
    assert (reading.outcome, reading.accepted) == (Outcome.NO_SLOTS, (line,))


def test_a_date_without_a_name_above_it_is_that_of_the_chosen_place() -> None:
    unnamed = MELUN.replace('<h4 class="card-title">Melun</h4>', "")
    assert read(chosen("Melun"), unnamed, desk="Melun").outcome is Outcome.SLOTS_OFFERED
    assert read(chosen("Melun"), unnamed, desk="Meaux").outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    "shown", [place("Saint-Denis", "mardi 13 janvier 2026 à 08h00"), week(hour("08:00", "2026-01-13 08:00"))]
)
@pytest.mark.parametrize(
    ("zone", "utc"), [("Indian/Reunion", 4), ("Europe/Paris", 7), ("America/Cayenne", 11)]
)
def test_an_hour_is_that_of_the_prefecture_s_zone(shown: str, zone: str, utc: int) -> None:
    watched = target("rdv_service_public", URL, zone=zone)
    reading = RdvServicePublic().read(watched, Capture(transport=Transport.HTTP, steps=(page(shown),)))
    assert reading.earliest is not None
    assert reading.earliest.starts_at == datetime(2026, 1, 13, utc, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inside", "tail"),
    [
        ((OVERLAY,), "&lieu_id=7&date=2026-01-13"),
        ((OVERLAY, hour("08:30", "2026-01-05 08:30:00 +0100")), None),
        (("<p>lundi 05 janv</p>",), ""),
    ],
)
def test_a_week_leads_to_that_of_its_next_slot_or_to_all_places(
    inside: tuple[str, ...], tail: str | None
) -> None:
    url = f"{URL}&lieu_id=7&date=2025-12-22"
    body = page(chosen("Melun"), week(*inside)).body.decode()
    asked, _reading = visit(RdvServicePublic(), target("rdv_service_public", url), {url: (url, body)})
    assert asked == [url] + ([f"{URL}{tail}"] if tail is not None else [])


@pytest.mark.parametrize(
    "shown",
    [
        f"<main>{RECAP}<p>{SAID}</p></main>",
        f"<main>{RECAP}<div>{SAID}</div></main>",
        f"<section>{RECAP}<p>{SAID}</p></section>",
        f"<section>{RECAP}<div>{SAID}</div></section>",
        f"<main>{RECAP}<p>{SAID}</p><div class=modal tabindex='-1'><p>À lire avant de venir</p></div></main>",
        f"<main>{RECAP}<ul><li class=list-group-item>Service : étrangers</li></ul><p>{SAID}</p></main>",
    ],
)
def test_none_may_stand_in_any_block_of_the_page(shown: str) -> None:
    for desk in (None, "Melun"):
        assert read_all(received(f"<body>{shown}</body>", url=URL), desk=desk).outcome is Outcome.NO_SLOTS


def test_none_beside_the_words_of_a_next_slot_contradicts_itself() -> None:
    assert read("<p>Prochaine disponibilité le bientôt</p>", NO_SLOT).rule == "contradiction"


def test_the_name_and_the_number_of_a_place_are_those_next_to_its_date() -> None:
    listed = f"<section><h3>Sélectionnez un lieu</h3><div class=card>{MELUN}</div></section>"
    unnamed = listed.replace('<h4 class="card-title">Melun</h4>', "")
    assert read(chosen("Melun"), unnamed, desk="Melun").outcome is Outcome.SLOTS_OFFERED
    outer = '<div class="card"><a href="/plan?lieu_id=9">Plan</a><h4>Melun</h4><div>{}</div></div>'
    inner = (
        '<a href="/prendre_rdv?lieu_id=4">Prochaine disponibilité le <strong>13/01/2026 08:00</strong></a>'
    )
    body = page(outer.format(inner)).body.decode()
    asked, _reading = visit(RdvServicePublic(), target("rdv_service_public", URL), {URL: (URL, body)})
    assert asked[1:] == [f"{URL}&lieu_id=4&date=2026-01-13"]


PLACE = "&lieu_id=3"
COLUMN = "<div class='col'><div>{}</div>{}</div>"
TUESDAY = "09:00 le mardi 13 janvier 2026"


def read_of(asked: str, *inside: str, opened: str | None = None) -> Reading:
    """What the platform makes of one page, of a target whose URL has `asked` at its end."""
    step = replace(
        page(*inside), url=f"{URL}{asked}", final_url=f"{URL}{asked if opened is None else opened}"
    )
    watched = target("rdv_service_public", f"{URL}{asked}")
    return RdvServicePublic().read(watched, Capture(transport=Transport.HTTP, steps=(step,)))


def leading(names: str, written: str = TUESDAY, starts_at: str = "2026-01-13 09:00") -> str:
    """The link of one slot that names more in its address."""
    return hour(written, starts_at).replace("?starts_at", f"?{names}&amp;starts_at")


@pytest.mark.parametrize(
    ("asked", "link", "outcome"),
    [
        (PLACE, "lieu_id=3", Outcome.SLOTS_OFFERED),
        ("", "lieu_id=3", Outcome.SLOTS_OFFERED),
        (f"{PLACE}&motif_id=4", "motif_id=4&amp;lieu_id=3", Outcome.SLOTS_OFFERED),
        ("&lieu_id=2", "lieu_id=2", Outcome.UNRECOGNISED),
        ("&lieu_id=2", "lieu_id=3", Outcome.UNRECOGNISED),
        (PLACE, "lieu_id=2", Outcome.UNRECOGNISED),
        ("", "lieu_id=2", Outcome.UNRECOGNISED),
        (f"{PLACE}&motif_id=4", "motif_id=5&amp;lieu_id=3", Outcome.UNRECOGNISED),
        (PLACE, "public_link_organisation_id=1&amp;lieu_id=3", Outcome.UNRECOGNISED),
    ],
)
def test_the_week_and_its_links_are_of_what_was_asked(asked: str, link: str, outcome: Outcome) -> None:
    assert read_of(asked, week(leading(link))).outcome is outcome


@pytest.mark.parametrize(
    ("link", "outcome"),
    [
        ("public_link_organisation_id=18", Outcome.SLOTS_OFFERED),
        ("public_link_organisation_id=1", Outcome.UNRECOGNISED),
        ("motif_name_with_location_type=visa-phone", Outcome.UNRECOGNISED),
    ],
)
def test_a_place_leads_on_to_the_motif_and_organisation_asked(link: str, outcome: Outcome) -> None:
    card = place("Melun", "mardi 13 janvier 2026 à 08h00").replace("?lieu_id", f"?{link}&amp;lieu_id")
    slug = "&motif_name_with_location_type=renouvellement-public_office"
    assert read_of(slug, card).outcome is outcome


@pytest.mark.parametrize(
    ("asked", "opened", "rule"),
    [
        ("", "", "none_found"),
        ("", "&date=2025-12-24", "none_found"),
        ("", "&date=2026-03-02", "later_week"),
        ("&service_id=1", "&service_id=1&departement=75", "other_search"),
        ("&service_id=1", "&service_id=2", "other_search"),
    ],
)
def test_none_is_of_the_department_and_the_days_that_were_asked_for(
    asked: str, opened: str, rule: str
) -> None:
    assert read_of(asked, NO_SLOT, opened=opened).rule == rule


@pytest.mark.parametrize(
    ("slug", "motif", "rule"),
    [
        ("remise_de_titre", "Remise de titre", "none_found"),
        ("remise", "Remise de titre", "none_found"),
        ("remise_de_titre", "Remise de titre de séjour", "none_found"),
        ("remise_de_titre", "Remise de titre - duplicata", "other_motif"),
        ("remise_de_titre", "Remise de titres", "other_motif"),
        ("remise_de_titre", "Remise", "other_motif"),
    ],
)
def test_a_link_may_give_the_beginning_of_a_motif(slug: str, motif: str, rule: str) -> None:
    chosen = f'<ul><li class="list-group-item"><p>Motif : {motif}</p><a href="/">modifier</a></li></ul>'
    step = replace(page(NO_SLOT, recap=chosen), url=f"{URL}&motif_name_with_location_type={slug}-phone")
    watched = target("rdv_service_public", step.url)
    capture = Capture(transport=Transport.HTTP, steps=(step,))
    assert RdvServicePublic().read(watched, capture).rule == rule


@pytest.mark.parametrize(
    ("motif", "where", "shown", "rule"),
    [
        ("Renouvellement", "Melun", "", "motif_gone"),
        ("Renouvellement", "Melun", chosen("Melun"), "motif_gone"),
        ("Renouvellement", "Lyon 3e", chosen("Melun"), "other_desk"),
        ("Visa", "Melun", "", "other_motif"),
    ],
)
def test_only_the_motif_and_the_place_asked_for_can_be_closed(
    motif: str, where: str, shown: str, rule: str
) -> None:
    slug = "&motif_name_with_location_type=renouvellement-public_office"
    gone = f"{shown}<p>Le motif {motif} n'est plus disponible à la réservation à {where}.</p>"
    assert read_of(slug, gone).rule == rule


def test_slots_of_another_place_than_the_one_opened_are_no_answer() -> None:
    assert read_of("", week(leading("lieu_id=3")), opened=PLACE).outcome is Outcome.SLOTS_OFFERED
    assert read_of("", week(leading("lieu_id=3")), opened="&lieu_id=2").outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("column", "label", "starts_at", "rule"),
    [
        ("mardi<br>13 janvier", TUESDAY, "2026-01-13 09:00", "week"),
        ("mardi", "09:00", "2026-01-13 09:00", "week"),
        ("mardi 13 janv.", "du mardi 13 janv. à 09:00", "2026-01-13 09:00", "week"),
        ("lundi 12 janvier</div><div>mercredi 14 janvier", "09:00", "2026-01-13 09:00", "week"),
        ("lundi 12 janvier</div><div>mercredi 14 janvier", "09:00", "2026-01-20 09:00", "unreadable_date"),
        ("mardi<br>13 janvier", TUESDAY, "2026-01-27 09:00", "unreadable_date"),
        ("mercredi<br>14 janvier", TUESDAY, "2026-01-13 09:00", "unreadable_date"),
        ("mercredi<br>14 janvier", "09:00", "2026-01-13 09:00", "unreadable_date"),
        ("mercredi<br>13 janvier", "09:00", "2026-01-13 09:00", "unreadable_date"),
        ("mardi", "09:00 le mardi 20 janvier 2026", "2026-01-13 09:00", "unreadable_date"),
        ("mardi", "9h - 10h", "2026-01-13 09:00", "week"),
        ("mardi", "10:00", "2026-01-13 09:00", "unreadable_date"),
        ("mardi", "09:30", "2026-01-13 09:00", "unreadable_date"),
    ],
)
def test_the_day_and_hour_of_a_slot_are_those_of_its_label_and_its_column(
    column: str, label: str, starts_at: str, rule: str
) -> None:
    assert read(week(COLUMN.format(column, hour(label, starts_at)))).rule == rule


def test_two_motifs_on_one_page_are_no_answer() -> None:
    assert read(NO_SLOT, above="<p>Motif : Renouvellement</p>").rule == "none_found"
    assert read(NO_SLOT, above="<p>Motif : Remise de passeport</p>").rule == "other_motif"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Sélectionnez un lieu de RDV :", "next_availability"),
        ("2 lieux sont disponibles", "next_availability"),
        ("7 place Aristide Briand, 86000 Poitiers", "next_availability"),
        ("12 bis, rue de l'Église 77000 Melun", "next_availability"),
        ("Complet", "unknown_line"),
        ("Plus aucune place", "unknown_line"),
        ("Les rendez-vous ci-dessous sont tous pris", "unknown_line"),
        ("Inscription sur liste d'attente seulement", "unknown_line"),
        ("Réservé aux personnes convoquées.", "unknown_line"),
        ("Données du 3 mars 2024", "unknown_line"),
        ("Résultats d'un autre département", "contradiction"),
    ],
)
def test_what_stands_around_slots_is_known(line: str, rule: str) -> None:
    card = place("Melun", "mardi 13 janvier 2026 à 08h00")
    recap = RECAP.replace("</ul>", f'<li class="list-group-item"><div>{line}</div></li></ul>')
    assert read(f"<p>{line}</p>", card).rule == rule
    assert read(card, f"<p>{line}</p>").rule == rule
    assert read(card, recap=recap).rule == rule


def test_a_link_to_the_help_of_the_product_says_nothing() -> None:
    banner = "<div class='alert'><p>Nouveau : consultez le centre d'aide de RDV Service Public.</p></div>"
    assert read(NO_SLOT, above=banner).outcome is Outcome.NO_SLOTS


@pytest.mark.parametrize(
    ("when", "rule"),
    [
        ("mardi 13 janvier 2026 à 10h00", "next_availability"),
        ("mardi 13 janvier 2026 à 10h00, 8h20", "unreadable_date"),
        ("mardi 13 janvier 2026, lundi 12 janvier 2026", "unreadable_date"),
        ("mardi 13 janvier 2026 (reporté au 20 janvier 2026)", "unreadable_date"),
    ],
)
def test_a_place_names_one_day_and_one_hour(when: str, rule: str) -> None:
    assert read(place("Melun", when)).rule == rule


@pytest.mark.parametrize(
    ("label", "rule"),
    [("09:00 - 09:20", "week"), ("09:00, 08:20", "unreadable_date"), ("09:00 10:00", "unreadable_date")],
)
def test_the_label_of_a_slot_names_its_hour_alone(label: str, rule: str) -> None:
    assert read(week(hour(label, "2026-01-13 09:00"))).rule == rule


@pytest.mark.parametrize("tag", SOURCE)
def test_source_shown_as_text_is_no_answer(tag: str) -> None:
    assert read(NO_SLOT).outcome is Outcome.NO_SLOTS
    assert read(f"<{tag}>{NO_SLOT}</{tag}>").outcome is Outcome.UNRECOGNISED
    card = place("Melun", "mardi 13 janvier 2026 à 08h00")
    assert read(f"<{tag}>{card}</{tag}>").outcome is Outcome.UNRECOGNISED


def test_an_hour_that_its_label_writes_otherwise_is_quoted_as_shown() -> None:
    link = hour("mardi 6 janv. à 14:20", "2026-01-06 14:20:00 +0100").replace(
        ">mardi 6 janv. à 14:20<", ">14h20<"
    )
    assert read(week(link)).words == "14h20"
    assert read(week(link.replace("14h20", "14:20"))).words == "Choisir le créneau de mardi 6 janv. à 14:20"
