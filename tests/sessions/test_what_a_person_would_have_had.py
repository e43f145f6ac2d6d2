"""A page that lacks what a person's browser would give it is not read; without measures or fonts it is."""

from __future__ import annotations

import pytest

from probes.model import Session, Step
from probes.pages.page import parse
from probes.pages.received.aside import is_aside
from tests.sessions.site import Site
from tests.sessions.visiting import FreeTurn, Visitor, visit

NONE = "<p id=said>Aucun créneau</p>"
SAY = "document.getElementById('said').textContent = 'Trois créneaux'"
AFAR = "https://api.example.org"
in_chromium = pytest.mark.browser


def page(more: str) -> str:
    return f"<!doctype html>{NONE}{more}"


def script(text: str) -> str:
    return page(f"<script>{text}</script>")


@in_chromium
@pytest.mark.parametrize(
    "more",
    [
        f"<script src='{AFAR}/app.js'></script>",
        f"<script type=module src='{AFAR}/app.js'></script>",
        f"<script src='{AFAR}/slots?callback=show'></script>",
        f"<link rel=stylesheet href='{AFAR}/a.css'>",
        f"<style>@import '{AFAR}/a.css'</style>",
        f"<script>fetch('{AFAR}/slots').catch(() => 0)</script>",
        f"<script>const x = new XMLHttpRequest(); x.open('GET', '{AFAR}/slots'); x.send()</script>",
        f"<script>new EventSource('{AFAR}/slots')</script>",
        "<iframe src=/off/state style='display:none'></iframe>",
        "<iframe src=/off/state width=0 height=0></iframe>",
        f"<object data='{AFAR}/state' type='text/html' style='visibility:hidden'></object>",
    ],
)
def test_a_page_that_lacks_a_part_from_another_host_is_not_settled(
    in_browser: Visitor, site: Site, more: str
) -> None:
    step = in_browser.open(site.put("/page", page(more)))
    assert step.refused
    assert step.settled is False


@in_chromium
@pytest.mark.parametrize(
    "more",
    [
        "<link rel=stylesheet href='https://fonts.googleapis.com/css2?family=Marianne'>",
        "<script src='https://www.googletagmanager.com/gtag/js?id=G-1'></script>",
        "<script src='https://stats.data.gouv.fr/matomo.js'></script>",
        "<script>fetch('https://audience.example.fr/matomo.php?idsite=1').catch(() => 0)</script>",
        f"<img src='{AFAR}/logo.png'>",
        "<link rel=prefetch href='/off/next'>",
        f"<link rel=prefetch href='{AFAR}/next'>",
        f"<link rel=preconnect href='{AFAR}'>",
    ],
)
def test_a_page_that_lacks_what_says_nothing_of_slots_is_settled(
    in_browser: Visitor, site: Site, more: str
) -> None:
    assert in_browser.open(site.put("/page", page(more))).settled


@pytest.mark.parametrize(
    ("address", "unread"),
    [
        (f"{AFAR}/app.js", 1),
        ("//cdn.example.org/a.js", 1),
        ("/app.js", 0),
        ("https://[", 0),
        ("https://www.googletagmanager.com/gtag/js", 0),
    ],
)
def test_over_plain_http_a_script_of_another_host_may_say_anything(
    over_http: Visitor, site: Site, address: str, unread: int
) -> None:
    shown = page(f"<script src='{address}'></script>")
    assert len(parse(over_http.open(site.put("/page", shown))).unread) == unread


