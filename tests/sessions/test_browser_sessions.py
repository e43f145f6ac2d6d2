import asyncio
import os
import re
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Error
from selectolax.lexbor import LexborHTMLParser

from probes.failures import Failure
from probes.model import Session, VisitOver
from probes.pages.page import parse
from probes.sessions.browser.chrome import Chrome, resolver_rules
from probes.sessions.browser.executable import CANDIDATES, find_executable
from probes.sessions.browser.session import BrowserSessions, BrowserUnavailable
from probes.sessions.guard import Allowance, StopLineCrossed
from tests.sessions.site import PAGES, Site
from tests.sessions.visiting import HERE, LIMITS, FreeTurn, Secure, Visitor, visit

pytestmark = pytest.mark.browser


def rendered(visitor: Visitor, url: str) -> str:
    html = visitor.open(url).rendered
    assert html is not None
    return html


def test_what_rules_write_beside_words_is_read_with_them(in_browser: Visitor, site: Site) -> None:
    shown = LexborHTMLParser(rendered(in_browser, site.url("/inscribed")))
    told = [node.text(separator=" ").strip() for node in shown.css("button, section, nav")]
    assert told == ["9h00 COMPLET", "PRIS 10h00", "11h00", "12h00", "Fin IMBRIQUÉ", "MENU OUVERT Liens"]
    marked = [" ".join(node.text(separator=" ").split()) for node in shown.css("li")]
    assert marked == [
        *("Exemple : un", "Archive deux", "[…] trois", "Non quatre", "cinq"),
        *("[…] six", "Faux : sept", "huit"),
    ]


def another(visitor: Visitor, **changes: object) -> BrowserSessions:
    """Sessions like the visitor's, in a browser of their own."""
    assert isinstance(visitor.sessions, BrowserSessions)
    return replace(visitor.sessions, **changes)  # type: ignore[arg-type]


def test_it_renders_what_a_person_sees_and_nothing_else(in_browser: Visitor, site: Site) -> None:
    page = (PAGES / "hidden.html").read_text(encoding="utf-8")
    html = rendered(in_browser, site.url("/hidden"))
    seen = {word.strip('"') for word in html.replace("<", " ").replace(">", " ").split() if "VU-" in word}
    assert "CACHE" not in html
    assert len(seen) == page.count("VU-") - page.count("VU-donnees") + 1


def test_it_keeps_title_and_data_and_drops_what_only_programs_read(in_browser: Visitor, site: Site) -> None:
    html = rendered(in_browser, site.url("/hidden"))
    assert "<title>Titre</title>" in html
    assert '<script type="application/json" id="vui-init-data">{"a": "VU-donnees"}</script>' in html
    assert "style=" not in html
    assert not re.search(r"\shidden\b", html)


def test_it_shows_the_present_state_of_controls(in_browser: Visitor, site: Site) -> None:
    html = rendered(in_browser, site.url("/hidden"))
    assert '<input type="checkbox" id="c" checked="">' in html
    assert '<button id="b" disabled="">' in html
    assert '<option value="1" selected="">VU-un</option><option value="2">' in html


def test_a_page_under_a_veil_is_read_as_covered(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.url("/covered"))
    assert step.rendered is not None
    assert step.rendered.count("position:fixed;inset:0") == 1
    assert parse(step).covered


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        ("<iframe srcdoc='<p>3 plages libres'></iframe>", True),
        ("<iframe srcdoc='<p>3 plages libres' width=1 height=1></iframe>", False),
        ("<style>iframe { display: none }</style><iframe srcdoc='<p>3 plages libres'></iframe>", False),
        ("<iframe></iframe>", False),
    ],
)
def test_a_frame_that_a_person_sees_is_named_as_unread(
    in_browser: Visitor, site: Site, frame: str, shown: bool
) -> None:
    step = in_browser.open(site.put("/framed", f"<p>Complet</p>{frame}"))
    assert step.rendered is not None
    assert parse(step).unread == (("about:srcdoc",) if shown else ())


def test_it_waits_for_what_the_walk_waits_for(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.url("/late"))
    assert "arrivé" in (step.rendered or "")
    assert b"patience" in step.body


def test_it_waits_no_longer_than_the_settle_time(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.url("/answer"))
    assert step.failure is None
    assert step.finished_at - step.started_at < timedelta(seconds=6)


