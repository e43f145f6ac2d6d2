"""The two verifiers shipped in bundles: what they accept, and that no change or forgery passes either."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.pieces import SIGNATURE, SUMS, Pieces
from monitor.evidence.journal import names, records
from monitor.evidence.journal.records import FactKind
from tests.evidence.keeper import (
    TARGETS,
    Fact,
    changed,
    history,
    on_the_morrow,
    reclosed,
    run_shell,
    shell_verdict,
    visit,
)
from tests.evidence.world import ALTERED, FIRST, INTACT, LATE, MINE, World, judged, remember

pytestmark = pytest.mark.slow

Place = Callable[[list[Fact]], list[Fact]]


def found_by(verify: ModuleType, pieces: Mapping[str, bytes], pin: str) -> bool:
    """Whether `verify.py` refuses the pieces."""
    try:
        late, _, _ = verify.verify(pieces, {pin})
    except Exception:  # noqa: BLE001  any exception is a refusal
        return True
    return bool(late)


# --- What is intact


def test_both_accept_an_honest_bundle(both: Any, one_day: Pieces) -> None:
    assert judged(both(one_day), INTACT, "23 vienne-titre no_slots", "25 lignes intactes")


def test_both_accept_several_targets_and_days_under_either_authority(both: Any, world: World) -> None:
    keeper = world.kept(history(FIRST, 3), 3, "several")
    pieces = keeper.bundle(TARGETS, FIRST, FIRST + timedelta(days=2))
    for authority in world.authorities:
        assert judged(both(pieces, authority.fingerprint), INTACT, "150 lignes intactes")


def test_a_fingerprint_may_be_written_as_openssl_does(both: Any, one_day: Pieces, world: World) -> None:
    colons = ":".join(world.pin[n : n + 2] for n in range(0, 64, 2)).upper()
    assert judged(both(one_day, colons), INTACT)


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_verify_sh_needs_no_particular_shell(
    shell: str, one_day: Pieces, world: World, tmp_path: Path
) -> None:
    assert run_shell(one_day, tmp_path / "bundle", world.pin, shell=shell).returncode == INTACT


def test_verify_py_runs_alone(one_day: Pieces, world: World, tmp_path: Path) -> None:
    bundle_pieces.write_folder(one_day, tmp_path / "bundle")
    command = ["python3", "-I", "-S", str(tmp_path / "bundle" / "verify.py"), world.pin]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == INTACT, ran.stderr
    assert "25 lignes intactes, 0 pages absentes, 0 dates tardives" in ran.stdout


def test_both_check_another_folder_than_their_own(one_day: Pieces, world: World, tmp_path: Path) -> None:
    bundle_pieces.write_folder({**one_day, "verify.sh": b"exit 0\n"}, tmp_path / "bundle")
    bundle_pieces.write_folder(bundle_pieces.verifiers(), tmp_path / "mine")
    for program, name in (("sh", "verify.sh"), (sys.executable, "verify.py")):
        command = [program, str(tmp_path / "mine" / name), f"{tmp_path / 'bundle'}/", world.pin]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ran.returncode, "verify.sh" in ran.stderr) == (ALTERED, True), ran


def test_verify_sh_passes_shellcheck_and_both_stay_short() -> None:
    folder = Path(bundle_pieces.__file__).parent / "verifiers"
    if shutil.which("shellcheck"):
        assert subprocess.run(["shellcheck", folder / "verify.sh"], check=False).returncode == 0
    assert all(len((folder / name).read_text().splitlines()) < 300 for name in ("verify.sh", "verify.py"))


def test_both_want_a_fingerprint(one_day: Pieces, tmp_path: Path) -> None:
    assert run_shell(one_day, tmp_path / "bundle").returncode == 64
    command = ["python3", str(tmp_path / "bundle" / "verify.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


# --- What somebody without the key can do


@pytest.mark.parametrize("name", [SUMS, SIGNATURE, "donnees/PERIMETRE.txt"])
@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_verify_sh_says_altered_without_its_own_pieces(
    one_day: Pieces, world: World, tmp_path: Path, name: str, shell: str
) -> None:
    without = {key: content for key, content in one_day.items() if key != name}
    ran = run_shell(without, tmp_path / "bundle", world.pin, shell=shell)
    assert (ran.returncode, name in ran.stderr) == (ALTERED, True), ran


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\xff\x00\xfe\n"], ids=["empty", "words", "bytes"])
def test_both_name_the_piece_that_makes_no_sense_though_listed_and_signed(
    world: World, one_day: Pieces, tmp_path: Path, content: bytes
) -> None:
    kinds = {re.sub(r"[0-9a-f]{8,}|[0-9]+", "#", name): name for name in one_day}
    assert len(kinds) > 10
    for name in set(kinds.values()) - {SUMS, SIGNATURE, "verify.sh", "verify.py"}:
        if content == one_day[name]:
            continue
        pieces = reclosed({**one_day, name: content}, world.key)
        shell = run_shell(pieces, tmp_path / "bundle", world.pin)
        command = [sys.executable, str(tmp_path / "bundle" / "verify.py"), world.pin]
        python = subprocess.run(command, capture_output=True, text=True, check=False)
        for ran in (shell, python):
            assert ran.returncode == ALTERED, (name, ran)
            assert name.rpartition("/")[2] in ran.stderr, (name, ran)


@pytest.mark.parametrize("name", ["donnees/extra.txt", ".cache", "captures/.cache", "captures/plus/un.html"])
def test_both_refuse_an_added_piece(one_day: Pieces, tmp_path: Path, name: str, world: World) -> None:
    folder = tmp_path / "more"
    bundle_pieces.write_folder(one_day, folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert shell_verdict(folder, world.pin).returncode == ALTERED
    command = [sys.executable, str(folder / "verify.py"), world.pin]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, name.rpartition("/")[0] in ran.stderr) == (ALTERED, True), ran


def test_both_refuse_a_new_list_without_the_logs_signature(both: Any, one_day: Pieces, world: World) -> None:
    forged = {**one_day, "LISEZMOI.txt": b"Tout va bien\n"}
    relisted = {**reclosed(forged, world.key), SIGNATURE: one_day[SIGNATURE]}
    assert judged(both(relisted), ALTERED, "SHA256SUMS.sig", "signature étrangère")


def test_both_refuse_a_list_signed_by_another_key(both: Any, one_day: Pieces, world: World) -> None:
    assert judged(both(reclosed(one_day, world.other_key)), ALTERED, "signature étrangère")


def test_both_refuse_another_log_key_even_when_relisted(both: Any, one_day: Pieces, world: World) -> None:
    (name,) = [name for name in one_day if "LOG-" in name]
    forged = {**one_day, name: world.other_key.verifier.pem}
    assert judged(both(reclosed(forged, world.other_key)), ALTERED, "LOG-")


def test_both_refuse_an_authority_that_is_not_the_pinned_one(
    both: Any, one_day: Pieces, world: World
) -> None:
    assert judged(both(one_day, world.foreign.fingerprint), ALTERED, "empreinte")


# --- What the operator, or a thief of the key, can do


def mine(facts: list[Fact]) -> list[int]:
    """Where the facts of the bundle's target stand."""
    return [place for place, fact in enumerate(facts) if fact.target == MINE[0]]


