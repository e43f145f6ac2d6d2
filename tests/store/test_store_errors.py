"""Every failure of the database is one sentence that says what happened and how to mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from monitor.clock import SystemClock
from monitor.store import Store, StoreError, open_store, upgrade
from monitor.store.captures.media import Media
from monitor.store.database import engine
from monitor.store.database.errors import plainly
from monitor.store.database.schema import revisions
from monitor.store.record import target_versions
from tests.cast.observations import target
from tests.cast.schema import schema_is_current
from tests.cast.transactions import ask


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("vigie.db", "The database address 'vigie.db' cannot be read: write sqlite:///"),
        ("", "The database address '' cannot be read: write sqlite:///"),
        ("postgresql://host:port/vigie", "cannot be read: write sqlite:///"),
        ("mysql://root@host/vigie", "names mysql, which the store does not speak: write sqlite:///"),
        ("sqlite://", "names no file, and the record must last: write sqlite:///"),
        ("sqlite:///:memory:", "names no file, and the record must last: write sqlite:///"),
        (
            "sqlite:////no/such/vigie.db",
            "The folder /no/such of the database does not exist: create it or change",
        ),
    ],
)
@pytest.mark.parametrize("use", [upgrade, schema_is_current, lambda url: open_store(url, media=Path())])
def test_a_bad_address_is_explained(use: Callable[[str], object], url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence):
        use(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg"])
def test_any_postgresql_address_is_spoken_through_psycopg(scheme: str) -> None:
    assert engine.parse(f"{scheme}://me@host/vigie").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"])
def test_any_sqlite_address_is_opened_by_pythons_own_driver(scheme: str, tmp_path: Path) -> None:
    assert engine.parse(f"{scheme}:///{tmp_path}/vigie.db").drivername == "sqlite"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(StoreError, match="cannot be reached: start the server, or check the address"):
        open_store("postgresql://me:secret@127.0.0.1:9/vigie", media=Path())


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://me:secret@127.0.0.1:9/vigie", media=Path())
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_named(postgresql_server: str) -> None:
    with pytest.raises(StoreError, match=r'check the address, .*database "nowhere" does not exist'):
        upgrade(postgresql_server.removesuffix("postgres") + "nowhere")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'vigie.db'}"
    with pytest.raises(StoreError, match=r"vigie\.db does not exist yet: run `vigie db upgrade`\."):
        open_store(url, media=tmp_path)
    assert not schema_is_current(url)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_asks_for_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "vigie.db").touch()
    with pytest.raises(StoreError, match=r"vigie\.db has no tables or old ones: run `vigie db upgrade`\."):
        open_store(f"sqlite:///{tmp_path / 'vigie.db'}", media=tmp_path)


@pytest.mark.parametrize("use", [upgrade, schema_is_current, lambda url: open_store(url, media=Path())])
def test_a_newer_schema_is_left_alone(database_url: str, use: Callable[[str], object]) -> None:
    raw(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"written by a newer Vigie \(schema 9999\): install that version"):
        use(database_url)


@pytest.mark.parametrize("before", [0, -2])
def test_a_schema_of_any_version_before_this_one_asks_for_an_upgrade(sqlite_url: str, before: int) -> None:
    raw(sqlite_url, f"UPDATE alembic_version SET version_num = '{revisions()[before]}'")
    assert not schema_is_current(sqlite_url)
    with pytest.raises(StoreError, match="has no tables or old ones: run `vigie db upgrade`"):
        open_store(sqlite_url, media=Path())


@pytest.mark.parametrize("newer", [False, True])
def test_an_upgrade_gives_its_connections_back(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, newer: bool
) -> None:
    given_back: list[Engine] = []
    monkeypatch.setattr(Engine, "dispose", lambda used: given_back.append(used))
    if newer:
        raw(sqlite_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Vigie") if newer else nullcontext():
        upgrade(sqlite_url)
    assert len(given_back) == 1


def raw(url: str, statement: str) -> None:
    """Do something to a database behind the store's back."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.execute(statement)
    else:
        with psycopg.connect(url) as conn:
            conn.execute(statement)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vigie.db").write_text("this is a letter, not a database " * 40)
    with pytest.raises(StoreError, match="is not an SQLite database: check the address"):
        upgrade(f"sqlite:///{tmp_path / 'vigie.db'}")


@contextmanager
def locked(path: str) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


