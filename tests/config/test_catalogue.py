"""A sound catalogue, read, and what two rows may have in common. The broken ones are in `bad/`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.places.departements import NAMES, zone_of
from monitor.problems import BadInput
from monitor.settings.load import make_settings
from monitor.targets.catalogue import CatalogueEntry, CatalogueRules, parse_catalogue, read_catalogue
from monitor.targets.row import CatalogueRow
from probes import registry
from probes.model import Transport
from tests.config.stand_ins import PLATFORMS, RULES, SAYING_NOTHING

VIENNE = {
    "id": "86-vienne-aes",
    "platform": "classic",
    "url": "https://www.vienne.gouv.fr/booking/create/123",
    "prefecture": "Vienne",
    "departement": "86",
    "demarche": "Admission exceptionnelle au séjour",
    "zone": "Europe/Paris",
}

PRINTED = st.characters(codec="utf-8", exclude_categories=["C"])


def table(**changes: object) -> str:
    """One `[[target]]`: the Vienne's, with changes; a key changed to `None` is left out."""
    keys = {key: value for key, value in {**VIENNE, **changes}.items() if value is not None}
    return "[[target]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items()
    )


def one(**changes: object) -> CatalogueEntry:
    (entry,) = parse_catalogue(table(**changes), RULES)
    return entry


def refusal(*tables: str, rules: CatalogueRules = RULES) -> str:
    with pytest.raises(BadInput) as refused:
        parse_catalogue("\n".join(tables), rules)
    return str(refused.value)


def test_a_target_is_what_was_written() -> None:
    target = one(desk="Guichet 1").target
    assert {name: getattr(target, name) for name in VIENNE} == VIENNE
    assert target.desk == "Guichet 1"


def test_what_is_left_out_has_its_default() -> None:
    entry = one()
    assert entry.interval == timedelta(hours=1)
    assert entry.transport is Transport.BROWSER
    assert entry.enabled
    assert (entry.control, entry.last_seen, entry.source, entry.target.options) == (None, None, "", {})


def test_what_is_written_is_kept() -> None:
    entry = one(interval="15m", transport="http", enabled=False, source="here")
    assert (entry.interval, entry.transport) == (timedelta(minutes=15), Transport.HTTP)
    assert (entry.enabled, entry.source) == (False, "here")


def test_options_are_a_table_of_texts() -> None:
    (entry,) = parse_catalogue(table() + "[target.options]\nweeks = '8'\n", RULES)
    assert entry.target.options == {"weeks": "8"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-03-01", "2026-03-01"),
        ('"2026-03-01"', "2026-03-01"),
        ('"2026-03"', "2026-03"),
        ('"2026"', "2026"),
    ],
)
def test_the_day_last_seen_is_as_exact_as_it_is_known(written: str, kept: str) -> None:
    (entry,) = parse_catalogue(table() + f"last_seen = {written}\n", RULES)
    assert entry.last_seen == kept


def test_the_settings_give_the_interval_and_more_hosts() -> None:
    settings = make_settings(
        {"schedule": {"interval": "2h"}, "targets": {"hosts_allowed": ["rdv.example.fr"]}}, "the test"
    )
    text = table(url="https://rdv.example.fr/booking/create/1")
    (entry,) = parse_catalogue(text, CatalogueRules.of(settings, PLATFORMS))
    assert entry.interval == timedelta(hours=2)


def test_a_page_of_this_machine_may_be_visited_often_and_over_http() -> None:
    assert one(url="http://vienne.localhost:8099/booking/create/1", interval="10s").local
    assert not one().local


def test_an_empty_catalogue_is_empty() -> None:
    assert parse_catalogue("# nothing yet\n", RULES) == ()


def test_entries_keep_the_order_of_the_file() -> None:
    texts = [table(id=f"t-{n}", url=f"https://www.vienne.gouv.fr/booking/create/{n}") for n in (3, 1, 2)]
    assert [entry.target.id for entry in parse_catalogue("\n".join(texts), RULES)] == ["t-3", "t-1", "t-2"]


