"""A described platform at work: the coded one's readings, its walk, its stop line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.clock import SimulatedClock
from monitor.targets.descriptions import parse_description, read_description
from probes.described.platform import Described
from probes.model import (
    AcceptedLine,
    Capture,
    NoSlotsKind,
    Outcome,
    Reading,
    Step,
    Target,
    Transport,
    VisitOver,
)
from probes.pages.received.encoding import decode
from probes.platforms.rdv_service_public.platform import RdvServicePublic
from probes.sessions.guard import Allowance, StopLineCrossed
from probes.sessions.http.session import HttpSessions
from probes.simulator.app import build
from probes.simulator.demo import SITES
from probes.simulator.sites import Procedure, Product, Site
from probes.simulator.supply import Scenario
from probes.simulator.truth import truth
from probes.simulator.world import Simulator
from tests.cast.breaches import breaches
from tests.cast.saved_pages import NOON, as_json, folders, load, received, target
from tests.cast.sessions import Unable
from tests.cast.simulated import simple
from tests.cast.source import SOURCE
from tests.corpus.pages import Case
from tests.described.good import GOOD

HERE = Path(__file__).parent
CODED, DESCRIBED = RdvServicePublic(), read_description(HERE / "rdv_service_public.toml")
CASES = [load(folder) for folder in folders() if folder.parent.name == "rdv_service_public"]
PLACE = "http://rdv-service-public.localhost/prendre_rdv"


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= 43


# A description keeps a line that looks like a motif; the coded platform knows what a motif is.
OTHER_NOTICES = {"no_slots-headings_of_2024", "slots_offered-session", "unrecognised-motif_step_hint"}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_described_in_toml_it_reads_every_saved_page_as_the_coded_platform_does(case: Case) -> None:
    coded, described = (platform.read(case.target, case.capture) for platform in (CODED, DESCRIBED))
    if case.folder.name in OTHER_NOTICES:
        coded, described = replace(coded, notices=()), replace(described, notices=())
    assert as_json(described) == as_json(coded)


@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_on_a_damaged_page_it_never_says_the_contrary(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from([case for case in CASES if case.capture.steps]))
    step = data.draw(st.sampled_from(case.capture.steps))
    text = decode(step)
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    damaged = replace(step, body=(text[:start] + text[end:]).encode())
    steps = tuple(damaged if each is step else each for each in case.capture.steps)
    before = DESCRIBED.read(case.target, case.capture).outcome
    after = DESCRIBED.read(case.target, replace(case.capture, steps=steps)).outcome
    assert {before, after} != {Outcome.NO_SLOTS, Outcome.SLOTS_OFFERED}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_without_the_words_it_relies_on_every_page_is_unrecognised(case: Case) -> None:
    if not DESCRIBED.read(case.target, case.capture).outcome.conclusive:
        return
    words = ("alheureusement", "rochaine disponibilité", "hoisir le créneau", "durée")
    steps = tuple(
        replace(step, body=_without(decode(step), words).encode(), rendered=None)
        for step in case.capture.steps
    )
    reading = DESCRIBED.read(case.target, replace(case.capture, steps=steps))
    assert reading.outcome in (Outcome.UNRECOGNISED, Outcome.SITE_DOWN)


def _without(text: str, words: tuple[str, ...]) -> str:
    for word in words:
        text = text.replace(word, "…")
    return text


class Free:
    """A turn that never waits."""

    async def page(self) -> None:
        """At once."""


async def walked(
    platform: Described, watched: Target, clock: SimulatedClock, sites: tuple[Site, ...] = SITES
) -> tuple[Capture, Simulator]:
    """The capture of one visit to simulated préfectures, in process."""
    app = build(clock, sites)
    sessions = HttpSessions(
        allowance=Allowance(frozenset(), local=True), user_agent="Vigie/tests", clock=clock, app=app
    )
    async with sessions.visit(stop_line=platform.stop_line, turn=Free()) as session:
        with suppress(VisitOver):
            await platform.walk(watched, session)
    return session.capture(), app.state.simulator


MOTIFS = [
    (procedure, site) for site in SITES if site.name == "rdv-service-public" for procedure in site.procedures
]


@pytest.mark.parametrize(("procedure", "site"), MOTIFS, ids=[procedure.id for procedure, _site in MOTIFS])
@pytest.mark.parametrize(
    "at", ["2026-11-04T09:00:30+00:00", "2026-11-02T08:00:00+00:00", "2026-11-07T12:00:00+00:00"]
)
def test_it_walks_the_simulated_site_and_reads_the_truth(procedure: Procedure, site: Site, at: str) -> None:
    clock = SimulatedClock(NOON.fromisoformat(at))
    url = site.url(procedure, 80)
    watched = replace(target(DESCRIBED.name, url), zone=procedure.zone)
    capture, world = asyncio.run(walked(DESCRIBED, watched, clock))
    reading, true = DESCRIBED.read(watched, capture), truth(world, url)
    assert (reading.outcome, reading.kind) == (true.outcome, true.kind)
    assert (reading.earliest and reading.earliest.starts_at) == true.earliest
    assert not [breach for breach in breaches(world.request_log) if breach.kind == "stop_line"]


FOLLOWS_A_SLOT = """
[[step]]
follow = "a.btn"