def edited(facts: list[Fact]) -> list[Fact]:
    target = mine(facts)[20]
    return [
        changed(fact, outcome="slots_offered") if place == target else fact
        for place, fact in enumerate(facts)
    ]


def deleted(facts: list[Fact]) -> list[Fact]:
    place = mine(facts)[20]
    return facts[:place] + facts[place + 1 :]


def inserted(facts: list[Fact]) -> list[Fact]:
    place = mine(facts)[20]
    return [*facts[:place], visit(MINE[0], facts[place].at), *facts[place:]]


def reordered(facts: list[Fact]) -> list[Fact]:
    one, two = mine(facts)[20:22]
    facts = list(facts)
    facts[one], facts[two] = facts[two], facts[one]
    return facts


def day_dropped(facts: list[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.at.date() != FIRST + timedelta(days=1)]


FORGERIES = [edited, deleted, inserted, reordered, day_dropped]


@pytest.mark.parametrize("forge", FORGERIES)
def test_both_refuse_a_rewritten_history_under_its_old_stamps(
    both: Any, world: World, four_days: Pieces, forge: Place
) -> None:
    forged = world.bundle(forge(history(FIRST, 4)), 4)
    stamps = {name: content for name, content in four_days.items() if name.endswith(".tsr")}
    assert judged(both(reclosed(forged | stamps, world.key)), ALTERED, "SEAL-")


@pytest.mark.parametrize("forge", FORGERIES)
def test_both_find_a_rewritten_history_stamped_anew_today(both: Any, world: World, forge: Place) -> None:
    today = datetime(2026, 11, 20, 12, tzinfo=UTC)
    forged = world.bundle(forge(history(FIRST, 4)), 4, stamp=lambda _: today)
    verdict = both(forged)
    assert verdict.python in (ALTERED, LATE)
    assert verdict.shell == verdict.python
    assert "TARDIF : 2026-11-02 daté du 2026-11-20" in verdict.words or verdict.python == ALTERED


@pytest.mark.parametrize("forge", FORGERIES)
def test_both_refuse_a_changed_day_file_under_the_old_seals(
    both: Any, world: World, four_days: Pieces, forge: Place
) -> None:
    forged = world.bundle(forge(history(FIRST, 4)), 4)
    lines = {name: content for name, content in forged.items() if name.endswith(".jsonl")}
    assert judged(both(reclosed(four_days | lines, world.key)), ALTERED, ".jsonl")


def test_both_refuse_a_day_taken_out_of_the_folder(both: Any, world: World, four_days: Pieces) -> None:
    day = str(FIRST + timedelta(days=1))
    without = {name: content for name, content in four_days.items() if day not in name}
    assert judged(both(reclosed(without, world.key)), ALTERED)


def test_both_refuse_a_day_file_taken_out_of_the_folder(both: Any, world: World, four_days: Pieces) -> None:
    name = f"donnees/{names.day_file(FIRST, MINE[0])}"
    without = {key: content for key, content in four_days.items() if key != name}
    assert judged(both(reclosed(without, world.key)), ALTERED, names.day_file(FIRST, MINE[0]))


def test_both_refuse_a_day_file_that_no_seal_names(both: Any, world: World, four_days: Pieces) -> None:
    more = {"donnees/2026-11-06_vienne-titre.jsonl": four_days[f"donnees/{names.day_file(FIRST, MINE[0])}"]}
    assert judged(both(reclosed(four_days | more, world.key)), ALTERED, "nommée par aucun sceau")


def swapped(pieces: Pieces, one: str, two: str) -> Pieces:
    return {**pieces, one: pieces[two], two: pieces[one]}


def test_both_refuse_two_stamps_swapped(both: Any, world: World, four_days: Pieces) -> None:
    one, two = (f"preuves/{names.token(FIRST + timedelta(days=n), 'tsa1')}" for n in (0, 1))
    assert judged(both(reclosed(swapped(four_days, one, two), world.key)), ALTERED, "_tsa1.tsr")


def test_both_refuse_two_captures_swapped(both: Any, world: World, four_days: Pieces) -> None:
    one, two = [name for name in four_days if name.startswith("captures/")][:2]
    assert judged(both(reclosed(swapped(four_days, one, two), world.key)), ALTERED, "captures/")


def test_both_refuse_a_capture_no_record_names(both: Any, world: World, four_days: Pieces) -> None:
    forged = four_days | bundle_pieces.capture_piece(b"<p>Aucun cr\xc3\xa9neau</p>", "html")
    assert judged(both(reclosed(forged, world.key)), ALTERED, "n'est la capture d'aucune ligne")


def test_both_say_that_a_page_is_missing(both: Any, world: World, four_days: Pieces) -> None:
    gone = next(name for name in four_days if name.startswith("captures/"))
    without = {name: content for name, content in four_days.items() if name != gone}
    assert judged(both(reclosed(without, world.key)), LATE, "1 pages absentes")


def test_both_refuse_a_proof_of_another_record(both: Any, world: World, four_days: Pieces) -> None:
    one, two = [name for name in four_days if name.endswith(".tlog-proof")]
    head, rest = four_days[one].split(b"\n", 1)
    index = four_days[two].split(b"\n")[1]
    forged = {**four_days, one: head + b"\n" + index + b"\n" + rest.split(b"\n", 1)[1]}
    assert judged(both(reclosed(forged, world.key)), ALTERED, ".tlog-proof")


def test_both_refuse_a_drawn_instant_without_its_record(both: Any, world: World) -> None:
    hidden = [fact for fact in history(FIRST, 2) if fact.body.get("scheduled_at", "")[:13] != "2026-11-02T07"]
    assert judged(both(world.bundle(hidden, 2)), ALTERED, "pas exactement un relevé")


def test_both_refuse_two_records_of_one_instant(both: Any, world: World) -> None:
    facts = history(FIRST, 2)
    again = next(fact for fact in facts if fact.kind is FactKind.OBSERVATION and fact.target == MINE[0])
    place = facts.index(again)
    twice = [*facts[: place + 1], again, *facts[place + 1 :]]
    assert judged(both(world.bundle(twice, 2)), ALTERED, "pas exactement un relevé")


@pytest.mark.slow
def test_no_changed_byte_of_a_sealed_piece_passes_even_relisted_and_signed(
    verify: ModuleType, world: World, four_days: Pieces
) -> None:
    remember(verify, four_days)
    sealed = [
        f"preuves/{names.seal(FIRST)}",
        f"preuves/{names.token(FIRST, 'tsa1')}",
        f"preuves/{names.schedule(FIRST)}",
    ]
    for name in sealed:
        content = four_days[name]
        for place in range(0, len(content), 7):
            other = bytearray(content)
            other[place] ^= 1 + place % 255
            forged = reclosed({**four_days, name: bytes(other)}, world.key)
            assert found_by(verify, forged, world.pin), (name, place)


def test_a_stamp_dated_before_the_days_end_is_refused(both: Any, world: World) -> None:
    early = world.bundle(history(FIRST, 2), 2, stamp=lambda day: on_the_morrow(day) - timedelta(hours=2))
    assert judged(both(early), ALTERED, "daté avant la fin du jour")


def test_a_day_stamped_late_is_reported_and_dated_by_the_next_stamp(both: Any, world: World) -> None:
    def outage(day: date) -> datetime:
        return max(on_the_morrow(day), datetime(2026, 11, 5, 9, tzinfo=UTC))

    verdict = both(world.bundle(history(FIRST, 4), 4, stamp=outage))
    assert judged(verdict, LATE, "TARDIF : 2026-11-02 daté du 2026-11-05", "3 dates tardives")
    assert "TARDIF : 2026-11-04" not in verdict.words


def test_days_nobody_stamped_have_no_date(both: Any, world: World) -> None:
    verdict = both(world.bundle(history(FIRST, 2), 2, authorities=world.authorities[:1], stamp=on_the_morrow))
    assert judged(verdict, INTACT)
    pieces = world.bundle(history(FIRST, 2), 2)
    bare = {name: content for name, content in pieces.items() if not name.endswith(".tsr")}
    assert both(reclosed(bare, world.key)).python == ALTERED
    nobody = world.bundle(history(FIRST, 2), 2, authorities=())
    assert judged(both(nobody), ALTERED, "autorites : aucun certificat")


# --- What a bundle alone cannot show: said in LISEZMOI, closed by published seals and the pinned fingerprint


def test_a_cut_tail_passes_in_the_bundle_and_shows_in_the_published_seals(both: Any, world: World) -> None:
    honest = world.kept(history(FIRST, 4), 4, "published")
    cut = honest.bundle(MINE, FIRST, FIRST + timedelta(days=1))
    assert judged(both(cut), INTACT)
    published = (honest.folder / names.seal(FIRST + timedelta(days=2))).read_bytes()
    assert names.read_sums(published)[names.seal(FIRST + timedelta(days=1))] == records.digest(
        cut[f"preuves/{names.seal(FIRST + timedelta(days=1))}"]
    )


def test_a_forgers_own_authority_passes_only_if_its_fingerprint_is_pinned(both: Any, world: World) -> None:
    forged = world.bundle(
        edited(history(FIRST, 2)), 2, key=world.other_key, authorities=(world.foreign,), stamp=on_the_morrow
    )
    assert judged(both(forged, world.foreign.fingerprint), INTACT)
    assert judged(both(forged, world.pin), ALTERED, "empreinte")


def test_a_second_certificate_slipped_into_the_roots_file_is_not_trusted(both: Any, world: World) -> None:
    impostor = replace(world, authorities=(world.foreign,)).authorities[0]
    forged = world.bundle(edited(history(FIRST, 2)), 2, key=world.other_key, authorities=(impostor,))
    genuine = world.authorities[0].root_path.read_bytes()
    both_roots = genuine + forged["autorites/tsa3-root.pem"]
    forged = reclosed({**forged, "autorites/tsa3-root.pem": both_roots}, world.other_key)
    assert judged(both(forged), ALTERED)


def test_remarks_above_a_certificate_stay_out_of_the_bundle(
    both: Any, world: World, four_days: Pieces, tmp_path: Path
) -> None:
    """As `openssl s_client` and some authorities write them, with the line ends of another system."""
    one = world.authorities[0]
    remarks = b"subject=CN=root\r\n" + one.root_path.read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "root.pem").write_bytes(remarks)
    pieces = bundle_pieces.authority_pieces([one.described(root=tmp_path / "root.pem")])
    assert judged(both(reclosed({**four_days, **pieces}, world.key)), INTACT)


# --- Transport


def test_the_same_pieces_give_the_same_archive(one_day: Pieces, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        bundle_pieces.write_zip(
            dict(random.Random(name).sample(sorted(one_day.items()), len(one_day))), tmp_path / name
        )
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_bundle_never_overwrites(one_day: Pieces, tmp_path: Path) -> None:
    bundle_pieces.write_zip(one_day, tmp_path / "one.zip")
    with pytest.raises(FileExistsError):
        bundle_pieces.write_zip(one_day, tmp_path / "one.zip")
    bundle_pieces.write_folder(one_day, tmp_path / "one")
    with pytest.raises(FileExistsError):
        bundle_pieces.write_folder(one_day, tmp_path / "one")


def test_the_verifiers_read_every_record_type(one_day: Pieces) -> None:
    lines = b"".join(content for name, content in one_day.items() if name.endswith(".jsonl")).splitlines()
    assert {json.loads(line)["type"] for line in lines} == {"draw", "gap", "observation"}
