"""The platforms we can read: one literal tuple, one line each."""

from __future__ import annotations

from probes.model import Platform
from probes.platforms.classic import Classic
from probes.platforms.demarche_numerique import DemarcheNumerique
from probes.platforms.esirius import Esirius
from probes.platforms.orion import Orion
from probes.platforms.rdv_prefecture import RdvPrefecture
from probes.platforms.rdv_service_public import RdvServicePublic

PLATFORMS: tuple[Platform, ...] = (
    Classic(),
    RdvPrefecture(),
    RdvServicePublic(),
    DemarcheNumerique(),
    Esirius(),
    Orion(),
)


def platform(name: str) -> Platform:
    """The platform called `name`. Raises `LookupError` with the names that exist."""
    for candidate in PLATFORMS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in PLATFORMS)
    raise LookupError(f"there is no platform {name!r}: write one of {known}")


def platform_for(url: str) -> Platform | None:
    """The platform whose pages have addresses like `url`; `None` when no one's do."""
    return next((candidate for candidate in PLATFORMS if candidate.accepts(url)), None)
