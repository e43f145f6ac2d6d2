"""How far a platform's reader is proven, in the words that stand beside its results."""

from __future__ import annotations

from monitor.model import Language
from monitor.present.language import day
from monitor.present.words import Lang, label
from probes import registry
from probes.proof import PageOrigin, Tested, best_origin


def proof(tested: Tested, lang: Lang = "fr") -> str:
    """Such as `non prouvé, essayé sur des pages reconstituées seulement`; with the templates or the day."""
    if tested.verified_on:
        if lang == "fr":
            return f"prouvé sur une page enregistrée du site réel, lue juste le {day(tested.verified_on)}"
        return f"proven on a page recorded from the real site, read rightly on {tested.verified_on}"
    return unproven(best_origin(tested), f" ({tested.templates})" if tested.templates else "", lang)


def unproven(origin: PageOrigin, templates: str = "", lang: Lang = "fr") -> str:
    """The same for a platform of which only the origin of its pages is known."""
    pages = f"{label(origin, lang)}{templates}"
    if lang == "fr":
        return f"non prouvé, essayé sur des {pages} seulement"
    return f"unproven, tested on {pages} only"


def caution(platform: str, language: Language = Language.FRENCH) -> str:
    """The sentence that leaves the house with every result of an unproven platform; empty for a proven one.

    A platform without a reader, any more, is unproven too.
    """
    try:
        proven = best_origin(registry.platform(platform)) is PageOrigin.RECORDED
    except LookupError:
        proven = False
    return "" if proven else _CAUTIONS[language].format(platform=platform)


_CAUTIONS = {
    Language.FRENCH: "Plateforme {platform} non prouvée : son lecteur n'a encore lu aucune page enregistrée "
    "du site réel.",
    Language.ENGLISH: "Platform {platform} not confirmed: its reader has not yet read any page recorded from "
    "the real site.",
}
