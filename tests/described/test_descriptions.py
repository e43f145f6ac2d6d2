"""Descriptions in TOML: what they may say, and the sentence for each thing they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.commands.options import settings_for
from monitor.problems import BadInput
from monitor.targets.catalogue import CatalogueRules, parse_catalogue
from monitor.targets.descriptions import parse_description, read_descriptions
from probes.registry import PLATFORMS, describe, known, platform, platform_for
from probes.stop_line import Field, Form, StopLine
from tests.described.good import GOOD

CHANGES = [
    ('name = "mairie_exemple"', 'name = "Mairie"', "x.toml: name: 'Mairie' is not a short name"),
    ('version = "1"', "", 'x.toml: version: is missing; write for example version = "1".'),
    (
        'version = "1"',
        'version = "é"',
        'x.toml: version: "é" is not usable here; write for example version = "1".',
    ),
    ('version = "1"', 'version = "1"\nverified_on = 0', "x.toml: verified_on: 0 is not a day; write it like"),
    ("about", "abuot", 'x.toml: abuot: is not a known name; did you mean "about"?'),
    ("[0-9]+)'", "[0-9+)'", "x.toml: addresses 1: '/rdv/(?P<id>[0-9+)' is not a regular expression"),
    (
        "['/rdv/[0-9]+(?:/jours)?']",
        "['/.*']",
        "x.toml: stop_line.paths 1: '/.*' would let the walk go anywhere",
    ),
    ("['/rdv/[0-9]+(?:/jours)?']", "[]", "x.toml: stop_line.paths: "),
    ('cp = "[0-9]{5}"', 'cp = ".*"', "x.toml: stop_line.forms 1.fields.cp: '.*' would let anything be typed"),
    ('cp = "[0-9]{5}"', 'cp = "[A-Z].+"', "would let anything be typed; list the values, for example 'on'"),
    ('open = "{url}"', 'follow = "a"', 'x.toml: does not begin by opening a page; write open = "{url}"'),
    ('open = "{url}"', 'open = "{url}"\nfollow = "a"', "x.toml: step 1: does not say one thing to do"),
    (
        'open = "{url}"',
        'open = "{url}"\nbutton = "b"',
        "x.toml: step 1: has values or a button but submits no form",
    ),
    (
        'button = "suite"',
        'button = "fin"',
        "x.toml: step 2 presses 'fin'; list it in the buttons",
    ),
    ('cp = "{postcode}"', 'nom = "{nom}"', "x.toml: step 2 fills 'nom'; list it in the fields of its form."),
    (
        'cp = "{postcode}"',
        'cp = "Paris"',
        "step 2 gives 'cp' the value 'Paris', which '[0-9]{5}' does not allow.",
    ),
    ('\nsubmit = "form#lieu"', '\nsubmit = "form#autre"', "x.toml: step 2 submits 'form#autre'; list it"),
    (
        'unfold = "#calendrier"',
        'unfold = "#autre"',
        "x.toml: step 3 unfolds '#autre'; list it in [stop_line] controls.",
    ),
    ('when = "form#lieu"', 'when = "form["', "x.toml: step 2.when: 'form[' is not a CSS selector"),
    ('outcome = "no_slots"', 'outcome = "none"', "x.toml: mark 1.outcome: "),
    (
        "stands = true",
        'stands = "true"',
        'x.toml: in_html.stands: "true" is not true or false; write stands = true,',
    ),
    (
        'outcome = "no_slots"',
        'outcome = "blocked"',
        "'blocked' is for the robot itself to find out; a page can say",
    ),
    ("sentence = ", "element = ", "x.toml: mark 1.element: 'Aucun rendez-vous.' is not a CSS selector"),
    (
        'sentence = "Aucun rendez-vous."',
        'element = "p.vide"',
        "mark 1: an element proves no absence; write says",
    ),
    (
        'sentence = "Aucun rendez-vous."',
        "",
        "x.toml: mark 1: does not show one sign; write one of sentence, line",
    ),
    ('sentence = "Aucun rendez-vous."', 'alert = "a"\nline = "b"', "x.toml: mark 1: does not show one sign"),
    (
        'rule = "none"',
        'rule = "none"\ndates = {}',
        "x.toml: mark 1: says, quote, dates and counted are about elements",
    ),
    (
        'rule = "days"',
        'rule = "days"\nkind = "all_taken"',
        "x.toml: mark 2: only no_slots has a kind; remove it.",
    ),
    (
        'outcome = "slots_offered"',
        'outcome = "closed"',
        "x.toml: mark 2: only slots_offered has dates and a count",
    ),
    ('rule = "none"', 'rule = "none"\nbeside = ["css:p["]', "x.toml: mark 1: 'p[' is not a CSS selector"),
    ('rule = "none"', 'rule = "none"\nwithout = ["("]', "x.toml: mark 1: '(' is not a regular expression"),
    (
        "path = '/rdv/{id}/jours'\nsentence",
        "sentence",
        "x.toml: mark 1.path: is missing; write for example path = ",
    ),
    (
        'attribute = "data-jour"',
        'atribute = "data-jour"',
        "mark 2.dates.atribute: is not a known name; did you mean",
    ),
    ('attribute = "data-jour"', 'part = "x"', "x.toml: mark 2.dates.part: 'x' does not have one group"),
    ('attribute = "data-jour"', 'form = "iso"', "x.toml: mark 2.dates.form: "),
    (
        'line = "lieu : (.+)"',
        'line = "lieu"',
        "x.toml: desk.line: 'lieu' does not have one group; put what is wanted",
    ),
    (
        'line = "lieu : (.+)"',
        'ligne = "lieu"',
        'x.toml: desk.ligne: is not a known name; did you mean "line"?',
    ),
    *(
        ('cp = "[0-9]{5}"', f'cp = "{typed}"', "would let anything be typed; list the values")
        for typed in ("[0-9 ]+", "[a-z.@]+", "[a-z-]+")
    ),
    *(
        ('outcome = "no_slots"', f'outcome = "{outcome}"', f"'{outcome}' is for the robot itself to find out")
        for outcome in ("rate_limited", "probe_error")
    ),
    *(
        (
            'rule = "none"',
            f'rule = "none"\n{key}',
            "mark 1: says, quote, dates and counted are about elements",
        )
        for key in ('says = "a"', 'quote = "title"', "counted = true")
    ),
    (
        'outcome = "slots_offered"\nrule = "days"',
        'outcome = "closed"\nrule = "days"\ncounted = true',
        "mark 2: only slots_offered has dates and a count",
    ),
    ('open = "{url}"', 'open = "{url}"\nvalues = { a = "b" }', "has values or a button but submits no form"),
    ('attribute = "data-jour"', 'part = "(a)(b)"', "mark 2.dates.part: '(a)(b)' does not have one group"),
    ('name = "mairie_exemple"', f'name = "{"a" * 41}"', "is not a short name"),
    *(
        ("[desk]", f"[option.{name}]\n{values}\n[desk]", words)
        for name, values, words in (
            (
                "postcode",
                "looks = 'x y'",
                "x.toml: option.postcode.values: is missing; write for example values",
            ),
            (
                "postcode",
                "values = '[0-9]{5}'\nlooks = 'a postcode'\nexample = '920'",
                "x.toml: option.postcode: '[0-9]{5}' does not match the example '920'; correct one of them.",
            ),
            (
                "postcod",
                "values = '[0-9]{5}'\nlooks = 'a postcode'\nexample = '92000'",
                "x.toml: option.postcod is in no step and no path; write {postcod} there, or remove it.",
            ),
            (
                "title",
                "values = '.+'\nlooks = 'a title'\nexample = 'Mairie'",
                "x.toml: option.title is known to every page; remove it.",
            ),
        )
    ),
    (
        'controls = ["#calendrier"]',
        'controls = ["#calendrier"]\nscripts = ["/.+"]',
        "stop_line.scripts 1: '/.+'",
    ),
    ('outcome = "no_slots"', 'outcome = "closed"\nkind = "all_taken"', "only no_slots has a kind; remove it"),
    ("[stop_line]", "[stop_line", "x.toml: is not valid TOML"),
]


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as refused:
        parse_description(text, "x.toml")
    return str(refused.value)


@pytest.mark.parametrize(("right", "wrong", "said"), CHANGES, ids=[said for _, _, said in CHANGES])
def test_each_mistake_has_its_sentence(right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    assert said in refusal(GOOD.replace(right, wrong, 1))


def test_a_good_description_is_a_platform() -> None:
    described = parse_description(GOOD, "x.toml")
    assert described.name == "mairie_exemple"
    assert described.version.startswith("1+")
    assert described.verified_on is None
    assert [form.selector for form in described.stop_line.forms] == ["form#lieu"]
    assert described.stop_line.controls == ("#calendrier",)


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://rdv.exemple.fr/rdv/12", True),
        ("https://rdv.exemple.fr/rdv/12?x=1", False),
        ("https://rdv.exemple.fr/autre", False),
        ("https://rdv.autre.fr/rdv/12", False),
    ],
)
def test_it_accepts_its_addresses_on_its_hosts(url: str, accepted: bool) -> None:
    assert parse_description(GOOD, "x.toml").accepts(url) is accepted


def test_it_accepts_no_address_that_its_walk_may_not_open() -> None:
    narrow = GOOD.replace("['/rdv/[0-9]+(?:/jours)?']", "['/rdv/1[0-9]+(?:/jours)?']")
    described = parse_description(narrow, "x.toml")
    site = "https://rdv.exemple.fr/rdv"
    assert [described.accepts(f"{site}/{number}") for number in (12, 22)] == [True, False]


def test_its_stop_line_is_the_one_that_is_written() -> None:
    scripts = 'controls = ["#calendrier"]\nscripts = ["/rdv/[0-9]+/heures"]'
    described = parse_description(GOOD.replace('controls = ["#calendrier"]', scripts), "x.toml")
    assert described.stop_line == StopLine(
        paths=("/rdv/[0-9]+(?:/jours)?",),
        forms=(
            Form(selector="form#lieu", fields=(Field(name="cp", values="[0-9]{5}"),), buttons=("suite",)),
        ),
        controls=("#calendrier",),
        scripts=("/rdv/[0-9]+/heures",),
    )


def test_without_hosts_it_accepts_its_addresses_anywhere() -> None:
    anywhere = GOOD.replace('hosts = ["rdv.exemple.fr"]', "")
    assert parse_description(anywhere, "x.toml").accepts("https://rdv.autre.fr/rdv/12")


def test_its_version_changes_with_whatever_could_change_a_reading() -> None:
    before, after = (parse_description(text, "x.toml") for text in (GOOD, GOOD.replace("li.jour", "li.j")))
    assert before.version != after.version
    assert before.version == parse_description("# a remark\n" + GOOD, "y.toml").version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "platforms.d"
    folder.mkdir()
    (folder / "mairie.toml").write_text(GOOD, encoding="utf-8")
    return folder


def test_a_folder_is_read_by_file_name(folder: Path) -> None:
    (folder / "autre.toml").write_text(GOOD.replace("mairie_exemple", "autre"), encoding="utf-8")
    (folder / "LISEZMOI.md").write_text("…", encoding="utf-8")
    assert [each.name for each in read_descriptions(folder, PLATFORMS)] == ["autre", "mairie_exemple"]


def test_a_folder_that_does_not_exist_describes_nothing(tmp_path: Path) -> None:
    assert read_descriptions(tmp_path / "platforms.d", PLATFORMS) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [("classic", '"classic" is already built in'), ("mairie_exemple", "described in autre.toml")],
)
def test_a_name_is_taken_once(folder: Path, name: str, said: str) -> None:
    (folder / "autre.toml").write_text(GOOD.replace("mairie_exemple", name), encoding="utf-8")
    with pytest.raises(BadInput, match=f"name: .*{said}; choose another"):
        read_descriptions(folder, PLATFORMS)


def test_the_settings_make_described_platforms_known(folder: Path, tmp_path: Path) -> None:
    settings = tmp_path / "vigie.toml"
    settings.write_text(f"[targets]\nplatforms = '{folder}'\n", encoding="utf-8")
    try:
        settings_for(settings)
        assert platform("mairie_exemple") is platform_for("https://rdv.exemple.fr/rdv/12")
        assert known()[:-1] == PLATFORMS
    finally:
        describe(())
    with pytest.raises(LookupError, match="no platform 'mairie_exemple': write one of classic"):
        platform("mairie_exemple")


def options(text: str) -> dict[str, tuple[bool, str]]:
    """By name: whether the option must be given, and what it must look like."""
    return {each.name: (each.required, each.looks) for each in parse_description(text, "x.toml").options}


def test_what_a_description_fills_in_is_an_option_that_must_be_given() -> None:
    """What the address, `url` and `origin` give is none."""
    assert list(options(GOOD)) == ["postcode", "title"]
    assert options(GOOD)["postcode"] == (True, "one line")
    assert options(GOOD)["title"][0] is False
    assert options(GOOD.replace("{postcode}", "{title}"))["title"][0] is True
    other = GOOD.replace("addresses = [", "addresses = ['/rdv/[0-9]+/x', ")
    assert list(options(other)) == ["postcode", "title"]
    path = GOOD.replace("path = '/rdv/{id}/jours'\nsentence", "path = '/rdv/{lieu}/jours'\nsentence")
    assert list(options(path)) == ["lieu", "postcode", "title"]


def test_a_description_says_what_its_options_look_like_and_keeps_its_version() -> None:
    table = "values = '[0-9]{5}'\nlooks = 'five digits'\nexample = '92000'\nrequired = false"
    said = GOOD.replace("[desk]", f"[option.postcode]\n{table}\n[desk]")
    assert options(said)["postcode"] == (False, "five digits")
    assert parse_description(said, "x.toml").version == parse_description(GOOD, "x.toml").version


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", 'options.postcode: is missing; write for example postcode = "92000" in its options.'),
        (
            "postcode = '920'",
            'options.postcode: "920" is not five digits; write for example postcode = "92000".',
        ),
        (
            "post_code = '92000'",
            "options.post_code: is not an option of the platform mairie_exemple; did you mean",
        ),
        ("postcode = '92000', id = '13'", "options.id: is not an option of the platform mairie_exemple"),
    ],
)
def test_the_catalogue_refuses_what_a_described_page_does_not_know(written: str, words: str) -> None:
    table = "values = '[0-9]{5}'\nlooks = 'five digits'\nexample = '92000'"
    described = parse_description(GOOD.replace("[desk]", f"[option.postcode]\n{table}\n[desk]"), "x.toml")
    rules = CatalogueRules(platforms=(described,), hosts_allowed=("rdv.exemple.fr",))
    row = CATALOGUE + f"options = {{ {written} }}\n"
    with pytest.raises(BadInput) as refused:
        parse_catalogue(row, rules)
    assert words in str(refused.value)
    good = CATALOGUE + "options = { postcode = '92000', title = 'Mairie' }\n"
    assert parse_catalogue(good, rules)[0].target.options["postcode"] == "92000"


CATALOGUE = """
[[target]]
id = "mairie"
platform = "mairie_exemple"
url = "https://rdv.exemple.fr/rdv/12"
prefecture = "Exemple"
departement = "92"
demarche = "Carte d'identité"
zone = "Europe/Paris"
"""
