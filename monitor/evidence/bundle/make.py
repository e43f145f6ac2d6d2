"""Making a bundle: all pieces of all matters, numbered, closed and signed. Reads the record; writes nothing.

A bundle contains all records of the period. Choosing rows (`only`) limits the tables and the pictures, not
the sealed records; every printed page then says so, with the numbers of rows left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import pairwise

from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle import replay, report, sentences, spreadsheet
from monitor.evidence.bundle.gather import BundleMaterial, received
from monitor.evidence.bundle.pictures import cited, pictures_of
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.bundle.provenance import provenance
from monitor.evidence.bundle.report import ReportData, SealedDay
from monitor.evidence.bundle.statement import BundleRow, Statement, state
from monitor.evidence.bundle.wacz import ArchivedPage, chosen, wacz
from monitor.evidence.journal import checkpoint, records, tree
from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal.checkpoint import Checkpoint, CheckpointSigner, NoteError
from monitor.evidence.journal.facts import AttemptFact, IncidentFact, ObservationFact, StepFact
from monitor.evidence.journal.seals import Seals
from monitor.evidence.journal.stamps import Authority
from monitor.evidence.journal.tiles import Tiles
from monitor.evidence.journal.witness import CHECKPOINT_FILE
from monitor.present.language import day
from monitor.present.proof import proof
from monitor.present.words import label
from monitor.problems import BadInput, Problem
from monitor.store import Store
from probes.model import Capture, Outcome, Step
from probes.registry import platform

MOST_PROOFS = 8
_EXTENSIONS = {"application/json": "json", "text/plain": "txt", "application/xml": "xml", "text/xml": "xml"}

Progress = Callable[[str], None]
"""Called with the French name of each step when the step begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleOffice:
    """What every bundle of one operator needs: the record, its seals, its key, the authorities, the name."""

    store: Store
    seals: Seals
    key: CheckpointSigner
    authorities: Sequence[Authority]
    operator: str = ""


@dataclass(slots=True)
class _Work:
    """One bundle in the making."""

    office: BundleOffice
    gathered: BundleMaterial
    only: Outcome | None
    progress: Progress
    pieces: Pieces = field(default_factory=dict)
    visits: dict[int, list[ArchivedPage]] = field(default_factory=dict)
    replayed: int = 0
    number: int = 0

    def shown(self, statement: Statement) -> list[BundleRow]:
        return [row for row in statement.rows if self.only in (None, row.outcome)]


def make(
    office: BundleOffice,
    gathered: BundleMaterial,
    *,
    only: Outcome | None = None,
    progress: Progress = lambda _: None,
) -> Pieces:
    """The pieces of a bundle by name. `only` limits tables and pictures to rows with that outcome.

    Raises `BrokenRecord` when a capture is not what was sealed, and `BadInput` when the key did not sign the
    seals or when Pango is missing.
    """
    work = _Work(office=office, gathered=gathered, only=only, progress=progress)
    statements = [state(matter) for matter in gathered.matters]
    _sealed(work)
    _captures(work, statements)
    shown = [(statement, work.shown(statement)) for statement in statements]
    work.pieces["donnees/releves.csv"] = spreadsheet.sheet(shown)
    for statement in statements:
        _printed(work, statement)
    _read_me(work, statements)
    progress("signature")
    return bundle_pieces.closed(work.pieces, office.key)


def _sealed(work: _Work) -> None:
    """Add the sealed files unchanged, and inclusion proofs of some records in the last tree head."""
    work.progress("sceaux et journal")
    gathered, office = work.gathered, work.office
    work.pieces |= gathered.day_files | bundle_pieces.sealed_pieces(office.seals, gathered.days)
    work.pieces |= bundle_pieces.authority_pieces(office.authorities) | bundle_pieces.verifiers()
    work.pieces["donnees/PERIMETRE.txt"] = gathered.scope.text
    note = work.pieces[f"preuves/{journal_names.checkpoint(gathered.days[-1])}"].decode()
    head = _opened(note, office.key)
    published = (office.seals.folder / CHECKPOINT_FILE).read_text("utf-8")
    tiles = Tiles(office.seals.folder, _opened(published, office.key).size)
    for matter in gathered.matters:
        for fact in _ends([fact for fact in matter.attempts if fact.seq < head.size]):
            path = tree.inclusion(tiles.node, fact.seq, head.size)
            proof = checkpoint.proof(fact.seq, path, note)
            work.pieces[f"preuves/ligne-{fact.seq}.tlog-proof"] = proof.encode()


