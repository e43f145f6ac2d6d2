"""`vigie alerts …` and `vigie transitions`, as a person runs them, over a real store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.problems import BadInput
from monitor.store import Store
from probes.model import Outcome
from tests.alerts.office import HOUR, Office, open_office
from tests.cast.observations import observation, target

TARGETS = """
[[target]]
id = "vienne-titre"
platform = "classic"
url = "http://vienne.localhost/booking/create/1"
prefecture = "Vienne"
departement = "86"
demarche = "titre de séjour"
zone = "Europe/Paris"
"""
SETTINGS = """
[database]
url = "{url}"
[storage]
media = "{media}"
[targets]
path = "{targets}"
[smtp]
host = "localhost"
port = {port}
username = "vigie"
password = "s3cret-é"
ca_file = "{ca}"
sender = "vigie@example.org"
[alerts]
operators = ["astreinte@example.org"]
[[alerts.lists]]
name = "ldh-vienne"
to = ["permanence@example.org"]
topics = ["zero", "slots", "milestone"]
"""

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(store: Store, postman: Any) -> Office:
    opened = open_office(store, postman, [target()])
    opened.see_hourly(Outcome.NO_SLOTS, 26)
    return opened


@pytest.fixture
def vigie(office: Office, tmp_path: Path) -> Any:
    """Runs a command on the office's own database and mail server."""
    (tmp_path / "targets.toml").write_text(TARGETS, encoding="utf-8")
    settings = SETTINGS.format(
        url=office.store.url,
        media=tmp_path / "media",
        targets=tmp_path / "targets.toml",
        port=office.postman.port,
        ca=office.postman.certificate,
    )
    (tmp_path / "vigie.toml").write_text(settings, encoding="utf-8")

    def run(*words: str) -> Result:
        return CliRunner().invoke(
            app, [*words, "--config", str(tmp_path / "vigie.toml")], env={"COLUMNS": "200"}
        )

    return run


def test_transitions_prints_what_changed_and_replay_agrees(vigie: Any) -> None:
    answer = vigie("transitions", "--replay")
    assert answer.exit_code == 0, answer.output
    assert "vienne-titre" in answer.output
    assert "Replay gives the same 1 transitions." in answer.output


def test_replay_of_a_running_service_compares_what_was_folded_by_both(vigie: Any, office: Office) -> None:
    office.store.append_observation(observation(office.clock.now(), Outcome.SLOTS_OFFERED))  # not folded yet
    answer = vigie("transitions", "--replay")
    assert answer.exit_code == 0, answer.output
    office.tick()
    assert "Replay gives the same 2 transitions." in vigie("transitions", "--replay").output


def test_replay_fails_when_the_record_says_otherwise(vigie: Any, office: Office) -> None:
    with office.store.write() as conn:
        conn.exec_driver_sql("DROP TRIGGER transitions_no_update")
        conn.exec_driver_sql("UPDATE transitions SET milestone = 7")
    assert vigie("transitions", "--replay").exit_code == 1


def test_dry_run_says_what_would_be_told_and_sends_nothing(vigie: Any, office: Office) -> None:
    answer = vigie("alerts", "dry-run", "--since", "2026-01-01")
    assert "1 news, 1 tellings to 1 subscriptions." in answer.output
    assert "ldh-vienne-" in answer.output
    assert "permanence@" not in answer.output
    assert office.mails == []