FRAMES = (
    "<iframe src='{}' width=500 height=200></iframe>",
    "<object data='{}' type='text/html' width=500 height=200></object>",
    "<embed src='{}' type='text/html' width=500 height=200>",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_of_another_host_may_say_anything(visitor: Visitor, site: Site, frame: str) -> None:
    shown = page(frame.format(f"{AFAR}/slots"))
    assert parse(visitor.open(site.put("/page", shown))).unread


@pytest.mark.parametrize(
    "address", ["https://www.google.com/maps/embed?pb=1", "https://www.youtube-nocookie.com/embed/1", ""]
)
def test_a_map_or_a_film_says_nothing_of_slots(visitor: Visitor, site: Site, address: str) -> None:
    shown = page(FRAMES[0].format(address))
    assert parse(visitor.open(site.put("/page", shown))).unread == ()


@pytest.mark.parametrize(
    ("address", "aside"),
    [
        ("https://fonts.gstatic.com/s/a.woff2", True),
        ("https://audience-sites.din.developpement-durable.gouv.fr/piwik.php", True),
        ("https://www.google.com/recaptcha/api2/anchor", True),
        ("https://www.google.com/search", False),
        ("https://fonts.gstatic.com.example.org/a.js", False),
        ("https://notxiti.com/a.js", False),
        ("https://api.example.org/slots", False),
        ("https://[", False),
    ],
)
def test_which_hosts_never_show_slots(address: str, aside: bool) -> None:
    assert is_aside(address) is aside


@in_chromium
def test_a_page_that_asks_whether_a_robot_looks_is_told_the_truth_and_not_read(
    in_browser: Visitor, site: Site
) -> None:
    asks = "document.getElementById('said').textContent = `robot ${navigator.webdriver}`"
    shown = parse(in_browser.open(site.put("/page", script(asks))))
    assert (shown.text, bool(shown.unread)) == ("robot true", True)


# The page draws frames at its own pace.

FRAMES_LATER = """
let left = {}; const step = () => {{ if (--left) requestAnimationFrame(step); else {{ {} }} }};
requestAnimationFrame(step)
"""


@in_chromium
@pytest.mark.parametrize("frames", [1, 8, 60, 200])
def test_what_a_page_says_after_some_frames_is_what_is_seen(
    in_browser: Visitor, site: Site, frames: int
) -> None:
    step = in_browser.open(site.put("/page", script(FRAMES_LATER.format(frames, SAY))))
    assert (parse(step).text, step.settled) == ("Trois créneaux", True)


@in_chromium
def test_what_clamps_the_length_of_a_frame_comes_to_its_end(in_browser: Visitor, site: Site) -> None:
    clamped = (
        "let spent = 0, last = 0; const step = (now) => { spent += last ? Math.min(now - last, 33) : 0;"
        f"last = now; if (spent < 1000) requestAnimationFrame(step); else {{ {SAY} }} }};"
        "requestAnimationFrame(step)"
    )
    assert parse(in_browser.open(site.put("/page", script(clamped)))).text == "Trois créneaux"


@in_chromium
def test_a_frame_that_was_cancelled_does_not_come(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(
        site.put("/page", script(f"cancelAnimationFrame(requestAnimationFrame(() => {{ {SAY} }}))"))
    )
    assert parse(step).text == "Aucun créneau"


@in_chromium
def test_a_page_that_draws_without_end_is_settled(in_browser: Visitor, site: Site) -> None:
    endless = "const step = () => requestAnimationFrame(step); step()"
    assert in_browser.open(site.put("/page", script(endless))).settled


@in_chromium
@pytest.mark.parametrize(
    "when",
    ["{}; {}; {}", "setTimeout(() => {{ {} }}, 4500)", "setInterval(() => {{ {} }}, 900)"],
)
def test_a_page_in_a_transition_is_read_and_pictured(in_browser: Visitor, site: Site, when: str) -> None:
    change = f"document.startViewTransition(() => {{ {SAY} }})"
    capture = in_browser(
        lambda session: session.open(site.put("/page", script(when.format(change, change, change))))
    )
    assert parse(capture.steps[0]).text == "Trois créneaux"
    assert capture.screenshot


# Hours that a script prints are those of the target's zone.


@in_chromium
@pytest.mark.parametrize(
    ("zone", "hour"), [("Europe/Paris", "5:00"), ("Indian/Reunion", "8:00"), ("America/Cayenne", "1:00")]
)
def test_a_script_prints_hours_in_the_zone_of_the_target(
    in_browser: Visitor, site: Site, zone: str, hour: str
) -> None:
    says = (
        "const at = new Date('2027-01-12T04:00:00Z');"
        "document.getElementById('said').textContent = `${at.getHours()}:00`"
    )

    async def walk(session: Session) -> Step:
        return await session.open(site.put("/page", script(says)))

    capture = in_browser.runner.run(visit(in_browser.sessions, walk, zone=zone))
    assert parse(capture.steps[0]).text == hour


# What fails at the server, and what the page then says.


@in_chromium
@pytest.mark.parametrize(("status", "settled"), [(500, False), (503, False), (429, False), (404, True)])
def test_a_page_whose_own_call_failed_is_not_settled(
    in_browser: Visitor, site: Site, status: int, settled: bool
) -> None:
    site.put("/slots", "{}", "application/json", status=status)
    assert in_browser.open(site.put("/page", script("fetch('/slots')"))).settled is settled


@in_chromium
def test_a_page_whose_call_is_cut_off_is_not_settled(in_browser: Visitor, site: Site) -> None:
    script = f"<script>fetch('{site.raw('/reset')}', {{mode: 'no-cors'}}).catch(() => 0)</script>"
    assert in_browser.open(site.put("/page", page(script))).settled is False


# A page that loads itself again.


@in_chromium
@pytest.mark.parametrize(
    "again",
    [
        "<meta http-equiv=refresh content=3>",
        "<script>setTimeout(() => location.reload(), 4000)</script>",
        "<script>setTimeout(() => location.assign(location.href), 1000)</script>",
        "<script>location.reload()</script>",
    ],
)
def test_a_page_that_loads_itself_again_and_again_is_asked_for_twice_and_not_read(
    in_browser: Visitor, site: Site, again: str
) -> None:
    turn, address = FreeTurn(), site.put("/page", page(again))
    capture = in_browser(lambda session: session.open(address), turn)
    assert site.asked.count("GET /page") == turn.pages == 2
    step = capture.steps[0]
    assert (step.failure, step.settled, parse(step).text) == (None, False, "Aucun créneau")


@in_chromium
def test_a_page_that_loads_itself_again_once_is_read(in_browser: Visitor, site: Site) -> None:
    once = "if (!document.cookie) { document.cookie = 'seen=1'; location.reload() }" + f"else {{ {SAY} }}"
    turn = FreeTurn()
    capture = in_browser(lambda session: session.open(site.put("/page", script(once))), turn)
    assert (parse(capture.steps[0]).text, capture.steps[0].settled, turn.pages) == ("Trois créneaux", True, 2)
