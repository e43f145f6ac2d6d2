"""What two readings of one visit say of each other, and what is withheld while they disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Agreement
from monitor.rules.agreement import IN_DOUBT, RESTLESS, agreement, withheld
from probes.answer import Answer
from probes.failures import Failure
from probes.model import NoSlotsKind, Outcome, Reading, Transport
from probes.pages import contract
from probes.pages.page import parse
from tests.cast.observations import reading, target
from tests.cast.saved_pages import received

ZERO, SLOTS = reading(Outcome.NO_SLOTS), reading(Outcome.SLOTS_OFFERED)
UNKNOWN = Reading(outcome=Outcome.UNRECOGNISED, rule="contradiction")
MOVING = Reading(outcome=Outcome.UNRECOGNISED, rule="restless")
UNSEEN = Reading(outcome=Outcome.UNRECOGNISED, rule="not_seen")
CAPTCHA = Reading(outcome=Outcome.CAPTCHA, rule="captcha")
DOWN = Reading(outcome=Outcome.SITE_DOWN, rule="timeout", failure=Failure.READ_TIMEOUT)
OURS = Reading(outcome=Outcome.PROBE_ERROR, rule="walk_failed:KeyError", failure=Failure.OUR_FAULT)
UNNAMED = Reading(outcome=Outcome.PROBE_ERROR, rule="reader_failed")
NO_CALENDAR = replace(ZERO, kind=NoSlotsKind.NO_CALENDAR)
ALIKE, OTHERWISE, OPEN = Agreement.ALIKE, Agreement.OTHERWISE, Agreement.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("shown", "over_http", "expected"),
    [
        (ZERO, ZERO, ALIKE),
        (SLOTS, SLOTS, ALIKE),
        (SLOTS, ZERO, OTHERWISE),
        (ZERO, SLOTS, OTHERWISE),
        (ZERO, NO_CALENDAR, OTHERWISE),
        (UNKNOWN, ZERO, OTHERWISE),
        (UNSEEN, ZERO, OTHERWISE),
        (CAPTCHA, SLOTS, OTHERWISE),
        (MOVING, ZERO, OPEN),
        (DOWN, ZERO, OPEN),
        (OURS, SLOTS, OPEN),
        (UNNAMED, SLOTS, OPEN),
        (ZERO, UNKNOWN, OPEN),
        (SLOTS, CAPTCHA, OPEN),
        (UNKNOWN, UNKNOWN, OPEN),
    ],
)
def test_plain_http_may_say_less_and_nothing_else(
    shown: Reading, over_http: Reading, expected: Agreement
) -> None:
    assert agreement(shown, over_http) is expected


def test_the_rule_of_a_page_that_moves_is_the_contract_s() -> None:
    moving = parse(received("<p>x</p>", settled=False))
    said = contract.held(ZERO, target(), [moving], Answer(place="body"), transport=Transport.BROWSER)
    assert said.rule == RESTLESS


@pytest.mark.parametrize("said", [ZERO, SLOTS], ids=["none", "some"])
def test_a_conclusion_in_doubt_is_withheld_with_its_words(said: Reading) -> None:
    kept = withheld(replace(said, notices=("Le service ferme à midi.",)))
    assert (kept.outcome, kept.rule, kept.words) == (Outcome.UNRECOGNISED, IN_DOUBT, said.words)
    assert kept.notices == ("Le service ferme à midi.",)


@pytest.mark.parametrize("said", [UNKNOWN, CAPTCHA, DOWN])
def test_what_concludes_nothing_is_left_as_it_is(said: Reading) -> None:
    assert withheld(said) is said
