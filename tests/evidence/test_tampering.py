"""Every way to change a bundle without its key, against both verifiers.

In CI a sample of every piece; with `TAMPERING=all` (`make soak`) every byte of a bundle of one day, and ten
thousand changes of one of thirty days. `verify.py` sees every change. `verify.sh` reads a listed piece only
through its digest until all digests agree, so for every byte of such a piece the digest is what is asked of
`sha256sum`; that this is its verdict is shown by whole runs on a sample of each piece. The list and its
signature, which no digest covers, are changed under whole runs alone.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from monitor.evidence.bundle import gather, make
from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import SIGNATURE, SUMS, Pieces
from tests.cast.installation import DAY, FIRST, Installation, no_slots, picture, two_targets
from tests.evidence.world import ALTERED, load, remember

ALL = os.environ.get("TAMPERING") == "all"
LOTS = range(10 if ALL else 1)
MUTATIONS, RUNS = 1_000, 1_000 if ALL else 40
"""Random changes in each lot, and how many of them `verify.sh` is run on."""
BATCH = 32_000_000
"""Bytes of changed pieces written before `sha256sum` is asked."""


@dataclass(frozen=True)
class Given:
    """A bundle as it was given, and a copy of it that may be changed; `sh` and `py` come from elsewhere."""

    pieces: Pieces
    pin: str
    folder: Path
    sh: Path
    py: ModuleType

    def shell(self) -> tuple[int, str]:
        """What `verify.sh` says of the folder, and its words."""
        command = ["sh", str(self.sh), f"{self.folder}/", self.pin]
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        return ran.returncode, ran.stderr

    def python(self, pieces: Pieces) -> str | None:
        """What `verify.py` has against the pieces."""
        held = self.py.Files(pieces)
        try:
            late, _, _ = self.py.verify(held, {self.pin})
        except self.py.Altered as error:
            return str(error)
        except Exception:  # noqa: BLE001  any exception is a refusal
            return str(held.read)
        return "TARDIF" if late else None

    def put(self, pieces: Pieces) -> set[str]:
        """Make the folder hold these pieces; which ones differ from those given."""
        touched = {name for name in {*pieces, *self.pieces} if pieces.get(name) != self.pieces.get(name)}
        for name in touched:
            self._write(name, pieces)
        return touched

    def restore(self, touched: set[str]) -> None:
        """Make the folder hold what was given."""
        for name in touched:
            self._write(name, self.pieces)

    def _write(self, name: str, pieces: Pieces) -> None:
        (self.folder / name).unlink(missing_ok=True)
        if name in pieces:
            (self.folder / name).write_bytes(pieces[name])


def given(home: Path, database: Path, days: int) -> Given:
    """The bundle of whole days of one hourly target, in memory where the machine has such a folder."""
    home.mkdir()
    url = f"sqlite:///{shutil.copy(database, home / 'vigie.db')}"
    made = Installation(home, url=url, targets=two_targets()[:1], a_day=24)
    made.live(days + 2, lambda target, at: no_slots(target, at, shot=picture(f"{at:%d}")), missed=[3])
    matter = gather.gather(made.store, made.seals, [made.targets[0].id], FIRST + DAY, FIRST + days * DAY)
    pieces = make.make(made.office, matter)
    made.store.close()
    bundle_pieces.write_folder(bundle_pieces.verifiers(), home / "verifiers")
    bundle_pieces.write_folder(pieces, home / "bundle")
    py = load(home / "verifiers" / "verify.py")
    remember(py, pieces)
    return Given(pieces, made.authority.fingerprint, home / "bundle", home / "verifiers" / "verify.sh", py)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where bundles are changed and checked thousands of times: in memory, if the machine has room there."""
    memory = Path("/dev/shm")
    folder = tmp_path_factory.mktemp("tampering")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 10**9:
        folder = memory / f"vigie-tampering-{os.getpid()}"
        folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def day(home: Path, migrated_sqlite: Path) -> Given:
    return given(home / "day", migrated_sqlite, 1)


@pytest.fixture(scope="module")
def month(home: Path, migrated_sqlite: Path) -> Given:
    return given(home / "month", migrated_sqlite, 30)


def changed(content: bytes, place: int) -> bytes:
    """The same bytes but for one."""
    return content[:place] + bytes([content[place] ^ (1 + place * 37 % 255)]) + content[place + 1 :]


def places(content: bytes, sample: int) -> list[int]:
    """Where the content is changed: everywhere, or its two ends and some places between, always the same."""
    if ALL or len(content) <= sample:
        return list(range(len(content)))
    between = random.Random(len(content)).sample(range(len(content)), sample)
    return sorted({0, len(content) - 1, *between})


@pytest.mark.slow
def test_verify_py_finds_and_names_every_changed_byte_of_one_day(day: Given) -> None:
    assert day.python(day.pieces) is None
    for name, content in day.pieces.items():
        for place in places(content, 30):
            said = day.python({**day.pieces, name: changed(content, place)})
            assert said, (name, place)
            assert name == SUMS or said.startswith(name), (name, place, said)


