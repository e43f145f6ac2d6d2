"""How each closed word is shown to people, in French and in English.

Pure. French comes first: courts and volunteers read it. The words say what a page showed and not what a
person could have done: « proposé », not « réservable ».
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

from monitor.model import Agreement, Corroboration, GapReason, Language, Origin, Suspicion, Verdict
from probes.failures import Failure
from probes.model import Capture, NoSlotsKind, Outcome, Reading, Transport
from probes.pages.seen import seen
from probes.proof import PageOrigin

Lang = Literal["fr", "en"]


class Words(NamedTuple):
    """One word in both languages."""

    fr: str
    en: str


WORDS: Mapping[StrEnum, Words] = {
    Outcome.SLOTS_OFFERED: Words("créneaux proposés", "slots offered"),
    Outcome.NO_SLOTS: Words("zéro créneau", "no slots"),
    Outcome.REQUESTS_OPEN: Words("demandes acceptées, aucun créneau affiché", "requests open, no slot shown"),
    Outcome.CLOSED: Words("démarche fermée ou déplacée", "closed or moved"),
    Outcome.LOGIN_REQUIRED: Words("connexion exigée", "login required"),
    Outcome.CAPTCHA: Words("captcha", "CAPTCHA"),
    Outcome.BLOCKED: Words("accès refusé au robot", "robot refused"),
    Outcome.RATE_LIMITED: Words("robot prié de ralentir", "robot asked to slow down"),
    Outcome.OVERLOADED: Words("site surchargé", "site overloaded"),
    Outcome.SITE_DOWN: Words("site indisponible", "site down"),
    Outcome.UNRECOGNISED: Words("page non reconnue", "page not recognised"),
    Outcome.PROBE_ERROR: Words("défaut du robot", "fault of the robot"),
    NoSlotsKind.ALL_TAKEN: Words("tous les créneaux sont pris", "all slots taken"),
    NoSlotsKind.NO_CALENDAR: Words("aucun calendrier publié", "no calendar published"),
    NoSlotsKind.UNSPECIFIED: Words(
        "raison non précisée, ou différente selon le guichet", "no reason given, or one per desk"
    ),
    GapReason.DOWNTIME: Words("service à l'arrêt", "service down"),
    GapReason.SHUTDOWN: Words("arrêt du service pendant la visite", "service stopped during the visit"),
    GapReason.MISFIRE: Words("réveil trop tardif", "woken too late"),
    GapReason.OVERLAP: Words("visite précédente encore en cours", "previous visit still running"),
    GapReason.HOST_BUSY: Words("site occupé par nos autres visites", "host busy with our other visits"),
    GapReason.BREAKER_OPEN: Words("pause après refus répétés du site", "pause after repeated refusals"),
    GapReason.BUDGET_SPENT: Words("budget de pages du jour épuisé", "page budget of the day spent"),
    GapReason.SWITCHED_OFF: Words("visites coupées par l'opérateur", "switched off by the operator"),
    GapReason.WITHDRAWN: Words("page retirée de la liste", "target withdrawn from the list"),
    GapReason.COULD_NOT_TRY: Words("essai impossible de notre fait", "could not try"),
    Failure.DNS_ERROR: Words("nom du site introuvable", "name not resolved"),
    Failure.HOST_NOT_ALLOWED: Words("renvoi vers un site hors liste", "host not on the list"),
    Failure.ADDRESS_REFUSED: Words("adresse privée refusée", "private address refused"),
    Failure.CONNECT_TIMEOUT: Words("connexion trop longue", "connection timed out"),
    Failure.CONNECT_ERROR: Words("connexion refusée", "connection failed"),
    Failure.TLS_ERROR: Words("certificat ou chiffrement invalide", "TLS failed"),
    Failure.READ_TIMEOUT: Words("réponse trop longue", "answer timed out"),
    Failure.CONNECTION_LOST: Words("connexion coupée", "connection lost"),
    Failure.TRUNCATED: Words("page incomplète", "page cut short"),
    Failure.EMPTY_BODY: Words("page vide", "empty page"),
    Failure.BODY_TOO_LARGE: Words("page trop volumineuse", "page too large"),
    Failure.INVALID_RESPONSE: Words("réponse illisible", "unreadable answer"),
    Failure.TOO_MANY_REDIRECTS: Words("redirections sans fin", "too many redirects"),
    Failure.OFF_LIMITS: Words("page que le robot s'interdit", "page off limits for the robot"),
    Failure.FORM_MISSING: Words("formulaire attendu absent", "expected form missing"),
    Failure.DEADLINE_EXCEEDED: Words("visite trop longue", "visit took too long"),
    Failure.BROWSER_CRASHED: Words("arrêt brutal du navigateur", "browser crashed"),
    Failure.HTTP_400: Words("erreur 400 (requête refusée)", "error 400 (bad request)"),
    Failure.HTTP_401: Words("erreur 401 (identification exigée)", "error 401 (unauthorised)"),
    Failure.HTTP_403: Words("erreur 403 (accès interdit)", "error 403 (forbidden)"),
    Failure.HTTP_404: Words("erreur 404 (page introuvable)", "error 404 (not found)"),
    Failure.HTTP_406: Words("erreur 406 (navigateur refusé)", "error 406 (not acceptable)"),
    Failure.HTTP_410: Words("erreur 410 (page supprimée)", "error 410 (gone)"),
    Failure.HTTP_418: Words("erreur 418 (robot refusé)", "error 418 (robot refused)"),
    Failure.HTTP_422: Words("erreur 422 (requête rejetée)", "error 422 (unprocessable)"),
    Failure.HTTP_429: Words("erreur 429 (trop de requêtes)", "error 429 (too many requests)"),
    Failure.HTTP_4XX: Words("autre erreur 4xx (requête refusée)", "other 4xx error (request refused)"),
    Failure.HTTP_500: Words("erreur 500 (panne du site)", "error 500 (site fault)"),
    Failure.HTTP_502: Words("erreur 502 (panne en amont)", "error 502 (bad gateway)"),
    Failure.HTTP_503: Words("erreur 503 (service indisponible)", "error 503 (service unavailable)"),
    Failure.HTTP_504: Words("erreur 504 (délai dépassé en amont)", "error 504 (gateway timed out)"),
    Failure.HTTP_5XX: Words("autre erreur 5xx (panne du site)", "other 5xx error (site fault)"),
    Failure.OUR_FAULT: Words("défaut de notre logiciel", "fault of our software"),
    Origin.SCHEDULED: Words("visite programmée", "scheduled visit"),
    Origin.MANUAL: Words("visite manuelle", "manual visit"),
    Origin.ATTENDED: Words("visite accompagnée d'une personne", "attended visit"),
    Origin.CONTROL: Words("visite de la démarche témoin", "visit to the control"),
    Corroboration.CORROBORATED: Words(
        "corroborée : la démarche témoin proposait des créneaux", "corroborated: the control offered slots"
    ),
    Corroboration.NOT_CORROBORATED: Words(
        "non corroborée : la démarche témoin n'en proposait pas", "not corroborated: the control offered none"
    ),
    Corroboration.PAGE_ALONE: Words("cette page seule est en défaut", "this page alone fails"),
    Corroboration.WHOLE_SITE: Words("tout le site est en défaut", "the whole site fails"),
    Corroboration.NO_CONTROL: Words("démarche témoin sans réponse utile", "no use to be had of the control"),
    Suspicion.ALL_AT_ONCE: Words(
        "toutes les pages du site passées à zéro ensemble", "the whole site turned to zero at once"
    ),
    Suspicion.CONTRADICTS_CONTROL: Words(
        "tout le site à zéro, la démarche témoin d'un autre site non",
        "zero on the site, slots at a control",
    ),
    Suspicion.CONTRADICTS_PERSON: Words(
        "zéro pour le robot, des créneaux pour une personne", "zero for the robot, slots for a person"
    ),
    Agreement.ALIKE: Words("lecture identique sans navigateur", "read alike without a browser"),
    Agreement.OTHERWISE: Words("lecture contraire sans navigateur", "read otherwise without a browser"),
    Agreement.NOT_COMPARABLE: Words("sans comparaison possible", "not comparable"),
    Verdict.SLOTS: Words("créneaux visibles", "slots visible"),
    Verdict.NONE: Words("la page dit qu'il n'y en a pas", "the page says there are none"),
    Verdict.NEITHER: Words("la page ne dit ni l'un ni l'autre", "the page says neither"),
    Verdict.UNDECIDED: Words("impossible à dire", "cannot tell"),
    PageOrigin.RECONSTRUCTED: Words("pages reconstituées", "reconstructed pages"),
    PageOrigin.RENDERED: Words("pages rendues par les modèles publiés", "rendered pages"),
    PageOrigin.RECORDED: Words("pages enregistrées du site réel", "recorded pages"),
    Transport.BROWSER: Words("navigateur", "browser"),
    Transport.HTTP: Words("HTTP sans navigateur", "plain HTTP"),
}


def label(member: StrEnum, lang: Lang = "fr") -> str:
    """How `member` is shown in `lang`. Raises `KeyError` for a member without an entry in `WORDS`."""
    words = WORDS[member]
    return words.fr if lang == "fr" else words.en


def cause(given: str, lang: Lang = "fr") -> str:
    """Why a capture was read again, as the record keeps it: our own causes in `lang`, a person's quoted."""
    if lang == "en":
        return given
    for pattern, french in _CAUSES:
        if found := pattern.fullmatch(given):
            return found.expand(french)
    return f"« {given} »"


