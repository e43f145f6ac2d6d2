"""Open data: what is published, when, and that its digits are the record's."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from monitor.clock import SystemClock
from monitor.figures import dictionary, loading, opendata
from monitor.figures.period import VisitAttempt
from monitor.figures.publish import publish
from monitor.figures.shares import Share
from monitor.model import GapReason, Origin
from monitor.present.proof import caution
from monitor.problems import BadInput
from monitor.store import LaterReading, Store
from monitor.store.record import writing
from monitor.store.review import later_readings
from probes.model import Outcome
from tests.cast.observations import gap, reading, target
from tests.cast.seeding import seed
from tests.cast.supply import HOUR
from tests.cast.transactions import tell
from tests.figures.conforming import conforms, written

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 1, 23, tzinfo=UTC)  # midnight of Monday 2 March in Paris
HOURS = 24 * 21
NOW = START + HOURS * HOUR
FATES: list[dict[str, Any]] = [
    {"outcome": Outcome.NO_SLOTS},
    {"outcome": Outcome.NO_SLOTS},
    {"outcome": Outcome.NO_SLOTS},
    {"outcome": Outcome.SLOTS_OFFERED, "earliest": START + timedelta(days=90)},
    {"outcome": Outcome.SITE_DOWN},
    {"gap": GapReason.BREAKER_OPEN},
]


def attempts(seed_: int) -> list[VisitAttempt]:
    choose = Random(seed_)
    weights = [10, 10, 10, 3, 1, 1]
    return [
        VisitAttempt(scheduled_at=START + n * HOUR, **fate)
        for n, fate in enumerate(choose.choices(FATES, weights, k=HOURS))
    ]


@pytest.fixture(scope="module")
def watched(any_store: Store) -> Store:
    any_store.record_targets([target("vienne"), target("demo"), target("permis", demarche="=1+1")])
    seed(any_store, "vienne", attempts(1))
    seed(any_store, "permis", attempts(2))
    seed(any_store, "demo", [replace(a, simulated=True) for a in attempts(3)[:48]])
    seed(
        any_store,
        "vienne",
        [VisitAttempt(scheduled_at=START, outcome=Outcome.NO_SLOTS, origin=Origin.ATTENDED)],
    )
    return any_store


@pytest.fixture(scope="module")
def folder(watched: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("open")
    publish(watched, made, now=NOW)
    return made


def rows(folder: Path) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(path) for path in sorted(folder.glob("rows-*.parquet")))


def test_a_day_is_published_only_when_it_has_been_over_for_the_embargo(folder: Path) -> None:
    published = rows(folder)
    assert max(published["at"]) < NOW - timedelta(hours=24)
    days = sorted(path.stem for path in folder.glob("rows-*.csv"))
    assert (days[0], days[-1]) == ("rows-2026-03-01", "rows-2026-03-20")


@pytest.mark.parametrize("embargo", [timedelta(hours=24), timedelta(days=3)])
def test_no_slot_younger_than_the_embargo_leaves_in_any_file(
    watched: Store, tmp_path: Path, embargo: timedelta
) -> None:
    """An opening of the last minutes: not its row, not its day, not its week."""
    publish(watched, tmp_path, now=NOW, embargo=embargo)
    limit = NOW - embargo
    assert max(rows(tmp_path)["at"]) < limit
    weeks = pl.read_parquet(tmp_path / "weeks.parquet")
    assert max(weeks["last_day"]) < limit.date()


def test_targets_and_figures_say_that_their_platform_is_unproven(folder: Path) -> None:
    for name in ("targets", "weeks"):
        assert set(pl.read_parquet(folder / f"{name}.parquet")["proof"]) == {caution("classic")}


def test_what_is_there_already_is_not_written_again(watched: Store, tmp_path: Path) -> None:
    first = publish(watched, tmp_path, now=NOW - timedelta(days=1))
    again = publish(watched, tmp_path, now=NOW)
    names = {path.name for path in again}
    assert "rows-2026-03-20.csv" in names
    assert not {p.name for p in first if p.name.startswith("rows")} & names


def test_a_day_is_written_again_when_rows_of_it_came_late(store: Store, tmp_path: Path) -> None:
    """The service was down when the day was published; the gaps it finds afterwards belong to that day."""
    store.record_targets([target("vienne")])
    made = [VisitAttempt(scheduled_at=START + n * HOUR, outcome=Outcome.NO_SLOTS) for n in range(120)]
    seed(store, "vienne", made[:24] + made[48:])
    publish(store, tmp_path, now=NOW)
    late = [VisitAttempt(scheduled_at=START + n * HOUR, gap=GapReason.DOWNTIME) for n in range(24, 48)]
    seed(store, "vienne", late)
    again = {path.stem for path in publish(store, tmp_path, now=NOW) if path.name.startswith("rows")}
    assert again == {"rows-2026-03-02", "rows-2026-03-03"}
    assert rows(tmp_path)["gap_reason"].drop_nulls().to_list().count("downtime") == 24
    assert not any(path.name.startswith("rows") for path in publish(store, tmp_path, now=NOW))


def test_a_day_is_written_again_when_its_pages_were_read_again(store: Store, tmp_path: Path) -> None:
    store.record_targets([target("vienne")])
    seed(store, "vienne", attempts(1)[:72])
    publish(store, tmp_path, now=NOW)
    zero = next(row for row in store.observations("vienne") if row.reading.outcome is Outcome.NO_SLOTS)
    made = LaterReading(
        observation=zero.id,
        platform="classic",
        reader_version="2",
        reading=reading(Outcome.CAPTCHA),
        read_at=zero.recorded_at,
        cause="essai",
    )
    tell(store, later_readings.append, "vienne", [made], {}, SystemClock().now())
    written = {path.stem for path in publish(store, tmp_path, now=NOW) if path.name.startswith("rows")}
    assert written == {f"rows-{zero.at.date()}"}
    assert "captcha" in rows(tmp_path)["outcome"].to_list()


def test_a_row_written_a_moment_ago_is_not_taken_as_published(store: Store, tmp_path: Path) -> None:
    """A transaction still open may hold one with a lower number: its day is written once more."""
    store.record_targets([target("vienne")])
    seed(store, "vienne", attempts(1)[:48])
    with store.write() as conn:
        late = gap(START - HOUR, name="vienne")
        number = writing.append_gap(conn, late, recorded_at=NOW - timedelta(minutes=9))
    publish(store, tmp_path, now=NOW)
    assert package(tmp_path)["vigie"] == {"entry": number - 1, "reading": 0, "simulated": False}
    again = publish(store, tmp_path, now=NOW + HOUR / 2)
    assert {path.stem for path in again if path.name.startswith("rows")} == {"rows-2026-03-01"}
    assert package(tmp_path)["vigie"]["entry"] == number
    assert not any(path.name.startswith("rows") for path in publish(store, tmp_path, now=NOW + HOUR / 2))


def test_a_target_seen_only_under_embargo_is_not_named(store: Store, tmp_path: Path) -> None:
    store.record_targets([target("vienne"), target("neuve"), target("jamais")])
    seed(store, "vienne", attempts(1)[:48])
    seed(store, "neuve", [VisitAttempt(scheduled_at=NOW - HOUR, outcome=Outcome.SLOTS_OFFERED)])
    publish(store, tmp_path, now=NOW)
    for name in ("targets", "weeks"):
        assert set(pl.read_parquet(tmp_path / f"{name}.parquet")["target"]) == {"vienne"}


def test_a_week_is_published_once_its_sunday_is_over_everywhere(store: Store, tmp_path: Path) -> None:
    """Sunday 8 March lasts until Monday in the zones west of UTC."""
    store.record_targets([target("miquelon", zone="America/Miquelon")])
    seed(store, "miquelon", [replace(one, simulated=True) for one in attempts(1)[: 24 * 12]])
    for day, weeks in ((10, {"2026-W09"}), (11, {"2026-W09", "2026-W10"})):
        publish(store, tmp_path, now=datetime(2026, 3, day, tzinfo=UTC), simulated=True)
        found = pl.read_parquet(tmp_path / "weeks.parquet")
        assert set(found["key"]) == weeks
        assert set(found["zone"]) == {"America/Miquelon"}
        assert all(found["simulated"])
    assert found.sort("key")["last_day"].to_list() == [date(2026, 3, 1), date(2026, 3, 8)]


@pytest.mark.parametrize("told", ["not JSON", "{}", '{"vigie": {"entry": 1}}', '{"vigie": 3}'])
def test_a_package_that_cannot_be_read_has_every_day_written_again(
    store: Store, tmp_path: Path, told: str
) -> None:
    store.record_targets([target("vienne")])
    seed(store, "vienne", attempts(1)[:24])
    first = publish(store, tmp_path, now=NOW)
    whole = kept(tmp_path)
    (tmp_path / "datapackage.json").write_text(told)
    assert publish(store, tmp_path, now=NOW) == first
    assert kept(tmp_path) == whole


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_day_of_which_a_file_is_gone_is_written_again(store: Store, tmp_path: Path, ending: str) -> None:
    store.record_targets([target("vienne")])
    seed(store, "vienne", attempts(1)[:48])
    publish(store, tmp_path, now=NOW)
    whole = kept(tmp_path)
    (tmp_path / f"rows-2026-03-02.{ending}").unlink()
    again = {path.stem for path in publish(store, tmp_path, now=NOW) if path.name.startswith("rows")}
    assert again == {"rows-2026-03-02"}
    assert kept(tmp_path) == whole


def test_a_run_that_was_killed_leaves_no_half_of_a_file_and_is_made_good(
    watched: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever file is being written when the run ends: the next one writes the same data set."""
    publish(watched, tmp_path / "whole", now=NOW)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    folder, rename = tmp_path / "killed", Path.replace
    left = iter([3, 20, len(whole) - 1])

    def run(steps: int) -> None:
        def killed(path: Path, to: Path) -> Path:
            nonlocal steps
            steps -= 1
            if steps < 0:
                raise KeyboardInterrupt
            return rename(path, to)

        monkeypatch.setattr(Path, "replace", killed)
        publish(watched, folder, now=NOW)

    for steps in left:
        with pytest.raises(KeyboardInterrupt):
            run(steps)
        assert kept(folder) == {name: whole[name] for name in kept(folder)}
        assert len(kept(folder)) == steps
    run(len(whole))
    assert kept(folder) == whole