@pytest.mark.slow
def test_sha256sum_gives_every_changed_byte_of_one_day_another_digest(day: Given, home: Path) -> None:
    folder = home / "changed"
    folder.mkdir()
    listed = {line[66:]: line[:64] for line in day.pieces[SUMS].decode().splitlines()}
    assert set(listed) == set(day.pieces) - {SUMS, SIGNATURE}
    for name, digest in listed.items():
        tried = places(day.pieces[name], 3)
        at_once = max(1, BATCH // max(1, len(day.pieces[name])))
        for start in range(0, len(tried), at_once):
            found = digests(day.pieces[name], tried[start : start + at_once], folder)
            assert digest not in found, name


def digests(content: bytes, tried: list[int], folder: Path) -> set[str]:
    """What `sha256sum` says of the content changed at each place."""
    paths = [folder / str(n) for n in range(len(tried))]
    for path, place in zip(paths, tried, strict=True):
        path.write_bytes(changed(content, place))
    names = "".join(f"{path}\0" for path in paths).encode()
    ran = subprocess.run(["xargs", "-0", "sha256sum"], input=names, capture_output=True, check=True)
    found = ran.stdout.decode().splitlines()
    assert len(found) == len(tried)
    return {line[:64] for line in found}


@pytest.mark.slow
def test_verify_sh_finds_and_names_a_changed_byte_of_every_piece(day: Given) -> None:
    assert day.shell()[0] == 0
    for name, content in day.pieces.items():
        whole = name in (SUMS, SIGNATURE)
        for place in places(content, 6) if whole else some(content, 25 if ALL else 1):
            touched = day.put({**day.pieces, name: changed(content, place)})
            code, words = day.shell()
            assert (touched, code) == ({name}, ALTERED), (name, place, words)
            assert whole or f"ALTÉRÉ : {name} :" in words, (name, place, words)
            day.restore(touched)
    assert day.shell()[0] == 0


def some(content: bytes, count: int) -> list[int]:
    """A few places of the content, always the same."""
    return random.Random(content).sample(range(len(content)), min(count, len(content)))


def mutated(pieces: Pieces, rng: random.Random) -> Pieces:
    """The pieces after one random accident or mischief."""
    name, other = rng.sample([name for name in sorted(pieces) if pieces[name]], 2)
    content = pieces[name]
    place = rng.randrange(len(content))
    less = {key: value for key, value in pieces.items() if key != name}
    kinds: list[Callable[[], Pieces]] = [
        lambda: {
            **pieces,
            name: content[:place] + bytes([content[place] ^ rng.randrange(1, 256)]) + content[place + 1 :],
        },
        lambda: {**pieces, name: content[:place] + rng.randbytes(3) + content[place:]},
        lambda: {**pieces, name: content[:place]},
        lambda: {**pieces, name: content[:place] + content[place + 1 :]},
        lambda: less,
        lambda: {**less, f"{name}.bak": content},
        lambda: {**pieces, f"donnees/{rng.randrange(10**6)}.txt": b"added"},
        lambda: {**pieces, name: pieces[other], other: content},
    ]
    return rng.choice(kinds)()


@pytest.mark.slow
@pytest.mark.parametrize("lot", LOTS)
def test_thousands_of_changes_of_thirty_days_are_found_and_named(month: Given, lot: int) -> None:
    assert (month.python(month.pieces), month.shell()[0]) == (None, 0)
    rng = random.Random(20261102 + lot)
    runs = 0
    for _ in range(MUTATIONS):
        pieces = mutated(month.pieces, rng)
        touched = {name for name in {*pieces, *month.pieces} if pieces.get(name) != month.pieces.get(name)}
        if not touched:
            continue
        assert named(touched, month.python(pieces) or ""), touched
        if runs < RUNS:
            runs += 1
            month.put(pieces)
            code, words = month.shell()
            assert code == ALTERED, (touched, words)
            assert named(touched, words), (touched, words)
            month.restore(touched)
    assert month.shell()[0] == 0


def named(touched: set[str], words: str) -> bool:
    """Whether a refusal names one of the pieces; a changed list makes others look wrong."""
    return bool(words) if SUMS in touched else any(name in words for name in touched)


@pytest.mark.slow
def test_a_changed_byte_of_the_archive_breaks_it_or_a_piece_or_nothing(day: Given, tmp_path: Path) -> None:
    """Dates and attributes of a ZIP are nobody's piece: what comes out of it is what the verifiers check."""
    bundle_pieces.write_zip(day.pieces, tmp_path / "bundle.zip")
    content = (tmp_path / "bundle.zip").read_bytes()
    outcomes = set()
    for place in places(content, 400):
        (tmp_path / "changed.zip").write_bytes(changed(content, place))
        pieces = unpacked(tmp_path / "changed.zip")
        if pieces is None or pieces == day.pieces:
            outcomes.add("broken" if pieces is None else "same")
        else:
            assert day.python(pieces), place
            outcomes.add("found")
    assert {"broken", "same"} <= outcomes


def unpacked(path: Path) -> Pieces | None:
    """What comes out of an archive, or nothing when it cannot be read."""
    with suppress(Exception), zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
    return None
