"""The web application that serves every simulated préfecture, and its index page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Host, Route

from probes.model import Clock, Outcome
from probes.simulator.assets import asset
from probes.simulator.demo import SITES
from probes.simulator.faults import Fault
from probes.simulator.front import LABEL_HEADER, Front, not_found
from probes.simulator.render import render
from probes.simulator.sites import Procedure, Site
from probes.simulator.supply import Scenario, TakesRequests
from probes.simulator.truth import Truth, truth
from probes.simulator.world import Simulator


def build(clock: Clock, sites: Iterable[Site] = SITES, *, weight_kb: int = 0) -> Starlette:
    """An application that serves each of `sites` under `<name>.localhost`, and an index page elsewhere.

    Each page's HTML is made `weight_kb` kilobytes heavier. `app.state.simulator` is the `Simulator`, with its
    request log and faults.
    """
    world = Simulator(clock, sites, weight_kb=weight_kb)
    app = Starlette(
        routes=[
            Host("{name}.localhost", app=Front(world)),
            Route("/", _index),
            Route("/assets/{name}", _asset),
        ],
        exception_handlers={404: not_found},
    )
    app.state.simulator = world
    return app


@dataclass(frozen=True, slots=True)
class _Row:
    """One procedure on the index page."""

    procedure: Procedure
    url: str
    scenario: str
    truth: Truth


async def _index(request: Request) -> Response:
    """The index page: every procedure, its scenario, and its true state now."""
    world: Simulator = request.app.state.simulator
    port = request.url.port or 80
    sites = [(site, _rows(world, site, port)) for site in world.sites.values()]
    page = render("index.html", sites=sites, now=world.clock.now(), french=_FRENCH)
    return HTMLResponse(page, headers={LABEL_HEADER: "1"})


def _rows(world: Simulator, site: Site, port: int) -> Sequence[_Row]:
    urls = [(procedure, site.url(procedure, port)) for procedure in site.procedures]
    return [_Row(p, url, _scenario(p), truth(world, url)) for p, url in urls]


def _scenario(procedure: Procedure) -> str:
    desks = ", ".join(f"{desk.label} : {_FRENCH[desk.scenario]}" for desk in procedure.desks)
    return desks or _FRENCH[procedure.takes_requests]


_FRENCH: Mapping[StrEnum, str] = {
    Scenario.DROUGHT: "jamais de créneau",
    Scenario.NO_CALENDAR: "aucun calendrier publié",
    Scenario.SUNDAY_MIDNIGHT: "des créneaux le dimanche à minuit",
    Scenario.WEEKLY_RELEASE: "des créneaux une fois par semaine",
    Scenario.CANCELLATIONS: "de rares désistements",
    Scenario.MONTHS_AWAY: "des créneaux dans plusieurs mois",
    Scenario.PLENTY: "des créneaux en nombre",
    TakesRequests.OPEN: "ouvert aux demandes",
    TakesRequests.MONTHLY: "ouvert aux demandes quelques jours par mois",
    Outcome.SLOTS_OFFERED: "créneaux proposés",
    Outcome.NO_SLOTS: "zéro créneau",
    Outcome.REQUESTS_OPEN: "demandes acceptées",
    Outcome.CLOSED: "fermé",
    Outcome.LOGIN_REQUIRED: "connexion exigée",
    Outcome.CAPTCHA: "captcha",
    Outcome.BLOCKED: "accès refusé au robot",
    Outcome.RATE_LIMITED: "robot prié de ralentir",
    Outcome.OVERLOADED: "site surchargé",
    Outcome.SITE_DOWN: "site indisponible",
    Outcome.UNRECOGNISED: "page inconnue",
    Outcome.PROBE_ERROR: "défaut du robot",
    Fault.BAD_GATEWAY: "erreur 502",
    Fault.FORBIDDEN: "erreur 403",
    Fault.TOO_MANY_REQUESTS: "erreur 429",
    Fault.MAINTENANCE: "maintenance",
    Fault.LOGIN: "page de connexion",
    Fault.REDESIGN: "refonte du site",
    Fault.REDIRECT_LOOP: "redirections sans fin",
    Fault.PRIVATE_REDIRECT: "renvoi vers une adresse privée",
    Fault.TRUNCATED: "page coupée",
    Fault.EMPTY: "page vide",
    Fault.HANG: "réponse sans fin",
    Fault.RENUMBERED: "guichets renumérotés",
    Fault.PHONE: "page pour téléphone",
    Fault.SESSION_EXPIRED: "session expirée",
    Fault.HOSTILE: "page hostile",
}
"""The words of the index page, which is in French like the sites. What is written alike is said alike."""


async def _asset(request: Request) -> Response:
    return asset(request.url.path, 0)
