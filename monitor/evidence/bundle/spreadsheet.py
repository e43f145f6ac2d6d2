"""`releves.csv`: rows for a French spreadsheet, `;` between cells, UTF-8 with a mark, no formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from monitor.evidence.bundle import sentences
from monitor.evidence.bundle.statement import BundleRow, Statement
from monitor.evidence.journal.facts import ObservationFact, ReadingFact
from monitor.present.language import local_time

COLUMNS = (
    *(
        "ligne",
        "cible",
        "prefecture",
        "demarche",
        "date_heure_locale",
        "utc",
        "visite_utc",
        "programmee",
        "resultat",
        "code",
    ),
    *("nature", "mots_de_la_page_ou_motif", "regle", "premiere_date", "deuxieme_date", "creneaux_affiches"),
    *("horizon", "pages", "duree_s", "derniere_adresse", "transport", "lecteur", "ecart_horloge_ms"),
    *(
        "relecture",
        "lignes_admises",
        "simule",
        "empreinte_page",
        "empreinte_image",
        "empreinte_ligne_precedente",
    ),
)

_BOM = b"\xef\xbb\xbf"
_TRAPS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""Some spreadsheets run a cell that begins with one of these (after blanks) as a formula. Text of a page must
never be run."""


def sheet(shown: Iterable[tuple[Statement, Iterable[BundleRow]]]) -> bytes:
    """The rows of each statement, under one head."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for statement, rows in shown:
        for row in rows:
            writer.writerow({column: _cell(value) for column, value in _cells(row, statement).items()})
    return _BOM + text.getvalue().encode()


def _cells(row: BundleRow, statement: Statement) -> dict[str, object]:
    """What stands under each column; a column that is not named stays empty."""
    known = statement.matter.known
    cells: dict[str, object] = {
        "ligne": row.number,
        "cible": row.fact.target,
        "prefecture": known.prefecture,
        "demarche": known.demarche,
        "date_heure_locale": local_time(row.local),
        "utc": _to_the_second(row.at),
        "programmee": "oui" if row.scheduled else "non",
        "resultat": sentences.result(row),
        "code": row.outcome or row.reason,
        "mots_de_la_page_ou_motif": sentences.told(row),
        "pages": 0,
        "relecture": "oui" if row.read_later else "",
        "lignes_admises": " · ".join(map(sentences.accepted, row.accepted)),
        "simule": "oui" if row.fact.simulated else "",
        "empreinte_ligne_precedente": row.fact.prev,
    }
    if row.visit:
        cells |= _of_visit(row.visit)
    if row.said:
        cells |= _of_reading(row.said, statement)
    return cells


def _of_visit(visit: ObservationFact) -> dict[str, object]:
    return {
        "visite_utc": _to_the_second(visit.started_at),
        "pages": len(visit.steps),
        "duree_s": f"{visit.took.total_seconds():.1f}".replace(".", ","),
        "derniere_adresse": visit.address,
        "transport": visit.transport,
        "ecart_horloge_ms": visit.vantage.clock_offset_ms,
        "empreinte_page": visit.steps[-1].body_sha256 if visit.steps else "",
        "empreinte_image": visit.shot_sha256,
    }


def _of_reading(said: ReadingFact, statement: Statement) -> dict[str, object]:
    return {
        "nature": said.kind,
        "regle": said.rule,
        "premiere_date": sentences.slot(said.earliest, statement),
        "deuxieme_date": sentences.slot(said.second, statement),
        "creneaux_affiches": said.slots,
        "horizon": said.horizon,
        "lecteur": said.reader_version,
    }


def _to_the_second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _cell(value: object) -> object:
    text = "" if value is None else str(value)
    negative = isinstance(value, int) and value < 0
    return f"'{text}" if text.lstrip().startswith(_TRAPS) and not negative else text
