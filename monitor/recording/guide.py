"""What `vigie record` says to a volunteer and asks her, in French."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from monitor.model import Verdict
from monitor.present.language import day
from monitor.present.words import attributed, label
from monitor.recording.masking import Masked
from monitor.recording.recorder import RecordedCase, SiteChanged
from monitor.recording.seen import Concord, Seen, agreement
from probes.failures import Mendable
from probes.model import Outcome, Reading, Target
from probes.pages.page import parse

LONGEST = 40
"""Longest part of a masked value that is printed."""
YES, NO = ("o", "oui", "y", "yes"), ("n", "non", "no")

WELCOME = """Vous avez une page de prise de rendez-vous sous les yeux. Une copie de cette page permettra de
vérifier que Vigie la lit comme vous. Comptez dix minutes.

Page : {url}

{means}
  - Vigie ne réserve rien, ne prend aucun créneau, n'entre dans aucun espace personnel et ne passe aucun
    captcha. Faites de même : restez sur la page publique.
  - Les cookies, jetons, adresses, numéros de téléphone et valeurs saisies sont masqués. Vous verrez ce qui
    l'a été, et le texte qui reste, avant que quoi que ce soit soit écrit.
  - Rien n'est envoyé : vous enverrez vous-même le fichier. Il est fait pour être publié avec les tests du
    projet, où tout le monde pourra le lire."""
VISIT = """  - Vigie fait une seule visite : elle ouvre la page, accepte les conditions et avance jusqu'à
    la page qui répond ; elle s'arrête avant tout créneau. Elle n'a ni compte ni cookie, et dit son propre
    nom. Si une fenêtre s'ouvre, n'y touchez pas : elle se referme seule."""
SAVED = "  - Vigie lit le fichier que vous avez enregistré ; elle ne visite aucun site."
CONTACT = """
Un site n'est visité que par quelqu'un que l'on peut joindre : votre adresse électronique est donnée au site,
dans le nom du robot. Elle n'est pas dans le fichier."""
VERDICTS = {
    "1": Verdict.NONE,
    "2": Verdict.SLOTS,
    "3": Verdict.NEITHER,
    "4": Verdict.UNDECIDED,
}
QUESTION = """
Rechargez la page dans votre navigateur et regardez-la. Que dit-elle, en ce moment ?
  1. qu'il n'y a aucun créneau
  2. qu'il y a des créneaux : au moins un créneau, ou une date, est affiché
  3. autre chose : une panne, un captcha, une page fermée, une liste de choix…
  4. je ne peux pas le dire"""
QUESTION_SAVED = QUESTION.replace(
    "Rechargez la page dans votre navigateur et regardez-la. Que dit-elle, en ce moment ?",
    "Ouvrez dans votre navigateur le fichier enregistré et regardez-le. Que dit la page ?",
)
AGREEMENTS = {
    Concord.SAME: "Vous et Vigie lisez la même chose.",
    Concord.SILENT: "Vigie ne conclut rien de cette page ; vous, si. Cette copie le lui apprendra.",
    Concord.CONTRADICTED: (
        "VIGIE NE LIT PAS CE QUE VOUS VOYEZ. Aucune page n'est plus utile : envoyez le fichier."
    ),
}
UNREAD = """Il manque à cette copie une feuille de style : Vigie n'en conclut rien, et n'en apprendra rien.
Enregistrez la page « complète », gardez le dossier à côté du fichier, et recommencez."""
BEHIND = {
    Outcome.CAPTCHA: "  Vigie s'arrête devant un captcha ; cette page sert aussi. Ne le passez pas.",
    Outcome.LOGIN_REQUIRED: "  Vigie s'arrête devant un compte ; cette page sert aussi. N'y entrez pas.",
}
KINDS = {
    "cookie": "cookie",
    "typed": "valeur saisie",
    "name": "mot donné par vous",
    "image": "image incluse",
    "session": "session",
    "token": "jeton",
    "person": "valeur d'une adresse web",
    "e-mail": "adresse électronique",
    "telephone": "téléphone",
    "ip": "adresse IP",
    "field": "champ de formulaire",
}
NAMES = """
Relisez ce texte. Y reste-t-il un nom, un prénom, une adresse, un numéro de dossier, un code ? Tapez-le et il
sera masqué partout ; tapez le nom et le prénom l'un après l'autre. Entrée seule quand il n'y a plus rien."""
NEEDED = "  Ce mot est nécessaire à la lecture ; il n'est pas masqué."
SENT = """
{path} est écrit. Envoyez-le à la personne qui vous l'a demandé, ou joignez-le à un message aux mainteneurs
du projet. Si vous changez d'avis avant de l'envoyer, supprimez-le : il n'en existe aucune autre copie.
Merci. La suite, et ce que devient cette page : docs/proving-a-platform.md"""


class GivenUp(Mendable):
    """The person said no, or stopped answering."""

    def __init__(self) -> None:
        super().__init__("rien n'a été écrit, rien n'a été envoyé.")


