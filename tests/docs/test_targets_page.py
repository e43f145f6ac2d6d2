"""`docs/targets.md`: its tables are those of the code, and the catalogue accepts its examples."""

from __future__ import annotations

import re
import tomllib

import pytest

from monitor.settings.base import SHORTEST_INTERVAL
from monitor.targets.catalogue import CatalogueEntry, CatalogueRules, parse_catalogue
from monitor.targets.descriptions import parse_description
from monitor.targets.row import CatalogueRow
from probes.registry import PLATFORMS
from tools.targets_doc import PAGE, document

TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
CATALOGUES = [block for block in BLOCKS if "[[target]]" in block]
DESCRIPTIONS = [parse_description(block, "docs") for block in BLOCKS if block not in CATALOGUES]
RULES = CatalogueRules(platforms=(*PLATFORMS, *DESCRIPTIONS))


def entries() -> list[CatalogueEntry]:
    return [entry for block in CATALOGUES for entry in parse_catalogue(block, RULES)]


def test_its_tables_are_those_of_the_code() -> None:
    assert document(TEXT) == TEXT, "run: python -m tools.targets_doc"


def test_a_page_without_a_place_for_a_table_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table of options"):
        document(TEXT.replace("<!-- options", "<!-- choices"))


@pytest.mark.parametrize("block", CATALOGUES, ids=lambda block: tomllib.loads(block)["target"][0]["id"])
def test_the_catalogue_accepts_each_example(block: str) -> None:
    assert parse_catalogue(block, RULES)


def test_all_examples_can_stand_in_one_file() -> None:
    assert len(parse_catalogue("\n".join(CATALOGUES), RULES)) == len(entries())


def test_every_platform_has_an_example() -> None:
    shown = {entry.target.platform for entry in entries()}
    assert shown == {platform.name for platform in RULES.platforms}
    assert len(DESCRIPTIONS) == 1


def test_it_begins_with_two_targets_of_which_one_is_the_control_of_the_other() -> None:
    first, second = parse_catalogue(CATALOGUES[0], RULES)
    assert (first.control, second.control) == (second.target.id, None)


def test_the_table_of_fields_says_of_each_what_is_refused() -> None:
    rows = {name: field.description or "" for name, field in CatalogueRow.model_fields.items()}
    assert [name for name, said in rows.items() if "Refused: " not in said] == []
    assert f"less than {SHORTEST_INTERVAL.seconds // 60} minutes" in rows["interval"]


def test_the_readme_and_the_list_of_documents_link_it() -> None:
    for page in (PAGE.parent / "README.md", PAGE.parents[1] / "README.md"):
        assert "targets.md)" in page.read_text(encoding="utf-8")