def test_a_file_is_read_as_utf8(tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_text(table(prefecture="Réunion"), encoding="utf-8")
    assert read_catalogue(path, RULES)[0].target.prefecture == "Réunion"


@given(st.sampled_from(sorted(NAMES)))
def test_every_departement_is_accepted_with_its_own_zone_only(code: str) -> None:
    assert one(departement=code, zone=zone_of(code)).target.departement == code
    other = "Indian/Reunion" if code != "974" else "Europe/Paris"
    assert "is not the zone" in refusal(table(departement=code, zone=other))


@given(st.text(PRINTED, max_size=4).filter(lambda text: text not in NAMES))
def test_no_other_text_is_a_departement(code: str) -> None:
    assert "is not a département code" in refusal(table(departement=code))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.vienne.gouv.fr/booking/create/123/",
        "https://www.vienne.gouv.fr/index.php/booking/create/123",
        "https://WWW.vienne.gouv.fr/booking/create/123",
        "https://www.vienne.gouv.fr/booking/create/123?",
    ],
)
def test_one_page_written_in_two_ways_is_one_guichet(url: str) -> None:
    assert "is the guichet already watched" in refusal(table(), table(id="again", url=url))


@pytest.mark.parametrize(
    "change",
    [
        {"desk": "Guichet 2"},
        {"url": "https://www.vienne.gouv.fr/booking/create/124"},
        {"url": "https://www.rdv.vienne.gouv.fr/booking/create/123"},
        {"url": "https://www.vienne.gouv.fr/booking/create/123?a=1"},
    ],
)
def test_another_desk_or_page_is_another_guichet(change: dict[str, object]) -> None:
    entries = parse_catalogue(table() + table(id="other", **change), RULES)
    assert len(entries) == 2


def test_two_ports_of_this_machine_are_two_guichets() -> None:
    pages = [f"http://vienne.localhost:{port}/booking/create/123" for port in (8001, 8002)]
    assert (
        len(parse_catalogue("".join(table(id=f"t{n}", url=url) for n, url in enumerate(pages)), RULES)) == 2
    )


def test_a_wording_has_up_to_200_characters() -> None:
    assert one(demarche="é" * 200).target.demarche == "é" * 200
    assert "is not one line of 1 to 200" in refusal(table(demarche="é" * 201))


def test_the_order_of_the_query_does_not_make_another_guichet() -> None:
    pages = [f"https://rdv.anct.gouv.fr/prendre_rdv?{query}" for query in ("a=1&b=2", "b=2&a=1")]
    texts = [table(id=f"t{n}", platform="rdv_service_public", url=page) for n, page in enumerate(pages)]
    assert "is the guichet already watched" in refusal(*texts)


def test_a_control_is_another_target_of_the_same_prefecture() -> None:
    other = table(id="86-vienne-naturalisation", url="https://www.vienne.gouv.fr/booking/create/124")
    entry = parse_catalogue(table(control="86-vienne-naturalisation") + other, RULES)[0]
    assert entry.control == "86-vienne-naturalisation"


