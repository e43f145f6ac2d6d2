"""`releves.csv`: rows for a French spreadsheet, `;` between cells, UTF-8 with a mark, no formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from monitor.evidence.bundle import sentences
from monitor.evidence.bundle.statement import BundleRow, Statement

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
    *("relecture", "simule", "empreinte_page", "empreinte_image", "empreinte_ligne_precedente"),
)

_BOM = b"\xef\xbb\xbf"
_TRAPS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""A cell that begins so, blanks apart, is run as a formula by some spreadsheets; page text must not be."""


def sheet(shown: Iterable[tuple[Statement, Iterable[BundleRow]]]) -> bytes:
    """The rows of each statement, under one head."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for statement, rows in shown:
        for row in rows:
            writer.writerow(map(_cell, _cells(row, statement)))
    return _BOM + text.getvalue().encode()


def _cells(row: BundleRow, statement: Statement) -> Iterator[object]:
    fact, said, known = row.fact, row.said, statement.matter.known
    steps = fact.get("steps", [])
    yield from (row.number, fact["target"], known["prefecture"], known["demarche"])
    yield from (
        sentences.local(row.local),
        f"{row.at:%Y-%m-%d %H:%M:%S}",
        _to_the_second(fact.get("started_at")),
    )
    yield "oui" if row.scheduled else "non"
    yield from (sentences.result(row), row.outcome or row.reason, said.get("kind"), sentences.told(row))
    yield from (
        said.get("rule"),
        sentences.earliest(row, statement),
        sentences.slot(said.get("second"), statement),
    )
    yield from (said.get("slots"), said.get("horizon"), len(steps), _seconds(row))
    yield from (row.address, fact.get("transport"), said.get("reader_version"))
    yield from (fact.get("vantage", {}).get("clock_offset_ms"), "oui" if row.reread else "")
    yield "oui" if fact["simulated"] else ""
    yield from (steps[-1]["body_sha256"] if steps else "", fact.get("shot_sha256"), fact["prev"])


def _to_the_second(text: str | None) -> str:
    return text[:19].replace("T", " ") if text else ""


def _seconds(row: BundleRow) -> str:
    """How long the visit took, with a decimal comma."""
    return f"{row.took.total_seconds():.1f}".replace(".", ",") if row.outcome else ""


def _cell(value: object) -> object:
    text = "" if value is None else str(value)
    negative = isinstance(value, int) and value < 0
    return f"'{text}" if text.lstrip().startswith(_TRAPS) and not negative else text
