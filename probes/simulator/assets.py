"""Styles, script, font and pictures of the simulated pages. Benches make them as heavy as real ones."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from random import Random

from starlette.responses import Response

# The weight of each asset as a multiple of the weight added to the HTML; five times in all.
_SHARES = {"/assets/site.css": 2.0, "/assets/site.js": 2.0, "/assets/site.woff2": 1.0}
_TYPES = {"css": "text/css", "js": "text/javascript", "woff2": "font/woff2", "png": "image/svg+xml"}

_FONT_RULES = (
    b"@font-face{font-family:Site;src:url(/assets/site.woff2);font-display:swap}\n"
    b"body{font-family:Site,Arial,sans-serif}\n"
)


def is_asset(path: str) -> bool:
    """Whether `path` is that of a style, script, font or picture, not of a page."""
    return path.startswith("/assets/") or path == "/favicon.ico"


def asset(path: str, weight_kb: int) -> Response:
    """The asset at `path`. `weight_kb` is what is added to each page's HTML; assets grow with it."""
    name, _, kind = path.removeprefix("/assets/").partition(".")
    if kind not in _TYPES:
        return Response(status_code=204 if path == "/favicon.ico" else 404)
    body = _step_picture(name) if kind == "png" else _body(path, weight_kb)
    return Response(body, media_type=_TYPES[kind], headers={"Cache-Control": "max-age=3600"})


@lru_cache(maxsize=64)
def _body(path: str, weight_kb: int) -> bytes:
    if path == "/assets/simulateur.css":
        return files("probes.simulator").joinpath("templates", "simulateur.css").read_bytes()
    size = int(_SHARES.get(path, 0) * weight_kb * 1000)
    if path.endswith(".css"):
        return _FONT_RULES + _repeat(".rubrique-{0} a:hover{{color:#1f2f4f;margin:0 {0}px}}\n", size)
    if path.endswith(".js"):
        return _repeat("function rubrique{0}(n){{return n*{0}}}\n", size)
    return Random(path).randbytes(size)


def _repeat(line: str, size: int) -> bytes:
    lines: list[str] = []
    length = 0
    while length < size:
        lines.append(line.format(len(lines)))
        length += len(lines[-1])
    return "".join(lines).encode()


@lru_cache(maxsize=64)
def _step_picture(name: str) -> bytes:
    """A picture of the six steps of a booking; the digits in `name` say which is lit, as in `etape_3r`."""
    current = int("".join(char for char in name if char.isdigit()) or 0)
    circles = "".join(
        f'<circle cx="{20 + 40 * n}" cy="20" r="14" fill="{"#d86018" if n + 1 == current else "#c9d1de"}"/>'
        for n in range(6)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="240" height="40">{circles}</svg>'.encode()
