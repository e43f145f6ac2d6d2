"""Bundles say on which accepted lines a reading stands: with the line, the day and the reason, as sealed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from monitor.evidence.bundle import report, sentences, spreadsheet
from monitor.evidence.bundle.report import ReportData, SealedDay
from monitor.evidence.bundle.statement import Statement, state
from monitor.evidence.journal import records
from monitor.evidence.journal.records import FactKind
from monitor.model import Observation
from probes.model import AcceptedLine, Outcome
from tests.cast.installation import no_slots
from tests.cast.observations import reading
from tests.evidence.bodies import EMPTY
from tests.evidence.keeper import changed, history
from tests.evidence.matters import PARIS_MIDNIGHT, TARGET, fact, hourly, matter
from tests.evidence.world import FIRST, INTACT, MINE, World, judged

GREETING = AcceptedLine(
    line="bienvenue à tous", at=PARIS_MIDNIGHT - timedelta(days=3), reason="une salutation"
)
LEGAL = replace(GREETING, line="mentions légales", reason="un lien du pied de page")
PRINTED = ReportData(
    operator="",
    origin="vigie.example/journal",
    vkey="vkey",
    head_line="1 racine",
    last_seal="00" * 32,
    seals=[SealedDay(day=date(2026, 11, 19), digest="00" * 32, by="tsa1", at="2026-11-20 00:05:00")],
    prints={},
    provenance=[],
    incidents=[],
    others={},
    proof="",
    extract="",
)


def accepting(seen: Observation, *lines: AcceptedLine) -> Observation:
    """The same visit, whose reading stands on these lines."""
    return replace(seen, reading=replace(seen.reading, accepted=lines))


@pytest.fixture
def statement() -> Statement:
    """Ten zeros. Two of them stand on a greeting, one of these also on another line."""
    visits = [no_slots(TARGET, at) for at in hourly(10)]
    visits[2] = accepting(visits[2], GREETING)
    visits[5] = accepting(visits[5], GREETING, LEGAL)
    return state(matter(visits))


def test_each_line_is_counted_with_the_rows_that_stand_on_it(statement: Statement) -> None:
    counted = {line.line: rows for line, rows in statement.accepted.items()}
    assert counted == {"bienvenue à tous": 2, "mentions légales": 1}


def test_the_first_page_says_how_many_answers_stand_on_an_accepted_line(statement: Statement) -> None:
    (caution,) = [said for said in sentences.cautions(statement) if "Lignes admises" in said]
    assert caution.startswith("2 sonde(s) exploitable(s) reposent sur une ligne")
    without = state(matter([no_slots(TARGET, at) for at in hourly(10)]))
    assert not [said for said in sentences.cautions(without) if "admise" in said]


def test_a_later_reading_that_does_without_the_line_is_what_is_told() -> None:
    again = records.reclassification(
        0, reading(Outcome.UNRECOGNISED), EMPTY, platform="classic", reader_version="2"
    )
    found = state(
        matter(
            [accepting(no_slots(TARGET, hourly(1)[0]), GREETING)],
            again={0: fact(99, FactKind.RECLASSIFICATION, again)},
        )
    )
    assert found.accepted == {}


def test_the_spreadsheet_has_the_line_the_day_and_the_reason(statement: Statement) -> None:
    text = spreadsheet.sheet([(statement, statement.rows)]).decode("utf-8-sig")
    cells = [row["lignes_admises"] for row in csv.DictReader(io.StringIO(text), delimiter=";")]
    assert [n for n, cell in enumerate(cells) if cell] == [2, 5]
    assert cells[2] == "« bienvenue à tous », admise le 16/10/2026 : une salutation"
    assert cells[5].endswith(" · « mentions légales », admise le 16/10/2026 : un lien du pied de page")


@pytest.fixture
def html(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces are given as HTML, before they are printed."""
    monkeypatch.setattr(report, "_written", str.encode)


def section(printed: bytes) -> str:
    """What the report says under « Lignes admises », on one line."""
    after = printed.decode().partition("<h2>Lignes admises</h2>")[2]
    return " ".join(after.partition("<h2>")[0].replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.usefixtures("html")
def test_the_report_has_the_line_the_day_the_reason_and_the_number_of_rows(statement: Statement) -> None:
    said = section(report.report(statement, PRINTED))
    row = '<td>« bienvenue à tous »</td><td class="t">2026-10-16 22:00:00</td><td>une salutation</td>'
    assert f'{row}<td class="n">2</td>' in said
    assert '<td>un lien du pied de page</td><td class="n">1</td>' in said


@pytest.mark.usefixtures("html")
def test_a_report_without_such_a_line_has_no_such_section() -> None:
    printed = report.report(state(matter([no_slots(TARGET, hourly(1)[0])])), PRINTED)
    assert "Lignes admises" not in printed.decode()


@pytest.mark.usefixtures("html")
def test_the_table_marks_the_rows(statement: Statement) -> None:
    (table,) = report.tables(statement, PRINTED, statement.rows)
    assert table.decode().count("(ligne admise)") == 2


HOSTILE = 'dit "prev":"0", {"seq":1,"scheduled_at":"2026-11-02T09:00:00.000Z"},\n[fin],'


@pytest.mark.slow
def test_both_verifiers_accept_what_stands_on_a_line_whatever_its_reason_says(
    both: Any, world: World
) -> None:
    line = records._accepted(replace(GREETING, reason=HOSTILE))
    facts = history(FIRST, 1)
    mine = [n for n, one in enumerate(facts) if (one.kind, one.target) == (FactKind.OBSERVATION, MINE[0])]
    facts[mine[0]] = changed(facts[mine[0]], accepted=[line, line])
    pieces = world.bundle(facts, 1, "accepted")
    day = pieces[f"donnees/{FIRST}_vienne-titre.jsonl"].decode().splitlines()
    assert sum("accepted" in json.loads(one) for one in day) == 1
    assert judged(both(pieces), INTACT, "23 vienne-titre no_slots", "25 lignes intactes")


def test_the_record_names_no_person_in_a_line_or_its_reason() -> None:
    told = replace(GREETING, line="écrire à marie@courriel.example", reason="dit marie@courriel.example")
    assert "marie" not in json.dumps(records._accepted(told))
