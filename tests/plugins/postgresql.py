"""A throw-away PostgreSQL for any test: one server per test process, one fresh database per test.

`postgresql_url` is the address of an empty database. Needs the server's programs: tests are skipped without.
The server refuses to run as root, so it then runs as the user `postgres`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

_numbers = count()


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    if not (found or on_path):
        pytest.skip("the PostgreSQL server programs are not installed")
    return found[-1] if found else Path(str(on_path)).parent


def _run(*command: str | Path) -> None:
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]
    subprocess.run(
        [*(as_postgres if os.geteuid() == 0 else []), *map(str, command)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def running_postgresql(*, fsync: bool = False) -> Iterator[str]:
    """A server on loopback while the block runs; yields the address of its first database."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="vigie-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data, port = Path(folder) / "data", _free_port()
        trusting = ("-A", "trust", "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8")
        _run(programs / "initdb", "-D", data, "--no-sync", *trusting)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        options += f" -c fsync={'on' if fsync else 'off'}"
        _run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@contextmanager
def fresh_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """A new database on `server`, a copy of `template`, dropped at the end of the block."""
    name = f"vigie_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of the server's first database. Do not write into it."""
    with running_postgresql() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    with fresh_database(postgresql_server) as url:
        yield url
