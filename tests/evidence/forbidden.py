"""Words that no report may use, searched for in what bundles print."""

from __future__ import annotations

import re

FORBIDDEN = re.compile(
    r"aucun créneau n[’']?(existait|a existé|existe)|pas de créneau n[’']?existait|impossible|impossibilité"
    r"|illégal|illégalité|refus de|discrimin|réservable|causé par|preuve que|prouve que la préfecture"
    r"|doit être condamn|manquement|faute de la préfecture|urgence",
    re.IGNORECASE,
)
"""What a report must never say: absence as a fact, availability as a right, causes, law."""

_ALLOWED = ("Aucun procédé cryptographique ne prouve que la préfecture a servi ces pages",)


def offends(text: str) -> list[str]:
    """The forbidden words of a text."""
    for sentence in _ALLOWED:
        text = text.replace(sentence, "")
    return [match[0] for match in FORBIDDEN.finditer(text)]
