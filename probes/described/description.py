"""The keys of a TOML description of a booking page, and the values each may have. No I/O.

A wrong value raises `ValueError`; its text says what is wrong and how to correct it. A regex must match the
whole value: for addresses, path and query; for lines, one visible line in lower case with plain apostrophes.
`{name}` stands for an option of the target, a named group of `addresses`, or the target's `url` or `origin`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from probes.model import NoSlotsKind, Outcome, Transport

PLACE = re.compile(r"\{([a-z_]+)\}")
ANYWHERE = ("/", "/x-vigie-x", "/x-vigie-x/y?z=1")
ANYTHING = ("Jeanne Dupont", "jeanne.dupont@example.org", "06 12 34 56 78", "x-vigie-x")
SAYABLE = frozenset(Outcome) - {Outcome.PROBE_ERROR, Outcome.BLOCKED, Outcome.RATE_LIMITED}


def _regex(text: str) -> str:
    try:
        re.compile(PLACE.sub("x", text))
    except re.error as error:
        raise ValueError(f"'{text}' is not a regular expression ({error}); correct it there") from None
    return text


def _selector(text: str) -> str:
    try:
        LexborHTMLParser("").css(text)
    except SelectolaxError:
        raise ValueError(f"'{text}' is not a CSS selector; try it in the browser's console first") from None
    return text


def _path(text: str) -> str:
    if all(re.fullmatch(_regex(text), path) for path in ANYWHERE[1:]):
        raise ValueError(f"'{text}' would let the walk go anywhere; list only the pages it needs")
    return text


def _values(text: str) -> str:
    if any(re.fullmatch(_regex(text), typed) for typed in ANYTHING):
        raise ValueError(
            f"'{text}' would let anything be typed; list the values, for example 'on' or '[0-9]{{5}}'"
        )
    return text


def _slug(text: str) -> str:
    if not re.fullmatch("[a-z][a-z0-9_]{0,39}", text):
        raise ValueError(f"'{text}' is not a short name; use lower-case letters, digits and underscores")
    return text


def _sayable(outcome: Outcome) -> Outcome:
    if outcome not in SAYABLE:
        words = ", ".join(sorted(SAYABLE))
        raise ValueError(f"'{outcome}' is for the robot itself to find out; a page can say {words}")
    return outcome


def _group(text: str) -> str:
    if re.compile(_regex(text)).groups != 1:
        raise ValueError(f"'{text}' does not have one group; put what is wanted between ( and )")
    return text


Regex = Annotated[str, AfterValidator(_regex)]
Group = Annotated[str, AfterValidator(_group)]
Selector = Annotated[str, AfterValidator(_selector)]
Path = Annotated[str, AfterValidator(_path)]
Slug = Annotated[str, AfterValidator(_slug)]


class Table(BaseModel):
    """Base class of the tables of a description: an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormTable(Table):
    """A form that the walk may submit. `fields` maps each field to a regex of the values allowed for it."""

    selector: Selector = Field(examples=["form#conditions"])
    fields: Mapping[str, Annotated[str, AfterValidator(_values)]] = Field(
        default_factory=dict, examples=[{"condition": "on"}]
    )
    buttons: tuple[str, ...] = Field(default=(), examples=[["nextButton"]])


class StopLineTable(Table):
    """How far the walk may go: `probes.stop_line.StopLine` in TOML."""

    paths: tuple[Path, ...] = Field(min_length=1, examples=[["/rendez-vous/[0-9]+"]])
    forms: tuple[FormTable, ...] = Field(default=(), examples=[[{"selector": "form#conditions"}]])
    controls: tuple[Selector, ...] = Field(default=(), examples=[["#date"]])
    scripts: tuple[Path, ...] = Field(default=(), examples=[["/rendez-vous/[0-9]+/heures"]])


class Move(Table):
    """One step of the walk: one of `open`, `follow`, `submit`, `unfold`.

    With `when`, the step is skipped on a page that has no element matching that selector.
    """

    open: str = Field(default="", examples=["{url}"])
    follow: Selector | None = Field(default=None, examples=["a.suivant"])
    submit: Selector | None = Field(default=None, examples=["form#conditions"])
    unfold: Selector | None = Field(default=None, examples=["#date"])
    values: Mapping[str, str] = Field(default_factory=dict, examples=[{"condition": "on"}])
    button: str | None = Field(default=None, examples=["nextButton"])
    when: Selector | None = Field(default=None, examples=["form#conditions"])

    @model_validator(mode="after")
    def _does_one_thing(self) -> Move:
        done = [name for name in ("open", "follow", "submit", "unfold") if getattr(self, name)]
        if len(done) != 1:
            raise ValueError("does not say one thing to do; write one of open, follow, submit or unfold")
        if not self.submit and (self.values or self.button):
            raise ValueError("has values or a button but submits no form; write submit as well")
        return self


