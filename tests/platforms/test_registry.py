"""The registry and the saved pages know the same platforms, and each keeps the house's rules."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest

from monitor.places.hosts import without_trackers
from monitor.targets.catalogue import page_problem
from probes import registry
from probes.model import Outcome, Platform, Transport
from probes.option import TITLE, Option
from probes.platforms.example import Example
from probes.proof import PageOrigin, best_origin
from probes.registry import PLATFORMS
from probes.sessions.guard import StopLineGuard
from tests.cast.saved_pages import PAGES, folders, load

EVERY = (*PLATFORMS, Example())
TABLES = Path(__file__).with_name("stop_lines")
ROOM = Path(registry.__file__).with_name("platforms")
SOURCES = {path.stem: path for path in ROOM.glob("[a-z]*")}
ALLOWED_IMPORTS = {
    "__future__",
    "re",
    "collections",
    "dataclasses",
    "datetime",
    "itertools",
    "urllib",
    "zoneinfo",
}
ALLOWED_IMPORTS |= {"probes", "selectolax"}
CAN_SAY = {Outcome.SLOTS_OFFERED, Outcome.NO_SLOTS}
EXACT_ADDRESSES = {
    "classic": "https://www.rdv.ain.gouv.fr/booking/create/804/0",
    "rdv_prefecture": "https://www.rdv-prefecture.interieur.gouv.fr/rdvpref/reservation/demarche/9040/cgu/",
    "rdv_service_public": "https://rdv.anct.gouv.fr/prendre_rdv?public_link_organisation_id=1",
    "demarche_numerique": "https://www.demarches-simplifiees.fr/commencer/rdv-aes-pro",
}


def outcomes(platform: str) -> set[str]:
    return {folder.name.split("-")[0] for folder in folders() if folder.parent.name == platform}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_names_are_unique_and_every_one_is_found_by_its_name() -> None:
    names = [platform.name for platform in PLATFORMS]
    assert len(set(names)) == len(names)
    assert [registry.platform(name).name for name in names] == names


def test_an_unknown_name_is_told_with_those_that_exist() -> None:
    with pytest.raises(LookupError, match=r"there is no platform 'esirus': write one of .*\bclassic,"):
        registry.platform("esirus")


def test_the_platform_to_copy_is_not_registered() -> None:
    assert "example" not in [platform.name for platform in PLATFORMS]


@pytest.mark.parametrize("name", EXACT_ADDRESSES)
def test_an_address_finds_its_platform_and_no_other(name: str) -> None:
    found = [platform.name for platform in PLATFORMS if platform.accepts(EXACT_ADDRESSES[name])]
    assert found == [name]
    only = registry.platform_for(EXACT_ADDRESSES[name])
    assert only is not None
    assert only.name == name


PASTED = (
    *("", "?utm_source=lettre", "?x=1", "?prescripteur=1", "&lieu_id=4", "&utm_x=1", "#a"),
    *("/", "/5", "/..", "/%2e%2e"),
)


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_what_is_accepted_as_its_page_its_stop_line_lets_out(platform: Platform) -> None:
    """An address with more than the walk may ask for would be a fault of ours at every visit."""
    table = tomllib.loads((TABLES / f"{platform.name}.toml").read_text(encoding="utf-8"))
    listed = [row["get"] for rows in (table["may"], table["may_not"]) for row in rows if "get" in row]
    line = StopLineGuard(platform.stop_line)
    addresses = [urljoin(table["site"], each) + more for each in listed for more in PASTED]
    accepted = [url for url in addresses if not page_problem(without_trackers(url), platform)]
    assert accepted
    assert [url for url in accepted if not line.allows(without_trackers(url))] == []


OF_THIS_ROOM = ("rdv_service_public", "demarche_numerique", "orion", "example")


@pytest.mark.parametrize("name", OF_THIS_ROOM)
def test_it_accepts_by_itself_no_more_than_its_stop_line(name: str) -> None:
    platform = next(each for each in EVERY if each.name == name)
    table = tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))
    listed = [row["get"] for rows in (table["may"], table["may_not"]) for row in rows if "get" in row]
    addresses = [urljoin(table["site"], each) + more for each in listed for more in PASTED]
    accepted = [url for url in addresses if platform.accepts(url)]
    assert [url for url in accepted if not platform.stop_line.lists(url)] == []


@pytest.mark.parametrize("url", ["", "https://www.ain.gouv.fr/", "https://www.ants.gouv.fr/x", "http://[::1"])
def test_an_address_of_no_platform_finds_none(url: str) -> None:
    assert registry.platform_for(url) is None


def test_every_platform_has_pages_and_every_folder_a_platform() -> None:
    assert {path.name for path in PAGES.iterdir() if path.is_dir()} == {platform.name for platform in EVERY}
    assert set(SOURCES) == {platform.name for platform in EVERY}


@pytest.mark.parametrize("platform", [platform.name for platform in EVERY])
def test_its_pages_show_how_it_fails(platform: str) -> None:
    shown = outcomes(platform)
    assert shown & {"captcha", "blocked"}
    assert {"site_down", "unrecognised"} <= shown


@pytest.mark.parametrize("platform", [p.name for p in EVERY if p.name != "demarche_numerique"])
def test_its_pages_show_some_and_none(platform: str) -> None:
    assert outcomes(platform) >= CAN_SAY


def test_a_form_of_requests_never_shows_a_slot() -> None:
    assert not outcomes("demarche_numerique") & CAN_SAY
    assert {"requests_open", "closed"} <= outcomes("demarche_numerique")


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_it_says_the_best_origin_of_its_pages(platform: Platform) -> None:
    """So it is unproven until a recorded page was read."""
    pages = [load(folder) for folder in folders() if folder.parent.name == platform.name]
    degrees = list(PageOrigin)
    assert best_origin(platform) is max((page.origin for page in pages), key=degrees.index)
    rendered = [page.templates for page in pages if page.templates]
    assert (platform.templates in rendered) if rendered else platform.templates is None


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_its_stop_line_can_be_kept(platform: Platform) -> None:
    line = platform.stop_line
    assert line.paths
    for pattern in (*line.paths, *(field.values for form in line.forms for field in form.fields)):
        assert not re.compile(pattern).fullmatch("/any/path?with=query#and anything, Dupont@example.org")
    assert platform.transports
    assert re.fullmatch(r"[0-9]+", platform.version)


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_it_says_in_one_sentence_whether_its_answer_stands_in_the_html(platform: Platform) -> None:
    declared = platform.answer.in_html
    assert declared is not None
    assert re.fullmatch(r"[A-Z][^.\n]{20,120}\.", declared.reason)
    assert declared.stands or platform.transports != {Transport.HTTP}


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_it_declares_every_option_that_it_reads_and_no_other(platform: Platform) -> None:
    path = SOURCES[platform.name]
    files = path.rglob("*.py") if path.is_dir() else [path]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    read = set(re.findall(r'\.options(?:\.get\(|\[)"(\w+)"', text))
    assert read | {"title"} == {option.name for option in platform.options}
    assert "title" in read or "signals.confirmed(" in text


@pytest.mark.parametrize("platform", EVERY, ids=lambda platform: platform.name)
def test_it_says_what_each_of_its_options_must_look_like(platform: Platform) -> None:
    for option in platform.options:
        assert re.fullmatch(r"[a-z][a-z_]{0,39}", option.name)
        assert re.fullmatch(r"[^.\n]{5,100}", option.looks)
        assert re.fullmatch(r"[A-Z`][^\n]{10,130}\.", option.meaning)
        assert not any(map(option.takes, ("", " ", "\n", f"{option.example}\n")))


def test_an_option_whose_example_it_does_not_take_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="the example 'x' of n is not a number"):
        Option(name="n", values="[0-9]", looks="a number", meaning="Which.", example="x")


@pytest.mark.parametrize(
    ("title", "taken"),
    [("RDV", True), ("à l'été", True), ("é", False), ("?? !! ..", False), ("a b", False), ("a\nbcd", False)],
)
def test_a_title_is_words_on_one_line(title: str, taken: bool) -> None:
    assert TITLE.takes(title) is taken
    assert TITLE.takes(title + "x" * 210) is False


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_its_source_knows_no_sibling_and_no_way_to_the_network(path: Path) -> None:
    files = path.rglob("*.py") if path.is_dir() else [path]
    names = {name for file in files for name in imported(file)}
    own = f"probes.platforms.{path.stem}."
    assert {name.split(".")[0] for name in names} <= ALLOWED_IMPORTS
    foreign = [name for name in names if name.startswith(("probes.platforms", "probes.sessions"))]
    assert not [name for name in foreign if not (path.is_dir() and name.startswith(own))]
    assert not [name for name in names if name.startswith("urllib") and not name.startswith("urllib.parse")]