[[step]]
follow = "a[href*='starts_at=']"

[[mark]]"""


def test_a_description_that_follows_a_slot_is_stopped() -> None:
    text = (
        (HERE / "rdv_service_public.toml").read_text(encoding="utf-8").replace("[[mark]]", FOLLOWS_A_SLOT, 1)
    )
    text = text.replace('"rdv-service-public.localhost"', '"vallon.localhost"')
    site = simple("vallon", Product.RDV_SERVICE_PUBLIC, Scenario.PLENTY)
    bad, watched = parse_description(text, "x.toml"), target("x", site.url(site.procedures[0], 80))
    with pytest.raises(StopLineCrossed, match="rdv_wizard_step"):
        asyncio.run(walked(bad, watched, SimulatedClock(NOON), (site,)))


URL = "https://rdv.exemple.fr/rdv/12"
MAIRIE = parse_description(GOOD, "x.toml")
FORM = (
    '<form id=lieu method=post action="/rdv/12/jours"><input name=cp><button name=suite>Suite</button></form>'
)


class Scripted(Unable):
    """A session that hears what is asked and gives the same page each time."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.asked: list[tuple[object, ...]] = []

    async def open(self, url: str) -> Step:
        self.asked.append(("open", url))
        return received(self.page, url=url)

    async def submit(
        self,
        selector: str,
        values: Mapping[str, str],
        *,
        button: str | None = None,
    ) -> Step:
        self.asked.append(("submit", selector, dict(values), button))
        return received("", url=URL)

    async def unfold(self, selector: str) -> Step:
        self.asked.append(("unfold", selector))
        return received("", url=URL)


def walk(page: str, **options: Any) -> list[tuple[object, ...]]:
    session = Scripted(page)
    asyncio.run(MAIRIE.walk(target("mairie_exemple", URL, options=options), session))
    return session.asked


def test_a_step_is_left_out_unless_its_condition_is_there() -> None:
    assert walk("<p>rien</p>") == [("open", URL), ("unfold", "#calendrier")]


def test_a_form_takes_the_target_s_options() -> None:
    submitted = ("submit", "form#lieu", {"cp": "92000"}, "suite")
    assert walk(FORM, postcode="92000") == [("open", URL), submitted, ("unfold", "#calendrier")]


def test_an_option_that_is_not_there_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="the target has no option 'postcode'"):
        walk(FORM)


def reading(*bodies: str, url: str = f"{URL}/jours", dialogs: tuple[str, ...] = (), **more: Any) -> Reading:
    steps = tuple(
        replace(received(f"<h1>Mairie</h1>{body}", url=url), n=n, dialogs=dialogs)
        for n, body in enumerate(bodies)
    )
    return MAIRIE.read(target("mairie_exemple", URL, **more), Capture(transport=Transport.HTTP, steps=steps))


NONE = "<p>Aucun rendez-vous.</p>"
DAYS = (
    "<ul><li class=jour data-jour=2026-01-05>lundi</li><li class=jour data-jour=2026-01-07>mercredi</li></ul>"
)


def test_none_is_read_on_its_own_page_alone() -> None:
    assert (reading(NONE).outcome, reading(NONE).kind) == (Outcome.NO_SLOTS, NoSlotsKind.UNSPECIFIED)
    assert reading(NONE, url=URL).outcome is Outcome.UNRECOGNISED
    assert reading(NONE, url="https://rdv.exemple.fr/rdv/13/jours").outcome is Outcome.UNRECOGNISED


