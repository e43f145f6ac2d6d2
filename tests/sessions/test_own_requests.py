"""Whatever a page tries, the site is asked only for declared pages and for the files pages are made of."""

from __future__ import annotations

import pytest

from probes.model import Session
from probes.sessions.browser.own_requests import (
    MOST_ALIKE,
    MOST_CALLS,
    MOST_LISTED,
    MOST_REQUESTS,
    OwnRequest,
    OwnRequests,
)
from probes.sessions.guard import StopLineGuard
from probes.simulator.render import render
from probes.stop_line import StopLine
from tests.sessions.site import Site
from tests.sessions.visiting import HERE, Visitor

HOST = "http://site.localhost:1"
LINE = StopLineGuard(StopLine(paths=(r"/create/\d+(?:/[0-4])?", "/"), scripts=(r"/app/dwr/call/\w+\.dwr",)))


@pytest.mark.browser
def test_no_way_leads_a_page_to_what_is_not_declared(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.put("/ways", f"<!doctype html>{render('hostile.html', off='/off')}"))
        await session.open(site.url("/answer"))

    first, second = in_browser(walk).steps
    assert (first.failure, second.failure) == (None, None)
    assert [asked for asked in site.asked if "/off/" in asked] == []
    assert "POST /answer" not in site.asked
    assert f"GET {site.url('/off/fetch')}" in first.refused
    assert f"POST {site.url('/off/beacon')}" in first.refused


@pytest.mark.browser
def test_what_a_page_is_made_of_is_fetched(in_browser: Visitor, site: Site) -> None:
    page = "<link rel=stylesheet href=/a/style.css><img src=/a/i.png><script src=/a/s.js></script><p>vu</p>"
    step = in_browser.open(site.put("/page", page))
    assert {"GET /a/style.css", "GET /a/i.png", "GET /a/s.js"} <= set(site.asked)
    assert (step.refused, step.settled) == ((), True)


@pytest.mark.parametrize(
    ("kind", "method", "path", "may"),
    [
        ("Script", "GET", "/js/app.js", True),
        ("Script", "GET", "/js/app.js;jsessionid=A1.b-2?v=3", True),
        ("Image", "GET", "/logo.PNG", True),
        ("Stylesheet", "GET", "/a/b.css?v=1", True),
        ("Font", "GET", "/f.woff2", True),
        ("Media", "GET", "/f.mp4", True),
        ("TextTrack", "GET", "/f.vtt", True),
        ("Fetch", "POST", "/app/dwr/call/motives.dwr", True),
        ("EventSource", "GET", "/create/12", True),
        ("Image", "GET", "/create/12/3", True),
        ("Image", "POST", "/logo.png", False),
        ("Image", "GET", "/create/12/5/1700000000", False),
        ("Image", "GET", "/create/12/5/a.png", False),
        ("Script", "GET", "/create/12/x.js", False),
        ("Script", "GET", "/confirm.do", False),
        ("Script", "GET", "/confirm.do;a.js", False),
        ("Script", "GET", "/confirm?a=b.js", False),
        ("Image", "GET", "/a/%2e%2e/b.png", False),
        ("Image", "GET", "/create%2f12/5.png", False),
        ("XHR", "GET", "/logo.png", False),
        ("XHR", "GET", "/create/12", True),
        ("XHR", "POST", "/create/12", False),
        ("XHR", "POST", "/app/dwr/call/motives.dwr", True),
        ("XHR", "POST", "/app/dwr/call/../../confirm.dwr", False),
        ("Script", "GET", "/app/dwr/call/motives.dwr", True),
        ("Other", "GET", "/create/12", True),
        ("Ping", "POST", "/create/12", False),
        ("Ping", "POST", "/app/dwr/call/motives.dwr", False),
        ("Prefetch", "GET", "/create/12", False),
        ("WebSocket", "GET", "/create/12", False),
        ("CSPViolationReport", "POST", "/app/dwr/call/motives.dwr", False),
        ("Preflight", "OPTIONS", "/app/dwr/call/motives.dwr", False),
    ],
)
def test_files_and_declared_calls_may_be_asked_for(kind: str, method: str, path: str, may: bool) -> None:
    own = OwnRequests(LINE, HERE)
    assert own.admit(OwnRequest(HOST + path, method, kind)) is may
    assert own.refused == ([] if may else [f"{method} {HOST}{path}"])


@pytest.mark.parametrize(
    ("address", "lacking"),
    [("https://elsewhere.example/a", True), ("https://fonts.googleapis.com/css2", False)],
)
@pytest.mark.parametrize("kind", ["Stylesheet", "Script", "XHR", "Fetch", "EventSource"])
def test_a_page_lacks_what_another_host_is_not_asked_for_unless_it_says_nothing_of_slots(
    kind: str, address: str, lacking: bool
) -> None:
    own = OwnRequests(LINE, HERE)
    assert not own.admit(OwnRequest(address, "GET", kind))
    assert (own.lacking, len(own.refused)) == (lacking, 1)