def test_a_page_that_moves_on_is_followed_to_where_it_ends(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.url("/onward"))
    assert step.final_url == site.url("/answer")
    assert step.redirects == (site.url("/answer"),)
    assert b"id=ok" in step.body
    assert step.server_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        ("/moved", Failure.OFF_LIMITS),
        ("/posting", Failure.OFF_LIMITS),
        ("/reloading", Failure.TOO_MANY_REDIRECTS),
        ("/huge-dom", Failure.BODY_TOO_LARGE),
    ],
)
def test_scripts_keep_the_stop_line_too(in_browser: Visitor, site: Site, path: str, failure: Failure) -> None:
    assert in_browser.open(site.url(path)).failure is failure
    assert not any(asked.startswith("POST") or "/off/" in asked for asked in site.asked)
    assert len(site.asked) <= LIMITS.redirects + 1


def test_a_page_that_answers_a_form_sends_none_by_itself(in_browser: Visitor, site: Site) -> None:
    by_itself = (
        "<form id=own method=post action=/echo><input name=a value=1></form><script>own.submit()</script>"
    )
    site.put("/answered", by_itself)
    form = "<form id=create method=post action=/answered><input name=nextButton type=submit></form>"

    async def walk(session: Session) -> None:
        await session.open(site.put("/asking", form))
        await session.submit("form#create", {}, button="nextButton")

    assert [step.failure for step in in_browser(walk).steps] == [None, Failure.OFF_LIMITS]
    assert site.asked == ["GET /asking", "POST /answered"]