def test_preview_prints_the_mail_that_waits(vigie: Any, office: Office, tmp_path: Path) -> None:
    office.postman.answers["RCPT"] = lambda _: "451 later"
    office.tick()
    answer = vigie("alerts", "preview", "--html", str(tmp_path / "html"))
    assert "Zéro créneau observé : Vienne (86), titre de séjour" in answer.output
    (page,) = (tmp_path / "html").iterdir()
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_status_names_what_is_stuck_and_why(vigie: Any, office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 no such user"
    office.tick()
    answer = vigie("alerts", "status")
    assert "1 parked" in answer.output
    assert "550 no such user" in answer.output
    assert "permanence@" not in answer.output


def test_the_reply_of_a_mail_server_is_printed_as_it_came(vigie: Any, office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 [policy] :warning: refused [/b]"
    office.tick()
    answer = vigie("alerts", "status")
    assert answer.exit_code == 0, answer.exception
    assert "550 [policy] :warning: refused [/b]" in " ".join(answer.output.replace("│", " ").split())


def test_resend_makes_what_was_set_aside_due_again_under_the_same_message_id(
    vigie: Any, office: Office
) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 no such user"
    office.tick()
    office.postman.answers.clear()
    assert "1 mails are due again." in vigie("alerts", "resend").output
    office.clock.advance_to(office.clock.now().replace(year=2030))
    office.tick(HOUR)
    assert office.mails[0]["Subject"].startswith("Zéro créneau")


def test_send_test_delivers_a_mail_that_says_nothing(vigie: Any, office: Office) -> None:
    answer = vigie("alerts", "send-test", "moi@example.org")
    assert answer.exit_code == 0
    assert [mail["To"] for mail in office.mails] == ["moi@example.org"]


def test_send_test_says_in_one_sentence_why_it_cannot(vigie: Any, office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 relaying denied"
    answer = vigie("alerts", "send-test", "moi@example.org")
    assert isinstance(answer.exception, BadInput)
    assert (
        str(answer.exception) == "[smtp]: the mail server refuses the message for good: 550 relaying denied."
    )


def test_send_test_refuses_what_is_no_address(vigie: Any) -> None:
    assert isinstance(vigie("alerts", "send-test", "nobody").exception, BadInput)


def test_resend_of_the_held_mail_leaves_what_a_server_refused(vigie: Any, office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 no such user"
    office.tick()
    assert "0 mails are due again." in vigie("alerts", "resend", "--held").output
    assert "1 parked" in vigie("alerts", "status").output
    assert "1 mails are due again." in vigie("alerts", "resend").output


def test_dry_run_tells_of_slots_only_after_the_embargo(vigie: Any, office: Office) -> None:
    office.see(Outcome.SLOTS_OFFERED)
    lines = vigie("alerts", "dry-run", "--since", "2026-01-01").output.splitlines()
    (told,) = [line.replace("│", " ").split() for line in lines if " slots " in line]
    at, due = datetime.fromisoformat(told[0]), datetime.fromisoformat(told[-1])
    assert due - at == 24 * HOUR


def test_dry_run_and_transitions_begin_where_they_are_asked_to(vigie: Any) -> None:
    assert "0 news, 0 tellings" in vigie("alerts", "dry-run", "--since", "2029-01-01").output
    assert "vienne-titre" not in vigie("transitions", "--since", "2029-01-01").output
    assert "vienne-titre" in vigie("transitions", "--since", "2026-01-01").output


def test_dry_run_leaves_out_what_a_list_did_not_ask_for(vigie: Any, tmp_path: Path) -> None:
    file = tmp_path / "vigie.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"zero", "slots", "milestone"', '"digest"'), encoding="utf-8")
    assert (
        "1 news, 0 tellings to 1 subscriptions." in vigie("alerts", "dry-run", "--since", "2026-01-01").output
    )


def test_preview_shows_what_was_set_aside_too(vigie: Any, office: Office) -> None:
    office.postman.answers["RCPT"] = lambda _: "550 no such user"
    office.tick()
    said = vigie("alerts", "preview").output
    assert "(parked)" in said
    assert said.rstrip().endswith("1 mails.")


def test_send_test_needs_a_mail_server(vigie: Any, tmp_path: Path) -> None:
    file = tmp_path / "vigie.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('host = "localhost"', ""), encoding="utf-8")
    assert "[smtp] host: is not set" in str(vigie("alerts", "send-test", "moi@example.org").exception)