def test_a_locked_file_is_told_from_a_broken_one(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    store = open_store(sqlite_url, media=Path())
    with locked(str(store.url.database)), pytest.raises(StoreError, match="is locked by another program"):
        store.record_targets([target()])
    store.record_targets([target()])
    store.close()


def test_a_read_only_database_says_so(store: Store) -> None:
    sqlite = store.url.get_backend_name() == "sqlite"
    setting = "PRAGMA query_only = ON" if sqlite else "SET default_transaction_read_only = on"
    event.listen(store._engine, "connect", lambda raw, _: raw.execute(setting) and raw.commit())
    store.close()
    with pytest.raises(StoreError, match=r"cannot be written|refuses writing"):
        store.record_targets([target()])


def test_a_full_disk_says_so(sqlite_url: str) -> None:
    store = open_store(sqlite_url, media=Path())
    event.listen(store._engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1"))
    store.close()
    with pytest.raises(StoreError, match="has no room left: free some disk space"):
        store.record_targets(target(f"t{n}") for n in range(2000))
    store.close()


def test_a_damaged_file_says_so(sqlite_url: str) -> None:
    store = open_store(sqlite_url, media=Path())
    store.record_targets(target(f"t{n}") for n in range(200))
    store.close()
    with Path(str(store.url.database)).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 40)
    with pytest.raises(StoreError, match="is damaged: restore a backup"):
        ask(store, target_versions.recorded)
    store.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_made_again(store: Store, database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        conn.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert ask(store, target_versions.recorded) == ()


def test_any_other_error_is_quoted_in_one_line(store: Store) -> None:
    with (
        pytest.raises(StoreError, match=r"answered with an error: .*no_such_table[^\n]*\.$"),
        store.read() as conn,
    ):
        conn.exec_driver_sql("SELECT 1 FROM no_such_table")


def test_what_goes_round_sqlalchemy_is_told_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "vigie.db").write_bytes(b"no database" * 1000)
    store = Store(f"sqlite:///{tmp_path}/vigie.db", Media(tmp_path), SystemClock())
    with closing(store), pytest.raises(StoreError, match="is not an SQLite database"):
        store.forget()


def test_too_many_readers_at_once_are_asked_to_try_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_free(*_: object, **__: object) -> None:
        raise NoFreeConnection("QueuePool limit of size 5 overflow 10 reached")

    monkeypatch.setattr(Engine, "connect", none_free)
    with pytest.raises(StoreError, match="has no free connection: try again"), store.read():
        pass


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("53100", "is out of disk, memory or connections"),
        ("55P03", "is locked by another program"),
        ("25006", "refuses writing: it is a stand-by"),
        ("42501", "does not allow this user to do that"),
        ("57P03", "is stopping or starting: try again"),
        ("22001", r"answered with an error: could not extend file\.$"),
    ],
)
def test_an_error_of_postgresql_is_told_by_its_state_or_its_class(state: str, words: str) -> None:
    cause = psycopg.errors.lookup(state)("could not extend file")
    url = make_url("postgresql://vigie:secret@db/vigie")
    with pytest.raises(StoreError, match=words) as told, plainly(url):
        raise OperationalError("INSERT", {}, cause)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_BUSY_SNAPSHOT", "is locked by another program"),
        ("SQLITE_READONLY_DBMOVED", "cannot be written: check the permissions"),
        ("SQLITE_CANTOPEN_ISDIR", "cannot be opened: check the permissions"),
        ("SQLITE_IOERR_READ", "could not be read or written by the operating system"),
        ("SQLITE_FULL", "has no room left"),
        ("SQLITE_CORRUPT_INDEX", "is damaged: restore a backup"),
        ("SQLITE_RANGE", r"answered with an error: 25\. column index out of range\.$"),
    ],
)
def test_an_error_of_sqlite_is_told_by_its_family(name: str, words: str) -> None:
    cause = sqlite3.OperationalError("25. column index out of range.\nin: SELECT ?")
    cause.sqlite_errorname = name
    url = make_url("sqlite:///x.db")
    with pytest.raises(StoreError, match=rf"^The database sqlite:///x\.db {words}"), plainly(url):
        raise cause
    with pytest.raises(StoreError, match=rf"^The database sqlite:///x\.db {words}"), plainly(url):
        raise OperationalError("SELECT ?", {}, cause)


@pytest.mark.parametrize(
    "error",
    [NoFreeConnection("QueuePool limit"), DataError("x", {}, psycopg.Error("no")), sqlite3.Error("no")],
)
def test_whatever_fails_names_the_database_and_no_password(error: Exception) -> None:
    url = make_url("postgresql://vigie:secret@db/vigie")
    with pytest.raises(StoreError, match=r"^The database postgresql://vigie:\*+@db/vigie "), plainly(url):
        raise error


def test_an_error_without_a_state_is_no_missing_server_unless_it_is_one_of_the_connection() -> None:
    url, cause = make_url("postgresql://vigie@db/vigie"), psycopg.Error("the value is too long.\nHINT: no")
    with pytest.raises(StoreError, match=r"answered with an error: the value is too long\.$"), plainly(url):
        raise DataError("INSERT", {}, cause)
    with pytest.raises(StoreError, match=r"cannot be reached: .*\(the value is too long\)\.$"), plainly(url):
        raise OperationalError("INSERT", {}, cause)


def test_a_writer_waits_ten_seconds_for_another(sqlite_url: str) -> None:
    store = open_store(sqlite_url, media=Path())
    with closing(store), store.read() as conn:
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_a_record_opens_while_another_program_writes_a_file_not_yet_in_write_ahead_mode(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    raw(sqlite_url, "PRAGMA journal_mode = DELETE")
    with locked(sqlite_url.removeprefix("sqlite:///")):
        store = open_store(sqlite_url, media=Path())
    with closing(store):
        assert ask(store, target_versions.recorded) == ()


def test_a_file_is_no_folder_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="create it or change the address"):
        upgrade(f"sqlite:///{tmp_path / 'file' / 'vigie.db'}")
