"""Bodies: small, stored once, and never given back other than they came."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from monitor.store import Damaged, Store, StoreError
from monitor.store.captures import blobs
from monitor.store.captures.blobs import PATIENCE, Body
from monitor.store.tables.record import blobs as table
from monitor.store.tables.record import keyframes

SERIES = "0"
numbers = count()


def page(n: int, size: int = 60_000) -> bytes:
    """A page like the last one but for a token; every `n` has its own."""
    rows = random.Random(7)
    body = "".join(f"<li id=c{i}>{rows.randrange(10**6)} créneaux</li>\n" for i in range(size // 32))
    return f"<input name=csrf value={random.Random(n).randbytes(16).hex()}>{body}".encode()


def keep(store: Store, content: bytes, series: str = SERIES, target: str = "vienne-titre") -> str:
    body = Body.of(series, content)
    with store.write() as conn:
        blobs.keep(conn, target, [body])
    return body.sha256


def fetch(store: Store, sha256: str) -> bytes:
    with store.read() as conn:
        return blobs.fetch(conn, [sha256])[sha256]


def stored(store: Store, column: str) -> list[Any]:
    with store.read() as conn:
        return list(conn.scalars(select(table.c[column])))


def tampered(store: Store, change: Callable[[bytes], bytes], sha256: str) -> None:
    """Change stored bytes behind the store's back, as a failing disk would."""
    with store.write() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("ALTER TABLE blobs DISABLE TRIGGER blobs_append_only")
        else:
            conn.exec_driver_sql("DROP TRIGGER blobs_no_update")
        data = conn.scalars(select(table.c.data).where(table.c.sha256 == sha256)).one()
        conn.execute(table.update().where(table.c.sha256 == sha256).values(data=change(data)))


@given(st.binary(), st.none() | st.binary(min_size=64))
def test_decompressing_undoes_compressing(body: bytes, dictionary: bytes | None) -> None:
    assert blobs.decompress(blobs.compress(body, dictionary), len(body), dictionary) == body


@given(bodies=st.lists(st.binary(max_size=300), max_size=12))
def test_any_bodies_come_back(bodies: Sequence[bytes], busy: Store) -> None:
    series = f"{next(numbers)}"
    addresses = [keep(busy, body, series) for body in bodies]
    assert [fetch(busy, sha256) for sha256 in addresses] == bodies


def test_the_next_page_costs_a_hundredth_of_the_first(store: Store) -> None:
    for n in range(20):
        keep(store, page(n))
    weights = sorted(len(data) for data in stored(store, "data"))
    assert weights[-2] * 50 < weights[-1]
    assert stored(store, "keyframe").count(None) == 1


def test_it_stores_the_same_body_once(store: Store) -> None:
    assert keep(store, page(1)) == keep(store, page(1), series="1") == keep(store, page(1), target="other")
    assert len(stored(store, "sha256")) == 1


def test_two_steps_of_one_visit_may_be_the_same_page(store: Store) -> None:
    with store.write() as conn:
        blobs.keep(conn, "vienne-titre", [Body.of("0", page(1)), Body.of("1", page(1))])
    assert len(stored(store, "sha256")) == 1


def test_a_redesigned_page_soon_gets_its_own_keyframe(store: Store) -> None:
    keep(store, page(1))
    for n in range(PATIENCE + 3):
        keep(store, page(n)[::-1])
    assert stored(store, "keyframe").count(None) == 2
    keep(store, page(99)[::-1])
    assert min(len(data) for data in stored(store, "data")) < 300


