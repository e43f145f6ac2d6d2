"""What a person may accept beside an answer, and that nothing which could be part of one is among it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.answer import Answer
from probes.model import AcceptedLine, Outcome
from probes.pages.notices.harmless import refusal
from probes.pages.page import WORDS_LIMIT, parse
from tests.cast.saved_pages import NOON, READERS, folders, load

NOBODYS = Answer(place="body")
"""No mark of any platform: what is refused beside it is refused by its words."""

HARMLESS = [
    "Bienvenue sur le portail de la préfecture",
    "Préfecture de la Vienne",
    "Munissez-vous de votre passeport",
    "Mentions légales",
    "Accessibilité : partiellement conforme",
    "Vos données personnelles sont traitées par le ministère de l'intérieur",
    "Retour à l'accueil",
    "Accueil > Étrangers > Titre de séjour",
    "Renouvellement de titre de séjour",
    "Pièces à fournir : passeport, justificatif de domicile",
    "Le cœur de l’État près de chez vous !",
]

MARKS = [
    pytest.param(pattern, id=f"{name}-{kind}-{n}")
    for name, platform in READERS.items()
    for kind in ("none", "some", "dialogs")
    for n, pattern in enumerate(getattr(platform.answer, kind))
]
FRENCH = "abcdefghijklmnopqrstuvwxyzàâçéèêëîïôûùœ '.,:-0123456789{}[]\"()?/"


@pytest.mark.parametrize("line", HARMLESS)
def test_a_line_about_something_else_may_be_accepted(line: str) -> None:
    for platform in READERS.values():
        assert refusal(line, platform.answer) == ""


@pytest.mark.parametrize("pattern", MARKS)
@given(data=st.data())
def test_no_mark_of_any_platform_may_be_accepted_beside_any(
    pattern: re.Pattern[str], data: st.DataObject
) -> None:
    line = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=FRENCH))
    assert refusal(line, NOBODYS)


def decided() -> list[str]:
    """What decided the conclusive readings of the saved pages: lines, offers, alerts, answers of desks."""
    found: set[str] = set()
    for folder in folders():
        said = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        for one in (said, *(said.get("parts") or ())):
            if Outcome(one["outcome"]).conclusive:
                found.add(one["words"])
    return sorted(found)


def test_there_are_words_that_decided() -> None:
    assert len(decided()) > 10


@pytest.mark.parametrize("words", decided())
def test_what_decided_on_a_saved_page_may_not_be_accepted_nor_all_pieces_of_it(words: str) -> None:
    parts = words.split(" ")
    assert refusal(words, NOBODYS)
    for cut in range(1, len(parts)):
        assert refusal(" ".join(parts[:cut]), NOBODYS) or refusal(" ".join(parts[cut:]), NOBODYS)


SPEAKING = [
    *(
        "créneau",
        "créneaux",
        "rendez-vous",
        "RDV",
        "plage",
        "disponible",
        "disponibilité",
        "complet",
        "libre",
    ),
    *("guichet", "bureau", "sous-préfecture", "place", "calendrier", "agenda", "planning", "réservé"),
    *("lundi", "mar.", "dimanche", "janvier", "févr.", "mars", "août", "décembre", "demain", "aujourd'hui"),
    *("jour", "semaines", "mois", "heure", "matin", "soir", "prochain", "ultérieurement", "bientôt", "date"),
    *(
        "trois",
        "vingt",
        "premier",
        "plusieurs",
        "aucune",
        "ne",
        "n'est",
        "pas",
        "plus",
        "sans",
        "jamais",
        "rien",
    ),
    *("fermé", "clôturée", "suspendu", "annulée", "interrompu", "maintenance", "indisponible", "saturé"),
    *("erreur", "échec", "problème", "incident", "chargement", "patientez", "réessayez", "impossible"),
    *("choisissez", "sélectionnez", "cliquez", "suivant", "available", "slot", "closed", "none", "tomorrow"),
]
PLAIN = st.sampled_from(["votre", "passeport", "préfecture", "la", "titre", "Vienne", "bienvenue", "sur"])
TYPOGRAPHY = st.sampled_from([" ", "  ", "\u00a0", " - ", " : ", ", ", "\n"])


def spellings(word: str) -> list[str]:
    """`word` as pages write it: in capitals, without accents, decomposed, or with what nobody sees in it."""
    decomposed = unicodedata.normalize("NFD", word)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return [word, word.upper(), bare, decomposed, word[:2] + "\u00ad" + word[2:]]


def among(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A line of harmless words with one of `words` somewhere in it."""
    some = st.lists(PLAIN, max_size=4)
    return st.tuples(some, words, some, TYPOGRAPHY).map(lambda of: of[3].join([*of[0], of[1], *of[2]]))


