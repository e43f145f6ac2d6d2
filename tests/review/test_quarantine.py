"""Unrecognised pages wait in groups, and one decision makes a case that tests can read: on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SimulatedClock
from monitor.problems import BadInput
from monitor.recording import cases
from monitor.review import quarantine
from monitor.review.reclassify import Reclassifier
from monitor.store import LaterReading, Store
from monitor.store.review import later_readings
from monitor.store.review.quarantine import Group, count_waiting, groups, structures
from monitor.store.review.quarantine import decide as made_of
from probes.model import Capture, Outcome, Transport
from tests.cast.observations import HOUR, NOON, capture, observation, reading, step, target
from tests.cast.saved_pages import load
from tests.cast.transactions import ask, tell
from tests.review.demarches import TITRE
from tests.review.readers import UNKNOWN, Reader, spoil

OLD = b"<html><body><div class='ancien'><p>Rien</p></div></body></html>"
NEW = b"<html><body><section id='rdv'><h2>Nouveau service</h2><p>Complet</p></section></body></html>"
ZERO = reading(Outcome.NO_SLOTS, rule="full", words="Complet")


def seen(store: Store, body: bytes, hour: float, name: str = "titre", **known: Any) -> int:
    """An unrecognised page."""
    usual: dict[str, Any] = {"reading": UNKNOWN, "capture": capture(body)}
    return store.append_observation(observation(NOON + hour * HOUR, name=name, **usual | known))


def grouped(store: Store) -> list[Group]:
    return ask(store, groups)


def waiting(store: Store) -> int:
    return ask(store, count_waiting)


def numbers(groups: list[Group]) -> list[tuple[int, tuple[str, ...]]]:
    return [(group.count, group.targets) for group in groups]


def test_a_new_page_on_many_targets_is_one_group(known: Store) -> None:
    seen(known, NEW, 0)
    newest = seen(known, NEW.replace(b"Complet", b"Rien du tout"), 1, "permis")
    (group,) = grouped(known)
    assert (group.count, group.targets, group.rules) == (2, ("permis", "titre"), ("unknown",))
    assert (group.platform, group.newest, group.fixture) == ("classic", newest, None)
    assert (group.first_at, group.last_at) == (NOON, NOON + HOUR)


def test_the_newest_page_is_so_by_its_instant_and_not_by_its_number(known: Store) -> None:
    late = seen(known, NEW, 5)
    seen(known, NEW, 1, "permis")  # recorded after it, as by a visit that took long
    (group,) = grouped(known)
    assert (group.count, group.newest) == (2, late)


def test_other_structures_are_other_groups_and_the_largest_comes_first(known: Store) -> None:
    seen(known, OLD, 0)
    seen(known, NEW, 1)
    seen(known, NEW, 2)
    assert numbers(grouped(known)) == [(2, ("titre",)), (1, ("titre",))]


def test_the_last_structure_of_a_target_names_its_group(known: Store) -> None:
    seen(known, OLD, 1)
    seen(known, NEW, 2)
    seen(known, OLD, 0)
    seen(known, OLD, 3, reading=ZERO)
    newest = next(group for group in grouped(known) if group.count == 1)
    with known.read() as conn:
        assert structures(conn, ["titre", "permis"]) == {"titre": newest.fingerprint}


def test_recognised_pages_are_not_in_quarantine(known: Store) -> None:
    seen(known, NEW, 0, reading=ZERO)
    assert (grouped(known), waiting(known)) == ([], 0)


def test_a_page_that_a_later_reader_recognises_leaves_it(known: Store, clock: SimulatedClock) -> None:
    seen(known, NEW, 0)
    reader = Reader({NEW: ZERO})
    Reclassifier(store=known, platforms=lambda _: reader, clock=clock, write=True, cause="test").run()
    assert (grouped(known), waiting(known)) == ([], 0)


def test_a_page_that_stays_unrecognised_keeps_its_group(known: Store, clock: SimulatedClock) -> None:
    number = seen(known, NEW, 0)
    (before,) = grouped(known)
    again = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=replace(UNKNOWN, rule="still unknown"),
        read_at=clock.now(),
        cause="test",
    )
    tell(known, later_readings.append, "titre", [again], {number: "5e" * 8}, clock.now())
    assert grouped(known) == [replace(before, rules=("still unknown",))]


def test_a_group_names_the_targets_and_rules_of_its_unrecognised_pages_alone(known: Store) -> None:
    number = seen(known, NEW, 0)
    seen(known, NEW, 1, "permis", reading=replace(UNKNOWN, rule="other"))
    again = LaterReading(
        observation=number,
        platform="classic",
        reader_version="2",
        reading=ZERO,
        read_at=NOON,
        cause="test",
    )
    tell(known, later_readings.append, "titre", [again], {}, NOON)
    (group,) = grouped(known)
    assert (group.count, group.targets, group.rules) == (1, ("permis",), ("other",))


def test_the_last_case_made_of_a_group_is_the_one_that_is_named(known: Store) -> None:
    number = seen(known, NEW, 0)
    (group,) = grouped(known)
    for name in ("classic/first", "classic/a-second"):
        tell(known, made_of, group.fingerprint, number, name, NOON)
    assert [one.fixture for one in grouped(known)] == ["classic/a-second"]


def test_a_person_is_shown_the_text_and_the_picture(known: Store) -> None:
    pictured = Capture(transport=Transport.BROWSER, steps=(step(NEW),), screenshot=b"\xff\xd8 a picture")
    number = seen(known, NEW, 0, capture=pictured)
    sample = quarantine.sample(known, number)
    assert sample.text == "Nouveau service Complet"
    assert sample.picture is not None
    assert sample.picture.read_bytes() == b"\xff\xd8 a picture"


def test_the_text_is_that_of_the_page_on_which_the_visit_ended(known: Store) -> None:
    number = seen(known, NEW, 0, capture=capture(OLD, NEW))
    assert quarantine.sample(known, number).text == "Nouveau service Complet"


def test_a_damaged_page_says_so_in_place_of_its_text(known: Store) -> None:
    number = seen(known, NEW, 0)
    spoil(known, NEW)
    assert "stored body" in quarantine.sample(known, number).text


def test_a_thinned_picture_is_not_offered(known: Store) -> None:
    pictured = Capture(transport=Transport.BROWSER, steps=(step(NEW),), screenshot=b"\xff\xd8 a picture")
    number = seen(known, NEW, 0, capture=pictured)
    path = quarantine.sample(known, number).picture
    assert path is not None
    path.unlink()
    assert quarantine.sample(known, number).picture is None


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """An empty folder of saved pages."""
    folder = tmp_path / "pages"
    folder.mkdir()
    return folder


def decide(store: Store, pages: Path, name: str = "no_slots-new_service") -> Path:
    """Make a case of the first group."""
    group = grouped(store)[0]
    reader = Reader({NEW: ZERO})
    return quarantine.make_case(store, reader, group, group.newest, name, pages, NOON).folder


def test_a_decision_makes_a_case_that_reads_like_the_page(known: Store, pages: Path) -> None:
    steps = (
        step(b"<p>conditions</p>", n=0),
        step(NEW, n=1, method="POST", final_url="http://vienne.localhost/booking/create/1/2", status=200),
    )
    seen(known, NEW, 0, capture=Capture(transport=Transport.HTTP, steps=steps))
    folder = decide(known, pages)
    case = load(folder)
    assert (case.name, case.origin) == ("classic/no_slots-new_service", "recorded")
    assert [(s.method, s.url, s.final_url, s.body) for s in case.capture.steps] == [
        (s.method, s.url, s.final_url, s.body) for s in steps
    ]
    assert Reader({NEW: ZERO}).read(case.target, case.capture) == ZERO
    assert not case.expected.exists()


def test_a_case_has_all_that_a_reader_may_look_at(known: Store, pages: Path) -> None:
    known.record_targets([target("titre", desk="Guichet « 2 »", options={"title": 'dit "titre"'})])
    received = step(
        b'{"a": 1}',
        rendered="<p>vu</p>",
        dialogs=("Aucun créneau",),
        redirects=("http://vienne.localhost/a",),
        headers=(("Content-Type", "application/json"), ("Set-Cookie", "sid=123")),
        status=404,
    )
    seen(known, NEW, 0, capture=Capture(transport=Transport.BROWSER, steps=(received,)))
    case = load(decide(known, pages))
    (kept,) = case.capture.steps
    assert (kept.body, kept.rendered, kept.dialogs) == (b'{"a": 1}', "<p>vu</p>", ("Aucun créneau",))
    assert (kept.status, kept.redirects) == (404, received.redirects)
    assert kept.headers == (("content-type", "application/json"),)
    assert case.target.desk == "Guichet « 2 »"
    assert case.target.options == {"title": 'dit "titre"'}


def test_a_case_says_since_when_its_structure_is_known_and_when_it_was_received(
    known: Store, pages: Path
) -> None:
    seen(known, NEW, -72)
    seen(known, NEW, -24)
    said = (decide(known, pages) / "case.toml").read_text("utf-8")
    assert "first seen on 2026-11-20" in said
    assert "2026-11-22" in said.partition("source")[2].partition("\n")[0]


def test_a_case_is_scrubbed_and_says_if_that_changed_its_reading(known: Store, pages: Path) -> None:
    secret = b"<p>marie@example.fr</p>"
    seen(known, secret, 0)
    group = grouped(known)[0]
    reader = Reader({secret: ZERO})
    decided = quarantine.make_case(known, reader, group, group.newest, "no_slots-x", pages, NOON)
    assert (decided.before.outcome, decided.after.outcome) == (Outcome.NO_SLOTS, Outcome.UNRECOGNISED)
    assert b"marie" not in b"".join(path.read_bytes() for path in decided.folder.iterdir())


def test_pages_of_simulated_prefectures_are_never_called_recorded(known: Store, pages: Path) -> None:
    seen(known, NEW, 0, simulated=True)
    assert load(decide(known, pages)).origin == "reconstructed"


def test_a_decided_group_names_its_case_and_waits_no_more(known: Store, pages: Path) -> None:
    seen(known, NEW, 0)
    seen(known, OLD, 1)
    decide(known, pages)
    decided = [group.fixture for group in grouped(known) if group.fixture]
    assert decided == ["classic/no_slots-new_service"]
    assert waiting(known) == 1


@pytest.mark.parametrize(
    "name", ["new_service", "zero-x", "no_slots", "no_slots-", "no_slots-../x", "no_slots-é"]
)
def test_a_name_that_is_no_case_name_is_refused(pages: Path, name: str) -> None:
    with pytest.raises(BadInput, match="write an outcome, a dash and words"):
        cases.folder_for("classic", name, pages)


def test_a_case_is_never_overwritten(known: Store, pages: Path) -> None:
    seen(known, NEW, 0)
    decide(known, pages)
    with pytest.raises(BadInput, match="is there already; choose another name"):
        decide(known, pages)


def test_a_folder_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run this in the repository, or give --pages"):
        cases.folder_for("classic", "no_slots-x", tmp_path / "nowhere")


def test_an_unknown_group_is_refused_with_the_nearest_one(known: Store) -> None:
    with pytest.raises(BadInput, match="nothing is"):
        quarantine.find(known, "0123456789abcdef")
    seen(known, NEW, 0)
    (group,) = grouped(known)
    with pytest.raises(BadInput, match=f'did you mean "{group.fingerprint}"'):
        quarantine.find(known, group.fingerprint[:-1] + "x")
    assert quarantine.find(known, group.fingerprint) == group


def test_the_case_names_its_prefecture_and_day_but_no_more(known: Store, pages: Path) -> None:
    seen(known, NEW, 0)
    text = (decide(known, pages) / "case.toml").read_text(encoding="utf-8")
    assert f'source = "{TITRE.prefecture}, 2026-11-23"' in text
    assert "captured_at = 2026-11-23T12:00:00Z" in text
