import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpcore
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.clock import SimulatedClock, SystemClock
from probes.failures import Failure
from probes.model import Session
from probes.sessions.guard import Allowance, StopLineCrossed
from probes.sessions.http.network import GuardedBackend
from probes.sessions.http.session import HttpSessions
from probes.sessions.pace import HostPolicy, InMemoryHostStates, NoSwitches, NotNow, Pace, PacePolicy
from probes.sessions.visit import Limits
from tests.sessions.site import Site
from tests.sessions.visiting import HERE, LIMITS, NOON, STOP_LINE, USER_AGENT, Secure, Visitor, visit


def sessions(allowance: Allowance = HERE, **more: object) -> HttpSessions:
    settings = {"user_agent": USER_AGENT, "clock": SystemClock(), "limits": LIMITS, **more}
    return HttpSessions(allowance=allowance, **settings)  # type: ignore[arg-type]


async def _conditions(request: Request) -> Response:
    if request.method == "POST":
        return RedirectResponse("/answer", 302)
    return HTMLResponse("<form id=create method=post><input type=checkbox name=condition></form>")


async def _answer(request: Request) -> Response:
    return HTMLResponse(f"<p>{request.url.hostname}")


APP = Starlette(
    routes=[Route("/conditions", _conditions, methods=["GET", "POST"]), Route("/answer", _answer)]
)


async def walk(session: Session) -> None:
    await session.open("http://vienne.localhost/conditions")
    await session.submit("form#create", {"condition": "on"})


def test_a_visit_can_be_made_to_an_application_in_process() -> None:
    capture = asyncio.run(visit(sessions(app=APP), walk))
    assert [step.status for step in capture.steps] == [200, 200]
    assert capture.steps[1].body == b"<p>vienne.localhost"
    assert capture.steps[1].server_address is None


def test_simulated_hours_pass_in_no_time() -> None:
    clock = SimulatedClock(NOON)
    policy = PacePolicy(default=HostPolicy(spacing=timedelta(hours=1)))
    pace = Pace(policy, clock, InMemoryHostStates(), NoSwitches())
    made = sessions(app=APP, clock=clock)

    async def one() -> None:
        async with (
            pace.visit(host="vienne.localhost", platform="classic", wait=0) as turn,
            made.visit(stop_line=STOP_LINE, turn=turn) as session,
        ):
            await walk(session)
        second = session.capture().steps[1]
        assert second.started_at == NOON + timedelta(hours=1)

    asyncio.run(one())


def test_a_budget_spent_mid_visit_leaves_what_was_received() -> None:
    pace = Pace(
        PacePolicy(default=HostPolicy(pages_per_day=1)),
        SimulatedClock(NOON),
        InMemoryHostStates(),
        NoSwitches(),
    )

    async def one() -> int:
        async with pace.visit(host="vienne.localhost", platform="classic", wait=0) as turn:
            made = sessions(app=APP, clock=SimulatedClock(NOON)).visit(stop_line=STOP_LINE, turn=turn)
            async with made as session:
                with pytest.raises(NotNow, match="budget_spent"):
                    await walk(session)
        return len(session.capture().steps)

    assert asyncio.run(one()) == 1


def test_pauses_do_not_count_against_the_visits_deadline(site: Site) -> None:
    class Slow:
        async def page(self) -> None:
            await asyncio.sleep(0.6)

    made = sessions(limits=Limits(visit=timedelta(seconds=0.5)))

    async def one() -> None:
        async with made.visit(stop_line=STOP_LINE, turn=Slow()) as session:
            await session.open(site.url("/answer"))

    asyncio.run(one())


def test_a_visit_that_takes_too_long_ends_at_its_deadline(site: Site) -> None:
    made = sessions(limits=Limits(visit=timedelta(seconds=0.3)))
    capture = asyncio.run(visit(made, lambda session: session.open(site.raw("/hang"))))
    assert capture.steps[0].failure is Failure.DEADLINE_EXCEEDED