class DatesTable(Table):
    """Where an element's date is: in its text, or in `attribute`.

    `part` is a regex: then only the text of its group is searched.
    """

    attribute: str | None = Field(default=None, examples=["datetime"])
    part: Group | None = Field(default=None, examples=["date=([^&]+)"])
    form: Literal["text", "unix"] = Field(default="text", examples=["text"])


class Mark(Table):
    """A sentence, line, alert or element that means `outcome` on a page at `path`.

    Everything in `beside` must be on the page too, and nothing in `without`. Their items are regexes of
    lines, or CSS selectors if they begin with `css:`.
    """

    outcome: Annotated[Outcome, AfterValidator(_sayable)] = Field(examples=["no_slots"])
    rule: Slug = Field(examples=["none_sentence"])
    path: Regex = Field(examples=["/rendez-vous/{id}"])
    kind: NoSlotsKind | None = Field(default=None, examples=["all_taken"])
    sentence: str | None = Field(default=None, examples=["Aucun rendez-vous n'est disponible."])
    line: Regex | None = Field(default=None, examples=["aucun rendez-vous .{1,40}"])
    alert: Regex | None = Field(default=None, examples=["aucun rendez-vous .{1,40}"])
    element: Selector | None = Field(default=None, examples=["ul.creneaux li"])
    says: Regex | None = Field(default=None, examples=["prochain rendez-vous : .{4,40}"])
    within: Selector = Field(default="body", examples=["#reponse"])
    beside: tuple[str, ...] = Field(default=(), examples=[["css:h2.creneaux"]])
    without: tuple[str, ...] = Field(default=(), examples=[["css:.captcha"]])
    quote: str | None = Field(default=None, examples=["aria-label"])
    dates: DatesTable | None = Field(default=None, examples=[{"attribute": "datetime"}])
    counted: StrictBool = Field(default=False, examples=[True])

    @model_validator(mode="after")
    def _shows_one_sign(self) -> Mark:
        signs = [name for name in ("sentence", "line", "alert", "element") if getattr(self, name)]
        if len(signs) != 1:
            raise ValueError("does not show one sign; write one of sentence, line, alert or element")
        if not self.element and (self.says or self.quote or self.dates or self.counted):
            raise ValueError("says, quote, dates and counted are about elements; write element as well")
        return self

    @model_validator(mode="after")
    def _proves_what_it_says(self) -> Mark:
        if self.outcome is Outcome.NO_SLOTS and self.element and not self.says:
            raise ValueError("an element proves no absence; write says, the words it must hold")
        if self.kind and self.outcome is not Outcome.NO_SLOTS:
            raise ValueError("only no_slots has a kind; remove it")
        if (self.dates or self.counted) and self.outcome is not Outcome.SLOTS_OFFERED:
            raise ValueError("only slots_offered has dates and a count; remove them")
        return self

    @model_validator(mode="after")
    def _conditions_can_be_read(self) -> Mark:
        for condition in (*self.beside, *self.without):
            selector = condition.removeprefix("css:")
            _regex(condition) if selector == condition else _selector(selector)
        return self


class InHtmlTable(Table):
    """Whether the answer stands in the HTML that the server sends, with the reason in one sentence."""

    stands: StrictBool = Field(examples=[True])
    reason: str = Field(min_length=10, max_length=200, examples=["The server writes the sentence itself."])


class DeskTable(Table):
    """Where a page names its desk: in the group of the regex `line`, or in a `heading` near an element."""

    line: Group | None = Field(default=None, examples=["lieu : (.{1,300})"])
    heading: Selector | None = Field(default=None, examples=["h3, .card-title"])


class OptionTable(Table):
    """An option that targets of this page may have. `looks` says in words what the regex `values` matches."""

    values: Regex = Field(examples=["[0-9]{5}"])
    looks: str = Field(min_length=3, max_length=120, examples=["a postcode, five digits"])
    example: str = Field(examples=["92000"])
    required: bool = Field(default=True, examples=[False])

    @model_validator(mode="after")
    def _takes_its_example(self) -> OptionTable:
        if not re.fullmatch(self.values, self.example):
            raise ValueError(
                f"'{self.values}' does not match the example '{self.example}'; correct one of them"
            )
        return self


