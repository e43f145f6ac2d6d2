"""What the documents say is there: commands, files, links, platforms."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer

from monitor.cli import app
from probes.model import Transport
from probes.registry import PLATFORMS
from tests.corpus.tables import degree
from tools.commands_doc import commands, page

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"(?<![\w/])(?:\.venv/bin/)?vigie((?: [a-z][a-z-]*)+)")


def named() -> dict[str, str]:
    """Every command and what its help says."""
    return {name: command.help or "" for name, command in commands(typer.main.get_command(app))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_documents_exist(document: Path) -> None:
    known = {name.split()[0] for name in named()}
    code = re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8"))
    typed = [found.split() for text in code for found in COMMAND.findall(text)]
    assert [words for words in typed if words[0] not in known] == []


def test_the_command_reference_is_current() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == page()


def test_a_group_that_does_something_alone_is_a_command() -> None:
    names = list(named())
    assert {"quarantine", "quarantine accept", "platforms", "platforms resume"} <= set(names)
    assert not {"", "alerts", "audit", "db", "switch"} & set(names)
    assert len(names) == len(set(names))


def test_every_command_says_what_it_does() -> None:
    assert [name for name, said in named().items() if not said] == []


def test_the_readme_shows_both_commands_and_every_platform_with_its_proof() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme
    for platform in PLATFORMS:
        (row,) = [line for line in readme.splitlines() if f"`{platform.name}`" in line]
        names = {Transport.BROWSER: "browser", Transport.HTTP: "HTTP"}
        over = ", ".join(names[how] for how in sorted(platform.transports))
        assert row.endswith(f"| {over} | {degree(platform)} |")


def test_the_changelog_names_every_reader_and_its_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    missing = [p.name for p in PLATFORMS if f"`{p.name}` {p.version}" not in changelog]
    assert missing == []


def test_the_version_of_the_package_is_in_the_changelog_or_unreleased() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {version}" in changelog or "## Unreleased" in changelog


def test_the_repository_speaks_of_no_machine_of_ours() -> None:
    texts = [
        path
        for path in ROOT.glob("**/*.md")
        if ".venv" not in path.parts and "node_modules" not in path.parts
    ]
    assert [
        path.name for path in texts if re.search(r"/(root|work|home)/", path.read_text(encoding="utf-8"))
    ] == []
