"""Recognises that a page says, in a whole sentence, that its procedure is closed or moved. No I/O."""

from __future__ import annotations

import re

from probes.model import Outcome, Reading
from probes.pages.page import Page

_THING = (
    r"(?:(?:cette|la|notre|votre) (?:démarche|téléprocédure|procédure|demande|prise de rendez-vous)"
    r"|(?:les|vos) (?:démarches|demandes|prises de rendez-vous|rendez-vous)"
    r"|ce (?:service|formulaire|téléservice))"
)
_OF = r"(?: (?!n'|ne |pas )[^.:;!?«»]{1,160}?)?"
_NOW = r"(?:désormais|dorénavant|maintenant|à présent|à compter d[eu] [^.]{3,40}|depuis le [^.]{3,40})"
_WHERE = r"(?:sur|via|auprès|par|depuis|à l'adresse|en ligne|au moyen|à partir|dans)\b[^?]{2,200}"
_HOW = r"(?:définitivement |désormais |actuellement |provisoirement |momentanément |temporairement )?"
_ENDED = (
    r"(?:fermée?s?|close?s?|clôturée?s?|suspendue?s?|supprimée?s?|désactivée?s?|remplacée?s?|arrêtée?s?"
    r"|transférée?s?|déplacée?s?|interrompue?s?|abandonnée?s?|retirée?s?|terminée?s?)"
)
_SENTENCES = tuple(
    map(
        re.compile,
        (
            rf"{_THING}{_OF} (?:s'effectue(?:nt)?|se f(?:ait|ont)|se déroule(?:nt)?"
            r"|doi(?:t|vent)(?: se faire| être \w+)?"
            rf"|(?:est|sont) (?:à (?:faire|déposer|effectuer)|traitée?s?|réalisée?s?|accessibles?)) "
            rf"(?:{_NOW},? (?:exclusivement |uniquement |directement |obligatoirement )?{_WHERE}"
            rf"|(?:exclusivement|uniquement|directement) {_NOW} {_WHERE})",
            rf"(?:{_NOW},? )?{_THING}{_OF} (?:est|sont|a été|ont été) {_HOW}{_ENDED}"
            r"(?: (?!le |les |tous |chaque |pendant |entre )[^?]{1,200})?[.!]?",
            rf"{_THING}{_OF} n'accepte(?:nt)? plus [^?]{{3,160}}",
            rf"{_THING}{_OF} n'(?:est|existe|sont|existent) plus (?:disponibles?|accessibles?|proposée?s?"
            r"|en service|active?s?|ouverte?s?)?[^?]{0,120}",
        ),
    )
)


def closed_or_moved(page: Page, within: str = "main, section") -> Reading | None:
    """`closed` when a line in `within` is a sentence that says so; else `None`.

    A question, a quotation or a closure on some days only is none of these sentences.
    """
    for pattern in _SENTENCES:
        if said := page.line(pattern, within):
            return Reading(outcome=Outcome.CLOSED, rule="closed_or_moved", words=said)
    return None