def test_a_line_that_a_person_accepted_may_stand_beside_an_answer() -> None:
    line = AcceptedLine(line="bienvenue sur le portail", at=NOON, reason="a greeting")
    shown = "<h1>Mairie</h1><p>Aucun rendez-vous.<br>Bienvenue sur le portail</p>"
    step = received(shown, url=f"{URL}/jours")
    seen = Capture(transport=Transport.HTTP, steps=(step,))
    watched = target("mairie_exemple", URL)
    assert MAIRIE.read(watched, seen).rule == "unknown_line"
    found = MAIRIE.read(watched, seen, [line])
    assert (found.outcome, found.accepted) == (Outcome.NO_SLOTS, (line,))


def test_days_are_dated() -> None:
    found = reading(DAYS)
    assert [slot and slot.starts_at.day for slot in (found.earliest, found.second)] == [4, 6]
    assert found.rule == "days"


@pytest.mark.parametrize("written", ["bientôt", "2026-02-30", "2020-01-05", "2025-12-19", "2099-12-31", ""])
def test_a_day_that_cannot_be_true_makes_the_others_doubtful(written: str) -> None:
    assert reading(DAYS.replace("2026-01-05", written)).outcome is Outcome.UNRECOGNISED


def test_days_without_any_date_prove_nothing() -> None:
    assert reading("<li class=jour>bientôt</li>").outcome is Outcome.UNRECOGNISED


def test_some_and_none_together_prove_nothing() -> None:
    assert reading(NONE + DAYS).rule == "contradiction"


def test_slots_and_none_on_two_pages_of_a_visit_contradict_each_other() -> None:
    said = reading(DAYS, NONE)
    assert (said.outcome, said.rule) == (Outcome.UNRECOGNISED, "contradiction")
    assert "Aucun rendez-vous." in said.words


@pytest.mark.parametrize(
    "full",
    [
        "<li class=jour data-jour=2026-01-05>lundi (complet)</li>",
        "<li class='jour disabled' data-jour=2026-01-05>lundi</li>",
        "<li class=jour aria-disabled=true data-jour=2026-01-05>lundi</li>",
        "<del><li class=jour data-jour=2026-01-05>lundi</li></del>",
        "<li class=jour style='text-decoration: line-through' data-jour=2026-01-05>lundi</li>",
        "<li class=jour data-jour=2026-01-05>lundi <span class=badge>Complet</span></li>",
        "<li class='jour pris' data-jour=2026-01-05>lundi</li>",
    ],
)
def test_a_slot_that_is_full_struck_or_disabled_is_none(full: str) -> None:
    platform = parse_description('taken = ".pris"\n' + GOOD, "x.toml")
    step = received(f"<ul>{full}</ul>", url=f"{URL}/jours")
    alone = platform.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step,)))
    assert alone.outcome is Outcome.UNRECOGNISED
    step = received(f"<ul>{full}<li class=jour data-jour=2026-01-07>mercredi</li></ul>", url=f"{URL}/jours")
    beside = platform.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step,)))
    assert beside.earliest is None or beside.earliest.starts_at.day == 6


@pytest.mark.parametrize(
    "shown",
    [
        "<blockquote>Aucun rendez-vous.</blockquote>",
        "<textarea>Aucun rendez-vous.</textarea>",
        "<table><tr><td>Aucun rendez-vous.</td></tr></table>",
        "<del><p>Aucun rendez-vous.</p></del>",
        "<details open><summary>?</summary><p>Aucun rendez-vous.</p></details>",
        "<div><p>Aucun rendez-vous.</p><p>Le calendrier n'a pas pu être chargé.</p></div>",
        "<div><p>Aucun rendez-vous.</p><p>Prochain rendez-vous : lundi 1er mars 2027</p></div>",
        "<div>Aucun rendez-vous.<br>Sauf le matin.</div>",
    ],
)
def test_none_in_a_quotation_or_beside_something_unknown_is_no_answer(shown: str) -> None:
    assert reading(shown).outcome is Outcome.UNRECOGNISED


PLACED = 'place = "main"\nfurniture = ["retour à l\'accueil"]\n' + GOOD


def test_slots_that_stand_side_by_side_make_one_line() -> None:
    dated = parse_description(PLACED.replace("li.jour", "a.jour"), "x.toml")
    links = " ".join(f"<a class=jour data-jour=2026-01-0{n}>{n} janvier</a>" for n in range(5, 9))
    step = received(f"<main><p>{links}</p></main>", url=f"{URL}/jours")
    said = dated.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step,)))
    assert said.outcome is Outcome.SLOTS_OFFERED


