"""Recognisers that every platform applies first: failures, blocks, overload, CAPTCHA, login and so on.

No I/O. Each one needs a whole line, a title or an element that no booking page has: a booking page that only
mentions the word « captcha » or « maintenance » is not recognised. None of their outcomes is conclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from probes.failures import Failure, of_status
from probes.model import Capture, Outcome, Reading, Step, Target
from probes.pages.page import Page, host_of, normalise, parse, path_of, words

_DOWN = (
    *(Failure.DNS_ERROR, Failure.CONNECT_TIMEOUT, Failure.CONNECT_ERROR, Failure.TLS_ERROR),
    *(Failure.READ_TIMEOUT, Failure.CONNECTION_LOST, Failure.TRUNCATED, Failure.EMPTY_BODY),
    *(Failure.INVALID_RESPONSE, Failure.TOO_MANY_REDIRECTS, Failure.DEADLINE_EXCEEDED),
    *(Failure.HTTP_500, Failure.HTTP_502, Failure.HTTP_503, Failure.HTTP_504, Failure.HTTP_5XX),
)
_OUTCOMES = {
    **dict.fromkeys(_DOWN, Outcome.SITE_DOWN),
    **dict.fromkeys((Failure.HTTP_403, Failure.HTTP_406, Failure.HTTP_418), Outcome.BLOCKED),
    Failure.HTTP_401: Outcome.LOGIN_REQUIRED,
    Failure.HTTP_429: Outcome.RATE_LIMITED,
    **dict.fromkeys((Failure.BROWSER_CRASHED, Failure.OUR_FAULT), Outcome.PROBE_ERROR),
}


@dataclass(frozen=True, slots=True)
class _Mark:
    """One recogniser: `outcome` holds if a whole line or the title (normalised) or an element matches."""

    rule: str
    outcome: Outcome
    hints: tuple[str, ...] = ()
    line: re.Pattern[str] | None = None
    title: re.Pattern[str] | None = None
    element: str | None = None
    traces: tuple[str, ...] = ()
    # For an element that booking pages also have: it counts only if the heading or title matches this.
    heading: re.Pattern[str] | None = None

    def seen_on(self, page: Page, plain: str) -> str | None:
        """The page's words, perhaps empty, if this mark is on it; else `None`.

        `plain` is the page's whole normalised text. For speed, lines are searched only if `plain` contains
        one of the `hints`, and elements only if the HTML contains one of the `traces`.
        """
        if self.title and self.title.fullmatch(normalise(page.title)):
            return words(page.title)
        if self.line and any(hint in plain for hint in self.hints) and (line := page.line(self.line)):
            return line
        return words(page.title) if self._shown_on(page) else None

    def _shown_on(self, page: Page) -> bool:
        if self.element is None or not any(trace in page.markup for trace in self.traces):
            return False
        headed = self.heading is None or self.heading.search(normalise(f"{page.heading} {page.title}"))
        return bool(headed) and page.has(self.element)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_TAIL = r"\W?(?:\s.{0,200})?"
_THE_SITE = "(?:(?:le|ce|notre) )?(?:site|service|serveur)"
_IS_NOW = "(?:est )?(?:actuellement |momentanément |temporairement )?"
_MARKS = (
    _Mark(
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
        element="#challenge-form, #challenge-running, #cf-challenge-running, .cf-turnstile",
        traces=("challenge", "turnstile"),
    ),
    _Mark(
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
    _Mark(
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
    _Mark(
        "overloaded",
        Outcome.OVERLOADED,
        hints=("surchargé",),
        line=_any(rf"{_THE_SITE} {_IS_NOW}surchargé{_TAIL}"),
        title=_any(r"(?:service|site) (?:temporairement )?surchargé"),
    ),
    _Mark(
        "queue",
        Outcome.OVERLOADED,
        hints=("attente", "in line"),
        line=_any(
            rf"vous êtes (?:maintenant |actuellement )?dans (?:la|une) (?:file|salle) d'attente{_TAIL}",
            rf"you are now in line{_TAIL}",
        ),
        title=_any(r"(?:file|salle) d'attente(?: virtuelle)?", "queue-it"),
    ),
    _Mark(
        "maintenance",
        Outcome.SITE_DOWN,
        hints=("maintenance", "indisponible"),
        line=_any(
            rf"{_THE_SITE} {_IS_NOW}en (?:cours de )?maintenance{_TAIL}",
            rf"{_THE_SITE} {_IS_NOW}indisponible{_TAIL}",
        ),
        title=_any(
            r"(?:site |service )?(?:en )?maintenance",
            r"(?:site|service) (?:temporairement )?indisponible(?: - .{1,60})?",
        ),
    ),
    _Mark(
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
    _Mark(
        "captchetat",
        Outcome.CAPTCHA,
        element=(
            "rdv-captchetat, #BDC_CaptchaComponent, [id^='captchaFR_'], input[name='captchaUsercode'], "
            ".captcha img[src^='data:']"
        ),
        traces=("captch",),
    ),
    _Mark(
        "captcha",
        Outcome.CAPTCHA,
        element=".g-recaptcha:not([data-size='invisible']), .h-captcha:not([data-size='invisible'])",
        traces=("captcha",),
        heading=re.compile(r"robot|captcha|sécurité|vérifi|humain|human|security|challenge"),
    ),
)

# Hosts to which a démarche moves from its booking site: logins of the State, and the national portal for
# foreigners (ANEF).
_LOGIN_HOSTS = re.compile(r"(?:.+\.)?(?:franceconnect\.gouv\.fr|proconnect\.gouv\.fr|agentconnect\.gouv\.fr)")
_ANEF_HOSTS = re.compile(r"(?:.+\.)?administration-etrangers-en-france\.interieur\.gouv\.fr")
_LOGIN_PATHS = re.compile(r"/(?:users/sign_in|(?:[\w-]+/)?login|connexion)/?")
_LOGIN_HEADINGS = re.compile(
    r"(?:se connecter|s'identifier|connexion|identification|authentification|connectez-vous)\b.{0,80}"
)


@lru_cache(maxsize=16)
def recognise(page: Page, *, hosts: frozenset[str] = frozenset()) -> Reading | None:
    """The reading of a page that is not the platform's own; `None` when the platform may read `page`.

    `hosts` are all host names of the same product: a redirect between them is normal.
    """
    step = page.step
    checks: tuple[Callable[[], Reading | None], ...] = (
        lambda: _marked(page),
        lambda: _moved(step, page, hosts),
        lambda: _login(step, page),
        lambda: _failed(step),
        lambda: _unreadable(step, page),
    )
    return next((reading for check in checks if (reading := check())), None)


def first_unsound(pages: Iterable[Page], *, hosts: frozenset[str] = frozenset()) -> Reading | None:
    """The reading of the first page that a signal recognises; `None` when all pages may be read."""
    return next(filter(None, (recognise(page, hosts=hosts) for page in pages)), None)


def pages(capture: Capture) -> list[Page]:
    """The pages of a visit, in order.

    A last step that failed with `form_missing` and has no body is left out: the page before it was shown.
    """
    steps = capture.steps
    if len(steps) > 1 and steps[-1].failure is Failure.FORM_MISSING and not steps[-1].body:
        steps = steps[:-1]
    return [parse(step) for step in steps]


def confirmed(reading: Reading, target: Target, page: Page) -> Reading:
    """`reading`, or `unrecognised` if the target's option `title` is not in the page's h1 or title.

    Then the page belongs to another procedure. Only conclusive readings are checked.
    """
    expected = normalise(target.options.get("title", ""))
    if not reading.outcome.conclusive or expected in normalise(f"{page.heading} {page.title}"):
        return reading
    return unrecognised("identity_changed", said=page.heading or page.title)


def unrecognised(rule: str, *, said: str = "", failure: Failure | None = None) -> Reading:
    """An `unrecognised` reading, kept for a person to look at, never counted. `said`: words of the page."""
    return Reading(outcome=Outcome.UNRECOGNISED, rule=rule, words=words(said), failure=failure)


NOTHING_RECEIVED = Reading(outcome=Outcome.PROBE_ERROR, rule="no_step", failure=Failure.OUR_FAULT)


def _marked(page: Page) -> Reading | None:
    plain = "\n".join(page.plain)
    for mark in _MARKS:
        said = mark.seen_on(page, plain)
        if said is not None:
            return Reading(outcome=mark.outcome, rule=mark.rule, words=said, failure=_failure(page.step))
    return None


def _failure(step: Step) -> Failure | None:
    return step.failure or (of_status(step.status) if step.status else None)


def _failed(step: Step) -> Reading | None:
    failure = _failure(step)
    if failure is None:
        return None
    outcome = _OUTCOMES.get(failure, Outcome.UNRECOGNISED)
    return Reading(outcome=outcome, rule=failure.value, words=words(step.detail), failure=failure)


def _moved(step: Step, page: Page, hosts: frozenset[str]) -> Reading | None:
    """The reading of a redirect to another host: a login, the ANEF portal, or a host not in `hosts`."""
    asked = _bare(host_of(step.url))
    for host in [host_of(url) for url in (step.final_url, *step.redirects)]:
        if _LOGIN_HOSTS.fullmatch(host):
            return Reading(
                outcome=Outcome.LOGIN_REQUIRED, rule="login_host", words=host, failure=step.failure
            )
        if _ANEF_HOSTS.fullmatch(host):
            return Reading(outcome=Outcome.CLOSED, rule="moved_to_anef", words=host, failure=step.failure)
        if host and _bare(host) != asked and not {host, host_of(step.url)} <= hosts:
            return unrecognised("other_host", said=host, failure=step.failure)
    return None


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _login(step: Step, page: Page) -> Reading | None:
    """`login_required` if a path is one of a login, or a password field stands below a login heading."""
    if _failure(step) not in (None, Failure.OFF_LIMITS):
        return None
    heading = page.heading or page.title
    asks = page.has("input[type='password' i]") and _LOGIN_HEADINGS.fullmatch(normalise(heading))
    paths = [path_of(url) for url in (page.url, *step.redirects)]
    if asks or any(_LOGIN_PATHS.fullmatch(path) for path in paths):
        return Reading(
            outcome=Outcome.LOGIN_REQUIRED, rule="login_page", words=words(heading), failure=step.failure
        )
    return None


def _unreadable(step: Step, page: Page) -> Reading | None:
    if not step.body.strip() and not step.rendered:
        return Reading(outcome=Outcome.SITE_DOWN, rule="empty_body", failure=Failure.EMPTY_BODY)
    if not page.complete:
        return unrecognised("incomplete_page", failure=Failure.TRUNCATED)
    return unrecognised("covered_page") if page.covered else None
