"""TOML as editors and accidents leave it: read, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.problems import BadInput, as_toml, parse_toml, read_text

BIG = "holds a whole number of more than 100 digits; correct it"
DEEP = "holds tables or lists within hundreds of others; write them flat"


@pytest.mark.parametrize(("text", "sentence"), [
    ("a = " + "9" * 5_000, BIG),
    ("a = 0x" + "f" * 5_000, BIG),
    ("a = 1" + "0" * 100, BIG),
    ("a = [{b = -1" + "0" * 100 + "}]", BIG),
    ("a = " + "[" * 3_000 + "]" * 3_000, DEEP),
    ("a = " + "{a = " * 3_000 + "1" + "}" * 3_000, DEEP),
    ("a" + ".a" * 3_000 + " = 1", DEEP),
    ("[a" + ".a" * 3_000 + "]", DEEP),
    ("a = 2026-02-30", "is not valid TOML"),
    ("a = ", "is not valid TOML"),
])  # fmt: skip
def test_what_no_one_means_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_toml(text, "vigie.toml")
    assert str(told.value).startswith(f"vigie.toml: {sentence}")
    assert len(str(told.value)) < 300


def test_the_largest_numbers_of_toml_are_read() -> None:
    assert parse_toml("a = [9223372036854775807, -9223372036854775808]", "x") == {"a": [2**63 - 1, -(2**63)]}


def test_the_mark_that_windows_puts_before_a_text_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "targets.toml"
    path.write_bytes("\ufeffa = 1\n".encode())
    assert parse_toml(read_text(path), str(path)) == {"a": 1}


def test_an_example_is_written_as_toml() -> None:
    table = {"stands": True, "reason": "It says « none ».", "steps": [{"open": "{url}"}, 2]}
    written = as_toml(table)
    assert written == '{ stands = true, reason = "It says « none ».", steps = [{ open = "{url}" }, 2] }'
    assert parse_toml(f"in_html = {written}", "x") == {"in_html": table}