class Description(Table):
    """A whole file: it describes a booking page that can then be watched without Python code.

    In `place`, every line must be a mark's, or match one of `furniture`; without a place, that is asked of
    the block in which a mark's words stand. Slots that match `taken` are none, like those that are disabled,
    struck or say that they are full. Without `in_html`, nothing is ever concluded over plain HTTP.

    Each `{name}` that is no group of an address is an option of the target. It must be given and may be any
    line, unless `option` says otherwise. Every page knows the option `title`.
    """

    name: Slug = Field(examples=["mairie_exemple"])
    version: str = Field(pattern=r"^[0-9A-Za-z.]{1,20}$", examples=["1"])
    about: str = Field(examples=["Site de la préfecture de l'Exemple, rendez-vous du service étrangers"])
    verified_on: date | None = Field(default=None, examples=["2026-03-01"])
    transports: frozenset[Transport] = Field(default=frozenset(Transport), min_length=1, examples=[["http"]])
    in_html: InHtmlTable | None = Field(
        default=None, examples=[{"stands": True, "reason": "The server writes the sentence itself."}]
    )
    hosts: tuple[str, ...] = Field(default=(), examples=[["rdv.example.fr"]])
    addresses: tuple[Path, ...] = Field(min_length=1, examples=[["/rendez-vous/(?P<id>[0-9]+)"]])
    stop_line: StopLineTable = Field(examples=[{"paths": ["/rendez-vous/[0-9]+"]}])
    step: tuple[Move, ...] = Field(min_length=1, examples=[[{"open": "{url}"}]])
    mark: tuple[Mark, ...] = Field(min_length=1, examples=[[{"outcome": "no_slots"}]])
    place: Selector | None = Field(default=None, examples=["#reponse"])
    furniture: tuple[Regex, ...] = Field(default=(), examples=[["retour à l'accueil"]])
    taken: Selector | None = Field(default=None, examples=["li.complet"])
    desk: DeskTable | None = Field(default=None, examples=[{"line": "lieu : (.{1,300})"}])
    option: Mapping[Slug, OptionTable] = Field(
        default_factory=dict,
        examples=[{"postcode": {"values": "[0-9]{5}", "looks": "a postcode", "example": "92000"}}],
    )
    notices: tuple[Regex, ...] = Field(default=(), examples=[["prochaine mise en ligne .{1,80}"]])

    @model_validator(mode="after")
    def _begins_with_a_page(self) -> Description:
        if not self.step[0].open:
            raise ValueError('does not begin by opening a page; write open = "{url}" in the first [[step]]')
        return self

    @model_validator(mode="after")
    def _keeps_its_own_line(self) -> Description:
        forms = {form.selector: form for form in self.stop_line.forms}
        for number, move in enumerate(self.step, start=1):
            if move.unfold and move.unfold not in self.stop_line.controls:
                raise ValueError(f"step {number} unfolds '{move.unfold}'; list it in [stop_line] controls")
            if move.submit and (words := _beyond(move, forms.get(move.submit))):
                raise ValueError(f"step {number} {words}")
        return self

    @model_validator(mode="after")
    def _uses_its_options(self) -> Description:
        if "title" in self.option:
            raise ValueError("option.title is known to every page; remove it")
        for name in sorted(set(self.option) - self.names_used):
            raise ValueError(f"option.{name} is in no step and no path; write {{{name}}} there, or remove it")
        return self

    @property
    def names_used(self) -> frozenset[str]:
        """The names in `{}` that only an option of the target can fill."""
        filled = [text for move in self.step for text in (move.open, *move.values.values())]
        paths = [mark.path for mark in self.mark]
        written = {name for text in (*filled, *paths) for name in PLACE.findall(text)}
        groups = {name for address in self.addresses for name in re.compile(address).groupindex}
        return frozenset(written - groups - {"url", "origin"})


def _beyond(move: Move, form: FormTable | None) -> str:
    """What the submission `move` does that its form in the stop line does not allow; empty if nothing."""
    if form is None:
        return f"submits '{move.submit}'; list it in [[stop_line.forms]]"
    if move.button is not None and move.button not in form.buttons:
        return f"presses '{move.button}'; list it in the buttons of its form"
    for name, value in move.values.items():
        if name not in form.fields:
            return f"fills '{name}'; list it in the fields of its form"
        if not PLACE.search(value) and not re.fullmatch(form.fields[name], value):
            return f"gives '{name}' the value '{value}', which '{form.fields[name]}' does not allow"
    return ""
