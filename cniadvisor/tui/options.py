"""How the app shall look and be operated: from flags, environment and configuration file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cniadvisor.tui.symbols import UNICODE, Symbols


class ChartMarker(StrEnum):
    """What lines are drawn with; braille is the finest, ascii works everywhere."""

    BRAILLE = "braille"
    BLOCK = "block"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """What a person set about the app's face.

    Attributes:
        theme: dark, light or ansi.
        keys: binding id -> keys, instead of those of the keymap.
        symbols: the marks this terminal can show.
    """

    theme: str = "dark"
    chart_marker: ChartMarker = ChartMarker.BRAILLE
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    symbols: Symbols = UNICODE
