"""Small bodies that unpack to 300 MB."""

from __future__ import annotations

import gzip
import zlib
from functools import cache


@cache
def bomb(layers: int) -> bytes:
    """300 MB of text, packed with gzip `layers` times."""
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    text = b"x" * 1_000_000
    body = b"".join(engine.compress(text) for _ in range(300)) + engine.flush()
    for _ in range(layers - 1):
        body = gzip.compress(body, mtime=0)
    return body
