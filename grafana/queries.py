"""The dashboards' SQL for PostgreSQL: one template for each query, in `sql/`, filled with constants.

The figures are the same as in `monitor/figures`; a test checks that both give equal digits. Grafana itself
replaces `$__…` and `${…}` later.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from grafana.places import DRAWN_APART, PLACES
from monitor.alerts.write.sentences import INCIDENTS
from monitor.figures import period, sentences, shares
from monitor.figures.controls import PAIRS_LEAST
from monitor.figures.decisions import KINDS
from monitor.figures.delays import GAP_LEAST, QUANTILES, Delay
from monitor.figures.opendata import EMBARGO
from monitor.figures.runs import OPENINGS_LEAST
from monitor.figures.shares import HonestyPart
from monitor.model import Language
from monitor.present.language import FRENCH_DAYS
from monitor.rules import guards
from monitor.rules.controls import PAIRED_WITHIN

PARTS = {
    part.value: sentences.PARTS[part] for part in HonestyPart if part is not HonestyPart.ZERO_CORROBORATED
}
PARTS = {("no_slots" if name == HonestyPart.ZERO_ALONE else name): told for name, told in PARTS.items()}
PARTS["no_slots"] = "zéro créneau"

DELAYS = [sentences.DELAYS[delay] for delay in Delay]

EVERYWHERE = "true"
PREFECTURE = "n.departement = ${departement:sqlstring} AND n.prefecture IN (${prefecture:sqlstring})"
GUICHET = "n.target = ${target:sqlstring}"
BOTH_TARGETS = "n.target IN (${porte1:sqlstring}, ${porte2:sqlstring})"

WORDS = (
    "concat_ws(', ', (v.content->>'prefecture') || ' (' || (v.content->>'departement') || ')', "
    "v.content->>'demarche', v.content->>'desk')"
)
"""SQL for the words by which people know a target: préfecture (département), démarche, desk."""
TOLD_APART = (
    "words || CASE WHEN count(*) OVER (PARTITION BY words) > 1 THEN ' [' || target || ']' ELSE '' END"
)
"""SQL that adds the target's id to `words` that two targets share, so that they stay two rows or bars."""

environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "sql"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)
environment.globals |= {
    "EMBARGO": f"{EMBARGO.total_seconds():.0f} seconds",
    "COVERAGE": guards.COVERAGE,
    "CONCLUSIVE": guards.CONCLUSIVE,
    "DRAWN_DAYS_OF_TEN": round(guards.DRAWN_DAYS * 10),  # whole numbers: SQL multiplies instead of dividing
    "COVERAGE_TOLD": guards.percent(guards.COVERAGE),
    "CONCLUSIVE_TOLD": guards.percent(guards.CONCLUSIVE),
    "DRAWN_DAYS_TOLD": guards.percent(guards.DRAWN_DAYS),
    "HOLE": period.HOLE,
    "MISS": shares.MISS,
    "GRAIN": shares.GRAIN,
    "WEEKLY_LEAST": shares.WEEKLY_LEAST,
    "GAP_LEAST": GAP_LEAST,
    "QUANTILES": list(QUANTILES),
    "PAIRS_LEAST": PAIRS_LEAST,
    "OPENINGS_LEAST": OPENINGS_LEAST,
    "OURS": shares.OURS,
    "APART": int(PAIRED_WITHIN.total_seconds()),
    "PLACES": PLACES | DRAWN_APART,
    "APART_ON_THE_MAP": DRAWN_APART,
    "PARTS": PARTS,
    "DELAYS": DELAYS,
    "DAYS": FRENCH_DAYS,
    "INCIDENTS": INCIDENTS[Language.FRENCH],
    "EVENTS": KINDS,
    "words": WORDS,
    "told_apart": TOLD_APART,
}


def filled(text: str) -> str:
    """`text` with its constants filled in, such as `{{ COVERAGE_TOLD }}`. Raises for an unknown name."""
    return environment.from_string(text).render()


def query(name: str, where: str = EVERYWHERE) -> str:
    """The text of `sql/<name>.sql` with its constants filled in.

    Queries that add up counts are limited to the targets that the SQL condition `where` selects. In it, `n`
    is `names` of `sql/_shared.sql`.
    """
    return environment.get_template(f"{name}.sql").render(where=where).strip()
