"""The five dashboards with figures: national, préfecture, guichet, deux portes, avant / après."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import (
    barchart,
    geomap,
    stat,
    statetimeline,
    statushistory,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import common as shared
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.geomap import TooltipMode

from grafana import board as b
from grafana import kit as k
from grafana.board import board
from grafana.kit import panel, sql
from grafana.queries import BOTH_TARGETS, DELAYS, EVERYWHERE, GUICHET, PARTS, PREFECTURE


def national() -> dict[str, Any]:
    """The dashboard « National »: all of France."""
    panels = [
        _totals(EVERYWHERE),
        k.note("read_me"),
        _wall(EVERYWHERE, height=14),
        _guichets(EVERYWHERE),
        _map(),
        k.figures(panel(table.Panel(), "map_table", sql("map"), width=10, height=14)),
        _honesty_by_week(EVERYWHERE),
    ]
    return board("vigie-national", b.PUBLISHED, panels, marks=b.MARKS[:1])


def prefecture() -> dict[str, Any]:
    """The dashboard « Préfecture »: one préfecture and its guichets."""
    panels = [
        _totals(PREFECTURE),
        _wall(PREFECTURE, height=12),
        _guichets(PREFECTURE),
        _honesty(PREFECTURE, height=12),
        k.figures(panel(table.Panel(), "weekly_prefecture", sql("weekly", PREFECTURE))),
    ]
    return board("vigie-prefecture", [*b.PUBLISHED, b.DEPARTEMENT, b.PREFECTURE], panels, marks=b.MARKS)


def guichet() -> dict[str, Any]:
    """The dashboard « Guichet »: one target, down to its single rows."""
    panels = [
        _totals(GUICHET),
        k.timeline(panel(statetimeline.Panel(), "states", sql("states"), height=5)),
        _ruler(),
        panel(table.Panel(), "gaps", sql("gaps"), height=5).override_by_regexp(
            k.columns(["parmi celles avec dates"]), k.override(unit=k.DAYS)
        ),
        _classes(),
        k.figures(panel(table.Panel(), "weekly_guichet", sql("weekly", GUICHET), height=9)),
        _honesty(GUICHET, height=5),
        _site(),
        "Quand, et combien de temps",
        _droughts(),
        _lifetimes(),
        _openings(),
        _appearances(),
        "Ce que la page disait, et les lignes derrière les chiffres",
        panel(table.Panel(), "notices", sql("notices"), height=6),
        _rows(),
    ]
    variables = [*b.PUBLISHED, b.guichet("target", "Guichet"), b.PAGES]
    return board("vigie-guichet", variables, panels, marks=[*b.MARKS, b.READERS])


def pairs() -> dict[str, Any]:
    """The dashboard « Deux portes »: two démarches of one préfecture, visited at nearly the same time."""
    panels = [
        _totals(BOTH_TARGETS),
        panel(table.Panel(), "pairs_table", sql("pairs_table"), height=5),
        k.timeline(panel(statetimeline.Panel(), "pairs_states", sql("pairs_states"), height=6)),
        k.stacked(
            panel(barchart.Panel(), "pairs_weeks", sql("pairs_weeks"), height=9, unit="none"),
            "semaine",
            "n couples",
            _PAIRS,
        ),
    ]
    variables = [
        *b.PUBLISHED,
        b.guichet("porte1", "Ici"),
        b.guichet("porte2", "L'autre porte", where=b.BESIDE),
    ]
    return board("vigie-portes", variables, panels, marks=b.MARKS)


def before_after() -> dict[str, Any]:
    """The dashboard « Avant / après »: weeks before and after an event, with controls."""
    panels = [
        _totals(GUICHET),
        _event(),
        k.figures(panel(table.Panel(), "before_after", sql("before_after"))),
        _around(),
    ]
    others = b.guichet("temoins", "Témoins", several=True, where="t.target <> ${target:sqlstring}")
    weeks = b.fixed("semaines", "Semaines de chaque côté", *((n, n) for n in ("4", "8", "12")))
    variables = [*b.PUBLISHED, b.EVENT, b.guichet("target", "Guichet"), others, weeks]
    return board("vigie-avant-apres", variables, panels, marks=b.MARKS, since="now-1y")


def _totals(where: str) -> stat.Panel:
    """The first panel of all these dashboards: the counts on which the figures are based."""
    made = k.numbers(panel(stat.Panel(), "totals", sql("totals", where), height=5, unit="percentunit"))
    made = made.decimals(1).no_value("données insuffisantes")
    made = made.override_by_regexp(k.columns(["n", "programmées"]), k.override(unit="none", decimals=0))
    return made.override_by_name("borne du temps avec créneaux", k.override(decimals=2, noValue="—"))


def _wall(where: str, *, height: int) -> statushistory.Panel:
    made = panel(statushistory.Panel(), "wall", sql("wall", where), height=height)
    made = made.with_transformation(
        k.transformed("partitionByValues", fields=["guichet"], keepFields=False, naming={"asLabels": True})
    )
    exact = {"100 %": ("100 %", k.VIRIDIS[5]), "insuffisant": ("insuffisant", "#E0E0E0")}
    shades = [(r"^9\d %$", k.VIRIDIS[4]), (r"^[78]\d %$", k.VIRIDIS[3]), (r"^[456]\d %$", k.VIRIDIS[2])]
    shades += [(r"^[123]\d %$", k.VIRIDIS[1]), (r"^\d %$", k.VIRIDIS[0])]
    made = made.mappings([*k.mapped(exact), *k.matched(shades)]).show_value(common.VisibilityMode.ALWAYS)
    made = made.row_height(0.9).legend(shared.VizLegendOptions().show_legend(False))
    return made.display_name("${__field.labels.guichet}")


def _guichets(where: str) -> table.Panel:
    """The same figures as `_wall`, as a table for screen readers."""
    return k.figures(panel(table.Panel(), "guichets", sql("guichets", where))).data_links([k.TO_GUICHET])


def _honesty(where: str, *, height: int) -> barchart.Panel:
    made = panel(barchart.Panel(), "honesty", sql("parts", where), height=height, unit="none")
    made = k.stacked(made, "guichet", "n programmées", _PARTS)
    return made.orientation(common.VizOrientation.HORIZONTAL)


def _honesty_by_week(where: str) -> barchart.Panel:
    # By week, because all of France has too many guichets for one bar each.
    made = panel(barchart.Panel(), "honesty_weeks", sql("parts_weeks", where), height=12, unit="none")
    return k.stacked(made, "semaine", "n programmées", _PARTS)


_PARTS = {PARTS[state]: colour for state, colour in k.COLOURS.items()}


def _ruler() -> timeseries.Panel:
    made = panel(timeseries.Panel(), "ruler", sql("ruler"), height=9, unit=k.DAYS)
    made = made.draw_style(common.GraphDrawStyle.POINTS).point_size(4).color_scheme(k.fixed(k.BLUE)).min(0)
    bands = {"aucune date": k.ORANGE, "créneaux, date non lisible": k.GREEN, "sans réponse": k.GREY}
    for name, colour in bands.items():
        made = made.override_by_name(name, [*_BAND, *k.plain(colour)])
    return made


_BAND = k.override(
    custom__drawStyle="bars",
    custom__axisPlacement="hidden",
    custom__fillOpacity=25,
    custom__lineWidth=0,
    unit="none",
    min=0,
    max=1,
)


def _classes() -> barchart.Panel:
    made = panel(barchart.Panel(), "classes", sql("classes"), height=9, unit="none")
    shades = (k.GREEN, k.SKY, k.YELLOW, k.PINK, k.ORANGE, k.GREY)
    return k.stacked(made, "semaine", "n", dict(zip(DELAYS, shades, strict=True)))


def _droughts() -> table.Panel:
    made = panel(table.Panel(), "droughts", sql("droughts"), height=7)
    made = made.override_by_regexp(k.columns(["au moins", "au plus"]), k.override(unit=k.DAYS, decimals=1))
    return made.override_by_name("couverture", k.PERCENT)


def _site() -> table.Panel:
    made = panel(table.Panel(), "site", sql("site"), height=4)
    return made.override_by_name("part des heures avec réponse", k.PERCENT)


def _lifetimes() -> table.Panel:
    made = panel(table.Panel(), "lifetimes", sql("lifetimes"), height=4)
    made = made.override_by_regexp(k.columns(["médiane, au moins", "médiane, au plus"]), _HOURS)
    return made.override_by_regexp(k.columns(["couverture", "exploitables"]), k.PERCENT)


def _openings() -> table.Panel:
    made = panel(table.Panel(), "openings", sql("openings"), height=7)
    made = made.override_by_regexp(k.columns(["au moins", "au plus"]), _HOURS)
    return made.override_by_name("au plus", k.override(noValue="sans borne"))


_HOURS = k.override(unit="suffix: h", decimals=1)


def _appearances() -> table.Panel:
    made = panel(table.Panel(), "appearances", sql("appearances"), height=10)
    cells = k.override(
        custom__cellOptions={"type": "color-background", "mode": "basic"},
        thresholds={"mode": "absolute", "steps": _RHYTHM},
        color={"mode": "thresholds"},
        decimals=1,
        custom__width=44,
    )
    made = made.override_by_regexp(r"^\d+ h$", cells)
    for name, width in {"jour": 90, "apparitions": 100, "heures observées": 130}.items():
        made = made.override_by_name(name, k.override(decimals=0, custom__width=width))
    return made


_RHYTHM = [
    {"value": value, "color": colour}
    for value, colour in zip((None, 0.5, 1, 2, 5, 10), ("transparent", *k.VIRIDIS[1:]), strict=True)
]
"""Colours for the number of slots that appeared: transparent for none, darker for more."""


def _rows() -> table.Panel:
    made = panel(table.Panel(), "rows", sql("rows"), height=10).data_links([k.TO_CAPTURE])
    made = made.override_by_name("état", k.override(mappings=k.STATES))
    made = made.override_by_name("règle ou raison", k.override(mappings=k.REASONS))
    made = made.override_by_name("ligne", k.override(custom__width=110))
    return made.override_by_regexp(k.columns(["instant", "première date"]), k.override(custom__width=180))


_PAIRS = {
    "aucun créneau ici seulement": k.ORANGE,
    "aucun créneau aux deux portes": k.PINK,
    "créneaux aux deux portes": k.GREEN,
    "aucun créneau à l'autre seulement": k.BLUE,
}


def _event() -> table.Panel:
    made = panel(table.Panel(), "event", sql("event"), height=4)
    source = k.link("la source", "${__value.raw}").target_blank(True).build()
    return made.override_by_name("source", k.override(links=[source]))


def _around() -> timeseries.Panel:
    weeks = sql("before_after_weeks", series=True)
    made = panel(timeseries.Panel(), "before_after_weeks", weeks, height=10, unit="percentunit")
    made = made.min(0).max(1).point_size(7).show_points(common.VisibilityMode.ALWAYS).span_nulls(False)
    made = made.override_by_regexp(r".*\(visé\)", [*k.override(custom__lineWidth=3), *k.plain(k.ORANGE)])
    return made.override_by_regexp(r".*\(témoin\)", k.override(custom__lineStyle=_DASHED))


_DASHED = {"fill": "dash", "dash": [10, 8]}


def _map() -> geomap.Panel:
    place = shared.FrameGeometrySource().mode(common.FrameGeometrySourceMode.COORDS)
    layer = shared.MapLayerOptions().type("markers").name("Départements").config(_MARKERS).tooltip(True)
    layer = layer.location(place.latitude("latitude").longitude("longitude"))
    made = panel(geomap.Panel(), "map", sql("map"), width=14, height=14, unit="percentunit").layers([layer])
    made = made.view(geomap.MapViewConfig().id("coords").lat(47).lon(-4).zoom(5))
    made = made.controls(geomap.ControlsOptions().show_zoom(True).show_attribution(True))
    made = made.tooltip(geomap.TooltipOptions().mode(TooltipMode.DETAILS))
    drawn = k.columns(["latitude", "longitude", "affiché"])
    made = made.override_by_regexp(drawn, k.override(custom__hideFrom=_NOT_TOLD))
    return k.by_thresholds(made, None, 0.2, 0.5, 0.8, 0.95, 1)


_NOT_TOLD = {"viz": False, "legend": True, "tooltip": True}
_MARKERS = {
    "showLegend": False,
    "style": {
        "color": {"field": "part sans créneau"},
        "opacity": 0.9,
        "size": {"fixed": 16},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
        "text": {"mode": "field", "field": "affiché", "fixed": ""},
        "textConfig": {"fontSize": 11, "offsetX": 0, "offsetY": 18, "textAlign": "center"},
    },
}