def test_between_two_steps_a_page_goes_nowhere(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/drifting"))
        await asyncio.sleep(0.6)
        await session.open(site.url("/answer"))

    assert [step.failure for step in in_browser(walk).steps] == [None, None]
    assert site.asked == ["GET /drifting", "GET /answer"]


def test_alerts_are_dismissed_and_kept(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/alert"))
        await session.submit("form#motif", {"motif": "20"}, button="Continuer")

    step = in_browser(walk).steps[1]
    assert step.dialogs == ("Aucun rendez-vous n'est possible",)
    assert (step.status, step.body, step.failure) == (None, b"", None)
    assert "checked" in (step.rendered or "")
    assert site.asked == ["GET /alert"]


def test_a_page_full_of_alerts_is_read_all_the_same(in_browser: Visitor, site: Site) -> None:
    step = in_browser.open(site.url("/alerts"))
    assert step.dialogs[:2] == ("alerte 1", "alerte 2")
    assert len(step.dialogs) == 20
    assert "après" in (step.rendered or "")


def test_a_control_unfolds_more_of_the_page(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/calendar"))
        await session.unfold("#day")

    step = in_browser(walk).steps[1]
    assert (step.action, step.failure) == ("unfold", None)
    assert "mars 2026" in (step.rendered or "")


def test_a_link_is_no_control(in_browser: Visitor, site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(site.url("/calendar"))
        await session.unfold("#away")

    assert in_browser(walk).steps[1].failure is Failure.FORM_MISSING
    assert site.asked == ["GET /calendar"]


def test_an_undeclared_control_is_our_fault(in_browser: Visitor, site: Site) -> None:
    with pytest.raises(StopLineCrossed):
        in_browser(lambda session: session.unfold("#slot"))


def test_calls_are_left_to_the_page(in_browser: Visitor, site: Site) -> None:
    with pytest.raises(StopLineCrossed, match="pages make their own calls"):
        in_browser(lambda session: session.call(site.url("/echo"), {"days": 7}))


def test_a_hostile_page_reaches_nothing_and_is_read(in_browser: Visitor, site: Site) -> None:
    html = rendered(in_browser, site.url("/hostile"))
    assert "<title>Hostile</title>" in html
    assert "<h1>Hostile</h1>" in html
    assert site.asked == ["GET /hostile"]


def test_a_page_that_never_stops_working_ends_at_the_deadline(in_browser: Visitor, site: Site) -> None:
    sessions = another(in_browser, limits=replace(LIMITS, visit=timedelta(seconds=2)))

    async def walk() -> Failure | None:
        try:
            step = (await visit(sessions, lambda session: session.open(site.url("/spin")))).steps[0]
            after = await visit(sessions, lambda session: session.open(site.url("/answer")))
            assert after.steps[0].failure is None
            return step.failure
        finally:
            await sessions.close()

    assert in_browser.runner.run(walk()) is Failure.DEADLINE_EXCEEDED


def test_the_screenshot_shows_the_last_page(in_browser: Visitor, site: Site) -> None:
    capture = in_browser(lambda session: session.open(site.url("/conditions")))
    assert capture.screenshot is not None
    assert capture.screenshot.startswith(b"\xff\xd8\xff")
    width, height = _jpeg_size(capture.screenshot)
    assert (width, height) == (1280, 900)


def _jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height, from the frame header."""
    at = 2
    while jpeg[at + 1] not in (0xC0, 0xC2):
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")


@pytest.mark.parametrize("path", ["/502", "/to?to=/off/limits"])
def test_a_page_that_was_not_seen_has_no_picture(in_browser: Visitor, site: Site, path: str) -> None:
    capture = in_browser(lambda session: session.open(site.url(path)))
    assert (capture.screenshot, capture.steps[0].rendered) == (None, None)


def test_an_error_page_with_words_has_its_picture(in_browser: Visitor, site: Site) -> None:
    capture = in_browser(lambda session: session.open(site.url("/503")))
    assert capture.screenshot is not None
    assert "Service surchargé" in (capture.steps[0].rendered or "")


def test_it_records_the_certificate_it_was_shown(
    in_browser: Visitor, secure: Secure, secure_site: Site
) -> None:
    step = in_browser.open(secure_site.url("/conditions"))
    assert (step.failure, step.tls_sha256) == (None, secure.sha256)


def test_a_form_of_a_secure_page_is_not_sent_in_the_clear(in_browser: Visitor, secure_site: Site) -> None:
    async def walk(session: Session) -> None:
        await session.open(secure_site.url("/insecure-form"))
        await session.submit("form#create", {})

    step = in_browser(walk).steps[1]
    assert (step.failure, step.url) == (None, secure_site.url("/echo"))


class Resolve:
    """A name server with one answer."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def __call__(self, host: str) -> Sequence[str]:
        return [self._address]


def prefecture(visitor: Visitor, site: Site, secure: Secure, address: str) -> BrowserSessions:
    """Chromium finds `www.prefecture.example` on this machine, whatever our own resolver was told."""
    return another(
        visitor,
        allowance=Allowance(frozenset({"www.prefecture.example"})),
        resolve=Resolve(address),
        arguments=(
            f"--ignore-certificate-errors-spki-list={secure.spki}",
            f"--host-resolver-rules=MAP www.prefecture.example 127.0.0.1:{site.port}",
        ),
    )


async def opened(sessions: BrowserSessions, url: str) -> Failure | None:
    try:
        capture = await visit(sessions, lambda session: session.open(url))
    finally:
        await sessions.close()
    assert capture.steps[0].body == b""
    return capture.steps[0].failure


def test_a_host_at_a_private_address_is_not_asked(
    in_browser: Visitor, secure_site: Site, secure: Secure
) -> None:
    sessions = prefecture(in_browser, secure_site, secure, "10.0.0.5")
    failure = in_browser.runner.run(opened(sessions, "https://www.prefecture.example/conditions"))
    assert failure is Failure.ADDRESS_REFUSED
    assert secure_site.asked == []


def test_a_name_rebound_after_it_was_vetted_is_found_out(
    in_browser: Visitor, secure_site: Site, secure: Secure
) -> None:
    sessions = prefecture(in_browser, secure_site, secure, "8.8.8.8")
    failure = in_browser.runner.run(opened(sessions, "https://www.prefecture.example/conditions"))
    assert failure is Failure.ADDRESS_REFUSED


def test_a_name_that_does_not_resolve_is_a_dns_error(in_browser: Visitor) -> None:
    sessions = another(in_browser, allowance=Allowance(frozenset({"no-such-host.invalid"})))
    assert in_browser.runner.run(opened(sessions, "https://no-such-host.invalid/")) is Failure.DNS_ERROR


def test_chromium_itself_resolves_the_targets_hosts_only() -> None:
    allowance = Allowance(frozenset({"b.example", "a.example"}))
    assert resolver_rules(allowance) == "MAP * ~NOTFOUND, EXCLUDE a.example, EXCLUDE b.example"
    assert resolver_rules(HERE).endswith("EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1")


def test_chromium_itself_reaches_neither_this_machine_nor_bare_addresses(
    in_browser: Visitor, site: Site
) -> None:
    urls = [
        site.url("/"),
        f"http://127.0.0.1:{site.port}/",
        f"http://[::1]:{site.port}/",
        "http://169.254.169.254/",
    ]

    async def tried() -> list[str]:
        chrome = await Chrome.launch(find_executable(), Allowance(frozenset({"a.example"})), ())
        page = await (await chrome.new_context("test", "Europe/Paris")).new_page()
        said = []
        for url in urls:
            with pytest.raises(Error) as refused:
                await page.goto(url)
            said.append(refused.value.message)
        await chrome.close()
        return said

    assert all("ERR_NAME_NOT_RESOLVED" in said for said in in_browser.runner.run(tried()))
    assert site.asked == []


def test_visits_may_be_made_at_the_same_time(in_browser: Visitor, site: Site) -> None:
    async def several() -> list[bytes]:
        walks = [
            visit(in_browser.sessions, lambda session: session.open(site.url("/answer"))) for _ in range(3)
        ]
        return [capture.steps[0].body for capture in await asyncio.gather(*walks)]

    assert (
        in_browser.runner.run(several()) == [b"<title>R\xc3\xa9ponse</title><p id=ok>visite aucune</p>"] * 3
    )


def test_a_browser_that_dies_in_a_visit_is_a_result_and_the_next_visit_has_another(
    in_browser: Visitor, site: Site
) -> None:
    sessions = another(in_browser)

    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        assert sessions._chrome is not None
        os.killpg(sessions._chrome.group, signal.SIGKILL)
        await session.open(site.url("/answer"))

    async def both() -> list[Failure | None]:
        try:
            first = await visit(sessions, walk)
            second = await visit(sessions, lambda session: session.open(site.url("/answer")))
            return [step.failure for step in (*first.steps, *second.steps)]
        finally:
            await sessions.close()

    assert in_browser.runner.run(both()) == [None, Failure.BROWSER_CRASHED, None]


def test_a_driver_that_dies_in_a_visit_is_a_result_too(in_browser: Visitor, site: Site) -> None:
    sessions = another(in_browser)

    async def walk(session: Session) -> None:
        await session.open(site.url("/conditions"))
        assert sessions._chrome is not None
        os.kill(sessions._chrome.driver, signal.SIGKILL)
        await session.open(site.url("/answer"))

    async def both() -> list[Failure | None]:
        try:
            first = await visit(sessions, walk)
            second = await visit(sessions, lambda session: session.open(site.url("/answer")))
            return [step.failure for step in (*first.steps, *second.steps)]
        finally:
            await sessions.close()

    assert in_browser.runner.run(both()) == [None, Failure.BROWSER_CRASHED, None]


def test_a_cancelled_visit_leaves_nothing_open(in_browser: Visitor, site: Site) -> None:
    async def cancelled() -> int:
        task = asyncio.create_task(
            visit(in_browser.sessions, lambda session: session.open(site.raw("/hang")))
        )
        await asyncio.sleep(0.5)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert isinstance(in_browser.sessions, BrowserSessions)
        assert in_browser.sessions._chrome is not None
        return len(in_browser.sessions._chrome._browser.contexts)

    assert in_browser.runner.run(cancelled()) == 0


def test_a_browser_that_cannot_be_started_says_how_to_mend_it(in_browser: Visitor, tmp_path: Path) -> None:
    sessions = another(in_browser, executable=tmp_path / "nowhere")
    with pytest.raises(
        BrowserUnavailable, match="install the package chromium-headless-shell, or set the path"
    ):
        in_browser.runner.run(sessions.start())


def test_a_driver_that_cannot_be_started_says_how_to_mend_it(
    in_browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/bin/false")
    with pytest.raises(BrowserUnavailable, match=r"driver does not start .* install the package libatomic1"):
        in_browser.runner.run(another(in_browser).start())


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root is refused a sandbox, which shows whether one was asked for"
)
def test_the_sandbox_is_asked_for_unless_the_settings_say_otherwise(
    in_browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        BrowserUnavailable, match="finds no sandbox for this user: install the package chromium-sandbox"
    ):
        in_browser.runner.run(another(in_browser).start())

    async def without() -> str:
        sessions = another(in_browser, sandbox=False)
        await sessions.start()
        await sessions.close()
        return sessions.software

    assert in_browser.runner.run(without()).startswith("Chromium ")


def test_the_setting_goes_before_the_packages(tmp_path: Path) -> None:
    assert find_executable(tmp_path) == tmp_path
    assert find_executable() in (*CANDIDATES, None)


def test_it_tells_its_name_and_version(in_browser: Visitor) -> None:
    assert isinstance(in_browser.sessions, BrowserSessions)
    assert in_browser.sessions.software.startswith("Chromium 1")


def test_a_visit_over_asks_for_nothing_more_after_its_end(in_browser: Visitor, site: Site) -> None:
    kept: list[Session] = []

    async def walk(session: Session) -> None:
        kept.append(session)

    in_browser(walk)
    with pytest.raises(VisitOver, match="has ended"):
        in_browser.runner.run(_again(kept[0], site))


async def _again(session: Session, site: Site) -> None:
    await session.open(site.url("/answer"))


def test_every_page_waits_for_its_turn(in_browser: Visitor, site: Site) -> None:
    class Refusing(FreeTurn):
        async def page(self) -> None:
            raise TimeoutError("not now")

    with pytest.raises(TimeoutError, match="not now"):
        in_browser(lambda session: session.open(site.url("/answer")), Refusing())
    assert site.asked == []
