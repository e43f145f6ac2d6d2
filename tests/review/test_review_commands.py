"""`vigie reclassify`, `quarantine` and `audit` as a person types them, in this process."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.clock import SimulatedClock
from monitor.commands import options, reclassify
from monitor.model import Suspicion, Verdict
from monitor.present import rules
from monitor.problems import BadInput
from monitor.rules.controls import PAIRED_WITHIN
from monitor.store import Store, open_store
from monitor.store.record import draws
from monitor.store.review import acceptances, controls, double_readings, quarantine, suspicions, verdicts
from monitor.store.review.suspicions import SuspectedObservation
from probes.model import Capture, Outcome, Transport
from probes.registry import PLATFORMS, platform
from tests.cast.observations import HOUR, NOON, draw, observation, reading, step
from tests.cast.saved_pages import folders, load
from tests.cast.transactions import ask, tell
from tests.review.demarches import PERMIS, TITRE
from tests.review.doubtful_pages import GREETING, PAPERS, doubtful, doubtful_target
from tests.review.readers import UNKNOWN

pytestmark = pytest.mark.slow

PICTURE = b"\xff\xd8\xff picture"
PAGE = b"<html><body><main id='neuf'><p>Nouveau site</p></main></body></html>"

Vigie = Callable[..., Result]


@pytest.fixture
def stored(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of an installation in an empty folder; `titre` and `permis` are known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("VIGIE_STORAGE__MEDIA", str(tmp_path / "media"))
    monkeypatch.setenv("COLUMNS", "220")
    store = open_store(sqlite_url, media=tmp_path / "media", clock=SimulatedClock(NOON), durable=False)
    store.record_targets([TITRE, PERMIS])
    yield store
    store.close()


@pytest.fixture
def vigie(stored: Store) -> Vigie:
    """Runs a command; fails on an exit other than expected, and raises what the command raises."""

    def run(*words: str, said: str | None = None) -> Result:
        result = CliRunner().invoke(app, words, input=said, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def unknown(store: Store, hour: float = 0, name: str = "titre") -> int:
    """A page nobody recognises, with its picture."""
    capture = Capture(transport=Transport.BROWSER, steps=(step(PAGE),), screenshot=PICTURE)
    return store.append_observation(
        observation(NOON + hour * HOUR, name=name, reading=UNKNOWN, capture=capture)
    )


def real_zero(store: Store, hour: int) -> int:
    """A page that the classic reader knows, stored as if an older one had not."""
    (folder,) = (one for one in folders() if one.name == "no_slots-one_desk")
    case = load(folder)
    return store.append_observation(
        observation(NOON + hour * HOUR, name="zero", reading=UNKNOWN, capture=case.capture)
    )


@pytest.fixture
def misread(stored: Store) -> Store:
    """A week of an old reader's « unrecognised », where the present one sees zeros."""
    (folder,) = (one for one in folders() if one.name == "no_slots-one_desk")
    target = load(folder).target
    stored.record_targets([replace(target, id="zero")])
    instants = [NOON + hour * HOUR for hour in range(60)]
    tell(stored, draws.commit, [draw("zero", *instants)])
    for hour in range(60):
        real_zero(stored, hour)
    return stored


def test_reclassify_says_what_would_change_and_by_how_much(vigie: Vigie, misread: Store) -> None:
    said = vigie("reclassify", "--dry-run").output
    assert "60 captures read again, 60 readings would change." in said
    assert "page not recognised" in said
    assert "2026-W48" in said
    assert "données insuffisantes" in said
    assert "100.0%" in said
    assert all(row.later_reading is None for row in misread.observations())


def test_reclassify_lists_every_row_that_changes(vigie: Vigie, misread: Store, tmp_path: Path) -> None:
    file = tmp_path / "changes.csv"
    vigie("reclassify", "--dry-run", "--changes", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [int(row["observation"]) for row in rows] == [row.id for row in misread.observations()]
    said = {(row["outcome_before"], row["outcome_after"], row["rule_after"]) for row in rows}
    assert said == {("unrecognised", "no_slots", "all_taken")}
    assert {row["reader_after"] for row in rows} == {platform("classic").version}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".unfinished")] == []


