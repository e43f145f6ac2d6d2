"""The printed pieces of a bundle: report, row tables, framed captures, as PDF/A. French.

The same inputs give the same bytes: no clock is read, fonts come with the program.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from monitor.evidence.bundle import sentences
from monitor.evidence.bundle.chart import chart
from monitor.evidence.bundle.provenance import Item
from monitor.evidence.bundle.statement import BundleRow, Statement
from monitor.evidence.journal.facts import IncidentFact
from monitor.evidence.journal.records import JournalIncidentKind
from monitor.figures.delays import Classes
from monitor.figures.period import Insufficient
from monitor.figures.sentences import DELAYS
from monitor.figures.shares import Share
from monitor.model import Origin
from monitor.present.language import day, length, local_time, number, percent, percents
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.store.record.counts import Count
from probes.model import Outcome, Target

ROWS_A_FILE = 500
"""Rows in one PDF file: the time that WeasyPrint needs grows faster than the number of rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedDay:
    """A day's seal as printed: its digest, who stamped it first (`by`), and when it is dated (`at`)."""

    day: date
    digest: str
    by: str
    at: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportData:
    """What a report prints besides its statement: seals, fingerprints, who keeps the record."""

    operator: str
    origin: str
    vkey: str
    head_line: str
    last_seal: str
    seals: Sequence[SealedDay]
    prints: Mapping[str, str]
    provenance: Sequence[Item]
    incidents: Sequence[str]
    others: Mapping[str, tuple[Target, Sequence[Count]]]
    proof: str
    extract: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPicture:
    """A framed capture to print: its row, the copy (JPEG), and the name of the piece it was made from."""

    row: BundleRow
    copy: bytes
    original: str


def report(statement: Statement, printed: ReportData) -> bytes:
    """The report: answer, detail, provenance, method, limits, seals, fingerprints."""
    return _pdf("report.html", statement, printed, "Rapport", **_report(statement, printed))


def tables(statement: Statement, printed: ReportData, shown: Sequence[BundleRow]) -> Iterator[bytes]:
    """The rows, in parts that stay quick to make and to open."""
    parts = [shown[n : n + ROWS_A_FILE] for n in range(0, len(shown), ROWS_A_FILE)]
    for place, rows in enumerate(parts, 1):
        # Many rows have the same text: each text is printed once, and rows give its number.
        texts = {text: n for n, text in enumerate(dict.fromkeys(map(sentences.told, rows)), 1)}
        yield _pdf(
            "rows.html",
            statement,
            printed,
            f"Tableau {place}/{len(parts)}",
            rows=[_row(row, statement, texts) for row in rows],
            texts=list(texts),
            part=place,
            parts=len(parts),
            total=len(statement.rows),
        )


def captures(statement: Statement, printed: ReportData, shown: Sequence[ReportPicture], total: int) -> bytes:
    """The framed copies, one a page."""
    listed = [
        {
            "number": one.row.number,
            "local": local_time(one.row.shown_at),
            "result": sentences.result(one.row),
            "original": one.original,
            "source": f"data:image/jpeg;base64,{base64.b64encode(one.copy).decode()}",
        }
        for one in shown
    ]
    return _pdf("captures.html", statement, printed, "Captures", shown=listed, total=total)


def readme(context: Mapping[str, object]) -> bytes:
    """`LISEZMOI.txt`."""
    return _templates().get_template("LISEZMOI.txt").render(context).encode()


def _report(statement: Statement, printed: ReportData) -> dict[str, object]:
    unscheduled = len(statement.rows) - len(statement.scheduled)
    read_later = sum(row.read_later for row in statement.rows)
    return {
        "sentence": sentences.sentence(statement),
        "facts": sentences.facts(statement),
        "cautions": sentences.cautions(statement),
        "chart": Markup(chart(statement.by_day)),
        "classes": _classes(statement.classes),
        "no_classes": str(statement.classes) if isinstance(statement.classes, Insufficient) else "",
        "results": _results(statement),
        "weeks": list(_weeks(statement)),
        "drought": sentences.drought(statement),
        "interval": length(statement.matter.interval),
        "late_draws": [day(late) for late in statement.late_draws],
        "gaps": list(_gaps(statement)),
        "others": [_other(target, counts) for target, counts in printed.others.values()],
        "unscheduled": f"{number(unscheduled)} visite(s) hors tirage, non comptées ci-dessus."
        if unscheduled
        else "",
        "reread": f"{number(read_later)} ligne(s) relue(s) par un lecteur plus récent : voir le tableau."
        if read_later
        else "",
        "accepted": [
            (line.line, f"{line.at:%Y-%m-%d %H:%M:%S}", line.reason, number(rows))
            for line, rows in statement.accepted.items()
        ],
        "provenance": printed.provenance,
        "seals": printed.seals,
        "incidents": printed.incidents,
        "qr": Markup(segno.make(_qr(printed), error="m").svg_inline(scale=3, border=2)),
        "last_seal": printed.last_seal,
        "origin": printed.origin,
        "head_line": printed.head_line,
        "vkey": printed.vkey,
        "prints": printed.prints.items(),
        "proof": printed.proof,
    }


