"""The framed capture that goes with the news of a zero, and mails that leave without one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from monitor.alerts.write.pictures import caption, of_row
from monitor.model import Language
from monitor.present.framed import TALLEST
from monitor.store import LaterReading, Store
from monitor.store.review import later_readings
from probes.model import Capture, Outcome, Transport
from tests.alerts.office import HOUR, Office, open_office, text_of
from tests.cast.frames import frame_in, frames, picture_with, words_at
from tests.cast.installation import picture
from tests.cast.observations import NOON, WORDS, capture, observation, reading, step, target
from tests.cast.transactions import read_row, tell

SHOWN = picture("Aucun créneau")
INK = words_at(WORDS, top=3400)


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    return open_office(store, postman)


def see_zeros(office: Office, screenshot: bytes | None) -> None:
    for hour in range(26):
        office.see(Outcome.NO_SLOTS, capture=capture(b"<html>%d</html>" % hour, screenshot=screenshot))
        office.wait(HOUR)
    office.tick_through(3 * HOUR)


def test_the_news_of_a_zero_carries_the_framed_capture_of_its_last_check(office: Office) -> None:
    see_zeros(office, SHOWN)
    (mail,) = office.mails
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "image/jpeg"
    name = attached.get_filename()
    assert name
    assert f"Pièce jointe {name} : la capture de ce relevé" in text_of(mail)
    copy, raw = Image.open(io.BytesIO(attached.get_content())), Image.open(io.BytesIO(SHOWN))
    assert copy.width > raw.width
    assert copy.height > raw.height


def framed_zero(**known: Any) -> Capture:
    """A visit over Chromium whose words have ink on the picture of its first page."""
    pages = (
        step(n=1, ink=(INK,), **known),
        step(b"<html>fin</html>", n=2, final_url="http://vienne.localhost/fin"),
    )
    shot = picture_with(INK, (640, 5000))
    return Capture(transport=Transport.BROWSER, steps=pages, screenshot=shot, pictured=1)


def test_a_capture_has_the_words_that_decided_framed(store: Store) -> None:
    store.record_targets([target()])
    number = store.append_observation(observation(capture=framed_zero()))
    for language in Language:
        shown = of_row(store, number, target(), language)
        assert shown is not None
        assert frames(shown.jpeg, replace(INK, top=INK.top - 2409), TALLEST)
        # A mail server takes ten megabytes and more; a digest has several news.
        assert len(shown.jpeg) < 500_000


@pytest.mark.parametrize(("language", "name"), [("fr", "releve-1.jpg"), ("en", "check-1.jpg")])
def test_a_picture_is_named_by_its_row_in_plain_letters(store: Store, language: str, name: str) -> None:
    store.record_targets([target()])
    number = store.append_observation(observation(capture=framed_zero()))
    shown = of_row(store, number, target(), Language(language))
    assert shown is not None
    assert shown.name == name


def test_the_words_of_a_later_reading_are_framed(store: Store) -> None:
    store.record_targets([target()])
    first = reading(Outcome.UNRECOGNISED, words="")
    number = store.append_observation(observation(capture=framed_zero(), reading=first))
    later = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=reading(),
        read_at=NOON + HOUR,
        cause="test",
    )
    tell(store, later_readings.append, target().id, [later], {}, NOON + HOUR)
    shown = of_row(store, number, target(), Language.FRENCH)
    assert shown is not None
    assert frame_in(shown.jpeg, TALLEST) is not None


def test_words_that_nobody_measured_are_not_framed(store: Store) -> None:
    store.record_targets([target()])
    older = replace(framed_zero(), pictured=None)
    offered = observation(capture=framed_zero(), reading=reading(Outcome.CLOSED, words=WORDS))
    for seen in (observation(capture=older), replace(offered, scheduled_at=NOON + HOUR)):
        shown = of_row(store, store.append_observation(seen), target(), Language.FRENCH)
        assert shown is not None
        assert frame_in(shown.jpeg, TALLEST) is None


def test_a_caption_tells_the_address_of_the_page_that_is_shown(store: Store) -> None:
    _, address, _, _ = caption(7, framed_zero(), target(), Language.FRENCH)
    assert address == framed_zero().steps[0].final_url


def test_without_a_picture_the_news_leaves_all_the_same(office: Office) -> None:
    see_zeros(office, None)
    (mail,) = office.mails
    assert list(mail.iter_attachments()) == []
    assert "Pièce jointe" not in text_of(mail)


def test_a_picture_that_was_changed_on_disk_is_not_sent(office: Office) -> None:
    see_zeros(office, SHOWN)
    office.store.media.path(str(read_row(office.store, 1).screenshot_sha256)).write_bytes(b"another")
    assert of_row(office.store, 1, target(), Language.FRENCH) is None


def test_what_is_no_picture_is_not_sent(store: Store) -> None:
    store.record_targets([target()])
    number = store.append_observation(observation(capture=capture(screenshot=b"no picture")))
    assert of_row(store, number, target(), Language.FRENCH) is None


def test_slots_are_never_shown(office: Office) -> None:
    see_zeros(office, None)
    office.see(Outcome.SLOTS_OFFERED, capture=capture(b"<html>libre</html>", screenshot=SHOWN))
    office.tick_through(timedelta(hours=26), HOUR)
    assert len(office.mails) == 2
    assert list(office.mails[-1].iter_attachments()) == []


def test_a_caption_says_place_address_both_hours_row_and_answer(store: Store) -> None:
    seen = capture(screenshot=SHOWN)
    place, address, hours, row = caption(7, seen, target(), Language.FRENCH)
    assert place == "Vienne (86), titre de séjour"
    assert address == seen.steps[-1].final_url
    assert hours.endswith(f"soit {seen.steps[-1].finished_at:%Y-%m-%d %H:%M:%S} UTC")
    assert "(Europe/Paris, UTC" in hours
    assert row == "Relevé 7, vienne-titre, zéro créneau observé"


def test_a_caption_dates_the_arrival_of_the_last_page(store: Store) -> None:
    begun = datetime(2026, 11, 23, 22, 59, 50, tzinfo=UTC)
    end = begun + timedelta(minutes=1)
    first = step(n=1, final_url="http://vienne.localhost/accueil")
    last = step(n=2, started_at=begun, finished_at=end, final_url="http://vienne.localhost/fin")
    _, address, hours, _ = caption(7, capture(steps=(first, last)), target(), Language.FRENCH)
    assert address == "http://vienne.localhost/fin"
    assert hours.startswith("mardi")  # where the préfecture is, midnight has passed
    assert hours.endswith("2026-11-23 23:00:50 UTC")
