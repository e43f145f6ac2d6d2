"""`vigie …` as a person types it: what it says, and one sentence with exit 1 for what they can mend."""

from __future__ import annotations

import csv
import io
import json
import os
import pwd
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.commands.options import whoever
from monitor.settings.load import load_settings
from monitor.store import Store
from monitor.store.record import switches
from monitor.watch.installation import record
from probes.model import Outcome
from tests.cast.observations import NOON, gap, observation, reading, target
from tests.cast.transactions import ask
from tests.cast.vigie import Vigie

pytestmark = pytest.mark.slow

KEYS = {
    "outcome",
    "kind",
    "rule",
    "failure",
    "earliest",
    "second",
    "slots",
    "horizon",
    "started_at",
    "versions",
}


@pytest.fixture
def stored(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The folder's record, with three rows of a target that is no longer in the catalogue."""
    monkeypatch.chdir(folder)
    store = record(load_settings())
    store.record_targets([target()])
    store.append_observation(observation(NOON, Outcome.SLOTS_OFFERED))
    store.append_gap(gap(NOON.replace(hour=13)))
    formula = reading(Outcome.UNRECOGNISED, words="=cmd|' /C calc'!A0")
    store.append_observation(observation(NOON.replace(hour=14), reading=formula))
    return store


def test_probe_reads_a_target_over_http(vigie: Vigie) -> None:
    said = json.loads(vigie("probe", "valmont-titre-sejour", "--json").stdout)
    assert said.keys() >= KEYS
    assert (said["outcome"], said["kind"], said["simulated"]) == ("no_slots", "all_taken", True)
    assert [step["action"] for step in said["steps"]] == ["open", "submit"]


@pytest.mark.browser
def test_probe_explains_what_it_saw_in_a_real_browser(vigie: Vigie, folder: Path) -> None:
    said = vigie("probe", "valmont-titre-sejour", "--transport", "browser", "--explain").stdout
    assert "zéro créneau" in said
    assert "Il n'existe plus de plage horaire libre" in said
    assert "unproven, tested on reconstructed pages only" in " ".join(said.split())
    picture = folder / re.findall(r"var/probes/\S+\.jpg", said)[0]
    assert picture.read_bytes()[:3] == b"\xff\xd8\xff"


def test_probe_records_nothing(vigie: Vigie, folder: Path) -> None:
    vigie("probe", "valmont-titre-sejour")
    assert not list(folder.glob("var/*.sqlite3"))


def test_probe_refuses_this_machine_unless_told(vigie: Vigie, simulator_port: int) -> None:
    url = f"http://valmont.localhost:{simulator_port}/booking/create/1201"
    refused = vigie("probe", url)
    assert refused.returncode == 1
    assert refused.stderr == f"vigie: {url}: is on this machine; add --allow-local if you mean it.\n"
    assert "zéro créneau" in vigie("probe", url, "--allow-local", "--transport", "http").stdout


def test_probe_never_visits_a_real_site_without_a_contact(vigie: Vigie) -> None:
    refused = vigie("probe", "https://www.vienne.gouv.fr/booking/create/1", "--transport", "http")
    assert refused.returncode == 1
    assert refused.stderr.startswith("vigie: [identity] contact: is not set")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["probe", "valmont-titres"], 'is not in the catalogue; did you mean "valmont-titre-sejour"?'),
        (["log"], "run `vigie db upgrade`."),
        (["log", "--since", "hier"], '"hier" is not a date; write 2026-03-01 or 2026-03-01T09:00Z.'),
        (["reclassify", "--since", "2026-03-02", "--until", "2026-03-01"], "is not after --since"),
        (["audit", "sample", "--since", "2026-03-02", "--until", "2026-03-02"], "is not after --since"),
        (["export", "x", "--embargo", "999999d"], '--embargo: "999999d" is longer than ten years;'),
        (["switch", "off", "--reason", "x"], "give exactly one of --host, --platform, --all."),
        (["switch", "off", "--reason", "x", "--platform", "nope"], '"nope" is not a known platform;'),
        (["switch", "on", "--reason", "x", "--platform", "clasic"], 'did you mean "classic"?'),
        (["switch", "off", "--reason", "x", "--host", "vienne"], '"vienne" is not a host name; write it'),
        (["probe", "https://[bad"], "https://[bad: is not a web address; copy it again from the browser"),
        (["record", "https://[bad", "--out", "x"], "https://[bad: is not a web address"),
        (["log", "--since", "2026-03-02", "--until", "2026-03-01"], "is not after --since 2026-03-02;"),
        (["targets", "check", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["probe", "ftp://x/"], "is not a web address; copy it again from the browser"),
        (["--config", "x"], "No such option"),
    ],
)  # fmt: skip
def test_what_a_person_can_mend_is_said_in_one_sentence(
    vigie: Vigie, folder: Path, arguments: list[str], sentence: str
) -> None:
    (folder / "var").mkdir()
    done = vigie(*arguments)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["log", "transitions"])