class Guide:
    """The conversation: `say` prints a text, `ask` gives what is typed after a question.

    Every question raises `GivenUp` when the person stops answering, where `ask` raises `EOFError`.
    """

    def __init__(self, say: Callable[[str], None], ask: Callable[[str], str]) -> None:
        self._say = say
        self._ask = ask

    def welcome(self, url: str, *, saved: bool) -> None:
        """Say what will happen. Raises `GivenUp` unless she agrees."""
        self._say(WELCOME.format(url=url, means=SAVED if saved else VISIT))
        self._agree("\nContinuer ?")

    def visiting(self) -> None:
        """Say that the page is being opened, which takes a few seconds."""
        self._say("\nUn instant : Vigie ouvre la page…")

    def contact(self, usable: Callable[[str], bool]) -> str:
        """The address at which a webmaster reaches her."""
        self._say(CONTACT)
        return self._asked("Votre adresse électronique : ", usable, "Écrivez-la comme prenom@exemple.fr")

    def seen(self, *, saved: bool) -> Seen:
        """What she sees, asked before she is told what was read."""
        self._say(QUESTION_SAVED if saved else QUESTION)
        verdict = VERDICTS[
            self._asked("Votre réponse (1 à 4) : ", VERDICTS.__contains__, "Tapez 1, 2, 3 ou 4")
        ]
        if verdict is not Verdict.SLOTS:
            return Seen(verdict=verdict)
        asked = "La date la plus proche que vous lisez, comme 14/12/2026 (Entrée s'il n'y en a pas) : "
        said = self._asked(
            asked, lambda text: not text or _day(text) is not None, "Écrivez-la comme 14/12/2026"
        )
        return Seen(verdict=verdict, earliest=_day(said))

    def reading(self, reading: Reading, target: Target, seen: Seen, *, saved: bool) -> None:
        """What the reader of today makes of the page, beside what she saw."""
        kind = f" : {label(reading.kind, 'fr')}" if reading.kind else ""
        self._say(f"\nVigie lit : « {label(reading.outcome, 'fr')}{kind} » (règle {reading.rule})")
        if reading.words:
            self._say(f"  sur ces mots : « {attributed(reading.words)} »")
        if reading.outcome in BEHIND:
            self._say(BEHIND[reading.outcome])
        if reading.earliest:
            self._say(f"  la date la plus proche : {day(reading.earliest.day(target.tz))}")
        if stands := agreement(seen, reading, target.tz):
            unread = saved and stands is Concord.SILENT and reading.rule == "unread_parts"
            self._say(UNREAD if unread else AGREEMENTS[stands])

    def masked(self, kept: RecordedCase) -> None:
        """What was taken out, then every line of text that is left."""
        if not kept.found:
            self._say("\nRien n'a dû être masqué.")
        else:
            self._say("\nCe qui a été masqué :")
            for line in _table(kept.found):
                self._say(f"  {line}")
        self._say("\nLe texte visible des pages, tel qu'il partira :")
        for step in kept.capture.steps:
            self._say(f"  {step.final_url}")
            for line in (*parse(step).lines, *step.dialogs):
                self._say(f"  | {line}")

    def names(self, masked: Callable[[frozenset[str]], RecordedCase]) -> RecordedCase:
        """The case without the words that she still wants out, asked until there are none.

        A word without which the page would be read otherwise stays, and she is told so. Raises `SiteChanged`
        when that is so without any word of hers.
        """
        names: frozenset[str] = frozenset()
        kept = masked(names)
        self.masked(kept)
        self._say(NAMES)
        while word := self._asked("À masquer : ", lambda _: True, ""):
            try:
                kept = masked(names | {word})
            except SiteChanged:
                self._say(NEEDED)
                continue
            names |= {word}
            times = sum(times for one, times in kept.found.items() if (one.kind, one.value) == ("name", word))
            self._say(f"  masqué {times} fois" if times else "  introuvable : vérifiez l'orthographe")
        if names:
            self.masked(kept)
        return kept

    def consent(self, place: str) -> None:
        """The last question before anything is written. Raises `GivenUp` unless she agrees."""
        self._agree(f"\nÉcrire {place} ? Il contient ces pages et votre réponse, et pourra être publié.")

    def written(self, place: str) -> None:
        """Where it is, and what to do with it."""
        self._say(SENT.format(path=place))

    def _agree(self, question: str) -> None:
        self._say(question)
        said = self._asked("Oui ou non (o/n) : ", lambda text: text.lower() in (*YES, *NO), "Tapez o ou n")
        if said.lower() in NO:
            raise GivenUp

    def _asked(self, question: str, usable: Callable[[str], bool], hint: str) -> str:
        while True:
            try:
                said = _letters(self._ask(question)).strip()
            except EOFError:
                raise GivenUp from None
            if usable(said):
                return said
            self._say(f"  {hint}, puis Entrée.")


def _letters(typed: str) -> str:
    """What was typed, also where it does not come in the encoding that Python was told.

    The command line keeps such bytes as they are. A name that is not understood would not be masked.
    """
    content = typed.encode("utf-8", "surrogateescape")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
        return None
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        return None


def _table(found: Mapping[Masked, int]) -> Iterator[str]:
    """What was taken out, in columns."""
    rows = [("quoi", "ce qui s'y lisait", "ce qu'on y lira", "fois")]
    for one, times in sorted(found.items(), key=lambda pair: (pair[0].kind, pair[0].value)):
        value = " ".join(one.value.split())
        shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}…"
        rows.append((KINDS[one.kind], shown, one.mask, str(times)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
