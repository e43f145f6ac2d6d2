"""Blind audit: what is drawn, what is shown, and what the verdicts bear out: on both databases."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sqlalchemy import select

from monitor.clock import SimulatedClock
from monitor.model import Origin, Verdict
from monitor.problems import BadInput
from monitor.review import audit, sheet
from monitor.review.reclassify import Reclassifier
from monitor.store import Store, StoreError, Transaction
from monitor.store.review import verdicts
from monitor.store.review.verdicts import Judgement, Result
from monitor.store.tables.review import verdicts as table
from probes.model import Capture, Outcome, Transport
from tests.cast.observations import HOUR, NOON, observation, reading, step
from tests.cast.transactions import ask, read_row, tell
from tests.review.readers import Reader

JPEG = b"\xff\xd8\xff picture"
ZERO, SLOTS, CAPTCHA = Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED, Outcome.CAPTCHA
hours = count()


def seen(store: Store, outcome: Outcome = ZERO, picture: bytes | None = JPEG, **known: Any) -> int:
    """An observation with a picture, an hour after the one before."""
    pictured = Capture(
        transport=Transport.BROWSER,
        steps=(step(b"<p>conditions</p>", n=0), step(b"<title>RDV</title><p>Complet</p>", n=1)),
        screenshot=picture,
    )
    usual: dict[str, Any] = {"name": "titre", "capture": pictured} | known
    return store.append_observation(observation(NOON + next(hours) * HOUR, outcome, **usual))


def many(store: Store, **outcomes: int) -> dict[int, Outcome]:
    """So many observations of each outcome."""
    return {seen(store, Outcome(name)): Outcome(name) for name, n in outcomes.items() for _ in range(n)}


def test_most_of_a_sample_is_conclusive(known: Store) -> None:
    made = many(known, no_slots=30, slots_offered=10, captcha=10)
    drawn = audit.sample(known, 20, seed=1)
    assert Counter(made[number] for number in drawn) == {ZERO: 10, SLOTS: 6, CAPTCHA: 4}
    assert len(set(drawn)) == 20


def test_what_one_outcome_lacks_the_others_make_up(known: Store) -> None:
    made = many(known, no_slots=12, captcha=1)
    drawn = audit.sample(known, 10, seed=1)
    assert Counter(made[number] for number in drawn) == {ZERO: 9, CAPTCHA: 1}


def test_a_small_record_is_shown_whole_and_its_order_tells_nothing(known: Store) -> None:
    made = many(known, no_slots=6, slots_offered=6)
    drawn = audit.sample(known, 100, seed=1)
    assert sorted(drawn) == sorted(made)
    assert drawn != sorted(drawn)
    assert drawn == audit.sample(known, 100, seed=1)


def test_only_what_a_person_can_judge_is_drawn(known: Store) -> None:
    seen(known, picture=None)
    seen(known, origin=Origin.CONTROL)
    thinned = seen(known, picture=JPEG + b"2")
    address = read_row(known, thinned).screenshot_sha256
    assert address is not None
    known.media.path(address).unlink()
    kept = seen(known)
    judged = seen(known)
    tell(known, verdicts.give, [(judged, Verdict.NONE)], NOON)
    assert audit.sample(known, 10) == [kept]


def test_simulated_rows_are_never_drawn_with_real_ones(known: Store) -> None:
    real = seen(known)
    simulated = seen(known, name="permis", simulated=True)
    assert audit.sample(known, 10) == [real]
    assert audit.sample(known, 10, simulated=True) == [simulated]


def test_only_the_period_asked_for_is_drawn(known: Store) -> None:
    first, second = seen(known), seen(known)
    at = read_row(known, second).at
    assert audit.sample(known, 10, since=at) == [second]
    assert audit.sample(known, 10, until=at) == [first]


def test_every_observation_has_the_same_chance(known: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ten_zeros = [(number, ZERO, "") for number in range(10)]
    monkeypatch.setattr(verdicts, "unjudged", lambda conn, **_: iter(ten_zeros))
    known.media.path("").mkdir(parents=True, exist_ok=True)
    drawn: Counter[int] = Counter()
    for seed in range(2000):
        drawn.update(audit.sample(known, 3, seed=seed))
    low, high = binom.interval(0.9999, 2000, 0.3)
    assert all(low <= drawn[number] <= high for number in range(10))


def test_an_exhibit_shows_the_pages_and_not_the_reading(known: Store) -> None:
    number = seen(known)
    shown = audit.exhibit(known, number)
    assert shown.picture.read_bytes() == JPEG
    assert shown.texts == ("conditions", "RDV — Complet")
    assert not hasattr(shown, "reading")


def test_a_verdict_is_given_once(known: Store) -> None:
    number = seen(known)
    tell(known, verdicts.give, [(number, Verdict.SLOTS)], NOON)
    with pytest.raises(StoreError, match="has its verdict already: the first one stands"):
        tell(known, verdicts.give, [(number, Verdict.NONE)], NOON)
    (one,) = ask(known, verdicts.judgements)
    assert (one.platform, one.outcome, one.verdict, one.n) == ("classic", ZERO, Verdict.SLOTS, 1)


def test_verdicts_are_recorded_together_or_not_at_all(known: Store) -> None:
    number = seen(known)
    with pytest.raises(StoreError, match="There is no observation number 999"):
        tell(known, verdicts.give, [(number, Verdict.NONE), (999, Verdict.NONE)], NOON)
    assert ask(known, verdicts.judgements) == []


def test_a_later_reading_does_not_embellish_a_rate(known: Store, clock: SimulatedClock) -> None:
    number = seen(known)
    tell(known, verdicts.give, [(number, Verdict.SLOTS)], NOON)
    reader = Reader({b"<title>RDV</title><p>Complet</p>": reading(SLOTS)})
    Reclassifier(store=known, platforms=lambda _: reader, clock=clock, write=True, cause="test").run()
    assert read_row(known, number).in_force.outcome is SLOTS
    assert audit.rate(ask(known, verdicts.judgements), ZERO) == audit.Rate(errors=1, n=1, upper=1.0)


def test_verdicts_on_simulated_rows_are_counted_apart(known: Store) -> None:
    real, simulated = seen(known), seen(known, name="permis", simulated=True)
    tell(known, verdicts.give, [(real, Verdict.NONE), (simulated, Verdict.SLOTS)], NOON)
    assert [one.verdict for one in ask(known, verdicts.judgements, simulated=False)] == [Verdict.NONE]
    assert [one.verdict for one in ask(known, verdicts.judgements, simulated=True)] == [Verdict.SLOTS]
    assert len(ask(known, verdicts.judgements)) == 2


def judged(outcome: Outcome, verdict: Verdict, n: int = 1) -> Judgement:
    return Judgement(platform="classic", outcome=outcome, verdict=verdict, n=n)


@pytest.mark.parametrize(
    ("outcome", "verdict", "result"),
    [
        (ZERO, Verdict.NONE, Result.AGREED),
        (ZERO, Verdict.SLOTS, Result.FALSE_ZERO),
        (ZERO, Verdict.NEITHER, Result.FALSE_ZERO),
        (SLOTS, Verdict.SLOTS, Result.AGREED),
        (SLOTS, Verdict.NONE, Result.FALSE_SLOTS),
        (SLOTS, Verdict.NEITHER, Result.FALSE_SLOTS),
        (CAPTCHA, Verdict.NEITHER, Result.AGREED),
        (CAPTCHA, Verdict.SLOTS, Result.MISSED),
        (ZERO, Verdict.UNDECIDED, Result.UNDECIDED),
    ],
)
def test_what_a_verdict_says_of_a_reading(outcome: Outcome, verdict: Verdict, result: Result) -> None:
    assert judged(outcome, verdict).result is result


def test_a_rate_counts_its_own_readings_and_leaves_out_the_undecided() -> None:
    given = [
        judged(ZERO, Verdict.NONE, 96),
        judged(ZERO, Verdict.SLOTS, 3),
        judged(ZERO, Verdict.NEITHER, 1),
        judged(ZERO, Verdict.UNDECIDED, 50),
        judged(SLOTS, Verdict.NONE, 9),
    ]
    rate = audit.rate(given, ZERO)
    assert (rate.errors, rate.n) == (4, 100)


def test_nothing_judged_has_no_bound() -> None:
    assert audit.rate([], ZERO) == audit.Rate(errors=0, n=0, upper=None)


def test_no_error_in_n_leaves_the_rule_of_three() -> None:
    assert audit.upper(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert audit.upper(0, 300) == pytest.approx(0.00994, abs=1e-5)


@given(n=st.integers(1, 400), share=st.floats(0, 1))
def test_the_bound_is_the_largest_rate_that_leaves_so_few_errors_a_chance_of_5_percent(
    n: int, share: float
) -> None:
    errors = int(share * n)
    bound = audit.upper(errors, n)
    assert errors / n <= bound <= 1
    if errors < n:
        assert binom.cdf(errors, n, bound) == pytest.approx(0.05, rel=1e-6)


def test_a_sheet_shows_pictures_and_no_reading(known: Store, tmp_path: Path) -> None:
    number = seen(known, SLOTS, reading=reading(SLOTS, rule="secret_rule", words="mots décisifs"))
    index = sheet.write(tmp_path / "out", [audit.exhibit(known, number)])
    html = index.read_text(encoding="utf-8")
    assert f'<img src="{number}.jpg"' in html
    assert (index.parent / f"{number}.jpg").read_bytes() == JPEG
    assert "secret_rule" not in html
    assert "mots décisifs" not in html
    assert "slots_offered" not in html


def test_text_from_a_page_is_shown_as_text(known: Store, tmp_path: Path) -> None:
    steps = (step(b"<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),)
    hostile = Capture(transport=Transport.BROWSER, steps=steps, screenshot=JPEG)
    number = seen(known, capture=hostile)
    html = sheet.write(tmp_path, [audit.exhibit(known, number)]).read_text(encoding="utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_filled_in_sheet_comes_back(known: Store, tmp_path: Path) -> None:
    one, two = seen(known), seen(known)
    sheet.write(tmp_path, [audit.exhibit(known, number) for number in (one, two)])
    path = tmp_path / "verdicts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(f"{one},", f"{one},none"), encoding="utf-8")
    assert sheet.read(path) == [(one, Verdict.NONE)]


def test_a_sheet_that_may_be_filled_in_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "verdicts.csv").write_text("observation,verdict\n1,none\n", encoding="utf-8")
    with pytest.raises(BadInput, match="may hold verdicts; name another folder"):
        sheet.write(tmp_path, [])
    assert [path.name for path in tmp_path.iterdir()] == ["verdicts.csv"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("rows", [
    "observation,verdict\n1,none\n2,\n",
    "observation;verdict\n1;none\n2;\n",
    "observation\tverdict\n1\tnone\n2\t\n",
    'observation;verdict;;\n"1";"none";;\n2;;;\n;;;\n',
    '"observation";"verdict"\n1;none\n2\n\n',
])  # fmt: skip
def test_a_sheet_is_read_as_spreadsheets_save_it(tmp_path: Path, rows: str, mark: str, end: str) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_bytes(f"{mark}{rows.replace(chr(10), end)}".encode())
    assert sheet.read(path) == [(1, Verdict.NONE)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("number,verdict\n1,none\n", "line 1: is not"),
        ("observation,verdict\n1,maybe\n", 'line 2: "maybe" is no verdict'),
        ("observation,verdict\n1,none\nx,none\n", 'line 3: "x" is no number'),
        ("observation,verdict\n²,none\n", "is no number"),
        ("observation,verdict\n,none\n", "is no number"),
        ("observation;verdict\n" + "9" * 5_000 + ";none\n", "is no number"),
        ("observation;verdict\n1;maybe\n", 'line 2: "maybe" is no verdict'),
        ("observation verdict\n1 none\n", "line 1: is not"),
        ("", "line 1: is not"),
        (f"observation,verdict\n1,{'x' * 200_000}\n", "is no table"),
    ],
)
def test_a_wrong_sheet_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        sheet.read(path)


def test_a_verdict_is_held_against_the_reading_in_force_when_it_was_given(known: Store) -> None:
    number = seen(known, CAPTCHA)
    Reclassifier(
        store=known,
        platforms=lambda _: Reader({}, version="2"),
        clock=SimulatedClock(NOON),
        write=True,
        cause="test",
    ).run()
    in_force = read_row(known, number).in_force.outcome
    assert in_force is not CAPTCHA
    assert {outcome for _, outcome, _ in ask(known, unjudged)} == {in_force}
    tell(known, verdicts.give, [(number, Verdict.UNDECIDED)], NOON)
    (given,) = ask(known, verdicts.judgements)
    assert (given.outcome, given.platform, given.result) == (in_force, "classic", Result.UNDECIDED)
    with known.read() as conn:
        assert conn.scalar(select(table.c.reader_version)) == "2"


def unjudged(conn: Transaction) -> list[tuple[int, Outcome, str]]:
    """What waits for a verdict, of all times."""
    return list(verdicts.unjudged(conn, since=None, until=None, simulated=False))
