"""Which lines no person may call harmless beside an answer: those that could be part of one. No I/O.

What is accepted is never looked at again by a rule. In doubt a line is refused: the page then stays
`unrecognised`, which is the right way to be wrong. Words are looked for without accents, at the beginning of
a word, because pages write « creneau » and « créneaux ».
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from probes.answer import Answer
from probes.pages import marks
from probes.pages.notices.closures import speaks_of_an_end
from probes.pages.notices.marks import speaks_of_an_obstacle
from probes.pages.page import WORDS_LIMIT, normalise, without_accents

FEWEST_LETTERS = 3

# Anything else, such as a digit, a quotation mark or another alphabet, cannot be judged by the words below.
_PLAIN = re.compile(r"[a-zà-öø-ÿœæ ',.:;!()/&+*•·›>|–—-]+")
_LETTER = re.compile(r"[^\W\d_]")
_SPACED_OUT = re.compile(r"(?:\b[a-z]\b\W*){3}")
_INSIDE_A_WORD = re.compile(r"(?<=\w)[^\w\s]+(?=\w)")
_ADDRESS = re.compile(r"//|(?<=\w)\.(?=\w)")


def _beginning(*roots: str) -> str:
    return rf"\b(?:{'|'.join(' '.join(roots).split())})\w*"


def _whole(*words: str) -> str:
    return rf"\b(?:{'|'.join(' '.join(words).split())})\b"


_SPEAKS_OF = {
    "slots": (
        _beginning(
            "creneau rendez rdv plage dispo indispo complet libre place agenda calendrier planning reserv",
            "occupe pris offre offert propose slot appointment avail unavail book seat vacan full",
        ),
        # Also in the middle of a word: of two words that a page writes as one.
        "creneau|rendezvous|disponib|complet|guichet|calendrier|aucun|ferme",
    ),
    "days or hours": (
        _beginning(
            "date jour journ semaine mois annee annuel heure horaire minute seconde matin midi minuit soir",
            "nuit demain lendemain hier veille aujourd quotidien hebdo mensuel trimestr week month year time",
            "delai duree durant pendant period echeance prochain dernier precedent ulterieur bientot tard",
            "moment tempor provisoir actuel desormais dorenavant deja encore toujours immediat hour today",
            "tomorrow yesterday soon later daily next last lundi mardi mercredi jeudi vendredi samedi",
            "dimanche janv fevr avril juin juil aout septem octob novem decem monday tuesday wednesday",
            "thursday friday saturday sunday januar februar march april june july august",
        ),
        _whole(
            "an ans lun mar mer jeu ven sam dim jan fev mars avr mai sept oct nov dec now day days may",
            "apres avant depuis des jusqu jusque",
        ),
    ),
    "numbers": (
        _whole(
            "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingts?",
            "trente quarante cinquante soixante cents? mille zero one two three four five six seven eight",
            "nine ten many some tout toute tous toutes chaque",
        ),
        _beginning(
            "premier second nombr numero plusieurs quelqu beaucoup certain divers dizaine douzaine vingtaine",
            "centaine quota maxim minim limit rest left exist demeur",
        ),
        r"\b\w+iemes?\b|\by (?:en )?a\b|\ba t il\b",
    ),
    "desks": (
        _beginning("guichet bureau comptoir antenne agence borne lieu desk counter office location"),
        r"\bsous.prefecture",
    ),
    "none": (
        _beginning(
            "aucun jamais rien null personne(?!l) sans sauf seul uniqu excep hors refus interdi inaccess",
            "expir perim imposs epuis satur attein none never nothing sorry only",
        ),
        _whole("ne n ni non nul nuls nulle nulles pas plus point no not nor cannot can't don't"),
        r"\bn'",
    ),
    "a closure": (
        _beginning(
            "ouvert ouvr ferm clos clotur suspen annul interrom interrup arret cess supprim desactiv report",
            "retir transfer deplac remplac demenag maintenance travaux open close shut cancel",
        ),
    ),
    "a failure": (
        _beginning(
            "erreur error echec echou probleme incident panne bug bogue dysfonction difficult anomal charg",
            "recharg patient attent attend reessa essay recommenc renouvele actualis rafraich reconnect",
            "reven cours echange fail load wait again try retry timeout surcharg ralenti",
        ),
        _whole("file files"),
    ),
    "an example or a condition": (
        _beginning(
            "exempl exampl sampl repons respons messag model illustr ficti demo test simul ancien anterieur",
            "archiv suppos hypothe imagin cita quot lorem faux fauss incorrect rectif corrig erratum errata",
            "lorsqu quand pourtant cependant toutefois neanmoins",
        ),
        _whole("si s'il cas selon dit dire disait mais ou sinon if when but or"),
    ),
    "a choice": (
        _beginning(
            "choisi choix selection cliqu suivant continu commenc poursuiv valid confirm inscri",
            "prendre prenez obten choose select click",
        ),
    ),
}
_WORDS = {what: re.compile("|".join(patterns)) for what, patterns in _SPEAKS_OF.items()}


def refusal(line: str, answer: Answer, desks: Iterable[str] = ()) -> str:
    """Why `line` may not be accepted as harmless beside `answer`, as the end of a sentence; empty if it may.

    `desks` are the labels of the desks that the page or its target names.
    """
    plain = normalise(line)
    if plain in {normalise(desk) for desk in desks}:
        return "it is the name of a desk"
    own = (*answer.none, *answer.some, *answer.dialogs)
    if any(pattern.search(plain) for pattern in own):
        return "it is a mark of this platform's answers"
    return _refused(plain)


@lru_cache(maxsize=1024)
def _refused(plain: str) -> str:
    if len(plain) >= WORDS_LIMIT:
        return f"it has {WORDS_LIMIT} characters or more, and nobody takes in so much at a glance"
    if not _PLAIN.fullmatch(plain) or _ADDRESS.search(plain) or len(_LETTER.findall(plain)) < FEWEST_LETTERS:
        return "it holds more than words: a number, an address, a quotation or another sign"
    if plain.endswith((":", ",", "–", "—", "-")):
        return "it leads to the line after it"
    bare = without_accents(plain)
    if _SPACED_OUT.search(bare):
        return "its letters are spaced out, so that its words cannot be told"
    for what, pattern in _WORDS.items():
        if found := pattern.search(bare) or pattern.search(_INSIDE_A_WORD.sub("", bare)):
            return f"it may speak of {what} (« {found[0].strip()} »)"
    if marks.denies(plain) or speaks_of_an_end(plain) or speaks_of_an_obstacle(plain):
        return "it says that something failed, is closed or stands in the way"
    return ""
