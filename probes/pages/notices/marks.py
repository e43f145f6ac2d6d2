"""The marks of pages that stand in front of a booking page: blocks, queues, outages, CAPTCHAs. No I/O.

What a program writes is recognised by a whole line. What people write is recognised by a whole sentence that
holds now, on a page that says little else: a notice beside a booking page is none of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.model import Outcome
from probes.pages.notices.sentences import main_lines, reported, says_little_else
from probes.pages.page import Page, normalise, words

MOST_BESIDE_A_WIDGET = 200
"""Characters on a page that shows a challenge and nothing else."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One recogniser. `outcome` holds if a whole line or sentence or the title (all normalised) or an element
    matches. For speed, text is searched only if the page's contains one of `hints`, elements only if its HTML
    contains one of `traces`. `heading`: the element counts only if heading or title match this, too.
    `widget`: the element counts only on a page that says hardly anything.
    """

    rule: str
    outcome: Outcome
    hints: tuple[str, ...] = ()
    line: re.Pattern[str] | None = None
    sentence: re.Pattern[str] | None = None
    title: re.Pattern[str] | None = None
    element: str | None = None
    traces: tuple[str, ...] = ()
    heading: re.Pattern[str] | None = None
    widget: str | None = None

    def said_on(self, page: Page, plain: str) -> str | None:
        """The page's words, if its text or title makes this mark and it says little else; else `None`.

        `plain` is the page's whole normalised text.
        """
        said = self.words_on(page, plain)
        return said if said is not None and says_little_else(page, said) else None

    def words_on(self, page: Page, plain: str) -> str | None:
        """The page's words that make this mark, whatever else it says; else `None`."""
        if self.title and self.title.fullmatch(normalise(page.title)):
            return words(page.title)
        if not any(hint in plain for hint in self.hints):
            return None
        if self.line and (line := page.line(self.line)):
            return line
        return self._reported_on(page) if self.sentence else None

    def _reported_on(self, page: Page) -> str | None:
        assert self.sentence is not None
        main = main_lines(page)
        n = reported(self.sentence, main)
        if n is None:
            return None
        return next((words(line) for line in page.lines if normalise(line) == main[n]), main[n])

    def shown_on(self, page: Page) -> str | None:
        """The page's title, perhaps empty, if an element of this mark is on it; else `None`."""
        if not any(trace in page.markup for trace in self.traces):
            return None
        headed = self.heading is None or self.heading.search(normalise(f"{page.heading} {page.title}"))
        if self.element and headed and page.has(self.element):
            return words(page.title)
        alone = len(" ".join(main_lines(page))) <= MOST_BESIDE_A_WIDGET
        return words(page.title) if self.widget and alone and page.has(self.widget) else None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_TAIL = r"\W?(?:\s.{0,200})?"
