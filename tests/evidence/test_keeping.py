"""The daily round: days sealed in order, the tree published, stamps asked for and missed; repeatable."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor.clock import SimulatedClock
from monitor.evidence.journal import checkpoint, keys, names, records
from monitor.evidence.journal import keeper as journal_keeper
from monitor.evidence.journal.checkpoint import WITNESS, CheckpointSigner
from monitor.evidence.journal.keeper import Keeper, service
from monitor.evidence.journal.seals import Seals
from monitor.evidence.journal.stamps import Anchors
from monitor.evidence.journal.tree import Tree, leaf_hash
from monitor.evidence.journal.witness import Diverged, Witness, from_folder
from monitor.evidence.journal.writer import JournalWriter
from monitor.problems import BadInput
from monitor.settings.evidence import Evidence, Stamper
from monitor.settings.load import Settings
from monitor.store import Store, StoreError
from monitor.store.journal import lines
from monitor.store.record import draws
from tests.cast.authority import TestAuthority, served
from tests.cast.observations import HOUR, NOON, draw, gap, observation, target
from tests.cast.transactions import tell

pytestmark = pytest.mark.slow

FIRST = NOON.date()
DAY = timedelta(days=1)
MORNING_AFTER = datetime(2026, 11, 26, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("tsa"), "tsa1", NOON)


@pytest.fixture
def key(tmp_path: Path) -> CheckpointSigner:
    return checkpoint.keygen(tmp_path / "log.key", name="vigie.example/journal")


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


Make = Callable[..., Keeper]


@pytest.fixture
def make(store: Store, key: CheckpointSigner, clock: SimulatedClock, tmp_path: Path) -> Iterator[Make]:
    """A keeper of the log of three days of visits, in any folder, with any authorities."""
    store.record_targets([target()])
    log = JournalWriter(store, clock, service)
    log.catch_up()
    for day in range(3):
        for hour in range(4):
            at = NOON + day * DAY + hour * HOUR
            clock.advance_to(at)
            store.append_observation(observation(at), within=[log.observed])
        tell(store, draws.commit, [draw("vienne-titre", NOON + (day + 1) * DAY)])
        store.append_gap(gap(NOON + day * DAY + 5 * HOUR), within=[log.missed])
        log.catch_up()
    clock.advance_to(MORNING_AFTER)
    with httpx.Client() as client:

        def keeper(folder: str = "published", *stampers: object) -> Keeper:
            seals = Seals(tmp_path / folder)
            anchors = Anchors(seals, stampers, client, clock)  # type: ignore[arg-type]
            return Keeper(store=store, log=log, seals=seals, key=key, anchors=anchors, clock=clock)

        yield keeper


def kinds(store: Store) -> list[str]:
    with store.read() as conn:
        return [json.loads(line)["type"] for _, line in lines.between(conn, 0, lines.size(conn))]


def test_every_day_that_is_over_is_sealed_once(make: Make, tmp_path: Path) -> None:
    keeper = make()
    assert keeper.keep().sealed == [FIRST, FIRST + DAY, FIRST + 2 * DAY]
    assert keeper.keep().sealed == []
    assert Seals(tmp_path / "published").days() == [FIRST, FIRST + DAY, FIRST + 2 * DAY]


def test_a_day_ended_early_leaves_what_comes_later_to_the_next(
    make: Make, store: Store, tmp_path: Path, clock: SimulatedClock
) -> None:
    today = clock.now().date()
    keeper = make()
    assert keeper.keep(early=True).sealed[-1] == today
    assert keeper.keep(early=True).sealed == []
    with store.read() as conn:
        ended = lines.size_before(conn, today + DAY)
    store.append_observation(observation(clock.now()))
    assert keeper.keep().sealed == []
    with store.read() as conn:
        assert lines.size_before(conn, today + DAY) == ended
        assert lines.size(conn) > ended + 1
    clock.advance_to(clock.now() + 2 * DAY)
    assert make().keep().sealed == [today + DAY]
    assert Seals(tmp_path / "published").last() == today + DAY


def test_a_seal_names_what_the_log_holds_of_its_day(make: Make, store: Store, tmp_path: Path) -> None:
    make().keep()
    named = names.read_sums((tmp_path / "published" / names.seal(FIRST)).read_bytes())
    with store.read() as conn:
        kept = [
            line
            for chain, line in lines.between(conn, 0, lines.size_before(conn, FIRST + DAY))
            if chain == "vienne-titre"
        ]
    assert len(kept) == 7
    assert named[names.day_file(FIRST, "vienne-titre")] == records.digest(b"".join(kept))


def test_the_published_tree_holds_every_record(
    make: Make, store: Store, key: CheckpointSigner, tmp_path: Path
) -> None:
    make().keep()
    note = (tmp_path / "published" / "checkpoint").read_text("utf-8")
    head, _ = checkpoint.opened(note, key.verifier)
    with store.read() as conn:
        leaves = [leaf_hash(line) for _, line in lines.between(conn, 0, head.size)]
    assert head.size == len(leaves) > 15
    assert head.root == Tree(leaves).root()


def test_keeping_day_by_day_or_after_a_crash_gives_the_same_seals(
    make: Make, tmp_path: Path, clock: SimulatedClock
) -> None:
    make("once").keep()
    shutil.copytree(tmp_path / "once", tmp_path / "crashed")
    (tmp_path / "crashed" / names.seal(FIRST + 2 * DAY)).unlink()
    (tmp_path / "crashed" / "checkpoint").unlink()
    make("crashed").keep()
    make("anew").keep()
    for name in (names.seal(FIRST + n * DAY) for n in range(3)):
        same = {(tmp_path / folder / name).read_bytes() for folder in ("once", "crashed", "anew")}
        assert len(same) == 1


def test_a_witness_follows_what_is_published(
    make: Make, key: CheckpointSigner, tmp_path: Path, store: Store, clock: SimulatedClock
) -> None:
    observer = Witness(
        key=checkpoint.keygen(tmp_path / "witness.key", name="temoin.example", role=WITNESS),
        log=key.verifier,
        read=from_folder(tmp_path / "published"),
        memory=tmp_path / "memory.json",
        clock=clock,
    )
    keeper = make()
    keeper.keep()
    observer.look()
    store.append_observation(observation(NOON + 9 * HOUR))
    keeper.keep()
    assert observer.look().count("\n— ") == 2
    shorter = checkpoint.Checkpoint(origin=key.name, size=3, root=b"\0" * 32)
    (tmp_path / "published" / "checkpoint").write_text(checkpoint.sign(shorter, key), "utf-8")
    with pytest.raises(Diverged, match="shortened"):
        observer.look()


def test_stamps_are_asked_for_and_logged(
    make: Make, store: Store, authority: TestAuthority, clock: SimulatedClock
) -> None:
    with served(lambda query: authority.answer(query, clock.now())) as url:
        done = make("published", authority.described(url)).keep()
    assert [attempt.day for attempt in done.attempts if attempt.anchor] == [
        FIRST,
        FIRST + DAY,
        FIRST + 2 * DAY,
    ]
    assert kinds(store).count("anchor") == 3


def test_a_late_authority_and_one_given_up_are_admitted_once(
    make: Make, store: Store, authority: TestAuthority, clock: SimulatedClock
) -> None:
    with served(lambda _: None) as url:
        keeper = make("published", authority.described(url))
        keeper.keep()
        keeper.keep()
        assert kinds(store).count("incident") == 2
        clock.advance_to(MORNING_AFTER + 10 * DAY)
        keeper.keep()
    with store.read() as conn:
        said = [json.loads(line) for _, line in lines.between(conn, 0, lines.size(conn))]
    given_up = [fact["day"] for fact in said if fact.get("incident") == "authority_given_up"]
    assert given_up == [str(FIRST + n * DAY) for n in range(6)]


def test_a_round_is_needed_once_a_day_at_most(make: Make, clock: SimulatedClock) -> None:
    keeper = make()
    keeper.keep()
    clock.advance_to(MORNING_AFTER + 3 * DAY)
    assert keeper.keep().sealed == [date(2026, 11, 26) + n * DAY for n in range(3)]


def settings_with(tmp_path: Path, **evidence: object) -> Settings:
    return Settings(evidence=Evidence(key_path=tmp_path / "log.key", **evidence))  # type: ignore[arg-type]


def test_a_missing_key_is_made_once(tmp_path: Path) -> None:
    settings = settings_with(tmp_path / "new")
    assert keys.log_key(settings).verifier.raw == keys.log_key(settings).verifier.raw
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["log.key"]


def test_the_key_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: CheckpointSigner
) -> None:
    monkeypatch.setenv("VIGIE_EVIDENCE__KEY_FILE", str(tmp_path / "log.key"))
    given = Settings(evidence=Evidence(key_path=tmp_path / "nowhere"))
    assert keys.log_key(given).verifier.raw == key.verifier.raw


def test_a_wrong_key_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text("nonsense")
    with pytest.raises(BadInput, match="not an unencrypted PEM private key"):
        keys.log_key(settings_with(tmp_path))


def test_a_missing_certificate_is_one_sentence(tmp_path: Path) -> None:
    stamper = Stamper(name="tsa1", url="http://tsa.example/", root=tmp_path / "none.pem")
    with pytest.raises(BadInput, match=r"tsa1.*none\.pem is missing"):
        journal_keeper.authorities(settings_with(tmp_path, authorities=(stamper,)))


def test_the_settings_give_a_keeper(
    store: Store, tmp_path: Path, key: CheckpointSigner, clock: SimulatedClock
) -> None:
    store.record_targets([target()])
    made: AbstractContextManager[Keeper] = journal_keeper.keeper(
        settings_with(tmp_path, folder=tmp_path / "published"), store, clock
    )
    with made as keeper:
        assert keeper.keep().recorded == 1
    assert subprocess.run(["test", "-f", tmp_path / "published" / "checkpoint"], check=False).returncode == 0


def test_two_who_keep_one_folder_take_turns(make: Make, tmp_path: Path) -> None:
    """Else one could write a seal anew after the other's was stamped."""
    keeper = make()
    with names.alone(tmp_path / "published"):
        other = threading.Thread(target=keeper.keep)
        other.start()
        other.join(timeout=0.5)
        assert (other.is_alive(), Seals(tmp_path / "published").days()) == (True, [])
    other.join(timeout=60)
    assert len(Seals(tmp_path / "published").days()) == 3