def test_it_records_the_certificate_it_was_shown(secure: Secure, secure_site: Site) -> None:
    made = sessions(tls=secure.trusting())
    capture = asyncio.run(visit(made, lambda session: session.open(secure_site.url("/conditions"))))
    assert capture.steps[0].tls_sha256 == secure.sha256


def test_a_form_of_a_secure_page_is_not_sent_in_the_clear(secure: Secure, secure_site: Site) -> None:
    async def insecure(session: Session) -> None:
        await session.open(secure_site.url("/insecure-form"))
        await session.submit("form#create", {})

    capture = asyncio.run(visit(sessions(tls=secure.trusting()), insecure))
    assert capture.steps[1].url == secure_site.url("/echo")
    assert capture.steps[1].failure is None


@pytest.mark.parametrize("address", ["10.0.0.5", "::1"])
def test_a_host_at_a_private_address_is_not_asked(site: Site, address: str) -> None:
    async def resolve(host: str) -> Sequence[str]:
        return [address]

    made = sessions(Allowance(frozenset({"intranet.example"}), local=True), resolve=resolve)
    direct = asyncio.run(visit(made, lambda session: session.open("https://intranet.example/")))
    redirected = site.url("/to?to=https://intranet.example/")
    sent_there = asyncio.run(visit(made, lambda session: session.open(redirected)))
    assert direct.steps[0].failure is sent_there.steps[0].failure is Failure.ADDRESS_REFUSED


def test_a_name_that_does_not_resolve_is_a_dns_error() -> None:
    made = sessions(Allowance(frozenset({"no-such-host.invalid"})))
    capture = asyncio.run(visit(made, lambda session: session.open("https://no-such-host.invalid/")))
    assert capture.steps[0].failure is Failure.DNS_ERROR


def test_a_declared_call_is_posted_as_json(over_http: Visitor, site: Site) -> None:
    async def call(session: Session) -> None:
        await session.open(site.url("/answer"))
        await session.call(site.url("/echo"), {"days": 7})

    step = over_http(call).steps[1]
    assert (step.action, step.method, step.status) == ("call", "POST", 200)
    assert site.bodies[1] == b'{"days":7}'
    page = site.url("/answer")
    sent = {name: site.heads[1][name] for name in ("content-type", "accept", "referer", "origin")}
    assert sent == {
        "content-type": "application/json",
        "accept": "application/json",
        "referer": page,
        "origin": page.removesuffix("/answer"),
    }


def test_an_undeclared_call_is_our_fault(over_http: Visitor, site: Site) -> None:
    with pytest.raises(StopLineCrossed):
        over_http(lambda session: session.call(site.url("/echo"), {"name": "Dupont"}))
    assert site.asked == []


def test_nothing_unfolds_without_scripts(over_http: Visitor, site: Site) -> None:
    with pytest.raises(StopLineCrossed, match="no script runs"):
        over_http(lambda session: session.unfold("#day"))


def test_sessions_start_and_close_like_those_of_the_browser() -> None:
    async def cycle() -> None:
        made = sessions(app=APP)
        await made.start()
        await made.close()

    asyncio.run(cycle())


def test_it_names_itself_and_what_it_can_read(over_http: Visitor, site: Site) -> None:
    over_http.open(site.url("/answer"))
    assert site.heads[0]["user-agent"] == USER_AGENT
    assert site.heads[0]["accept-encoding"] == "gzip"
    assert site.heads[0]["accept"].startswith("text/html,")


