"""What Grafana does to a query before it sends it: variables and macros replaced, as it documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

Values = Mapping[str, str | Sequence[str]]


def expanded(text: str, values: Values, since: datetime, until: datetime) -> str:
    """The query as the database gets it. Fails on a variable not given and on a macro it does not know."""
    text = re.sub(r"\$\{(\w+)(?::(\w+))?\}", lambda m: _value(values[m[1]], m[2]), text)
    a, b = (f"'{t.isoformat().replace('+00:00', 'Z')}'" for t in (since, until))
    text = re.sub(r"\$__timeFilter\(((?:[^()]|\([^()]*\))*)\)", rf"\1 BETWEEN {a} AND {b}", text)
    text = text.replace("$__timeFrom()", a).replace("$__timeTo()", b)
    text = text.replace("$__rate_interval", "5m").replace(
        "$__range", f"{int((until - since).total_seconds())}s"
    )
    assert "$" not in text, f"left over: {text[text.index('$') :][:60]}"
    return text


def _value(value: str | Sequence[str], how: str | None) -> str:
    words = [value] if isinstance(value, str) else list(value)
    if how == "sqlstring":
        return ",".join("'" + word.replace("'", "''") + "'" for word in words)
    if how == "regex":
        return "|".join(re.escape(word) for word in words)
    assert how in (None, "raw", "percentencode"), how
    return ",".join(words)
