"""Recognisers that every platform applies first: failures, blocks, overload, CAPTCHA, login and so on.

No I/O. A booking page that only mentions the word « captcha » or « maintenance » is not recognised. None of
their outcomes is conclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from probes.answer import Answer
from probes.failures import Failure, of_status
from probes.model import Capture, Outcome, Reading, Step, Target
from probes.pages import marks
from probes.pages.notices.closures import closed
from probes.pages.notices.marks import MARKS
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


# Hosts to which a démarche moves from its booking site: logins of the State, and the national portal for
# foreigners (ANEF).
_LOGIN_HOSTS = re.compile(r"(?:.+\.)?(?:franceconnect\.gouv\.fr|proconnect\.gouv\.fr|agentconnect\.gouv\.fr)")
_ANEF_HOSTS = re.compile(r"(?:.+\.)?administration-etrangers-en-france\.interieur\.gouv\.fr")
_LOGIN_PATHS = re.compile(r"/(?:users/sign_in|(?:[\w-]+/)?login|connexion)/?")
_LOGIN_HEADINGS = re.compile(
    r"(?:se connecter|s'identifier|connexion|identification|authentification|connectez-vous)\b.{0,80}"
)


@lru_cache(maxsize=16)
def recognise(
    page: Page, *, hosts: frozenset[str] = frozenset(), answer: Answer | None = None
) -> Reading | None:
    """The reading of a page that is not the platform's own; `None` when the platform may read `page`.

    `hosts` are all host names of the same product: a redirect between them is normal. With `answer`, the
    product's own marks come first: on a page that shows one, a CAPTCHA or a notice is none of these signals.
    """
    step = page.step
    answered = answer is not None and shows(page, answer)
    checks: tuple[Callable[[], Reading | None], ...] = (
        lambda: _beside_answer(page) if answered else _marked(page),
        lambda: _moved(step, page, hosts),
        lambda: _login(step, page),
        lambda: _failed(step),
        lambda: _unreadable(step, page),
    )
    return next((reading for check in checks if (reading := check())), None)


def shows(page: Page, answer: Answer) -> bool:
    """Whether `page` shows a mark of « none » or of « some » of the product."""
    return bool(
        marks.said(page, (*answer.none, *answer.some))
        or (answer.offers and page.has(answer.offers))
        or any(one.fullmatch(normalise(said)) for said in page.step.dialogs for one in answer.dialogs)
    )


def first_unsound(
    pages: Iterable[Page], *, hosts: frozenset[str] = frozenset(), answer: Answer | None = None
) -> Reading | None:
    """The reading of the first page that a signal recognises; `None` when all pages may be read."""
    return next(filter(None, (recognise(page, hosts=hosts, answer=answer) for page in pages)), None)


def pages(capture: Capture) -> list[Page]:
    """The pages of a visit, in order.

    A last step that failed with `form_missing` and has no body is left out: the page before it was shown.
    """
    steps = capture.steps
    if len(steps) > 1 and steps[-1].failure is Failure.FORM_MISSING and not steps[-1].body:
        steps = steps[:-1]
    return [parse(step) for step in steps]


def confirmed(reading: Reading, target: Target, page: Page) -> Reading:
    """`reading`, or what `page` says of itself, where the platform's own rules could not know it.

    A reading that claims something is `unrecognised` if the target's option `title` is in neither h1 nor
    title: the page belongs to another procedure. An `unrecognised` one is `closed` if the page says so.
    """
    if reading.outcome is Outcome.UNRECOGNISED and reading.failure is None and recognise(page) is None:
        return closed(page) or reading
    expected = normalise(target.options.get("title", ""))
    if not reading.outcome.claims or expected in normalise(f"{page.heading} {page.title}"):
        return reading
    return unrecognised("identity_changed", said=page.heading or page.title)


def unrecognised(rule: str, *, said: str = "", failure: Failure | None = None) -> Reading:
    """An `unrecognised` reading, kept for a person to look at, never counted. `said`: words of the page."""
    return Reading(outcome=Outcome.UNRECOGNISED, rule=rule, words=words(said), failure=failure)


NOTHING_RECEIVED = Reading(outcome=Outcome.PROBE_ERROR, rule="no_step", failure=Failure.OUR_FAULT)


def _marked(page: Page) -> Reading | None:
    plain = "\n".join(page.plain)
    for mark in MARKS:
        said = mark.said_on(page, plain)
        if said is None:
            said = mark.shown_on(page)
        if said is not None:
            return Reading(outcome=mark.outcome, rule=mark.rule, words=said, failure=_failure(page.step))
    return None


def _beside_answer(page: Page) -> Reading | None:
    """`unrecognised` when a page that answers also reports that it cannot: one of the two is not true."""
    plain = "\n".join(page.plain)
    said = next((said for mark in MARKS if (said := mark.words_on(page, plain)) is not None), None)
    return None if said is None else unrecognised("outage_beside_answer", said=said)


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
