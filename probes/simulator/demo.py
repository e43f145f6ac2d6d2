"""The simulated sites of the demo. The targets in `targets.toml`, in this folder, are pages of theirs."""

from __future__ import annotations

from dataclasses import replace

from probes.simulator.faults import Fault, Troubles
from probes.simulator.sites import Procedure, Product, SimulatedDesk, Site, Throttle
from probes.simulator.supply import Scenario, TakesRequests

DEFAULT_PORT = 9810


def _desk(number: int, scenario: Scenario, label: str = "Guichet unique") -> SimulatedDesk:
    return SimulatedDesk(number=number, label=label, scenario=scenario)


def _classic(town: str, name: str, departement: str, id_: str, title: str, *desks: SimulatedDesk) -> Site:
    """A préfecture with its own site and one démarche."""
    procedure = Procedure(
        id=id_,
        title=title,
        prefecture=f"Préfecture simulée de {town}",
        departement=departement,
        desks=desks,
    )
    site_title = f"Les services de l'État - {town}"
    return Site(name=name, product=Product.CLASSIC, title=site_title, procedures=(procedure,))


def _valmont() -> Site:
    """A démarche that never has slots and, as its control, another of the préfecture that always has some."""
    drought = _desk(4101, Scenario.DROUGHT)
    site = _classic("Valmont", "valmont", "92", "1201", "Première demande de titre de séjour", drought)
    control = replace(
        site.procedures[0],
        id="1202",
        title="Échange de permis de conduire",
        desks=(_desk(4102, Scenario.PLENTY),),
    )
    return replace(site, procedures=(*site.procedures, control))


def _montclair() -> Site:
    desk = _desk(5201, Scenario.MONTHS_AWAY)
    return _classic("Montclair", "montclair", "86", "7086", "Renouvellement de titre de séjour", desk)


def _sablonne() -> Site:
    """One démarche with three desks that answer differently."""
    desks = (
        _desk(6101, Scenario.DROUGHT, "Guichets 1 et 2 - salariés"),
        _desk(6102, Scenario.CANCELLATIONS, "Guichet 3 - étudiants"),
        _desk(6103, Scenario.NO_CALENDAR, "Guichet 4 - titres de voyage"),
    )
    return _classic("Sablonne", "sablonne", "2A", "330", "Remise d'un titre de séjour", *desks)


def _rivehaute() -> Site:
    """Slots that come online on Sundays at midnight, on a server that answers 502 to fast visitors."""
    desk = _desk(7301, Scenario.SUNDAY_MIDNIGHT)
    site = _classic("Rivehaute", "rivehaute", "93", "9846", "Naturalisation par décret", desk)
    return replace(site, throttle=Throttle(pages=20))


def _corbelin() -> Site:
    desk = _desk(8101, Scenario.NO_CALENDAR)
    return _classic("Corbelin", "corbelin", "01", "515", "Demande d'asile - premier accueil", desk)


def _tourmente() -> Site:
    """A site that fails now and then, in ways that need no network: so is the demo's history made."""
    desk = _desk(9101, Scenario.CANCELLATIONS)
    title = "Document de circulation pour étranger mineur"
    faults = (
        Fault.BAD_GATEWAY,
        Fault.OVERLOADED,
        Fault.MAINTENANCE,
        Fault.FORBIDDEN,
        Fault.TOO_MANY_REQUESTS,
        Fault.CAPTCHA,
        Fault.REDESIGN,
        Fault.EMPTY,
    )
    site = _classic("Tourmente", "tourmente", "69", "2750", title, desk)
    return replace(site, troubles=Troubles(faults=faults, share_of_days=0.5))