@pytest.mark.parametrize(
    ("beside", "outcome"),
    [
        ("", Outcome.NO_SLOTS),
        ("<p>Retour à l'accueil</p>", Outcome.NO_SLOTS),
        ("<p>Le site sera en maintenance le lundi 5 janvier.</p>", Outcome.NO_SLOTS),
        ("<p>Une erreur est survenue.</p>", Outcome.UNRECOGNISED),
        ("<p>Ouverture de rendez-vous lundi</p>", Outcome.UNRECOGNISED),
    ],
)
def test_in_the_place_of_the_answer_every_line_is_known(beside: str, outcome: Outcome) -> None:
    platform = parse_description(PLACED, "x.toml")
    step = received(f"<h1>Mairie</h1><main>{beside}{NONE}</main>", url=f"{URL}/jours")
    said = platform.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step,)))
    assert said.outcome is outcome


def test_none_after_a_page_that_could_not_be_read_proves_nothing() -> None:
    assert reading("<div aria-modal=true>Cookies</div>", NONE).rule == "covered_page"


def test_none_on_a_page_the_steps_do_not_lead_to_proves_nothing() -> None:
    assert reading("<p>Bonjour</p>", "<p>x</p>", "<p>y</p>", NONE).rule == "other_walk"


@pytest.mark.parametrize(
    ("body", "desk", "outcome"),
    [
        (f"<p>Lieu : Nord</p>{DAYS}", "Nord", Outcome.SLOTS_OFFERED),
        (f"<p>Lieu : Nord</p>{DAYS}", "Sud", Outcome.UNRECOGNISED),
        (f"<p>Lieu : Nord</p>{NONE}", "Nord", Outcome.NO_SLOTS),
        (f"<p>Lieu : Nord</p>{NONE}", "Sud", Outcome.UNRECOGNISED),
        (f"<p>Lieu : L’Exemple</p>{NONE}", "L'Exemple", Outcome.NO_SLOTS),
        (DAYS, "Nord", Outcome.UNRECOGNISED),
    ],
)
def test_a_target_with_a_desk_reads_that_desk(body: str, desk: str, outcome: Outcome) -> None:
    assert reading(body, desk=desk).outcome is outcome


def test_a_desk_the_description_does_not_know_proves_nothing() -> None:
    deskless = parse_description(GOOD.partition("[desk]")[0], "x.toml")
    step = received(NONE, url=f"{URL}/jours")
    capture = Capture(transport=Transport.HTTP, steps=(step,))
    assert deskless.read(target("mairie_exemple", URL, desk="Nord"), capture).rule == "no_desk"


def test_a_description_without_in_html_concludes_in_the_browser_only() -> None:
    silent = parse_description(re.sub("(?m)^in_html.*$", "", GOOD), "x.toml")
    steps = (received(f"<p>Lieu : Nord</p>{NONE}", url=f"{URL}/jours"),)
    said = {how: silent.read(target("x", URL), Capture(transport=how, steps=steps)) for how in Transport}
    assert said[Transport.BROWSER].outcome is Outcome.NO_SLOTS
    assert (said[Transport.HTTP].outcome, said[Transport.HTTP].rule) == (Outcome.UNRECOGNISED, "not_in_html")


def test_nothing_received_is_our_own_fault() -> None:
    assert (
        MAIRIE.read(target("x", URL), Capture(transport=Transport.HTTP, steps=())).outcome
        is Outcome.PROBE_ERROR
    )


ALERTS = GOOD.replace('sentence = "Aucun rendez-vous."', 'alert = "aucun rendez-vous .{1,20}"')
UNIX = GOOD.replace('attribute = "data-jour"', 'attribute = "href", part = \'/5/([0-9]+)\', form = "unix"')


def test_an_alert_may_be_the_sign() -> None:
    alerts = parse_description(ALERTS, "x.toml")
    step = replace(received("<p>x</p>", url=f"{URL}/jours"), dialogs=("Aucun rendez-vous n’est libre",))
    said = alerts.read(target("x", URL), Capture(transport=Transport.BROWSER, steps=(step,)))
    assert (said.outcome, said.words) == (Outcome.NO_SLOTS, "Aucun rendez-vous n’est libre")


@pytest.mark.parametrize(("href", "day"), [("/rdv/5/1767598200", 5), ("/rdv/6/1767598200", None)])
def test_a_link_may_hold_unix_time(href: str, day: int | None) -> None:
    dated = parse_description(UNIX.replace("li.jour", "a.jour"), "x.toml")
    step = received(f'<a class=jour href="{href}">08:30</a>', url=f"{URL}/jours")
    said = dated.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step,)))
    assert (said.earliest.starts_at.day if said.earliest else None) == day


