"""Who hears of what, and when."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts.decide.audience import Subscription, SubscriptionScope, from_settings
from monitor.alerts.decide.subscribers import read, wants
from monitor.alerts.write.stories import Story
from monitor.model import Change, Language, Phase
from monitor.settings.alerts import Alerts, Topic
from monitor.store.alerts.subscriptions import Subscriber
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
        (SubscriptionScope(demarches=frozenset({"Première demande de titre de séjour"})), True),
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
    assert replace(EVERYTHING, patience=5 * DAY).delay(story(Change.UNSTABLE).transition) == DAY
    assert EVERYTHING.delay(story(Change.ZERO).transition) == timedelta(0)
    assert EVERYTHING.delay(story(Change.MILESTONE, milestone=7).transition) == timedelta(0)


def test_patience_delays_a_zero_until_it_has_lasted(story: Callable[..., Story]) -> None:
    two_days_old, target = story(Change.ZERO).transition, story().target
    assert replace(EVERYTHING, patience=5 * DAY).wants(two_days_old, target)
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


def test_one_hears_only_of_the_targets_in_one_s_scope(story: Callable[..., Story]) -> None:
    made = story(Change.ZERO)
    assert EVERYTHING.wants(made.transition, made.target)
    elsewhere = replace(EVERYTHING, scope=SubscriptionScope(departements=frozenset({"75"})))
    assert not elsewhere.wants(made.transition, made.target)


def test_a_list_becomes_one_subscription_per_address() -> None:
    listed = {"name": "ldh-vienne", "to": ["a@example.org", "b@example.org"], "departements": ["86"]}
    first, second = from_settings(Alerts.model_validate({"lists": [listed]}))
    assert (first.address, second.address) == ("a@example.org", "b@example.org")
    assert first.id != second.id
    assert re.fullmatch("ldh-vienne-[0-9a-f]{16}", first.id)
    assert first.embargo == DAY
    assert first.scope.departements == {"86"}


def test_a_list_of_the_organisation_s_own_hears_at_once() -> None:
    listed = {"name": "equipe", "to": ["a@example.org"], "public": False}
    (only,) = from_settings(Alerts.model_validate({"lists": [listed]}))
    assert only.embargo == timedelta(0)


def test_a_list_keeps_every_choice_of_the_settings() -> None:
    scope = {
        "regions": ["occitanie"],
        "departements": ["86"],
        "prefectures": ["Vienne"],
        "demarches": ["Duplicata"],
        "targets": ["86-sejour"],
    }
    manner = {"topics": ["zero"], "language": "en", "zone": "Indian/Reunion", "patience": "3d"}
    listed = {"name": "cimade", "to": ["a@example.org"], **scope, **manner}
    (only,) = from_settings(Alerts.model_validate({"lists": [listed], "embargo": "36h"}))
    assert {name: sorted(getattr(only.scope, name)) for name in scope} == scope
    assert only.topics == {Topic.ZERO}
    assert (only.language, only.zone) == (Language.ENGLISH, "Indian/Reunion")
    assert (only.patience, only.embargo) == (3 * DAY, 1.5 * DAY)


def test_one_address_on_two_lists_is_two_subscriptions() -> None:
    """So that leaving one list does not leave the other."""
    lists = [{"name": name, "to": ["a@example.org"]} for name in ("cimade", "gisti")]
    first, second = from_settings(Alerts.model_validate({"lists": lists}))
    assert first.id != second.id


def test_the_webhook_hears_of_all_but_digests_and_of_slots_after_the_embargo() -> None:
    settings = {"webhook": "https://chat.example.org/hook", "embargo": "36h"}
    (room,) = from_settings(Alerts.model_validate(settings))
    assert room.topics == set(Topic) - {Topic.DIGEST}
    assert (room.embargo, room.scope) == (1.5 * DAY, SubscriptionScope())


def test_the_end_of_a_drought_that_lasted_just_long_enough_is_news(story: Callable[..., Story]) -> None:
    made = story(Change.SLOTS)
    drought = made.transition.drought
    assert drought
    exact = replace(EVERYTHING, patience=drought.lasted)
    longer = replace(EVERYTHING, patience=drought.lasted + timedelta(seconds=1))
    assert exact.wants(made.transition, made.target)
    assert not longer.wants(made.transition, made.target)


def test_a_scope_names_all_that_was_chosen() -> None:
    scope = SubscriptionScope(
        regions=frozenset({"occitanie"}),
        departements=frozenset({"86"}),
        demarches=frozenset({"Duplicata"}),
        targets=frozenset({"86-sejour"}),
    )
    assert scope.names == ("Occitanie", "86 Vienne", "86-sejour", "Duplicata")


def test_what_a_subscriber_of_the_pages_chose_is_read_as_it_was_kept() -> None:
    asked = Subscription(
        id="x",
        address="a@example.org",
        scope=SubscriptionScope(departements=frozenset({"86"})),
        topics=frozenset({Topic.ZERO}),
        language=Language.ENGLISH,
        zone="Indian/Reunion",
    )
    at = datetime(2026, 3, 3, 8, tzinfo=UTC)
    row = Subscriber(id="x", address=asked.address, wants=wants(asked), created_at=at, confirmed_at=at)
    assert read(row, DAY / 2) == replace(asked, embargo=DAY / 2, since=at)
