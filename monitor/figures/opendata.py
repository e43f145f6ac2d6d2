"""The public data set: its columns, and when rows may be published. It has no page text and no personal data.

The files, their Table Schema and `docs/data-dictionary.md` are all made from the columns below.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import polars as pl

from monitor.model import GapReason, Origin
from monitor.present.as_json import slot_text
from monitor.present.proof import caution
from monitor.store import EntryRow, ObservationRow
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Target, Transport

EMBARGO = timedelta(hours=24)
LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
}
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
_FORMULA = r"^[=+\-@\t\r]"

_TYPES: dict[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "datetime": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Table Schema type, its description in French and, for a closed list, its words."""

    name: str
    kind: str
    holds: str
    words: type[StrEnum] | None = None
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """The field descriptor of Table Schema."""
        constraints: dict[str, Any] = {"required": True} if self.required else {}
        if self.words is not None:
            constraints["enum"] = [word.value for word in self.words]
        made = {"name": self.name, "type": self.kind, "description": self.holds}
        if self.kind == "datetime":
            made["format"] = INSTANT  # the default of Table Schema has whole seconds only
        return made | ({"constraints": constraints} if constraints else {})


PROOF = Column(
    "proof", "string", "Réserve : le lecteur de cette plateforme n'est pas prouvé ; vide s'il l'est."
)
ROWS = (
    Column("id", "integer", "Numéro de la ligne dans le registre ; ne change jamais.", required=True),
    Column("target", "string", "Page surveillée ; voir targets.csv.", required=True),
    Column("at", "datetime", "Instant prévu, ou début d'une visite non programmée (UTC).", required=True),
    Column("day", "date", "Jour local de cet instant à la préfecture.", required=True),
    Column(
        "origin", "string", "Qui a fait la visite ; seules les programmées comptent dans une part.", Origin
    ),
    Column("outcome", "string", "Ce que la page a établi ; vide si personne n'a regardé.", Outcome),
    Column("no_slots_kind", "string", "Ce que la page dit d'un zéro.", NoSlotsKind),
    Column("gap_reason", "string", "Pourquoi personne n'a regardé ; vide s'il y a eu visite.", GapReason),
    Column("failure", "string", "Pourquoi la visite n'a pas donné de page utilisable.", Failure),
    Column("rule", "string", "Règle de lecture qui a décidé."),
    Column("earliest", "string", "Premier créneau affiché : instant UTC, ou jour local si sans heure."),
    Column("second", "string", "Premier créneau affiché un jour ultérieur ; même écriture."),
    Column("slots", "integer", "Nombre de créneaux affichés, s'il se compte."),
    Column(
        "horizon",
        "date",
        "Dernier jour que couvre la réponse, affiché ou donné par la page à son propre programme : "
        "un zéro ne vaut que jusque-là.",
    ),
    Column("started_at", "datetime", "Début de la visite (UTC)."),
    Column("finished_at", "datetime", "Fin de la visite (UTC)."),
    Column("recorded_at", "datetime", "Inscription au registre (UTC).", required=True),
    Column("platform", "string", "Logiciel de prise de rendez-vous."),
    Column("reader_version", "string", "Version des règles de lecture en vigueur."),
    Column("transport", "string", "Navigateur, ou HTTP sans navigateur.", Transport),
    Column("vantage", "string", "D'où la visite a été faite."),
    Column("manifest_sha256", "string", "Empreinte de tout ce qui a été reçu."),
    Column("simulated", "boolean", "Vrai pour nos préfectures simulées.", required=True),
)
TARGETS = (
    Column("target", "string", "Nom stable de la page surveillée.", required=True),
    Column("prefecture", "string", "Préfecture ou sous-préfecture.", required=True),
    Column("departement", "string", "Code du département, en texte : 01, 2A, 974.", required=True),
    Column("demarche", "string", "Démarche, selon les mots de la page.", required=True),
    Column("desk", "string", "Guichet, si la page en a plusieurs."),
    Column("platform", "string", "Logiciel de prise de rendez-vous.", required=True),
    Column("zone", "string", "Fuseau de la préfecture (IANA).", required=True),
    Column("url", "string", "Adresse de la page.", required=True),
    PROOF,
)
FIGURES = (
    Column("target", "string", "Page surveillée.", required=True),
    Column("figure", "string", "Nom du chiffre ; voir plus bas.", required=True),
    Column("key", "string", "De quelle semaine, classe ou case."),
    Column("value", "number", "La valeur ; vide si les données sont insuffisantes."),
    Column("low", "number", "Borne basse."),
    Column("high", "number", "Borne haute."),
    Column("unit", "string", "ratio, days, seconds, count ou per hour watched.", required=True),
    Column("status", "string", "ok, ou la raison pour laquelle il n'y a pas de valeur.", required=True),
    Column("scheduled", "integer", "Instants programmés.", required=True),
    Column("executed", "integer", "Instants où une visite a eu lieu.", required=True),
    Column("conclusive", "integer", "Visites exploitables : le n du chiffre.", required=True),
    Column("zeros", "integer", "Visites sans aucun créneau.", required=True),
    Column("first_day", "date", "Premier jour local de la période.", required=True),
    Column("last_day", "date", "Dernier jour local de la période.", required=True),
    Column("zone", "string", "Fuseau de la préfecture.", required=True),
    Column("simulated", "boolean", "Vrai pour nos préfectures simulées.", required=True),
    PROOF,
)