@pytest.mark.parametrize("word", SPEAKING)
def test_one_word_about_slots_days_or_desks_is_enough(word: str) -> None:
    for spelling in spellings(word):
        assert refusal(spelling, NOBODYS)


@given(among(st.sampled_from([spelling for word in SPEAKING for spelling in spellings(word)])))
def test_such_a_word_is_found_wherever_it_stands(line: str) -> None:
    assert refusal(line, NOBODYS)


NUMBERS = st.one_of(
    st.dates().map("{:%d/%m/%Y}".format), st.times().map("{:%H:%M}".format), st.integers().map(str)
)


@given(among(NUMBERS))
def test_no_line_with_a_date_an_hour_or_a_number_may_be_accepted(line: str) -> None:
    assert refusal(line, NOBODYS)


SIGNS = st.characters(categories=["N", "S", "Lo"], exclude_characters="+>|´")
"""The signs left out are those of a path of pages, and one that a reader takes for an apostrophe."""


@given(among(SIGNS))
def test_no_line_with_a_sign_that_cannot_be_judged_may_be_accepted(line: str) -> None:
    assert refusal(line, NOBODYS)


@pytest.mark.parametrize(
    "line",
    [
        *("", "–", "—", "ok", "...", "« bienvenue »", '"bienvenue"', "bienvenue ?", "écrire à a@b.fr"),
        *(
            "https://exemple.fr",
            "c o m p l e t",
            "com-plet",
            "cré.neau",
            "rendez vous",
            "tousguichetscomplets",
        ),
        *("exemple de réponse", "si vous venez", "ce que disait la page", "voici :", "mais", "modèle,"),
        *("il y a foule", "y en a", "vos neuf documents", "مرحبا", "соmplet", "½ page"),
        *("le service a déménagé vers le portail", "vous êtes dans la file d'attente"),
    ],
)
def test_in_doubt_a_line_is_refused(line: str) -> None:
    assert refusal(line, NOBODYS)


def test_a_line_that_was_cut_may_not_be_accepted() -> None:
    sentence = "bienvenue à la préfecture "
    longest = (sentence * 20)[: WORDS_LIMIT - 1]
    assert refusal(longest.strip(), NOBODYS) == ""
    assert f"{WORDS_LIMIT} characters" in refusal(longest + "xx", NOBODYS)


def test_a_refusal_says_what_was_found() -> None:
    assert refusal("Trois guichets", NOBODYS) == "it may speak of slots (« guichet »)"
    assert refusal("Vos neuf documents", NOBODYS) == "it may speak of numbers (« neuf »)"
    assert refusal("Salon bleu", NOBODYS, ["SALON  BLEU"]) == "it is the name of a desk"
    own = Answer(place="body", some=(re.compile("le salon est prêt"),))
    assert refusal("Le salon est prêt", own) == "it is a mark of this platform's answers"


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_who_accepts_every_line_changes_nothing_but_what_an_unknown_line_kept_back(folder: Path) -> None:
    case = load(folder)
    lines = {plain for step in case.capture.steps for plain in parse(step).plain}
    accepted = [AcceptedLine(line=line, at=NOON, reason="all of it") for line in sorted(lines)]
    reader = READERS[case.platform]
    before, after = reader.read(case.target, case.capture), reader.read(case.target, case.capture, accepted)
    assert after == before or before.rule == "unknown_line"
