import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.clock import SimulatedClock, SystemClock
from probes.failures import Failure
from probes.model import Session
from probes.sessions.guard import Allowance, StopLineCrossed
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
    assert site.heads[1]["content-type"] == "application/json"


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
