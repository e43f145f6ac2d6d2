"""A page is copied after its next five seconds, whatever speaks late, and only if it then stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from probes.model import Session, Step
from probes.pages.page import parse
from probes.sessions.browser.own_requests import MOST_ALIKE, MOST_CALLS
from probes.sessions.browser.session import BrowserSessions
from tests.sessions.site import Site
from tests.sessions.visiting import Visitor, visit

pytestmark = pytest.mark.browser

LATE = (0, 50, 300, 1500)
NONE = "<p id=said>Aucun créneau</p>"
SAY = "document.getElementById('said').textContent = 'Trois créneaux'"
HIDE = "#said { display: none }"


def seen(step: Step) -> str:
    assert step.failure is None, step.detail
    return parse(step).text


def script(text: str) -> str:
    return f"<!doctype html>{NONE}<script>{text}</script>"


def linked(site: Site, after: int) -> str:
    site.put("/late.css", HIDE, "text/css", after=after)
    return f"<!doctype html><link rel=stylesheet href=/late.css>{NONE}"


def imported(site: Site, after: int) -> str:
    site.put("/first.css", "@import '/late.css';", "text/css")
    return linked(site, after).replace("href=/late.css", "href=/first.css")


def added_by_script(site: Site, after: int) -> str:
    linked(site, after)
    return script(
        "setTimeout(() => { const link = document.createElement('link'); link.rel = 'stylesheet';"
        "link.href = '/late.css'; document.head.append(link) }, 500)"
    )


@pytest.mark.parametrize("after", LATE)
@pytest.mark.parametrize("page", [linked, imported, added_by_script])
def test_what_a_late_sheet_hides_is_not_seen(
    in_browser: Visitor, site: Site, page: Callable[[Site, int], str], after: int
) -> None:
    step = in_browser.open(site.put("/page", page(site, after)))
    assert seen(step) == ""
    assert step.settled


def deferred(site: Site, after: int) -> str:
    site.put("/late.js", SAY, "text/javascript", after=after)
    return f"<!doctype html><script src=/late.js defer></script>{NONE}"


def module(site: Site, after: int) -> str:
    return deferred(site, after).replace("defer", "type=module")


def fetched(site: Site, after: int) -> str:
    site.put("/answer.json", "{}", "application/json", after=after)
    return script(f"fetch('/answer.json').then(() => {SAY})")


def asked_by_xhr(site: Site, after: int) -> str:
    fetched(site, after)
    return script(
        "const x = new XMLHttpRequest(); x.open('GET', '/answer.json');"
        f"x.onload = () => {{ {SAY} }}; x.send()"
    )


def chain(site: Site, after: int) -> str:
    fetched(site, after)
    return script(
        "const wait = (ms) => new Promise((r) => setTimeout(r, ms));"
        f"fetch('/answer.json?1').then(() => wait(700)).then(() => fetch('/answer.json?2')).then(() => {SAY})"
    )


@pytest.mark.parametrize("after", LATE)
@pytest.mark.parametrize("page", [deferred, module, fetched, asked_by_xhr, chain])
def test_what_a_late_script_or_answer_says_is_what_is_seen(
    in_browser: Visitor, site: Site, page: Callable[[Site, int], str], after: int
) -> None:
    step = in_browser.open(site.put("/page", page(site, after)))
    assert seen(step) == "Trois créneaux"
    assert step.settled


@pytest.mark.parametrize("after", [1200, 4000])
def test_what_a_timer_says_within_five_seconds_is_what_is_seen(
    in_browser: Visitor, site: Site, after: int
) -> None:
    step = in_browser.open(site.put("/page", script(f"setTimeout(() => {{ {SAY} }}, {after})")))
    assert seen(step) == "Trois créneaux"
    assert step.settled


def style(rules: str, then: str = "") -> str:
    return f"<!doctype html><style>{rules}</style>{NONE}<script>{then}</script>"


@pytest.mark.parametrize(
    "page",
    [
        style("@keyframes gone { to { visibility: hidden } } #said { animation: gone 0s 2s forwards }"),
        style("@keyframes gone { to { opacity: 0 } } #said { animation: gone 1s 3s forwards }"),
        style("#said { transition: opacity 2s }", "setTimeout(() => (said.style.opacity = 0), 500)"),
        style(
            "#said { transition: opacity 1s }",
            "said.ontransitionend = () => (said.hidden = true);"
            "setTimeout(() => (said.style.opacity = .5), 100)",
        ),
        style("", "said.animate({ opacity: [1, 0] }, { duration: 1500, fill: 'forwards' })"),
        style(
            "",
            "const late = () => performance.now() > 3000;"
            "const go = () => (late() ? (said.hidden = true) : requestAnimationFrame(go)); go()",
        ),
    ],
    ids=["animation", "fade", "transition", "transitionend", "script", "frames"],
)
def test_what_an_animation_hides_is_not_seen(in_browser: Visitor, site: Site, page: str) -> None:
    assert seen(in_browser.open(site.put("/page", page))) == ""


def test_what_an_animation_shows_is_seen(in_browser: Visitor, site: Site) -> None:
    page = style("@keyframes come { from { opacity: 0 } } #said { animation: come 1s .5s backwards }")
    assert seen(in_browser.open(site.put("/page", page))) == "Aucun créneau"


@pytest.mark.parametrize(
    "page",
    [
        script("setTimeout(() => (location.href = '/next'), 3000)"),
        "<meta http-equiv=refresh content='3;url=/next'>" + NONE,
    ],
    ids=["script", "meta"],
)
def test_a_page_that_leads_on_is_followed_and_the_next_one_has_its_time(
    in_browser: Visitor, site: Site, page: str
) -> None:
    site.put("/next", script(f"setTimeout(() => {{ {SAY} }}, 4000)"))
    step = in_browser.open(site.put("/page", page))
    assert (seen(step), step.final_url, step.settled) == ("Trois créneaux", site.url("/next"), True)


def test_what_a_frame_says_late_reaches_the_page(in_browser: Visitor, site: Site) -> None:
    site.put("/frame", f"<script>setTimeout(() => {{ parent.{SAY} }}, 1200)</script>", after=300)
    assert seen(in_browser.open(site.put("/page", f"{NONE}<iframe src=/frame></iframe>"))) == "Trois créneaux"


def test_a_late_alert_is_kept_and_the_page_goes_on(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.put("/page", script(f"setTimeout(() => {{ alert('late'); {SAY} }}, 2000)")))
    assert (seen(step), step.dialogs) == ("Trois créneaux", ("late",))


def test_a_page_that_goes_on_changing_is_not_settled(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(
        site.put("/page", script("let n = 0; setInterval(() => (said.textContent = n++), 100)"))
    )
    assert step.settled is False


def test_a_change_after_four_seconds_is_waited_out(in_browser: Visitor, site: Site) -> None:
    page = script(
        f"let n = 0; const t = setInterval(() => {{ if (++n > 40) {{ {SAY}; clearInterval(t) }} }}, 100)"
    )
    step = in_browser.open(site.put("/page", page))
    assert (seen(step), step.settled) == ("Trois créneaux", True)


def test_a_page_that_changes_what_nobody_reads_is_settled(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(
        site.put("/page", script("let n = 0; setInterval(() => (said.dataset.n = n++), 100)"))
    )
    assert step.settled


def test_a_page_that_only_polls_is_settled_and_asks_seldom(in_browser: Visitor, site: Site) -> None:
    site.put("/poll.json", "{}", "application/json")
    step = in_browser.open(site.put("/page", script("setInterval(() => fetch('/poll.json'), 200)")))
    assert step.settled
    assert site.asked.count("GET /poll.json") == MOST_ALIKE
    assert step.refused == (f"GET {site.url('/poll.json')}",)


def test_a_page_that_says_something_else_once_a_poll_is_refused_is_not_settled(
    in_browser: Visitor, site: Site
) -> None:
    site.put("/poll.json", "{}", "application/json")
    poll = "setInterval(() => fetch('/poll.json').catch(() => (said.textContent = 'Erreur')), 200)"
    assert in_browser.open(site.put("/page", script(poll))).settled is False


def test_a_page_that_asks_without_end_is_stopped_and_not_settled(in_browser: Visitor, site: Site) -> None:
    site.put("/next.json", "{}", "application/json")
    chain = "let n = 0; const go = () => fetch('/next.json?' + n++).then(go); go()"
    step = in_browser.open(site.put("/page", script(chain)))
    assert step.settled is False
    assert site.asked.count("GET /next.json") == MOST_CALLS


def test_a_page_refused_what_it_wants_before_it_says_none_is_not_settled(
    in_browser: Visitor, site: Site
) -> None:
    page = script("said.textContent = ''; fetch('/off/slots').catch(() => (said.textContent = 'Aucun'))")
    step = in_browser.open(site.put("/page", page))
    assert (step.settled, step.refused) == (False, (f"GET {site.url('/off/slots')}",))


def test_a_page_refused_a_measure_is_settled(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(
        site.put("/page", script("navigator.sendBeacon('/off/m'); new Image().src = '/off/n'"))
    )
    assert (seen(step), step.settled, len(step.refused)) == ("Aucun créneau", True, 2)


def test_a_page_refused_an_answer_is_not_settled_although_nothing_changes(
    in_browser: Visitor, site: Site
) -> None:
    """With the answer it might have said something else: a person would have seen that."""
    step = in_browser.open(site.put("/page", script("fetch('/off/n').catch(() => 0)")))
    assert (seen(step), step.settled, len(step.refused)) == ("Aucun créneau", False, 1)


@pytest.mark.parametrize(
    ("waiting", "settled"),
    [
        ("<img src=/hang.png>", True),
        ("<script>fetch('/hang.json')</script>", False),
        ("<script>new EventSource('/hang.json')</script>", False),
        ("<script>setTimeout(() => { const s = document.createElement('script'); s.src = '/hang.js';"
         "document.head.append(s) })</script>", False),
    ],
    ids=["picture", "call", "events", "script"],
)  # fmt: skip
def test_only_what_could_still_change_the_page_keeps_it_from_rest(
    in_browser: Visitor, site: Site, waiting: str, settled: bool
) -> None:
    for name in ("/hang.png", "/hang.json", "/hang.js"):
        site.put(name, "", after=3000)
    page = f"<!doctype html>{NONE}{waiting}<script>setTimeout(() => {{ {SAY} }}, 4000)</script>"
    assert isinstance(in_browser.sessions, BrowserSessions)
    sessions = replace(in_browser.sessions, settle=timedelta(milliseconds=700))

    async def opened() -> Step:
        try:
            return (await visit(sessions, lambda session: session.open(site.put("/page", page)))).steps[0]
        finally:
            await sessions.close()

    step = in_browser.runner.run(opened())
    assert (seen(step), step.settled) == ("Trois créneaux", settled)


def test_a_page_that_posts_itself_messages_without_end_does_not_hold_us(
    in_browser: Visitor, site: Site
) -> None:
    spin = (
        "const { port1, port2 } = new MessageChannel();"
        "port1.onmessage = () => port2.postMessage(0); port2.postMessage(0)"
    )
    step = in_browser.open(site.put("/page", script(f"{spin}; setTimeout(() => {{ {SAY} }}, 1200)")))
    assert seen(step) == "Trois créneaux"


def test_a_timer_that_is_due_before_an_answer_runs_before_it(in_browser: Visitor, site: Site) -> None:
    site.put("/answer", "", after=700)
    late = (
        f"setTimeout(() => {{ {SAY} }}, 80); fetch('/answer').then(() => said.textContent = 'Rien de libre')"
    )
    step = in_browser.open(site.put("/page", script(late)))
    assert (seen(step), step.settled) == ("Rien de libre", True)


@pytest.mark.slow
def test_a_page_that_was_left_alone_for_long_can_still_be_pictured(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.put("/first", script("")))
        # As long as the pace may ask for.
        await asyncio.sleep(12)
        await session.open(site.put("/second", script("")))

    capture = in_browser.visit(walk, lambda step: ("Aucun créneau",))
    assert [[ink.words for ink in step.ink or ()] for step in capture.steps] == [["Aucun créneau"]] * 2


def test_a_page_stands_still_between_two_steps_and_goes_on_in_the_next(
    in_browser: Visitor, site: Site
) -> None:
    async def walk(session: Session) -> None:
        counting = (
            "let n = 0; day.onclick = () => { let s = 0; setInterval(() => (said.textContent = ++s), 1000) }"
        )
        await session.open(site.put("/page", f"<!doctype html><button id=day>+</button>{script(counting)}"))
        await session.unfold("#day")
        await session.open(site.put("/last", script(f"setTimeout(() => {{ {SAY} }}, 4000)")))

    first, second, third = in_browser(walk).steps
    assert seen(first) == "+ Aucun créneau"
    assert second.settled is False
    assert (seen(third), third.settled) == ("Trois créneaux", True)


@pytest.mark.parametrize(
    "use",
    [
        "new WebSocket('wss://localhost/x')",
        "new Worker('/w.js')",
        "new SharedWorker('/w.js').port.start()",
        "try { new RTCPeerConnection() } catch {}",
    ],
)
def test_a_page_that_uses_what_it_is_not_given_is_not_read(in_browser: Visitor, site: Site, use: str) -> None:
    page = parse(in_browser.open(site.put("/page", script(f"setTimeout(() => {{ {use} }}, 300)"))))
    assert page.unread
    asks = script("if (window.WebSocket && typeof Worker === 'function') document.title = 'x'")
    assert not parse(in_browser.open(site.put("/asks", asks))).unread


@pytest.mark.parametrize("around", ["html::after", "body::before", ":root::before"])
def test_what_rules_write_around_the_whole_page_is_seen(in_browser: Visitor, site: Site, around: str) -> None:
    html = f"<!doctype html><style>{around} {{ content: 'Planning en panne' }}</style>{NONE}"
    assert "Planning en panne" in seen(in_browser.open(site.put("/page", html)))
