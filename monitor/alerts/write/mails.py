"""Turns stories into mails: subject, plain text, HTML. One template per mail and language makes both forms.

The template engine escapes the HTML form. Templates clean names and quotations of control and direction
characters with the filter `plain`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.alerts.write import sentences
from monitor.alerts.write.stories import Digest, Footer, Picture, Story
from monitor.model import Incident, Language
from monitor.present.language import counted, lasting, long_day, moment, number, share
from monitor.present.proof import caution

S = TypeVar("S", bound=str)
WIDTH = 72
COLONS = {Language.FRENCH: "\N{NO-BREAK SPACE}: ", Language.ENGLISH: ": "}
LONGEST_SUBJECT = 150
FULL_STORIES = 5
"""A mail with more stories than this lists them in one line each, without pictures."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """The content of one mail, in plain text and in HTML, and its attached pictures."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


def changes(stories: Sequence[Story], language: Language, footer: Footer) -> Mail:
    """The mail with news of one or more targets."""
    full = len(stories) <= FULL_STORIES
    mail = render("changes", language, footer, stories=stories, full=full)
    return replace(mail, pictures=tuple(one.picture for one in stories if one.picture and full))


def digest(week: Digest, tz: ZoneInfo, language: Language, footer: Footer) -> Mail:
    """The Monday mail, its days in the subscriber's zone."""
    return render("digest", language, footer, week=week, tz=tz)


def operator(incidents: Sequence[Incident], tz: ZoneInfo, language: Language, footer: Footer) -> Mail:
    """The mail about incidents, its times in `tz`."""
    return render("operator", language, footer, incidents=incidents, tz=tz)


def confirmation(link: str, what: Sequence[str], language: Language) -> Mail:
    """The mail that asks an address's owner to confirm by `link`. `what` names the scope; empty: all."""
    return render("confirm", language, Footer(), link=link, what=what)


def trial(language: Language) -> Mail:
    """The mail of `vigie alerts send-test`."""
    return render("trial", language, Footer())


def render(name: str, language: Language, footer: Footer, **context: Any) -> Mail:
    """The mail `name` of the templates. Raises `jinja2.UndefinedError` when the context lacks something."""
    forms = {}
    for form in ("text", "html"):
        template = _environment(form, language).get_template(f"{language}/{name}.j2")
        forms[form] = vars(template.make_module({"footer": footer, **context}))
    subject = sentences.plain(str(forms["text"]["subject"]), LONGEST_SUBJECT)
    layout = _environment("html", language).get_template("layout.j2")
    html = layout.render(subject=subject, language=language, body=_tied(forms["html"]["body"]))
    return Mail(subject=subject, text=_tidy(str(forms["text"]["body"])), html=html)


@cache
def _environment(form: str, language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.alerts"),
        autoescape=form == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["form"] = f"{form}.j2"
    environment.globals["colon"] = COLONS[language]
    environment.filters.update(_filters(language), wrap=_wrap)
    return environment


def _filters(language: Language) -> dict[str, Callable[..., Any]]:
    in_language: dict[str, Callable[..., str]] = {
        "moment": moment,
        "day": long_day,
        "number": number,
        "share": share,
        "caution": caution,
        "counted": counted,
        "lasting": lasting,
    }
    return {
        "plain": sentences.plain,
        "place": sentences.place,
        "prefecture": sentences.prefecture,
        "phase": sentences.PHASES[language].__getitem__,
        "trouble": sentences.TROUBLES[language].__getitem__,
        "incident": sentences.INCIDENTS[language].__getitem__,
        **{name: partial(write, language=language) for name, write in in_language.items()},
    }


def _tied(text: S) -> S:
    """`text` with no-break spaces before French punctuation and after numbers, so that no line breaks there.

    Markup stays markup: the result has the type of `text`.
    """
    tied = re.sub(r" (?=[;:?!»])|(?<=«) |(?<=n°) |(?<=\d) (?=[^\W\d])", "\N{NO-BREAK SPACE}", text)
    return type(text)(tied)


def _wrap(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        _tied(text.strip()),
        width=WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _tidy(text: str) -> str:
    """`text` with one empty line at most between paragraphs, and no spaces at the end of lines."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for n, line in enumerate(lines) if line or lines[n - 1]]
    return "\n".join(kept) + "\n"
