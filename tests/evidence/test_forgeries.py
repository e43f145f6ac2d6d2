"""Bundles that lie, made by whoever holds the log's key: every digest, link, seal and signature is right.

Each was accepted once, by one verifier or by both. Both must refuse it, or say what is late.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.journal import checkpoint, names, records
from monitor.evidence.journal.records import FactKind, Link
from monitor.evidence.journal.seals import SealContent, Seals
from tests.evidence.keeper import Fact, history, reclosed
from tests.evidence.world import ALTERED, FIRST, INTACT, LATE, MINE, World, judged

pytestmark = pytest.mark.slow

SCOPE = "donnees/PERIMETRE.txt"
Forge = Callable[[bytes], bytes]


# --- What is in the folder


@pytest.mark.parametrize(
    "name",
    [
        "a b.txt",
        "a\nb.txt",
        "a\\b.txt",
        "-c.txt",
        ".c.txt",
        "captures/.c",
        "captures/a/b.txt",
        "captures/LISEZMOI.txt",
        "donnees/2026-11-02_vienne-permis.jsonl.bak",
        "autorites/lisez.moi",
        "autorites/note",
    ],
)
def test_both_refuse_a_name_that_shells_read_otherwise_or_that_is_there_twice(
    both: Any, world: World, one_day: Pieces, name: str
) -> None:
    forged = {**one_day, "LISEZMOI.txt": b"Tout va bien\n", name: b"x"}
    assert judged(both(reclosed(forged, world.key)), ALTERED)


@pytest.mark.parametrize("trick", ["link", "pipe", "folder", "hidden folder"])
def test_both_refuse_what_is_neither_piece_nor_folder(
    one_day: Pieces, world: World, tmp_path: Path, trick: str
) -> None:
    folder = tmp_path / "bundle"
    bundle_pieces.write_folder(one_day, folder)
    if trick == "link":
        (folder / "LISEZMOI.txt").symlink_to(folder / SCOPE)
    elif trick == "pipe":
        os.mkfifo(folder / "captures" / "tuyau")
    else:
        (folder / ("captures/vide" if trick == "folder" else ".vide")).mkdir()
    for program, name in (("sh", "verify.sh"), (sys.executable, "verify.py")):
        ran = subprocess.run(
            [program, str(folder / name), world.pin], capture_output=True, text=True, check=False, timeout=60
        )
        assert (ran.returncode, "ALTÉRÉ" in ran.stderr) == (ALTERED, True), ran


# --- Which rows


def lines_after(world: World, pieces: Pieces, facts: list[Fact]) -> bytes:
    """Records of `facts` that continue the chain of the bundle's target."""
    name = max(name for name in pieces if name.endswith(f"_{MINE[0]}.jsonl"))
    last = pieces[name].splitlines(keepends=True)[-1]
    place, prev, made = json.loads(last)["target_seq"] + 1, records.digest(last), b""
    for n, fact in enumerate(facts):
        link = Link(
            seq=9000 + n, target=MINE[0], target_seq=place + n, prev=prev, entry=n, recorded_at=fact.at
        )
        line = records.record(fact.kind, fact.body, link)
        prev, made = records.digest(line), made + line
    return made


@pytest.mark.parametrize("day", ["3000-01-01", "1999-01-01", "2026-11-03"])
def test_both_refuse_rows_in_a_day_file_that_no_seal_names(both: Any, world: World, day: str) -> None:
    facts = history(FIRST, 2)
    unseen = [fact for fact in facts if fact.body.get("scheduled_at", "")[:13] == "2026-11-03T20"]
    hidden = [fact for fact in facts if fact not in unseen]
    pieces = world.bundle(hidden, 2)
    name = f"donnees/{day}_{MINE[0]}.jsonl"
    invented = lines_after(world, pieces, [fact for fact in unseen if fact.target == MINE[0]])
    forged = reclosed({**pieces, name: pieces.get(name, b"") + invented}, world.key)
    assert judged(both(forged), ALTERED, f"{day}_{MINE[0]}.jsonl")


def written_later(facts: list[Fact], kind: FactKind, key: str, at: datetime) -> list[Fact]:
    """The facts of `FIRST` of one kind as if somebody had written them at `at`."""
    moved = [
        replace(fact, at=at) if fact.kind is kind and fact.body[key][:10] == str(FIRST) else fact
        for fact in facts
    ]
    return sorted(moved, key=lambda fact: (fact.at, fact.target))


@pytest.mark.parametrize(
    ("kind", "key", "words"),
    [
        (FactKind.OBSERVATION, "finished_at", "23 dates tardives"),
        (FactKind.DRAW, "day", "1 dates tardives"),
    ],
)
def test_both_say_what_was_written_days_after(
    both: Any, world: World, kind: FactKind, key: str, words: str
) -> None:
    facts = written_later(history(FIRST, 4), kind, key, datetime(2026, 11, 5, 20, tzinfo=UTC))
    verdict = both(world.bundle(facts, 4))
    assert judged(verdict, LATE, words, f"TARDIF : {MINE[0]} ligne", "au journal le 2026-11-05")