def test_reclassify_refuses_a_list_it_cannot_write_before_it_reads(vigie: Vigie, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be written \(No such file or directory\); name a file"):
        vigie("reclassify", "--changes", str(tmp_path / "nowhere" / "changes.csv"))


def test_reclassify_says_the_same_once_it_is_done(vigie: Vigie, misread: Store) -> None:
    said = vigie("reclassify", "--cause", "step 2 changed").output
    assert "60 readings changed." in said
    assert "100.0%" in said
    rows = [row.later_reading for row in misread.observations()]
    assert {row.cause for row in rows if row} == {"step 2 changed"}
    assert {row.reader_version for row in rows if row} == {platform("classic").version}
    assert "0 readings changed." in vigie("reclassify").output


def test_reclassify_keeps_to_its_target_and_period(vigie: Vigie, misread: Store) -> None:
    assert "0 captures" in vigie("reclassify", "--target", "titre").output
    assert "48 captures" in vigie("reclassify", "--since", "2026-11-24").output


def test_reclassify_refuses_an_unknown_target_with_the_nearest(vigie: Vigie) -> None:
    with pytest.raises(BadInput, match='did you mean "titre"'):
        vigie("reclassify", "--target", "titres")


def test_weeks_say_the_same_before_writing_as_after(misread: Store, vigie: Vigie) -> None:
    def figures(said: str) -> str:
        return next(line for line in said.splitlines() if "2026-W48" in line)

    before = figures(vigie("reclassify", "--dry-run").output)
    assert figures(vigie("reclassify").output) == before


def test_no_shift_moves_no_figure(stored: Store) -> None:
    assert list(reclassify.moved(stored, {}, written=False)) == []


def test_quarantine_lists_groups(vigie: Vigie, stored: Store) -> None:
    unknown(stored)
    unknown(stored, 1, "permis")
    said = vigie("quarantine").output
    assert "1 groups, 2 pages." in said
    assert "permis, titre" in said
    assert "2026-11-23 12:00 – 2026-11-23 13:00" in said
    assert "« Nouveau site »" in said
    assert str(stored.media.folder) in said


def test_quarantine_decides(vigie: Vigie, stored: Store, tmp_path: Path) -> None:
    unknown(stored)
    (group,) = ask(stored, quarantine.groups)
    (tmp_path / "tests" / "pages").mkdir(parents=True)
    said = vigie("quarantine", "decide", group.fingerprint, "--as", "unrecognised-new_site").output
    assert "tests/pages/classic/unrecognised-new_site was written." in said
    assert (tmp_path / "tests/pages/classic/unrecognised-new_site/case.toml").exists()
    assert "0 groups, 0 pages." in vigie("quarantine").output
    assert "classic/unrecognised-new_site" in vigie("quarantine", "--all").output


def test_a_line_is_shown_accepted_listed_and_taken_back(vigie: Vigie, stored: Store) -> None:
    stored.record_targets([doubtful_target("doute")])
    row = stored.append_observation(
        observation(NOON, name="doute", reading=UNKNOWN, capture=doubtful(GREETING))
    )
    assert f"row {row}" in vigie("quarantine").output
    said = vigie("quarantine", "accept", str(row)).output
    assert f"   1  « {GREETING} »\n" in said
    assert f"To look at it: xdg-open {stored.media.folder}" in said
    assert "it reads as no_slots (all_taken). Look at the picture" in said
    assert "In quarantine with this structure: 1 pages of 1 targets (doute)." in said
    said = vigie(
        "quarantine", "accept", str(row), "--line", "1", "--reason", "a greeting", "--by", "ana"
    ).output
    assert "Accepted as number 1 on pages of the structure" in said
    assert "They are of 1 targets: doute." in said
    assert "1 captures read again, 1 readings changed." in said
    listed = vigie("quarantine", "accepted").output
    assert f"« {GREETING.lower()} »" in listed
    assert f"UTC by ana, on row {row}" in listed
    assert "a greeting" in listed
    assert "taken back" not in listed
    assert "1 accepted lines are in force." in listed
    said = vigie("quarantine", "withdraw", "1", "--reason", "it was a button", "--by", "ben").output
    assert f"« {GREETING.lower()} » is not accepted any more" in said
    assert "1 captures read again, 1 readings changed." in said
    listed = vigie("quarantine", "accepted").output
    assert "by ben: it was a button" in listed
    assert "0 accepted lines are in force." in listed


def test_after_one_line_the_next_is_proposed_by_its_words(vigie: Vigie, stored: Store) -> None:
    stored.record_targets([doubtful_target("doute")])
    two = doubtful(GREETING, PAPERS)
    row = stored.append_observation(observation(NOON, name="doute", reading=UNKNOWN, capture=two))
    accept = ("quarantine", "accept", str(row))
    assert f"vigie quarantine accept {row} --line 1 --reason" in vigie(*accept).output
    vigie(*accept, "--line", "1", "--reason", "a greeting", "--by", "ana")
    said = vigie(*accept).output
    assert f"vigie quarantine accept {row} --line {shlex.quote(PAPERS)} --reason" in said
    done = vigie(*accept, "--line", PAPERS, "--reason", "papers", "--by", "ana").output
    assert "Accepted as number 2" in done


def test_a_page_that_no_acceptance_can_mend_says_so(vigie: Vigie, stored: Store) -> None:
    stored.record_targets([doubtful_target("doute")])
    unseen = replace(doubtful("Deux guichets"), screenshot=None)
    row = stored.append_observation(observation(NOON, name="doute", reading=UNKNOWN, capture=unseen))
    said = vigie("quarantine", "accept", str(row)).output
    assert "No picture is kept of it. It says: «" in said
    assert "« Deux guichets »   can never be accepted: it may speak of" in said
    assert "So it stays in quarantine whatever you accept." in said
    with pytest.raises(BadInput, match="can never be accepted"):
        vigie("quarantine", "accept", str(row), "--line", "1", "--reason", "x")
    with pytest.raises(BadInput, match="row 999: is not in the record"):
        vigie("quarantine", "accept", "999")


def test_without_a_picture_a_line_is_accepted_only_as_unseen_and_bundles_say_so(
    vigie: Vigie, stored: Store
) -> None:
    stored.record_targets([doubtful_target("doute")])
    shown = replace(doubtful(GREETING), screenshot=None)
    row = stored.append_observation(observation(NOON, name="doute", reading=UNKNOWN, capture=shown))
    accept = ("quarantine", "accept", str(row))
    assert "accepted only with --unseen" in vigie(*accept).output
    how = ("--line", "1", "--reason", "a greeting")
    with pytest.raises(BadInput, match="has no picture, so that nobody can have seen"):
        vigie(*accept, *how)
    assert "0 accepted lines are in force." in vigie("quarantine", "accepted").output
    vigie(*accept, *how, "--unseen")
    assert [one.reason for one in ask(stored, acceptances.every)] == ["sans image : a greeting"]


def test_a_kept_picture_needs_no_word_of_it(vigie: Vigie, stored: Store) -> None:
    stored.record_targets([doubtful_target("doute")])
    row = stored.append_observation(
        observation(NOON, name="doute", reading=UNKNOWN, capture=doubtful(GREETING))
    )
    vigie("quarantine", "accept", str(row), "--line", "1", "--reason", "a greeting", "--unseen")
    assert [one.reason for one in ask(stored, acceptances.every)] == ["a greeting"]


def judged(store: Store) -> list[str]:
    return [one.verdict for one in ask(store, verdicts.judgements)]


def test_audit_asks_for_a_verdict_without_saying_the_reading(vigie: Vigie, stored: Store) -> None:
    unknown(stored)
    said = vigie("audit", "sample", "--n", "5", said="neither\n").output
    assert "Nouveau site" in said
    assert "unrecognised" not in said
    assert judged(stored) == [Verdict.NEITHER]


def test_audit_can_be_stopped_and_keeps_what_was_given(vigie: Vigie, stored: Store) -> None:
    unknown(stored)
    unknown(stored, 1)
    assert "1 verdicts recorded." in vigie("audit", "sample", said="perhaps\nnone\nstop\n").output
    assert judged(stored) == [Verdict.NONE]


def test_audit_takes_verdicts_from_a_sheet(vigie: Vigie, stored: Store, tmp_path: Path) -> None:
    number = unknown(stored)
    assert "1 visits to judge" in vigie("audit", "sample", "--out", str(tmp_path / "sheet")).output
    path = tmp_path / "sheet" / "verdicts.csv"
    path.write_text(f"observation,verdict\n{number},neither\n", encoding="utf-8")
    assert "1 verdicts recorded." in vigie("audit", "record", str(path)).output
    assert judged(stored) == [Verdict.NEITHER]


def test_audit_reports_rates_with_their_bounds(vigie: Vigie, stored: Store) -> None:
    numbers = [stored.append_observation(observation(NOON + n * HOUR, name="titre")) for n in range(20)]
    given = [(number, Verdict.NONE) for number in numbers[1:]]
    tell(stored, verdicts.give, [(numbers[0], Verdict.SLOTS), *given], NOON)
    said = vigie("audit", "report").output
    assert "5.00%" in said
    assert "21.61%" in said
    assert "none judged" in said
    rates = json.loads(vigie("audit", "report", "--json").output)
    assert rates["false_zero"] == {"errors": 1, "n": 20, "upper": pytest.approx(0.21611, abs=1e-5)}
    assert rates["false_slots"]["upper"] is None


def test_the_log_shows_what_was_added_later(vigie: Vigie, misread: Store) -> None:
    misread.append_observation(observation(NOON - HOUR, name="titre"))
    misread.append_observation(observation(NOON - HOUR, Outcome.SLOTS_OFFERED, name="permis"))
    tell(misread, controls.judge, {"titre": "permis"}, NOON - 2 * HOUR, NOON - HOUR + PAIRED_WITHIN, NOON)
    (row,) = misread.observations("titre")
    flag = SuspectedObservation(observation=row.id, host="x", reason=Suspicion.ALL_AT_ONCE)
    tell(misread, suspicions.flag, [flag], NOON)
    vigie("reclassify", "--target", "zero")
    rows = list(csv.DictReader(io.StringIO(vigie("log", "--format", "csv").output)))
    zero = next(one for one in rows if one["target"] == "titre")
    assert (zero["corroboration"], zero["soft_block_suspected"]) == ("corroborated", "all_at_once")
    reread = next(one for one in rows if one["target"] == "zero")
    assert (reread["outcome"], reread["reread_outcome"], reread["reread_reader"]) == (
        "unrecognised",
        "no_slots",
        platform("classic").version,
    )
    table = vigie("log", "--target", "zero", "--last", "1").output
    assert "no slots (read again)" in table
    ndjson = json.loads(vigie("log", "--target", "titre", "--format", "ndjson").output)
    assert (ndjson["reread"], ndjson["corroboration"]) == (None, "corroborated")


def test_audit_draws_the_same_again_and_keeps_to_its_period(
    vigie: Vigie, stored: Store, tmp_path: Path
) -> None:
    for n in range(20):
        unknown(stored, n)

    def drawn(name: str, *words: str) -> str:
        vigie("audit", "sample", "--n", "3", "--out", str(tmp_path / name), *words)
        return (tmp_path / name / "verdicts.csv").read_text(encoding="utf-8")

    assert drawn("one", "--seed", "4") == drawn("two", "--seed", "4")
    early = drawn("early", "--until", "2026-11-23T14:00Z")
    assert {int(line.split(",")[0]) for line in early.splitlines()[1:]} == {1, 2}
    assert len(drawn("late", "--since", "2026-11-24T06:00Z").splitlines()) == 3


def test_reclassify_says_by_how_much_and_in_which_direction(vigie: Vigie, stored: Store) -> None:
    (folder,) = (one for one in folders() if one.name == "no_slots-one_desk")
    case = load(folder)
    stored.record_targets([replace(case.target, id="zero")])
    tell(stored, draws.commit, [draw("zero", *(NOON + n * HOUR for n in range(60)))])
    for n in range(60):
        before = reading(Outcome.SLOTS_OFFERED) if n % 3 == 0 else reading()
        stored.append_observation(
            observation(NOON + n * HOUR, name="zero", reading=before, capture=case.capture)
        )
    said = vigie("reclassify", "--dry-run").output
    assert "66.7%" in said
    assert "+33.3 points" in said
    assert "+33.3 points" in vigie("reclassify").output


def test_reclassify_reads_one_target_and_nothing_after_the_period(vigie: Vigie, misread: Store) -> None:
    unknown(misread)
    assert "60 captures" in vigie("reclassify", "--dry-run", "--target", "zero").output
    assert "13 captures" in vigie("reclassify", "--dry-run", "--until", "2026-11-24").output


def contrary(store: Store) -> int:
    """A visit of `titre` in Chromium that showed slots where plain HTTP would have read none."""
    seen = observation(NOON, Outcome.SLOTS_OFFERED, "titre", transport=Transport.BROWSER)
    return store.append_observation(replace(seen, over_http=reading()))


def test_platforms_say_where_their_answer_stands_and_in_which_the_two_readings_disagree(
    vigie: Vigie, stored: Store
) -> None:
    quiet = vigie("platforms").output
    for product in PLATFORMS:
        assert product.name in quiet
        assert product.answer.in_html is not None
        assert product.answer.in_html.reason in quiet
    assert "in doubt" not in quiet
    number = contrary(stored)
    told = vigie("platforms").output
    assert "1 read otherwise without a browser" in told
    assert f"nothing is concluded over HTTP; look at the rows {number} (titre, 2026-11-23 12:00)" in told


def test_a_doubt_ends_with_who_looked_and_why(vigie: Vigie, stored: Store) -> None:
    number = contrary(stored)
    said = vigie(
        "platforms", "resume", "classic", "--reason", "a banner of the site", "--author", "Ada"
    ).output
    assert said == "HTTP concludes again for classic; 1 disagreements were looked at.\n"
    assert ask(stored, double_readings.in_doubt) == frozenset()
    told = vigie("platforms").output
    assert f"by Ada, up to row {number}: a banner of the site" in told
    assert "in doubt" not in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("classic", "has no disagreement that waits for a look: HTTP is not in doubt for it"),
        ("clasic", 'is not a known platform; did you mean "classic"?'),
    ],
)
def test_there_is_nothing_to_resume_where_nothing_is_in_doubt(
    stored: Store, vigie: Vigie, name: str, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        vigie("platforms", "resume", name, "--reason", "x", "--author", "Ada")
    assert words in str(refused.value)
    assert ask(stored, double_readings.resumed) == []


def redesigned(store: Store, **known: Any) -> int:
    """A page of step 2 that says neither of its usual sentences, with its picture unless told otherwise."""
    new = Capture(transport=Transport.BROWSER, steps=(step(PAGE),), screenshot=PICTURE)
    store.record_targets([doubtful_target("doute")])
    read = reading(Outcome.UNRECOGNISED, rule="step_2", words="Nouveau site")
    return store.append_observation(
        observation(NOON, name="doute", reading=read, capture=replace(new, **known))
    )


def test_a_redesign_is_shown_whole_with_what_may_be_done(vigie: Vigie, stored: Store, tmp_path: Path) -> None:
    row = redesigned(stored)
    said = vigie("quarantine", "show", str(row)).output
    assert f"step_2: {rules.sentence('step_2')}" in said
    assert "page not recognised (unrecognised)" in said
    assert "« Nouveau site »" in said
    (pictured,) = (line for line in said.splitlines() if line.startswith("Picture: "))
    assert Path(pictured.removeprefix("Picture: ")).read_bytes() == PICTURE
    url = step(PAGE).final_url
    assert f"1  {url}\n" in said or f"0  {url}\n" in said
    assert "status 200, " in said
    assert "no accepted line mends it" in said
    (decide,) = (line for line in said.splitlines() if "vigie quarantine decide" in line)
    assert f"--observation {row} --as unrecognised-new_page" in decide
    assert "vigie record doute" in said
    assert "Tell the maintainers" in said
    assert vigie("quarantine", "accept", str(row)).output == said


def test_without_a_picture_the_pages_can_be_extracted(vigie: Vigie, stored: Store, tmp_path: Path) -> None:
    row = redesigned(stored, screenshot=None)
    assert f"vigie quarantine show {row} --extract FOLDER" in vigie("quarantine", "show", str(row)).output
    said = vigie("quarantine", "show", str(row), "--extract", str(tmp_path / "pages")).output
    written = [path for path in (tmp_path / "pages").iterdir() if path.name.endswith("-received.txt")]
    assert [path.read_bytes() for path in written] == [PAGE]
    assert f"{written[0]}\n" in said


def test_paths_and_ids_are_whole_in_a_pipe_and_in_a_small_window(
    vigie: Vigie, stored: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    unknown(stored)
    (picture,) = (path for path in (tmp_path / "media").rglob("*") if path.is_file())
    for pipe in ("", "1"):
        monkeypatch.setenv("FORCE_COLOR", pipe)
        assert str(picture) in vigie("quarantine").output
    long = "valmont-titre-de-sejour-premiere-demande"
    stored.record_targets([replace(TITRE, id=long)])
    unknown(stored, 1, long)
    assert long in vigie("log").output


def test_groups_with_a_case_are_told_of(vigie: Vigie, stored: Store, tmp_path: Path) -> None:
    unknown(stored)
    (group,) = ask(stored, quarantine.groups)
    (tmp_path / "tests" / "pages").mkdir(parents=True)
    assert "not shown" not in vigie("quarantine").output
    vigie("quarantine", "decide", group.fingerprint, "--as", "unrecognised-new_site")
    assert "1 groups with a case are not shown: --all" in vigie("quarantine").output
    assert "not shown" not in vigie("quarantine", "--all").output


def test_a_command_that_is_advised_finds_the_same_installation(vigie: Vigie, stored: Store) -> None:
    assert options.among(None, demo=True) == " --demo"
    assert options.among(Path("my own.toml"), demo=False) == " --config 'my own.toml'"
