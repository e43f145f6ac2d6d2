"""The platforms we can read: one literal tuple, one line each; and those that an installation describes."""

from __future__ import annotations

from collections.abc import Iterable

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


_described: list[Platform] = []


def describe(platforms: Iterable[Platform]) -> None:
    """Know these too, in place of those described before. For whoever reads the settings, at the start."""
    _described[:] = platforms


def known() -> tuple[Platform, ...]:
    """Every platform of this process."""
    return (*PLATFORMS, *_described)


def platform(name: str) -> Platform:
    """The platform called `name`. Raises `LookupError` with the names that exist."""
    for candidate in known():
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in known())
    raise LookupError(f"there is no platform {name!r}: write one of {names}")


def platform_for(url: str) -> Platform | None:
    """The platform whose pages have addresses like `url`; `None` when no one's do."""
    return next((candidate for candidate in known() if candidate.accepts(url)), None)
