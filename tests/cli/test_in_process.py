"""What `vigie log`, `vigie switch` and `vigie db` make of their options, in this process."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.clock import SimulatedClock
from monitor.model import Suspicion
from monitor.problems import BadInput
from monitor.store import LaterReading, Store, open_store
from monitor.store.record import switches
from monitor.store.review import later_readings, suspicions
from monitor.store.review.suspicions import SuspectedObservation
from probes.model import Outcome
from tests.cast.observations import HOUR, NOON, gap, observation, reading, target
from tests.cast.transactions import ask, tell

Vigie = Callable[..., Result]


@pytest.fixture
def stored(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The record of an installation in an empty folder: four rows, each an hour after the one before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "220")
    store = open_store(sqlite_url, media=tmp_path / "media", clock=SimulatedClock(NOON), durable=False)
    store.record_targets([target()])
    store.append_observation(observation(NOON, Outcome.SLOTS_OFFERED))
    store.append_gap(gap(NOON + HOUR, detail="nobody was there"))
    for n, words in enumerate(("\t=1+1", "-2+3"), 2):
        said = reading(Outcome.UNRECOGNISED, words=words)
        store.append_observation(observation(NOON + n * HOUR, reading=said))
    yield store
    store.close()


@pytest.fixture
def vigie(stored: Store) -> Vigie:
    """Runs a command, and raises what the command raises."""
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


def hours(result: Result) -> list[int]:
    """How long after the first row each printed one lies."""
    return [int(json.loads(line)["at"][11:13]) - 12 for line in result.output.splitlines()]


def test_the_log_can_be_cut_at_both_ends_and_counted_from_the_last(vigie: Vigie) -> None:
    log = ("log", "--format", "ndjson")
    ends = ("--since", "2026-11-23T13:00Z", "--until", "2026-11-23T15:00Z")
    assert hours(vigie(*log)) == [0, 1, 2, 3]
    assert hours(vigie(*log, *ends)) == [1, 2]
    assert hours(vigie(*log, "--last", "3")) == [1, 2, 3]
    assert hours(vigie(*log, "--last", "3", "--since", "2026-11-23T14:00Z")) == [2, 3]
    assert hours(vigie(*log, "--last", "3", "--until", "2026-11-23T14:00Z")) == [0, 1]


def test_a_period_must_not_be_empty(vigie: Vigie) -> None:
    with pytest.raises(BadInput, match="is not after --since"):
        vigie("log", "--since", "2026-11-23", "--until", "2026-11-23")


def test_no_cell_of_the_csv_can_be_run_by_a_spreadsheet(vigie: Vigie) -> None:
    rows = list(csv.DictReader(io.StringIO(vigie("log", "--format", "csv").stdout)))
    assert [row["words"][:2] for row in rows[2:]] == ["'\t", "'-"]


def test_what_came_later_stands_beside_a_row(vigie: Vigie, stored: Store) -> None:
    again = LaterReading(
        observation=3,
        platform="classic",
        reader_version="9",
        reading=reading(Outcome.CLOSED, rule="moved"),
        read_at=NOON + 9 * HOUR,
        cause="newer reader",
    )
    tell(stored, later_readings.append, "vienne-titre", [again], {}, NOON)
    raised = [
        SuspectedObservation(observation=3, host="vienne.localhost", reason=reason)
        for reason in (Suspicion.ALL_AT_ONCE, Suspicion.CONTRADICTS_CONTROL)
    ]
    tell(stored, suspicions.flag, raised, NOON)
    row = list(csv.DictReader(io.StringIO(vigie("log", "--format", "csv").stdout)))[2]
    assert (row["outcome"], row["reread_outcome"], row["reread_rule"]) == ("unrecognised", "closed", "moved")
    assert sorted(row["soft_block_suspected"].split(" ")) == ["all_at_once", "contradicts_control"]
    (line,) = [line for line in vigie("log").stdout.splitlines() if "2026-11-23 14:00:00" in line]
    assert "closed or moved (read again)" in line
    assert "moved" in line
    assert "all_at_once" in line


def test_ndjson_keeps_the_letters_of_the_page(vigie: Vigie, stored: Store) -> None:
    stored.append_gap(gap(NOON + 5 * HOUR, detail="coupé à midi"))
    assert "coupé à midi" in vigie("log", "--format", "ndjson").stdout


def turned(store: Store) -> list[tuple[str, str]]:
    return [(one.scope, one.value) for one in ask(store, switches.thrown)]


def test_one_switch_is_turned_at_a_time(vigie: Vigie, stored: Store) -> None:
    why = ("--reason", "asked", "--author", "duty")
    for wrong in ((), ("--all", "--host", "a.fr"), ("--platform", "classic", "--host", "a.fr")):
        with pytest.raises(BadInput, match="give exactly one of"):
            vigie("switch", "off", *wrong, *why)
    vigie("switch", "off", "--all", *why)
    vigie("switch", "off", "--platform", "classic", *why)
    assert sorted(turned(stored)) == [("all", ""), ("platform", "classic")]
    assert vigie("switch", "on", "--all", *why).stdout == "Visits are on again: everything.\n"
    assert turned(stored) == [("platform", "classic")]
    listed = [line.split() for line in vigie("switch", "list").stdout.splitlines()[1:]]
    assert [words[-3] for words in listed] == ["off", "off", "on"]


def test_counts_are_made_again_from_the_rows(vigie: Vigie, stored: Store) -> None:
    def recounted() -> Result:
        return vigie("db", "recount", "--sample", "20")

    assert recounted().exit_code == 0
    with stored.write() as conn:
        conn.exec_driver_sql("UPDATE day_tallies SET n = n + 1")
    assert recounted().exit_code == 1
    vigie("db", "rebuild")
    assert recounted().exit_code == 0


HUGE = "9" * 20


@pytest.mark.parametrize(
    "words",
    [
        ("quarantine", "accept", HUGE),
        ("quarantine", "withdraw", HUGE, "--reason", "x"),
        ("quarantine", "decide", "abc", "--as", "no_slots-x", "--observation", HUGE),
        ("log", "--last", HUGE),
        ("audit", "sample", "--n", HUGE, "--out", "sheet"),
        ("db", "recount", "--sample", "10001"),
        ("attend", "vienne-titre", "--minutes", HUGE),
    ],
    ids=" ".join,
)
def test_a_number_that_no_row_can_have_is_refused_in_one_sentence(
    vigie: Vigie, words: tuple[str, ...]
) -> None:
    refused = vigie(*words)
    assert refused.exit_code == 2
    said = " ".join(refused.stderr.replace("│", " ").split())  # in a box, on lines of its width
    assert "Input should be less than or equal to" in said


def test_the_greatest_number_is_looked_for(vigie: Vigie) -> None:
    largest = str(2**63 - 1)
    assert hours(vigie("log", "--format", "ndjson", "--last", largest)) == [0, 1, 2, 3]
    with pytest.raises(BadInput, match="is not in the record"):
        vigie("quarantine", "accept", largest)


@pytest.mark.parametrize("command", [("switch", "off", "--all"), ("switch", "on", "--all")])
def test_a_reason_that_the_record_keeps_is_not_blank(vigie: Vigie, command: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="is empty; say why"):
        vigie(*command, "--reason", "  ", "--author", "Ada")
