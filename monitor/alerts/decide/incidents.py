"""Finds incidents from the states of the targets: one incident per cause, not per target. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from monitor.model import Incident, IncidentKind, Trouble
from monitor.rules.transitions import TROUBLES, State

FEWEST_HOSTS = 3
FEWEST_VISITS = 5
SILENCE = timedelta(hours=2)
"""Without any visit for so long (two of the usual intervals), the monitor itself has a fault."""
MONITOR = "monitor"
BLINDING = (Trouble.DOWN, Trouble.OURS)


@dataclass(frozen=True, slots=True)
class TargetPlace:
    """The host and the platform of a target."""

    host: str
    platform: str


def lasting(
    states: Iterable[State],
    places: Mapping[str, TargetPlace],
    *,
    now: datetime,
    started: datetime,
    blind_until: datetime | None = None,
    structures: Mapping[str, str] | None = None,
) -> tuple[Incident, ...]:
    """The incidents that last at `now`. All times are UTC; `started` is when this process started.

    `structures` maps a target whose page is not recognised to its group in quarantine. `blind_until` is the
    end of the last incident of kind `blind`: a failure not seen again since then is taken for our own.
    """
    watched = [state for state in states if state.target in places]
    blind = _blind(watched, places) or _silent(watched, now, started)
    since = now if blind else blind_until
    repeated = [state for state in watched if _counts(state, since)]
    return (*([blind] if blind else []), *_by_cause(repeated, places, structures or {}))


def _blind(states: Iterable[State], places: Mapping[str, TargetPlace]) -> Incident | None:
    """An incident when all of the latest visits failed, on several hosts: the fault is then likely ours."""
    seen = sorted((s for s in states if s.last_at), key=lambda s: (s.last_at, s.target), reverse=True)
    latest = seen[: max(FEWEST_VISITS, len(seen) // 10)]
    hosts = {places[state.target].host for state in latest}
    failing = all(TROUBLES.get(state.last) in BLINDING for state in latest if state.last)
    if not failing or len(hosts) < FEWEST_HOSTS:
        return None
    return Incident(
        kind=IncidentKind.BLIND,
        key=MONITOR,
        since=min(state.last_at for state in latest if state.last_at),
        detail=f"{len(latest)}/{len(latest)}, {len(hosts)} hosts",
        targets=tuple(sorted(state.target for state in latest)),
    )


def _silent(states: Iterable[State], now: datetime, started: datetime) -> Incident | None:
    """An incident when no visit was made for `SILENCE`; none before the first visit ever."""
    last = max((state.last_at for state in states if state.last_at), default=None)
    since = max(last, started) if last else started
    if last is None or now - since < SILENCE:
        return None
    return Incident(kind=IncidentKind.BLIND, key=MONITOR, since=since, detail="0 visits")


def _counts(state: State, blind_until: datetime | None) -> bool:
    repeated = state.repeated
    if repeated is None or not repeated.confirmed or state.last_at is None:
        return False
    ours = blind_until is not None and repeated.trouble in BLINDING and state.last_at <= blind_until
    return not ours


def redesigned(states: Iterable[State]) -> list[str]:
    """The ids of the targets whose latest pages were not recognised."""
    return [s.target for s in states if s.repeated and s.repeated.trouble is Trouble.REDESIGNED]


def _by_cause(
    repeated: Iterable[State], places: Mapping[str, TargetPlace], structures: Mapping[str, str]
) -> Iterable[Incident]:
    def cause(state: State) -> tuple[IncidentKind, str]:
        return _cause(state, places[state.target], structures.get(state.target, ""))

    for (kind, key), group in groupby(sorted(repeated, key=lambda s: (cause(s), s.target)), key=cause):
        states = list(group)
        yield Incident(
            kind=kind,
            key=key,
            since=min(state.repeated.since for state in states if state.repeated),
            targets=tuple(state.target for state in states),
        )


def _cause(state: State, place: TargetPlace, structure: str) -> tuple[IncidentKind, str]:
    """Kind and key of the incident: targets with the same cause get the same key.

    A host refuses or fails for all its targets; a redesign is of all pages of one structure.
    """
    trouble = state.repeated.trouble if state.repeated else Trouble.OURS
    redesign = f"{place.platform} {structure}".rstrip()
    key = {Trouble.REDESIGNED: redesign, Trouble.OURS: MONITOR}.get(trouble, place.host)
    return IncidentKind(trouble), key
