"""A person accepts a line of a quarantined page as harmless, or takes that back; the pages are read again.

Which lines keep a page in quarantine is asked of its own reader: it names one unknown line at a time, so it
is asked again as if the ones before were accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.problems import BadInput, Problem
from monitor.review.quarantine import Sample, sample
from monitor.review.reclassify import Reclassifier, Summary
from monitor.rules import personal
from monitor.store import GapRow, ObservationRow, Store
from monitor.store.record import entries, target_versions
from monitor.store.review import acceptances, quarantine
from monitor.store.review.acceptances import Acceptance
from probes.model import AcceptedLine, Capture, Clock, Outcome, Platform, Reading, Target
from probes.pages.fingerprint import fingerprint
from probes.pages.notices.harmless import refusal
from probes.pages.page import normalise
from probes.registry import platform as platform_called

MOST_LINES = 30
LONGEST_REASON = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownLine:
    """A line that the reader does not know, as the page writes it; `refusal` says why nobody may accept it.

    `refusal` is empty when a person may.
    """

    text: str
    refusal: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DoubtfulPage:
    """A quarantined page: its row, structure and unknown lines, in the order in which the reader meets them.

    `accepted` are the lines that are accepted on its structure already. `then` is what the page would be read
    as if every unknown line that may be accepted were. `sample` is what a person can look at. `targets` have
    pages in quarantine with this structure, `pages` of them together: a line accepted here holds for all.
    `lines` is empty when the page is there for another reason.
    """

    row: ObservationRow
    target: Target
    capture: Capture
    structure: str
    lines: Sequence[UnknownLine]
    accepted: Sequence[AcceptedLine]
    then: Reading
    sample: Sample
    targets: Sequence[str]
    pages: int


def look(store: Store, number: int, clock: Clock) -> DoubtfulPage:
    """The page of row `number`. Raises `BadInput` when it is not in quarantine for a line."""
    page = quarantined(store, number, clock)
    if not page.lines:
        raise BadInput(Problem(f"row {number}", _other_reason(page)))
    return page


def quarantined(store: Store, number: int, clock: Clock) -> DoubtfulPage:
    """The page of row `number`, whatever keeps it in quarantine. Raises `BadInput` when nothing does."""
    row = _quarantined(store, number)
    reader = _reader(row)
    capture = store.load_capture(number)
    structure = fingerprint(row.platform, capture)
    with store.read() as conn:
        target = target_versions.of(conn, row.target_version_id)
        accepted = acceptances.in_force(conn, row.platform).get(structure, ())
        groups = quarantine.groups(conn, structure)
    lines, then = _unknown(reader, target, capture, accepted, clock)
    return DoubtfulPage(
        row=row,
        target=target,
        capture=capture,
        structure=structure,
        lines=lines,
        accepted=accepted,
        then=then,
        sample=sample(store, number),
        targets=[name for group in groups for name in group.targets],
        pages=sum(group.count for group in groups),
    )


def accept(
    store: Store,
    page: DoubtfulPage,
    line: str,
    *,
    reason: str,
    author: str,
    clock: Clock,
    unseen: bool = False,
) -> tuple[int, Summary]:
    """Accept a line of the page, given as its text or as its place in `page.lines`, from 1; then read again.

    Without a picture nobody can have seen what the page shows: it is refused unless the person says that the
    line is `unseen`, and then the kept reason, which bundles print, begins with that.

    Returns the number of the acceptance. Raises `BadInput` for a line that may not be accepted, that is not
    there or that is accepted already, for an empty reason, and for one that could name a person.
    """
    why, chosen = _reason(reason), normalise(_chosen(page, line))
    personal.check("--by", author)
    if not page.sample.picture:
        if not unseen:
            raise BadInput(Problem(f"row {page.row.id}", _NO_PICTURE))
        why = f"{UNSEEN}{why}"
    accepted = AcceptedLine(line=chosen, at=clock.now(), reason=why)
    with store.write() as conn:
        number = acceptances.accept(
            conn,
            accepted,
            platform=page.row.platform,
            fingerprint=page.structure,
            observation=page.row.id,
            author=author,
        )
    return number, _read_again(store, page.structure, f"accepted line {number}", clock)


UNSEEN = "sans image : "
_NO_PICTURE = (
    "has no picture, so that nobody can have seen what the page shows; take a row of the group that has one, "
    "or read the kept page and give --unseen, which bundles will say"
)


def withdraw(
    store: Store, number: int, *, reason: str, author: str, clock: Clock
) -> tuple[Acceptance, Summary]:
    """Take the acceptance `number` back; then read again. Raises `BadInput` for an empty reason, `StoreError`
    when there is no such acceptance or it was taken back before."""
    why = _reason(reason)
    personal.check("--by", author)
    with store.write() as conn:
        taken = acceptances.withdraw(conn, number, reason=why, author=author, at=clock.now())
    return taken, _read_again(store, taken.fingerprint, f"accepted line {number} withdrawn", clock)


def _quarantined(store: Store, number: int) -> ObservationRow:
    with store.read() as conn:
        row = entries.find(conn, number)
    if row is None:
        raise BadInput(Problem(f"row {number}", f"is not in the record; {_LISTED}"))
    if isinstance(row, GapRow):
        raise BadInput(Problem(f"row {number}", f"is a gap, so no page was received; {_LISTED}"))
    if row.in_force.outcome is not Outcome.UNRECOGNISED:
        said = f"is not in quarantine, it is read as {row.in_force.outcome}; {_LISTED}"
        raise BadInput(Problem(f"row {number}", said))
    return row


_LISTED = "`vigie quarantine` lists the pages that are"


def _reader(row: ObservationRow) -> Platform:
    try:
        return platform_called(row.platform)
    except LookupError as unknown:
        raise BadInput(Problem(f"row {row.id}", f"has no reader any more, {unknown}")) from unknown


def _unknown(
    reader: Platform, target: Target, capture: Capture, accepted: Sequence[AcceptedLine], clock: Clock
) -> tuple[list[UnknownLine], Reading]:
    """The lines that the reader does not know, and the reading as if those that may be were accepted."""
    found: list[UnknownLine] = []
    tried = list(accepted)
    reading = reader.read(target, capture, tried)
    while reading.rule == "unknown_line" and len(found) < MOST_LINES:
        said = reading.words
        plain = normalise(said)
        known = any(each.line == plain for each in tried)
        why = refusal(said, reader.answer, [target.desk or ""]) or (_DESK if known else "")
        found.append(UnknownLine(text=said, refusal=why))
        if why:
            break
        tried.append(AcceptedLine(line=plain, at=clock.now(), reason="to see what the page says then"))
        reading = reader.read(target, capture, tried)
    return found, reading


_DESK = "it is the name of a desk of this page, or a mark of its answer"


def _other_reason(page: DoubtfulPage) -> str:
    if page.then.outcome is not Outcome.UNRECOGNISED:
        return f"is read as {page.then.outcome} by today's reader; run `vigie reclassify`"
    return (
        f"is in quarantine by the rule {page.then.rule}, not for a line, so that no accepted line mends it; "
        f"`vigie quarantine show {page.row.id}` says what may be done"
    )


def _chosen(page: DoubtfulPage, line: str) -> str:
    """The text of the line; raises `BadInput` when it may not be accepted."""
    plain = normalise(_numbered(page, line) if line.isdecimal() else line)
    unknown = {normalise(each.text): each for each in page.lines}
    if any(each.line == plain for each in page.accepted):
        raise BadInput(Problem(f'--line "{line}"', "is accepted on these pages already"))
    why = unknown[plain].refusal if plain in unknown else refusal(plain, _reader(page.row).answer)
    if why:
        raise BadInput(Problem(f'--line "{line}"', f"can never be accepted: {why}"))
    if plain not in unknown:
        words = "is none of the lines for which the page is in quarantine; leave out --line to see them"
        raise BadInput(Problem(f'--line "{line}"', words))
    return unknown[plain].text


def _numbered(page: DoubtfulPage, number: str) -> str:
    """The line with this number. Once one is accepted the others move up, and numbers mean other lines."""
    if page.accepted:
        words = "is no safe way to name a line once another is accepted on these pages; give the line itself"
        raise BadInput(Problem(f'--line "{number}"', words))
    place = int(number[-9:])
    if len(number) > 9 or not 1 <= place <= len(page.lines):
        words = f"is no number of the list, which has {len(page.lines)}; leave out --line to see it"
        raise BadInput(Problem(f'--line "{number[:20]}"', words))
    return page.lines[place - 1].text


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise BadInput(Problem("--reason", "is missing; say why in a few words, which bundles will print"))
    if len(said) > LONGEST_REASON:
        raise BadInput(Problem("--reason", f"has more than {LONGEST_REASON} characters; say it in fewer"))
    return personal.check("--reason", said)


def _read_again(store: Store, structure: str, cause: str, clock: Clock) -> Summary:
    reader = Reclassifier(store=store, platforms=platform_called, clock=clock, write=True, cause=cause)
    return reader.run(structure=structure)
