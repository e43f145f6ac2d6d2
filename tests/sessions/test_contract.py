"""What holds over both transports: the same walk receives the same pages, and meets the same refusals."""

import pytest

from probes.failures import Failure
from probes.model import Session, Transport
from probes.sessions.guard import StopLineCrossed
from tests.sessions.site import PAGES, Site
from tests.sessions.visiting import USER_AGENT, FreeTurn, Visitor


async def tick(session: Session) -> None:
    await session.submit("form#create", {"condition": "on"}, button="nextButton")


def test_it_keeps_the_page_byte_for_byte(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.url("/conditions"))
    assert step.body == (PAGES / "conditions.html").read_bytes()
    assert (step.n, step.action, step.method, step.status, step.failure) == (0, "open", "GET", 200, None)
    assert step.url == step.final_url == site.url("/conditions")
    assert step.started_at <= step.finished_at
    assert step.server_address == "127.0.0.1"


def test_a_page_in_another_charset_keeps_its_bytes(visitor: Visitor, site: Site) -> None:
    assert visitor.open(site.url("/latin")).body == "<p>Étape déjà".encode("latin-1")


def test_it_keeps_listed_headers_only(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.url("/conditions"))
    assert {name for name, _ in step.headers} == {"content-type", "content-length", "server", "date"}
    assert step.header("Content-Type") == "text/html; charset=utf-8"


def test_it_says_who_it_is_and_speaks_french(visitor: Visitor, site: Site) -> None:
    visitor.open(site.url("/conditions"))
    assert site.heads[0]["user-agent"] == USER_AGENT
    assert site.heads[0]["accept-language"] == "fr-FR"


