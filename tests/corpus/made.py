"""Labelled pages made from saved ones: what was done to a page tells what it should be read as.

`truth` is what a person would find. Where `must` is false the reader may also say it does not know: a page in
English still says « none », and nobody expects a French reader to know. Made pages are not independent
samples of the real world: they show that a reader is careful, not how often real sites surprise it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from probes.failures import Failure
from probes.model import Capture, NoSlotsKind, Outcome, Target
from probes.pages.received.encoding import decode
from tests.corpus import edits
from tests.corpus.edits import Edit, on_pages
from tests.corpus.pages import Case

SAVED = "saved"
REQUESTS = (Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.REQUESTS_OPEN)
"""What is an answer: slots, none, or a form that takes requests."""
CUTS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """One visit and what it should be read as; `earliest` and `second` are compared where `dated`."""

    name: str
    family: str
    target: Target
    capture: Capture = field(repr=False)
    truth: Outcome
    must: bool = True
    dated: bool = True
    earliest: datetime | None = None
    second: datetime | None = None
    kind: NoSlotsKind | None = None

    @property
    def platform(self) -> str:
        """The platform that reads it."""
        return self.target.platform


@dataclass(frozen=True, slots=True)
class Origin:
    """A saved case with its reviewed label, and what its product's `platform.toml` says."""

    case: Case = field(repr=False)
    label: Labelled
    product: dict[str, Any] = field(repr=False)

    @property
    def marks(self) -> re.Pattern[str]:
        """All that the product writes to mean « some » or « none »."""
        return re.compile(self.product["marks"], re.IGNORECASE)

    @property
    def decides(self) -> bool:
        """Whether the case is one in which the page itself answers, not an alert or an error."""
        return self.label.truth in REQUESTS

    @property
    def by_its_pages(self) -> bool:
        """Whether HTML decided: not a JSON answer, not an alert."""
        steps = self.case.capture.steps
        return self.decides and not any(step.dialogs for step in steps) and edits.is_html(steps[-1])

    def same(self, family: str, name: str, capture: Capture, *, must: bool = True) -> Labelled:
        """Other bytes, the same truth."""
        return replace(
            self.label, name=f"{self.label.name} · {name}", family=family, capture=capture, must=must
        )

    def unknown(self, family: str, name: str, capture: Capture, **changes: Any) -> Labelled:
        """Nobody could tell from these pages any more."""
        return replace(
            self.same(family, name, capture, must=False),
            truth=Outcome.UNRECOGNISED,
            earliest=None,
            second=None,
            kind=None,
            target=replace(self.label.target, **changes),
        )


def made(origin: Origin) -> Iterator[Labelled]:
    """All that is made of one saved case."""
    yield from _hidden_beside(origin)
    if not origin.decides:
        return
    yield from _without_marks(origin)
    yield from _elsewhere(origin)
    yield from _cut(origin)
    yield from _of_data(origin)
    yield from _alerts(origin)
    if origin.by_its_pages:
        yield from _unseen(origin)
        yield from _harmless(origin)
        yield from _spelled(origin)
        yield from _charsets(origin)
        yield from _garbled(origin)


def _unseen(origin: Origin) -> Iterator[Labelled]:
    """The answer is there, and nobody sees it."""
    capture = origin.case.capture
    for name, wrapping in edits.HIDDEN.items():
        yield origin.unknown("hidden", name, on_pages(capture, edits.around(*wrapping)))
    for name, wrapping in edits.COVERED.items():
        yield origin.unknown("covered", name, on_pages(capture, edits.around(*wrapping)))
    if any(step.rendered for step in capture.steps):
        return
    for name, rule in edits.RULES.items():
        for how in edits.DECLARATIONS:
            hide = edits.by_rule(rule, how)
            yield origin.unknown("hidden by rule", f"{name}, {how}", on_pages(capture, hide))


def _hidden_beside(origin: Origin) -> Iterator[Labelled]:
    """The contrary stands on any page whatever, where nobody sees it: nothing changes."""
    capture = origin.case.capture
    if not any(map(edits.is_html, capture.steps)):
        return
    for what in ("none", "some"):
        snippet = origin.product.get(what, "")
        for name in ("comment", "display", "template", "script", "hidden", "noscript"):
            before, after = edits.HIDDEN[name]
            add = edits.around(before + snippet + after, "")
            must = origin.decides
            yield origin.same("hidden beside", f"{what}, {name}", on_pages(capture, add), must=must)


