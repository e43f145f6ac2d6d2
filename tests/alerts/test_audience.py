"""Who hears of what, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerts.decide.audience import Subscription, SubscriptionScope, from_settings
from monitor.alerts.write.stories import Story
from monitor.model import Change, Phase
from monitor.settings.alerts import Alerts, Topic
from probes.model import Target

EVERYTHING = Subscription(id="x", address="a@example.org")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (SubscriptionScope(), True),
        (SubscriptionScope(regions=frozenset({"nouvelle-aquitaine"})), True),
        (SubscriptionScope(regions=frozenset({"occitanie"})), False),
        (SubscriptionScope(departements=frozenset({"86", "87"})), True),
        (SubscriptionScope(departements=frozenset({"086"})), False),
        (SubscriptionScope(prefectures=frozenset({"Préfecture de la Vienne"})), True),
        (SubscriptionScope(demarches=frozenset({"Duplicata"})), False),
        (SubscriptionScope(targets=frozenset({"86-sejour"})), True),
        (SubscriptionScope(departements=frozenset({"86"}), demarches=frozenset({"Duplicata"})), False),
    ],
)
def test_a_scope_covers_what_all_its_lists_agree_on(
    target: Target, scope: SubscriptionScope, covered: bool
) -> None:
    assert scope.covers(target) is covered


def test_a_collectivity_without_a_region_is_in_none(target: Target) -> None:
    overseas = replace(target, departement="988")
    assert not SubscriptionScope(regions=frozenset({"la-reunion"})).covers(overseas)
    assert SubscriptionScope(departements=frozenset({"988"})).covers(overseas)


def test_slots_wait_for_the_embargo_and_zeros_do_not(story: Callable[..., Story]) -> None:
    assert EVERYTHING.delay(story(Change.SLOTS).transition) == DAY
    assert EVERYTHING.delay(story(Change.UNSTABLE).transition) == DAY
    assert EVERYTHING.delay(story(Change.ZERO).transition) == timedelta(0)
    assert EVERYTHING.delay(story(Change.MILESTONE, milestone=7).transition) == timedelta(0)


def test_patience_delays_a_zero_until_it_has_lasted(story: Callable[..., Story]) -> None:
    two_days_old = story(Change.ZERO).transition
    assert replace(EVERYTHING, patience=5 * DAY).delay(two_days_old) == 3 * DAY
    assert replace(EVERYTHING, patience=1 * DAY).delay(two_days_old) == timedelta(0)


def test_nobody_hears_of_what_is_no_news(story: Callable[..., Story]) -> None:
    made = story(Change.SLOTS)
    assert EVERYTHING.wants(made.transition, made.target)
    assert not EVERYTHING.wants(replace(made.transition, before=Phase.UNKNOWN), made.target)
    assert not EVERYTHING.wants(replace(made.transition, change=Change.TROUBLE), made.target)


def test_one_hears_only_of_the_topics_asked_for(story: Callable[..., Story]) -> None:
    made = story(Change.MILESTONE, milestone=7)
    assert not replace(EVERYTHING, topics=frozenset({Topic.ZERO})).wants(made.transition, made.target)


def test_a_list_becomes_one_subscription_per_address() -> None:
    listed = {"name": "ldh-vienne", "to": ["a@example.org", "b@example.org"], "departements": ["86"]}
    first, second = from_settings(Alerts.model_validate({"lists": [listed]}))
    assert (first.address, second.address) == ("a@example.org", "b@example.org")
    assert first.id != second.id
    assert "example" not in first.id
    assert first.embargo == DAY
    assert first.scope.departements == {"86"}


def test_a_list_of_the_organisation_s_own_hears_at_once() -> None:
    listed = {"name": "equipe", "to": ["a@example.org"], "public": False}
    (only,) = from_settings(Alerts.model_validate({"lists": [listed]}))
    assert only.embargo == timedelta(0)
