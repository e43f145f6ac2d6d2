"""Prints `docs/rules.md` from `monitor/present/rules.py`: `python -m tools.rules_doc > docs/rules.md`."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.present.rules import ANSWERS, BEGINNINGS, DOUBTS, OBSTACLES, OURS, failed
from probes.failures import Failure

HEAD = """# Rules

What the rule of a reading means: the sentences that `vigie quarantine show` prints. This page is written by
`python -m tools.rules_doc` from [`monitor/present/rules.py`](../monitor/present/rules.py). What a conclusive
reading must stand on: [dd-008](design/dd-008-what-a-conclusive-reading-stands-on.md). A platform described in
TOML names its own rules beside these."""


def document() -> str:
    """The whole page, as Markdown."""
    begun = {rule: told for rule, told in BEGINNINGS.items() if rule not in OURS}
    failures = {failure.value: failed(failure) for failure in Failure}
    return "\n\n".join(
        [
            HEAD,
            _section("A page came, and nothing is concluded from it", {**DOUBTS, **begun}.items()),
            _section("The page answers", ANSWERS.items()),
            _section("Something stands before the answer, or there is none any more", OBSTACLES.items()),
            _section("No usable page came", failures.items()),
            _section("We failed ourselves", OURS.items()),
        ]
    )


def _section(title: str, rules: Iterable[tuple[str, str]]) -> str:
    rows = "\n".join(f"| `{_shown(rule)}` | {told} |" for rule, told in sorted(rules))
    return f"## {title}\n\n| rule | meaning |\n|---|---|\n{rows}"


def _shown(rule: str) -> str:
    return f"{rule}…" if rule in BEGINNINGS else rule


if __name__ == "__main__":
    print(document())
