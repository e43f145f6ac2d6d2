"""Alertmanager's JSON, to a real receiver on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.alerts.decide.audience import WEBHOOK
from monitor.alerts.send import webhook
from monitor.alerts.send.smtp import DeliveryError
from monitor.alerts.write import alertmanager
from monitor.alerts.write.stories import Story
from monitor.model import Change, Incident, IncidentKind, Suspicion
from monitor.store import Status, Store
from monitor.store.alerts import deliveries
from monitor.store.review import suspicions
from monitor.store.review.suspicions import SuspectedObservation
from probes.model import Outcome
from probes.serving import serving
from tests.alerts.office import HOUR, START, open_office
from tests.cast.observations import target

FIELDS = {
    "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
    "commonAnnotations", "externalURL", "alerts",
}  # fmt: skip
ALERT = {"status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"}


def message(*alerts: alertmanager.Alert) -> alertmanager.Alert:
    return alertmanager.payload(alerts, "vigie", "https://vigie.example.org")


def posted(answer: int, *bodies: alertmanager.Alert) -> list[dict[str, Any]]:
    """What a receiver that answers `answer` was given."""
    received: list[dict[str, Any]] = []

    async def hook(request: Request) -> Response:
        received.append(await request.json())
        return Response(status_code=answer)

    async def run() -> None:
        receiver = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
        async with serving(receiver, host="127.0.0.1", port=0) as port:
            for body in bodies:
                await webhook.post(f"http://127.0.0.1:{port}/hook", body)

    asyncio.run(run())
    return received


def test_it_has_every_field_of_alertmanager_s_format(story: Callable[..., Story]) -> None:
    made = message(alertmanager.of_story(story()))
    assert set(made) == FIELDS
    assert set(made["alerts"][0]) == ALERT
    assert made["version"] == "4"


@pytest.mark.parametrize("ends", [Change.SLOTS, Change.UNSTABLE])
def test_a_zero_fires_and_its_end_resolves_it(story: Callable[..., Story], ends: Change) -> None:
    zero, end = alertmanager.of_story(story()), alertmanager.of_story(story(ends))
    assert (zero["status"], zero["endsAt"]) == ("firing", alertmanager.NEVER)
    assert end["status"] == "resolved"
    assert zero["fingerprint"] == end["fingerprint"]
    assert message(zero)["status"] == message(zero, end)["status"] == "firing"
    assert message(end)["status"] == "resolved"


def test_every_milestone_is_an_alert_of_its_own(story: Callable[..., Story]) -> None:
    prints = {alertmanager.of_story(story(Change.MILESTONE, milestone=n))["fingerprint"] for n in (7, 21, 60)}
    assert len(prints) == 3


def test_what_all_share_is_said_once(story: Callable[..., Story]) -> None:
    made = message(
        alertmanager.of_story(story()), alertmanager.of_story(story(Change.MILESTONE, milestone=7))
    )
    assert made["commonLabels"] == {"severity": "info", "target": "86-sejour", "departement": "86"}
    assert made["groupLabels"] == made["commonLabels"]
    assert made["groupKey"] == '{}:{severity="info", target="86-sejour", departement="86"}'
    other = alertmanager.of_incident(Incident(kind=IncidentKind.DOWN, key="x", since=START))
    assert message(made["alerts"][0], made["alerts"][1], other)["commonLabels"] == {}


def test_hostile_words_stay_one_clean_string() -> None:
    incident = Incident(kind=IncidentKind.DOWN, key='x"}\n{\x00', since=START, detail="\u202egnp.exe")
    alert = alertmanager.of_incident(incident)
    assert alert["labels"]["key"] == 'x"} {'
    assert alert["annotations"]["description"] == "gnp.exe"
    assert alert["annotations"]["summary"] == 'down: x"} {'


def test_a_zero_is_told_with_its_numbers_and_the_page_s_words(story: Callable[..., Story]) -> None:
    given = story()
    drought = given.transition.drought
    assert drought
    told = alertmanager.of_story(given)
    assert told["annotations"] == {
        "summary": "Zéro créneau observé : Préfecture de la Vienne (86), Première demande de titre de séjour",
        "description": f"{drought.zeros} relevés concluants consécutifs, {drought.days} jours distincts",
        "words": given.words,
    }
    assert told["generatorURL"] == given.links.page
    end = alertmanager.of_story(story(Change.SLOTS))
    assert end["annotations"]["summary"].startswith("Des créneaux ont de nouveau été proposés : ")
    assert drought.zeros != drought.days


def test_what_a_server_answered_is_told_as_its_answer(story: Callable[..., Story]) -> None:
    told = alertmanager.of_story(story(words='{"dates":\n []}'))
    assert told["annotations"]["words"] == 'réponse du serveur : {"dates": []}'


def test_an_incident_fires_until_it_is_over() -> None:
    lasts = Incident(kind=IncidentKind.BLOCKED, key="a.fr", since=START, detail="403", targets=("a", "b"))
    fires, over = (alertmanager.of_incident(one) for one in (lasts, replace(lasts, until=START + HOUR)))
    assert fires["labels"] == {"alertname": "VigieBlocked", "severity": "warning", "key": "a.fr"}
    assert fires["annotations"] == {"summary": "blocked: a.fr", "description": "403", "targets": "2"}
    assert [(one["status"], one["startsAt"], one["endsAt"]) for one in (fires, over)] == [
        ("firing", "2026-03-03T08:00:00Z", alertmanager.NEVER),
        ("resolved", "2026-03-03T08:00:00Z", "2026-03-03T09:00:00Z"),
    ]


def test_a_receiver_gets_it(story: Callable[..., Story]) -> None:
    (received,) = posted(200, message(alertmanager.of_story(story())))
    assert received["alerts"][0]["annotations"]["summary"].startswith("Zéro créneau observé : ")


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [(302, False), (400, True), (404, True), (408, False), (429, False), (500, False), (503, False)],
)
def test_it_tells_for_good_from_for_now(story: Callable[..., Story], answer: int, permanent: bool) -> None:
    with pytest.raises(DeliveryError, match=f"answers {answer}") as caught:
        posted(answer, message(alertmanager.of_story(story())))
    assert caught.value.permanent is permanent


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        asyncio.run(webhook.post("http://127.0.0.1:1/hook", {}))
    assert not caught.value.permanent


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert posted(200, {"alerts": []}) == [{"alerts": []}]


def test_a_receiver_that_never_answers_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/hook"
        with pytest.raises(DeliveryError, match="cannot be reached: ReadTimeout") as caught:
            asyncio.run(asyncio.wait_for(webhook.post(url, {"alerts": []}), 10))
    assert not caught.value.permanent


def test_what_resolves_a_zero_began_with_it(story: Callable[..., Story]) -> None:
    zero, end = alertmanager.of_story(story()), alertmanager.of_story(story(Change.SLOTS))
    assert zero["startsAt"] == end["startsAt"] < end["endsAt"]


def test_a_room_hears_of_no_suspected_zero_before_the_operator_released_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(store, None, [target()], webhook="http://127.0.0.1:9/hook", lists=())
    received: list[str] = []

    async def keep(url: str, body: alertmanager.Alert) -> None:
        received.extend(alert["labels"]["alertname"] for alert in body["alerts"])

    monkeypatch.setattr(webhook, "post", keep)
    office.see_hourly(Outcome.NO_SLOTS, 10)
    with office.store.write() as conn:
        flagged = SuspectedObservation(observation=5, host="vienne.localhost", reason=Suspicion.ALL_AT_ONCE)
        suspicions.flag(conn, [flagged], office.clock.now())
    office.see_hourly(Outcome.NO_SLOTS, 16)
    office.tick(HOUR)
    assert "VigieZeroSlots" not in received
    with office.store.write() as conn:
        deliveries.release(conn, (Status.HELD,), office.clock.now())
    office.tick()
    assert "VigieZeroSlots" in received


def test_a_room_hears_of_zeros_at_once_of_slots_after_the_embargo_and_of_trouble(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(store, None, [target(), target("b")], webhook="http://127.0.0.1:9/hook")
    received: list[alertmanager.Alert] = []

    async def keep(url: str, body: alertmanager.Alert) -> None:
        received.append(body)

    monkeypatch.setattr(webhook, "post", keep)
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.tick()
    office.see(Outcome.SLOTS_OFFERED)
    for _ in range(26):
        office.see(Outcome.BLOCKED, "b")
        office.tick(HOUR)
    told = [(alert["labels"]["alertname"], alert["status"]) for body in received for alert in body["alerts"]]
    assert told == [("VigieZeroSlots", "firing"), ("VigieBlocked", "firing"), ("VigieZeroSlots", "resolved")]


def test_a_room_hears_of_a_zero_that_slots_ended_before_it_was_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(store, None, [target()], webhook="http://127.0.0.1:9/hook", lists=())
    received: list[tuple[str, bool]] = []

    async def keep(url: str, body: alertmanager.Alert) -> None:
        received.extend((alert["status"], "words" in alert["annotations"]) for alert in body["alerts"])

    monkeypatch.setattr(webhook, "post", keep)
    office.see_hourly(Outcome.NO_SLOTS, 26)
    office.see(Outcome.SLOTS_OFFERED)
    office.tick(HOUR)
    assert received == [("firing", True)]  # what comes back from an alert must have seen it fire
    office.tick(24 * HOUR)
    assert received == [("firing", True), ("resolved", False)]  # a page with slots is not quoted


def test_a_message_we_cannot_write_is_tried_again_and_does_not_end_the_round(store: Store) -> None:
    office = open_office(store, None, webhook="http://127.0.0.1:1/hook")
    with store.write() as conn:
        number = deliveries.create(conn, key="k", recipient=WEBHOOK, form=WEBHOOK, now=START)
    office.tick()
    with store.read() as conn:
        left = deliveries.one(conn, number or 0)
    assert (left.status, left.attempts) == (Status.PENDING, 1)
    assert left.error
