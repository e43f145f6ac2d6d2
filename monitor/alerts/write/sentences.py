"""How mails write instants, lengths, shares and names, in French and in English. Pure.

Whatever comes from a page or a catalogue passes `plain` first: one line, no control or direction characters.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.model import IncidentKind, Phase, Trouble
from monitor.settings.alerts import Language
from probes.model import Target

LONGEST_QUOTE = 300
_DAYS = {
    Language.FRENCH: ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    Language.ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    Language.FRENCH: (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    Language.ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
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
    },
}


def plain(text: str, longest: int = LONGEST_QUOTE) -> str:
    """`text` on one line without control, format or unassigned characters, cut at `longest` characters."""
    spaced = re.sub(r"\s+", " ", text[: longest * 20])
    kept = "".join(
        c for c in spaced if c == "\N{ZERO WIDTH JOINER}" or unicodedata.category(c)[0] != "C"
    ).strip()
    return kept if len(kept) <= longest else f"{kept[: longest - 1].rstrip()}…"


def prefecture(target: Target) -> str:
    """`Vienne (86)`."""
    return f"{plain(target.prefecture)} ({target.departement})"


def place(target: Target) -> str:
    """`Vienne (86), Première demande de titre`."""
    return f"{prefecture(target)}, {plain(target.demarche)}"


def moment(at: datetime, tz: ZoneInfo, language: Language) -> str:
    """`lundi 5 janvier 2026 à 8 h 05 (Europe/Paris, UTC+1)`: the offset keeps both DST nights apart."""
    local = at.astimezone(tz)
    offset = f"UTC{_offset(local)}"
    if language is Language.FRENCH:
        hour = f"{local.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{local.minute:02}"
        return f"{day(at, tz, language)} à {hour} ({tz.key}, {offset})"
    return f"{day(at, tz, language)} at {local.hour:02}:{local.minute:02} ({tz.key}, {offset})"


def day(at: datetime, tz: ZoneInfo, language: Language) -> str:
    """`lundi 1er janvier 2026` or `Monday 1 January 2026`."""
    local = at.astimezone(tz)
    number = "1er" if language is Language.FRENCH and local.day == 1 else str(local.day)
    return f"{_DAYS[language][local.weekday()]} {number} {_MONTHS[language][local.month - 1]} {local.year}"


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    sign, minutes = ("−" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def number(value: int, language: Language) -> str:
    """`1 398` with a narrow no-break space in French, `1,398` in English."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}" if language is Language.FRENCH else ",")


def share(value: float, language: Language) -> str:
    """`98,5 %` or `98.5%`; never rounded up to a full 100."""
    tenths = int(value * 1000 + 1e-9)
    digits = f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
    if language is Language.FRENCH:
        return f"{digits.replace('.', ',')}\N{NO-BREAK SPACE}%"
    return f"{digits}%"


def counted(value: int, one: str, many: str, language: Language) -> str:
    """`1 jour`, `2 jours`, `0 jour` in French; `0 days` in English."""
    singular = value < 2 if language is Language.FRENCH else value == 1
    return f"{number(value, language)}\N{NO-BREAK SPACE}{one if singular else many}"


def lasting(value: timedelta, language: Language) -> str:
    """Whole days from two days on, whole hours from one hour on, minutes below; rounded down."""
    hours, days = int(value / timedelta(hours=1)), value.days
    minute, hour, whole = (
        ("minute", "heure", "jour") if language is Language.FRENCH else ("minute", "hour", "day")
    )
    if days >= 2:
        return counted(days, whole, f"{whole}s", language)
    if hours >= 1:
        return counted(hours, hour, f"{hour}s", language)
    return counted(int(value / timedelta(minutes=1)), minute, f"{minute}s", language)