def test_a_walk_submits_a_form_and_follows_to_the_answer(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        await tick(session)

    turn = FreeTurn()
    capture = visitor(walk, turn)
    assert site.asked == ["GET /conditions", "POST /step/0", "GET /answer"]
    assert site.bodies[1] == b"token=abc123&condition=on&nextButton=%C3%89tape+suivante"
    step = capture.steps[1]
    assert (step.n, step.action, step.method, step.status) == (1, "submit", "POST", 200)
    assert (step.url, step.final_url) == (site.url("/step/0"), site.url("/answer"))
    assert step.redirects == (site.url("/answer"),)
    assert b"visite 1" in step.body
    assert turn.pages == 2


def test_each_visit_starts_with_an_empty_jar(visitor: Visitor, site: Site) -> None:
    visitor.open(site.url("/conditions"))
    assert b"visite aucune" in visitor.open(site.url("/answer")).body


def test_a_form_sends_what_a_person_would(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/desks"))
        await session.submit("form#create", {"planning": "2", "lang": "en"}, button="nextButton")

    visitor(walk)
    assert site.bodies[1] == b"planning=2&lang=en&note=rien&nextButton=Suite"


def test_a_get_form_asks_with_its_fields(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/get-form"))
        step = await session.submit("form#create", {})
        assert (step.method, step.url) == ("GET", site.url("/echo?a=%C3%A9"))

    assert visitor(walk).steps[1].failure is None


def test_a_multipart_form_stays_one(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/multipart"))
        await session.submit("form#create", {})

    visitor(walk)
    assert site.heads[1]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="a"\r\n\r\né\r\n'.encode() in site.bodies[1]


def test_a_redirect_that_keeps_the_method_posts_again(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/to?to=/conditions&code=307"))
        await tick(session)

    assert visitor(walk).steps[0].redirects == (site.url("/conditions"),)
    assert site.asked[-2:] == ["POST /step/0", "GET /answer"]


@pytest.mark.parametrize(
    ("selector", "values", "button", "said"),
    [
        ("form#motif", {"motif": "20"}, None, "no form form#motif"),
        ("form#create", {"planning": "9"}, None, "no usable field planning"),
        ("form#create", {}, "absent", "no usable button absent"),
    ],
)
def test_a_form_that_is_not_there_ends_the_visit(
    visitor: Visitor, site: Site, selector: str, values: dict[str, str], button: str | None, said: str
) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        await session.submit(selector, values, button=button)

    step = visitor(walk).steps[1]
    assert step.failure is Failure.FORM_MISSING
    assert said in step.detail
    assert site.asked == ["GET /conditions"]


@pytest.mark.parametrize(
    ("path", "failure", "status"),
    [
        ("/429", Failure.HTTP_429, 429),
        ("/502", Failure.HTTP_502, 502),
        ("/503", Failure.HTTP_503, 503),
        ("/204", Failure.EMPTY_BODY, 204),
        ("/empty", Failure.EMPTY_BODY, 200),
        ("/blank", Failure.EMPTY_BODY, 200),
        ("/file", Failure.INVALID_RESPONSE, 200),
        ("/pdf", Failure.INVALID_RESPONSE, 200),
        ("/huge", Failure.BODY_TOO_LARGE, 200),
        ("/loop", Failure.TOO_MANY_REDIRECTS, 302),
        ("/to?to=/off/limits", Failure.OFF_LIMITS, 302),
        ("/to?to=http://10.0.0.1/", Failure.HOST_NOT_ALLOWED, 302),
        ("/to?to=https://elsewhere.example/", Failure.HOST_NOT_ALLOWED, 302),
        ("/to?to=file:///etc/passwd", Failure.HOST_NOT_ALLOWED, 302),
    ],
)
def test_an_answer_that_is_no_page_ends_the_visit(
    visitor: Visitor, site: Site, path: str, failure: Failure, status: int
) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url(path))
        raise AssertionError("the visit should be over")

    (step,) = visitor(walk).steps
    assert (step.failure, step.status) == (failure, status)
    assert not any("/off/" in asked for asked in site.asked)


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        ("/truncated", Failure.TRUNCATED),
        ("/chunked-short", Failure.TRUNCATED),
        ("/huge-chunked", Failure.BODY_TOO_LARGE),
        ("/bad-gzip", Failure.INVALID_RESPONSE),
        ("/garbage", Failure.INVALID_RESPONSE),
        ("/dropped", Failure.CONNECTION_LOST),
        pytest.param("/hang", Failure.READ_TIMEOUT, marks=pytest.mark.slow),
        pytest.param("/hang-in-body", Failure.READ_TIMEOUT, marks=pytest.mark.slow),
    ],
)
def test_a_broken_answer_is_named(visitor: Visitor, site: Site, path: str, failure: Failure) -> None:
    assert visitor.open(site.raw(path)).failure is failure


def test_what_came_of_a_truncated_page_is_kept(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.raw("/truncated"))
    assert (step.status, step.body) == (200, b"<p>cou")


def test_a_refused_retry_says_when_to_come_back(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.url("/429"))
    assert step.header("Retry-After") == "120"
    assert step.body == b"doucement"


def test_a_redirect_that_goes_on_too_long_is_left_at_the_eighth(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.url("/loop"))
    assert len(site.asked) == 9
    assert len(step.redirects) == 9


def test_the_location_of_a_redirect_is_kept_without_its_query(visitor: Visitor, site: Site) -> None:
    step = visitor.open(site.url("/to?to=/off/limits%3Ftoken=abc"))
    assert step.header("location") in ("/off/limits", site.url("/off/limits"))
    assert "abc" not in step.detail


def test_a_server_that_is_not_there_is_a_connect_error(visitor: Visitor, free_port: int) -> None:
    step = visitor.open(f"http://site.localhost:{free_port}/")
    assert (step.failure, step.status) == (Failure.CONNECT_ERROR, None)


def test_a_certificate_nobody_vouches_for_is_a_tls_error(visitor: Visitor, untrusted_site: Site) -> None:
    step = visitor.open(untrusted_site.url("/conditions"))
    assert (step.failure, step.body) == (Failure.TLS_ERROR, b"")
    assert untrusted_site.asked == []


def test_a_host_outside_the_allow_list_is_not_asked_and_costs_no_page(visitor: Visitor) -> None:
    turn = FreeTurn()
    (step,) = visitor(lambda session: session.open("https://elsewhere.example/"), turn).steps
    assert step.failure is Failure.HOST_NOT_ALLOWED
    assert turn.pages == 0


def test_a_form_that_leads_off_limits_is_not_sent(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/off-form"))
        await session.submit("form#create", {})

    step = visitor(walk).steps[1]
    assert (step.failure, step.url) == (Failure.OFF_LIMITS, site.url("/off/limits"))
    assert site.asked == ["GET /off-form"]


def test_a_form_on_a_page_where_it_may_not_be_submitted_is_left_alone(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        await session.submit("form[id='create']", {})

    turn = FreeTurn()
    step = visitor(walk, turn).steps[1]
    assert (step.failure, step.action) == (Failure.OFF_LIMITS, "submit")
    assert site.asked == ["GET /conditions"]
    assert turn.pages == 1


def test_a_walk_that_asks_for_what_is_off_limits_is_our_fault(visitor: Visitor, site: Site) -> None:
    with pytest.raises(StopLineCrossed):
        visitor.open(site.url("/off/limits"))
    assert site.asked == []


@pytest.mark.parametrize("values", [{"nom": "Dupont"}, {"planning": "un"}])
def test_a_walk_that_types_what_is_not_declared_is_our_fault(
    visitor: Visitor, site: Site, values: dict[str, str]
) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        await session.submit("form#create", values)

    with pytest.raises(StopLineCrossed):
        visitor(walk)
    assert site.asked == ["GET /conditions"]


def test_a_walk_that_submits_before_it_opened_is_our_fault(visitor: Visitor) -> None:
    with pytest.raises(RuntimeError, match="only on a page it opened"):
        visitor(tick)


def test_a_visit_that_is_over_asks_for_nothing_more(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        for path in ("/429", "/answer"):
            try:
                await session.open(site.url(path))
            finally:
                await session.open(site.url("/conditions"))

    assert len(visitor(walk).steps) == 1
    assert site.asked == ["GET /429"]


def test_a_capture_is_asked_for_after_the_visit(visitor: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        with pytest.raises(RuntimeError, match="only after"):
            session.capture()  # type: ignore[attr-defined]

    assert visitor(walk).steps == ()


def test_a_walk_that_breaks_leaves_what_it_received(visitor: Visitor, site: Site) -> None:
    sessions: list[Session] = []

    async def walk(session: Session) -> None:
        sessions.append(session)
        await session.open(site.url("/conditions"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        visitor(walk)
    assert len(sessions[0].capture().steps) == 1  # type: ignore[attr-defined]


def test_a_capture_names_its_transport(visitor: Visitor, site: Site) -> None:
    capture = visitor(lambda session: session.open(site.url("/conditions")))
    browser = capture.transport is Transport.BROWSER
    assert (capture.screenshot is not None) == browser
    assert (capture.steps[0].rendered is not None) == browser