def test_other_outcomes_are_said_too() -> None:
    closed = parse_description(GOOD.replace('outcome = "no_slots"', 'outcome = "closed"'), "x.toml")
    capture = Capture(transport=Transport.HTTP, steps=(received(NONE, url=f"{URL}/jours"),))
    assert closed.read(target("x", URL), capture).outcome is Outcome.CLOSED


def test_the_target_s_title_is_checked() -> None:
    assert reading(NONE, options={"title": "Préfecture"}).rule == "identity_changed"
    assert reading(NONE, options={"title": "Mairie"}).outcome is Outcome.NO_SLOTS


@given(st.binary(max_size=300), st.sampled_from([URL, f"{URL}/jours", "", "http://[::1", "x"]))
def test_any_bytes_give_a_reading(body: bytes, url: str) -> None:
    step = received(body, url=url)
    said = MAIRIE.read(target("x", URL), Capture(transport=Transport.HTTP, steps=(step, replace(step, n=1))))
    assert said.words or not said.outcome.conclusive


def made(text: str, body: str, *, url: str = f"{URL}/jours", **more: Any) -> Reading:
    """What the description `text` makes of one page."""
    capture = Capture(transport=Transport.HTTP, steps=(received(f"<h1>Mairie</h1>{body}", url=url),))
    return parse_description(text, "x.toml").read(target("mairie_exemple", URL, **more), capture)


CONDITIONS = GOOD.replace(
    'rule = "none"',
    'rule = "none"\nbeside = ["css:h2.jours", "motif : .+"]\nwithout = ["css:.pub", "attention"]',
)
BESIDE = "<h2 class=jours></h2><p>Motif : titre</p>"


@pytest.mark.parametrize(
    ("beside", "kept"),
    [
        (BESIDE, True),
        (BESIDE.replace("jours", "x"), False),
        (BESIDE.replace("Motif", "Objet"), False),
        (f"{BESIDE}<p class=pub></p>", False),
        (f"{BESIDE}<p>Attention</p>", False),
        (f"{BESIDE}<p>Attention au chien</p>", True),
    ],
)
def test_a_mark_may_need_other_things_on_its_page(beside: str, *, kept: bool) -> None:
    reading = made(CONDITIONS, f"<div>{beside}</div><div>{NONE}</div>")
    assert (reading.outcome is Outcome.NO_SLOTS) is kept


@pytest.mark.parametrize("sign", ['sentence = "Aucun rendez-vous."', 'line = "aucun rendez-vous\\\\."'])
def test_a_sentence_counts_within_its_element(sign: str) -> None:
    within = GOOD.replace('sentence = "Aucun rendez-vous."', f'{sign}\nwithin = "#reponse"')
    assert made(within, f"<div id=reponse>{NONE}</div>").outcome is Outcome.NO_SLOTS
    assert made(within, f"<div id=reponse></div>{NONE}").outcome is Outcome.UNRECOGNISED


def test_days_are_counted_or_told_one_by_one() -> None:
    counted = GOOD.replace("dates = {", "counted = true\ndates = {")
    assert (made(GOOD, DAYS).slots, made(counted, DAYS).slots) == (None, 2)
    assert made(counted, DAYS).earliest == made(GOOD, DAYS).earliest


def test_the_words_may_be_those_of_an_attribute() -> None:
    quoting = GOOD.replace("dates = {", 'quote = "aria-label"\ndates = {')
    days = DAYS.replace("<li ", "<li aria-label='Choisir lundi 5' ", 1)
    assert made(quoting, days).words == "Choisir lundi 5"


def test_an_element_counts_if_it_says_what_it_must() -> None:
    saying = GOOD.replace("dates = {", 'says = "lundi|mardi"\ndates = {')
    (day,) = {
        slot and slot.starts_at.day for slot in (made(saying, DAYS.replace("mercredi", "mardi")).earliest,)
    }
    assert day == 4
    assert made(saying, DAYS).outcome is Outcome.UNRECOGNISED
    assert made(saying, "<li class=jour data-jour=2026-01-05>jeudi</li>").outcome is Outcome.UNRECOGNISED


