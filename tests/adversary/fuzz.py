"""Random pages that say nothing to a person: answers put away in several ways at once, among odd markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from random import Random

from tests.adversary import classic, esirius, rdv_service_public
from tests.adversary.hiding import HIDDEN, SAID_WITHOUT_MEANING, Trick, answered_late, replaced
from tests.cast.lie import NONE, NOTHING, SOME, Lie, Scene

STYLED = '<div class="zq">'
WAITING = "<p>Chargement en cours…</p>"
LATER: Mapping[str, Trick] = {
    **{f"replaced after {ms} ms": partial(replaced, ms, by=WAITING) for ms in (20, 400, 2000)},
    **{
        f"replaced by a request {late} s late": partial(answered_late, late, by=WAITING)
        for late in (0.0, 0.3, 1.0)
    },
}
TRICKS: Mapping[str, Trick] = {**HIDDEN, **SAID_WITHOUT_MEANING, **LATER}

TOWNS = ("Créteil", "Nogent", "L'Haÿ-les-Roses", "Melun")
CONDITIONS = (
    " à {town}.",
    " avant le {day} janvier 2027.",
    " le {weekday}.",
    " pour {people} personnes.",
    " : essayez {town}.",
    ". Des rendez-vous sont disponibles à {town}.",
    ", sauf le {weekday}.",
    " de {hour} h à midi.",
)


def pages(number: int, seed: int) -> Iterator[Lie]:
    """So many visits. One in eight answers plainly, among odd markup: it may be read, or not."""
    random = Random(seed)
    for n in range(number):
        yield _alert(n, random) if n % 8 == 7 else _page(n, random, plain=n % 8 == 0)


def _page(n: int, random: Random, *, plain: bool) -> Lie:
    what, html, made, true = random.choice(_ANSWERS)
    names = [] if plain else random.sample(list(TRICKS), random.randint(1, 3))
    scene = _odd(Scene(html=html), random)
    for name in names:
        scene = _odd(_inside(scene, TRICKS[name]), random)
    label = f"fuzz {n}: {what}, {', then '.join(names) or 'plainly'}"
    return made(label, "nobody was told an answer", NOTHING | (true if plain else frozenset()), scene)


_ANSWERS = (
    ("none", classic.NO_PLACE, classic.lie, NONE),
    ("no calendar", classic.NO_CALENDAR, classic.lie, NONE),
    ("a free hour", classic.calendar(classic.FREE_DAY), partial(classic.lie, at=4, button=""), SOME),
    ("none", rdv_service_public.SENTENCE, rdv_service_public.lie, NONE),
    ("a place", rdv_service_public.place(), rdv_service_public.lie, SOME),
)


def _inside(scene: Scene, trick: Trick) -> Scene:
    """The scene with a further trick around it.

    Of two that load the same path, or that style the same class, the first stays: they could undo each other,
    as white letters do on what is drawn black.
    """
    outer = trick(scene.html)
    if scene.more.keys() & outer.more.keys() or (STYLED in scene.html and outer.html.startswith(STYLED)):
        return scene
    return Scene(html=outer.html, head=scene.head + outer.head, more={**outer.more, **scene.more})


def _odd(scene: Scene, random: Random) -> Scene:
    """Wrappers that change nothing that a person sees. No comments: one would end another around it."""
    html = scene.html
    for _ in range(random.randint(0, 3)):
        html = random.choice(
            (
                f"<div class='c{random.randint(1, 99)}'>{html}</div>",
                f"<span hidden>bloc {random.randint(1, 99)}</span>{html}",
                f"<section>\n\n{html}\t</section>",
                f"<div data-n='{random.random()}'>{html}</div><span></span>",
            )
        )
    return Scene(html=html, head=scene.head, more=scene.more)


def _alert(n: int, random: Random) -> Lie:
    """An alert of eSirius that denies only a part of what was asked."""
    said = random.choice(CONDITIONS).format(
        town=random.choice(TOWNS),
        day=random.randint(2, 30),
        weekday=random.choice(("lundi", "mardi", "samedi")),
        people=random.randint(2, 5),
        hour=random.randint(8, 11),
    )
    return esirius.alerting(f"fuzz {n}", f"Aucun rendez-vous n'est possible{said}", NOTHING)
