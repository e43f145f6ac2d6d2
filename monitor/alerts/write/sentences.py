"""The French and English words of mails for states, troubles, incidents and places. Pure.

Text from a page or a catalogue must pass through `plain` first: one line, no control or direction characters.
"""

from __future__ import annotations

import re
import unicodedata

from monitor.model import IncidentKind, Language, Phase, Trouble
from probes.model import Target

LONGEST_QUOTE = 300
PHASES = {
    Language.FRENCH: {
        Phase.UNKNOWN: "pas encore établi",
        Phase.ZERO: "zéro créneau observé",
        Phase.OFFERED: "créneaux proposés",
        Phase.UNSTABLE: "instable",
    },
    Language.ENGLISH: {
        Phase.UNKNOWN: "not established yet",
        Phase.ZERO: "no slot observed",
        Phase.OFFERED: "slots offered",
        Phase.UNSTABLE: "unstable",
    },
}
TROUBLES = {
    Language.FRENCH: {
        Trouble.DOWN: "site indisponible",
        Trouble.BLOCKED: "accès refusé au robot",
        Trouble.CAPTCHA: "captcha avant la réponse",
        Trouble.REDESIGNED: "page non reconnue (site modifié ?)",
        Trouble.MOVED: "démarche fermée, déplacée ou derrière une connexion",
        Trouble.OURS: "défaut de notre robot",
    },
    Language.ENGLISH: {
        Trouble.DOWN: "site unavailable",
        Trouble.BLOCKED: "robot refused access",
        Trouble.CAPTCHA: "captcha before the answer",
        Trouble.REDESIGNED: "page not recognised (site changed?)",
        Trouble.MOVED: "procedure closed, moved or behind a login",
        Trouble.OURS: "fault of our robot",
    },
}
INCIDENTS = {
    Language.FRENCH: {
        IncidentKind.BLIND: "Le moniteur ne voit plus rien",
        IncidentKind.DOWN: "Site indisponible",
        IncidentKind.BLOCKED: "Robot refusé",
        IncidentKind.CAPTCHA: "Captcha avant la réponse",
        IncidentKind.REDESIGNED: "Page non reconnue : site modifié ?",
        IncidentKind.MOVED: "Démarche fermée, déplacée ou derrière une connexion",
        IncidentKind.OURS: "Défaut de notre robot",
        IncidentKind.DISK: "Disque presque plein",
        IncidentKind.AUTHORITY: "Autorité d'horodatage en retard",
        IncidentKind.MAIL: "Courriel mis de côté après un refus",
        IncidentKind.HELD: "Messages retenus, à relire",
        IncidentKind.SUSPECTED: "Zéro peut-être réservé au robot",
        IncidentKind.DISAGREEMENT: "Lecture sans navigateur démentie par le navigateur",
    },
    Language.ENGLISH: {
        IncidentKind.BLIND: "The monitor sees nothing any more",
        IncidentKind.DOWN: "Site unavailable",
        IncidentKind.BLOCKED: "Robot refused",
        IncidentKind.CAPTCHA: "Captcha before the answer",
        IncidentKind.REDESIGNED: "Page not recognised: site changed?",
        IncidentKind.MOVED: "Procedure closed, moved or behind a login",
        IncidentKind.OURS: "Fault of our robot",
        IncidentKind.DISK: "Disk almost full",
        IncidentKind.AUTHORITY: "Time-stamp authority late",
        IncidentKind.MAIL: "Mail set aside after a refusal",
        IncidentKind.HELD: "Mails held back, to be read",
        IncidentKind.SUSPECTED: "Zero perhaps for the robot only",
        IncidentKind.DISAGREEMENT: "Reading over HTTP contradicted by the browser",
    },
}


def plain(text: str, longest: int = LONGEST_QUOTE) -> str:
    """`text` on one line without control, format or unassigned characters, cut at `longest` characters.

    The zero width joiner stays: some scripts need it.
    """
    spaced = re.sub(r"\s+", " ", text[: longest * 20])
    kept = "".join(
        c for c in spaced if c == "\N{ZERO WIDTH JOINER}" or unicodedata.category(c)[0] != "C"
    ).strip()
    return kept if len(kept) <= longest else f"{kept[: longest - 1].rstrip()}…"


def prefecture(target: Target) -> str:
    """The préfecture and the code of its département, such as `Vienne (86)`."""
    return f"{plain(target.prefecture)} ({target.departement})"


def place(target: Target) -> str:
    """Such as `Vienne (86), Première demande de titre`."""
    return f"{prefecture(target)}, {plain(target.demarche)}"