def test_a_target_that_the_record_never_knew_is_refused(vigie: Vigie, stored: Store, command: str) -> None:
    done = vigie(command, "--target", "nope")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'target "nope": is not in the record; known here:' in done.stderr


def test_log_prints_csv_that_a_spreadsheet_will_not_run(vigie: Vigie, stored: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(vigie("log", "--format", "csv").stdout)))
    assert [row["entry"] for row in rows] == ["observation", "gap", "observation"]
    assert rows[0]["earliest"] == "2027-04-22T12:00:00Z"
    assert rows[1]["reason"] == "downtime"
    assert rows[2]["words"].startswith("'=")


def test_log_prints_one_json_object_a_line(vigie: Vigie, stored: Store) -> None:
    lines = vigie("log", "--format", "ndjson", "--target", "vienne-titre").stdout.splitlines()
    assert [json.loads(line)["at"][11:13] for line in lines] == ["12", "13", "14"]


def test_the_table_of_the_log_cuts_no_word(vigie: Vigie, stored: Store) -> None:
    text = vigie("log").stdout
    assert "…" not in text
    assert [line.split()[3] for line in text.splitlines()[1:]] == ["vienne-titre"] * 3


def test_log_can_be_cut_to_a_period_and_to_the_last_rows(vigie: Vigie, stored: Store) -> None:
    period = ["--since", "2026-11-23T13:00Z", "--until", "2026-11-23T14:00Z", "--format", "ndjson"]
    assert len(vigie("log", *period).stdout.splitlines()) == 1
    (last,) = vigie("log", "--last", "1", "--format", "ndjson").stdout.splitlines()
    assert json.loads(last)["outcome"] == "unrecognised"
    two = vigie("log", "--last", "2", "--format", "ndjson").stdout.splitlines()
    assert [json.loads(line)["entry"] for line in two] == ["gap", "observation"]


def test_switches_are_turned_and_listed_with_reason_and_author(vigie: Vigie, stored: Store) -> None:
    off = ["switch", "off", "--host", "valmont.localhost", "--reason", "on request", "--author", "duty"]
    assert vigie(*off).stdout == "Visits are off: valmont.localhost.\n"
    assert [(s.value, s.reason, s.author) for s in ask(stored, switches.thrown)] == [
        ("valmont.localhost", "on request", "duty")
    ]
    vigie("switch", "on", "--host", "valmont.localhost", "--reason", "asked again", "--author", "duty")
    assert ask(stored, switches.thrown) == ()
    assert "asked again" in vigie("switch", "list").stdout


def test_a_switch_can_be_turned_by_who_has_no_name_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user has no entry in /etc/passwd."""
    for error in (KeyError("getpwuid(): uid not found: 54321"), OSError("No username set")):

        def nobody(error: Exception = error) -> str:
            raise error

        monkeypatch.setattr("getpass.getuser", nobody)
        monkeypatch.setattr("os.getuid", lambda: 54321)
        assert whoever() == "uid 54321"


def test_everything_is_switched_off_by_who_has_no_name_here(
    stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: pwd.getpwuid(2**31 - 7).pw_name)
    done = CliRunner().invoke(app, ["switch", "off", "--all", "--reason", "now"])
    assert (done.exit_code, done.stdout) == (0, "Visits are off: everything.\n")
    assert [one.author for one in ask(stored, switches.thrown)] == [f"uid {os.getuid()}"]


MARKS = "[/b] [policy] :warning:"


def test_what_people_wrote_is_printed_as_they_wrote_it(
    vigie: Vigie, stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    stored.append_gap(gap(NOON.replace(hour=15), detail=f"log {MARKS}"))
    vigie("switch", "off", "--all", "--reason", f"why {MARKS}", "--author", MARKS)
    listed, logged = vigie("switch", "list"), vigie("log")
    assert (listed.returncode, logged.returncode) == (0, 0)
    assert f"why {MARKS}" in listed.stdout
    assert f"log {MARKS}" in logged.stdout


def test_db_upgrade_twice_does_no_harm(vigie: Vigie, folder: Path) -> None:
    (folder / "var").mkdir()
    said = {vigie("db", "upgrade").stdout for _ in range(2)}
    assert said == {"The database is at the current schema.\n"}


def test_doctor_says_which_names_no_target_has(vigie: Vigie, folder: Path) -> None:
    (folder / "var").mkdir()
    hold = '[[evidence.holds]]\nfirst = 2026-03-01\nlast = 2026-05-31\ntarget = "mater"\n'
    (folder / "vigie.toml").write_text(hold, encoding="utf-8")
    said = " ".join(vigie("doctor").stdout.split())
    assert (
        'MEND names [[evidence.holds]] 1, target: "mater" is no target of the catalogue or of the record'
        in said
    )


def test_doctor_names_what_is_missing_and_then_is_content(vigie: Vigie, folder: Path) -> None:
    (folder / "var").mkdir()
    ill = vigie("doctor")
    assert ill.returncode == 1
    assert "vigie db upgrade" in " ".join(ill.stdout.split())
    vigie("db", "upgrade")
    assert vigie("doctor").returncode == 0
