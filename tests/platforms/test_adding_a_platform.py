"""The steps of `docs/adding-a-platform.md`, executed in a copy of the repository."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

ROOT = Path(__file__).parents[2]
STEPS = re.findall(
    r"^ +```sh\n(.*?)^ +```",
    (ROOT / "docs/adding-a-platform.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
COPIED = ("probes", "monitor", "tests", "docs", "pyproject.toml")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the steps touch."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def run(step: str, copy: Path) -> CompletedProcess[str]:
    """One step as a person types it, in the copy, with the interpreter that runs this test."""
    command = step.replace(".venv/bin/pytest", f"{sys.executable} -m pytest -p no:cacheprovider")
    command = command.replace(".venv/bin/ruff", f"{sys.executable} -m ruff")
    return subprocess.run(["sh", "-ec", command], cwd=copy, capture_output=True, text=True, timeout=100)


@pytest.mark.slow
def test_its_steps_add_a_platform_that_asks_for_a_review_and_then_passes(copy: Path) -> None:
    *prepare, walk, again = STEPS
    assert [run(step, copy).stderr for step in prepare] == ["", "", ""]

    first = run(walk, copy)
    assert first.returncode == 1
    assert "review it, then run again" in first.stdout
    answer = copy / "tests/pages/my_platform/no_slots-sentence/expected.json"
    assert json.loads(answer.read_text(encoding="utf-8"))["outcome"] == "no_slots"

    second = run(again, copy)
    assert (second.returncode, second.stderr) == (0, ""), second.stdout


def test_the_document_ends_with_the_run_that_must_pass() -> None:
    assert len(STEPS) == 5
    assert STEPS[-2].strip().startswith(".venv/bin/pytest tests/platforms/test_pages.py")
    assert STEPS[-1].strip().startswith(".venv/bin/pytest tests/platforms ")
