"""The requirements for findings on the internet (standard NF Z67-147), and how the visits meet them.

Pure. The texts are French.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.evidence.bundle.statement import Statement
from monitor.evidence.journal.facts import JournalFact, ServiceFact, StepFact
from monitor.present.language import number

MET, PARTLY, UNMET = "satisfait", "en partie", "non satisfait"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One requirement; `value` says how it is met, or why it is not. It is never empty."""

    asked: str
    state: str
    value: str


def provenance(
    statement: Statement, journal: Sequence[JournalFact], *, operator: str, stamped: str
) -> list[Item]:
    """Every requirement with its answer. `journal` are the log's own records; `stamped` tells who stamped."""
    services = [fact for fact in journal if isinstance(fact, ServiceFact)]
    return [
        _machine(statement, services),
        _address(services),
        _servers(statement),
        Item(
            asked="Cache, témoins de connexion et historique vides",
            state=MET,
            value="chaque visite commence avec un navigateur ou un client HTTP neufs",
        ),
        _clock(statement),
        Item(
            asked="Cheminement, page par page",
            state=MET,
            value=f"{_pages(statement)} pages dans l'ordre : adresse, méthode, statut, durée, empreinte",
        ),
        _pictures(statement),
        Item(
            asked="Capture du trafic",
            state=PARTLY,
            value="réponses conservées telles que reçues ; requêtes non enregistrées octet par octet",
        ),
        _unaltered(stamped),
        Item(
            asked="Personne responsable",
            state=MET if operator else UNMET,
            value=operator or "l'exploitant n'est pas renseigné dans la configuration",
        ),
    ]


def _machine(statement: Statement, services: Sequence[ServiceFact]) -> Item:
    programs = {f"{one.software}, Python {one.python}, {one.system}" for one in services}
    vantages = [visit.vantage for visit in statement.visits]
    programs |= {name for one in vantages for name in (one.browser, one.user_agent) if name}
    told = " ; ".join(sorted(programs))
    reason = "les versions n'ont pas été inscrites au journal"
    return Item(
        asked="Machine, système, navigateur et versions",
        state=MET if services else UNMET,
        value=told or reason,
    )


def _address(services: Sequence[ServiceFact]) -> Item:
    found = sorted({one.egress for one in services if one.egress})
    return Item(
        asked="Accès à internet, adresse publique",
        state=MET if found else UNMET,
        value=", ".join(found) or "l'adresse publique du robot n'a pas été mesurée pendant la période",
    )


def _servers(statement: Statement) -> Item:
    steps = [step for visit in statement.visits for step in visit.steps]
    addresses = sorted({step.server_address for step in steps if step.server_address})
    certificates = {step.tls_sha256 for step in steps if step.tls_sha256}
    shown = ", ".join(addresses[:4]) + ("…" if len(addresses) > 4 else "")
    reached = f"serveurs joints : {shown}" if shown else "adresses des serveurs non relevées"
    tls = f" ; {len(certificates)} certificat(s) TLS distinct(s)" if certificates else " ; sans TLS"
    return Item(
        asked="Connexion directe, sans serveur mandataire",
        state=MET if addresses else PARTLY,
        value=f"le robot n'a aucun réglage de mandataire ; {reached}{tls}",
    )


def _clock(statement: Statement) -> Item:
    asked, drift = "Horloge synchronisée", _server_drift(statement)
    beside = f"; écart maximal avec l'heure annoncée par le serveur : {drift} s" if drift is not None else ""
    worst = statement.worst_offset
    if worst is None:
        reason = "l'écart de l'horloge du robot n'a pas été mesuré"
        return Item(asked=asked, state=UNMET, value=f"{reason} {beside}".strip())
    milliseconds = number(worst.total_seconds() * 1000)
    return Item(asked=asked, state=MET, value=f"écart mesuré au plus {milliseconds} ms {beside}".strip())


def _server_drift(statement: Statement) -> int | None:
    """The largest difference, in seconds, between our clock and the server's `Date`, over all pages."""
    found = [
        abs(said - step.started_at)
        for visit in statement.visits
        for step in visit.steps
        if (said := _server_date(step))
    ]
    return round(max(found).total_seconds()) if found else None


def _server_date(step: StepFact) -> datetime | None:
    """The `Date` header of the server in UTC; `None` when it is missing or is no valid date."""
    with suppress(ValueError):
        return parsedate_to_datetime(step.headers.get("date", "")).astimezone(UTC)
    return None


def _pages(statement: Statement) -> str:
    return number(sum(len(visit.steps) for visit in statement.visits))


def _pictures(statement: Statement) -> Item:
    pictured = sum(visit.shot_sha256 is not None for visit in statement.visits)
    made = f"{number(pictured)} visites sur {number(len(statement.visits))} avec copie d'écran datée"
    none = "relevés faits sans navigateur : les pages reçues sont conservées, sans image"
    state = MET if pictured == len(statement.visits) else PARTLY if pictured else UNMET
    return Item(asked="Copies d'écran datées", state=state, value=made if pictured else none)


def _unaltered(stamped: str) -> Item:
    chained = "pages et lignes nommées par leur empreinte SHA-256, lignes chaînées, jours scellés"
    return Item(
        asked="Contenu conservé sans altération",
        state=MET if stamped else PARTLY,
        value=f"{chained} ; {stamped or 'aucun horodatage par un tiers'}",
    )
