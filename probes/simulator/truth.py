"""The true state of a simulated page at an instant. Tests compare readings with it; the index shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import parse_qs, urlsplit

from probes.model import NoSlotsKind, Outcome, utc
from probes.simulator.faults import Fault
from probes.simulator.sites import MOTIF, Procedure, Product, SimulatedDesk, Site
from probes.simulator.supply import Offer
from probes.simulator.world import Simulator

_UNDER_FAULT = {
    Fault.BAD_GATEWAY: Outcome.SITE_DOWN,
    Fault.FORBIDDEN: Outcome.BLOCKED,
    Fault.TOO_MANY_REQUESTS: Outcome.RATE_LIMITED,
    Fault.OVERLOADED: Outcome.OVERLOADED,
    Fault.MAINTENANCE: Outcome.SITE_DOWN,
    Fault.CAPTCHA: Outcome.CAPTCHA,
    Fault.LOGIN: Outcome.LOGIN_REQUIRED,
    Fault.REDESIGN: Outcome.UNRECOGNISED,
    Fault.REDIRECT_LOOP: Outcome.SITE_DOWN,
    Fault.PRIVATE_REDIRECT: Outcome.UNRECOGNISED,
    Fault.TRUNCATED: Outcome.UNRECOGNISED,
    Fault.EMPTY: Outcome.SITE_DOWN,
    Fault.HANG: Outcome.SITE_DOWN,
    Fault.CLOSED: Outcome.CLOSED,
}
# Combinations that a visit cannot recognise: a session that expires always returns to the conditions; a
# renumbered procedure is another one; a closed one gives a 404.
_LOST = {
    (Product.CLASSIC, Fault.SESSION_EXPIRED),
    (Product.CLASSIC, Fault.RENUMBERED),
    (Product.RDV_SERVICE_PUBLIC, Fault.RENUMBERED),
    (Product.RDV_PREFECTURE, Fault.CLOSED),
    (Product.ESIRIUS, Fault.CLOSED),
    (Product.ESIRIUS, Fault.RENUMBERED),
    (Product.ORION, Fault.CLOSED),
    (Product.ORION, Fault.RENUMBERED),
}
# Products whose pages show days, not hours; and those that never say why there is no slot.
_BY_DAY = (Product.ESIRIUS, Product.ORION)
_SILENT = (Product.RDV_SERVICE_PUBLIC, *_BY_DAY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What a visit without a person should establish, and the true offer, even if no visit can see it.

    `kind` is set for `no_slots` only. `earliest` and `second` (first slot of a later local day) are UTC.
    """

    outcome: Outcome
    offer: Offer
    kind: NoSlotsKind | None = None
    second: datetime | None = None
    fault: Fault | None = None

    @property
    def earliest(self) -> datetime | None:
        """The start of the first slot shown, in UTC; `None` without slots."""
        return self.offer.slots[0] if self.offer.slots else None


def truth(world: Simulator, url: str, *, at: datetime | None = None, desk: str | None = None) -> Truth:
    """The true state of the page at `url` at the instant `at` (default: now).

    For the desk with the label `desk`, or for all desks. Throttling is only known for now. Raises
    `LookupError` when `url` or `desk` is not simulated.
    """
    instant = utc(at) if at else world.clock.now()
    site = world.site_of(url)
    procedure = procedure_of(site, url)
    offers = [_shown(site, procedure, each, instant) for each in _desks(procedure, desk)]
    offer = sum(offers, Offer(published=False))
    fault = world.fault(site, instant)
    outcome = _under_fault(site.product, fault) or _outcome(site.product, procedure, offer, instant)
    return Truth(
        outcome=outcome,
        offer=offer,
        kind=_kind(site.product, offers) if outcome is Outcome.NO_SLOTS else None,
        second=_second(procedure, offer),
        fault=fault,
    )


def procedure_of(site: Site, url: str) -> Procedure:
    """The procedure that `url` is a page of. Raises `LookupError` when the site has no such procedure."""
    parts = urlsplit(url)
    named = parse_qs(parts.query)
    slug = named.get(MOTIF, [""])[0].removesuffix("-public_office")
    path = re.split("[/:]", parts.path)
    words = {slug, *named.get("config", []), *path, *(word.removeprefix("eAppointment") for word in path)}
    found = next((p for p in site.procedures if words & {p.id, p.formerly}), None)
    if found is None:
        raise LookupError(f"{url}: {site.host} has no such procedure")
    return found


def _desks(procedure: Procedure, label: str | None) -> Sequence[SimulatedDesk]:
    desks = [desk for desk in procedure.desks if label in (None, desk.label)]
    if label and not desks:
        labels = ", ".join(desk.label for desk in procedure.desks)
        raise LookupError(f"{procedure.title} has no desk « {label} »; it has: {labels}")
    return desks


def _shown(site: Site, procedure: Procedure, desk: SimulatedDesk, at: datetime) -> Offer:
    """What one desk offers. For products that show days, each slot starts at local midnight of its day."""
    offer = site.offer(procedure, [desk], at)
    if site.product not in _BY_DAY:
        return offer
    days = {slot.astimezone(procedure.tz).date() for slot in offer.slots}
    starts = (datetime.combine(day, time(), procedure.tz).astimezone(UTC) for day in days)
    return Offer(slots=tuple(sorted(starts)), published=offer.published)


def _under_fault(product: Product, fault: Fault | None) -> Outcome | None:
    """The outcome that a fault causes; `None` when the visit goes on as without it."""
    if fault is None:
        return None
    return Outcome.UNRECOGNISED if (product, fault) in _LOST else _UNDER_FAULT.get(fault)


def _kind(product: Product, offers: Sequence[Offer]) -> NoSlotsKind:
    """Why no desk has slots; `unspecified` if desks differ or the product never says why."""
    kinds = {NoSlotsKind.ALL_TAKEN if offer.published else NoSlotsKind.NO_CALENDAR for offer in offers}
    silent = product in _SILENT or len(kinds) > 1
    return NoSlotsKind.UNSPECIFIED if silent else kinds.pop()


def _outcome(product: Product, procedure: Procedure, offer: Offer, at: datetime) -> Outcome:
    if product is Product.RDV_PREFECTURE:
        return Outcome.CAPTCHA
    if product is Product.DEMARCHE_NUMERIQUE:
        return Outcome.CLOSED if procedure.closed_since(at) else Outcome.REQUESTS_OPEN
    return Outcome.SLOTS_OFFERED if offer.slots else Outcome.NO_SLOTS


def _second(procedure: Procedure, offer: Offer) -> datetime | None:
    days = [(slot.astimezone(procedure.tz).date(), slot) for slot in offer.slots]
    return next((slot for day, slot in days if day > days[0][0]), None)
