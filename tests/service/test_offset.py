"""The clock's measured error on each row: by chrony or systemd, `None` where nobody measures."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.clock import SimulatedClock
from monitor.watch import clock_offset

CHRONY = "D9A6F1E2,ntp.example,2,1795643885.0,{},0.000001,0.000002,1.2,0.0,0.1,0.01,0.001,64.2,{}\n"
SYSTEMD = "       Server: 162.159.200.1 (time.example)\n       Offset: {}\n        Delay: 5.2ms\n"

Say = Callable[[str, str], None]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Programs of these names, and no others, that say a text."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def program(name: str, text: str) -> None:
        (tmp_path / f"{name}.txt").write_text(text)
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nwhile IFS= read -r line; do echo "$line"; done <{tmp_path}/{name}.txt\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return program


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (CHRONY.format("0.002500000", "Normal"), timedelta(milliseconds=-2.5)),
        (CHRONY.format("-0.125000000", "Insert second"), timedelta(milliseconds=125)),
        (CHRONY.format("0.000000000", "Normal"), timedelta()),
        (CHRONY.format("0.1", "Not synchronised"), None),
        (CHRONY.format("0.1", "Normal").replace("D9A6F1E2", "7F7F0101"), None),
        (CHRONY.format("nan", "Normal"), None),
        ("506 Cannot talk to daemon\n", None),
        ("506,Cannot,talk,to,5\n", None),
        ("", None),
    ],
)
def test_chrony_is_understood(say: Say, said: str, expected: timedelta | None) -> None:
    say("chronyc", said)
    assert clock_offset.measured() == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [("+1.037ms", -1037), ("-12us", 12), ("+2s", -2_000_000), ("n/a", None)],
)
def test_systemd_is_understood(say: Say, said: str, expected: int | None) -> None:
    say("timedatectl", SYSTEMD.format(said))
    assert clock_offset.measured() == (None if expected is None else timedelta(microseconds=expected))


def test_without_a_time_service_nothing_is_measured(say: Say) -> None:
    assert clock_offset.measured() is None


def test_it_is_asked_every_five_minutes(say: Say) -> None:
    clock = SimulatedClock(datetime(2026, 11, 2, tzinfo=UTC))
    ask = clock_offset.Offset(clock)
    say("chronyc", CHRONY.format("0.001", "Normal"))
    assert asyncio.run(ask()) == timedelta(milliseconds=-1)
    say("chronyc", CHRONY.format("0.002", "Normal"))
    assert asyncio.run(ask()) == timedelta(milliseconds=-1)
    clock.advance_to(clock.now() + timedelta(seconds=clock_offset.FRESH))
    assert asyncio.run(ask()) == timedelta(milliseconds=-2)


def test_what_a_failing_program_says_is_not_believed(say: Say, tmp_path: Path) -> None:
    say("chronyc", CHRONY.format("0.001", "Normal"))
    with (tmp_path / "chronyc").open("a") as program:
        program.write("exit 1\n")
    assert clock_offset.measured() is None