def _qr(printed: ReportData) -> str:
    return f"{printed.origin}\nSEAL-{printed.seals[-1].day}.sha256\nsha256 {printed.last_seal}"


def _classes(classes: Classes | Insufficient) -> list[tuple[str, str, str]]:
    if isinstance(classes, Insufficient):
        return []
    kept = [(delay, n) for delay, n in classes.attempts.items() if n or delay.value != "date_unread"]
    return [(DELAYS[delay], number(n), percent(classes.share(delay))) for delay, n in kept]


def _results(statement: Statement) -> list[tuple[str, str, str]]:
    found = [
        (label(outcome), sum(row.outcome is outcome for row in statement.scheduled)) for outcome in Outcome
    ]
    found.append(("non exécutées", sum(row.outcome is None for row in statement.scheduled)))
    there = [(name, n) for name, n in found if n]
    shares = percents([n for _, n in there])
    return [(name, number(n), share) for (name, n), share in zip(there, shares, strict=True)]


def _weeks(statement: Statement) -> Iterator[tuple[str, ...]]:
    for week in statement.weeks:
        counts = week.counts
        share = percent(week.share.value) if isinstance(week.share, Share) else str(week.share)
        columns = (counts.scheduled, counts.executed, counts.conclusive, counts.zeros)
        yield (week.name, *map(number, columns), share)


def _gaps(statement: Statement) -> Iterator[tuple[str, str, str]]:
    for reason, count in statement.gaps.most_common():
        times = [row.local for row in statement.rows if row.reason is reason]
        yield label(reason), number(count), f"{local_time(times[0])} ; {local_time(times[-1])}"


def _other(target: Target, counts: Sequence[Count]) -> tuple[str, ...]:
    # As on the first page: visits at instants that were not drawn are not counted.
    seen = [one for one in counts if isinstance(one.result, Outcome) and one.origin is Origin.SCHEDULED]
    zeros = sum(count.n for count in seen if count.result is Outcome.NO_SLOTS)
    offers = sum(count.n for count in seen if count.result is Outcome.SLOTS_OFFERED)
    columns = (sum(count.n for count in seen), zeros + offers, zeros, offers)
    return (target.demarche, *map(number, columns))


def _row(row: BundleRow, statement: Statement, texts: Mapping[str, int]) -> dict[str, object]:
    return {
        "number": row.number,
        "local": local_time(row.local),
        "utc": f"{row.at:%Y-%m-%d %H:%M:%S}",
        "result": sentences.result(row)
        + (" (relecture)" if row.read_later else "")
        + (" (ligne admise)" if row.accepted else ""),
        "text": texts[sentences.told(row)],
        "earliest": sentences.earliest(row, statement),
        "pages": len(row.visit.steps) if row.visit else 0,
    }


def _pdf(template: str, statement: Statement, printed: ReportData, kind: str, **context: object) -> bytes:
    known = statement.matter.known
    period = f"du {day(statement.matter.first)} au {day(statement.matter.last)}"
    title = f"{kind} : {known.prefecture}, {known.demarche}, {period}"
    html = (
        _templates()
        .get_template(template)
        .render(
            title=title,
            head=title,
            known=known,
            operator=printed.operator,
            closed_at=f"{printed.seals[-1].day}T00:00:00Z",
            simulated=statement.simulated,
            extract=printed.extract,
            **context,
        )
    )
    return _written(sentences.typeset(html))


def _written(html: str) -> bytes:
    """The PDF. Raises `BadInput` when the system library Pango is missing; only printing needs it."""
    try:
        from monitor.evidence.bundle import pdf  # noqa: PLC0415  the only one who needs it
    except OSError:
        words = "is not on this machine; as root: apt-get install libpangoft2-1.0-0 libharfbuzz-subset0"
        raise BadInput(Problem("Pango, which prints the report,", words)) from None
    return pdf.pdf(html)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("monitor.evidence.bundle"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def incident(fact: IncidentFact) -> str:
    """An incident of the log, in a sentence."""
    told = {
        JournalIncidentKind.AUTHORITY_LATE: (
            f"n'avait pas horodaté le sceau du {fact.day} un jour après sa fin"
        ),
        JournalIncidentKind.AUTHORITY_GIVEN_UP: f"n'a jamais horodaté le sceau du {fact.day}",
    }[fact.incident]
    return f"Incident inscrit au journal : l'autorité {fact.about} {told}."