def test_a_visit_across_midnight_is_not_late(both: Any, world: World) -> None:
    facts = history(FIRST, 2)
    last = max((f for f in facts if f.at.date() == FIRST and f.target == MINE[0]), key=lambda fact: fact.at)
    moved = [
        replace(fact, at=datetime(2026, 11, 3, 0, 0, 1, tzinfo=UTC)) if fact is last else fact
        for fact in facts
    ]
    moved.sort(key=lambda fact: (fact.at, fact.target))
    assert judged(both(world.bundle(moved, 2)), INTACT, "0 dates tardives")


def test_a_day_file_named_by_another_days_seal_is_refused(
    both: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else rows written today would pass for rows of a day long sealed."""
    monkeypatch.setattr(names, "day_file", lambda day, target: f"{day - timedelta(days=1)}_{target}.jsonl")
    assert judged(both(world.bundle(history(FIRST, 2), 2)), ALTERED, "SEAL-")


# --- Which period


def rescoped(world: World, pieces: Pieces, old: str, new: str) -> Pieces:
    text = pieces[SCOPE].decode()
    assert old in text
    return reclosed({**pieces, SCOPE: text.replace(old, new).encode()}, world.key)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fin=2026-11-06", "fin=2026-11-30"),
        ("fin=2026-11-06", "fin=2025-11-06"),
        (" journal", ""),
        ("cibles=vienne-titre", "cibles=*"),
        ("cibles=vienne-titre", "cibles=vienne-titre vienne-titre"),
        ("cibles=vienne-titre journal", "cibles="),
        ("00.000Z", "00Z"),
        ("fin=", "fin= "),
        ("fin=", "autre=1\nfin="),
    ],
)
def test_both_refuse_a_scope_that_hides_or_exceeds_what_is_sealed(
    both: Any, world: World, four_days: Pieces, old: str, new: str
) -> None:
    assert judged(both(rescoped(world, four_days, old, new)), ALTERED)


def test_both_refuse_a_period_whose_first_days_were_left_out(both: Any, world: World) -> None:
    keeper = world.kept(history(FIRST, 4), 4, "head-cut")
    whole = keeper.bundle(MINE, FIRST, FIRST + timedelta(days=3))
    gone = (str(FIRST - timedelta(days=1)), str(FIRST), "captures/", "preuves/ligne")
    cut = {name: content for name, content in whole.items() if not any(part in name for part in gone)}
    assert judged(both(reclosed(cut, world.key)), ALTERED, SCOPE, "avant les jours scellés")


def test_a_record_that_began_within_the_period_is_whole(both: Any, world: World, four_days: Pieces) -> None:
    earlier = rescoped(world, four_days, "debut=2026-11-02", "debut=2026-10-02")
    assert judged(both(earlier), INTACT, "du 2026-10-02T00:00:00.000Z")


# --- Which seal


def test_both_want_the_draws_that_a_seal_names(both: Any, world: World, four_days: Pieces) -> None:
    name = f"preuves/{names.schedule(FIRST)}"
    without = {key: content for key, content in four_days.items() if key != name}
    assert judged(both(reclosed(without, world.key)), ALTERED, names.schedule(FIRST))


def test_both_refuse_a_seal_that_names_two_versions_of_one_file(
    both: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One genuine stamp would then cover the row that shows slots and the one that does not."""
    seal = Seals.seal

    def two_faced(self: Seals, content: SealContent) -> Path:
        path = seal(self, content)
        name = names.day_file(content.day, MINE[0])
        other = names.sha256sum([(name, b"another history\n")])
        path.write_bytes(other + path.read_bytes())
        return path

    monkeypatch.setattr(Seals, "seal", two_faced)
    assert judged(both(world.bundle(history(FIRST, 2), 2)), ALTERED, "SEAL-")


def test_a_proof_leads_to_a_sealed_tree_head_only(both: Any, world: World, four_days: Pieces) -> None:
    proof = next(name for name in four_days if name.endswith(".tlog-proof"))
    head, _, note = four_days[proof].partition(b"\n\n")
    foreign = note.replace(b"\n", b"\n\n", 1)
    forged = {**four_days, proof: head + b"\n\n" + foreign, "captures/CHECKPOINT-x.txt": foreign}
    assert judged(both(reclosed(forged, world.key)), ALTERED, proof.rpartition("/")[2])


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_no_number_of_a_bundle_is_run_as_a_program(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> None:
    """bash runs what it finds in the index of an array, wherever it counts."""
    mark = tmp_path / "run"
    size = f"late[$(touch${{IFS}}{mark})]"
    honest = vars(checkpoint.Checkpoint)["text"].fget
    monkeypatch.setattr(
        checkpoint.Checkpoint,
        "text",
        property(lambda self: honest(self).replace(f"\n{self.size}\n", f"\n{size}\n")),
    )
    head = checkpoint.Checkpoint(origin="", size=50, root=b"")
    monkeypatch.setattr(checkpoint, "opened", lambda note, trusted: (head, None))
    pieces = world.bundle(history(FIRST, 1), 1, f"program-{shell}")
    bundle_pieces.write_folder(pieces, tmp_path / "bundle")
    command = [shell, str(tmp_path / "bundle" / "verify.sh"), world.pin]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, mark.exists(), "tlog-proof" in ran.stderr) == (ALTERED, False, True), ran


# --- Which words


def with_fifth(monkeypatch: pytest.MonkeyPatch, world: World, forge: Forge) -> Pieces:
    """A bundle in which the fifth observation's line was changed before it was chained and sealed."""
    honest, seen = records.record, []

    def record(kind: FactKind, body: records.Body, link: Link) -> bytes:
        line = honest(kind, body, link)
        if kind is FactKind.OBSERVATION and link.target == MINE[0]:
            seen.append(line)
            return forge(line) if len(seen) == 5 else line
        return line

    monkeypatch.setattr(records, "record", record)
    monkeypatch.setattr("monitor.evidence.journal.seals.schedule", lambda chains: b"")
    pieces = world.bundle(history(FIRST, 1), 1)
    assert forge(seen[4]) != seen[4]
    return pieces


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"outcome":"no_slots"', b'"outcome":"no_slo\\u0074s"'),
        (b'"outcome":"no_slots"', b'"outcome":"slots_offered","outcome":"no_slots"'),
        (b'"outcome":"no_slots"', b'"outcome": "slots_offered"'),
        (b'"outcome":"no_slots"', b'"Outcome":"slots_offered"'),
        (b'"outcome":"no_slots"', b'"outcome":"no_slots\\u001b[2J"'),
        (b'"vantage":{', b'"vantage":{"outcome":"slots_offered",'),
        (b'"vantage":{', b'"vantage":{"scheduled_at":"2026-11-02T23:59:00.000Z",'),
        (b'"seq":', b'"seq":0'),
        (b'"v":1', b'"v":1.0'),
        (b'"v":1', b'"v":2'),
        (b'"target":"vienne-titre"', b'"target":"vienne-permis"'),
        (b'"type":"observation"', b'"type":"anchor"'),
        (b'"finished_at":"2026-11-02T', b'"finished_at":"2026-11-02 '),
        (b'"transport":', b'"t\0ransport":'),
        (b"}\n", b"}\r\n"),
        (b"}\n", b"} \n"),
        (b"}\n", b"}\n\n"),
    ],
)
def test_both_refuse_a_line_that_could_be_read_in_two_ways(
    both: Any, world: World, monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes
) -> None:
    pieces = with_fifth(monkeypatch, world, lambda line: line.replace(old, new))
    assert judged(both(pieces), ALTERED, MINE[0])


