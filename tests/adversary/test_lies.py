"""No lie is believed, over either transport and in the real Chromium. `LIES=all` visits them all."""

from __future__ import annotations

import os

import pytest

from tests.adversary.every import LIES
from tests.cast.lie import Lie
from tests.cast.lie_visits import Told, told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3600)]

EVERY = 1 if os.environ.get("LIES") == "all" else 5


@pytest.fixture(scope="module")
def visits() -> list[Told]:
    chosen = [lie for n, lie in enumerate(LIES) if n % EVERY == 0 or _plain(lie)]
    return told(chosen)


def _plain(lie: Lie) -> bool:
    """Whether a person sees the answer at once: those are few, and always visited."""
    return all(outcome.conclusive for outcome in lie.accept)


def test_no_lie_is_believed(visits: list[Told]) -> None:
    assert [str(one) for one in visits if one.false] == []


def test_no_plain_answer_is_missed(visits: list[Told]) -> None:
    assert [str(one) for one in visits if one.blind] == []


def test_no_two_lies_have_one_name() -> None:
    names = [lie.name for lie in LIES]
    assert len(set(names)) == len(names)
