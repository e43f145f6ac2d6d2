"""What `vigie doctor` says of an installation: well only for what was tried, and how to mend the rest."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.clock import SimulatedClock
from monitor.evidence.journal import checkpoint
from monitor.problems import BadInput
from monitor.settings.load import Settings, make_settings
from monitor.store import Store, StoreError, open_store
from monitor.watch import checkup
from monitor.watch.checkup import DoctorFinding, NotTried
from tests.cast.observations import NOON

Vigie = Callable[..., Result]
WATCHED = """[[target]]
id = "86-vienne-2"
platform = "classic"
url = "https://www.vienne.gouv.fr/booking/create/2"
prefecture = "Vienne"
departement = "86"
demarche = "Naturalisation"
zone = "Europe/Paris"
"""


@pytest.fixture
def stored(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The record of an installation in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "220")
    store = open_store(sqlite_url, media=tmp_path / "media", clock=SimulatedClock(NOON), durable=False)
    yield store
    store.close()


@pytest.fixture
def vigie(stored: Store) -> Vigie:
    """Runs a command, and raises what the command raises."""
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("used", "sound"), [(92, True), (93, False)])
def test_the_doctor_says_when_the_disk_is_nearly_full(
    stored: Store, monkeypatch: pytest.MonkeyPatch, used: int, sound: bool
) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> Usage:
        assert folder.exists()
        asked.append(folder)
        return Usage(100 * 10**9, used * 10**9, (100 - used) * 10**9)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    if sound:
        assert checkup.disk(Settings()) == f"{100 - used} GB free for pictures under var/media"
    else:
        with pytest.raises(DoctorFinding, match=f"{used}% of the disk"):
            checkup.disk(Settings())
    assert asked


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_doctor_says_when_chromium_does_not_start(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "echo no libnss >&2; exit 1")
    sound = program(tmp_path, "sound", "test $# -eq 1 && echo Chromium 140 || echo '<html>'")
    with pytest.raises(DoctorFinding, match="does not start \\(no libnss\\)"):
        checkup.chromium(make_settings({"browser": {"executable": broken}}, "x"))
    says = checkup.chromium(make_settings({"browser": {"executable": sound}}, "x"))
    assert says == f"Chromium 140 at {sound} draws a page"


def test_a_chromium_that_only_tells_its_version_is_not_well(tmp_path: Path) -> None:
    for drawing, said in (("exit 133", "does not start"), ("echo", "draws no page")):
        half = program(tmp_path, "half", f'test "$1" = --version && echo Chromium 140 && exit 0\n{drawing}')
        with pytest.raises(DoctorFinding, match=said):
            checkup.chromium(make_settings({"browser": {"executable": half}}, "x"))


@pytest.mark.slow
@pytest.mark.browser
def test_a_real_chromium_is_started() -> None:
    assert checkup.chromium(Settings()).endswith("draws a page")


def test_the_doctor_says_when_chromium_cannot_be_run(tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(DoctorFinding, match=r"cannot be run \(.+\); set \[browser\] executable"):
            checkup.chromium(make_settings({"browser": {"executable": wrong}}, "x"))


def test_the_doctor_says_when_pictures_have_no_place() -> None:
    with pytest.raises(DoctorFinding, match=r"takes no files \(.+\); set \[storage\] media"):
        checkup.disk(make_settings({"storage": {"media": "/proc/1/pictures"}}, "x"))


def test_the_doctor_says_what_is_not_compared_without_any_chromium(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "find_executable", lambda _: None)
    watched = tmp_path / "targets.toml"
    says = make_settings({"targets": {"path": watched}}, "x")
    watched.write_text(WATCHED, encoding="utf-8")
    with pytest.raises(NotTried, match=r"Playwright's own download is used if it is there$"):
        checkup.chromium(says)
    watched.write_text(WATCHED + 'transport = "http"\n', encoding="utf-8")
    with pytest.raises(NotTried, match=r"one instant in 24 of 1 targets read over HTTP is a gap$"):
        checkup.chromium(says)


CHRONY = "C0A80001,192.168.0.1,3,1795643885.0,{off},0,0,0,0,0,0,0,0,{state}"
"""A line of `chronyc -c tracking`."""


@pytest.mark.parametrize(
    ("programs", "kind", "said"),
    [
        ({}, NotTried, "neither chrony nor systemd says"),
        ({"chronyc": ""}, NotTried, "neither chrony nor systemd says"),
        ({"chronyc": "echo 506 Cannot talk to daemon; exit 1"}, NotTried, "neither chrony nor systemd says"),
        ({"chronyc": f"echo {CHRONY.format(off=0.004, state='Normal')}"}, None, "off by 0.004 s"),
        ({"chronyc": f"echo {CHRONY.format(off=-1.5, state='Normal')}"}, DoctorFinding, "is off by 1.5 s"),
        ({"timedatectl": "echo yes"}, None, "synchronised, says systemd; nobody measured"),
        ({"timedatectl": "echo no"}, DoctorFinding, "is not synchronised"),
        ({"timedatectl": "exit 1"}, NotTried, "neither chrony nor systemd says"),
    ],
)
def test_the_doctor_says_whether_the_clock_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: dict[str, str], kind: type | None, said: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, script in programs.items():
        program(tmp_path, name, script)
    if kind is None:
        assert said in checkup.clock(Settings())
    else:
        with pytest.raises(kind, match=said):
            checkup.clock(Settings())


def test_a_key_that_signed_what_is_sealed_must_be_there(tmp_path: Path) -> None:
    evidence = {"folder": tmp_path / "seals", "key_path": tmp_path / "log.key", "origin": "vigie.example"}
    says = make_settings({"evidence": evidence}, "x")
    assert checkup.key(says).startswith("none yet, and nothing sealed")
    (tmp_path / "seals").mkdir()
    (tmp_path / "seals/SEAL-2026-03-01.sha256").write_text("", encoding="utf-8")
    with pytest.raises(DoctorFinding, match=r"log\.key is missing, and signed what is in .*: put"):
        checkup.key(says)
    (tmp_path / "log.key").write_text("nonsense", encoding="utf-8")
    with pytest.raises(BadInput, match="not an unencrypted PEM private key"):
        checkup.key(says)
    (tmp_path / "log.key").unlink()
    made = checkpoint.keygen(tmp_path / "log.key", name="vigie.example", role=checkpoint.LOG)
    assert checkup.key(says) == f"signs as {made.verifier.vkey}"


def test_a_mail_server_is_asked_whether_it_lets_us_in() -> None:
    assert checkup.mail(Settings()) == "no mail server is set, so no mail is sent"
    told = {"name": "juristes", "to": ["a@example.org"]}
    with pytest.raises(DoctorFinding, match="host is not set: 1 lists get no mail"):
        checkup.mail(make_settings({"alerts": {"lists": [told]}}, "x"))
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
    server = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "vigie@example.org"}
    with pytest.raises(DoctorFinding, match=f"127.0.0.1:{port}"):
        checkup.mail(make_settings({"smtp": server}, "x"))


def test_a_record_that_takes_no_writes_is_not_well(stored: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkup.database(make_settings({}, "x")).endswith("which takes writes")

    def refuse(self: Store) -> NoReturn:
        raise StoreError("The database takes no writes.")

    monkeypatch.setattr(Store, "write", refuse)
    with pytest.raises(StoreError, match="takes no writes"):
        checkup.database(make_settings({}, "x"))


def test_a_machine_without_a_font_is_not_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "FONTS", (tmp_path, tmp_path / "none"))
    (tmp_path / "truetype").mkdir()
    with pytest.raises(DoctorFinding, match="no font was found"):
        checkup.fonts(Settings())
    (tmp_path / "truetype/Sans.TTF").write_bytes(b"")
    assert checkup.fonts(Settings()).startswith("found")


def test_a_catalogue_that_enables_nothing_is_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "targets.toml").write_text(WATCHED + "enabled = false\n", encoding="utf-8")
    with pytest.raises(DoctorFinding, match="1 targets, none enabled"):
        checkup.targets(Settings())


CATALOGUE = """
[[target]]
id = "{name}"
platform = "classic"
url = "{url}"
prefecture = "Vienne"
departement = "86"
demarche = "{name}"
zone = "Europe/Paris"
enabled = {enabled}
"""


def test_a_catalogue_of_real_pages_without_a_contact_is_not_called_well(vigie: Vigie, tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_text(f"{WATCHED}enabled = false\n", encoding="utf-8")
    with pytest.raises(NotTried, match=r"no contact is set; write \[identity\] contact"):
        checkup.identity(Settings())


def test_a_database_that_was_never_made_is_made_by_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="does not exist yet: run `vigie db upgrade`"):
        checkup.database(Settings())


def test_the_doctor_asks_for_a_contact_only_once_a_real_site_is_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def catalogue(enabled: str) -> None:
        here = CATALOGUE.format(name="here", url="http://a.localhost/booking/create/1", enabled="true")
        real = "https://www.vienne.gouv.fr/booking/create/1"
        there = CATALOGUE.format(name="there", url=real, enabled=enabled)
        (tmp_path / "targets.toml").write_text(here + there, encoding="utf-8")

    catalogue("false")
    with pytest.raises(NotTried, match="no contact is set"):
        checkup.identity(Settings())
    catalogue("true")
    with pytest.raises(BadInput, match="contact"):
        checkup.identity(Settings())


def test_what_could_not_be_tried_is_neither_well_nor_ill(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(_: Settings) -> str:
        raise NotTried("nobody is here to ask")

    monkeypatch.setattr("monitor.watch.checkup.CHECKS", {"one": check})
    done = vigie("doctor")
    assert (done.exit_code, done.stdout) == (0, "?    one        nobody is here to ask\n")


@pytest.mark.parametrize(("ill", "code"), [(False, 0), (True, 1)])
def test_the_doctor_fails_when_one_thing_is_ill(
    vigie: Vigie, monkeypatch: pytest.MonkeyPatch, ill: bool, code: int
) -> None:
    def check(_: Settings) -> str:
        if ill:
            raise DoctorFinding("mend this")
        return "well"

    monkeypatch.setattr("monitor.watch.checkup.CHECKS", {"one": lambda _: "well", "two": check})
    done = vigie("doctor")
    assert done.exit_code == code
    assert ("MEND two        mend this" in done.stdout) is ill