def _harmless(origin: Origin) -> Iterator[Labelled]:
    capture = origin.case.capture
    for name, snippet in edits.HARMLESS.items():
        yield origin.same("beside", name, on_pages(capture, edits.around(snippet, "")))
    for one in origin.product.get("beside", ()):
        if origin.label.truth in one["of"]:
            add = edits.around(one["html"], "")
            yield origin.same("beside", one["name"], on_pages(capture, add))


def _spelled(origin: Origin) -> Iterator[Labelled]:
    for name, variant in edits.TYPOGRAPHY.items():
        yield origin.same("spelling", name, on_pages(origin.case.capture, edits.texts(variant)))


def _without_marks(origin: Origin) -> Iterator[Labelled]:
    """The marks taken away, or moved to where nobody reads them as an answer."""
    capture, marks = origin.case.capture, origin.marks
    yield origin.unknown("mark removed", "removed", edits.unmarked(capture, marks))
    if origin.label.truth is not Outcome.NO_SLOTS or not origin.by_its_pages:
        return
    moved: dict[str, Edit] = {
        "quoted": lambda text: f"Si le message « {text.strip()} » s'affiche, revenez le lendemain.",
        "negated": lambda text: f"Il est faux que : {text.strip()}",
        "asked": lambda text: f"Que faire si on me dit « {text.strip()} » ?",
        "title": lambda text: f'<span title="{text.strip()}"></span>',
        "alt": lambda text: f'<img alt="{text.strip()}" src="x.png">',
        "data": lambda text: f'<div data-message="{text.strip()}"></div>',
        "placeholder": lambda text: f'<input type="text" placeholder="{text.strip()}">',
        "value": lambda text: f'<input type="hidden" value="{text.strip()}">',
    }
    for name, variant in moved.items():
        yield origin.unknown("mark moved", name, on_pages(capture, edits.marked(marks, variant)))


def _elsewhere(origin: Origin) -> Iterator[Labelled]:
    """The right words, at the wrong address, for another desk or another procedure."""
    capture = origin.case.capture
    wrong = origin.product.get("wrong_steps", [origin.case.target.url])
    for url in (*wrong, "https://www.example.org/page", "https://www.google.com/sorry/index"):
        moved = replace(capture, steps=tuple(replace(step, final_url=url) for step in capture.steps))
        yield origin.unknown("wrong step", url, moved)
    if origin.label.truth is not Outcome.REQUESTS_OPEN:
        title = {"options": {**origin.case.target.options, "title": "Permis de chasse"}}
        yield origin.unknown("other procedure", "title", capture, **title)
    if origin.label.truth in origin.product.get("of_a_desk", ()):
        for desk in ("Guichet des cartes grises", "Guichet 99", "Naturalisation"):
            yield origin.unknown("other desk", desk, capture, desk=desk)


def _cut(origin: Origin) -> Iterator[Labelled]:
    """Pages that end too early, with and without the transport noticing."""
    capture = origin.case.capture
    whole = all(step.rendered is None and b"</html>" in step.body for step in capture.steps)
    for part in CUTS if whole else ():
        steps = tuple(replace(step, body=step.body[: int(len(step.body) * part)]) for step in capture.steps)
        yield origin.unknown("cut", f"at {part:.0%}", replace(capture, steps=steps))
    last = replace(capture.steps[-1], failure=Failure.TRUNCATED)
    if origin.label.truth is Outcome.NO_SLOTS:
        cut = origin.unknown("cut", "noticed", replace(capture, steps=(*capture.steps[:-1], last)))
        yield replace(cut, truth=Outcome.SITE_DOWN)
    for end in range(1, len(capture.steps)) if origin.label.truth is Outcome.NO_SLOTS else ():
        yield origin.unknown("cut", f"after step {end}", replace(capture, steps=capture.steps[:end]))


