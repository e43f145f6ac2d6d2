"""The picture attached to news of a zero: the screenshot of the last visit, with a caption."""

from __future__ import annotations

import logging
from datetime import UTC

from monitor.alerts.write import sentences
from monitor.alerts.write.stories import Picture
from monitor.model import Language, Phase
from monitor.present.framed import framed
from monitor.present.language import moment
from monitor.present.words import of_pages
from monitor.store import Store, StoreError
from monitor.store.record import entries
from probes.model import Capture, Reading, Target
from probes.pages.seen import decided

log = logging.getLogger(__name__)

NUMBERED = {Language.FRENCH: "Relevé", Language.ENGLISH: "Check"}
SAME_INSTANT = {Language.FRENCH: "soit", Language.ENGLISH: "that is"}


def of_row(store: Store, number: int, target: Target, language: Language) -> Picture | None:
    """The screenshot of row `number` with a caption; `None` when there is none or it cannot be read.

    A missing picture is logged only: the mail must leave without it.
    """
    try:
        capture = store.load_capture(number)
        if capture.screenshot is None:
            return None
        reading = _in_force(store, number)
        lines = (*caption(number, capture, target, language), *of_pages(reading, capture, language))
        jpeg = framed(capture.screenshot, lines, decided(reading, capture), language=language)
    except (OSError, StoreError) as error:
        log.warning("the mail on row %d leaves without its picture: %s", number, error)
        return None
    return Picture(name=f"{NUMBERED[language].lower().replace('é', 'e')}-{number}.jpg", jpeg=jpeg)


def _in_force(store: Store, number: int) -> Reading:
    with store.read() as conn:
        return entries.observation(conn, number).in_force


def caption(number: int, capture: Capture, target: Target, language: Language) -> tuple[str, ...]:
    """The caption's lines: place; full address; arrival of the page (local and UTC); row, target, answer."""
    page = capture.in_picture or capture.steps[-1]
    local = moment(page.finished_at, target.tz, language)
    arrived = page.finished_at.astimezone(UTC)
    return (
        sentences.place(target),
        page.final_url,
        f"{local}, {SAME_INSTANT[language]} {arrived:%Y-%m-%d %H:%M:%S} UTC",
        f"{NUMBERED[language]} {number}, {target.id}, {sentences.PHASES[language][Phase.ZERO]}",
    )
