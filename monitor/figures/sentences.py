"""The figures in French sentences, each with its n, coverage and period, for files, plots and the screen.

« Proposé », never « réservable »; « observé », never « causé »; what was not looked at is never called empty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from monitor.figures.chances import Chances
from monitor.figures.controls import BeforeAfter, PairTable, Window
from monitor.figures.delays import Classes, Delay, Gaps
from monitor.figures.period import Counts, Insufficient, Period
from monitor.figures.runs import Appearances, Drought, Lifetimes
from monitor.figures.shares import Availability, Bound, Honesty, HonestyPart, Share, Trust
from monitor.model import Agreement, GapReason
from monitor.present.language import FIXED, FRENCH_DAYS, ceiling, day, length, number, percent, percents
from monitor.present.words import label
from probes.model import Outcome

PARTS = {HonestyPart(outcome): label(outcome) for outcome in Outcome if outcome is not Outcome.NO_SLOTS} | {
    HonestyPart.ZERO_CORROBORATED: "zéro créneau, corroboré par le témoin",
    HonestyPart.ZERO_ALONE: "zéro créneau, sans corroboration",
    HonestyPart.NOT_EXECUTED: "non exécuté",
}
DELAYS = {
    Delay.TWO_WITHIN_A_MONTH: "au moins deux dates sous un mois",
    Delay.ONE_WITHIN_A_MONTH: "une seule date sous un mois",
    Delay.WITHIN_TWO_MONTHS: "première date entre un et deux mois",
    Delay.BEYOND_TWO_MONTHS: "première date au-delà de deux mois",
    Delay.NO_DATE: "pas de date",
    Delay.DATE_UNREAD: "date non lisible",
}


def span(period: Period) -> str:
    """`du 03/03/2026 au 01/05/2026 (fuseau Europe/Paris)`; a simulated préfecture says so."""
    simulated = ", préfecture simulée" if period.simulated else ""
    return f"du {day(period.first)} au {day(period.last)} (fuseau {period.zone}{simulated})"


def sentence(text: str) -> str:
    """`text` with a capital at its start and a full stop at its end; the rest stays as it is."""
    return f"{text[0].upper()}{text[1:]}."


def basis(counts: Counts) -> str:
    """The basis of a figure: n, instants scheduled, coverage, share of visits with an answer."""
    if counts.coverage is None:
        return f"n{FIXED}={FIXED}0, aucune sonde programmée"
    usable = "aucune exécutée" if counts.usable is None else f"exploitables {percent(counts.usable)}"
    n = f"n{FIXED}={FIXED}{number(counts.conclusive)} sondes exploitables"
    return f"{n} sur {number(counts.scheduled)} programmées, couverture {percent(counts.coverage)}, {usable}"


def summary(period: Period, bar: Honesty) -> str:
    """One sentence: how many attempts were scheduled, executed and conclusive, and how the others ended."""
    c = bar.counts
    if c.coverage is None:
        return sentence(f"{span(period)} : aucune sonde programmée")
    rest = [(n, PARTS[p]) for p, n in bar.parts.items() if n and p not in _ANSWERS]
    told = f" ({', '.join(f'{number(n)} {name}' for n, name in rest)})" if rest else ""
    zeros = f" ({percent(c.zeros / c.conclusive)})" if c.conclusive else ""
    return sentence(
        f"{span(period)}, {number(c.scheduled)} sondes programmées, "
        f"{number(c.executed)} exécutées ({percent(c.coverage)}). "
        f"{number(c.conclusive)} ont donné un résultat exploitable : {number(c.zeros)} sans aucun "
        f"créneau{zeros}, {number(c.conclusive - c.zeros)} avec créneau. "
        f"{number(c.executed - c.conclusive)} non exploitables{told}"
    )


_ANSWERS = (
    HonestyPart.SLOTS_OFFERED,
    HonestyPart.ZERO_CORROBORATED,
    HonestyPart.ZERO_ALONE,
    HonestyPart.NOT_EXECUTED,
)


def share(value: Share | Insufficient) -> str:
    """The share of attempts without a slot, its interval, and its band if all instants had had an answer."""
    if isinstance(value, Insufficient):
        return str(value)
    return (
        f"{percent(value.value)} des sondes sans créneau (intervalle exact à 95 % : {percent(value.low)} à "
        f"{percent(value.high)} ; de {percent(value.worst[0])} à {percent(value.worst[1])} selon ce "
        f"qu'auraient trouvé les sondes sans réponse ; {basis(value.counts)})"
    )


def trust(value: Trust) -> str:
    """How reliable the monitor itself was."""
    ratios = (("couverture", value.coverage), ("pages non reconnues", value.unrecognised))
    told = [f"{name} {v if isinstance(v, Insufficient) else percent(v)}" for name, v in ratios]
    rate = value.false_zero_bound
    if isinstance(rate, Insufficient):
        told.append("aucun zéro vérifié sur image")
    else:
        found = f"{number(value.audited)}, dont {number(value.false_zeros)} faux"
        told.append(f"zéros vérifiés sur image : {found} (au plus {ceiling(rate)}, à 95{FIXED}%)")
    if value.doubles:
        told.append(_doubles(value.doubles))
    if value.worst_clock_offset is not None:
        told.append(f"plus grand écart d'horloge {number(value.worst_clock_offset.total_seconds(), 2)} s")
    return " ; ".join(told)


def _doubles(made: Mapping[Agreement, int]) -> str:
    disagreed = made.get(Agreement.OTHERWISE, 0)
    compared, left = made.get(Agreement.ALIKE, 0) + disagreed, made.get(Agreement.NOT_COMPARABLE, 0)
    told = f"doubles lectures : {number(compared)} comparées, dont {number(disagreed)} en désaccord"
    return told + (f", et {number(left)} sans comparaison possible" if left else "")


def bound(value: Bound | Insufficient) -> str:
    """« Au plus 0,42 % du temps, soit 6 min par jour (n = 720) »."""
    if isinstance(value, Insufficient):
        return str(value)
    return (
        f"aucun créneau proposé à {number(value.n)} instants tirés au sort : il y en avait au plus "
        f"{ceiling(value.share)} du temps, soit {number(math.ceil(value.minutes_a_day))} min par jour "
        f"(confiance 95 % ; {ceiling(value.worst)} si chaque sonde sans réponse en cachait ; "
        f"{basis(value.counts)})"
    )


def parts(bar: Honesty) -> str:
    """One line for each part of the scheduled instants that occurred; the parts add up to 100 %."""
    if not bar.counts.scheduled:
        return "aucune sonde programmée"
    there = {p: n for p, n in bar.parts.items() if n}
    shares = zip(percents(list(there.values())), there.items(), strict=True)
    told = [f"{share} {PARTS[p]} ({number(n)})" for share, (p, n) in shares]
    reasons = ", ".join(f"{number(n)} {label(GapReason(reason))}" for reason, n in bar.gaps.items())
    missed = f" (raisons : {reasons})" if reasons else ""
    return f"sur {number(bar.counts.scheduled)} sondes programmées : {' ; '.join(told)}{missed}"


def classes(value: Classes | Insufficient) -> str:
    """La Cimade's five classes, each with its share of all conclusive attempts."""
    if isinstance(value, Insufficient):
        return str(value)
    known = [d for d in Delay if d is not Delay.DATE_UNREAD or value.attempts[d]]
    told = [f"{percent(value.share(d))} {DELAYS[d]} ({number(value.attempts[d])})" for d in known]
    return f"{' ; '.join(told)} ({basis(value.counts)})"


