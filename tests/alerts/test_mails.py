"""Mails: what they must say, what they may never say, and hostile text made harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from selectolax.lexbor import LexborHTMLParser

from monitor.alerts.write import mails, sentences
from monitor.alerts.write.mails import Mail
from monitor.alerts.write.messages import compose
from monitor.alerts.write.stories import ControlAnswer, Digest, Footer, Links, Picture, Story
from monitor.model import Change, Incident, IncidentKind, Language, Phase, Trouble
from monitor.present.proof import caution
from probes import registry
from probes.model import Outcome, Target
from tests.alerts.stories import make_drought, make_target

FR, EN = Language.FRENCH, Language.ENGLISH
PARIS = ZoneInfo("Europe/Paris")
FORBIDDEN = {
    FR: r"n['’]exist|n['’]a existé|n['’]y (a|avait) (pas|aucun)|impossible|prouve|preuve|indisponibilité",
    EN: r"existed|was available|were available|not available|impossible|prove|proof|unbookable",
}
HOSTILE = [
    "Titre\r\nBcc: victime@example.org\r\n\r\nCorps",
    '<script>alert(1)</script><img src=x onerror="alert(2)">',
    "x" * 10_000,
    "\u202eexe.tnemucod\u202c \u2066caché\u2069",
    "موعد 🧑‍⚖️ 📅 déjà",
    "{{ 7 * 7 }}{% include 'layout.j2' %}",
    "\x00\x1b[31mrouge\x7f",
]

Make = Callable[..., Story]


@pytest.fixture(params=[FR, EN])
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


def every_mail(
    make: Make, week: Digest, incidents: tuple[Incident, ...], footer: Footer, language: Language
) -> list[Mail]:
    stories = [make(Change.ZERO), make(Change.SLOTS), make(Change.UNSTABLE)]
    stories += [make(Change.MILESTONE, milestone=days) for days in (7, 21, 60)]
    return [
        *(mails.changes([one], language, footer) for one in stories),
        mails.changes(stories[:3], language, footer),
        mails.changes(stories, language, footer),
        mails.digest(week, PARIS, language, footer),
        *(
            mails.operator([replace(incidents[0], kind=kind)], PARIS, language, footer)
            for kind in IncidentKind
        ),
        mails.operator(incidents, PARIS, language, footer),
        mails.confirmation("https://vigie.example.org/c/abc", ["Vienne (86)"], language),
        mails.trial(language),
    ]


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def words_of(html: str) -> str:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["style", "title"])
    return re.sub(r"\W+", " ", tree.text(separator=" ")).strip()


def test_the_zero_mail_carries_its_evidence(story: Make, footer: Footer) -> None:
    mail = mails.changes([story()], FR, footer)
    text = one_line(mail.text)
    assert mail.subject == (
        "Zéro créneau observé : Préfecture de la Vienne (86), Première demande de titre de séjour"
    )
    for said in (
        "Aucun créneau n'a été observé en 42 relevés concluants consécutifs, sur 3 jours distincts",
        "lundi 2 mars 2026 à 9 h 20 (Europe/Paris, UTC+1)",
        "Il n'existe plus de plage horaire libre",
        "94 % des visites prévues ont été faites",
        "zéro corroboré, « Remise de titre » proposait des créneaux",
        "https://vigie.example.org/guichets/86-sejour/releves/4211/capture",
        "vigie.example.org/log 18211 Zk9tW3Q5rM0eXyVxJY2vJkYqT3m8cN1bq0h6s8vXr3w=",
    ):
        assert said in text


def test_text_and_html_say_the_same(
    story: Make, week: Digest, incidents: tuple[Incident, ...], footer: Footer, language: Language
) -> None:
    for mail in every_mail(story, week, incidents, footer, language):
        assert words_of(mail.html) == re.sub(r"\W+", " ", mail.text).strip()


def test_no_mail_says_more_than_was_seen(
    story: Make, week: Digest, incidents: tuple[Incident, ...], footer: Footer, language: Language
) -> None:
    for mail in every_mail(
        lambda *a, **k: replace(story(*a, **k), words=""), week, incidents, footer, language
    ):
        public = not mail.subject.startswith("[Vigie]")
        found = re.findall(FORBIDDEN[language], mail.text, re.IGNORECASE)
        assert not (public and found), (mail.subject, found)


def test_news_of_an_unproven_platform_says_so_in_every_form(
    story: Make, week: Digest, footer: Footer, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    def news() -> list[Mail]:
        one, other = story(Change.ZERO), story(Change.SLOTS)
        several = [mails.changes([one] * count, language, footer) for count in (1, 2, mails.FULL_STORIES + 1)]
        opened = mails.changes([other], language, footer)
        return [*several, opened, mails.digest(week, PARIS, language, footer)]

    said = words_of(caution(story(Change.ZERO).target.platform, language))
    for mail in news():
        assert said in words_of(mail.html)
        assert said in re.sub(r"\W+", " ", mail.text)
    proven = SimpleNamespace(verified_on=date(2026, 11, 28), templates=None)
    monkeypatch.setattr(registry, "platform", lambda _: proven)
    for mail in news():
        assert said not in words_of(mail.html)


def test_every_figure_comes_with_its_number_and_coverage(
    story: Make, footer: Footer, language: Language
) -> None:
    for days in (7, 21, 60):
        mail = mails.changes([story(Change.MILESTONE, milestone=days)], language, footer)
        assert re.search(r"(Couverture|Coverage)\W+\d\d", mail.text)
        assert re.search(r"\d+ (relevés concluants|conclusive checks)", one_line(mail.text))


@pytest.mark.parametrize(("days", "reason"), [(7, "435594"), (21, "2010725"), (60, "14167")])
def test_a_milestone_says_why_its_number_matters(
    story: Make, footer: Footer, language: Language, days: int, reason: str
) -> None:
    mail = mails.changes([story(Change.MILESTONE, milestone=days)], language, footer)
    assert reason in mail.text
    assert f"{days} " in mail.subject
    assert "?du=2026-01-01&au=2026-03-01" in mail.text


@pytest.mark.parametrize(
    ("control", "said"),
    [
        (None, "aucune démarche témoin"),
        (ControlAnswer(demarche="Remise"), "pas de réponse exploitable de « Remise »"),
        (
            ControlAnswer(demarche="Remise", outcome=Outcome.BLOCKED),
            "pas de réponse exploitable de « Remise »",
        ),
    ],
)
def test_an_uncorroborated_zero_says_so(
    story: Make, footer: Footer, control: ControlAnswer | None, said: str
) -> None:
    text = one_line(mails.changes([story(control=control)], FR, footer).text)
    assert "zéro non corroboré" in text
    assert said in text


def test_a_zero_beside_another_zero_is_not_corroborated(story: Make, footer: Footer) -> None:
    control = story().control
    assert control
    mail = mails.changes([story(control=replace(control, outcome=Outcome.NO_SLOTS))], FR, footer)
    assert "aucun créneau observé non plus" in one_line(mail.text)


def test_slots_again_come_with_the_bounds_of_their_life_and_no_tip(story: Make, footer: Footer) -> None:
    text = one_line(mails.changes([story(Change.SLOTS)], FR, footer).text)
    assert "Créneaux vus pour la première fois : mercredi 4 mars 2026 à 9 h 20" in text
    assert "Vus encore" in text
    assert "De nouveau aucun créneau observé" in text
    assert "ne sert pas à réserver" in text


def test_a_storm_becomes_a_list(story: Make, footer: Footer, language: Language) -> None:
    mail = mails.changes([story() for _ in range(40)], language, footer)
    assert mail.subject.startswith("40 ")
    assert mail.text.count("Vienne") == 40
    assert "plage horaire" not in mail.text


def test_a_storm_tells_ends_and_doubts_apart(story: Make, footer: Footer) -> None:
    thin = replace(story().transition, drought=make_drought(2, gaps=60))
    told = [story(Change.SLOTS), story(suspected=True), story(transition=thin), *[story(control=None)] * 5]
    text = one_line(mails.changes(told, FR, footer).text)
    slots, suspected, thin_one, *others = text.split("- Zéro créneau observé")
    assert "après 42 relevés concluants consécutifs sans créneau observé" in slots
    assert "une réponse faite aux seuls robots n'est pas exclue" in suspected
    assert "rien n'est conclu de la période entière" in thin_one
    assert "zéro non corroboré" in others[0]
    assert "exclue" not in "".join(others)


def test_a_zero_of_which_too_little_was_seen_says_so(story: Make, footer: Footer, language: Language) -> None:
    said = "Données insuffisantes" if language is FR else "Insufficient data"
    for more in ({"gaps": 60}, {"others": 60}):
        thin = replace(story().transition, drought=make_drought(2, **more))
        assert said in mails.changes([story(transition=thin)], language, footer).text
    assert said not in mails.changes([story()], language, footer).text


def test_numbers_stay_beside_what_they_count(story: Make, footer: Footer) -> None:
    mail = mails.changes([story(Change.MILESTONE, milestone=21)], FR, footer)
    for form in (mail.text, mail.html):
        assert "n°\N{NO-BREAK SPACE}2010725" in form
        assert "2\N{NO-BREAK SPACE}novembre" in form


def test_french_quotation_marks_and_colons_stay_beside_their_words(story: Make, footer: Footer) -> None:
    mail = mails.changes([story(Change.MILESTONE, milestone=7)], FR, footer)
    for form in (mail.text, mail.html):
        assert re.search(r"«\u00a0pas\s+été", form)
        assert "semaine\u00a0»" in form
        assert "Pourquoi 7\u00a0jours\u00a0:" in form


@pytest.mark.parametrize("word", ["a" * 90, "rendez-vous-" * 9])
def test_a_long_word_stays_whole(story: Make, footer: Footer, word: str) -> None:
    assert word in mails.changes([story(words=word)], FR, footer).text


def test_a_simulated_mail_says_so_first(story: Make, language: Language) -> None:
    mail = mails.changes([story()], language, Footer(simulated=True))
    assert mail.subject.startswith("[simulation] ")
    assert mail.text.startswith("SIMULATION")


def test_the_digest_keeps_what_cannot_be_concluded_apart(week: Digest, footer: Footer) -> None:
    text = mails.digest(week, PARIS, FR, footer).text
    order = [
        text.index(mark) for mark in ("Changement de statut", "Duplicata", "Naturalisation", "Document de")
    ]
    assert order == sorted(order)
    assert "Données insuffisantes (rien n'y est conclu)" in text


def test_the_digest_says_why_it_concludes_nothing(week: Digest, footer: Footer) -> None:
    suspected = replace(week.insufficient[0], suspected=True)
    text = one_line(
        mails.digest(replace(week, insufficient=(*week.insufficient, suspected)), PARIS, FR, footer).text
    )
    assert "Document de circulation : trop de visites manquent, ou sont sans réponse exploitable." in text
    assert "Document de circulation : zéro peut-être réservé aux robots." in text


@pytest.mark.parametrize(
    ("spoken", "said"),
    [(FR, "Réponse du serveur au dernier relevé"), (EN, "The server's answer at the last")],
)
def test_what_a_server_answered_is_not_said_to_have_been_displayed(
    story: Make, spoken: Language, said: str
) -> None:
    mail = mails.changes([story(words='{"daySlots": []}')], spoken, Footer())
    assert said in mail.text
    assert '{"daySlots": []}' in mail.text
    assert not re.search("affichait au dernier|displayed at the last", mail.text)


def test_it_writes_nothing_for_what_is_not_there(story: Make) -> None:
    mail = mails.changes([story(words="", links=Links(), control=None)], FR, Footer())
    assert "None" not in mail.text + mail.html
    assert "http" not in mail.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(
    story: Make, footer: Footer, target: Target, language: Language, hostile: str
) -> None:
    named = replace(target, prefecture=hostile, demarche=hostile)
    control = ControlAnswer(demarche=hostile, outcome=Outcome.SLOTS_OFFERED, at=story().transition.at)
    mail = mails.changes([story(target=named, words=hostile, control=control)], language, footer)
    tree = LexborHTMLParser(mail.html)
    assert not tree.css("script, img, iframe, [onerror]")
    assert len(mail.text) < 6_000
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", mail.text + mail.subject
    )
    assert "\n" not in mail.subject
    assert not re.search(r"^Bcc:", mail.text, re.MULTILINE)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_adds_no_header_to_the_message(
    story: Make, footer: Footer, target: Target, hostile: str
) -> None:
    named = replace(target, prefecture=hostile, demarche=hostile)
    mail = mails.changes([story(target=named, words=hostile)], FR, footer)
    raw = compose(
        mail,
        sender="vigie@example.org",
        recipient="a@example.org",
        key="k",
        at=story().transition.at,
        unsubscribe=footer.unsubscribe,
    ).as_bytes()
    read = message_from_bytes(raw, policy=default)
    expected = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe"}
    expected |= {"List-Unsubscribe-Post", "MIME-Version", "Content-Type"}
    assert set(read.keys()) == expected
    assert read["To"] == "a@example.org"


@given(st.text(max_size=400))
def test_plain_text_is_one_clean_line(text: str) -> None:
    cleaned = sentences.plain(text)
    assert len(cleaned) <= sentences.LONGEST_QUOTE
    assert cleaned == cleaned.strip()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", cleaned)


def test_plain_text_keeps_joined_signs_and_all_that_fits() -> None:
    assert sentences.plain("\N{MAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}").count("\u200d") == 1
    assert [len(sentences.plain("x" * length)) for length in (300, 301)] == [300, 300]
    assert sentences.plain("x" * 300) == "x" * 300


def test_a_place_is_written_in_plain_text() -> None:
    hostile = make_target(prefecture="Vi\u202eenne", demarche="Ti\u202etre")
    assert sentences.place(hostile) == "Vienne (86), Titre"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Phase.UNKNOWN, "établi|established"),
        (Phase.ZERO, "^zéro créneau|^no slot"),
        (Phase.OFFERED, "créneaux proposés|slots offered"),
        (Phase.UNSTABLE, "instable|unstable"),
        (Trouble.DOWN, "indisponible|unavailable"),
        (Trouble.BLOCKED, "refusé|refused"),
        (Trouble.CAPTCHA, "captcha"),
        (Trouble.REDESIGNED, "page non reconnue|page not recognised"),
        (Trouble.MOVED, "déplacée|moved"),
        (Trouble.OURS, "défaut de notre robot|fault of our robot"),
        (IncidentKind.BLIND, "voit plus rien|sees nothing"),
        (IncidentKind.DISK, "disque|disk"),
        (IncidentKind.AUTHORITY, "horodatage en retard|stamp authority late"),
        (IncidentKind.MAIL, "mis de côté|set aside"),
        (IncidentKind.HELD, "retenus|held back"),
        (IncidentKind.SUSPECTED, "réservé au robot|for the robot"),
        (IncidentKind.DISAGREEMENT, "démentie par le navigateur|contradicted by the browser"),
    ],
)
def test_each_thing_is_called_by_its_words(
    what: Phase | Trouble | IncidentKind, words: str, language: Language
) -> None:
    if isinstance(what, Phase):
        said = [sentences.PHASES[language][what]]
    elif isinstance(what, Trouble):
        said = [sentences.TROUBLES[language][what], sentences.INCIDENTS[language][IncidentKind(what)]]
    else:
        said = [sentences.INCIDENTS[language][what]]
    assert all(re.search(words, one, re.IGNORECASE) for one in said)


def test_paragraphs_are_one_empty_line_apart(story: Make, footer: Footer, language: Language) -> None:
    text = mails.changes([story()], language, footer).text
    assert "\n\n" in text
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


def test_a_mail_that_lacks_something_is_not_written() -> None:
    with pytest.raises(UndefinedError):
        mails.render("confirm", FR, Footer())


def test_a_mail_is_set_as_its_language_is(story: Make, footer: Footer, language: Language) -> None:
    mail = mails.changes([story()], language, footer)
    assert f'<html lang="{language}">' in mail.html
    assert bool(re.search(r"\s: ", mail.text)) is (language is FR)


def test_a_subject_stays_short_whatever_a_catalogue_says(story: Make, footer: Footer) -> None:
    mail = mails.changes([story(target=make_target(demarche="Titre " * 40))], FR, footer)
    assert mails.LONGEST_SUBJECT - 10 < len(mail.subject) <= mails.LONGEST_SUBJECT
    assert mail.subject.endswith("…")


def test_a_list_of_many_stories_carries_no_picture(story: Make, footer: Footer) -> None:
    shown = story(picture=Picture(name="releve-1.jpg", jpeg=b"x"))
    few = mails.changes([shown] * mails.FULL_STORIES, FR, footer)
    many = mails.changes([shown] * (mails.FULL_STORIES + 1), FR, footer)
    assert (len(few.pictures), len(many.pictures)) == (mails.FULL_STORIES, 0)
    assert ("plage horaire" in few.text, "plage horaire" in many.text) == (True, False)


def test_without_a_drought_nothing_is_concluded_of_one(story: Make) -> None:
    assert story(transition=replace(story().transition, drought=None)).thin
    assert not story().thin
