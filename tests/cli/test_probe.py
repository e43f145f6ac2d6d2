"""What `vigie probe` would visit, and how: decided before any page is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.commands.probe import (
    attendance_of,
    check_transport,
    first_transport,
    has_display,
    target_at,
)
from monitor.problems import BadInput
from monitor.settings.load import Settings
from probes.attendance import ATTENDED
from probes.model import Transport
from probes.registry import platform
from tests.cast.observations import target

HERE = "http://vienne.localhost/booking/create/1"
REAL = "https://www.vienne.gouv.fr/booking/create/1"


def test_an_address_is_a_target_of_the_platform_whose_page_it_is() -> None:
    made = target_at(REAL, None, Settings(), allow_local=False)
    assert (made.id, made.platform, made.url) == ("at-www.vienne.gouv.fr", "classic", REAL)


def test_a_platform_that_is_named_is_taken_instead() -> None:
    assert target_at(REAL, "classic", Settings(), allow_local=False).platform == "classic"
    with pytest.raises(BadInput, match="is no page of the platform orion"):
        target_at(REAL, "orion", Settings(), allow_local=False)
    with pytest.raises(BadInput, match='did you mean "classic"'):
        target_at(REAL, "clasic", Settings(), allow_local=False)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (HERE, "is on this machine; add --allow-local"),
        ("https://evil.example/booking/create/1", "is not a known booking host"),
        ("https://www.vienne.gouv.fr/", "is no page of a known platform"),
    ],
)
def test_an_address_that_may_not_be_visited_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        target_at(url, None, Settings(), allow_local=False)
    assert target_at(HERE, None, Settings(), allow_local=True).platform == "classic"


def test_a_browser_is_taken_where_there_is_a_choice() -> None:
    assert first_transport(platform("classic")) is Transport.BROWSER
    assert first_transport(platform("orion")) is Transport.HTTP


def test_a_platform_is_read_only_as_it_can_be() -> None:
    check_transport(target(), Transport.HTTP)
    with pytest.raises(BadInput, match="orion cannot be read over browser; use http"):
        check_transport(replace(target(), platform="orion"), Transport.BROWSER)


def test_only_what_a_robot_cannot_read_is_attended() -> None:
    for name in ATTENDED:
        assert attendance_of(replace(target(), platform=name)) is ATTENDED[name]
    with pytest.raises(BadInput, match="is read by the robot alone"):
        attendance_of(target())


@pytest.mark.parametrize(
    ("given", "shown"), [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True)]
)
def test_a_window_needs_a_screen_of_either_kind(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], shown: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert has_display() is shown
