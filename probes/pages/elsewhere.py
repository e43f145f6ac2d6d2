"""What a page says outside the answer's place, and what it says anywhere. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from datetime import date, timedelta
from functools import lru_cache

from probes.answer import Answer, Lines
from probes.model import Outcome
from probes.pages import dates, marks
from probes.pages.dates import MONTHS
from probes.pages.notices.beside import tells_more
from probes.pages.notices.expected import limits, troubled, unexpected
from probes.pages.notices.sentences import AROUND, joined, sentences
from probes.pages.notices.statements import choice, is_period, recaps, states, states_or_opens
from probes.pages.notices.today import as_now, of_another_day
from probes.pages.page import Page, label, lines, normalise, plain_lines, text

_BADGES, _LONGEST_BADGE = "span, small, sup, sub, mark, b, strong, em, i", 30
# What these say is a name, or a way to somewhere else. With a verb it says something.
_NAMING = "h1, a, button, label, legend, option, th, nav li"
# A name with a number, a month or something free in it may tell how much there is.
_COUNTED = re.compile(
    rf".*[1-9]|(?!.*\b0\b).*\b(?:(?:{'|'.join(MONTHS)})\b|(?:libre|restante?|dispo|ouverte?)s?\b)"
)
_MORE = re.compile(
    r"\W*page suivante\W*|\W*(?:\d+ ){1,20}(?:\.\.\. )?(?:page )?suivante?\W*"
    r"|.*\b(?:voir|afficher|consulter|charger|chercher|rechercher) "
    r"(?:tout|toute|les? \d|plus|la suite|d'autres|les autres|la semaine|le mois|sur (?:toute|une autre))\b.*"
    r"|\W*page \d+ (?:sur|/|de) ?\d+\W*|.*\blimitée?s? (?:à|au|aux) .*\d.*"
)
_HOURS = re.compile(r"\d{1,2} ?(?:h|:) ?\d{2}|\d{1,2} ?h\b")
_EVENT = re.compile(
    r"\b(?:ferm|mainten|en ligne|publi|ouver|ouvr|accueil|ser(?:a|ont)\b|prévu|jusqu|avant|indispon|interrup"
    r"|coupure|grève|réunion|cérémonie|entre)\w*"
)
_MONTH = re.compile(rf"\W*({'|'.join(MONTHS)})(?: (20\d\d))?\W*")
_WEEK = re.compile(r"\bsemaine d.*\d")
_FILTERS = "input[type='checkbox' i][checked], input[type='radio' i][checked]"
_VERB = re.compile(r"\b(?:est|sont|ont|vient|viennent|reste|restent|sera|seront)\b")


@lru_cache(maxsize=32)
def everywhere(page: Page) -> tuple[tuple[str, str], ...]:
    """Each line, attribute in sight, alert and badge of the page: normalised, and as the page writes it.

    A badge is a short element inside a line, such as « Démo » beside a site's name. Of data, only alerts and
    attributes. Kept, because several rules ask for it.
    """
    return tuple(_everywhere(page))


def _everywhere(page: Page) -> Iterator[tuple[str, str]]:
    if not page.is_data:
        yield from zip(page.plain, page.lines, strict=True)
    for said in (*marks.told(page.nodes("body")), *page.step.dialogs):
        yield normalise(said), said
    badges = map(text, page.nodes(_BADGES)) if not page.is_data else ()
    yield from ((normalise(each), each) for each in badges if len(each) <= _LONGEST_BADGE)


def remarks(page: Page, answer: Answer) -> Iterator[tuple[str, str]]:
    """The lines outside the answer's place that may say more of its slots: normalised, and as written."""
    said = [] if page.is_data else [each for each in everywhere(page) if tells_more(each[0])]
    # Names are looked for only where there is something to name: a page may have a thousand links.
    own = {*_in_place(page, answer), *_names(page)} if said else set()
    yield from (each for each in said if each[0] not in own)


def _in_place(page: Page, answer: Answer) -> list[str]:
    return plain_lines(marks.shown(marks.placed(page, answer)))


def _names(page: Page) -> Iterator[str]:
    named = [line for node in page.nodes(_NAMING) for line in lines(node)]
    return (plain for plain in plain_lines(named) if not (_VERB.search(plain) or _COUNTED.match(plain)))


@lru_cache(maxsize=16)
def _of_the_site(page: Page) -> frozenset[str]:
    """The normalised lines of the site's own header, navigation and footer, and of links and buttons."""
    return frozenset(
        plain_lines([line for node in page.nodes(f"{AROUND}, {_NAMING}") for line in lines(node)])
    )


