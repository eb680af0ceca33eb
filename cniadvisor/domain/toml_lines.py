"""Where in a TOML text a key stands: the parser of the standard library keeps no positions."""

import re


def line_of(text: str, key: str) -> int | None:
    """Return the number of the first line that sets ``key`` or heads a table of that name.

    None when there is none, as with a key inside an inline table.
    """
    word = re.escape(key)
    begins = re.compile(rf"""\s*(?:\[+\s*)?["']?{word}["']?\s*[=.\]]""")
    for number, line in enumerate(text.splitlines(), start=1):
        if begins.match(line):
            return number
    return None


def place_of(text: str, key: str, *, source: str) -> str:
    """Return ``source, line 3`` for a message about ``key``; the source alone if unknown."""
    line = line_of(text, key)
    return source if line is None else f"{source}, line {line}"
