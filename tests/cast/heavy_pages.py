"""Pages of about 60 kB that differ from hour to hour by what such pages really change: tokens and clocks."""

from __future__ import annotations

import random
from datetime import timedelta

from probes.model import Capture, Step
from tests.cast.observations import HOUR, NOON, capture, step

WORDS = [
    "rendez-vous",
    "préfecture",
    "créneau",
    "demande",
    "titre",
    "séjour",
    "planning",
    "guichet",
    "horaire",
]
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Server", "Apache"), ("Cache-Control", "no-store"))


def layout(seed: int) -> list[str]:
    """The unchanging lines of a page of about 60 kB."""
    rng = random.Random(seed)
    return [line(n, rng) for n in range(290)]


def line(n: int, rng: random.Random) -> str:
    """A desk to choose."""
    label = f'<label for="x{n}">{" ".join(rng.choices(WORDS, k=12))}</label>'
    button = f'<input type="radio" name="planning" value="{rng.randrange(99999)}">'
    return f'<div class="row item-{n}" id="g{rng.randrange(9999)}">{label}{button}</div>'


LAYOUTS = [layout(seed) for seed in range(3)]


def page(n: int, tokens: random.Random) -> bytes:
    """Page `n` of a visit, with the two fresh tokens and the clock that such pages carry."""
    token = f'<input type="hidden" name="csrf" value="{tokens.randbytes(32).hex()}">'
    stamp = f"<!-- {tokens.randbytes(8).hex()} -->"
    return "\n".join([stamp, *LAYOUTS[n][:40], token, *LAYOUTS[n][40:]]).encode()


def visit(hour: int, tokens: random.Random) -> Capture:
    """A walk of three pages."""
    at = NOON + hour * HOUR

    def seen(n: int) -> Step:
        began = at + timedelta(seconds=11 * n, microseconds=tokens.randrange(10**6))
        dated = ("Date", f"{began:%a, %d %b %Y %H:%M:%S GMT}")
        return step(
            page(n, tokens),
            n=n + 1,
            started_at=began,
            finished_at=began + timedelta(microseconds=tokens.randrange(10**6)),
            headers=(dated, *HEADERS),
            server_address="192.0.2.17",
            tls_sha256="5e" * 32,
        )

    return capture(steps=tuple(map(seen, range(3))))
