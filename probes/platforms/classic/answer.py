"""The marks of the classic module's answer, and what may stand beside it."""

from __future__ import annotations

import re
from dataclasses import replace

from probes.answer import Answer, InHtml
from probes.model import Outcome, Reading
from probes.pages import calendars
from probes.pages.furniture import RELEASE
from probes.pages.page import normalise

FORM = "form#FormBookingCreate"
INNER = "#inner_Booking"
CONDITIONS = "#condition_Booking, input[name='condition']"
DESKS = "label[for^='planning']"
CHECKS = f"{INNER} :is([class*='captcha' i], [id*='captcha' i], [name*='captcha' i])"
FREE = "td.status-1.free a[href]"
BUTTONS = ", ".join(f"{FORM} {tag}" for tag in ("button", "input[type='submit' i]", "input[type='button' i]"))
ERRORS = ", ".join(
    f"{within} {each}"
    for within in (INNER, f"body:not(:has({INNER}))")
    for each in ("[class*='error' i]", "[class*='erreur' i]", "[role='alert']")
)
GO_ON = ("etape suivante", "étape suivante", "première plage horaire libre")
ALL_TAKEN = (
    "Il n'existe plus de plage horaire libre pour votre demande de rendez-vous. "
    "Veuillez recommencer ultérieurement."
)
# « pas calendrier »: the site itself forgets the word « de ».
NO_CALENDAR = re.compile(
    r"il n'y a pas (?:de )?calendrier disponible pour effectuer une demande de rendez-vous"
    r"(?: pour le moment| actuellement| à ce jour)?[ .…]{0,5} "
    r"veuillez réessayer ultérieurement\."
)
_FURNITURE = (
    # The path of steps, with the site's own spelling of « Coordonnées ».
    r"prise de rendez-vous|descriptif|choix d'une plage(?: horaire)?|contrôle de sécurité"
    r"|coo?rdonnées personnelles|valider et terminer",
    r"vérification de disponibilité|description de la nature du rendez-vous",
    r"terminer|retour(?: à l'accueil(?: de la prise de rendez-vous)?)?|annuler",
    r"[eé]tape (?:suivante|précédente|[0-9])|première plage horaire libre",
    r"rechargement automatique du calendrier",
)
# What a préfecture writes on step 3 is its own. A line that could speak of slots, or of a failure, is not.
_DESCRIPTION = (
    r"(?!.*\b(?:plages?|créneaux?|disponib\w*|indisponib\w*|libres?|compl[eè]t\w*|aucune?s?|plus|erreurs?|publi\w*"
    r"|suspen[ds]\w*|ferm\w*|annul\w*|ultérieur\w*|impossib\w*|échou\w*|échec\w*|momentané\w*|provisoire\w*"
    r"|problème\w*|incident\w*|maintenance|attente|ouvert\w*|ouvr\w*|patient\w*|réessay\w*|recommenc\w*)\b)"
    r".{1,300}"
)
ANSWER = Answer(
    in_html=InHtml(
        stands=True,
        reason="The server writes the sentence, the desks and the hours into its HTML, page by page.",
    ),
    # Not on the steps before the answer, where anybody may write anything. A week comes by itself.
    place=f":is({INNER}, {FORM}):not(:has({DESKS}, [name='planning'], {CONDITIONS})), "
    f"table:has({FREE}), table:has({FREE}) ~ *",
    none=(re.compile(re.escape(normalise(ALL_TAKEN))), NO_CALENDAR),
    some=(re.compile(r"\d{1,2} ?[h:] ?\d{2} libre"),),
    offers=f"{FREE}, {FORM}:not(:has({DESKS}, [name='planning'], {CONDITIONS})) [name='nextButton'], "
    f"{FORM} input[value^='Première plage horaire libre' i]",
    taken=".status-0, .status-2, .disabled, .complet, .taken",
    furniture=(*map(re.compile, _FURNITURE), RELEASE),
)
WITHDRAWN = "Ce lien a été désactivé définitivement."


def around(reading: Reading) -> Answer:
    """The marks for `reading`: what may stand beside « none », a calendar, or the button of step 3."""
    calendar = calendars.LINES if reading.outcome is Outcome.SLOTS_OFFERED else ()
    description = (re.compile(_DESCRIPTION),) if reading.rule == "calendar_step" else ()
    return replace(ANSWER, furniture=(*ANSWER.furniture, *calendar), remarks=description)
