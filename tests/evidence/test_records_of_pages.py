"""Records of every saved page, read by the real readers, with somebody's name written all over the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.evidence.journal import records
from monitor.evidence.journal.writer import vocabulary
from monitor.store.journal.lines import FIRST_LINK
from probes.model import Capture, Step
from probes.registry import PLATFORMS, platform
from tests.cast.saved_pages import Case, folders, load
from tests.evidence.vienne import MORNING, an_observation

FOLDERS = [folder for folder in folders() if folder.parent.name in {one.name for one in PLATFORMS}]
NAME = "Quatremère-Wickramasinghe"
SECRETS = (NAME, "w.quatremere@courriel.example", "sid=0a1b2c3d4e5f60718293a4b5", "06 12 34 56 78")
SPOILT = f"<p>{' '.join(SECRETS)}</p>"
LINK = records.Link(seq=1, target="cible", target_seq=0, prev=FIRST_LINK, entry=1, recorded_at=MORNING)


def spoilt(step: Step) -> Step:
    """The page with the secrets at both ends of what it shows, and in what the server says."""
    body = re.sub(rb"(<body[^>]*>)", lambda m: m[1] + SPOILT.encode(), step.body)
    return replace(
        step,
        body=body.replace(b"</body>", SPOILT.encode() + b"</body>"),
        headers=(*step.headers, ("Set-Cookie", SECRETS[2]), ("X-User", NAME), ("Server", NAME)),
        detail=f"échec pour {NAME}",
    )


def record_of(case: Case) -> str:
    capture = replace(case.capture, steps=tuple(map(spoilt, case.capture.steps)))
    reading = platform(case.target.platform).read(case.target, capture)
    seen = an_observation(
        platform=case.target.platform, capture=capture, reading=reading, transport=capture.transport
    )
    body = records.observation(seen, known=vocabulary(case.target))
    return records.record(records.FactKind.OBSERVATION, body, LINK).decode()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_no_name_on_a_page_enters_its_record(folder: Path) -> None:
    line = record_of(load(folder))
    assert [secret for secret in SECRETS if secret in line] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_record_of_a_page_is_small_and_keeps_its_address(folder: Path) -> None:
    case = load(folder)
    line = record_of(case)
    assert len(line) < 16_384
    steps = json.loads(line)["steps"]
    assert [step["body_bytes"] for step in steps] == [len(spoilt(step).body) for step in case.capture.steps]


def test_an_empty_visit_has_a_record() -> None:
    seen = an_observation(capture=Capture(transport=an_observation().transport, steps=()))
    assert records.observation(seen)["steps"] == []
