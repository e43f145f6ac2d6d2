"""The pages of a visit for the WACZ file, and the titles under which they are listed. Pure.

First come the pages received, each with its own address and instant. Then come the contents of the screen at
the end of the visit: the rendered page, and the alert it showed. No server sent these in that form, so they
have made-up addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitor.evidence.bundle import sentences
from monitor.evidence.bundle.statement import BundleRow
from monitor.evidence.bundle.wacz import ArchivedPage
from monitor.evidence.journal import records
from monitor.evidence.journal.facts import ObservationFact, StepFact
from monitor.present.language import local_time
from probes.model import Capture, Step

NOTICE = """\
**page reçue** : la page sur laquelle la visite s'est arrêtée, octet pour octet. Les styles, images et scripts
qu'elle fait venir d'ailleurs n'ont pas été gardés.

**page affichée**, **message affiché** : ce que montrait alors le navigateur, et qui a été lu.

L'heure du titre est celle de la préfecture, l'autre celle de cet ordinateur. Le signe * remplace, dans une
adresse, ce qui est masqué. Un lien ou un bouton mène à une capture de cette adresse, peut-être d'une autre
visite, ou nulle part : seules les pages de la liste répondent à une ligne du tableau.
"""
"""The text shown beside the list of pages, in Markdown."""

_HTML = {"content-type": "text/html; charset=utf-8"}
_TEXT = {"content-type": "text/plain; charset=utf-8"}


def pages(row: BundleRow, visit: ObservationFact, capture: Capture) -> list[ArchivedPage]:
    """The pages of the visit behind `row`, in order; those on which it ended have a title."""
    found = []
    for said, step in zip(visit.steps, capture.steps, strict=True):
        if step.body and step.status:
            found.append(_received(row, said, step, ends=step is capture.last))
    if capture.last:
        found += _on_screen(row, visit.steps[-1], capture.last)
    return found


def _received(row: BundleRow, said: StepFact, step: Step, *, ends: bool) -> ArchivedPage:
    # A viewer cannot show a redirect (where it led is not kept), nor open a completely masked address.
    opens = said.address.startswith("http") and said.status is not None and not 300 <= said.status < 400
    return ArchivedPage(
        id=f"{row.number}:{said.n}",
        url=said.address if opens else _apart("recue", said.address),
        at=records.instant(said.started_at),
        headers=said.headers,
        body=step.body,
        status=said.status if opens else None,
        shown=_title(row, said.started_at, "page reçue") if ends else "",
    )


def _on_screen(row: BundleRow, said: StepFact, step: Step) -> Iterator[ArchivedPage]:
    kept = (
        ("affichee", "page affichée", _HTML, step.rendered),
        ("message", "message affiché", _TEXT, "\n".join(step.dialogs)),
    )
    for name, told, headers, text in kept:
        if text:
            yield ArchivedPage(
                id=f"{row.number}:{said.n}:{name}",
                url=_apart(name, said.address),
                at=records.instant(step.finished_at),
                headers=headers,
                body=text.encode("utf-8", "surrogatepass"),
                shown=_title(row, step.finished_at, told),
            )


def _apart(kind: str, address: str) -> str:
    """An address for content that no server sent: under a host name that cannot exist."""
    return f"https://{kind}.vigie.invalid/{address.replace('://', '/')}"


def _title(row: BundleRow, at: datetime, kind: str) -> str:
    """The title: the row's number as in the tables, and the instant in the préfecture's time zone."""
    local = at.astimezone(row.local.tzinfo)
    target, result = row.fact.target, sentences.result(row)
    return f"Ligne {row.number}, {target}, {local_time(local)} : {result} ({kind})"
