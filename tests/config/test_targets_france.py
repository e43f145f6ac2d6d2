"""The list of real booking pages: sound, all disabled, complete; and the tool that made it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.targets.catalogue import CatalogueRules, parse_catalogue, read_catalogue
from monitor.targets.options import in_toml
from probes.registry import PLATFORMS
from tests.config.stand_ins import RULES
from tools.targets_from_csv import catalogue_of

FILE = Path(__file__).parents[2] / "docs" / "targets-france.toml"
TEXT = FILE.read_text(encoding="utf-8")
ENTRIES = read_catalogue(FILE, CatalogueRules(platforms=PLATFORMS))

ROW = {
    "department_code": "974",
    "prefecture": "Réunion (Saint-Denis)",
    "procedure": "Titre de séjour",
    "platform": "booking-module",
    "url": "http://www.reunion.gouv.fr/booking/create/123",
    "seen_in": "a page",
    "seen_date": "2021-04",
}


def counted(what: str) -> int:
    """The number the file's own heading gives."""
    (number,) = re.findall(rf"^# (\d+) {what}", TEXT, re.MULTILINE)
    return int(number)


def test_nothing_is_watched_before_a_person_has_checked_it() -> None:
    assert ENTRIES
    assert not any(entry.enabled for entry in ENTRIES)


def test_every_entry_says_where_it_was_seen() -> None:
    assert all(entry.source for entry in ENTRIES)
    assert sum(entry.last_seen is not None for entry in ENTRIES) > len(ENTRIES) * 0.8


def test_every_target_has_its_own_name() -> None:
    assert len({entry.target.id for entry in ENTRIES}) == len(ENTRIES)


def test_the_heading_counts_right() -> None:
    lacking, unread, refused = TEXT.split("# ----- ")[1:]
    assert counted("pages whose platform needs options") == lacking.count("# [[target]]") == 3
    assert counted("targets") == len(ENTRIES)
    assert (
        counted("pages of platforms") == unread.count("# [[target]]") == unread.count("cannot be read yet\n#")
    )
    assert counted("addresses") == refused.count("# [[target]]")


def test_every_platform_that_can_be_read_has_pages() -> None:
    used = {entry.target.platform for entry in ENTRIES}
    assert {"classic", "demarche_numerique", "rdv_prefecture"} <= used


def test_a_row_becomes_a_disabled_target_in_the_zone_of_its_prefecture() -> None:
    (entry,) = parse_catalogue(catalogue_of([ROW], RULES), RULES)
    assert entry.target.id == "974-reunion-123"
    assert entry.target.url == "https://www.reunion.gouv.fr/booking/create/123"
    assert (entry.target.departement, entry.target.zone) == ("974", "Indian/Reunion")
    assert (entry.enabled, entry.last_seen) == (False, "2021-04")
    assert entry.source == "a page; seen as http://"


def test_a_row_that_the_rules_refuse_is_kept_as_a_comment_with_the_reason() -> None:
    text = catalogue_of([ROW | {"department_code": ""}], RULES)
    assert parse_catalogue(text, RULES) == ()
    assert '# departement "" is not a département code; ' in text
    assert "# 0 targets" in text
    assert '# url = "https://www.reunion.gouv.fr/booking/create/123"' in text


def test_a_row_given_twice_is_kept_once() -> None:
    text = catalogue_of([ROW, ROW | {"seen_in": "elsewhere"}], RULES)
    assert len(parse_catalogue(text, RULES)) == 1
    assert "is taken" in text.split("# ----- ")[3]


def test_a_platform_that_cannot_be_read_yet_is_kept_as_a_comment() -> None:
    text = catalogue_of([ROW | {"platform": "rdv-mairie"}], RULES)
    assert "# the platform rdv_mairie cannot be read yet\n# [[target]]" in text.split("# ----- ")[2]


ORION = ROW | {
    "platform": "esii-orion",
    "url": "https://esii-orion.com/orion-reservation/slots?account=EVMSPI&config=SEJOUR&usemode=app",
}
ESIRIUS = ROW | {
    "platform": "esirius-eappointment",
    "url": "https://rdv-etrangers-94.interieur.gouv.fr/eAppointmentpref94/element/jsp/specific/pref94.jsp",
}


@pytest.mark.parametrize(("row", "name"), [(ORION, "orion"), (ESIRIUS, "esirius")])
def test_a_page_that_needs_options_is_a_target_once_they_are_written(row: dict[str, str], name: str) -> None:
    rules = CatalogueRules(platforms=PLATFORMS)
    text = catalogue_of([row], rules)
    assert parse_catalogue(text, rules) == ()
    commented = text.split("# ----- ")[1].partition("# [[target]]")[2]
    (entry,) = parse_catalogue(completed("[[target]]" + commented.replace("\n# ", "\n")), rules)
    assert (entry.target.platform, entry.enabled) == (name, False)


def test_the_pages_of_the_list_that_need_options_are_targets_once_these_are_written() -> None:
    blocks = TEXT.split("# ----- ")[1].split("# [[target]]")[1:]
    tables = ["[[target]]" + block.partition("\n\n")[0].replace("\n# ", "\n") for block in blocks]
    rules = CatalogueRules(platforms=PLATFORMS)
    entries = parse_catalogue(completed("\n".join(tables)), rules)
    assert [entry.target.platform for entry in entries] == ["esirius", "orion", "orion"]


def completed(text: str) -> str:
    """`text` with the example of each option that it leaves empty."""
    for option in (option for platform in PLATFORMS for option in platform.options):
        text = text.replace(f'{option.name} = ""', f"{option.name} = {in_toml(option.example)}")
    return text
