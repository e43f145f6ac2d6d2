"""Column types: UTC instants, SHA-256 digests, closed lists of names, text taken from pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from probes.model import utc

Id = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number. On SQLite it must be `INTEGER PRIMARY KEY`: no other type is numbered automatically."""


class UtcInstant(TypeDecorator[datetime]):
    """An aware instant in UTC, on both databases. SQLite stores no zone, so UTC is put back when reading.

    Writing a naive value raises an error.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sha256(TypeDecorator[str]):
    """A digest: 64 hexadecimal digits in Python, 32 bytes in the table."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).hex()


class PageText(TypeDecorator[str]):
    """Text that came from a page. Characters that PostgreSQL cannot store become U+FFFD; see `storable`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates replaced by U+FFFD: PostgreSQL cannot store them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def names(of: type[StrEnum]) -> Enum:
    """A column for a closed list. It stores the published names. No CHECK constraint: a list may grow."""
    return Enum(of, native_enum=False, create_constraint=False, length=32, values_callable=_values)


def _values(of: Iterable[Any]) -> list[str]:
    return [member.value for member in of]
