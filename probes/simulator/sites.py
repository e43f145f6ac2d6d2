"""What is simulated: a `Site` is one host, a `Procedure` one démarche on it, a `SimulatedDesk` one guichet.

These are plain data with look-ups. What they offer at an instant is computed in `supply`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import add
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from probes.simulator import supply
from probes.simulator.faults import Fault, Troubles
from probes.simulator.supply import Offer, Scenario, TakesRequests

MOTIF = "motif_name_with_location_type"
ORGANISATION = "public_link_organisation_id"


class Product(StrEnum):
    """The booking products that are simulated, under the names of their platforms in `probes`."""

    CLASSIC = "classic"
    RDV_SERVICE_PUBLIC = "rdv_service_public"
    DEMARCHE_NUMERIQUE = "demarche_numerique"
    RDV_PREFECTURE = "rdv_prefecture"
    ESIRIUS = "esirius"
    ORION = "orion"


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedDesk:
    """One guichet or place. `number` is its id in forms and links, `scenario` says when it has slots."""

    number: int
    label: str
    scenario: Scenario


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """One démarche of one préfecture. `id` is its number, slug or path in the product's own URLs.

    Only demarche.numerique uses `takes_requests`, `open_data`, `listed_dates`, `formerly` (an earlier id) and
    `replaced_by` (an id); only RDV Service Public uses `organisation`. `zone` is an IANA time zone.
    """

    id: str
    title: str
    prefecture: str
    departement: str
    zone: str = "Europe/Paris"
    desks: tuple[SimulatedDesk, ...] = ()
    organisation: int = 0
    takes_requests: TakesRequests = TakesRequests.OPEN
    open_data: bool = True
    listed_dates: tuple[str, ...] = ()
    formerly: str | None = None
    replaced_by: str | None = None

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of the dates on its pages."""
        return ZoneInfo(self.zone)

    def desk(self, number: int) -> SimulatedDesk | None:
        """The desk with that number, or `None`."""
        return next((desk for desk in self.desks if desk.number == number), None)

    def closed_since(self, at: datetime) -> date | None:
        """The local day since which it refuses requests; `None` while it takes them."""
        return supply.closed_since(self.takes_requests, zone=self.tz, at=at)

    def renumbered(self) -> Procedure:
        """Another démarche, with other desks, that has taken over the same URL."""
        desks = tuple(
            SimulatedDesk(
                number=desk.number + 957, label=f"Comptoir {n} - permis étrangers", scenario=Scenario.PLENTY
            )
            for n, desk in enumerate(self.desks, start=21)
        )
        return replace(self, title="Échange de permis de conduire étranger", desks=desks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Throttle:
    """The host answers 502 to a page request when `pages` others came within the last `window`."""

    pages: int = 4
    window: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One simulated host, `http://<name>.localhost:<port>/`. All that is random in it comes from `seed`."""

    name: str
    product: Product
    title: str
    procedures: tuple[Procedure, ...]
    seed: str = "vigie"
    troubles: Troubles | None = None
    throttle: Throttle | None = None

    @property
    def host(self) -> str:
        """The exact host name, without port."""
        return f"{self.name}.localhost"

    @property
    def tz(self) -> ZoneInfo:
        """The time zone of its troubles: that of its first procedure."""
        return self.procedures[0].tz

    def procedure(self, id_: str) -> Procedure | None:
        """The procedure with that id, or `None`."""
        return next((procedure for procedure in self.procedures if procedure.id == id_), None)

    def url(self, procedure: Procedure, port: int) -> str:
        """The URL at which a visit to `procedure` begins."""
        return f"http://{self.host}:{port}{_entrance(self.product, procedure)}"

    def offer(self, procedure: Procedure, desks: Iterable[SimulatedDesk], at: datetime) -> Offer:
        """What these desks of `procedure` show together at `at`."""
        offers = (self._offer(procedure, desk, at) for desk in desks)
        return reduce(add, offers, Offer(published=False))

    def scripted_fault(self, at: datetime) -> Fault | None:
        """The fault that `troubles` gives it at `at`; `None` without one."""
        return self.troubles.at(at, seed=self.desk_seed("", 0), zone=self.tz) if self.troubles else None

    def desk_seed(self, procedure: str, number: int) -> str:
        """The seed of one desk; no two desks have the same."""
        return f"{self.seed}/{self.name}/{procedure}/{number}"

    def _offer(self, procedure: Procedure, desk: SimulatedDesk, at: datetime) -> Offer:
        seed = self.desk_seed(procedure.id, desk.number)
        return supply.offered(desk.scenario, seed=seed, zone=procedure.tz, at=at)


def motif_query(motif: Procedure, **more: object) -> str:
    """The query by which RDV Service Public finds a motif, with the parameters `more`."""
    slug = f"{motif.id}-public_office"
    return urlencode(
        {"departement": motif.departement, MOTIF: slug, ORGANISATION: motif.organisation, **more}
    )


def _entrance(product: Product, procedure: Procedure) -> str:
    return {
        Product.CLASSIC: f"/booking/create/{procedure.id}",
        Product.RDV_SERVICE_PUBLIC: f"/prendre_rdv?{motif_query(procedure)}",
        Product.DEMARCHE_NUMERIQUE: f"/commencer/{procedure.id}",
        Product.RDV_PREFECTURE: f"/rdvpref/reservation/demarche/{procedure.id}/",
        Product.ESIRIUS: f"/eAppointment{procedure.id}/element/jsp/specific/prefecture.jsp",
        Product.ORION: f"/orion-reservation/slots?account=SIMULE&config={procedure.id}&usemode=app",
    }[product]
