"""`vigie keygen`, `seal`, `anchor status`, `bundle`, `witness`, `thin`, as a person types them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.clock import SystemClock
from monitor.evidence.bundle import pieces as packing
from monitor.evidence.journal import checkpoint
from tests.cast.authority import TestAuthority, served
from tests.cast.installation import DAY, FIRST, Installation, no_slots, picture, two_targets
from tests.evidence.keeper import shell_verdict

pytestmark = pytest.mark.slow

MINE = "vienne-titre"
ORIGIN = "vigie.example/journal"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Installation:
    folder = tmp_path_factory.mktemp("kept")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}"
    made = Installation(folder, url=url, targets=two_targets()[:1])
    made.live(4, lambda target, at: no_slots(target, at, shot=picture(f"{at:%d%H}")))
    return made


@pytest.fixture
def settings_file(kept: Installation, tmp_path: Path) -> Path:
    """A copy of the installation behind a settings file."""
    shutil.copytree(kept.folder, tmp_path / "here")
    here = tmp_path / "here"
    path = tmp_path / "vigie.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{here}/vigie.db"\n[storage]\nmedia = "{here}/media"\n'
        f'[evidence]\nfolder = "{here}/published"\norigin = "{ORIGIN}"\nkey_path = "{here}/log.key"\n'
        f'operator = "Association Exemple"\n[[evidence.authorities]]\nname = "tsa1"\n'
        f'url = "http://127.0.0.1:9/"\nroot = "{here}/tsa1-root.pem"\nchain = "{here}/tsa1-chain.pem"\n'
    )
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def bundled(settings_file: Path, out: Path, *more: str) -> Result:
    period = ("--from", str(FIRST + DAY), "--to", str(FIRST + 2 * DAY))
    return run("bundle", "--target", MINE, *period, "--out", str(out), "--config", str(settings_file), *more)


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_bundle_is_made_and_verified(
    settings_file: Path, kept: Installation, tmp_path: Path, name: str
) -> None:
    made = bundled(settings_file, tmp_path / name)
    assert made.exit_code == 0, made.output
    folder = tmp_path / "bundle"
    if name.endswith(".zip"):
        shutil.unpack_archive(tmp_path / name, folder)
    assert shell_verdict(folder, kept.authority.fingerprint).returncode == 0


def test_a_bundle_never_overwrites(settings_file: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    assert "never mixed with another" in str(bundled(settings_file, tmp_path / "bundle").exception)


def test_an_interrupted_bundle_leaves_nothing(kept: Installation, tmp_path: Path) -> None:
    class Endless(dict[str, bytes]):
        def __getitem__(self, name: str) -> bytes:
            raise KeyboardInterrupt

        def items(self) -> NoReturn:
            raise KeyboardInterrupt

    for write, name in ((packing.write_folder, "bundle"), (packing.write_zip, "bundle.zip")):
        with pytest.raises(KeyboardInterrupt):
            write(Endless({"a": b""}), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_extract_is_asked_for_by_result(settings_file: Path, tmp_path: Path) -> None:
    assert bundled(settings_file, tmp_path / "bundle", "--only", "captcha").exit_code == 0
    assert "EXTRAIT" in (tmp_path / "bundle" / "LISEZMOI.txt").read_text("utf-8")


@pytest.mark.parametrize(("since", "until", "sentence"), [
    ("hier", "demain", '--from: "hier" is not a day'),
    ("2026-10-21", "20261022", '--to: "20261022" is not a day'),
    ("0001-01-01", "2026-10-22", "--from: 0001-01-01 lies outside the years 2000 to 2100"),
    ("2026-10-22", "2026-10-21", "period: ends on 2026-10-21, before it begins on 2026-10-22"),
    ("2020-01-01", "2020-01-02", "period: holds no record of these targets"),
    ("2099-01-01", "2099-01-02", "period: begins on 2099-01-01, which is to come"),
    ("2026-10-21", "2026-10-30", "period: 2026-10-24 has no seal yet"),
])  # fmt: skip
def test_a_wrong_period_is_one_sentence(
    settings_file: Path, tmp_path: Path, since: str, until: str, sentence: str
) -> None:
    period = ("--from", since, "--to", until, "--out", str(tmp_path / "b"))
    made = run("bundle", "--target", MINE, *period, "--config", str(settings_file))
    assert (made.exit_code, sentence in str(made.exception)) == (1, True), made.exception
    assert not list(tmp_path.glob("*b*"))


@pytest.mark.parametrize(("spoil", "sentence"), [
    (lambda key: key.unlink(), "cannot be read"),
    (lambda key: key.write_text("nonsense"), "is not an unencrypted PEM private key"),
    (lambda key: (key.unlink(), checkpoint.keygen(key, name=ORIGIN)), "is not the key that signed the seals"),
], ids=["missing", "nonsense", "another"])  # fmt: skip
def test_a_bundle_wants_the_logs_own_key(
    settings_file: Path, tmp_path: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    key = tmp_path / "here" / "log.key"
    spoil(key)
    before = key.exists()
    made = bundled(settings_file, tmp_path / "bundle")
    assert (made.exit_code, sentence in str(made.exception)) == (1, True), made.exception
    assert (key.exists(), (tmp_path / "bundle").exists()) == (before, False)


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_place_that_cannot_be_written_is_one_sentence(
    settings_file: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    made = bundled(settings_file, tmp_path / "file" / name)
    assert "cannot be written" in str(made.exception)


def test_the_program_fails_with_one_sentence_and_no_traceback(settings_file: Path, tmp_path: Path) -> None:
    code = "import sys; from monitor.cli import main; main()"
    command = [sys.executable, "-c", code, "bundle", "--target", "nobody", "--from", "2026-10-21"]
    ran = subprocess.run(
        [*command, "--to", "2026-10-22", "--out", str(tmp_path / "b"), "--config", str(settings_file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith('vigie: target "nobody": is not in the record')


def test_without_pango_a_bundle_is_refused_in_one_sentence(settings_file: Path, tmp_path: Path) -> None:
    code = (
        "import cffi\n"
        "def missing(*_): raise OSError('cannot load library')\n"
        "cffi.FFI.dlopen = missing\n"
        "from monitor.cli import main; main()"
    )
    period = ("--from", str(FIRST + DAY), "--to", str(FIRST + 2 * DAY))
    words = ("bundle", "--target", MINE, *period, "--out", "there", "--config", settings_file)
    ran = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert ran.returncode == 1
    said = ran.stderr.strip().splitlines()[-1]
    assert said.startswith("vigie: Pango, which prints the report,")
    assert "apt-get install libpangoft2-1.0-0" in said
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "there").exists()


def test_status_tells_each_day_and_authority(settings_file: Path) -> None:
    told = run("anchor", "status", "--config", str(settings_file)).output
    assert "tsa1" in told.splitlines()[0]
    assert told.count("stamped") == 5


def test_status_tells_what_is_asked_for_and_given_up(settings_file: Path) -> None:
    for token in (settings_file.parent / "here/published").glob("*.tsr"):
        token.unlink()
    assert "given up after 7 days" in run("anchor", "status", "--config", str(settings_file)).output


def test_seal_seals_and_says_what_authorities_answered(settings_file: Path) -> None:
    done = run("seal", "--config", str(settings_file))
    assert done.exit_code == 0, done.output
    assert "days sealed." in done.output
    assert "tsa1 did not answer: ConnectError" in done.output


def test_seal_stamps(settings_file: Path) -> None:
    clock = SystemClock()
    here = settings_file.parent / "here"
    authority = TestAuthority(here, "tsa1", clock.now())
    with served(lambda query: authority.answer(query, clock.now())) as url:
        settings_file.write_text(settings_file.read_text().replace("http://127.0.0.1:9/", url))
        done = run("seal", "--config", str(settings_file))
    assert "tsa1: stamped " in done.output, done.output


def test_keygen_prints_the_public_line_and_never_overwrites(settings_file: Path, tmp_path: Path) -> None:
    made = run("keygen", "--config", str(settings_file), "--out", str(tmp_path / "new" / "log.key"))
    assert checkpoint.verifier(made.output).name == ORIGIN
    again = run("keygen", "--config", str(settings_file), "--out", str(tmp_path / "new" / "log.key"))
    assert "a key is never overwritten" in str(again.exception)


@pytest.fixture
def witness_key(settings_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "witness.key"
    made = run("keygen", "--config", str(settings_file), "--witness", "temoin.example", "--out", str(path))
    assert checkpoint.verifier(made.output).role == checkpoint.WITNESS
    return path


def watched(settings_file: Path, witness_key: Path, tmp_path: Path) -> Result:
    here = settings_file.parent / "here"
    log_key = checkpoint.signer((here / "log.key").read_bytes(), name=ORIGIN).verifier.vkey
    return run(
        "witness", "--log", str(here / "published"), "--log-key", log_key, "--name", "temoin.example",
        "--key", str(witness_key), "--memory", str(tmp_path / "memory.json"),
        "--out", str(tmp_path / "cosigned.txt"),
    )  # fmt: skip


def test_a_witness_cosigns(settings_file: Path, witness_key: Path, tmp_path: Path) -> None:
    seen = watched(settings_file, witness_key, tmp_path)
    assert seen.exit_code == 0, seen.output
    assert seen.output == (tmp_path / "cosigned.txt").read_text("utf-8")
    assert "— temoin.example " in seen.output


def test_a_witness_refuses_a_shortened_log(settings_file: Path, witness_key: Path, tmp_path: Path) -> None:
    watched(settings_file, witness_key, tmp_path)
    published = settings_file.parent / "here/published"
    shorter = sorted(published.glob("CHECKPOINT-*.txt"))[0].read_text("utf-8")
    (published / "checkpoint").write_text(shorter, "utf-8")
    refused = watched(settings_file, witness_key, tmp_path)
    assert refused.exit_code == 2
    assert "it was shortened" in refused.output


def test_a_missing_log_is_one_sentence(settings_file: Path, witness_key: Path, tmp_path: Path) -> None:
    shutil.rmtree(settings_file.parent / "here/published")
    assert "cannot be read" in str(watched(settings_file, witness_key, tmp_path).exception)


def test_thin_counts_first_and_removes_when_told(settings_file: Path) -> None:
    settings_file.write_text(
        settings_file.read_text().replace("[evidence]\n", "[evidence]\npictures_days = 1\n")
    )
    old = datetime(2026, 10, 30, tzinfo=UTC)
    assert SystemClock().now() > old
    counted = run("thin", "--config", str(settings_file)).output
    assert "would go; give --really" in counted
    assert "removed" in run("thin", "--really", "--config", str(settings_file)).output
    assert run("thin", "--config", str(settings_file)).output.startswith("0 pictures")


def test_a_stray_file_among_the_seals_is_said_and_stops_nothing(settings_file: Path, tmp_path: Path) -> None:
    stray = settings_file.parent / "here/published/SEAL-2026-11-26 (copie).sha256"
    stray.write_bytes(b"")
    config = ("--config", str(settings_file))
    for done in (
        run("seal", *config),
        run("anchor", "status", *config),
        bundled(settings_file, tmp_path / "b"),
    ):
        assert (done.exit_code, done.exception) == (0, None)
        assert f"{stray}: is no seal or stamp of ours and is left aside" in done.stderr


def test_a_damaged_seal_is_one_sentence_to_a_bundle(settings_file: Path, tmp_path: Path) -> None:
    (settings_file.parent / f"here/published/SEAL-{FIRST + DAY}.sha256").write_bytes(b"nonsense")
    assert "is no longer a seal" in str(bundled(settings_file, tmp_path / "bundle").exception)


@pytest.mark.parametrize(("target", "sentence"), [
    ("vienne-titr", 'is no target of the catalogue or of the record; did you mean "vienne-titre"?'),
    (MINE, "vienne-titre from 2020-01-01 to 2020-01-02: covers no visit"),
])  # fmt: skip
def test_thin_refuses_while_a_hold_protects_nothing(settings_file: Path, target: str, sentence: str) -> None:
    days = "first = 2020-01-01\nlast = 2020-01-02\n"
    settings_file.write_text(f'{settings_file.read_text()}[[evidence.holds]]\ntarget = "{target}"\n{days}')
    refused = run("thin", "--really", "--config", str(settings_file))
    assert (refused.exit_code, sentence in str(refused.exception)) == (1, True), refused.exception


def test_thin_says_what_each_hold_keeps(settings_file: Path) -> None:
    days = f"first = {FIRST}\nlast = {FIRST}\n"
    settings_file.write_text(f'{settings_file.read_text()}[[evidence.holds]]\ntarget = "{MINE}"\n{days}')
    said = run("thin", "--config", str(settings_file)).output
    assert re.match(rf"Hold 1 keeps \d+ pictures of \d+ visits: {MINE} from {FIRST} to {FIRST}\.\n", said)


def test_seal_says_in_one_sentence_that_its_folder_cannot_be_written(
    settings_file: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "here" / "published")
    (tmp_path / "here" / "published").write_text("a file")
    done = run("seal", "--config", str(settings_file))
    assert (done.exit_code, "published: cannot be written (" in str(done.exception)) == (1, True), done
