"""No free text that the record keeps names a person: it is refused before anything is written."""

from __future__ import annotations

import getpass
import re

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.clock import SimulatedClock
from monitor.commands.options import whoever
from monitor.problems import BadInput
from monitor.review import acceptance
from monitor.rules import personal
from monitor.store import Store
from monitor.store.review import acceptances
from tests.cast.observations import NOON, observation
from tests.cast.transactions import ask
from tests.review.doubtful_pages import GREETING, doubtful, doubtful_target
from tests.review.readers import UNKNOWN

PERSONAL = (
    "asked for by zoe.lefevre@example.net",
    "asked for by zoe @ example.net",
    "rappeler au 06 12 34 56 78",
    "rappeler au 06.12.34.56.78 avant midi",
    "call +33 (0)6 12 34 56 78",
    "AGDREF 7503123456",
    "dossier de 750312345",
    "numéro 75 03 12 34 56",
    "tel:0612345678",
)
HARMLESS = (
    "a greeting, seen on the picture",
    "seen on 2026-11-28 at 10:00, rows 4211, 4212 and 4213",
    "vu le 28/11/2026 à 10h05, puis le 29.11.2026",
    "2026-11-28 12:00 2026-11-29 12:00",
    "rows 4211 to 4299",
    "step 2 of procedure 1201, reader 9",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_what_could_name_a_person_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInput, match=r"^--reason: holds an? .* for good; leave it out\.$") as refused:
        personal.check("--reason", text)
    assert not re.search(r"@|\d", str(refused.value))


@pytest.mark.parametrize("text", HARMLESS)
def test_days_hours_and_numbers_of_rows_are_not(text: str) -> None:
    assert personal.check("--reason", text) == text


@pytest.mark.parametrize(("reason", "author"), [(PERSONAL[0], "ana"), ("a greeting", "ana@example.net")])
def test_an_acceptance_and_its_end_are_refused_before_anything_is_written(
    store: Store, reason: str, author: str
) -> None:
    store.record_targets([doubtful_target("titre")])
    clock = SimulatedClock(NOON)
    row = store.append_observation(
        observation(NOON, name="titre", reading=UNKNOWN, capture=doubtful(GREETING))
    )
    page = acceptance.look(store, row, clock)
    with pytest.raises(BadInput, match="holds an e-mail address"):
        acceptance.accept(store, page, GREETING, reason=reason, author=author, clock=clock)
    assert ask(store, acceptances.every) == []
    number, _ = acceptance.accept(store, page, GREETING, reason="a greeting", author="ana", clock=clock)
    with pytest.raises(BadInput, match="holds an e-mail address"):
        acceptance.withdraw(store, number, reason=reason, author=author, clock=clock)
    assert [one.withdrawn_at for one in ask(store, acceptances.every)] == [None]


@pytest.mark.parametrize(
    "typed",
    [
        "switch off --all --reason {}",
        "switch on --all --reason {}",
        "switch off --all --reason ill --author {}",
        "platforms resume classic --reason {}",
        "reclassify --cause {}",
        "record titre --note {}",
    ],
)
def test_every_free_text_of_a_command_is_asked(typed: str) -> None:
    words = [word.format(PERSONAL[0]) for word in typed.split()]
    with pytest.raises(BadInput, match="holds an e-mail address"):
        CliRunner().invoke(app, words, catch_exceptions=False)


def test_who_logs_in_with_an_address_is_named_by_its_first_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ana@asso.example")
    assert whoever() == "ana"