def appearances(value: Appearances | Insufficient) -> str:
    """When in the week slots appeared, if there were enough appearances."""
    if isinstance(value, Insufficient):
        return str(value)
    if isinstance(value.top_hours, Insufficient) or isinstance(value.p, Insufficient):
        return f"{number(value.n)} apparitions : {value.top_hours}"
    weekday, hour = divmod(int(value.events.argmax()), 24)
    return (
        f"{number(value.n)} apparitions observées en {number(value.hours.sum())} h suivies ; "
        f"{percent(value.top_hours)} dans trois heures de la semaine, d'abord le {FRENCH_DAYS[weekday]} "
        f"entre {hour} h et {hour + 1} h (test de permutation : p {_p(value.p)} ; {basis(value.counts)})"
    )


def site(value: Availability) -> str:
    """Whether the booking site answered at all."""
    if isinstance(value.value, Insufficient):
        return f"{value.host} : {value.value}"
    ours = f" ; {number(value.excluded)} h écartées, notre réseau étant en cause" if value.excluded else ""
    return (
        f"{value.host} a répondu {percent(value.value)} du temps observé : {number(value.down)} h sans "
        f"aucune réponse sur {number(value.hours)} h où une visite a été faite{ours}"
    )


def gaps(value: Gaps | Insufficient) -> str:
    """Quantiles of the days to the earliest date, zeros as infinitely far; then of dated attempts alone."""
    if isinstance(value, Insufficient):
        return str(value)
    median, decile = (_days(q) for q in value.quantiles.values())
    line = f"délai médian : {median} ; neuvième décile : {decile} ({basis(value.counts)})"
    unread = f" ; {number(value.unread)} sondes avec une date non lisible" if value.unread else ""
    if value.with_dates is None:
        return line + unread
    median, decile = (_days(q) for q in value.with_dates.values())
    dated = (
        f"parmi les seules {number(value.dated)} sondes avec dates, médiane {median} et "
        f"neuvième décile {decile}"
    )
    return f"{line} ; {dated}{unread}"