def test_words_of_a_page_that_look_like_a_record_are_words(
    both: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = json.dumps(
        'x,"v":1,"outcome":"slots_offered"},{"seq":5}\n\x01 2026-11-09 2026-11-08\n\x02'
    ).encode()
    pieces = with_fifth(monkeypatch, world, lambda line: line.replace(b'"all_taken"', words))
    assert judged(both(pieces), INTACT, "23 vienne-titre no_slots")


def test_the_period_alone_is_counted(both: Any, world: World, four_days: Pieces) -> None:
    """What is printed is held against the first page: the days around the period are in the files too."""
    shorter = rescoped(world, four_days, "debut=2026-11-02", "debut=2026-11-04")
    assert judged(
        both(shorter), INTACT, "46 vienne-titre no_slots", "2 vienne-titre gap", "100 lignes intactes"
    )


def test_a_fingerprint_is_the_whole_fingerprint_of_a_root(both: Any, world: World, one_day: Pieces) -> None:
    chain = world.authorities[0].chain.fingerprint(hashes.SHA256()).hex()
    for pin in (f"ab{world.pin}", world.pin[2:], chain, "", "*"):
        assert judged(both(one_day, pin), ALTERED, "empreinte"), pin
    assert judged(both(one_day, "ab" * 32, world.pin), INTACT)


def test_verify_sh_reads_more_pieces_than_one_command_line_takes(
    world: World, one_day: Pieces, tmp_path: Path
) -> None:
    """Years of hourly visits: tens of thousands of captures."""
    many = {f"captures/copie_{n}-{'a' * 50}.jpg": b"x" for n in range(3000)}
    bundle_pieces.write_folder(reclosed({**one_day, **many}, world.key), tmp_path / "bundle")
    command = f"ulimit -s 512; sh {tmp_path}/bundle/verify.sh {world.pin}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert ran.returncode == INTACT, ran


@pytest.mark.parametrize("more", [b"x", b"\0", b" ", b"\n\n", b"root"], ids=repr)
def test_a_certificate_file_has_room_for_nothing_else(
    both: Any, world: World, one_day: Pieces, more: bytes
) -> None:
    name = "autorites/tsa2-chain-1.pem"
    added = one_day["autorites/tsa2-root.pem"] if more == b"root" else more
    for forged in (
        one_day[name] + added,
        added + one_day[name],
        one_day[name][:90] + added + one_day[name][90:],
    ):
        assert judged(both(reclosed({**one_day, name: forged}, world.key)), ALTERED, "tsa2-chain-1.pem"), (
            forged
        )
