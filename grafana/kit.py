"""The parts that dashboards are built with: queries of both data sources, panels, texts, colours, links.

Colours are from the Okabe-Ito palette or viridis, which colour-blind people can tell apart. No state is shown
by colour alone: its words are shown too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    geomap,
    prometheus,
    stat,
    statetimeline,
    statushistory,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.builders import common as shared
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog import builder as cog
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.text import TextMode

from grafana.queries import PARTS, filled, query
from monitor.model import GapReason
from monitor.present.words import label
from probes.failures import Failure

TEXTS = tomllib.loads(filled((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8")))

POSTGRESQL = common.DataSourceRef(type_val="grafana-postgresql-datasource", uid="${postgresql}")
PROMETHEUS = common.DataSourceRef(type_val="prometheus", uid="${prometheus}")

GREEN, ORANGE, BLUE, SKY, PINK = "#009E73", "#D55E00", "#0072B2", "#56B4E9", "#CC79A7"
YELLOW, GREY, PALE = "#F0E442", "#999999", "#D0D0D0"
COLOURS = {
    "slots_offered": GREEN,
    "no_slots": ORANGE,
    "requests_open": "#8FD1B9",
    "closed": BLUE,
    "login_required": SKY,
    "captcha": PINK,
    "blocked": "#5A2D91",
    "rate_limited": "#9B7FC4",
    "overloaded": "#F8F2A6",
    "site_down": YELLOW,
    "unrecognised": GREY,
    "probe_error": "#6B6B6B",
    "not_executed": PALE,
}
"""One colour for each state; of two similar states, the weaker is lighter. All show on dark and on white."""
DAYS = "suffix: j"
VIRIDIS = ("#FDE725", "#7AD151", "#22A884", "#2A788E", "#414487", "#440154")
"""From light (slots are seen) to dark (none is seen); the steps can also be told apart in grey."""

AnyPanel = TypeVar(
    "AnyPanel",
    barchart.Panel,
    geomap.Panel,
    stat.Panel,
    statetimeline.Panel,
    statushistory.Panel,
    table.Panel,
    timeseries.Panel,
)
Override = dashboard.DynamicConfigValue


@dataclass
class SqlQuery(cog.Builder[variants.Dataquery], variants.Dataquery):
    """A query of the PostgreSQL data source, for which the SDK has no class. It is its own builder."""

    text: str
    series: bool = False
    ref_id: str = "A"

    def build(self) -> variants.Dataquery:
        return self

    def to_json(self) -> dict[str, object]:
        """The query as Grafana stores it in a dashboard."""
        return {
            "refId": self.ref_id,
            "datasource": POSTGRESQL,
            "editorMode": "code",
            "format": "time_series" if self.series else "table",
            "rawQuery": True,
            "rawSql": self.text,
        }


def sql(name: str, where: str = "true", *, series: bool = False) -> SqlQuery:
    """The query `sql/<name>.sql`, limited to the targets that the SQL condition `where` selects.

    `series`: it has the columns `time`, `metric` and `value`; each metric becomes one series.
    """
    return SqlQuery(query(name, where), series=series)


def promql(expression: str, legend: str = "__auto", *, ref_id: str = "A", now: bool = False) -> Any:
    """A query of the Prometheus data source; `now`: only the present values, as a table."""
    made = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(ref_id).datasource(PROMETHEUS)
    return made.instant().format(PromQueryFormat.TABLE) if now else made.range()


def panel(
    made: AnyPanel, name: str, *targets: Any, width: int = 24, height: int = 8, unit: str = ""
) -> AnyPanel:
    """Give the panel `made` its texts (`name` in `texts.toml`), queries, size and, for numbers, a unit.

    `width` and `height` are in cells of Grafana's grid, which is 24 wide.
    """
    source = POSTGRESQL if isinstance(targets[0], SqlQuery) else PROMETHEUS
    made = made.title(TEXTS[name]["title"]).description(TEXTS[name]["text"])
    made = made.span(width).height(height).datasource(source).targets(list(targets)).no_value("aucune donnée")
    if isinstance(made, table.Panel):
        made = made.override_by_regexp(".*", override(noValue="—"))
    if isinstance(made, barchart.Panel | statetimeline.Panel | timeseries.Panel):
        made = made.legend(LEGEND).tooltip(TOOLTIP)
    return made.unit(unit) if unit else made


# Without these the SDK writes "no legend" and "only the series under the mouse" into every chart.
LEGEND = shared.VizLegendOptions().show_legend(True).display_mode(common.LegendDisplayMode.LIST)
LEGEND = LEGEND.placement(common.LegendPlacement.BOTTOM)
TOOLTIP = shared.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.NONE)


def note(name: str) -> text.Panel:
    """A panel of text: that of `name` in `texts.toml`, which may contain Markdown."""
    made = text.Panel().mode(TextMode.MARKDOWN).content(TEXTS[name]["text"])
    return made.title(TEXTS[name]["title"]).description(TEXTS[name]["title"]).span(24).height(3)


def mapped(names: Mapping[str, tuple[str, str]]) -> list[dashboard.ValueMapping]:
    """A mapping that shows each value as (words, colour)."""
    results = {
        value: dashboard.ValueMappingResult(text=words, color=colour, index=i)
        for i, (value, (words, colour)) in enumerate(names.items())
    }
    return [dashboard.ValueMap(options=results)]


def told(words: Mapping[Any, str]) -> list[dashboard.ValueMapping]:
    """A mapping that shows each value as words, without a colour."""
    results = {value: dashboard.ValueMappingResult(text=text) for value, text in words.items()}
    return [dashboard.ValueMap(options=results)]


def matched(patterns: Iterable[tuple[str, str]]) -> list[dashboard.ValueMapping]:
    """Mappings from a regex of the text to a colour; they count after the exact ones of `mapped`."""
    return [
        dashboard.RegexMap(
            options=dashboard.DashboardRegexMapOptions(
                pattern=pattern, result=dashboard.ValueMappingResult(color=colour, index=100 + i)
            )
        )
        for i, (pattern, colour) in enumerate(patterns)
    ]


STATES = mapped({state: (PARTS[state], colour) for state, colour in COLOURS.items()})
REASONS = told({reason.value: label(reason) for reason in (*GapReason, *Failure)})


def by_thresholds(made: geomap.Panel, *values: float | None) -> geomap.Panel:
    """Colour the map by value: each of `values` begins a step of viridis; the first must be `None`."""
    steps = [dashboard.Threshold(value=v, color=c) for v, c in zip(values, VIRIDIS, strict=False)]
    config = builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)
    colour = builders.FieldColor().mode(dashboard.FieldColorModeId.THRESHOLDS)
    return made.thresholds(config).color_scheme(colour)


def fixed(colour: str) -> builders.FieldColor:
    """One colour for all series."""
    return builders.FieldColor().mode(dashboard.FieldColorModeId.FIXED).fixed_color(colour)


def override(**properties: object) -> list[Override]:
    """Overrides of one field; in names, `__` stands for the dot."""
    return [Override(id_val=name.replace("__", "."), value=value) for name, value in properties.items()]


def plain(colour: str) -> list[Override]:
    """One field in one colour."""
    return override(color={"mode": "fixed", "fixedColor": colour})


def coloured(made: AnyPanel, colours: Mapping[str, str]) -> AnyPanel:
    """Field → fixed colour."""
    for name, colour in colours.items():
        made = made.override_by_name(name, plain(colour))
    return made


def transformed(name: str, **options: object) -> dashboard.DataTransformerConfig:
    """One of Grafana's transformations of query results, by its id."""
    return dashboard.DataTransformerConfig(id_val=name, options=options)


