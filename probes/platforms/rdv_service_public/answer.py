"""The marks of RDV Service Public's answers, and what may stand beside them."""

from __future__ import annotations

import re
from dataclasses import replace

from probes.answer import Answer, InHtml
from probes.pages import furniture

HOSTS = frozenset(
    ("rdv.anct.gouv.fr", "rdv.numerique.gouv.fr", "rdv-solidarites.fr", "www.rdv-solidarites.fr")
)
NONE = re.compile(
    r"malheureusement, aucun créneau correspondant à votre (?:recherche|invitation) n'a été trouvé\.?"
    r"(?: veuillez réessayer ultérieurement\.)?"
)
# A hint on the step that lists the motifs begins like the chosen motif.
MOTIF = re.compile(r"motif : (?!(?:choisi|sélectionn|indiqu|précis|veuillez|merci|la raison)).{1,300}")
PLACE = re.compile(r"lieu : .{1,300}")
GONE = re.compile(r"le motif .{1,300} n'est plus disponible à la réservation à .{1,300}")
ANSWERS = ("/prendre_rdv", "/creneaux")
NEXT = "prochaine disponibilité le "
WEEK = "[id^='creneaux-lieu-']"
CHOICES = f"{WEEK} a[aria-label^='Choisir le créneau'][href*='starts_at=']"
SESSION = ".card:has(> .card-header)"
CONTENT = "main, section, .alert, [role='alert']"
_BESIDE_NONE = (
    *map(
        re.compile,
        (
            r"étape \d sur \d(?: .{1,40})?",
            r"(?:modifier|retour)|date fermée à la r[ée]servation",
            r"sélectionnez un créneau ?:?",
            r"toutes nos excuses pour cela\.|vous pouvez réessayer ultérieurement(?: ou .{1,60})?\.",
            r"vous pouvez contacter l(?:'organisation|es organisations suivantes) pour .{0,80}\.",
            r"ou leur envoyer un email en cliquant sur le bouton ci-dessous\.",
            r"vous pouvez contacter l'organisation(?: ?:)?(?: [\w.+-]+@[\w.-]+)?\.?",
            r"(?:téléphone|tél\.?|e-?mail|courriel|adresse|site (?:internet|web)) ?: .{1,120}",
            r"votre (?:rdv|rendez-vous) a bien été (?:annulé|modifié)\.",
            r"envoyer une demande d'ouverture de créneaux",
            r"(?:nouveau ?: )?(?:consultez|découvrez) (?:le|notre) (?:centre d'aide|guide)"
            r"(?: de rdv service public)?\.?",
        ),
    ),
    furniture.ANNOUNCEMENT,
    furniture.RELEASE,
    furniture.OFFICE,
)
_BESIDE_SLOTS = tuple(
    map(
        re.compile,
        (
            r"date fermée à la r[ée]servation|pas de créneau disponible|voir les créneaux|s'inscrire",
            r"(?:sem(?:aine|\.) (?:précédente|prochaine|suivante) ?){1,2}",
            r"ce créneau n'est plus disponible\. veuillez en (?:sélectionner|choisir) un autre\.",
            r"aucune disponibilité|pas de disponibilité",
            r"animé par .{1,120}|[0-9]{1,4} minutes|[0-9]{1,3}(?: / [0-9]{1,3})?",
        ),
    )
)
_AROUND_SLOTS = tuple(
    map(
        re.compile,
        (
            r"(?:sélectionnez|choisissez) (?:un|le|votre) (?:lieu(?: de (?:rdv|rendez-vous))?|créneau"
            r"|horaire|jour|date)(?: ?:)?",
            r"(?:[0-9]{1,3}|un) lieux? (?:est|sont) disponibles?",
            r"inscrivez-vous à l'atelier de votre choix(?: ?:)?",
            # The address of a place.
            r"(?:[0-9]{1,4}(?: ?(?:bis|ter))?,? )?(?:rue|avenue|place|boulevard|cours|quai|allée|chemin|route"
            r"|square|impasse|esplanade) [a-zà-ÿœ'. -]{1,80}(?:,? [0-9]{5} [a-zà-ÿœ' -]{1,60})?",
        ),
    )
)
ANSWER = Answer(
    in_html=InHtml(
        stands=True,
        reason="The server writes each step of the search into its HTML.",
    ),
    place=f".card, {WEEK}",
    none=(NONE,),
    some=(
        re.compile(rf"prochaine disponibilité le ?:? ?{furniture.WHEN}"),
        re.compile(rf"(?:le |aujourd'hui à ){furniture.WHEN} ?\(durée : [0-9]{{1,4}} minutes\)"),
    ),
    offers=f"{CHOICES}, {SESSION} .card-footer a",
    furniture=(*_BESIDE_NONE, *_BESIDE_SLOTS, *furniture.COLUMNS),
)
ANSWER_OF_NONE = replace(ANSWER, place=CONTENT, furniture=_BESIDE_NONE)
"""The same marks for « none », which must be all that the page says, not only its cards."""
ANSWER_OF_SOME = replace(
    ANSWER, place=f"{CONTENT}, {ANSWER.place}", furniture=(*ANSWER.furniture, *_AROUND_SLOTS)
)
"""The same marks for slots: what stands around them may say that they are examples, full or another's."""
