"""A row, its picture and its bodies over HTTP: what is told, what is withheld, what can do no harm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from sqlalchemy import insert

from monitor.clock import SimulatedClock
from monitor.model import Corroboration, GapReason, Origin
from monitor.present.words import label
from monitor.store import LaterReading, Store, open_store
from monitor.store.database import engine
from monitor.store.review import later_readings
from monitor.store.tables.review import corroborations
from monitor.web.routes import CAPTURE, HEADERS
from monitor.web.sheet import MOST_LINES, MOST_STEPS
from probes.failures import Failure
from probes.model import AcceptedLine, Outcome, Part, Precision, Slot, Step, Transport
from tests.cast.frames import frame_in, frames, picture_with, words_at
from tests.cast.observations import HOUR, NOON, WORDS, capture, gap, observation, reading, step, target
from tests.cast.transactions import read_row, tell
from tests.web.asking import HOSTILE, Get, application, asking, words

LATER = NOON + timedelta(days=3)


def picture(kind: str = "JPEG") -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 8), "navy").save(made, kind)
    return made.getvalue()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(LATER)


@pytest.fixture
def known(store: Store) -> Store:
    places = [target(), target("reunion", zone="Indian/Reunion", departement="974", prefecture="La Réunion")]
    store.record_targets([*places, target("permis", demarche="permis de conduire")])
    return store


@pytest.fixture
def get(known: Store, clock: SimulatedClock) -> Get:
    return asking(application(known, clock))


def see(store: Store, **seen: Any) -> int:
    return store.append_observation(observation(**seen))


def test_a_zero_tells_all_that_was_recorded(known: Store, get: Get) -> None:
    headers = (("Date", "Mon, 23 Nov 2026 12:00:02 GMT"),)
    seen = capture(b"<html>accueil</html>", b"<html>rien</html>")
    seen = replace(seen, steps=(seen.steps[0], replace(seen.steps[1], headers=headers, method="POST")))
    number = see(known, capture=seen)
    answer = get(f"/releves/{number}")
    told = words(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for expected in (
        "zéro créneau : tous les créneaux sont pris",
        "Vienne (86)", "titre de séjour", "vienne-titre",
        "classic.words", f"« {WORDS} »",
        "lundi 23/11/2026 13:00:00 (UTC+1)", "2026-11-23T12:00:00Z", "2026-11-23T12:00:02Z",
        "visite programmée", "HTTP sans navigateur", "paris-1",
        "POST http://vienne.localhost/booking/create/1", "Mon, 23 Nov 2026 12:00:02 GMT",
        *(one.body_sha256 for one in seen.steps),
        read_row(known, number).manifest_sha256,
    ):  # fmt: skip
        assert expected in told, expected
    assert told.index(seen.steps[0].body_sha256) < told.index(seen.steps[1].body_sha256)


def test_hours_are_those_of_the_prefecture(known: Store, get: Get) -> None:
    told = words(get(f"/releves/{see(known, name='reunion')}"))
    assert "heure locale (Indian/Reunion)" in told
    assert "lundi 23/11/2026 16:00:00 (UTC+4)" in told


def test_slots_are_dated_as_exactly_as_the_page_did(known: Store, get: Get) -> None:
    said = reading(
        Outcome.SLOTS_OFFERED,
        earliest=Slot(starts_at=NOON + timedelta(days=150)),
        second=Slot(starts_at=NOON.replace(month=12, day=1, hour=23), precision=Precision.DAY),
    )
    told = words(get(f"/releves/{see(known, outcome=Outcome.SLOTS_OFFERED, reading=said)}"))
    assert "jeudi 22/04/2027 à 14:00" in told
    assert "mercredi 02/12/2026<" in told
    assert "créneaux proposés" in told


def test_a_row_tells_on_which_accepted_line_it_stands(known: Store, get: Get) -> None:
    line = AcceptedLine(line="bienvenue à tous", at=NOON - timedelta(days=3), reason="une <salutation>")
    number = see(known, reading=reading(accepted=(line,)), structure="5e" * 8)
    told = get(f"/releves/{number}").text
    assert "Lignes admises par une personne" in told
    assert "« bienvenue à tous », le 20/11/2026 : une &lt;salutation&gt;" in told
    assert "Lignes admises" not in words(get(f"/releves/{see(known, at=NOON + HOUR)}"))


def test_a_failure_is_told_in_words(known: Store, get: Get) -> None:
    said = reading(Outcome.SITE_DOWN, failure=Failure.HTTP_502)
    told = words(get(f"/releves/{see(known, outcome=Outcome.SITE_DOWN, reading=said)}"))
    assert "site indisponible" in told
    assert label(Failure.HTTP_502) in told


def test_what_is_simulated_unproven_or_attended_is_labelled_so(known: Store, get: Get) -> None:
    plain = words(get(f"/releves/{see(known)}"))
    assert 'class="labels"' not in plain
    odd = see(
        known,
        at=NOON + HOUR,
        name="permis",
        platform="rdv_prefecture",
        origin=Origin.ATTENDED,
        simulated=True,
    )
    told = words(get(f"/releves/{odd}"))
    unproven = "lecteur non prouvé, essayé sur des pages rendues par les modèles publiés seulement"
    for expected in ("préfecture simulée", unproven, "visite accompagnée d'une personne"):
        assert f"<li>{expected}" in told


def test_a_later_reading_stands_before_the_first_one(known: Store, get: Get, clock: SimulatedClock) -> None:
    number = see(known)
    later = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=reading(Outcome.CAPTCHA),
        read_at=LATER,
        cause="nouveau captcha",
    )
    tell(known, later_readings.append, "vienne-titre", [later], {}, clock.now())
    told = words(get(f"/releves/{number}"))
    assert "<h1>captcha</h1>" in told
    force, first = told.index("Lecture en vigueur (classic, version 2)"), told.index("Première lecture")
    assert force < told.index("nouveau captcha") < first < told.index(WORDS)


def test_what_the_control_said_and_where(known: Store, get: Get) -> None:
    number = see(known)
    assert "aucune comparaison" in words(get(f"/releves/{number}"))
    control = see(known, outcome=Outcome.SLOTS_OFFERED, name="permis", origin=Origin.CONTROL)
    row = {"observation_id": number, "target": "vienne-titre", "control_id": control, "judged_at": LATER}
    with known.write() as conn:
        conn.execute(insert(corroborations), row | {"corroboration": Corroboration.CORROBORATED})
    answer = get(f"/releves/{number}")
    assert label(Corroboration.CORROBORATED) in words(answer)
    assert f'href="/releves/{control}"' in answer.text


def test_a_gap_has_a_page_with_its_reason(known: Store, get: Get) -> None:
    number = known.append_gap(gap(reason=GapReason.BREAKER_OPEN, detail="trois refus de suite"))
    told = words(get(f"/releves/{number}"))
    for expected in (
        "Personne n'a regardé",
        label(GapReason.BREAKER_OPEN),
        "trois refus de suite",
        "13:00:00",
    ):
        assert expected in told
    assert get(f"/releves/{number}/capture").headers["location"] == f"/releves/{number}"
    assert get(f"/releves/{number}/pages/1").status_code == 404


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_capture_is_the_very_picture(known: Store, get: Get, kind: str) -> None:
    taken = picture(kind)
    number = see(known, capture=capture(transport=Transport.BROWSER, screenshot=taken))
    answer = get(f"/releves/{number}/capture")
    assert (answer.status_code, answer.content) == (200, taken)
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert f'href="/releves/{number}/capture"' in get(f"/releves/{number}").text


def test_a_copy_has_the_words_that_decided_framed(known: Store, get: Get) -> None:
    ink = words_at(WORDS)
    taken = picture_with(ink)
    seen = capture(transport=Transport.BROWSER, steps=(step(ink=(ink,)),), screenshot=taken, pictured=1)
    number, plain = see(known, capture=seen), see(known, at=NOON + HOUR, capture=capture(screenshot=taken))
    answer = get(f"/releves/{number}/copie")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert frames(answer.content, ink)
    assert get(f"/releves/{number}/capture").content == taken
    assert "où les mots qui ont décidé sont encadrés" in words(get(f"/releves/{number}"))
    assert frame_in(get(f"/releves/{plain}/copie").content) is None
    assert f'href="/releves/{plain}/copie"' in get(f"/releves/{plain}").text
    assert "encadrés" not in words(get(f"/releves/{plain}"))


def test_a_copy_needs_a_picture(known: Store, get: Get) -> None:
    none, text = see(known), see(known, at=NOON + HOUR, capture=capture(screenshot=b"<html>"))
    missed = known.append_gap(gap(NOON + 2 * HOUR))
    for number in (none, missed):
        answer = get(f"/releves/{number}/copie")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/releves/{number}")
    assert get(f"/releves/{text}/copie").status_code == 404
    assert f"L'image du relevé n° {text} ne peut pas être copiée." in words(get(f"/releves/{text}/copie"))


def test_a_page_says_whether_it_stood_still_and_what_was_refused_to_it(known: Store, get: Get) -> None:
    steps = (step(n=1), step(n=2, settled=True), step(n=3, settled=False, refused=("GET http://a.fr/x",)))
    told = words(get(f"/releves/{see(known, capture=capture(steps=steps))}"))
    assert told.count("Immobile lors de la copie") == 2
    assert "non : la page changeait encore" in told
    assert "GET http://a.fr/x" in told


def test_what_is_no_picture_is_not_shown_as_one(known: Store, get: Get) -> None:
    number = see(known, capture=capture(screenshot=b"<html><script>alert(1)</script>"))
    answer = get(f"/releves/{number}/capture")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_without_a_picture_the_link_leads_to_the_row_which_says_so(known: Store, get: Get) -> None:
    number = see(known)
    answer = get(f"/releves/{number}/capture")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/releves/{number}")
    assert "Aucune image n'a été prise" in words(get(answer.headers["location"]))


def test_a_picture_that_was_thinned_out_is_told_apart(known: Store, get: Get) -> None:
    number = see(known, capture=capture(screenshot=picture()))
    known.media.path(str(read_row(known, number).screenshot_sha256)).unlink()
    answer = get(f"/releves/{number}/capture")
    assert answer.status_code == 404
    assert f"L'image du relevé n° {number} n'est plus conservée" in words(answer)
    assert "L'image n'est plus conservée" in words(get(f"/releves/{number}"))


def test_a_picture_that_was_changed_is_not_shown(known: Store, get: Get) -> None:
    number = see(known, capture=capture(screenshot=picture()))
    known.media.path(str(read_row(known, number).screenshot_sha256)).write_bytes(picture("PNG"))
    answer = get(f"/releves/{number}/capture")
    assert (answer.status_code, "restaurez une sauvegarde" in words(answer)) == (500, True)
    assert "restaurez une sauvegarde" in words(get(f"/releves/{number}"))


def test_a_body_is_a_file_byte_for_byte_and_never_a_page(known: Store, get: Get) -> None:
    bodies = (b"<script>alert(document.domain)</script>", bytes(range(256)))
    number = see(known, capture=capture(*bodies))
    for page, body in enumerate(bodies, 1):
        answer = get(f"/releves/{number}/pages/{page}")
        assert (answer.status_code, answer.content) == (200, body)
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (
            answer.headers["content-disposition"] == f'attachment; filename="releve-{number}-page-{page}.txt"'
        )
        assert "sandbox" in answer.headers["content-security-policy"]
    assert get(f"/releves/{number}/pages/3").status_code == 404


def hostile_step(n: int) -> Step:
    long = HOSTILE * 400
    return step(
        b"x", n=n, url=f"http://vienne.localhost/{long}", final_url=f"http://vienne.localhost/?{long}",
        headers=(("date", long),), dialogs=(long,) * 30,
    )  # fmt: skip


def test_a_hostile_page_stays_text_and_light(known: Store, get: Get) -> None:
    long = HOSTILE * 400
    said = reading(
        words=long, notices=(long,) * 90, parts=(Part(label=long, outcome=Outcome.NO_SLOTS, words=long),) * 90
    )
    steps = tuple(hostile_step(n) for n in range(1, MOST_STEPS + 3))
    answer = get(f"/releves/{see(known, reading=said, capture=capture(steps=steps))}")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "{{ 7*7 }}" in words(answer)
    assert "&lt;script&gt;" in answer.text
    assert "… et 2 pages de plus" in answer.text
    assert len(answer.content) < 100_000


def test_every_answer_has_the_strict_headers(known: Store, get: Get) -> None:
    number = see(known)
    for path in (f"/releves/{number}", "/releves/404", f"/releves/{number}/capture", "/releves/x"):
        answer = get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
        assert "<script" not in answer.text
        assert "style=" not in answer.text


@pytest.mark.parametrize(
    "number", ["0", "999999", str(2**63 - 1), str(2**63), "9" * 400, "-1", "abc", "²", "1e3"]
)
def test_an_unknown_number_is_one_sentence(get: Get, number: str) -> None:
    for path in (f"/releves/{number}{part}" for part in ("", "/capture", "/copie", "/pages/1")):
        answer = get(path)
        assert answer.status_code == 404
        assert words(answer).count("<p>") == 1


def test_nothing_is_shown_within_the_embargo_whatever_was_seen(
    known: Store, get: Get, clock: SimulatedClock
) -> None:
    """A refusal of the rows with slots alone would tell which ones have some."""
    at = LATER - timedelta(hours=23)
    numbers = [see(known, at=at), see(known, at=at, name="reunion", outcome=Outcome.SLOTS_OFFERED)]
    numbers.append(known.append_gap(gap(at, name="permis")))
    for number in numbers:
        for path in (f"/releves/{number}{part}" for part in ("", "/capture", "/copie", "/pages/1")):
            answer = get(path)
            assert answer.status_code == 403
            assert f"Le relevé n° {number} est sous embargo jusqu'au jeudi 26/11/2026" in words(answer)
    clock.advance_to(at + timedelta(hours=24))
    assert [get(f"/releves/{number}").status_code for number in numbers] == [200] * 3


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another program holds the whole database, and lets nobody read."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as conn:
            conn.execute("PRAGMA locking_mode = EXCLUSIVE")
            conn.execute("BEGIN EXCLUSIVE")
            yield
    else:
        server, _, name = url.rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as conn:
            conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            yield
            conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_busy_database_is_one_sentence_without_its_address(
    database_url: str, clock: SimulatedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    store = open_store(database_url, media=tmp_path)
    get = asking(application(store, clock))
    store.close()  # its connections, so that the other program can have the file for itself
    with held(database_url):
        answer = get("/releves/1")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "La base ne répond pas" in words(answer)
        assert database_url not in answer.text
    assert get("/releves/1").status_code == 404
    store.close()


def test_only_reading_is_answered(known: Store, get: Get) -> None:
    number = see(known)
    assert {get(f"/releves/{number}", m).status_code for m in ("POST", "PUT", "DELETE", "PATCH")} == {405}
    assert get(f"/releves/{number}", "HEAD").content == b""


def test_the_dashboards_link_is_this_route() -> None:
    boards = Path(__file__).parents[2] / "grafana" / "dashboards"
    board = json.loads((boards / "vigie" / "vigie-guichet.json").read_text(encoding="utf-8"))
    urls = {
        link["url"]
        for panel in board["panels"]
        for link in panel.get("fieldConfig", {}).get("defaults", {}).get("links", ())
    }
    assert CAPTURE.replace("{number}", "${__data.fields.ligne}") in {
        url.removeprefix("${vigie}") for url in urls if url.startswith("${vigie}")
    }


def test_a_row_is_shown_with_its_target_as_it_was_then(known: Store, get: Get) -> None:
    number = see(known)
    known.record_targets([target(demarche="titre de voyage")])
    told = words(get(f"/releves/{number}"))
    assert "titre de séjour" in told
    assert "titre de voyage" not in told


def test_a_desk_and_the_error_of_the_clock_are_told(known: Store, get: Get) -> None:
    known.record_targets([target("bureau", desk="Guichet 3")])
    vantage = replace(observation().vantage, clock_offset=timedelta(milliseconds=250))
    told = words(get(f"/releves/{see(known, name='bureau', vantage=vantage)}"))
    assert "Guichet 3" in told
    assert "0,250" in told


def test_of_many_notices_it_says_how_many_are_left_out(known: Store, get: Get) -> None:
    said = reading(notices=tuple(f"annonce {n}" for n in range(MOST_LINES + 5)))
    assert "… et 5 de plus" in words(get(f"/releves/{see(known, reading=said)}"))


def test_a_page_without_a_body_offers_none_to_download(known: Store, get: Get) -> None:
    number = see(known, capture=capture(steps=(step(b"x", n=1), step(b"", n=2))))
    text = get(f"/releves/{number}").text
    assert f'href="/releves/{number}/pages/1"' in text
    assert f'href="/releves/{number}/pages/2"' not in text


def test_the_final_address_is_told_where_it_is_another(known: Store, get: Get) -> None:
    assert "Adresse finale" not in words(get(f"/releves/{see(known)}"))
    moved = capture(steps=(step(final_url="http://vienne.localhost/complet"),))
    told = words(get(f"/releves/{see(known, at=NOON + HOUR, capture=moved)}"))
    assert "Adresse finale" in told
    assert "http://vienne.localhost/complet" in told


def test_no_slot_counted_is_told_apart_from_none_that_could_be_counted(known: Store, get: Get) -> None:
    assert "Créneaux affichés" not in words(get(f"/releves/{see(known)}"))
    assert "Créneaux affichés" in words(
        get(f"/releves/{see(known, at=NOON + HOUR, reading=reading(slots=0))}")
    )