def _charsets(origin: Origin) -> Iterator[Labelled]:
    for name, must, how in (
        ("latin-1 by header", True, {"codec": "latin-1", "header": "iso-8859-1", "meta": None}),
        ("latin-1 by meta", True, {"codec": "latin-1", "header": None, "meta": "iso-8859-1"}),
        ("windows by header", True, {"codec": "cp1252", "header": "Windows-1252", "meta": "iso-8859-1"}),
        ("latin-9 by meta", True, {"codec": "latin-1", "header": None, "meta": "ISO-8859-15"}),
        ("latin-1 by nobody", True, {"codec": "latin-1", "header": None, "meta": None}),
        ("utf-8 by nobody", True, {"codec": "utf-8", "header": None, "meta": None}),
        ("byte order mark", True, {"codec": "utf-8", "header": None, "meta": None, "bom": b"\xef\xbb\xbf"}),
        ("latin-1 said to be utf-8", False, {"codec": "latin-1", "header": "utf-8", "meta": "utf-8"}),
        ("utf-8 said to be latin-1", False, {"codec": "utf-8", "header": "iso-8859-1", "meta": None}),
        ("utf-16", False, {"codec": "utf-16", "header": "utf-16", "meta": None}),
    ):
        steps = tuple(edits.encoded(step, **how) for step in origin.case.capture.steps)
        yield origin.same("charset", name, replace(origin.case.capture, steps=steps), must=must)


def _garbled(origin: Origin) -> Iterator[Labelled]:
    """Doubled, translated or contradicting itself."""
    capture = origin.case.capture
    yield origin.same("doubled", "content twice", on_pages(capture, edits.doubled), must=False)
    yield origin.same("doubled", "document twice", on_pages(capture, lambda page: page + page), must=False)
    english = partial(_translated, english=origin.product.get("english", {}))
    yield replace(origin.same("translated", "English", on_pages(capture, english), must=False), dated=False)
    contrary = {Outcome.NO_SLOTS: "some", Outcome.SLOTS_OFFERED: "none"}.get(origin.label.truth)
    snippet = origin.product.get(f"contrary_{contrary}", "")
    if snippet and snippet not in decode(capture.steps[-1]):
        # Slots shown on an earlier page stay shown: only the page that says « none » is contradicted.
        add, last = edits.around(snippet, ""), contrary == "some"
        yield origin.unknown("contradiction", f"{contrary} on top", on_pages(capture, add, last=last))


def _translated(page: str, english: dict[str, str]) -> str:
    for french, words in english.items():
        page = re.sub(french, words, page, flags=re.IGNORECASE)
    return page


def _of_data(origin: Origin) -> Iterator[Labelled]:
    """A JSON answer in another shape than the one that is known."""
    steps = origin.case.capture.steps
    for one in origin.product.get("data", ()) if not edits.is_html(steps[-1]) else ():
        body = steps[-1].body.decode("utf-8", "replace")
        changed = one["body"].replace("%s", body) if "body" in one else body.replace(*one["replace"])
        last = replace(steps[-1], body=changed.encode())
        capture = replace(origin.case.capture, steps=(*steps[:-1], last))
        if one.get("same"):
            yield origin.same("data", one["name"], capture)
        else:
            yield origin.unknown("data", one["name"], capture)


def _alerts(origin: Origin) -> Iterator[Labelled]:
    """An answer given by an alert: other words, other alerts beside it, another spelling."""
    capture = origin.case.capture
    last = capture.steps[-1]
    if not last.dialogs:
        return

    def saying(*lines: str) -> Capture:
        return replace(capture, steps=(*capture.steps[:-1], replace(last, dialogs=lines)))

    said = last.dialogs[-1]
    for name, variant in edits.TYPOGRAPHY.items():
        if not re.search("<|&", variant("é' accueil, autre chose")):
            yield origin.same("spelling", f"alert, {name}", saying(variant(said)))
    yield origin.unknown("alert", "none", saying())
    yield origin.unknown("alert", "said twice", saying(said, said))
    for line in origin.product.get("other_alerts", ()):
        yield origin.unknown("alert", line, saying(line))
        yield origin.unknown("alert", f"after {line}", saying(line, said))
        yield origin.unknown("alert", f"within {line}", saying(f"{line} {said}"))
