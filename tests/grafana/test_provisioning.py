"""What Grafana is given: data sources, folders, and a role that reads figures and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from monitor.store import Store
from tests.grafana.conftest import SINCE, UNTIL, VALUES
from tests.grafana.dashboards import BOARDS, FOLDER, ROOT, annotations, queries, variables
from tests.grafana.expanding import expanded

PROVISIONING = ROOT / "grafana" / "provisioning"


def test_the_data_sources_have_the_uids_that_the_dashboards_choose() -> None:
    text = (PROVISIONING / "datasources" / "vigie.yml").read_text(encoding="utf-8")
    uids = set(re.findall(r"uid: (\S+)", text))
    chosen = [
        v for board in BOARDS.values() for v in board["templating"]["list"] if v["type"] == "datasource"
    ]
    assert {variable["current"]["value"] for variable in chosen} == uids


def test_every_folder_of_dashboards_is_provisioned() -> None:
    text = (PROVISIONING / "dashboards" / "vigie.yml").read_text(encoding="utf-8")
    provided = set(re.findall(r"path: \$\{VIGIE_DASHBOARDS\}/(\S+)", text))
    assert provided == {path.name for path in FOLDER.iterdir() if path.is_dir()}


def test_every_variable_of_the_environment_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PROVISIONING.rglob("*.yml"))
    told = (ROOT / "grafana" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{((?:GF_)?VIGIE_\w+)\}", text)) == set(
        re.findall(r"^\| `((?:GF_)?VIGIE_\w+)`", told, re.MULTILINE)
    )


@pytest.fixture(scope="module")
def reader(seeded: tuple[str, Store]) -> Iterator[psycopg.Connection]:
    """A connection as Grafana's role, which `reader.sql` makes."""
    with psycopg.connect(seeded[0], autocommit=True) as owner:
        for _ in range(2):
            owner.execute((ROOT / "grafana" / "reader.sql").read_text(encoding="utf-8"))
    url = seeded[0].replace("postgres@", "vigie_grafana@")
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


@pytest.mark.postgresql
def test_grafanas_role_can_run_every_query(reader: psycopg.Connection) -> None:
    texts = [text for _, _, text in (*queries("rawSql"), *annotations(), *variables())]
    for text in texts:
        reader.execute(expanded(text, VALUES, SINCE, UNTIL))


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT address FROM subscriptions",
        "SELECT recipient FROM outbox",
        "SELECT data FROM blobs",
        "DELETE FROM events",
        "UPDATE day_tallies SET n = 0",
        "CREATE TABLE mine (x int)",
    ],
)
def test_grafanas_role_reads_figures_and_nothing_else(reader: psycopg.Connection, forbidden: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        reader.execute(forbidden)
