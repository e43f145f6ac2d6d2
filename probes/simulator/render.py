"""Renders the templates, and makes the extra HTML that gives pages of a bench a realistic size."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from probes.simulator import french

LABEL = "Site simulé par Vigie — aucun rendez-vous réel"


def render(template: str, **values: object) -> str:
    """The HTML of `template` with `values`. Every page says that the site is simulated."""
    return _template(template).render(values)


@cache
def ballast(kilobytes: int) -> Markup:
    """A menu of about `kilobytes` kB of HTML, to make a page heavy."""
    entry = '<li class="menu-entree"><a href="/plan/{0}" title="Rubrique {0} du site">Rubrique {0}</a></li>\n'
    count = kilobytes * 1000 // len(entry)
    return Markup("".join(entry.format(n) for n in range(count)))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("probes.simulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(label=LABEL, site=None, menu="")
    environment.filters.update(long_day=french.long_day, long_instant=french.long_instant)
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
