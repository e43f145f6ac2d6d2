"""Mails and pages in a real Chromium, as wide as a desk and as narrow as a phone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.alerts.write import mails
from monitor.alerts.write.mails import Mail
from monitor.alerts.write.stories import Digest, Footer, Story
from monitor.model import Change, Incident, Language
from probes.model import Target

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
HOSTILE = (
    '"><script>alert(1);document.title="run"</script><img src=x onerror="document.title=\'run\'">'
    "</bdi></td></table><svg onload=alert(2)>\u202eexe.\u2066📅\r\nBcc: v@example.org" + "x" * 10_000
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="not installed: chromium"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(params=list(Language))
def every(
    request: pytest.FixtureRequest,
    story: Callable[..., Story],
    week: Digest,
    incidents: tuple[Incident, ...],
    footer: Footer,
    target: Target,
) -> dict[str, Mail]:
    """Every mail in one language, and one made of hostile text."""
    language, paris = request.param, ZoneInfo("Europe/Paris")
    hostile = story(target=replace(target, demarche=HOSTILE, prefecture=HOSTILE), words=HOSTILE)
    return {
        "zero": mails.changes([story()], language, footer),
        "three": mails.changes([story(), story(Change.SLOTS), story(Change.UNSTABLE)], language, footer),
        "milestone": mails.changes([story(Change.MILESTONE, milestone=60)], language, footer),
        "storm": mails.changes([story() for _ in range(40)], language, footer),
        "digest": mails.digest(week, paris, language, footer),
        "operator": mails.operator(incidents, paris, language, footer),
        "confirmation": mails.confirmation("https://vigie.example.org/x", [], language),
        "hostile": mails.changes([hostile], language, footer),
        "hostile storm": mails.changes([hostile] * 8, language, footer),
        "hostile digest": mails.digest(
            replace(week, new=tuple(replace(line, target=hostile.target) for line in week.new)),
            paris,
            language,
            footer,
        ),
        "hostile operator": mails.operator(
            [replace(incidents[0], key=HOSTILE, detail=HOSTILE, targets=(HOSTILE,))], paris, language, footer
        ),
        "hostile confirmation": mails.confirmation("https://vigie.example.org/x", [HOSTILE], language),
    }


@pytest.mark.parametrize("width", [900, 360])
def test_every_mail_fits_the_screen_and_runs_and_fetches_nothing(
    chromium: Browser, every: dict[str, Mail], width: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 700})
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    for name, mail in every.items():
        page.set_content(mail.html)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.title() != "run", name
        assert page.locator("h1").count() == 1, name
        assert page.locator("body").locator("script, img, iframe, svg, [onerror], [onload]").count() == 0, (
            name
        )
    assert asked == []
    page.close()