def published_days(first: date, now: datetime, embargo: timedelta = EMBARGO) -> list[date]:
    """The UTC days from `first` on that ended at least `embargo` before `now`."""
    last = (now - embargo).astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days)]


def bounds(day: date) -> tuple[datetime, datetime]:
    """The start of a UTC day and the start of the next one."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    return start, start + timedelta(days=1)


def rows_frame(entries: Iterable[EntryRow], targets: dict[str, Target], *, simulated: bool) -> pl.DataFrame:
    """The published rows (`ROWS`) of `entries`: the simulated ones, or the real ones. `targets`: by id."""
    return _frame(ROWS, (_row(row, targets[row.target]) for row in entries if row.simulated == simulated))


def targets_frame(targets: Iterable[Target]) -> pl.DataFrame:
    """The published targets (`TARGETS`), one row each."""
    return _frame(TARGETS, map(_target, targets))


def with_proof(figures: pl.DataFrame, targets: Iterable[Target]) -> pl.DataFrame:
    """The figures of these targets with their last column, `proof`."""
    said = {target.id: caution(target.platform) or None for target in targets}
    column = pl.col("target").replace_strict(said, default=None, return_dtype=pl.String)
    return figures.with_columns(column.alias(PROOF.name))


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame for CSV: an apostrophe is put before text that a spreadsheet would run as a formula."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    trap = [pl.col(name).str.contains(_FORMULA) for name in texts]
    return frame.with_columns(
        pl.when(risky).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name, risky in zip(texts, trap, strict=True)
    )


def resource(name: str, path: str, columns: Sequence[Column], title: str) -> dict[str, Any]:
    """The descriptor of one file in a data package. `path` ends in `.csv` or `.parquet`, else `KeyError`."""
    kind = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}[path.rpartition(".")[2]]
    fields = [column.schema() for column in columns]
    return {
        "name": name,
        "path": path,
        "title": title,
        "profile": "tabular-data-resource",
        "mediatype": kind,
        "encoding": "utf-8",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _target(known: Target) -> dict[str, Any]:
    own = [column.name for column in TARGETS if column.name not in ("target", PROOF.name)]
    named = {name: getattr(known, name) for name in own}
    return {"target": known.id, **named, PROOF.name: caution(known.platform) or None}


def _frame(columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    schema = {column.name: _TYPES[column.kind] for column in columns}
    return pl.DataFrame([[row.get(name) for name in schema] for row in rows], schema, orient="row")


def _row(row: EntryRow, target: Target) -> dict[str, Any]:
    same = ("id", "target", "at", "day", "recorded_at", "simulated")
    common = {name: getattr(row, name) for name in same}
    if not isinstance(row, ObservationRow):
        return common | {"origin": Origin.SCHEDULED, "gap_reason": row.reason}
    reading = row.in_force
    visit = ("origin", "started_at", "finished_at", "platform", "transport", "manifest_sha256")
    read = ("outcome", "failure", "rule", "slots", "horizon")
    return (
        common
        | {name: getattr(row, name) for name in visit}
        | {name: getattr(reading, name) for name in read}
        | {
            "no_slots_kind": reading.kind,
            "earliest": slot_text(reading.earliest, target.tz),
            "second": slot_text(reading.second, target.tz),
            "reader_version": row.reader_in_force,
            "vantage": row.vantage.name,
        }
    )
