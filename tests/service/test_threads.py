"""What blocks is called in threads and never left half-way; the guard of these tests sees what is not."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from threading import current_thread, main_thread

import pytest

from monitor.model import Observation
from monitor.store import Store
from monitor.store.record import counts
from monitor.watch.threads import in_thread
from tests.cast.transactions import ask
from tests.service.one_page import Site, entry, run, service


def test_a_statement_on_the_event_loop_is_seen(store: Store, no_sql_on_the_loop: list[str]) -> None:
    async def blocking() -> None:
        ask(store, counts.totals)

    asyncio.run(blocking())
    assert "test_threads.py" in no_sql_on_the_loop[0]
    no_sql_on_the_loop.clear()


@pytest.mark.slow
def test_so_is_a_service_that_asks_the_store_itself(store: Store, no_sql_on_the_loop: list[str]) -> None:
    def asking(_: Observation) -> None:
        ask(store, counts.totals)

    watched = service(store, [entry("a")], Site(), seen=asking)
    run(lambda: bool(ask(store, counts.totals)), watched)
    assert "in _record" in no_sql_on_the_loop[0]
    no_sql_on_the_loop.clear()


def test_a_statement_in_a_thread_is_not(store: Store, no_sql_on_the_loop: list[str]) -> None:
    asyncio.run(in_thread(ask, store, counts.totals))
    assert no_sql_on_the_loop == []


def test_it_gives_what_the_call_returns() -> None:
    assert asyncio.run(in_thread(lambda: current_thread() is not main_thread()))
    assert asyncio.run(in_thread(timedelta, minutes=1)) == timedelta(minutes=1)


def test_it_raises_what_the_call_raises() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(in_thread(fail))


@pytest.mark.parametrize("times", [1, 3])
def test_a_cancellation_waits_for_the_end_of_the_call(times: int) -> None:
    written: list[str] = []

    def write() -> None:
        time.sleep(0.3)
        written.append("row")

    async def cancelled() -> tuple[bool, list[str]]:
        task = asyncio.create_task(in_thread(write))
        for _ in range(times):
            await asyncio.sleep(0.05)
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled(), list(written)

    assert asyncio.run(cancelled()) == (True, ["row"])


def test_a_call_that_fails_after_a_cancellation_is_not_lost() -> None:
    def fail() -> None:
        time.sleep(0.1)
        raise ZeroDivisionError

    async def cancelled() -> None:
        task = asyncio.create_task(in_thread(fail))
        await asyncio.sleep(0.02)
        task.cancel()
        await task

    with pytest.raises(ZeroDivisionError):
        asyncio.run(cancelled())


def test_a_thread_that_runs_out_of_values_is_an_error_and_no_wait_for_ever() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(asyncio.wait_for(in_thread(lambda: next(iter(()))), 10))
