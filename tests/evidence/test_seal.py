"""Seals: what they name, how they chain, and that coreutils read them."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal import records
from monitor.evidence.journal.seals import SealContent, Seals, schedule
from monitor.model import Draw
from monitor.problems import BadInput
from monitor.store.journal.lines import FIRST_LINK
from tests.evidence.vienne import a_target

FIRST = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def a_draw(target: str) -> bytes:
    drawn = Draw(
        target=target,
        day=FIRST + timedelta(days=1),
        interval=timedelta(hours=1),
        instants=(NOON + timedelta(days=1),),
        seed_sha256="ab" * 32,
        drawn_at=NOON,
    )
    link = records.Link(seq=0, target=target, target_seq=0, prev=FIRST_LINK, entry=1, recorded_at=NOON)
    return records.record(records.FactKind.DRAW, records.draw(drawn, a_target(target)), link)


def a_day(offset: int = 0, **chains: bytes) -> SealContent:
    return SealContent(
        day=FIRST + timedelta(days=offset),
        chains=chains or {"vienne": a_draw("vienne")},
        checkpoint=b"head",
        log_key=b"PEM",
        log_key_id=b"\1\2\3\4",
    )


def test_a_seal_names_day_files_schedule_tree_head_and_key(tmp_path: Path) -> None:
    path = Seals(tmp_path).seal(a_day())
    assert path.name == "SEAL-2026-11-01.sha256"
    assert list(journal_names.read_sums(path.read_bytes())) == [
        "2026-11-01_vienne.jsonl",
        "CHECKPOINT-2026-11-01.txt",
        "LOG-01020304.pem",
        "SCHEDULE-2026-11-01.sha256",
    ]


def test_the_next_seal_names_the_one_before_and_its_stamps(tmp_path: Path) -> None:
    seals = Seals(tmp_path)
    seals.seal(a_day())
    (tmp_path / journal_names.token(FIRST, "tsa1")).write_bytes(b"token")
    second = journal_names.read_sums(seals.seal(a_day(1)).read_bytes())
    assert {"SEAL-2026-11-01.sha256", "SEAL-2026-11-01_tsa1.tsr"} <= set(second)


def test_a_stamp_that_arrives_late_is_named_once_by_the_next_seal(tmp_path: Path) -> None:
    seals = Seals(tmp_path)
    for offset in range(3):
        seals.seal(a_day(offset))
    late = journal_names.token(FIRST, "tsa1")
    (tmp_path / late).write_bytes(b"token")
    assert late in journal_names.read_sums(seals.seal(a_day(3)).read_bytes())
    assert late not in journal_names.read_sums(seals.seal(a_day(4)).read_bytes())


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_days_are_sealed_in_order_without_a_hole(tmp_path: Path, offset: int) -> None:
    seals = Seals(tmp_path)
    seals.seal(a_day())
    with pytest.raises(ValueError, match="every day has its seal, in order"):
        seals.seal(a_day(offset))
    assert seals.days() == [FIRST] == [seals.last()]


STRAYS = [
    "SEAL-2026-11-26 (copie).sha256", "SEAL-2026-11-26.sha256.sha256", "SEAL-2026-02-30.sha256",
    "SEAL-20261126.sha256", "SEAL-2026-11-01_tsa1 (copie).tsr", "SEAL-2026-11-01_.tsr", "SEAL-",
]  # fmt: skip


def test_what_only_looks_like_a_seal_or_a_stamp_is_told_and_left_aside(tmp_path: Path) -> None:
    seals = Seals(tmp_path)
    seals.seal(a_day())
    for name in STRAYS:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "SEAL-2026-11-02.sha256").mkdir()
    assert (seals.days(), seals.tokens(FIRST)) == ([FIRST], [])
    assert sorted(Path(stray.where).name for stray in seals.strays()) == sorted(
        [*STRAYS, "SEAL-2026-11-02.sha256"]
    )
    (tmp_path / "SEAL-2026-11-02.sha256").rmdir()
    seals.seal(a_day(1))
    assert not set(STRAYS) & set(seals.listed(FIRST + timedelta(days=1)))


def test_a_damaged_seal_is_one_sentence(tmp_path: Path) -> None:
    seals = Seals(tmp_path)
    seals.seal(a_day()).write_bytes(b"\xff")
    with pytest.raises(BadInput, match=r"SEAL-2026-11-01\.sha256: is no longer a seal .*put its copy back"):
        seals.seal(a_day(1))


def test_sha256sum_reads_a_seal(tmp_path: Path) -> None:
    seals, day = Seals(tmp_path), a_day()
    path = seals.seal(day)
    (tmp_path / "2026-11-01_vienne.jsonl").write_bytes(day.chains["vienne"])
    check = ["sha256sum", "--strict", "--quiet", "-c", path.name]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0


def test_the_schedule_names_every_draw_by_day_and_target() -> None:
    lines = {"vienne": a_draw("vienne"), "isere": a_draw("isere"), "journal": b'{"type":"config"}\n'}
    assert journal_names.read_sums(schedule(lines)) == {
        "2026-11-02_isere": records.digest(lines["isere"]),
        "2026-11-02_vienne": records.digest(lines["vienne"]),
    }


def test_a_line_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 is not"):
        journal_names.read_sums(b"0" * 64 + b"  a\nnonsense\n")


def test_every_name_is_safe_for_the_courts_filing_site() -> None:
    names = [
        journal_names.seal(FIRST),
        journal_names.token(FIRST, "tsa-1"),
        journal_names.day_file(FIRST, "vienne_titre-1"),
    ]
    names += [
        journal_names.checkpoint(FIRST),
        journal_names.schedule(FIRST),
        journal_names.log_key(b"\0\1\2\3"),
    ]
    assert all(journal_names.SAFE_NAME.fullmatch(name) for name in names)


def test_a_stamp_is_named_by_the_next_seal_up_to_a_week_and_a_day_late(tmp_path: Path) -> None:
    """Stamps are asked for during a week; one day more is for the seal that is made after it."""
    seals = Seals(tmp_path)
    for offset in range(11):
        seals.seal(a_day(offset))
    for offset in (1, 2, 9):
        name = journal_names.token(FIRST + timedelta(days=offset), "tsa")
        (tmp_path / name).write_bytes(b"token")
    named = journal_names.read_sums(seals.seal(a_day(11)).read_bytes())
    stamps = [name for name in named if name.endswith(".tsr")]
    assert stamps == ["SEAL-2026-11-03_tsa.tsr", "SEAL-2026-11-10_tsa.tsr"]