def _other_month(plain: str, today: date) -> bool:
    """Whether a line is the name of a month, and not of the one that a calendar shows first."""
    found = _MONTH.fullmatch(plain)
    if found is None:
        return False
    return found[1] != MONTHS[today.month - 1] or found[2] not in (None, str(today.year))


def _offered_elsewhere(plain: str, today: date) -> bool:
    """Whether a line names hours of a day to come, as a list of slots does: « Mardi 8 décembre : 9 h 20 »."""
    if not _HOURS.search(plain) or _EVENT.search(plain):
        return False
    return any(day and day > today for day in dates.days(plain, reference=today))


def outdated(page: Page, today: date) -> Iterator[tuple[str, str]]:
    """What says that it was made before `today`: normalised, and as the page writes it.

    A calendar may still show a week that is over; one of another year is another calendar's.
    """
    for plain, line in everywhere(page):
        before = today - timedelta(days=366) if _WEEK.search(plain) else today
        if of_another_day(plain, before):
            yield plain, line


def ways_to_more(page: Page, answer: Answer, today: date) -> Iterator[tuple[str, str]]:
    """What shows that « none » is said of a part alone: further pages, another month, a filter that is set.

    Normalised, and as the page writes it.
    """
    if page.is_data:
        return
    shown = set(page.lines)
    labels = (*page.buttons, *map(text, page.nodes("a")), *marks.told(page.nodes("body")))
    others = ((normalise(each), each) for each in labels if each not in shown)
    said = (*zip(page.plain, page.lines, strict=True), *others)
    leading = [each for each in said if _leads_on(each[0], today)]
    own = set(_in_place(page, answer)) if leading else set()
    yield from (each for each in leading if each[0] not in own)
    for node in page.nodes(_FILTERS):
        if (name := node.attributes.get("name") or "") not in answer.choices:
            # Its value may look like a known line; with its name it is none.
            yield f"{name}={normalise(label(node))}", label(node) or name


@lru_cache(maxsize=4096)
def _leads_on(plain: str, today: date) -> bool:
    return bool(_MORE.fullmatch(plain)) or _other_month(plain, today) or _offered_elsewhere(plain, today)


def statements(
    page: Page, known: Lines, heard: Callable[[str], bool], today: date
) -> Iterator[tuple[str, str]]:
    """The lines anywhere on the page that `heard` hears: normalised, and as the page writes them.

    Left out is what `known` matches: a line, a run of lines, or a sentence of a line. What is said of `today`
    is heard as if it said « now ».
    """
    said = [each for each in everywhere(page) if heard(as_now(_bare(each[0]), today))]
    if not said:
        return
    covered = {page.plain[n] for start, end in marks.runs(page.plain, known) for n in range(start, end)}
    for plain, line in said:
        if plain not in covered and heard(as_now(_without(plain, known), today)):
            yield plain, line


def hearing(
    page: Page, answer: Answer, outcome: Outcome, known: Set[str], *, speaks: bool
) -> Callable[[str], bool]:
    """What `statements` asks of each line of `page`, which `speaks` the words that decided, or does not.

    Most beside slots, and around « none », the gravest claim: there whatever is said must be known. `known`
    are the normalised names that the page may have.
    """
    stated = states_or_opens if speaks and outcome is Outcome.SLOTS_OFFERED else states
    around_none = speaks and outcome is Outcome.NO_SLOTS
    foreign = unexpected if around_none else troubled
    # A step on which a desk is chosen may have the words of a button too: it names every desk.
    answers = speaks and bool(marks.placed(page, answer))
    named = known | (_headed(page) if answers else frozenset())
    labels = frozenset(page.plain) - _of_the_site(page) - named if around_none else frozenset()

    def heard(line: str) -> bool:
        bare = line.rstrip(".!… ")
        chosen = (answers and recaps(bare)) or (speaks and choice(bare))
        return (
            stated(line)
            or foreign(line)
            or (bool(chosen) and not {bare, choice(bare)} & named)
            or (line in labels and limits(line))
        )

    return heard


def _headed(page: Page) -> frozenset[str]:
    """The periods that the page's tables name, as « semaine du 7 au 13 décembre »."""
    return frozenset(
        plain for node in page.nodes("table") for plain in plain_lines(lines(node)) if is_period(plain)
    )


def _bare(plain: str) -> str:
    return joined(sentences(plain), plain)


def _without(plain: str, known: Lines) -> str:
    said = [each for each in sentences(plain) if not marks.matches(each, known)]
    return joined([each for each in said if not marks.matches(f"{each}.", known)], plain)