def test_a_chain_is_one_deep(store: Store) -> None:
    for n in range(40):
        keep(store, page(n // 8, size=2000 + 400 * (n % 3))[:: 1 if n % 2 else -1])
    whole = table.alias()
    deltas_on_deltas = select(func.count()).select_from(table.join(whole, table.c.keyframe == whole.c.sha256))
    with store.read() as conn:
        assert conn.scalar(deltas_on_deltas.where(whole.c.keyframe.is_not(None))) == 0
        frames = select(keyframes.c.sha256).join_from(keyframes, table).where(table.c.keyframe.is_not(None))
        assert conn.scalars(frames).all() == []


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_body_that_another_writer_just_stored_as_a_delta_is_no_dictionary(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, page(1))
    keep(store, page(2))
    with monkeypatch.context() as looked_too_early:
        looked_too_early.setattr(blobs, "_known", lambda *_: set())
        keep(store, page(2), target="reunion-titre")
    assert fetch(store, keep(store, page(3), target="reunion-titre")) == page(3)
    assert stored(store, "keyframe").count(None) == 2


@pytest.mark.parametrize(("size", "whole"), [(63, 2), (64, 1)])
def test_a_body_of_64_bytes_is_long_enough_for_a_dictionary(store: Store, size: int, whole: int) -> None:
    for n in range(2):
        keep(store, page(n)[:size])
    assert stored(store, "keyframe").count(None) == whole


def test_a_body_of_a_few_bytes_is_no_dictionary(store: Store) -> None:
    addresses = [keep(store, body) for body in (b"x", b"y", page(1), page(2))]
    assert stored(store, "keyframe").count(None) == 3
    assert fetch(store, addresses[0]) == b"x"


def test_it_refuses_a_body_that_did_not_survive_its_compression(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "decompress", lambda *_: b"something else")
    with pytest.raises(StoreError, match="did not survive its own compression"):
        keep(store, page(1))
    assert stored(store, "sha256") == []


def flip_last(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    "change",
    [flip_last, lambda data: data[: len(data) // 2], lambda data: b"", lambda data: data[:5] + b"\xff" * 8],
    ids=["bit", "half", "empty", "header"],
)
def test_it_detects_a_damaged_body(store: Store, change: Callable[[bytes], bytes]) -> None:
    sha256 = keep(store, page(1))
    tampered(store, change, sha256)
    with pytest.raises(Damaged, match=f"{sha256} is not what was recorded"):
        fetch(store, sha256)


def test_it_detects_a_damaged_keyframe_from_a_body_that_needs_it(store: Store) -> None:
    first, second = keep(store, page(1)), keep(store, page(2))
    tampered(store, flip_last, first)
    with pytest.raises(Damaged, match=first):
        fetch(store, second)
    with pytest.raises(Damaged, match=first):
        keep(store, page(3))


def test_it_detects_a_body_swapped_with_another(store: Store) -> None:
    first, second = keep(store, page(1)), keep(store, page(1)[::-1], series="1")
    other = blobs.compress(fetch(store, second))
    tampered(store, lambda _: other, first)
    with pytest.raises(Damaged, match=first):
        fetch(store, first)


def test_it_says_which_body_is_missing(store: Store) -> None:
    with pytest.raises(Damaged, match="ab" * 32 + " is missing"):
        fetch(store, "ab" * 32)


def test_fetching_nothing_asks_nothing(store: Store) -> None:
    with store.read() as conn:
        assert blobs.fetch(conn, []) == {}


@pytest.mark.parametrize("size", [0, 10, 999, 1001, 2000])
def test_a_body_of_another_size_than_was_recorded_is_refused(size: int) -> None:
    with pytest.raises(zstandard.ZstdError):
        blobs.decompress(blobs.compress(b"x" * 1000), size)


def test_each_target_has_keyframes_of_its_own(store: Store) -> None:
    """Both call their first page by the same name, and no page of one is like one of the other."""
    for n in range(3):
        keep(store, page(n))
        keep(store, page(n)[::-1], target="reunion-titre")
    assert stored(store, "keyframe").count(None) == 2
    assert sorted(len(data) for data in stored(store, "data"))[3] < 300


def test_the_bodies_of_a_visit_are_stored_in_the_order_that_all_writers_use(store: Store) -> None:
    """Two writers of the same bodies in different orders would wait for each other."""
    bodies = [Body.of(f"{n}", page(n, size=200)) for n in range(9)]
    with store.write() as conn:
        blobs.keep(conn, "vienne-titre", bodies)
        place = "rowid" if conn.dialect.name == "sqlite" else "ctid"
        written = conn.scalars(select(table.c.sha256).order_by(text(place))).all()
    assert written == sorted(body.sha256 for body in bodies)