def test_every_problem_is_found_at_once() -> None:
    with pytest.raises(BadInput) as refused:
        parse_catalogue(table(departement="96", cron="x") + table(id="b", zone="Mars"), RULES)
    keys = [problem.where.rpartition(", ")[2] for problem in refused.value.problems]
    assert keys == ["cron", "departement", "zone"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_line_of_a_target_is_that_of_its_header(newline: str) -> None:
    text = (
        "# one\n\n" + table() + "\n\n  [[ target ]]  # here\n" + table(id="b", departement="96")[11:]
    ).replace("\n", newline)
    line = text.split(newline).index("  [[ target ]]  # here") + 1
    assert refusal(text).startswith(f'targets.toml, line {line}, target "b", departement: ')


def test_a_name_that_holds_control_characters_is_shown_harmless() -> None:
    assert '"\\u001b[31m"' in refusal(table(id="x").replace('"x"', r'"\u001b[31m"'))


@given(st.text())
def test_any_text_is_a_catalogue_or_one_sentence(text: str) -> None:
    assert "\n" not in outcome(text)


def outcome(text: str) -> str:
    try:
        return str(parse_catalogue(text, RULES))
    except BadInput as refused:
        return str(refused)


def test_a_target_may_not_take_the_logs_own_name() -> None:
    assert 'target "journal", id: is the name of the evidence log\'s own chain' in refusal(
        table(id="journal")
    )


REAL = CatalogueRules(platforms=registry.PLATFORMS)
FORM = "https://demarche.numerique.gouv.fr/commencer/rdv"
ORION = "https://esii-orion.com/orion-reservation/slots?account=EVMSPI&config=SEJOUR"


@pytest.mark.parametrize(
    ("platform", "url", "more"),
    [
        ("demarche_numerique", FORM, "?utm_source=lettre&utm_medium=mail"),
        ("classic", "https://www.vienne.gouv.fr/booking/create/123", "?fbclid=abc"),
        ("orion", ORION, "&utm_campaign=x&gclid=1"),
        ("rdv_service_public", "https://rdv.anct.gouv.fr/org/12", "?mtm_campaign=x"),
        ("rdv_service_public", "https://rdv.anct.gouv.fr/prendre_rdv?departement=77", "&utm_source=x"),
    ],
)
def test_an_address_that_was_pasted_with_trackers_is_watched_without_them(
    platform: str, url: str, more: str
) -> None:
    change: dict[str, object] = {"platform": platform, "url": url + more}
    asked = ""
    if platform == "orion":
        change["transport"] = "http"
        purpose = '{"duration":"00:20:00"}'
        asked = f"[target.options]\nconfig_id = '{24 * 'a'}'\npurpose = '{purpose}'\n"
    (entry,) = parse_catalogue(table(**change) + asked, REAL)
    assert entry.target.url == url


@pytest.mark.parametrize(
    ("platform", "url", "mend"),
    [
        ("demarche_numerique", f"{FORM}?test=1", f'write "{FORM}"'),
        ("demarche_numerique", f"{FORM}/sign_up", "is no page of the platform demarche_numerique"),
        ("classic", "https://www.vienne.gouv.fr/booking/create/123?x=1", "create/123"),
        ("orion", f"{ORION}&lang=fr", "is no page of the platform orion"),
        ("classic", "https://www.vienne.gouv.fr/booking/create/%31", "is no page of the platform classic"),
    ],
)
def test_an_address_with_more_than_the_stop_line_lists_is_refused_with_the_mend(
    platform: str, url: str, mend: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_catalogue(table(platform=platform, url=url, transport="http"), REAL)
    assert mend in str(refused.value)


@pytest.mark.parametrize(
    ("platform", "url", "mend"),
    [
        ("silent", "https://www.vienne.gouv.fr/silent", 'write transport = "browser", or declare in_html'),
        ("silent_http", "https://www.vienne.gouv.fr/silent-http", "; declare in_html in its description"),
    ],
)
def test_http_on_a_platform_that_does_not_say_where_its_answer_stands_is_refused_with_the_mend(
    platform: str, url: str, mend: str
) -> None:
    words = refusal(table(platform=platform, url=url, transport="http"), rules=SAYING_NOTHING)
    assert f'"http" would never conclude: the platform {platform} does not say' in words
    assert mend in words


def test_in_a_browser_such_a_platform_is_watched() -> None:
    watched = table(platform="silent", url="https://www.vienne.gouv.fr/silent")
    assert parse_catalogue(watched, SAYING_NOTHING)[0].transport is Transport.BROWSER


def test_a_control_at_a_namesake_in_another_departement_is_refused() -> None:
    other = table(id="b", departement="87", url="https://www.vienne.gouv.fr/booking/create/124")
    assert "not at Vienne" in refusal(table(control="b"), other)


def test_every_problem_of_every_target_is_told_at_once_in_the_order_of_the_file() -> None:
    """Also the options of a row that has other mistakes: an address, a key, a département."""
    rows = [
        table(url="https://other.example.fr/booking/create/1") + 'options = { titre = "x", weeks = "" }\n',
        table(departement="99", nom="x") + 'options = { motif = "1", weeks = 4 }\n',
        table(platform="clasic") + 'options = { titre = "x" }\n',
        table(platform="coded"),
    ]
    with pytest.raises(BadInput) as refused:
        parse_catalogue("\n".join(rows), RULES)
    keys = [problem.where.rpartition(", ")[2] for problem in refused.value.problems]
    first, second = ["url", "options.titre", "options.weeks"], ["nom", "departement", "options.weeks"]
    assert keys == [*first, *second, "options.motif", "platform", "url", "options.code"]


def test_one_page_with_other_options_is_another_guichet() -> None:
    other = table(id="86-vienne-2") + 'options = { weeks = "2" }\n'
    assert len(parse_catalogue(table() + other, RULES)) == 2
    assert "is the guichet already watched" in refusal(table(), table(id="86-vienne-2"))


@pytest.mark.parametrize(
    "written", ['"false"', '"true"', '"off"', '"no"', "0", "1", "0.0", "[]", "2026-01-01"]
)
def test_only_true_and_false_enable_and_disable(written: str) -> None:
    assert ", enabled: " in refusal(table() + f"enabled = {written}\n")


@pytest.mark.parametrize("value", ["1", "1.5", "true", "[]", "{}", "2026-01-01", "07:00:00"])
@pytest.mark.parametrize(
    "key", [key for key in CatalogueRow.model_fields if key not in ("enabled", "options")]
)
def test_a_value_of_another_type_is_refused(key: str, value: str) -> None:
    if (key, value) != ("last_seen", "2026-01-01"):
        assert f", {key}: " in refusal(table(**{key: None}) + f"{key} = {value}\n")