def _rdv_service_public() -> Site:
    """The national host of RDV Service Public: a préfecture overseas, and one with two places."""
    overseas = Procedure(
        id="titre-de-sejour-depot-de-dossier",
        title="Titre de séjour - dépôt de dossier",
        prefecture="Préfecture simulée de Piton-Bleu",
        departement="974",
        zone="Indian/Reunion",
        organisation=974,
        desks=(_desk(31, Scenario.CANCELLATIONS, "Préfecture de Piton-Bleu"),),
    )
    two_places = Procedure(
        id="carte-de-resident",
        title="Carte de résident",
        prefecture="Préfecture simulée de Grandval",
        departement="35",
        organisation=135,
        desks=(
            _desk(41, Scenario.DROUGHT, "Maison de Grandval-Nord"),
            _desk(42, Scenario.WEEKLY_RELEASE, "Maison de Grandval-Sud"),
        ),
    )
    return Site(
        name="rdv-service-public",
        product=Product.RDV_SERVICE_PUBLIC,
        title="RDV Service Public",
        procedures=(overseas, two_places),
    )


def _demarche_numerique() -> Site:
    """The national host of forms: one is open three days a month, one closed, one lists dates."""
    monthly = Procedure(
        id="rdv-sejour-hauteroche",
        title="Demande de rendez-vous - titre de séjour",
        prefecture="Préfecture simulée de Hauteroche",
        departement="77",
        takes_requests=TakesRequests.MONTHLY,
        formerly="rdv-sejour-hauteroche-2023",
    )
    closed = Procedure(
        id="rdv-regroupement-familial-merival",
        title="Demande de rendez-vous - regroupement familial",
        prefecture="Préfecture simulée de Mérival",
        departement="13",
        takes_requests=TakesRequests.CLOSED,
    )
    dated = replace(
        closed,
        id="rdv-visa-merival",
        title="Demande de rendez-vous - visa de retour",
        takes_requests=TakesRequests.OPEN,
        listed_dates=("Lundi 4 janvier 2027 - matin", "Mardi 5 janvier 2027 - après-midi"),
    )
    return Site(
        name="demarche-numerique",
        product=Product.DEMARCHE_NUMERIQUE,
        title="Démarche numérique",
        procedures=(monthly, closed, dated),
    )


def _rdv_prefecture() -> Site:
    """The national host behind a CAPTCHA: only people see its slots."""
    renewal = Procedure(
        id="2381",
        title="Renouvellement de titre de séjour vie privée et familiale",
        prefecture="Préfecture simulée de Belcastel",
        departement="75",
        desks=(_desk(1, Scenario.WEEKLY_RELEASE),),
    )
    collection = replace(
        renewal, id="2390", title="Retrait de titre de séjour", desks=(_desk(2, Scenario.PLENTY),)
    )
    return Site(
        name="rdv-prefecture",
        product=Product.RDV_PREFECTURE,
        title="RDV-Préfecture",
        procedures=(renewal, collection),
    )


def _esirius() -> Site:
    """A préfecture that asks for postcode and motive, then answers by an alert or by a calendar."""
    collection = Procedure(
        id="pref94",
        title="Retrait de titre de séjour",
        prefecture="Préfecture simulée de Boisclair",
        departement="94",
        desks=(_desk(20, Scenario.CANCELLATIONS, "Retrait de titre, après réception du SMS"),),
    )
    title = "Services en ligne - Boisclair"
    return Site(name="boisclair", product=Product.ESIRIUS, title=title, procedures=(collection,))


def _orion() -> Site:
    """A préfecture whose page has a script that asks for slots in JSON."""
    renewal = Procedure(
        id="SEJOURRENOUVELLEMENT",
        title="Demande de renouvellement de titre de séjour",
        prefecture="Préfecture simulée de Landerive",
        departement="35",
        desks=(_desk(1, Scenario.WEEKLY_RELEASE),),
    )
    return Site(name="landerive", product=Product.ORION, title="Orion", procedures=(renewal,))


SITES = (
    _valmont(),
    _montclair(),
    _sablonne(),
    _rivehaute(),
    _corbelin(),
    _tourmente(),
    _rdv_service_public(),
    _demarche_numerique(),
    _esirius(),
    _orion(),
    _rdv_prefecture(),
)
