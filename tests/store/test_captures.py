"""A capture comes back byte for byte, picture included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from string import printable
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store import Damaged, Store, StoreError
from monitor.store.captures import captures as stored
from probes.failures import Failure
from probes.model import Capture, Ink, LinkedSheet, Step, Transport
from tests.cast.observations import NOON, capture, observation, step
from tests.cast.transactions import ask, read_row

PICTURE = b"\xff\xd8 a picture"


def kept(store: Store, received: Capture) -> int:
    return store.append_observation(observation(capture=received))


def test_it_gives_back_every_field_of_a_step(known: Store) -> None:
    full = Step(
        n=2,
        action="submit",
        method="POST",
        url="http://vienne.localhost/booking/create/1/0",
        final_url="http://vienne.localhost/booking/create/1/1",
        started_at=NOON,
        finished_at=NOON + timedelta(microseconds=1),
        status=502,
        redirects=("http://vienne.localhost/a", "http://vienne.localhost/b"),
        headers=(("Date", "Mon, 23 Nov 2026 12:00:07 GMT"), ("Date", "twice")),
        body=b"\x00\xff not text",
        rendered="<p>créneau \ud800</p>",
        dialogs=("Plus de place",),
        server_address="127.0.0.1",
        tls_sha256="ab" * 32,
        failure=Failure.HTTP_502,
        detail="bad gateway",
        settled=True,
        ink=(Ink(words="Plus de place", left=1, top=20, width=300, height=4000, places=5),),
        refused=("POST http://vienne.localhost/booking/confirm",),
        sheets=(LinkedSheet(url="/a.css", text="p {}"),),
    )
    assert all(getattr(full, field.name) != field.default for field in fields(Step))
    received = Capture(transport=Transport.BROWSER, steps=(step(), full), screenshot=PICTURE, pictured=2)
    assert known.load_capture(kept(known, received)) == received


def test_it_gives_back_the_style_sheets_of_a_page(known: Store) -> None:
    read, missing = LinkedSheet(url="/a.css", text="p { color: red } /* \ud800 */"), LinkedSheet(url="/b.css")
    empty = LinkedSheet(url="/c.css", text="")
    steps = (replace(step(), sheets=(read, missing, empty, read)), replace(step(), sheets=()), step())
    received = Capture(transport=Transport.HTTP, steps=steps)
    assert known.load_capture(kept(known, received)) == received


@pytest.mark.parametrize("later", ["settled", "ink", "refused", "sheets"])
def test_a_manifest_from_before_a_field_was_kept_is_read(known: Store, later: str) -> None:
    received = Capture(transport=Transport.HTTP, steps=(step(),))
    with patch.object(stored, "_described", partial(_without, later, stored._described)):
        number = kept(known, received)
    assert known.load_capture(number) == received


def _without(
    later: str, described: Callable[..., dict[str, object]], *arguments: object
) -> dict[str, object]:
    return {name: value for name, value in described(*arguments).items() if name != later}


def test_a_visit_that_received_nothing_is_a_capture_too(known: Store) -> None:
    nothing = Capture(transport=Transport.HTTP, steps=())
    assert known.load_capture(kept(known, nothing)) == nothing


@pytest.mark.parametrize("rendered", [None, ""])
def test_an_empty_body_is_told_from_none(known: Store, rendered: str | None) -> None:
    received = Capture(transport=Transport.BROWSER, steps=(step(b"", rendered=rendered),))
    assert known.load_capture(kept(known, received)) == received


def test_the_manifest_stands_for_the_whole_capture(known: Store) -> None:
    def address(at: datetime, received: Capture) -> str:
        number = known.append_observation(observation(at, capture=received))
        return read_row(known, number).manifest_sha256

    same, again = capture(b"one", b"two", screenshot=PICTURE), capture(b"one", b"two", screenshot=PICTURE)
    other, unseen = capture(b"one", b"twO", screenshot=PICTURE), capture(b"one", b"two")
    hours = (NOON + timedelta(hours=n) for n in range(4))
    first, second, third, fourth = (
        address(at, c) for at, c in zip(hours, (same, again, other, unseen), strict=True)
    )
    assert first == second
    assert len({first, third, fourth}) == 3


def test_a_picture_that_was_thinned_out_is_none(known: Store) -> None:
    number = kept(known, capture(screenshot=PICTURE))
    sha256 = read_row(known, number).screenshot_sha256
    assert sha256
    known.media.path(sha256).unlink()
    assert known.load_capture(number) == capture()


def test_a_picture_that_was_changed_is_damage(known: Store) -> None:
    number = kept(known, capture(screenshot=PICTURE))
    known.media.path(str(read_row(known, number).screenshot_sha256)).write_bytes(b"another picture")
    with pytest.raises(Damaged, match="is not what was recorded"):
        known.load_capture(number)


def test_it_says_that_there_is_no_such_observation(known: Store) -> None:
    with pytest.raises(StoreError, match=r"There is no observation number 404\."):
        known.load_capture(404)


texts = st.text(printable, max_size=20)
instants = st.timedeltas(timedelta(0), timedelta(days=3000)).map(NOON.__add__)
steps = st.builds(
    Step,
    n=st.integers(1, 9),
    action=texts,
    method=st.sampled_from(["GET", "POST"]),
    url=texts,
    final_url=texts,
    started_at=instants,
    finished_at=instants,
    status=st.none() | st.integers(100, 599),
    redirects=st.lists(texts, max_size=2).map(tuple),
    headers=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    body=st.binary(max_size=200),
    rendered=st.none() | st.text(max_size=50),
    dialogs=st.lists(st.text(max_size=9), max_size=2).map(tuple),
    failure=st.none() | st.sampled_from(Failure),
    detail=st.text(max_size=20),
)
captures = st.builds(
    Capture,
    transport=st.sampled_from(Transport),
    steps=st.lists(steps, max_size=4).map(tuple),
    screenshot=st.none() | st.binary(min_size=1, max_size=20),
)


@given(received=captures)
def test_any_capture_comes_back(received: Capture, busy: Store) -> None:
    moment = NOON + timedelta(hours=len(list(busy.observations())))
    number = busy.append_observation(observation(moment, capture=received))
    assert busy.load_capture(number) == received


def test_many_captures_come_back_at_once_without_their_pictures(known: Store) -> None:
    pages = {name: capture(b"the same", name.encode(), screenshot=PICTURE) for name in ("one", "two")}
    moments = (NOON, NOON + timedelta(hours=1))
    addresses = {
        read_row(known, known.append_observation(observation(at, capture=page))).manifest_sha256: page
        for at, page in zip(moments, pages.values(), strict=True)
    }
    found = ask(known, stored.load_many, list(addresses))
    assert found == {address: replace(page, screenshot=None) for address, page in addresses.items()}
