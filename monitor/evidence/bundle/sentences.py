"""The French sentences of reports, and the words that no report may use. Pure.

The sentences say what was seen, at which instants and how often. They draw no conclusion.
"""

from __future__ import annotations

import re
from collections import Counter

from monitor.evidence.bundle.statement import BundleRow, Statement
from monitor.evidence.journal.facts import AcceptedLineFact, SlotFact
from monitor.figures import sentences
from monitor.figures.period import Insufficient
from monitor.figures.shares import Bound
from monitor.model import Agreement
from monitor.present.language import day, local_time, number, percent
from monitor.present.words import attributed, label
from probes.model import Outcome, Precision

LEAST_WEEKS, LEAST_DAYS = 2, 21
FIXED = "\N{NO-BREAK SPACE}"


def typeset(html: str) -> str:
    """The same text, set so that no line begins with one of `:;?!»` and no ISO week is cut in two."""
    html = re.sub(r" (?=[:;?!»])|(?<=«) ", FIXED, html)
    return re.sub(r"\d{4}-W\d\d", r'<span class="whole">\g<0></span>', html)


def sentence(statement: Statement) -> str:
    """The first page's sentence: programmed, executed, conclusive, without and with slots, the rest."""
    counts, matter = statement.honesty.counts, statement.matter
    if not counts.scheduled:
        return f"Du {day(matter.first)} au {day(matter.last)}, aucune sonde n'a été programmée."
    offered, zeros = counts.conclusive - counts.zeros, counts.zeros
    coverage = percent(counts.executed / counts.scheduled)
    share = f" ({percent(zeros / counts.conclusive)})" if counts.conclusive else ""
    return (
        f"Du {day(matter.first)} au {day(matter.last)}, {number(counts.scheduled)} sondes ont été "
        f"programmées ({_days(statement)}), {number(counts.executed)} exécutées ({coverage}). "
        f"{number(counts.conclusive)} ont donné un résultat exploitable : {number(zeros)} sans aucun "
        f"créneau{share}, {number(offered)} avec créneau. "
        f"{number(counts.executed - counts.conclusive)} non exploitables{_kinds(statement)}."
    )


def facts(statement: Statement) -> list[tuple[str, str]]:
    """The criteria of the first page, each with its value."""
    zeros = [row for row in statement.scheduled if row.outcome is Outcome.NO_SLOTS]
    counts = statement.honesty.counts
    weeks = f"{len(statement.zero_weeks)} ({', '.join(statement.zero_weeks) or 'aucune'})"
    days = f"{number(len(statement.zero_days))} sur {number(len(statement.by_day))}"
    coverage = percent(counts.coverage) if counts.coverage is not None else "sans objet"
    return [
        ("Jours distincts avec au moins une sonde sans créneau", days),
        ("Semaines ISO distinctes avec au moins une sonde sans créneau", weeks),
        ("Première sonde sans créneau", _local(zeros[0]) if zeros else "aucune"),
        ("Dernière sonde sans créneau", _local(zeros[-1]) if zeros else "aucune"),
        ("Plus longue suite de sondes sans créneau", drought(statement) or "aucune"),
        ("Couverture (exécutées sur programmées)", coverage),
        ("Borne à 95 %", _bound(statement.bound)),
        *([("Doubles lectures", doubles)] if (doubles := double_readings(statement)) else []),
    ]


def double_readings(statement: Statement) -> str:
    """How often the readings with and without a browser were compared, and how often they disagreed.

    Empty when nothing was read without a browser.
    """
    made = statement.double_readings
    if not made and not statement.over_http:
        return ""
    compared = made[Agreement.ALIKE] + made[Agreement.OTHERWISE]
    told = (
        f"{number(statement.over_http)} résultat(s) exploitable(s) lu(s) sans navigateur ; "
        f"{number(compared)} visite(s) avec navigateur comparée(s) à cette lecture, "
        f"dont {number(made[Agreement.OTHERWISE])} en désaccord"
    )
    open_ones = made[Agreement.NOT_COMPARABLE]
    return told + (f" ; {number(open_ones)} sans comparaison possible" if open_ones else "")


