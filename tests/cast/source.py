"""The elements in which a page shows source, or words that are typed, printed or cited, as text."""

from __future__ import annotations

SOURCE = ("pre", "code", "samp", "kbd", "var", "tt", "xmp", "listing", "plaintext", "blockquote", "q", "cite")
