"""The French content of a row's page: pairs of a name and a text, in order. Pure.

Long texts of the captured page are cut. Instants are given in the target's zone and in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from monitor.model import Origin
from monitor.present.as_json import instant
from monitor.present.language import FRENCH_DAYS, day, local_time, number
from monitor.present.proof import unproven
from monitor.present.words import attributed, cause, label, of_pages
from monitor.store import GapRow, ObservationRow
from monitor.store.review.controls import ControlComparison
from probes.model import Capture, Precision, Reading, Slot, Step, Target
from probes.pages.seen import decided
from probes.proof import PageOrigin

LONGEST, LONGEST_ADDRESS = 1000, 200
MOST_LINES, MOST_STEPS = 20, 20

_YES_NO = {True: "oui", False: "non : la page changeait encore, ou n'était pas celle que d'autres voient"}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedInstant:
    """One named instant, as text in the target's zone and in UTC."""

    name: str
    local: str
    utc: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetSection:
    """A heading of the page and the pairs under it."""

    title: str
    pairs: Pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitPage:
    """One page of a visit, number `n`; `received` when there is a body to download."""

    n: int
    received: bool
    pairs: Pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The content of a row's page. `steps` is `None` when a piece of the capture is damaged.

    `marked`: the picture has a copy with frames around the words that decided.
    """

    row: int
    result: str
    labels: Sequence[str]
    parts: Sequence[SheetSection]
    zone: str
    times: Sequence[NamedInstant]
    control: int | None = None
    control_says: str = ""
    steps: Sequence[VisitPage] | None = ()
    more_steps: int = 0
    picture: bool = False
    marked: bool = False
    no_picture: str = ""


def of_gap(row: GapRow, target: Target) -> Sheet:
    """The content of a gap's page: no visit was made, and why."""
    why = [("Raison", label(row.reason)), *([("Détail", cut(row.detail))] if row.detail else [])]
    return Sheet(
        row=row.id,
        result="Personne n'a regardé",
        labels=["préfecture simulée"] if row.simulated else [],
        parts=[
            SheetSection(title="Guichet", pairs=target_pairs(target)),
            SheetSection(title="Pourquoi", pairs=why),
        ],
        zone=target.zone,
        times=_times(target.tz, ("Instant tiré au sort", row.scheduled_at), ("Enregistré", row.recorded_at)),
    )


def of_observation(
    row: ObservationRow,
    target: Target,
    capture: Capture | None,
    judged: ControlComparison | None,
    *,
    tested: PageOrigin,
) -> Sheet:
    """The content of an observation's page. `capture` is `None` when a piece of it is damaged.

    `tested` is the best origin of the pages that its reader was tested with.
    """
    return Sheet(
        row=row.id,
        result=result(row.in_force),
        labels=list(_labels(row, tested)),
        parts=[
            SheetSection(title="Guichet", pairs=target_pairs(target)),
            *_readings(row, target.tz),
            SheetSection(title="Visite", pairs=_visit(row)),
        ],
        zone=target.zone,
        times=_times(
            target.tz,
            ("Instant tiré au sort", row.scheduled_at),
            ("Début", row.started_at),
            ("Fin", row.finished_at),
            ("Date du serveur", row.server_date),
            ("Enregistré", row.recorded_at),
        ),
        control=judged.control if judged else None,
        control_says=label(judged.corroboration) if judged else "aucune comparaison avec une démarche témoin",
        steps=None if capture is None else [_step(step) for step in capture.steps[:MOST_STEPS]],
        more_steps=0 if capture is None else max(0, len(capture.steps) - MOST_STEPS),
        picture=capture is not None and capture.screenshot is not None,
        marked=_is_marked(row, capture),
        no_picture=_no_picture(row),
    )


def _is_marked(row: ObservationRow, capture: Capture | None) -> bool:
    return capture is not None and capture.screenshot is not None and bool(decided(row.in_force, capture))


def caption(row: ObservationRow, target: Target, capture: Capture) -> tuple[str, ...]:
    """What the copy of a picture says: guichet, address and arrival of the page, row, result, original."""
    page = capture.in_picture or capture.steps[-1]
    at = page.finished_at
    return (
        f"{target.prefecture} ({target.departement}), {target.demarche}",
        page.final_url,
        f"{local(at, target.tz)}, soit {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Relevé {row.id}, {target.id}, {result(row.in_force)}",
        *of_pages(row.in_force, capture),
        f"Image d'origine : SHA-256 {row.screenshot_sha256}",
    )


def local(at: datetime, tz: ZoneInfo) -> str:
    """Such as `lundi 02/03/2026 10:00:00 (UTC+1)`, in `tz`."""
    here = at.astimezone(tz)
    return f"{FRENCH_DAYS[here.weekday()]} {local_time(here)}"