def _days(value: int | None) -> str:
    return "aucune date" if value is None else f"{number(value)}{FIXED}j"


def drought(value: Drought) -> str:
    """« Au moins 83 jours d'affilée et au plus 84 »; says so when no slot was seen before or after."""
    most = "" if value.at_most is None else f" et au plus {length(value.at_most, up=True)}"
    unseen = _UNSEEN[value.open_start, value.open_end]
    whole = f"du {day(value.first_day)} au {day(value.last_day)}"
    holes = f", dont {length(value.holes, up=True)} sans réponse exploitable" if value.holes else ""
    lasting = f"{length(value.at_least)} d'affilée{most}{unseen}"
    return f"aucun créneau observé pendant au moins {lasting} (zéros {whole}{holes} ; {basis(value.counts)})"


_UNSEEN = {
    (False, False): "",
    (True, False): ", début non observé",
    (False, True): ", fin non observée",
    (True, True): ", début et fin non observés",
}


def lifetimes(value: Lifetimes | Insufficient) -> str:
    """The band of the median lifetime."""
    if isinstance(value, Insufficient):
        return str(value)
    most = (
        "sans borne supérieure"
        if value.median_at_most is None
        else f"au plus {length(value.median_at_most, up=True)}"
    )
    return (
        f"{number(len(value.openings))} ouvertures observées ; durée médiane : au moins "
        f"{length(value.median_at_least)}, {most} (les ouvertures brèves échappent aux sondes, et une "
        f"fermeture brève entre deux sondes aussi ; {basis(value.counts)})"
    )


def pairs(value: PairTable | Insufficient) -> str:
    """« Sur 1 204 couples de sondes, 1 131 fois … »."""
    if isinstance(value, Insufficient):
        return str(value)
    return (
        f"sur {number(value.n)} couples de sondes à dix minutes au plus d'intervalle, "
        f"{number(value.target_alone_zero)} fois aucun créneau ici et des créneaux à l'autre porte, "
        f"{number(value.control_alone_zero)} fois l'inverse, "
        f"{number(value.both_zero)} fois aucun des deux côtés, {number(value.both_slots)} fois des deux "
        f"(test exact de McNemar : p {_p(value.p)})"
    )


def _p(value: float) -> str:
    return f"<{FIXED}0,001" if value < 0.001 else f"=\N{NO-BREAK SPACE}{number(value, 3)}"


def chances(value: Chances | Insufficient) -> str:
    """The chance that a person who looks once a day *sees* a slot."""
    if isinstance(value, Insufficient):
        return str(value)
    k = len(value.values)
    stands = f"({value.days} jours observés, {basis(value.counts)})"
    if not any(value.values):
        return (
            f"aucun créneau observé ; en regardant une fois par jour à une heure quelconque, au plus "
            f"{ceiling(value.high[-1], 1)} de chances d'en avoir vu un en {k} jours (confiance 95 %) {stands}"
        )
    half, most = value.looks_for(0.5), value.looks_for(0.9)
    return (
        f"en regardant une fois par jour à une heure quelconque, {percent(value.values[-1])} de chances "
        f"d'avoir vu un créneau en {k} jours (à 95 % : {percent(value.low[-1])} à "
        f"{percent(value.high[-1])}) ; une chance sur deux : {_looks(half, k)} ; "
        f"neuf sur dix : {_looks(most, k)} {stands}"
    )


def _looks(value: int | None, k: int) -> str:
    return f"plus de {k} jours" if value is None else f"{value} jour{'s' if value > 1 else ''}"


def before_after(value: BeforeAfter) -> str:
    """« Évolution observée », with the controls beside it."""
    lines = [_window(value.target, "guichet visé"), *(_window(c, "témoin") for c in value.controls)]
    told = "\n".join(lines) if value.controls else f"{lines[0]}\naucun témoin : rien à quoi comparer"
    windows = f"avant le {day(value.notified)} et depuis le {day(value.complied)}"
    return f"évolution observée sur {value.weeks} semaines de chaque côté, {windows} :\n{told}"


def _window(value: Window, kind: str) -> str:
    return f"{kind} {value.target} : {_brief(value.before)} avant, {_brief(value.after)} après"


def _brief(value: Share | Insufficient) -> str:
    if isinstance(value, Insufficient):
        return str(value)
    stands = f"n{FIXED}={FIXED}{number(value.counts.conclusive)}"
    return f"{percent(value.value)} sans créneau ({stands}, couverture {percent(value.counts.coverage or 0)})"
