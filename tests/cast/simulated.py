"""A simulated site of one desk, and the code that only a person reads off a CAPTCHA."""

from __future__ import annotations

from typing import Any

from probes.simulator.sites import Procedure, Product, SimulatedDesk, Site
from probes.simulator.supply import Scenario
from probes.simulator.world import Simulator


def simple(name: str, product: Product, scenario: Scenario = Scenario.DROUGHT, **site: Any) -> Site:
    """A site with one procedure, number 1201, at one desk: enough for most tests.

    `site` are further fields of the Site: `throttle`, `troubles`, `seed`.
    """
    procedure = Procedure(
        id="1201",
        title="Titre de séjour",
        prefecture=f"Préfecture simulée de {name.title()}",
        departement="92",
        organisation=1,
        desks=(SimulatedDesk(number=4101, label="Guichet unique", scenario=scenario),),
    )
    return Site(
        name=name, product=product, title=f"Services de {name.title()}", procedures=(procedure,), **site
    )


def captcha_code(world: Simulator, session: str) -> str:
    """The code drawn for that session's CAPTCHA, which no page writes: for tests that play the person."""
    found = world.sessions.get(session)
    return found.captcha if found else ""
