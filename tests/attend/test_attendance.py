"""What a person may open in an attended visit: the pages of one procedure, up to the answer."""

from __future__ import annotations

import pytest

from probes.attendance import ATTENDED, Attendance
from probes.sessions.guard import StopLineGuard
from tests.cast.saved_pages import target

SITE = "https://www.rdv-prefecture.interieur.gouv.fr"
PROCEDURE = "/rdvpref/reservation/demarche/9040"
WATCHED = target("rdv_prefecture", f"{SITE}{PROCEDURE}/creneau/?error=x")
PREFECTURE = ATTENDED["rdv_prefecture"]


@pytest.mark.parametrize("tail", ["", "/", "/cgu/", "/creneau/?x=1"])
def test_a_visit_begins_at_the_conditions_and_ends_at_the_hours(tail: str) -> None:
    watched = target("rdv_prefecture", f"{SITE}{PROCEDURE}{tail}")
    assert PREFECTURE.opened(watched) == f"{SITE}{PROCEDURE}/cgu/"
    assert PREFECTURE.answered(watched) == f"{PROCEDURE}/creneau/"


@pytest.mark.parametrize("path", ["/rdvpref/reservation/demarche/9040x", "/rdvpref/", "", "/x" + PROCEDURE])
def test_a_page_that_is_no_procedure_has_no_attended_visit(path: str) -> None:
    with pytest.raises(ValueError, match="is no page of rdv_prefecture"):
        PREFECTURE.opened(target("rdv_prefecture", SITE + path))


@pytest.mark.parametrize(
    ("rest", "listed"),
    [
        ("", True),
        ("/", True),
        ("/cgu", True),
        ("/cgu/", True),
        ("/cgu/?error=invalidCaptcha", True),
        ("/cgu/?error=", False),
        ("/cgu/?next=/creneau/", False),
        ("/cgu/_validerCaptcha", True),
        ("/_validerCaptcha", True),
        ("/_validerCaptcha/x", False),
        ("/creneau/", True),
        ("/creneau/?premierJour=2026-01-05&trhId=4", True),
        ("/creneau/?to=https://example.org", False),
        (f"/creneau/?{'a' * 201}", False),
        ("/creneau/recap", False),
        ("/creneau", False),
        ("/infosUsager/", False),
        ("/coordonnees/", False),
        ("/validation/", False),
        ("0/", False),
        ("/../9041/cgu/", False),
    ],
)
def test_the_person_may_open_the_pages_up_to_the_answer(rest: str, *, listed: bool) -> None:
    line = PREFECTURE.stop_line(WATCHED)
    assert StopLineGuard(line).allows(f"{SITE}{PROCEDURE}{rest}") is listed
    assert StopLineGuard(line).allows(f"{SITE}{PROCEDURE.replace('9040', '9041')}{rest}") is False


def test_vigie_itself_submits_and_unfolds_nothing() -> None:
    line = PREFECTURE.stop_line(WATCHED)
    assert (line.forms, line.calls, line.controls, line.scripts) == ((), (), (), ())
    assert PREFECTURE.hosts == {"api.piste.gouv.fr"}


def test_the_path_of_a_procedure_is_no_pattern() -> None:
    odd = Attendance(procedure=r"(/a\.b)(?:/|$)", entrance="/", answer="/x", steps=("/",))
    line = odd.stop_line(target("x", f"{SITE}/a.b/"))
    assert [line.lists(f"{SITE}{path}") for path in ("/a.b/", "/aXb/", "/a.b/x")] == [True, False, False]
