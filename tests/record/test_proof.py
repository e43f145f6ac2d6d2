"""The three degrees of proof, in a platform and in a saved page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from monitor.problems import BadInput
from probes.proof import PageOrigin, Templates, best_origin
from tests.cast.saved_pages import load

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEMPLATES = Templates(repository="betagouv/example", commit=COMMIT)
CASE = """
note = "x"
origin = "{origin}"
captured_at = 2025-12-20T10:00:00Z
transport = "http"
{more}
[target]
url = "https://rdv.exemple.fr/"
"""


@dataclass
class Reader:
    verified_on: date | None = None
    templates: Templates | None = None


@pytest.mark.parametrize(
    ("reader", "origin"),
    [
        (Reader(), PageOrigin.RECONSTRUCTED),
        (Reader(templates=TEMPLATES), PageOrigin.RENDERED),
        (Reader(verified_on=date(2026, 11, 27)), PageOrigin.RECORDED),
        (Reader(verified_on=date(2026, 11, 27), templates=TEMPLATES), PageOrigin.RECORDED),
    ],
)
def test_a_reader_is_as_proven_as_the_best_of_its_pages(reader: Reader, origin: PageOrigin) -> None:
    assert best_origin(reader) is origin


@pytest.mark.parametrize(
    ("repository", "commit", "said"),
    [
        ("betagouv/example", "main", "is no commit"),
        ("betagouv/example", COMMIT[:12], "is no commit"),
        ("betagouv/example", COMMIT.upper(), "is no commit"),
        ("example", COMMIT, "is no repository"),
    ],
)
def test_templates_name_a_repository_and_a_whole_commit(repository: str, commit: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Templates(repository=repository, commit=commit)


def case(folder: Path, origin: str, more: str = "") -> Path:
    folder = folder / "classic" / "case"
    folder.mkdir(parents=True)
    (folder / "case.toml").write_text(CASE.format(origin=origin, more=more), encoding="utf-8")
    return folder


def test_a_rendered_page_names_its_templates(tmp_path: Path) -> None:
    more = f'templates = {{ repository = "betagouv/example", commit = "{COMMIT}" }}'
    loaded = load(case(tmp_path, "rendered", more))
    assert (loaded.origin, loaded.templates) == (PageOrigin.RENDERED, TEMPLATES)


@pytest.mark.parametrize(
    ("origin", "more", "said"),
    [
        ("rendered", "", "a page that is rendered names its .templates. repository and commit"),
        ("rendered", 'templates = { repository = "betagouv/example" }', "missing .* 'commit'"),
        ("rendered", 'templates = { repository = "betagouv/example", commit = "main" }', "is no commit"),
        (
            "recorded",
            f'templates = {{ repository = "betagouv/example", commit = "{COMMIT}" }}',
            "a page that is recorded names no",
        ),
        ("remembered", "", "'remembered' is not a valid PageOrigin"),
    ],
)
def test_a_page_whose_origin_is_not_whole_is_refused(
    tmp_path: Path, origin: str, more: str, said: str
) -> None:
    with pytest.raises(BadInput, match=f"(?s)case.toml: cannot be used .*{said}"):
        load(case(tmp_path, origin, more))
