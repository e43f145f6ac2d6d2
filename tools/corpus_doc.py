"""Writes the figures of `make corpus` into the README, between two HTML comments. Takes half a minute."""

from __future__ import annotations

from pathlib import Path

from probes.registry import PLATFORMS, platform
from tests.corpus.build import corpus
from tests.corpus.matrix import measure
from tests.corpus.tables import markdown

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
OPENING, CLOSING = "<!-- corpus: written by `python -m tools.corpus_doc` -->\n", "<!-- /corpus -->"


def quoted(readme: str) -> str:
    """The figures that stand in the text `readme`, between the two comments."""
    return readme.partition(OPENING)[2].partition(CLOSING)[0]


def main() -> None:
    """Read the corpus and replace the figures in the README."""
    visits = corpus(ROOT / "tests/pages", [each.name for each in PLATFORMS])
    figures = markdown(measure(visits, platform), PLATFORMS)
    readme = README.read_text(encoding="utf-8")
    before, opening, rest = readme.partition(OPENING)
    _old, closing, after = rest.partition(CLOSING)
    README.write_text("".join((before, opening, figures, closing, after)), encoding="utf-8")


if __name__ == "__main__":
    main()
