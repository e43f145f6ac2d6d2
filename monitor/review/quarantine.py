"""A group of unrecognised pages as a person sees it, and the test case made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.problems import BadInput, Problem, nearest
from monitor.recording import cases
from monitor.recording.masking import Mask
from monitor.store import Damaged, Store
from monitor.store.record import entries, target_versions
from monitor.store.review import quarantine
from monitor.store.review.quarantine import Group
from probes.model import Capture, Platform, Reading
from probes.pages.page import parse, words
from probes.proof import PageOrigin


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An unrecognised page as it was shown: its visible text, and its picture if it is still kept."""

    text: str
    picture: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineDecision:
    """The folder of the case, and today's reading of the page before and after its secrets were masked."""

    folder: Path
    before: Reading
    after: Reading


def find(store: Store, fingerprint: str) -> Group:
    """The group with this fingerprint. For an unknown one raises `BadInput`, which names the nearest."""
    with store.read() as conn:
        found = quarantine.groups(conn, fingerprint)
        known = [] if found else [group.fingerprint for group in quarantine.groups(conn)]
    if not found:
        words = f"is in quarantine under no such name; {nearest(fingerprint, known)}" if known else _EMPTY
        raise BadInput(Problem(f'"{fingerprint}"', words))
    return found[0]


_EMPTY = "is not in quarantine; nothing is"


def sample(store: Store, number: int) -> Sample:
    """The last page of observation `number`, for a person to look at."""
    with store.read() as conn:
        picture = entries.observation(conn, number).screenshot_sha256
    path = store.media.path(picture) if picture else None
    return Sample(text=_text(store, number), picture=path if path and path.exists() else None)


def make_case(
    store: Store, platform: Platform, group: Group, number: int, name: str, pages: Path, now: datetime
) -> QuarantineDecision:
    """Make a test case called `name` of observation `number`, and record that the group has one."""
    folder = cases.folder_for(platform.name, name, pages)
    with store.read() as conn:
        row = entries.observation(conn, number)
        target = target_versions.of(conn, row.target_version_id)
    capture = store.load_capture(number)
    shown, clean = Mask().visit(target, capture)
    cases.write(
        folder,
        shown,
        clean,
        note=f"Structure {group.fingerprint}, first seen on {group.first_at:%Y-%m-%d}",
        origin=PageOrigin.RECONSTRUCTED if row.simulated else PageOrigin.RECORDED,
        source=f"{target.prefecture}, {row.at:%Y-%m-%d}",
    )
    with store.write() as conn:
        quarantine.decide(conn, group.fingerprint, number, f"{platform.name}/{name}", now)
    return QuarantineDecision(
        folder=folder, before=platform.read(target, capture), after=platform.read(shown, clean)
    )


def _text(store: Store, number: int) -> str:
    try:
        return _shown(store.load_capture(number))
    except Damaged as damage:
        return str(damage)


def _shown(capture: Capture) -> str:
    pages = [parse(step) for step in capture.steps if step.body or step.rendered]
    return words(pages[-1].text) if pages else ""
