"""Which addresses a target may have. What names resolve to is tested with the sessions."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from monitor.places import regions
from monitor.places.departements import NAMES, OVERSEAS_ZONES, zone_of
from monitor.places.hosts import OFFICIAL_HOSTS, host_of, is_hostname, is_local, url_problem, without_trackers

ACCEPTED = (
    "https://www.vienne.gouv.fr/booking/create/123",
    "https://www.vienne.gouv.fr/booking/create/123/0",
    "https://WWW.VIENNE.GOUV.FR/booking/create/123",
    "https://www.val-doise.gouv.fr/booking/create/1",
    "https://www.cotes-darmor.gouv.fr/booking/create/1",
    "https://www.territoire-de-belfort.gouv.fr/booking/create/1",
    "https://www.rdv.aveyron.gouv.fr/booking/create/717",
    "https://pprdv.interieur.gouv.fr/booking/create/989",
    "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/16040/",
    "https://rdv.anct.gouv.fr/prendre_rdv?motif_name_with_location_type=a&public_link_organisation_id=2458",
    "https://demarche.numerique.gouv.fr/commencer/rdv",
    "http://vienne.localhost:8099/booking/create/1",
    "http://127.0.0.1:8099/booking/create/1",
    "http://[::1]:8099/booking/create/1",
    "http://localhost/booking/create/1",
)

REFUSED = {
    "": "web address",
    "https://www.vienne.gouv.fr:0/": "names port 0",
    "vienne.gouv.fr/booking": "web address",
    "javascript:alert(1)": "web address",
    "file:///etc/passwd": "web address",
    "ftp://www.vienne.gouv.fr/": "web address",
    "https:///booking": "web address",
    "https://": "web address",
    "https://www.vienne.gouv.fr/a b": "web address",
    "https://www.vienne.gouv.fr/a\nb": "web address",
    "https://www.vienne.gouv.fr\\@evil.example/": "web address",
    "https://www.vienne.gouv.fr/é": "web address",
    "https://www.viennе.gouv.fr/": "web address",
    "https://www.vienne.gouv.fr:port/": "web address",
    "https://www.vienne.gouv.fr:99999/": "web address",
    "https://[::1/": "web address",
    "https://www.vienne.gouv.fr@evil.example/": "user name",
    "https://u:p@www.vienne.gouv.fr/": "user name",
    "https://@www.vienne.gouv.fr/": "user name",
    "http://u@localhost/": "user name",
    "https://www.vienne.gouv.fr/#a": "#fragment",
    "https://www.vienne.gouv.fr:443/": "port 443",
    "https://www.vienne.gouv.fr:8443/": "port 8443",
    "https://10.0.0.1/": "never an IP address",
    "https://192.168.1.1/": "never an IP address",
    "https://172.16.0.1/": "never an IP address",
    "https://169.254.169.254/latest/meta-data/": "never an IP address",
    "https://100.64.0.1/": "never an IP address",
    "https://8.8.8.8/": "never an IP address",
    "https://0.0.0.0/": "never an IP address",
    "https://2130706433/": "never an IP address",
    "https://0x7f.1/": "never an IP address",
    "https://0177.0.0.1/": "never an IP address",
    "https://127.1/": "never an IP address",
    "https://[fd00::1]/": "never an IP address",
    "https://[::ffff:10.0.0.1]/": "never an IP address",
    "https://[fe80::1%25eth0]/": "never an IP address",
    "https://intranet/": "never an IP address",
    "https://www.vienne.gouv.fr./": "never an IP address",
    "https://localhost.evil.example/": "known booking host",
    "https://www.vienne.gouv.fr.evil.example/": "known booking host",
    "https://vienne.gouv.fr.evil.example/": "known booking host",
    "https://evilvienne.gouv.fr/": "known booking host",
    "https://impots.gouv.fr/": "known booking host",
    "https://notlocalhost.example/": "known booking host",
    "http://www.vienne.gouv.fr/booking/create/1": "write https://",
}


@pytest.mark.parametrize("url", ACCEPTED)
def test_an_official_page_or_one_of_this_machine_is_accepted(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize("url", REFUSED)
def test_any_other_address_is_refused_for_its_reason(url: str) -> None:
    assert REFUSED[url] in str(url_problem(url))


def test_a_host_of_the_settings_is_accepted_over_https_only() -> None:
    assert url_problem("https://rdv.example.fr/a", {"rdv.example.fr"}) is None
    assert url_problem("http://rdv.example.fr/a", {"rdv.example.fr"}) is not None
    assert url_problem("https://www.rdv.example.fr/a", {"rdv.example.fr"}) is not None


def test_a_password_is_not_repeated() -> None:
    assert "hunter2" not in str(url_problem("https://me:hunter2@www.vienne.gouv.fr/"))


def test_every_official_host_is_a_host_name_with_its_reason() -> None:
    assert all(map(is_hostname, OFFICIAL_HOSTS))
    assert all(OFFICIAL_HOSTS.values())
    assert not any(map(is_local, OFFICIAL_HOSTS))


@pytest.mark.parametrize(
    "site",
    [
        "ain",
        "cotes-darmor",
        "cote-dor",
        "val-doise",
        "corse-du-sud",
        "reunion",
        "drome",
        "polynesie-francaise",
    ],
)
def test_the_site_of_each_prefecture_is_official(site: str) -> None:
    assert f"www.{site}.gouv.fr" in OFFICIAL_HOSTS


def test_the_host_of_an_address_is_in_lower_case_and_without_port() -> None:
    assert host_of("http://Vienne.LOCALHOST:8099/booking") == "vienne.localhost"


def test_there_are_101_departements_and_six_collectivities() -> None:
    assert len(NAMES) == 107
    assert len({code for code in NAMES if len(code) == 2}) == 96
    assert "20" not in NAMES
    assert set(OVERSEAS_ZONES) == {code for code in NAMES if len(code) == 3}


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("86", "Europe/Paris"),
        ("2A", "Europe/Paris"),
        ("973", "America/Cayenne"),
        ("974", "Indian/Reunion"),
        ("975", "America/Miquelon"),
        ("988", "Pacific/Noumea"),
    ],
)
def test_a_departement_has_the_zone_of_its_prefecture(code: str, zone: str) -> None:
    assert zone_of(code) == zone


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("?utm_source=x", ""),
        ("?utm_source=x&utm_medium=mail&UTM_Campaign=y", ""),
        ("?gclid=1&fbclid=2&msclkid=3&dclid=4&gbraid=5", ""),
        ("?departement=77&utm_source=x&lieu_id=3", "?departement=77&lieu_id=3"),
        ("?mtm_campaign=a&_gl=1*b&mc_cid=2&xtor=AL-3&pk_kwd=z", ""),
        ("?utm_source", ""),
        ("", ""),
        ("?account=EVMSPI&config=utm_x", "?account=EVMSPI&config=utm_x"),
        ("?date=%20a&b=", "?date=%20a&b="),
    ],
)
def test_parameters_that_only_follow_a_link_are_dropped(pasted: str, kept: str) -> None:
    page = "https://demarche.numerique.gouv.fr/commencer/rdv"
    assert without_trackers(page + pasted) == page + kept


def test_a_host_whose_name_only_ends_like_this_machine_is_not_this_machine() -> None:
    assert not is_local("evil-localhost")
    assert not is_local("www.evil-localhost")


def test_every_departement_of_a_region_is_in_one_and_in_no_other() -> None:
    overseas = {"975", "977", "978", "986", "987", "988"}
    assert set(NAMES) - set(regions.REGION_OF) == overseas
    assert sum(map(len, regions.REGIONS.values())) == len(regions.REGION_OF)


def test_a_name_too_long_for_dns_is_no_host_name() -> None:
    assert is_hostname("a." * 125 + "fr")
    assert not is_hostname("a." * 126 + "fr")
    assert is_hostname("a" * 63 + ".fr")
    assert not is_hostname("a" * 64 + ".fr")


PAGE = "https://rdv.anct.gouv.fr/prendre_rdv?departement=86"


@pytest.mark.parametrize(
    "pasted",
    [
        f"<{PAGE}>",
        f'"{PAGE}"',
        f"« {PAGE} »",
        f"«\u202f{PAGE}\u202f»",
        f"“{PAGE}”",
        f"‘{PAGE}’",
        f"({PAGE})",
        f"({PAGE}).",
        f"[Rendez-vous]({PAGE})",
        f"`{PAGE}`",
        f"**{PAGE}**",
        f" {PAGE}\n",
        f"\xa0{PAGE}",
        f"{PAGE}.",
        f"{PAGE},",
        f"{PAGE};",
        f"{PAGE})",
        f"{PAGE}>",
        f"{PAGE}\u2026",
        f"\ufeff{PAGE}",
        PAGE.replace("gouv", "go\u200buv"),
        PAGE.replace("86", "8\xad6"),
        f"{PAGE}\u202e",
    ],
)
def test_what_was_pasted_with_an_address_is_named_with_the_address_to_write(pasted: str) -> None:
    assert str(url_problem(pasted)).endswith(f'pasted with it; write "{PAGE}"')


@pytest.mark.parametrize(
    "sign", ["&amp;", "&#38;", "&#x26;", "&AMP;", "&amp;amp;", "%26amp%3B", "&amp%3B", "%26amp;"]
)
def test_an_address_copied_from_a_pages_source_is_refused_with_the_mend(sign: str) -> None:
    assert str(url_problem(f"{PAGE}{sign}lieu_id=3")).endswith(f'write "{PAGE}&lieu_id=3"')


@pytest.mark.parametrize(
    "link",
    [
        "https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C02&reserved=0",
        "https://www.google.com/url?sa=t&url={}&usg=x",
        "https://l.facebook.com/l.php?u={}&h=x",
    ],
)
def test_a_link_that_leads_through_another_site_is_refused_with_the_mend(link: str) -> None:
    problem = str(url_problem(link.format(quote(PAGE, safe=""))))
    assert problem.startswith("leads through ")
    assert problem.endswith(f'write "{PAGE}"')


def test_a_link_of_a_mail_filter_that_writes_the_address_in_its_path_is_refused_with_the_mend() -> None:
    problem = str(url_problem(f"https://urldefense.com/v3/__{PAGE}__;!!Abc$"))
    assert problem.endswith(f'write "{PAGE}"')


@pytest.mark.parametrize(
    "url", ["https://evil.example/?url=https://elsewhere.example/a", "https://evil.example/"]
)
def test_a_link_that_leads_to_no_booking_page_gets_no_such_mend(url: str) -> None:
    assert "is not a known booking host" in str(url_problem(url))


@pytest.mark.parametrize("sign", ["<", ">", '"'])
def test_a_sign_that_no_browser_leaves_in_an_address_is_refused(sign: str) -> None:
    assert "never leave in an address" in str(url_problem(f"{PAGE}{sign}a=1"))


@pytest.mark.parametrize(
    "more", ["", "&nom=(a)", "&a=1;b=2", "&copy=1&sect=2", "&a=%26b", "&q=amp", "&a=b!c", "/"]
)
def test_what_may_stand_in_an_address_is_left_there(more: str) -> None:
    assert url_problem(PAGE + more) is None


@pytest.mark.parametrize(
    "pasted", ["<https://me:hunter2@rdv.anct.gouv.fr/>", "https://me:hunter2@rdv.anct.gouv.fr/?a&amp;b"]
)
def test_no_mend_repeats_a_password(pasted: str) -> None:
    assert "hunter2" not in str(url_problem(pasted))