_THE_SITE = (
    "(?:(?:le|ce|notre) )?(?:site|service|serveur)"
    "(?: (?:en ligne|web|internet|de (?:prise de )?rendez-vous|de réservation)){0,2}"
)
_IS_NOW = "(?:est )?(?:actuellement |momentanément |temporairement |provisoirement )?"
_WHY = r"(?:\W{0,2}\s(?:pour|en raison|suite|car|du fait|à cause|par|veuillez|merci|nous|et|afin)\b.{0,160})?"
MARKS = (
    Signal(
        "cloudflare",
        Outcome.BLOCKED,
        hints=("blocked", "error", "checking", "human", "humain", "cookies to continue"),
        line=_any(
            "sorry, you have been blocked",
            r"error (?:code:? )?10(?:06|07|08|09|20)\W?.{0,60}",
            r"checking your browser before accessing .{1,100}",
            r"(?:verify you are human|vérifiez que vous êtes humain) .{0,120}",
            "enable javascript and cookies to continue",
        ),
        title=_any(
            r"just a moment(?:\.\.\.|…)?",
            r"un instant(?:\.\.\.|…)",
            r"attention required! \| cloudflare",
        ),
        element="#challenge-form, #challenge-running, #cf-challenge-running",
        traces=("challenge", "turnstile"),
        widget=".cf-turnstile",
    ),
    Signal(
        "waf_rejected",
        Outcome.BLOCKED,
        hints=("forbidden", "rejected", "incapsula"),
        line=_any(
            r"request forbidden by administrative rules\.?",
            rf"the requested url was rejected{_TAIL}",
            rf"request unsuccessful\. incapsula incident id{_TAIL}",
        ),
        title=_any("request rejected", "access denied"),
        element="iframe[src*='_Incapsula_Resource']",
        traces=("incapsula",),
    ),
    Signal(
        "too_many_requests",
        Outcome.RATE_LIMITED,
        hints=("too many", "cowboy", "limite", "trop de", "error"),
        line=_any(
            r"(?:(?:error|erreur) )?(?:429\W+)?too many requests\W?",
            rf"calme toi, cowboy{_TAIL}",
            rf"limite d'appels api atteinte{_TAIL}",
            r"trop de requêtes\W?",
            r"error (?:code:? )?1015\W?.{0,60}",
        ),
        title=_any(r"(?:429\W+)?too many requests"),
    ),
    Signal(
        "overloaded",
        Outcome.OVERLOADED,
        hints=("surchargé",),
        sentence=_any(rf"{_THE_SITE} {_IS_NOW}surchargé{_WHY}"),
        title=_any(r"(?:service|site) (?:temporairement )?surchargé"),
    ),
    Signal(
        "queue",
        Outcome.OVERLOADED,
        hints=("attente", "in line"),
        line=_any(rf"you are now in line{_TAIL}"),
        sentence=_any(
            r"vous êtes (?:bien |maintenant |actuellement )?(?:placée?s? )?(?:dans|en) (?:la |une )?"
            rf"(?:file|salle) d'attente(?: virtuelle)?{_WHY}"
        ),
        title=_any(r"(?:file|salle) d'attente(?: virtuelle)?", "queue-it"),
    ),
    Signal(
        "maintenance",
        Outcome.SITE_DOWN,
        hints=("maintenance", "indisponible"),
        sentence=_any(rf"{_THE_SITE} {_IS_NOW}(?:en (?:cours de )?maintenance|indisponible){_WHY}"),
        title=_any(
            r"(?:site |service )?(?:en )?maintenance",
            r"(?:site|service) (?:temporairement )?indisponible(?: - .{1,60})?",
        ),
    ),
    Signal(
        "gateway_error",
        Outcome.SITE_DOWN,
        hints=(
            *("internal server", "bad gateway", "service unavailable", "gateway time"),
            *("invalid or incomplete", "erreur inattendue"),
        ),
        line=_any(
            r"(?:500 internal server error|502 bad gateway|503 service unavailable|504 gateway time-?out)",
            rf"the server returned an invalid or incomplete response{_TAIL}",
            rf"erreur inattendue\W+500{_TAIL}",
        ),
        title=_any(r"(?:500|502|503|504)\W.{1,60}", r"erreur inattendue\W+500.{0,60}"),
    ),
    Signal(
        "captchetat",
        Outcome.CAPTCHA,
        element=(
            "rdv-captchetat, #BDC_CaptchaComponent, [id^='captchaFR_'], input[name='captchaUsercode'], "
            ".captcha img[src^='data:']"
        ),
        traces=("captch",),
    ),
    Signal(
        "captcha",
        Outcome.CAPTCHA,
        element=".g-recaptcha:not([data-size='invisible']), .h-captcha:not([data-size='invisible'])",
        traces=("captcha",),
        heading=re.compile(r"robot|captcha|sécurité|vérifi|humain|human|security|challenge"),
    ),
)


def speaks_of_an_obstacle(plain: str) -> bool:
    """Whether a normalised line, in whatever context, has the words of a mark."""
    said = (pattern for mark in MARKS for pattern in (mark.line, mark.sentence, mark.title) if pattern)
    return any(pattern.search(plain) for pattern in said)
