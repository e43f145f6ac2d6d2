"""The platforms that Vigie can read: those in Python, listed here, and those described in TOML files."""

from __future__ import annotations

from collections.abc import Iterable

from probes.model import Platform
from probes.platforms.classic.platform import Classic
from probes.platforms.demarche_numerique import DemarcheNumerique
from probes.platforms.esirius import Esirius
from probes.platforms.orion import Orion
from probes.platforms.rdv_prefecture import RdvPrefecture
from probes.platforms.rdv_service_public.platform import RdvServicePublic

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
    """Set the platforms made from TOML descriptions; those set before are forgotten.

    The list is global to the process: call this once, at the start, after the settings are read.
    """
    _described[:] = platforms


def known() -> tuple[Platform, ...]:
    """All platforms: those of `PLATFORMS`, then those made from descriptions."""
    return (*PLATFORMS, *_described)


def platform(name: str) -> Platform:
    """The platform called `name`. Raises `LookupError`, which lists the names that exist."""
    for candidate in known():
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in known())
    raise LookupError(f"there is no platform {name!r}: write one of {names}")


def platform_for(url: str) -> Platform | None:
    """The first platform that accepts `url`; `None` if none does."""
    return next((candidate for candidate in known() if candidate.accepts(url)), None)