def _opened(note: str, key: CheckpointSigner) -> Checkpoint:
    try:
        return checkpoint.opened(note, key.verifier)[0]
    except NoteError as error:
        words = "is not the key that signed the seals of this period; use the log's own"
        raise BadInput(Problem("[evidence] key", words)) from error


def _ends(attempts: Sequence[AttemptFact]) -> list[AttemptFact]:
    """The first and the last attempt, and changes of outcome, at most `MOST_PROOFS`."""
    changes = [now for before, now in pairwise(attempts) if _outcome(before) is not _outcome(now)]
    cited = {fact.seq: fact for fact in (*attempts[:1], *attempts[-1:], *changes)}
    return list(cited.values())[:MOST_PROOFS]


def _outcome(fact: AttemptFact) -> Outcome | None:
    return fact.outcome if isinstance(fact, ObservationFact) else None


def _captures(work: _Work, statements: Sequence[Statement]) -> None:
    """Add every received page under its digest, and a WACZ file with as many as ReplayWeb.page shows well."""
    work.progress("captures")
    rows = {row.number: row for statement in statements for row in statement.rows}
    for fact, capture in received(work.office.store, work.gathered.facts):
        for said, step in zip(fact.steps, capture.steps, strict=True):
            work.pieces |= _bodies(said, step)
        work.pieces |= _picture(capture)
        # Days are sealed in UTC: their files also have visits just outside the local days, which have no row.
        row = rows.get(fact.seq)
        if row and (pages := replay.pages(row, fact, capture)):
            work.visits[row.number] = pages
    closed = f"{work.gathered.days[-1]}T00:00:00Z"
    title = ", ".join(work.gathered.scope.targets)
    first = [row.number for statement in statements for row in cited(statement.rows)]
    pages = chosen(work.visits, first=first)
    work.replayed = len({page.visit for page in pages})
    work.pieces["captures/captures.wacz"] = wacz(
        pages,
        title=title,
        notice=replay.NOTICE,
        software=f"vigie {version('vigie')}",
        created=closed,
    )


def _bodies(said: StepFact, step: Step) -> Pieces:
    mime = said.headers.get("content-type", "").partition(";")[0].strip()
    pieces = bundle_pieces.capture_piece(step.body, _EXTENSIONS.get(mime, "html")) if step.body else {}
    if step.rendered is not None:
        pieces |= bundle_pieces.capture_piece(step.rendered.encode("utf-8", "surrogatepass"), "html")
    if step.dialogs:
        pieces |= bundle_pieces.capture_piece("\n".join(step.dialogs).encode("utf-8", "surrogatepass"), "txt")
    if said.sheets_sha256:
        pieces |= bundle_pieces.capture_piece(records.sheets(step), "json")
    return pieces


def _picture(capture: Capture) -> Pieces:
    if not capture.screenshot:
        return {}
    extension = "png" if capture.screenshot.startswith(b"\x89PNG") else "jpg"
    return bundle_pieces.capture_piece(capture.screenshot, extension)


def _printed(work: _Work, statement: Statement) -> None:
    """The numbered PDF pieces of one matter."""
    printed = _to_print(work, statement)
    shown = work.shown(statement)
    pictures = pictures_of(statement, shown, work.pieces)
    work.pieces |= {f"captures/copie_ligne-{one.row.number}.jpg": one.copy for one in pictures}
    work.progress(f"rapport {statement.matter.target.id}")
    _add(work, statement, "Rapport", report.report(statement, printed))
    for place, table in enumerate(report.tables(statement, printed, shown), 1):
        work.progress(f"tableau {place} {statement.matter.target.id}")
        _add(work, statement, f"Tableau-{place}", table)
    if pictures:
        total = sum(row.shot_sha256 is not None for row in shown)
        _add(work, statement, "Captures", report.captures(statement, printed, pictures, total))


def _add(work: _Work, statement: Statement, kind: str, content: bytes) -> None:
    work.number += 1
    matter = statement.matter
    target = re.sub(r"[^A-Za-z0-9-]", "-", matter.target.id)[:24]
    name = f"PJ{work.number}_{kind}_{target}_{matter.first}_{matter.last}.pdf"
    if not journal_names.SAFE_NAME.fullmatch(name):
        raise ValueError(f"{name} is no name for an exhibit")
    work.pieces[name] = content


