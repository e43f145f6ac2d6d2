"""The errors of the store. Each message is one sentence: what happened, and how to mend it.

StoreError
├── InstantTaken    the scheduled instant already has its entry
├── MediaError      a picture could not be kept; nothing was recorded
└── Damaged         what was read back is not what was written
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from probes.failures import Mendable


class StoreError(Mendable):
    """The record cannot be read or written. `str()` is one sentence for the operator."""


class InstantTaken(StoreError):
    """The scheduled instant of this target already ended as an observation or a gap."""


class MediaError(StoreError):
    """A picture could not be kept. Nothing was recorded: the same row may be appended without it."""


class Damaged(StoreError):
    """A stored body or picture no longer has the SHA-256 it was stored under."""


SQLITE = {
    "BUSY": "is locked by another program: stop it, or wait until it has finished",
    "READONLY": "cannot be written: check the permissions of the file and of its folder",
    "CANTOPEN": "cannot be opened: check the permissions of the file and of its folder",
    "FULL": "has no room left: free some disk space",
    "NOTADB": "is not an SQLite database: check the address",
    "CORRUPT": "is damaged: restore a backup",
    "IOERR": "could not be read or written by the operating system: check the disk",
}
"""Message by the second word of SQLite's error name: `BUSY` for `SQLITE_BUSY` and `SQLITE_BUSY_SNAPSHOT`."""

POSTGRESQL = {
    "25006": "refuses writing: it is a stand-by, or set to read-only",
    "42501": "does not allow this user to do that: grant it its rights",
    "53": "is out of disk, memory or connections: make room",
    "55P03": "is locked by another program: stop it, or wait until it has finished",
    "57": "is stopping or starting: try again in a moment",
}
"""Message by SQLSTATE (five characters), or by its class (its first two characters)."""


@contextmanager
def plainly(url: URL) -> Iterator[None]:
    """Turn the driver's errors into a `StoreError` that names the database address without its password."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"The database {url.render_as_string()} {_told(error)}.") from error
    except sqlite3.Error as error:  # of a connection that SQLAlchemy does not watch over
        raise StoreError(f"The database {url.render_as_string()} {_of_sqlite(error)}.") from error
    except NoFreeConnection as error:
        why = "has no free connection: try again in a moment"
        raise StoreError(f"The database {url.render_as_string()} {why}.") from error


def _told(error: DBAPIError) -> str:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    # The driver of PostgreSQL is known by what its errors carry: an installation on SQLite never loads it.
    if cause is not None and hasattr(cause, "sqlstate"):
        return _of_postgresql(error, cause.sqlstate)
    return _first_line(cause)


def _of_sqlite(cause: sqlite3.Error) -> str:
    words = getattr(cause, "sqlite_errorname", "").split("_")
    return SQLITE.get(words[1] if len(words) > 1 else "", _first_line(cause))


def _of_postgresql(error: DBAPIError, state: str | None) -> str:
    if state is None and isinstance(error, OperationalError):
        said = _said(error.orig)
        return f"cannot be reached: start the server, or check the address, user and password ({said})"
    return POSTGRESQL.get(state or "") or POSTGRESQL.get((state or "")[:2]) or _first_line(error.orig)


def _first_line(cause: BaseException | None) -> str:
    return f"answered with an error: {_said(cause)}"


def _said(cause: BaseException | None) -> str:
    return str(cause).partition("\n")[0].rstrip(". ")
