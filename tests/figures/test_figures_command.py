"""`vigie figures`, `vigie export` and the recount, as a person runs them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from monitor.clock import SystemClock
from monitor.commands.export import decisions, export
from monitor.commands.figures import figures
from monitor.commands.upkeep import recount
from monitor.figures import loading
from monitor.figures.period import VisitAttempt
from monitor.figures.plots import canvas
from monitor.figures.shares import Share, share
from monitor.problems import BadInput
from monitor.store import Store, open_store
from probes import registry
from probes.model import Outcome
from tests.cast.observations import NOON, observation, target
from tests.cast.seeding import seed
from tests.cast.supply import PATTERNS, month, simulate, watch

pytestmark = pytest.mark.slow

FIRST, DAYS = date(2026, 4, 6), 63
SINCE_UNTIL = ["--since", "2026-04-06", "--until", "2026-06-07"]
TARGETS = """
[[target]]
id = "vienne-sejour"
platform = "classic"
url = "http://vienne.localhost/booking/create/1"
prefecture = "Vienne"
departement = "86"
demarche = "titre de séjour"
zone = "Europe/Paris"
control = "vienne-permis"

[[target]]
id = "vienne-permis"
platform = "classic"
url = "http://vienne.localhost/booking/create/2"
prefecture = "Vienne"
departement = "86"
demarche = "permis de conduire"
zone = "Europe/Paris"
"""
DECISIONS = """
[[decision]]
id = "ta-poitiers"
kind = "decision"
day = 2026-05-11
title = "TA Poitiers, n° 1"
source = "https://example.org"
departement = "86"
"""

app = typer.Typer()
app.command()(figures)
app.command()(export)
app.command()(recount)
app.command()(decisions)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """An installation: settings, catalogue, decisions, nine weeks of a target and two others."""
    made = tmp_path_factory.mktemp("installation")
    database = made / "vigie.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    (made / "vigie.toml").write_text(
        f'[database]\nurl = "sqlite:///{database}"\n[targets]\npath = "{made}/targets.toml"\n'
    )
    (made / "targets.toml").write_text(TARGETS)
    (made / "decisions.toml").write_text(DECISIONS)
    with_rows(open_store(f"sqlite:///{database}", media=made / "media"))
    return made


def with_rows(store: Store) -> None:
    store.record_targets(
        [
            target("vienne-sejour", demarche="titre de séjour"),
            target("vienne-permis", demarche="permis de conduire"),
            target("cher-sejour", demarche="titre de séjour", prefecture="Cher", departement="18"),
        ]
    )
    start, end = month(FIRST, DAYS)
    for number, (name, pattern) in enumerate(
        {"vienne-sejour": "cancellations", "vienne-permis": "long_openings", "cher-sejour": "blocks"}.items()
    ):
        rng = np.random.default_rng(number)
        seed(store, name, watch(PATTERNS[pattern](start, end, rng), start, end, rng))
    store.close()


def run(folder: Path, *words: str) -> Result:
    named = ["--config", str(folder / "vigie.toml")]
    decisions = ["--decisions", str(folder / "decisions.toml")] if words[0] == "figures" else []
    return CliRunner().invoke(
        app, [*words, *named, *decisions], env={"COLUMNS": "400"}, catch_exceptions=True
    )


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


HEADINGS = (
    *("Sur la période", "Peut-on s'y fier ?", "Zéro ou panne ?", "Le site répondait-il ?"),
    *("Part sans créneau", "Borne", "Première date", "Les cinq classes de La Cimade"),
    *("Plus longue sécheresse", "Quand des créneaux apparaissent", "Durée des ouvertures"),
    *("Et si j'essaie chaque jour ?", "Deux portes : vienne-permis", "Avant / après : TA Poitiers, n° 1"),
)


def test_on_screen_every_figure_has_its_words(folder: Path) -> None:
    told = run(folder, "figures", "vienne-sejour", *SINCE_UNTIL).output
    for heading in HEADINGS:
        assert f"\n{heading}\n" in told
    assert "vienne.localhost a répondu 100 % du temps observé" in told.replace("\N{NO-BREAK SPACE}", " ")
    assert "Avant / après : TA Poitiers, n° 1" in told
    assert "témoin cher-sejour" in told
    assert "couverture" in told


def test_csv_has_the_digits_of_the_figures(folder: Path) -> None:
    table = list(
        csv.DictReader(io.StringIO(run(folder, "figures", "vienne-sejour", "--csv", *SINCE_UNTIL).output))
    )
    store = open_store(f"sqlite:///{folder / 'vigie.db'}", media=folder / "media")
    expected = share(loading.load(store, "vienne-sejour", FIRST, FIRST + timedelta(days=DAYS - 1)).counts)
    store.close()
    assert isinstance(expected, Share)
    (row,) = [row for row in table if row["figure"] == "share_without_slot"]
    assert (float(row["value"]), float(row["low"]), float(row["high"])) == (
        expected.value,
        expected.low,
        expected.high,
    )


def test_json_and_csv_say_the_same(folder: Path) -> None:
    words = ("figures", "vienne-permis", *SINCE_UNTIL)
    table = read_csv(run(folder, *words, "--csv").output)
    told = json.loads(run(folder, *words, "--json").output)
    assert [row["value"] for row in table] == ["" if r["value"] is None else repr(r["value"]) for r in told]
    assert [row["key"] for row in table] == [r["key"] for r in told]


CAUTION = "Plateforme classic non prouvée : son lecteur n'a encore lu aucune page enregistrée du site réel."


def test_every_form_says_that_the_platform_is_unproven(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("figures", "vienne-sejour", *SINCE_UNTIL)
    assert CAUTION in run(folder, *words).output.splitlines()
    assert {row["proof"] for row in read_csv(run(folder, *words, "--csv").output)} == {CAUTION}
    assert {row["proof"] for row in json.loads(run(folder, *words, "--json").output)} == {CAUTION}
    drawn: list[set[str]] = []
    monkeypatch.setattr(canvas, "save", lambda figure, _: drawn.append({t.get_text() for t in figure.texts}))
    run(folder, *words, "--png", str(tmp_path))
    assert [CAUTION in texts for texts in drawn] == [True] * 5


def test_a_proven_platform_needs_no_reserve(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(registry.platform("classic")), "verified_on", date(2026, 11, 28))
    words = ("figures", "vienne-sejour", *SINCE_UNTIL)
    assert "non prouvée" not in run(folder, *words).output
    assert {row["proof"] for row in json.loads(run(folder, *words, "--json").output)} == {None}


def test_pictures_are_written_and_named(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "figures", "vienne-sejour", "--png", str(tmp_path), *SINCE_UNTIL)
    assert result.exit_code == 0, result.output
    names = ("mur", "regle", "chaque-jour", "deux-portes", "avant-apres-ta-poitiers")
    assert {path.name for path in tmp_path.iterdir()} == {f"vienne-sejour-{name}.png" for name in names}


def test_a_control_can_be_chosen(folder: Path) -> None:
    told = run(folder, "figures", "vienne-sejour", "--control", "cher-sejour", *SINCE_UNTIL).output
    assert "Deux portes : cher-sejour" in told


def test_no_day_is_claimed_that_the_record_does_not_have(folder: Path) -> None:
    """Asked for a year, it tells the nine weeks it has."""
    words = ("figures", "vienne-sejour", "--since", "2026-01-01", "--until", "2026-12-31")
    assert "Du 06/04/2026 au 07/06/2026" in run(folder, *words).output
    (row,) = [r for r in read_csv(run(folder, *words, "--csv").output) if r["figure"] == "share_without_slot"]
    assert (row["first_day"], row["last_day"]) == ("2026-04-06", "2026-06-07")


def test_the_default_period_ends_with_yesterday_because_today_is_not_over(
    tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "vigie.db"
    database.write_bytes(migrated_sqlite.read_bytes())
    (tmp_path / "vigie.toml").write_text(f'[database]\nurl = "sqlite:///{database}"\n')
    (tmp_path / "decisions.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "targets.toml").write_text("")
    store = open_store(f"sqlite:///{database}", media=tmp_path)
    store.record_targets([target()])
    for n in range(3):
        store.append_observation(observation(NOON - timedelta(days=n)))
    store.close()
    monkeypatch.setattr(SystemClock, "now", lambda _: NOON + timedelta(hours=1))
    told = run(tmp_path, "figures", "vienne-titre").output
    assert f"Du {NOON - timedelta(days=2):%d/%m/%Y} au {NOON - timedelta(days=1):%d/%m/%Y}" in told


@pytest.mark.parametrize(
    ("since", "first"),
    [("2026-04-08", "08"), ("2026-04-08T00:30+02:00", "08"), ("2026-04-07T22:30Z", "08")],
)
def test_an_instant_names_the_day_it_lies_on_at_the_prefecture(folder: Path, since: str, first: str) -> None:
    told = run(folder, "figures", "vienne-sejour", "--since", since, "--until", "2026-05-07").output
    assert f"Du {first}/04/2026 au 07/05/2026" in told


def test_days_the_wrong_way_round_are_told(folder: Path) -> None:
    result = run(folder, "figures", "vienne-sejour", "--since", "2026-06-01", "--until", "2026-05-01")
    assert isinstance(result.exception, BadInput)
    assert "swap them" in str(result.exception)


@pytest.mark.parametrize("option", [[], ["--control"], ["--beside"]])
def test_an_unknown_target_is_told_with_the_nearest(folder: Path, option: list[str]) -> None:
    known = ["vienne-sejour"] if option else []
    result = run(folder, "figures", *known, *option, "viene-sejour")
    assert isinstance(result.exception, BadInput)
    assert 'did you mean "vienne-sejour"?' in str(result.exception)


def test_the_controls_of_before_and_after_can_be_named(folder: Path) -> None:
    told = run(folder, "figures", "vienne-sejour", "--beside", "vienne-permis", *SINCE_UNTIL).output
    assert "témoin vienne-permis" in told
    assert "témoin cher-sejour" not in told


@pytest.mark.parametrize("option", ["--control", "--beside"])
def test_no_simulated_prefecture_stands_beside_a_real_one(folder: Path, tmp_path: Path, option: str) -> None:
    for name in ("vigie.toml", "vigie.db", "targets.toml", "decisions.toml"):
        made = (folder / name).read_bytes().replace(f"///{folder}".encode(), f"///{tmp_path}".encode())
        (tmp_path / name).write_bytes(made)
    store = open_store(f"sqlite:///{tmp_path / 'vigie.db'}", media=tmp_path)
    store.record_targets([target("demo", demarche="titre de séjour", departement="99")])
    rows = simulate("blocks", FIRST, DAYS, seed=5)[1].rows["at"].to_list()
    seed(
        store,
        "demo",
        [VisitAttempt(scheduled_at=at, outcome=Outcome.NO_SLOTS, simulated=True) for at in rows],
    )
    store.close()
    told = run(tmp_path, "figures", "vienne-sejour", *SINCE_UNTIL).output
    assert ("témoin cher-sejour" in told, "témoin demo" in told) == (True, False)
    refused = run(tmp_path, "figures", "vienne-sejour", *SINCE_UNTIL, option, "demo").exception
    assert 'target "demo": is not in the record, or not of the same kind' in str(refused)


@pytest.mark.parametrize("day", ["20261102", "2026-W45", "2026-W45-1"])
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_what_may_be_another_day_is_no_day(folder: Path, option: str, day: str) -> None:
    """Taken for an instant, it became the day before wherever clocks are behind Greenwich."""
    told = str(run(folder, "figures", "vienne-sejour", option, day).exception)
    assert f'"{day}" is not a date; write 2026-03-01' in told


def test_two_formats_at_once_are_refused(folder: Path) -> None:
    result = run(folder, "figures", "vienne-sejour", "--csv", "--json")
    assert (str(result.exception), result.output) == (
        "--csv --json: both write to standard output; choose one.",
        "",
    )


@pytest.mark.parametrize("words", [["export"], ["figures", "vienne-sejour", "--png"]])
def test_a_folder_that_cannot_be_written_is_told(folder: Path, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "file").write_text("")
    inside = tmp_path / "file" / "inside"
    result = run(folder, *words, str(inside))
    assert str(result.exception) == f"{inside}: cannot be written (not a directory); choose another folder."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "does not exist; write it as docs/figures.md shows"),
        ("[[decision\n", "is not valid TOML"),
        ('[[decision]]\nid = "a"\nkind = "rumeur"\n', 'kind "rumeur" is not'),
    ],
)
def test_a_broken_registry_is_told(folder: Path, tmp_path: Path, text: str | None, says: str) -> None:
    registry = tmp_path / "events.toml"
    if text is not None:
        registry.write_text(text)
    words = ["figures", "vienne-sejour", "--decisions", str(registry), "--config", str(folder / "vigie.toml")]
    told = CliRunner().invoke(app, words).exception
    assert isinstance(told, BadInput)
    assert says in str(told)


def test_the_data_set_is_exported(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "export", str(tmp_path / "open"))
    assert result.exit_code == 0, result.output
    assert "files written" in result.output
    assert (tmp_path / "open" / "datapackage.json").exists()


def test_a_wrong_embargo_is_told(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "export", str(tmp_path), "--embargo", "soon")
    assert "--embargo" in str(result.exception)


def test_the_recount_finds_no_difference(folder: Path) -> None:
    result = run(folder, "recount", "--sample", "20")
    assert (result.exit_code, result.output) == (0, "20 weeks recounted, 0 differences.\n")


def test_the_recount_fails_when_a_roll_up_is_wrong(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "vigie.db"
    broken.write_bytes((folder / "vigie.db").read_bytes())
    store = open_store(f"sqlite:///{broken}", media=tmp_path)
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE day_tallies SET n = n + 1")
    store.close()
    (tmp_path / "vigie.toml").write_text(f'[database]\nurl = "sqlite:///{broken}"\n')
    result = run(tmp_path, "recount", "--sample", "3")
    assert result.exit_code == 1
    assert "recounted" in result.output


def test_the_registry_is_loaded_in_place_of_what_was_there(folder: Path) -> None:
    for _ in range(2):
        result = run(folder, "decisions", str(folder / "decisions.toml"))
        assert (result.exit_code, result.output) == (0, "1 events are on the dashboards.\n")
    store = open_store(f"sqlite:///{folder / 'vigie.db'}", media=folder / "media")
    with store.read() as conn:
        rows = conn.exec_driver_sql("SELECT id, kind, day FROM events").all()
    store.close()
    assert [tuple(row) for row in rows] == [("ta-poitiers", "decision", "2026-05-11")]


def test_a_registry_that_is_not_there_is_told(folder: Path) -> None:
    assert "does not exist" in str(run(folder, "decisions", str(folder / "none.toml")).exception)
