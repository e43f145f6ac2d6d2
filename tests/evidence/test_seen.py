"""What a reading stands on is sealed, and a bundle's copies frame the words that decided."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitor.evidence.bundle import gather, make, pictures
from monitor.evidence.bundle.gather import BrokenRecord
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.bundle.statement import state
from monitor.evidence.journal import records
from monitor.evidence.journal.facts import ObservationFact
from monitor.model import Observation
from probes.model import LinkedSheet, NoSlotsKind, Outcome, Reading, Target, Transport
from tests.cast.frames import frame_in, frames, picture_with, words_at
from tests.cast.installation import FIRST, WORDS, Installation, no_slots, two_targets
from tests.evidence.keeper import reclosed, run_shell

MINE, OTHER = "vienne-titre", "vienne-permis"
INK = words_at(WORDS)
SHOT = picture_with(INK)
SHEETS = (LinkedSheet(url="https://vienne.localhost/a.css", text="p {}"), LinkedSheet(url="b.css"))


def in_browser(target: Target, at: datetime, **known: Any) -> Observation:
    """A visit whose last page stood still and whose words had ink on its picture."""
    seen = no_slots(target, at, shot=SHOT)
    first, last = seen.capture.steps
    last = replace(last, settled=True, ink=(INK,), refused=("GET https://vienne.localhost/booking/x",))
    capture = replace(
        seen.capture, transport=Transport.BROWSER, steps=(first, replace(last, **known)), pictured=1
    )
    return replace(seen, transport=Transport.BROWSER, capture=capture)


def over_http(target: Target, at: datetime) -> Observation:
    """A visit that read the page's style sheets."""
    seen = no_slots(target, at)
    steps = tuple(replace(step, sheets=SHEETS) for step in seen.capture.steps)
    return replace(seen, capture=replace(seen.capture, steps=steps))


def visit(target: Target, at: datetime) -> Observation:
    """The first page of a day was kept by an older version, which measured nothing."""
    if target.id == OTHER:
        return over_http(target, at)
    return (
        in_browser(target, at, settled=None, ink=None, refused=()) if at.hour < 12 else in_browser(target, at)
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Installation:
    folder = tmp_path_factory.mktemp("seen")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}"
    made = Installation(folder, url=url, targets=two_targets(), a_day=2)
    made.live(2, visit)
    return made


def gathered(kept: Installation, *names: str) -> gather.BundleMaterial:
    return gather.gather(kept.store, kept.seals, names, FIRST + timedelta(days=1), FIRST + timedelta(days=1))


@pytest.fixture(scope="module")
def whole(kept: Installation) -> Pieces:
    return make.make(kept.office, gathered(kept, MINE, OTHER))


def lines_of(pieces: Pieces, target: str) -> list[dict[str, Any]]:
    content = b"".join(
        content for name, content in sorted(pieces.items()) if name.endswith(f"_{target}.jsonl")
    )
    found = [json.loads(line) for line in content.splitlines()]
    return [fact for fact in found if fact["type"] == "observation"]


def test_a_line_says_what_its_reading_stands_on(whole: Pieces) -> None:
    older, now = lines_of(whole, MINE)[-2:]
    place = {"step": 1, "left": INK.left, "top": INK.top, "width": INK.width, "height": INK.height}
    assert (now["seen"], now["shot_step"]) == ([place], 1)
    assert (now["steps"][1]["settled"], "settled" in now["steps"][0]) == (True, False)
    assert now["steps"][1]["refused"] == ["GET https://vienne.localhost/booking/*"]
    assert not {"seen", "settled", "refused", "sheets_sha256"} & {*older, *older["steps"][1]}


def test_the_style_sheets_that_were_read_are_a_piece(whole: Pieces) -> None:
    digests = {step["sheets_sha256"] for line in lines_of(whole, OTHER) for step in line["steps"]}
    (digest,) = digests
    piece = whole[f"captures/{digest}.json"]
    assert records.digest(piece) == digest
    assert json.loads(piece) == {
        "sheets": [{"text": "p {}", "url": "https://vienne.localhost/a.css"}, {"url": "b.css"}]
    }