def _bound(bound: Bound | Insufficient) -> str:
    return f"sans objet : {bound.reason}" if isinstance(bound, Insufficient) else sentences.bound(bound)


def cautions(statement: Statement) -> list[str]:
    """What the reader must know before using the figures: short periods, thin coverage."""
    found = []
    span = (statement.zero_days[-1] - statement.zero_days[0]).days + 1 if statement.zero_days else 0
    if 0 < len(statement.zero_weeks) < LEAST_WEEKS or 0 < span < LEAST_DAYS:
        found.append(
            f"Période courte : les sondes sans créneau portent sur {len(statement.zero_weeks)} semaine(s) "
            f"ISO et {span} jour(s). Elles ne montrent pas une répétition sur plusieurs semaines."
        )
    if (empty := statement.undrawn_days) and len(empty) < len(statement.by_day):
        found.append(
            f"Aucune sonde n'a été programmée pendant {number(len(empty))} jours de la période (premier : "
            f"{day(empty[0])}, dernier : {day(empty[-1])}) : ces jours ne comptent ni dans les parts ni dans "
            "la couverture."
        )
    if late := len(statement.late_visits):
        found.append(
            f"{number(late)} visite(s) inscrite(s) au journal plus tard que le lendemain : un tiers ne les "
            "date qu'à partir de leur inscription."
        )
    if standing := sum(bool(row.accepted) for row in statement.scheduled):
        found.append(
            f"{number(standing)} sonde(s) exploitable(s) reposent sur une ligne de la page qu'une personne a "
            "admise comme étrangère aux créneaux : voir « Lignes admises »."
        )
    if disagreed := statement.double_readings[Agreement.OTHERWISE]:
        found.append(
            f"{number(disagreed)} désaccord(s) entre ce que montrait le navigateur et ce qui aurait été lu "
            "sans lui, dans la même visite : les résultats lus sans navigateur sont à prendre avec réserve."
        )
    if isinstance(statement.share, Insufficient):
        found.append(f"Parts non calculées : {statement.share}.")
    return found


def drought(statement: Statement) -> str:
    """The longest drought, in words, or nothing."""
    return sentences.drought(statement.droughts[0]) if statement.droughts else ""


def accepted(line: AcceptedLineFact) -> str:
    """An accepted line with the day on which it was accepted, and why."""
    return f"« {line.line} », admise le {day(line.at)} : {line.reason}"


def result(row: BundleRow) -> str:
    """What became of an instant."""
    if row.reason:
        return "non exécutée"
    return label(row.outcome) if row.outcome else ""


def told(row: BundleRow) -> str:
    """The words of the page, or the reason of a gap, or what failed."""
    if row.reason:
        return label(row.reason)
    failure = row.said.failure if row.said else None
    return attributed(row.quote) or (label(failure) if failure else "")


def earliest(row: BundleRow, statement: Statement) -> str:
    """The first slot displayed, in the préfecture's time."""
    return slot(row.said.earliest if row.said else None, statement)


def slot(shown: SlotFact | None, statement: Statement) -> str:
    """A slot of a record as the page showed it: its day, or its day and hour, in the préfecture's time."""
    if shown is None:
        return ""
    at = shown.at.astimezone(statement.matter.tz)
    return day(at) if shown.precision is Precision.DAY else f"{day(at)} {at:%H:%M}"


def _local(row: BundleRow) -> str:
    return f"{local_time(row.local)}, ligne {row.number}"


def _days(statement: Statement) -> str:
    total = len(statement.by_day)
    odd = Counter(statement.odd_days.values())
    told = "".join(f", dont {'un' if n == 1 else n} de {hours}{FIXED}h" for hours, n in sorted(odd.items()))
    return f"{number(total)}{FIXED}jour{'s' if total > 1 else ''}{told}"


def _kinds(statement: Statement) -> str:
    rest = Counter(row.outcome for row in statement.scheduled if row.outcome and not row.outcome.conclusive)
    if not rest:
        return ""
    return f" ({', '.join(f'{number(n)} {label(kind)}' for kind, n in rest.most_common())})"