def kept(folder: Path) -> dict[str, bytes]:
    """What a reader of the folder finds."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_folder_of_the_other_kind_is_refused(watched: Store, tmp_path: Path) -> None:
    publish(watched, tmp_path, now=NOW)
    before = kept(tmp_path)
    with pytest.raises(BadInput, match="holds the data of real préfectures; choose another folder"):
        publish(watched, tmp_path, now=NOW, simulated=True)
    assert kept(tmp_path) == before
    publish(watched, tmp_path / "simulated", now=NOW, simulated=True)
    with pytest.raises(BadInput, match="holds the data of simulated préfectures"):
        publish(watched, tmp_path / "simulated", now=NOW)


def test_files_of_somebody_else_are_left_alone(watched: Store, tmp_path: Path) -> None:
    mine = ("notes.csv", "rows-2026-03-01-notes.csv", "targets-notes.parquet")
    for name in mine:
        (tmp_path / name).write_text("à moi")
    publish(watched, tmp_path, now=NOW)
    assert not {resource["path"] for resource in package(tmp_path)["resources"]} & set(mine)
    assert {(tmp_path / name).read_text() for name in mine} == {"à moi"}


def test_every_day_is_written_again_when_asked(watched: Store, tmp_path: Path) -> None:
    publish(watched, tmp_path, now=NOW)
    again = {path.name for path in publish(watched, tmp_path, now=NOW, afresh=True)}
    assert {"rows-2026-03-01.csv", "rows-2026-03-20.parquet"} <= again


def test_real_and_simulated_rows_never_share_a_file(watched: Store, folder: Path, tmp_path: Path) -> None:
    assert set(rows(folder)["target"]) == {"vienne", "permis"}
    publish(watched, tmp_path, now=NOW, simulated=True)
    assert set(rows(tmp_path)["target"]) == {"demo"}
    assert set(pl.read_csv(tmp_path / "targets.csv")["target"]) == {"demo"}


def test_csv_and_parquet_say_the_same(folder: Path) -> None:
    for path in sorted(folder.glob("rows-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts = list(csv.DictReader(file))
        typed = pl.read_parquet(path.with_suffix(".parquet"))
        assert texts == [{name: written(value) for name, value in row.items()} for row in typed.to_dicts()]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless_in_csv_only(folder: Path) -> None:
    texts = {row["target"]: row["demarche"] for row in pl.read_csv(folder / "targets.csv").to_dicts()}
    assert texts["permis"] == "'=1+1"
    typed = {row["target"]: row["demarche"] for row in pl.read_parquet(folder / "targets.parquet").to_dicts()}
    assert typed["permis"] == "=1+1"


def package(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return read


def test_the_package_describes_every_file_with_its_hash_licence_and_schema(folder: Path) -> None:
    described = {r["path"]: r for r in package(folder)["resources"]}
    files = {path.name for path in folder.iterdir()} - {"datapackage.json"}
    assert set(described) == files
    assert package(folder)["licenses"][0]["name"] == "etalab-2.0"
    assert package(folder)["temporal"] == {"start": "2026-03-01", "end": "2026-03-20"}
    for name, told in described.items():
        data = (folder / name).read_bytes()
        assert (told["bytes"], told["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")


def test_every_file_keeps_its_table_schema(folder: Path) -> None:
    """Names in order, required cells filled, closed words kept, values of the declared type."""
    for told in package(folder)["resources"]:
        if not told["path"].endswith(".csv"):
            continue
        with (folder / told["path"]).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            texts = list(reader)
        fields = told["schema"]["fields"]
        assert reader.fieldnames == [field["name"] for field in fields]
        for field in fields:
            for row in texts:
                conforms(row[field["name"]], field)


def test_instants_are_written_in_utc(folder: Path) -> None:
    first = pl.read_csv(folder / "rows-2026-03-01.csv").to_dicts()[0]
    assert first["at"] == "2026-03-01T23:00:00.000000Z"
    assert first["day"] == "2026-03-02"


def test_no_text_of_a_page_and_no_address_of_a_person_is_published() -> None:
    names = {column.name for column in (*opendata.ROWS, *opendata.TARGETS)}
    assert not names & {"words", "notices", "parts", "body", "screenshot", "email", "user_agent", "ip"}


def test_a_hundred_random_weeks_have_the_digits_of_the_roll_ups(watched: Store, folder: Path) -> None:
    """R18: rows of the files, roll-ups of the database and the weekly figures say the same."""
    choose, published = Random(7), rows(folder).filter(pl.col("origin") == Origin.SCHEDULED)
    weekly = {(r["target"], r["key"]): r for r in pl.read_parquet(folder / "weeks.parquet").to_dicts()}
    kept = loading.weeks(watched, ["vienne", "permis"], date(2026, 3, 2), date(2026, 3, 15))
    for _ in range(100):
        name = choose.choice(["vienne", "permis"])
        week = choose.choice(kept[name])
        mine = published.filter(pl.col("target") == name, pl.col("day").dt.truncate("1w") == week.monday)
        assert (len(mine), int((mine["outcome"] == "no_slots").sum())) == (
            week.counts.scheduled,
            week.counts.zeros,
        )
        assert isinstance(week.share, Share)
        told = weekly[name, week.name]
        assert (told["value"], told["low"], told["high"]) == (
            week.share.value,
            week.share.low,
            week.share.high,
        )


def test_a_store_without_rows_publishes_nothing(store: Store, tmp_path: Path) -> None:
    assert publish(store, tmp_path / "open", now=NOW) == []
    assert not (tmp_path / "open").exists()


def test_the_data_dictionary_is_current() -> None:
    path = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert path.read_text(encoding="utf-8") == dictionary.dictionary(), (
        "write it anew: python -m monitor.figures.dictionary > docs/data-dictionary.md"
    )
