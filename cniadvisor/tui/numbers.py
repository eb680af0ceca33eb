"""What is wrong with a number somebody typed."""

import math
from collections.abc import Callable


def checked_whole(least: int, most: int) -> Callable[[str], str | None]:
    """Return a check for whole numbers between two ends."""

    def wrong(line: str) -> str | None:
        digits = line.isascii() and line.isdigit() and len(line) < 10
        if not digits or not least <= int(line) <= most:
            return f"it must be a whole number from {least} to {most}"
        return None

    return wrong


def checked_number(least: float) -> Callable[[str], str | None]:
    """Return a check for numbers that are finite and not below ``least``."""

    def wrong(line: str) -> str | None:
        try:
            number = float(line)
        except ValueError:
            number = math.nan
        return None if least <= number < math.inf else f"it must be a number of at least {least:g}"

    return wrong
