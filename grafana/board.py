"""Builds a dashboard from its variables, annotations and panels, and links it to the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from grafana.kit import POSTGRESQL, SqlQuery
from grafana.queries import TOLD_APART, WORDS, query

ABOUT = {
    "vigie-national": "Toutes les préfectures : le mur, la carte et leurs tableaux.",
    "vigie-prefecture": "Une préfecture : ses guichets, semaine par semaine.",
    "vigie-guichet": "Un guichet : états, première date, apparitions, sécheresses, et les lignes derrière.",
    "vigie-portes": "La même préfecture, les mêmes minutes, deux démarches.",
    "vigie-avant-apres": "Avant et après un événement daté. Évolution observée, rien sur ce qui l'a causée.",
    "vigie-operateur": "L'état du moniteur lui-même.",
}
TITLES = {
    "vigie-national": "National",
    "vigie-prefecture": "Préfecture",
    "vigie-guichet": "Guichet",
    "vigie-portes": "Deux portes",
    "vigie-avant-apres": "Avant / après",
    "vigie-operateur": "Opérateur",
}


def source(kind: str, name: str, label: str) -> builders.DatasourceVariable:
    """A variable that chooses the data source of type `kind`.

    Its default is `vigie-<name>`, the uid under which the provisioning files install it.
    """
    chosen = dashboard.VariableOption(text=label, value=f"vigie-{name}", selected=True)
    return builders.DatasourceVariable(name).label(label).type(kind).current(chosen)


def chosen(name: str, label: str, text: str, *, several: bool = False) -> builders.QueryVariable:
    """A variable whose values come from the SQL query `text`, with columns `__text` and `__value`.

    The query is stored as plain text, because Grafana 10 accepts nothing else.
    """
    made = builders.QueryVariable(name).label(label).datasource(POSTGRESQL).multi(several)
    made = made.query(text)
    return made.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).definition(text.splitlines()[0])


def fixed(name: str, label: str, *options: tuple[str, str]) -> builders.CustomVariable:
    """A variable with fixed `options`, each (text shown, value). The first is the default."""
    made = [dashboard.VariableOption(text=t, value=v, selected=i == 0) for i, (t, v) in enumerate(options)]
    listed = ", ".join(f"{text} : {value}" for text, value in options)
    return builders.CustomVariable(name).label(label).values(listed).options(made).current(made[0])


def written(name: str, label: str, value: str) -> builders.TextBoxVariable:
    """A variable that users type; `value` is its default."""
    option = dashboard.VariableOption(text=value, value=value, selected=True)
    return builders.TextBoxVariable(name).label(label).default_value(value).current(option)


SOURCES = [
    source("grafana-postgresql-datasource", "postgresql", "PostgreSQL"),
    source("prometheus", "prometheus", "Prometheus"),
]
PUBLISHED = [
    fixed("nature", "Préfectures", ("réelles", "false"), ("simulées", "true")),
    fixed("embargo", "Embargo", ("24 heures", "24 hours"), ("72 heures", "72 hours")),
]
PAGES = written("vigie", "Pages de Vigie", "http://127.0.0.1:9808")

_OF_TARGETS = "FROM targets t JOIN target_versions v ON v.id = t.version_id"
DEPARTEMENT = chosen(
    "departement",
    "Département",
    f"""SELECT DISTINCT v.content->>'departement' AS "__text", v.content->>'departement' AS "__value"
{_OF_TARGETS} ORDER BY 1""",
)
PREFECTURE = chosen(
    "prefecture",
    "Préfecture",
    f"""SELECT DISTINCT v.content->>'prefecture' AS "__text", v.content->>'prefecture' AS "__value"
{_OF_TARGETS} WHERE v.content->>'departement' = ${{departement:sqlstring}} ORDER BY 1""",
    several=True,
)


def guichet(name: str, label: str, *, several: bool = False, where: str = "true") -> builders.QueryVariable:
    """A variable that chooses a target by the words for it; the SQL condition `where` limits the list."""
    known = f"SELECT t.target, {WORDS} AS words {_OF_TARGETS} WHERE {where}"
    text = f'SELECT {TOLD_APART} AS "__text", target AS "__value"\nFROM ({known}) AS known ORDER BY 1'
    return chosen(name, label, text, several=several)


EVENT = chosen(
    "decision", "Événement", 'SELECT title AS "__text", id AS "__value" FROM events ORDER BY day DESC'
)
BESIDE = (
    "v.content->>'prefecture' = (SELECT w.content->>'prefecture' FROM targets u JOIN target_versions w "
    "ON w.id = u.version_id WHERE u.target = ${porte1:sqlstring}) AND t.target <> ${porte1:sqlstring}"
)


def annotation(title: str, name: str, colour: str) -> builders.AnnotationQuery:
    """Dated marks on the panels, from `sql/<name>.sql` with the columns `time`, `text` and `tags`."""
    made = builders.AnnotationQuery().name(title).datasource(POSTGRESQL).enable(True).icon_color(colour)
    return made.target(SqlQuery(query(name), ref_id="Anno"))


MARKS = [
    annotation("Décisions, annonces, refontes", "events", "#D55E00"),
    annotation("Pannes et incidents", "outages", "#999999"),
]
READERS = annotation("Nouvelles règles de lecture", "readers", "#0072B2")


def board(
    uid: str,
    variables: Sequence[Any],
    panels: Sequence[Any],
    *,
    marks: Sequence[builders.AnnotationQuery] = (),
    since: str = "now-12w",
    refresh: str = "",
) -> dict[str, Any]:
    """The dashboard as data for its JSON file. In `panels`, a `str` is the heading of a new row.

    `since` is the start of the default period; `refresh` is how often it reloads (empty: never).
    """
    made = builders.Dashboard(f"Vigie : {TITLES[uid]}").uid(uid).description(ABOUT[uid])
    made = made.tags(["vigie"]).timezone("browser").week_start("monday").time(since, "now").refresh(refresh)
    made = made.variables([*SOURCES, *variables]).annotations(list(marks)).readonly()
    made = made.links([_elsewhere(other) for other in TITLES if other != uid])
    for panel in panels:
        made = made.with_row(builders.Row(panel)) if isinstance(panel, str) else made.with_panel(panel)
    return numbered(JSONEncoder().encode(made.build()))


def numbered(text: str) -> dict[str, Any]:
    """The dashboard in the JSON `text`, its panels numbered from 1 in order; links refer to the numbers."""
    data: dict[str, Any] = json.loads(text)
    for number, panel in enumerate(data["panels"], start=1):
        panel["id"] = number
    return data


def _elsewhere(uid: str) -> builders.DashboardLink:
    made = builders.DashboardLink(TITLES[uid]).type(dashboard.DashboardLinkType.LINK)
    return made.url(f"/d/{uid}").keep_time(True).include_vars(uid != "vigie-operateur").icon("dashboard")