@pytest.fixture
def judge(verify: ModuleType, kept: Installation, tmp_path: Path) -> Callable[[Pieces], tuple[int, int]]:
    """The exit codes of both verifiers: 0 intact, 1 altered, 2 something is missing."""

    def judged(pieces: Pieces) -> tuple[int, int]:
        pin = kept.authority.fingerprint
        shell = run_shell(pieces, tmp_path / "bundle", pin).returncode
        try:
            late, missing, _ = verify.verify(dict(pieces), {pin})
        except verify.Altered:
            return 1, shell
        return (2 if late or missing else 0), shell

    return judged


def test_both_verifiers_ask_for_the_style_sheets(
    whole: Pieces, kept: Installation, judge: Callable[[Pieces], tuple[int, int]]
) -> None:
    assert judge(whole) == (0, 0)
    name = f"captures/{lines_of(whole, OTHER)[0]['steps'][0]['sheets_sha256']}.json"
    without = {piece: content for piece, content in whole.items() if piece != name}
    assert judge(reclosed(without, kept.key)) == (2, 2)
    assert judge(reclosed(whole | {name: b"p { display: none }"}, kept.key)) == (1, 1)


def test_style_sheets_that_are_not_the_sealed_ones_make_no_bundle(kept: Installation) -> None:
    facts = [fact for fact in gathered(kept, OTHER).facts if isinstance(fact, ObservationFact)]
    assert len(list(gather.received(kept.store, facts))) == len(facts)
    steps = tuple(replace(step, sheets_sha256="0" * 64) for step in facts[0].steps)
    with pytest.raises(BrokenRecord):
        list(gather.received(kept.store, [replace(facts[0], steps=steps)]))


def test_the_copy_has_the_words_framed_and_the_original_stands_beside_it(whole: Pieces) -> None:
    older, now = lines_of(whole, MINE)[-2:]
    assert frames(whole[f"captures/copie_ligne-{now['seq']}.jpg"], INK)
    assert whole[f"captures/{now['shot_sha256']}.jpg"] == SHOT
    assert frame_in(whole[f"captures/copie_ligne-{older['seq']}.jpg"]) is None
    assert not any(name.startswith("captures/copie") for name in whole if OTHER in name)


def test_a_copy_tells_the_page_of_the_picture_and_the_digest_of_the_original(kept: Installation) -> None:
    (matter,) = gathered(kept, MINE).matters
    statement = state(matter)
    row = statement.rows[-1]
    assert isinstance(row.fact, ObservationFact)
    fact = replace(row.fact, shot_step=0)
    told = pictures.caption(replace(row, fact=fact), statement)
    assert told[1] == fact.steps[0].address != row.address
    assert fact.shot_sha256
    assert fact.shot_sha256 in told[-1]


def test_words_of_a_page_that_the_picture_does_not_show_are_not_framed(kept: Installation) -> None:
    (matter,) = gathered(kept, MINE).matters
    row = state(matter).rows[-1]
    fact = row.fact
    assert isinstance(fact, ObservationFact)
    assert [(one.left, one.top) for one in pictures.decided(row)] == [(INK.left, INK.top)]
    other_page = replace(fact, shot_step=0)
    assert pictures.decided(replace(row, fact=other_page, said=other_page)) == ()


def test_an_hour_that_stands_at_several_places_is_not_framed(kept: Installation) -> None:
    (matter,) = gathered(kept, MINE).matters
    row = state(matter).rows[-1]
    fact = row.fact
    assert isinstance(fact, ObservationFact)
    twice = tuple(replace(one, places=2) for one in fact.seen)
    offered = replace(fact, outcome=Outcome.SLOTS_OFFERED, kind=None, seen=twice)
    assert pictures.decided(replace(row, fact=offered, said=offered)) == ()
    once = replace(offered, seen=fact.seen)
    assert len(pictures.decided(replace(row, fact=once, said=once))) == 1


def test_a_later_reading_has_its_own_words() -> None:
    (target, _) = two_targets()
    capture = in_browser(target, datetime(2026, 10, 20, 12, tzinfo=UTC)).capture
    said = Reading(outcome=Outcome.NO_SLOTS, rule="new", words=WORDS, kind=NoSlotsKind.UNSPECIFIED)
    body = records.reclassification(3, said, capture, platform="classic", reader_version="2")
    place = {"step": 1, "left": INK.left, "top": INK.top, "width": INK.width, "height": INK.height}
    assert body["seen"] == [place]
    unknown = Reading(outcome=Outcome.UNRECOGNISED, rule="new", words=WORDS)
    assert "seen" not in records.reclassification(3, unknown, capture, platform="classic", reader_version="2")