def cut(text: str, longest: int = LONGEST) -> str:
    """`text`, or its beginning and its length; `?` stands for lone surrogates, which UTF-8 cannot hold."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= longest else f"{text[:longest]}… ({number(len(text))} caractères)"


def target_pairs(target: Target) -> Pairs:
    desk = [("Guichet", target.desk)] if target.desk else []
    return [
        ("Préfecture", f"{target.prefecture} ({target.departement})"),
        ("Démarche", target.demarche),
        *desk,
        ("Page", cut(target.url, LONGEST_ADDRESS)),
        ("Identifiant", target.id),
    ]


def _labels(row: ObservationRow, tested: PageOrigin) -> Iterator[str]:
    if row.simulated:
        yield "préfecture simulée"
    if tested is not PageOrigin.RECORDED:
        yield f"lecteur {unproven(tested)}"
    if row.origin is not Origin.SCHEDULED:
        yield label(row.origin)


def _readings(row: ObservationRow, tz: ZoneInfo) -> Iterator[SheetSection]:
    """The reading in force and, where it is a later one, the first one after it."""
    again = row.later_reading
    if again is None:
        yield SheetSection(
            title=f"Lecture ({row.platform}, version {row.reader_version})", pairs=_read(row.reading, tz)
        )
        return
    why = [("Relue le", local(again.read_at, tz)), ("Motif", cut(cause(again.cause)))]
    title = f"Lecture en vigueur ({again.platform}, version {again.reader_version})"
    yield SheetSection(title=title, pairs=[*_read(again.reading, tz), *why])
    title = f"Première lecture, remplacée ({row.platform}, version {row.reader_version})"
    yield SheetSection(title=title, pairs=_read(row.reading, tz))


def result(reading: Reading) -> str:
    """Outcome and kind in French, such as `zéro créneau : tous les créneaux sont pris`."""
    kind = f" : {label(reading.kind)}" if reading.kind else ""
    return f"{label(reading.outcome)}{kind}"


def _read(reading: Reading, tz: ZoneInfo) -> Pairs:
    found = {
        "Résultat": result(reading),
        "Règle": reading.rule,
        "Mots de la page qui ont décidé": reading.words and f"« {cut(attributed(reading.words))} »",
        "Première date": slot(reading.earliest, tz),
        "Deuxième date": slot(reading.second, tz),
        "Créneaux affichés": "" if reading.slots is None else number(reading.slots),
        "Réponse valable jusqu'au": day(reading.horizon) if reading.horizon else "",
        "Échec": label(reading.failure) if reading.failure else "",
        "Annonces": _lines(reading.notices),
        "Lignes admises par une personne": _lines(
            [f"« {each.line} », le {day(each.at)} : {each.reason}" for each in reading.accepted]
        ),
        "Guichets de la page": _lines(
            [f"{part.label} : {label(part.outcome)} {part.words}".strip() for part in reading.parts]
        ),
    }
    return [(name, text) for name, text in found.items() if text]


def slot(found: Slot | None, tz: ZoneInfo) -> str:
    """`jeudi 22/04/2027 à 14:00`, or the day alone when no hour was read; nothing without a slot."""
    if found is None:
        return ""
    at = found.starts_at.astimezone(tz)
    shown = day(at) if found.precision is Precision.DAY else f"{day(at)} à {at:%H:%M}"
    return f"{FRENCH_DAYS[at.weekday()]} {shown}"


def _lines(texts: Sequence[str]) -> str:
    more = [f"… et {number(len(texts) - MOST_LINES)} de plus"] if len(texts) > MOST_LINES else []
    return cut("\n".join([*(cut(text, LONGEST_ADDRESS) for text in texts[:MOST_LINES]), *more]))


def _visit(row: ObservationRow) -> Pairs:
    vantage = row.vantage
    offset = vantage.clock_offset
    found = {
        "Origine": label(row.origin),
        "Moyen": label(row.transport),
        "Navigateur": vantage.browser or "",
        "Se présente comme": cut(vantage.user_agent, LONGEST_ADDRESS),
        "Point d'observation": vantage.name,
        "Logiciel": vantage.software,
        "Écart de l'horloge": "" if offset is None else f"{number(offset.total_seconds(), 3)} s",
        "Empreinte de la visite (SHA-256)": row.manifest_sha256,
        "Empreinte de l'image (SHA-256)": row.screenshot_sha256 or "",
    }
    return [(name, text) for name, text in found.items() if text]


def _no_picture(row: ObservationRow) -> str:
    if row.screenshot_sha256:
        return "L'image n'est plus conservée ; son empreinte reste au registre."
    return "Aucune image n'a été prise lors de cette visite."


def _times(tz: ZoneInfo, *named: tuple[str, datetime | None]) -> list[NamedInstant]:
    return [
        NamedInstant(name=n, local=local(at, tz), utc=instant(at.astimezone(UTC)) or "")
        for n, at in named
        if at
    ]


def _step(step: Step) -> VisitPage:
    moved = step.final_url if step.final_url != step.url else ""
    found = {
        "Demande": f"{step.method} {cut(step.url, LONGEST_ADDRESS)}",
        "Adresse finale": cut(moved, LONGEST_ADDRESS),
        "Code": "" if step.status is None else f"{step.status}",
        "Échec": label(step.failure) if step.failure else "",
        "Alerte de la page": cut(_lines(step.dialogs), LONGEST_ADDRESS),
        "Immobile lors de la copie": "" if step.settled is None else _YES_NO[step.settled],
        "Demandes de la page, refusées": _lines(step.refused),
        "Date du serveur": cut(step.header("date") or "non donnée", 80),
        "Reçu": f"{number(len(step.body))} octets",
        "SHA-256": step.body_sha256,
    }
    return VisitPage(
        n=step.n, received=bool(step.body), pairs=[(name, text) for name, text in found.items() if text]
    )