def test_a_page_is_told_when_it_lacks_what_it_asked_of_its_site() -> None:
    own = OwnRequests(LINE, HERE)
    own.admit(OwnRequest(f"{HOST}/style", "GET", "Stylesheet"))
    assert (own.style_refused, own.call_refused) == (True, False)
    own.admit(OwnRequest(f"{HOST}/slots", "GET", "XHR"))
    assert own.call_refused
    own.forget()
    assert (own.style_refused, own.call_refused, len(own.refused)) == (False, False, 2)


def test_the_list_of_what_was_refused_is_bounded() -> None:
    own = OwnRequests(LINE, HERE)
    for n in range(MOST_LISTED * 2):
        own.admit(OwnRequest(f"{HOST}/x{n}", "POST", "Ping"))
    assert len(own.refused) == MOST_LISTED


def call(n: int = 0, *, body: str = "", kind: str = "XHR") -> OwnRequest:
    return OwnRequest(f"{HOST}/app/dwr/call/c{n}.dwr", "POST", kind, body)


def test_the_same_call_may_be_made_twice_and_another_body_is_another_call() -> None:
    own = OwnRequests(LINE, HERE)
    assert [own.admit(call()) for _ in range(3)] == [True, True, False]
    assert (own.call_refused, own.call_unanswered, own.asked_too_often, own.style_refused) == (
        True,
        False,
        False,
        False,
    )
    assert own.admit(call(body="page=2"))
    assert own.call_refused
    assert MOST_ALIKE == 2


def test_a_page_that_calls_on_and_on_asked_too_often() -> None:
    own = OwnRequests(LINE, HERE)
    assert [own.admit(call(n)) for n in range(MOST_CALLS)] == [True] * 20
    assert (own.asked_too_often, own.call_refused) == (False, False)
    assert not own.admit(call(MOST_CALLS))
    assert (own.asked_too_often, own.call_refused, own.call_unanswered) == (True, True, False)
    own.forget()
    assert (own.asked_too_often, own.call_refused, own.pending) == (False, False, [])
    assert own.admit(OwnRequest(f"{HOST}/a.css", "GET", "Stylesheet"))


def test_a_page_of_too_many_files_asked_too_often_too() -> None:
    own = OwnRequests(LINE, HERE)
    assert all(own.admit(OwnRequest(f"{HOST}/a.png", "GET", "Image")) for n in range(MOST_REQUESTS))
    assert (own.asked_too_often, MOST_REQUESTS) == (False, 200)
    assert not own.admit(OwnRequest(f"{HOST}/a.css", "GET", "Stylesheet"))
    assert (own.asked_too_often, own.style_refused, own.call_refused) == (True, True, False)


def test_what_may_still_change_the_page_is_waited_for() -> None:
    own = OwnRequests(LINE, HERE)
    for kind, path in (
        ("Stylesheet", "/a.css"),
        ("Script", "/a.js"),
        ("Image", "/a.png"),
        ("Font", "/a.woff"),
    ):
        own.admit(OwnRequest(HOST + path, "GET", kind))
    for n, kind in enumerate(("XHR", "Fetch", "EventSource", "Other")):
        own.admit(call(n, kind=kind))
    calls = [f"{HOST}/app/dwr/call/c{n}.dwr" for n in range(4)]
    assert own.pending == [f"{HOST}/a.css", f"{HOST}/a.js", *calls]


@pytest.mark.parametrize(
    ("kind", "lacks"),
    [
        ("Stylesheet", "style_refused"),
        ("Script", "style_refused"),
        ("Image", ""),
        ("XHR", "call_refused call_unanswered"),
        ("Fetch", "call_refused call_unanswered"),
        ("Ping", ""),
    ],
)
def test_what_a_page_lacks_stays_noted_until_another_comes(kind: str, lacks: str) -> None:
    own = OwnRequests(LINE, HERE)
    own.admit(OwnRequest(f"{HOST}/take", "GET", kind))
    own.admit(OwnRequest(f"{HOST}/take.png", "POST", "Image"))
    noted = {
        name
        for name in ("style_refused", "call_refused", "call_unanswered", "asked_too_often")
        if getattr(own, name)
    }
    assert noted == set(lacks.split())
    own.forget()
    assert (own.style_refused, own.call_refused, own.call_unanswered) == (False, False, False)


def test_a_request_that_is_refused_again_is_listed_once_without_its_fragment() -> None:
    own = OwnRequests(LINE, HERE)
    for part in ("", "#a", "#b"):
        own.refuse("GET", f"{HOST}/x?y=1{part}")
    assert own.refused == [f"GET {HOST}/x?y=1"]