_CAUSES = (
    (re.compile(r"accepted line (\d+)"), r"ligne admise n° \1"),
    (re.compile(r"accepted line (\d+) withdrawn"), r"ligne admise n° \1 retirée"),
    (re.compile(r"newer reader"), "lecteur plus récent"),
)


def is_answer(words: str) -> bool:
    """Whether the words of a reading are the JSON that a server answered, which no page displayed."""
    return re.match(r'\s*(?:\{\s*["}]|\[\s*[\[{"\]])', words) is not None


def attributed(words: str, lang: Lang = "fr") -> str:
    """The words of a reading; before those of a JSON answer it is said that a server answered so."""
    said = Words("réponse du serveur : ", "server's answer: ")
    return (said.fr if lang == "fr" else said.en) + words if is_answer(words) else words


PAGES = Words(
    "Les mots qui ont décidé étaient sur {} pages de la visite ; cette image montre l'une d'elles.",
    "The words that decided were on {} pages of the visit; this picture shows one of them.",
)
"""What a caption says when the deciding words stood on several pages: on how many."""


def of_pages(reading: Reading, capture: Capture, language: Language = Language.FRENCH) -> tuple[str, ...]:
    """The line of a caption that says on how many pages the words stood; none for one page."""
    pages = {n for n, _ink in seen(reading, capture)}
    return (PAGES[language is not Language.FRENCH].format(len(pages)),) if len(pages) > 1 else ()