def test_a_name_in_a_path_is_no_pattern() -> None:
    dotted = GOOD.replace("(?P<id>[0-9]+)", "(?P<id>[0-9.]+)").replace(
        "paths = ['/rdv/[0-9]+", "paths = ['/rdv/[0-9.]+"
    )
    url = "https://rdv.exemple.fr/rdv/1.2"
    described = parse_description(dotted, "x.toml")
    for seen, outcome in (("1.2", Outcome.NO_SLOTS), ("132", Outcome.UNRECOGNISED)):
        step = received(NONE, url=f"https://rdv.exemple.fr/rdv/{seen}/jours")
        capture = Capture(transport=Transport.HTTP, steps=(step,))
        assert described.read(target("mairie_exemple", url), capture).outcome is outcome


def test_the_address_goes_before_the_options() -> None:
    assert made(GOOD, NONE, options={"id": "13"}).outcome is Outcome.NO_SLOTS


def test_a_day_is_one_of_the_desk_that_stands_above_it() -> None:
    headed = GOOD + 'heading = "h3"\n'
    nord = f"<div><h3>Nord</h3>{DAYS}</div>"
    sud = f"<div><h3>Sud</h3>{DAYS.replace('2026-01-05', '2026-01-06')}</div>"
    both = made(headed, nord + sud)
    assert [part.label for part in both.parts] == ["Nord", "Nord", "Sud", "Sud"]
    assert both.earliest is not None
    assert both.earliest.place == "Nord"
    chosen = made(headed, nord + sud, desk="Sud").earliest
    assert chosen is not None
    assert (chosen.place, chosen.starts_at.day) == ("Sud", 5)


def test_a_notice_is_kept_and_known() -> None:
    told = 'notices = ["mise en ligne le .+"]\nplace = "main"\n' + GOOD
    reading = made(told, f"<main><p>Mise en ligne le 5 mai</p>{NONE}</main>")
    assert (reading.outcome, reading.notices) == (Outcome.NO_SLOTS, ("Mise en ligne le 5 mai",))


IN_ITS_TEXT = GOOD.replace('dates = { attribute = "data-jour" }', "dates = {}")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("mardi 6 janvier 2026 de 8h30 à 9h", Outcome.SLOTS_OFFERED),
        ("Guichet 3/4 : 6 janvier 2026 8h", Outcome.UNRECOGNISED),
        ("mardi 6 janvier 2026, 5 janvier 2026", Outcome.UNRECOGNISED),
        ("avant le mardi 6 janvier 2026", Outcome.UNRECOGNISED),
        ("mardi 6 janvier 2026 : 10h00, 8h20", Outcome.UNRECOGNISED),
    ],
)
def test_the_text_of_a_slot_names_one_day(said: str, outcome: Outcome) -> None:
    assert made(IN_ITS_TEXT, f"<ul><li class=jour>{said}</li></ul>").outcome is outcome


@pytest.mark.parametrize(
    ("written", "said", "readable"),
    [
        ("2026-01-06", "mardi 6 janvier", True),
        ("2026-01-06", "6 janvier à 9h", True),
        ("2026-01-06", "mercredi 7 janvier", False),
        ("2026-01-06T08:00:00Z", "09:00", True),
        ("2026-01-06T08:00:00Z", "9h - 9h20, 5/10 places", True),
        ("2026-01-06T09:00:00Z", "09:00", False),
        ("2026-01-06T08:00:00Z", "9h, 8h", False),
    ],
)
def test_an_attribute_and_the_text_of_a_slot_name_the_same_day_and_hour(
    written: str, said: str, *, readable: bool
) -> None:
    shown = reading(f"<ul><li class=jour data-jour={written}>{said}</li></ul>")
    assert shown.rule == ("days" if readable else "unreadable_date")


@pytest.mark.parametrize(("said", "rule"), [("08:30", "days"), ("07:30", "unreadable_date"), ("x", "days")])
def test_the_unix_time_of_a_link_is_the_hour_that_it_shows(said: str, rule: str) -> None:
    dated = UNIX.replace("li.jour", "a.jour")
    assert made(dated, f'<a class=jour href="/rdv/5/1767598200">{said}</a>').rule == rule


@pytest.mark.parametrize("tag", SOURCE)
def test_source_shown_as_text_is_no_answer(tag: str) -> None:
    assert reading(f"<{tag}>{NONE}</{tag}>").outcome is Outcome.UNRECOGNISED
    slot = "<li class=jour data-jour=2026-01-06>mardi</li>"
    assert reading(f"<{tag}><ul>{slot}</ul></{tag}>").outcome is Outcome.UNRECOGNISED