async def _latin(request: Request) -> Response:
    form = (
        f"<form id=create method={request.query_params['method']} action=/sent><input name=a value=é></form>"
    )
    return Response(form.encode("latin-1"), media_type="text/html; charset=iso-8859-1")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_form_is_sent_in_the_page_s_encoding_and_says_from_where(method: str) -> None:
    sent: list[tuple[str, bytes, str | None]] = []

    async def note(request: Request) -> Response:
        sent.append((request.url.query, await request.body(), request.headers.get("referer")))
        return HTMLResponse("<p>reçu")

    app = Starlette(routes=[Route("/latin", _latin), Route("/sent", note, methods=["GET", "POST"])])
    page = f"http://vienne.localhost/latin?method={method}"

    async def submit(session: Session) -> None:
        await session.open(page)
        await session.submit("form#create", {})

    asyncio.run(visit(sessions(app=app), submit))
    assert sent == [("a=%E9", b"", page) if method == "get" else ("", b"a=%E9", page)]


def test_an_answer_that_is_too_long_leaves_no_part_of_it(site: Site) -> None:
    made = sessions(limits=Limits(body=1_000))
    for size, failure in ((1_000, None), (1_001, Failure.BODY_TOO_LARGE)):
        url = site.put("/long", "x" * size)
        step = asyncio.run(visit(made, lambda session, url=url: session.open(url))).steps[0]  # type: ignore[misc]
        assert (step.failure, len(step.body)) == (failure, 0 if failure else size)


def test_a_server_that_falls_silent_is_waited_for_as_long_as_the_limits_say(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    connect = GuardedBackend.connect_tcp

    async def noted(self: GuardedBackend, host: str, port: int, **more: Any) -> Any:
        waits.append(more["timeout"])
        return await connect(self, host, port, **more)

    monkeypatch.setattr(GuardedBackend, "connect_tcp", noted)
    limits = Limits(connect=timedelta(seconds=7), read=timedelta(seconds=0.2), visit=timedelta(seconds=5))
    capture = asyncio.run(visit(sessions(limits=limits), lambda session: session.open(site.raw("/hang"))))
    assert capture.steps[0].failure is Failure.READ_TIMEOUT
    assert waits == [7]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.DecodingError(""), Failure.INVALID_RESPONSE),
        (httpx.InvalidURL(""), Failure.INVALID_RESPONSE),
        (httpx.CookieConflict(""), Failure.INVALID_RESPONSE),
        (httpx.RemoteProtocolError(""), Failure.INVALID_RESPONSE),
        (httpx.ReadTimeout(""), Failure.READ_TIMEOUT),
        (httpcore.ConnectTimeout(), Failure.CONNECT_TIMEOUT),
        (httpcore.ConnectError(), Failure.CONNECT_ERROR),
        (ConnectionRefusedError(), Failure.CONNECT_ERROR),
    ],
)
def test_what_goes_wrong_far_away_ends_the_visit_by_its_name(error: Exception, failure: Failure) -> None:
    async def fails(scope: object, receive: object, send: object) -> None:
        raise error

    capture = asyncio.run(visit(sessions(app=fails), walk))
    assert [step.failure for step in capture.steps] == [failure]


def test_the_values_of_its_cookies_are_told_so_that_they_can_be_masked(
    over_http: Visitor, site: Site
) -> None:
    told: list[frozenset[str]] = []

    async def ask(session: Session) -> None:
        await session.open(site.url("/conditions"))
        told.append(await session.cookies())  # type: ignore[attr-defined]

    over_http(ask)
    assert told == [frozenset({"1"})]


@pytest.mark.parametrize("value", ["Préfecture".encode(), "Préfecture".encode("latin-1"), b"1"])
def test_a_cookie_that_cannot_be_sent_back_ends_no_visit(value: bytes) -> None:
    sent: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent.extend(given for name, given in scope["headers"] if name == b"cookie")
        headers = [(b"content-type", b"text/html"), (b"set-cookie", b"pref=" + value)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<p>une page</p>"})

    async def twice(session: Session) -> None:
        for _ in range(2):
            await session.open("https://site.localhost/page")

    capture = asyncio.run(visit(sessions(app=app), twice))
    assert [step.failure for step in capture.steps] == [None, None]
    assert sent == ([b"pref=1"] if value == b"1" else [])
