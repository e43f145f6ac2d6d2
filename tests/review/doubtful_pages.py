"""Pages of a classic procedure that say « none », with lines in the answer's place that no reader knows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from probes.model import Capture, Target
from tests.cast.saved_pages import PAGES, Case, load

_PLACE = '<div id="inner_Booking">'
PICTURE = b"\xff\xd8\xff picture"
GREETING = "Bienvenue sur le portail de la préfecture"
PAPERS = "Merci de votre visite"


@cache
def _case() -> Case:
    return load(PAGES / "classic" / "no_slots-one_desk")


def doubtful_target(name: str) -> Target:
    """A target called `name` whose pages these are."""
    return replace(_case().target, id=name)


def doubtful(*lines: str, tag: str = "p") -> Capture:
    """A visit that ended on « none » with these unknown lines beside it; another `tag`, another structure.

    Its picture is kept.
    """
    case = _case()
    *before, last = case.capture.steps
    shown = "".join(f"<{tag}>{line}</{tag}>" for line in lines)
    body = last.body.decode().replace(_PLACE, _PLACE + shown).encode()
    return replace(case.capture, steps=(*before, replace(last, body=body)), screenshot=PICTURE)
