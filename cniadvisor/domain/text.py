"""Text that comes from a cluster or a file is not trusted with the terminal."""

import unicodedata

_HARMFUL = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


def printable(text: str, *, limit: int = 2000) -> str:
    """Return ``text`` on one line without control, bidi-override or unassigned characters.

    Newlines and tabs become one space; everything that could move the cursor, change colours or
    reorder what is read is dropped. Longer texts are cut at ``limit`` characters with an ellipsis.
    """
    kept = "".join(
        " " if char in "\n\r\t" else char
        for char in text
        if char in "\n\r\t" or unicodedata.category(char) not in _HARMFUL
    )
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