def _to_print(work: _Work, statement: Statement) -> ReportData:
    office, gathered = work.office, work.gathered
    last = gathered.days[-1]
    journal = [fact for fact in gathered.facts if fact.target == records.JOURNAL]
    origin, size, root = work.pieces[f"preuves/{journal_names.checkpoint(last)}"].decode().split("\n")[:3]
    return ReportData(
        operator=office.operator,
        origin=origin,
        vkey=office.key.verifier.vkey,
        head_line=f"{size} {root}",
        last_seal=records.digest(work.pieces[f"preuves/{journal_names.seal(last)}"]),
        seals=list(_seals(work)),
        prints={name: records.digest(work.pieces[name]) for name in _PRINTED},
        provenance=provenance(statement, journal, operator=office.operator, stamped=_stamped(work)),
        incidents=[report.incident(fact) for fact in journal if isinstance(fact, IncidentFact)],
        others=gathered.others,
        proof=_proof(statement),
        extract=_extract(work, statement),
    )


_PRINTED = ("donnees/releves.csv", "captures/captures.wacz")


def _seals(work: _Work) -> Iterator[SealedDay]:
    """Each day with the first stamp on its seal.

    A seal without a stamp has the date of the first stamp on a later seal, because seals are chained.
    """
    made: list[SealedDay] = []
    bound = None
    for sealed in reversed(work.gathered.days):
        own = next((one for one in work.gathered.anchors if one.seal_day == sealed), None)
        bound = own if own and (bound is None or own.stamped_at < bound.stamped_at) else bound
        by = own.authority if own else "aucune autorité" + (" (sceau suivant)" if bound else "")
        at = f"{bound.stamped_at:%Y-%m-%d %H:%M:%S}" if bound else "non satisfait : pas d'horodatage"
        digest = records.digest(work.pieces[f"preuves/{journal_names.seal(sealed)}"])
        made.append(SealedDay(day=sealed, digest=digest, by=by, at=at))
    yield from reversed(made)


def _stamped(work: _Work) -> str:
    names = sorted({anchor.authority for anchor in work.gathered.anchors})
    qualified = {one.name for one in work.office.authorities if one.qualified}
    told = [f"{name} (qualifiée selon l'exploitant)" if name in qualified else name for name in names]
    return f"sceaux horodatés par {', '.join(told)}" if told else ""


def _proof(statement: Statement) -> str:
    """A French sentence on how far the reader of this platform is proven."""
    try:
        tested = platform(statement.matter.known.platform)
    except LookupError:
        return "Lecteur de cette plateforme non prouvé : il n'existe plus dans cette version de Vigie."
    said = f"Lecteur de cette plateforme {proof(tested)}"
    more = "" if tested.verified_on else " : aucune page enregistrée du site réel ne l'a encore confirmé"
    return f"{said}{more}."


def _extract(work: _Work, statement: Statement) -> str:
    """A French sentence on the rows that an extract shows and leaves out; empty for a whole bundle."""
    if work.only is None:
        return ""
    left = Counter(sentences.result(row) for row in statement.rows if row.outcome is not work.only)
    told = ", ".join(f"{count} {name}" for name, count in left.most_common())
    shown = len(statement.rows) - left.total()
    return (
        f"les {shown} lignes « {label(work.only)} » ; {left.total()} lignes sont laissées de côté : {told}."
    )


def _read_me(work: _Work, statements: Sequence[Statement]) -> None:
    first = statements[0].matter
    period = f"Du {day(first.first)} au {day(first.last)}"
    known = [statement.matter.known for statement in statements]
    context = {
        "known": "\n".join(f"{one.prefecture} ({one.departement}) : {one.demarche}" for one in known),
        "period": period,
        "extract": " ".join(
            f"{one.matter.target.id} : {words}" for one in statements if (words := _extract(work, one))
        ),
        "simulated": any(statement.simulated for statement in statements),
        "pieces": list(_contents(work)),
        "authorities": [(one.name, one.qualified) for one in work.office.authorities],
        "origin": work.office.key.name,
        "visits": len(work.visits),
        "replayed": work.replayed,
    }
    work.pieces["LISEZMOI.txt"] = report.readme(context)


def _contents(work: _Work) -> Iterator[tuple[str, str]]:
    kinds = {"Rapport": "le rapport", "Tableau": "les lignes", "Captures": "copies d'écran encadrées"}
    for name in work.pieces:
        if name.startswith("PJ"):
            yield name, kinds[name.split("_")[1].partition("-")[0]]
    yield from (
        ("donnees/releves.csv", "les lignes, pour un tableur"),
        ("donnees/*.jsonl", "les lignes telles que scellées"),
        ("preuves/", "sceaux, horodatages, preuves d'inclusion"),
        ("autorites/", "certificats des autorités d'horodatage"),
        ("captures/", "pages et images telles que reçues"),
        ("verify.sh, verify.py", "les deux vérificateurs"),
        ("SHA256SUMS, SHA256SUMS.sig", "la liste des pièces, signée par le journal"),
    )