def link(title: str, url: str) -> builders.DashboardLink:
    """A link from a row or point of the data, opened in the same window."""
    return builders.DashboardLink(title).url(url).target_blank(False)


TO_GUICHET = link("ce guichet", "/d/vigie-guichet?var-target=${__data.fields.target}&${__url_time_range}")
TO_CAPTURE = link("la page reçue", "${vigie}/releves/${__data.fields.ligne}/capture")
PERCENT = override(unit="percentunit", decimals=1)
ONLY_IN_TOOLTIP = override(custom__hideFrom={"viz": True, "legend": True, "tooltip": False})


def figures(made: table.Panel) -> table.Panel:
    """Format the known columns of a table; hide those that only links or the map need, such as `target`."""
    made = made.override_by_regexp("^(part sans créneau|couverture|exploitables|non reconnues)$", PERCENT)
    made = made.override_by_name("part sans créneau", override(noValue="données insuffisantes"))
    bound = override(unit="percentunit", decimals=2, custom__width=230)
    made = made.override_by_name("borne du temps avec créneaux", bound)
    made = made.override_by_name("guichet", override(custom__width=380))
    return made.override_by_regexp("^(target|time|latitude|longitude|affiché)$", HIDDEN)


HIDDEN = [*override(custom__hidden=True), Override(id_val="custom.hideFrom.viz", value=True)]
"""Hides a column that only links or other panels need: once for Grafana 12 and older, once for 13."""


def stacked(made: barchart.Panel, across: str, count: str, colours: Mapping[str, str]) -> barchart.Panel:
    """Bars stacked to 100 %, one for each value of the field `across`; `count` only in the tooltip."""
    made = coloured(made.x_field(across), colours)
    return made.override_by_name(count, ONLY_IN_TOOLTIP).stacking(common.StackingMode.PERCENT)


def numbers(made: stat.Panel) -> stat.Panel:
    """Show every column of the query's single row with its name, without colours."""
    made = made.reduce_options(shared.ReduceDataOptions().calcs(["lastNotNull"]).fields("/.*/"))
    made = made.color_mode(common.BigValueColorMode.NONE).graph_mode(common.BigValueGraphMode.NONE)
    return made.text_mode(common.BigValueTextMode.VALUE_AND_NAME)


def timeline(made: statetimeline.Panel) -> statetimeline.Panel:
    """Show states with their words. After three hours without a row, a gap is drawn."""
    made = made.mappings(STATES).insert_nulls(3 * 3600 * 1000).span_nulls(False).merge_values(True)
    return made.show_value(common.VisibilityMode.AUTO).row_height(0.8)


def columns(values: Sequence[str]) -> str:
    """A regular expression that matches exactly these field names. They are not escaped."""
    return f"^({'|'.join(values)})$"