def test_a_stamp_whose_receiver_was_stopped_is_recorded_by_the_next_round(
    make: Make,
    store: Store,
    authority: TestAuthority,
    clock: SimulatedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with served(lambda query: authority.answer(query, clock.now())) as url:
        with monkeypatch.context() as patched:
            patched.setattr(JournalWriter, "anchored", killed)
            with pytest.raises(KeyboardInterrupt):
                make("published", authority.described(url)).keep()
        asked = clock.now()
        clock.advance_to(MORNING_AFTER + HOUR)
        done = make("published", authority.described(url)).keep()
    assert kinds(store).count("anchor") == 3
    assert all(one.anchor and one.anchor.stamped_at == asked for one in done.attempts)


def test_a_backup_put_back_does_not_continue_what_was_published(
    make: Make, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make().keep()
    with monkeypatch.context() as patched:
        patched.setattr(lines, "size", lambda _: 2)
        with pytest.raises(StoreError, match="does not continue in this database, which holds 2"):
            make().keep()
    line = lines.one
    monkeypatch.setattr(lines, "one", lambda conn, seq: line(conn, seq).replace(b"T", b"t"))
    with pytest.raises(StoreError, match="does not continue"):
        make().keep()


def test_a_lost_key_is_not_made_anew_under_what_it_signed(
    store: Store, tmp_path: Path, key: CheckpointSigner, clock: SimulatedClock
) -> None:
    store.record_targets([target()])
    settings = settings_with(tmp_path, folder=tmp_path / "published")
    with journal_keeper.keeper(settings, store, clock) as keeper:
        keeper.keep()
        clock.advance_to(NOON + DAY)
        keeper.keep()
    (tmp_path / "log.key").unlink()
    with pytest.raises(BadInput, match=r"log\.key: is missing, and signed what is in .*: put its copy back"):
        keys.log_key(settings)
    checkpoint.keygen(tmp_path / "log.key", name=key.name)
    other = journal_keeper.keeper(settings, store, clock)
    with pytest.raises(BadInput, match="is not the one that signed"), other:
        pass


def test_a_key_that_everybody_can_read_is_said(
    tmp_path: Path, key: CheckpointSigner, caplog: pytest.LogCaptureFixture
) -> None:
    keys.log_key(settings_with(tmp_path))
    assert not caplog.text
    (tmp_path / "log.key").chmod(0o644)
    assert keys.log_key(settings_with(tmp_path)).verifier.raw == key.verifier.raw
    assert f"chmod 600 {tmp_path / 'log.key'}" in caplog.text


@pytest.mark.parametrize("content", ["nonsense", "two"])
def test_a_root_that_is_not_one_certificate_is_one_sentence(
    tmp_path: Path, authority: TestAuthority, content: str
) -> None:
    root = authority.root_path.read_text()
    (tmp_path / "root.pem").write_text(2 * root if content == "two" else content)
    stamper = Stamper(name="tsa1", url="http://tsa.example/", root=tmp_path / "root.pem")
    with pytest.raises(BadInput, match=r"tsa1.*root\.pem (holds several|cannot be read)"):
        journal_keeper.authorities(settings_with(tmp_path, authorities=(stamper,)))


def test_two_authorities_of_one_name_are_one_sentence(tmp_path: Path) -> None:
    """Else the second is never asked: its stamp would lie where the first one's does."""
    stamper = Stamper(name="tsa1", url="http://tsa.example/", root=tmp_path / "root.pem")
    with pytest.raises(ValueError, match="two authorities are named tsa1"):
        settings_with(tmp_path, authorities=(stamper, stamper))
