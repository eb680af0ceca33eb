"""Numbers and names as a person reads them: engineers' form, never without a unit."""

import math
import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cniadvisor.domain.text import printable

if TYPE_CHECKING:  # not loaded before there is a figure: the app paints without
    from cniadvisor.domain.measurement import PathName, TestName
    from cniadvisor.domain.report import Interval

WIDTH = 80
"""No line of ours is wider."""

NOT_KNOWN = "not known"

_RATE_UNITS = ((1e-3, "kbit/s"), (1.0, "Mbit/s"), (1e3, "Gbit/s"), (1e6, "Tbit/s"))

_NUMBER_AND_UNIT = re.compile(r"(?<=[0-9]) (?=[%A-Za-z])")

_TEST_NAMES = {
    "udp-max": "UDP without loss",
    "http-latency": "HTTP latency",
    "latency-tcp": "TCP latency",
    "latency-udp": "UDP latency",
}


def test_name(test: "TestName", streams: int | None) -> str:
    """Name a test in a sentence; ``streams`` is None where several reports differ in them."""
    if test.value == "tcp-multi":
        number = "several" if streams is None else streams
        return f"TCP with {number} stream{'' if number == 1 else 's'}"
    return _TEST_NAMES.get(test.value, test.upper())


def network(path: "PathName") -> str:
    """Name a path in a sentence."""
    return f"{path.value} network"


def decimals_for(value: float, digits: int = 3) -> int:
    """Return how many decimals show ``digits`` significant digits of a value."""
    if value == 0:
        return 0
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))


def significant(value: float, digits: int = 3) -> str:
    """Return a value to so many significant digits; digits before the point all stay."""
    shown = f"{value:.{decimals_for(value, digits)}f}"
    # 9.996 becomes 10.00, which is one digit too many.
    return f"{float(shown):.{decimals_for(float(shown), digits)}f}"


def rates(mbit_per_s: Sequence[float]) -> tuple[list[str], str]:
    """Return rates in the unit, and with the decimals, that suit the largest; and that unit."""
    largest = max(mbit_per_s, key=abs)
    factor, unit = rate_unit(largest)
    decimals = decimals_for(float(significant(largest / factor)))
    return [f"{value / factor:.{decimals}f}" for value in mbit_per_s], unit


def rate_unit(mbit_per_s: float) -> tuple[float, str]:
    """Return how many Mbit/s the unit that suits a rate is, and its name: ``1000, Gbit/s``."""
    factor, unit = _RATE_UNITS[0]
    for candidate in _RATE_UNITS:
        # Not 999.6, which would be shown as 1000.
        if abs(mbit_per_s) >= candidate[0] * 0.9995:
            factor, unit = candidate
    return factor, unit


def rate(mbit_per_s: float) -> str:
    """Return a rate to three significant digits: ``8.91 Gbit/s``."""
    (shown,), unit = rates([mbit_per_s])
    return f"{shown} {unit}"


def rate_range(low: float, high: float) -> str:
    """Return ``8.80 to 9.02 Gbit/s``."""
    (first, last), unit = rates([low, high])
    return f"{first} to {last} {unit}"


def quantity(value: float, unit: str) -> str:
    """Return a figure with its unit; rates in the unit that suits them."""
    return rate(value) if unit == "Mbit/s" else f"{significant(value)} {unit}"


def quantity_range(low: float, high: float, unit: str) -> str:
    """Return a range of figures with their unit."""
    if unit == "Mbit/s":
        return rate_range(low, high)
    decimals = decimals_for(max(low, high, key=abs))
    return f"{low:.{decimals}f} to {high:.{decimals}f} {unit}"


def ratio_percent(ratio: float, interval: "Interval") -> tuple[str, str]:
    """Return a ratio in percent, and its interval as ``91 to 95 %``, rounded alike.

    As few decimals as the interval is worth, but so many that rounding moves no end of it across
    the limit of the zone in which nothing is called a difference.
    """
    decimals = _ratio_decimals(interval) - 2
    ends = f"{100 * interval.low:.{decimals}f} to {100 * interval.high:.{decimals}f} %"
    return f"{100 * ratio:.{decimals}f} %", ends


def ratio_times(ratio: float, interval: "Interval") -> tuple[str, str]:
    """Return a ratio as ``1.32 times``, and its interval as ``1.28 to 1.36``, rounded alike."""
    decimals = _ratio_decimals(interval)
    ends = f"{interval.low:.{decimals}f} to {interval.high:.{decimals}f}"
    return f"{ratio:.{decimals}f} times", ends


def _ratio_decimals(interval: "Interval") -> int:
    decimals = 2 if interval.high - interval.low >= 0.03 else 3
    while decimals < 6 and any(
        _side(round(bound, decimals)) != _side(bound) for bound in (interval.low, interval.high)
    ):
        decimals += 1
    return decimals


def _side(ratio: float) -> int:
    from cniadvisor.stats.comparison import INDIFFERENT

    return (ratio > INDIFFERENT.high) - (ratio < INDIFFERENT.low)


def percent(value: float) -> str:
    """Return a percentage to two significant digits: ``0.48 %``, ``7.2 %``, ``63 %``."""
    return f"{significant(value, 2)} %"


def duration(seconds: float) -> str:
    """Return ``42 s``, ``3 min 12 s`` or ``1 h 5 min``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes == 0:
        return f"{whole} s"
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def gigabytes(value: float) -> str:
    """Return ``12.5 GB`` (10^9 bytes)."""
    return f"{significant(value)} GB"


def ended(text: str) -> str:
    """Return text of others printable and with a full stop, for something to follow it.

    Nothing else is changed about it: a capital would misspell a name, and a full stop at the end
    of a line would join a command that is to be copied.
    """
    clean = printable(text)
    return clean if clean.endswith((".", "!", "?")) else f"{clean}."


def wrapped(
    text: str, *, indent: str = "", first: str | None = None, width: int = WIDTH
) -> list[str]:
    """Break a text into lines of at most ``width`` columns; ``first`` begins the first one.

    A number stays on a line with what it counts.
    """
    lines = textwrap.wrap(
        _NUMBER_AND_UNIT.sub("\N{NO-BREAK SPACE}", text),
        width=max(width, len(indent) + 1, len(first or "") + 1),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def facts(rows: Sequence[tuple[str, str]], *, width: int = WIDTH) -> list[str]:
    """Return label and text in two columns, the text wrapped under itself.

    Where that leaves next to nothing for the text it stands below its label.
    """
    clean = [(printable(label, limit=30), printable(text)) for label, text in rows]
    column = max((len(label) for label, _ in clean), default=0) + 2
    if width < column + 20:
        return [
            line
            for label, text in clean
            for line in (label, *wrapped(text, indent="  ", width=width))
        ]
    return [
        line
        for label, text in clean
        for line in wrapped(text, indent=" " * column, first=label.ljust(column), width=width)
    ]


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, indent: str = "  ", width: int = WIDTH
) -> list[str]:
    """Return columns two spaces apart, each as wide as its widest cell, aligned left.

    Where there is no room for them each row is a sentence: its first cell, then header and cell.
    """
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    if width < WIDTH and len(indent) + sum(widths) + 2 * (len(widths) - 1) > width:
        return [
            line
            for first, *cells in rows
            for line in wrapped(
                ", ".join(f"{name} {cell}" for name, cell in zip(header[1:], cells, strict=True)),
                indent=f"{indent}  ",
                first=f"{indent}{first}: ",
                width=width,
            )
        ]
    return [
        (
            indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]
