"""Colours by what they mean. No widget names a colour itself, and no colour says anything alone.

Every colour reads on its background with a contrast of at least 4.5 (WCAG 2.1, 1.4.3 AA). In CSS
a meaning is a variable of its value (``$pod``, ``$good``); what Textual has a name for already
(``$warning``, ``$foreground``, ``$background``) has that name.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["DEFAULT_THEME", "THEMES", "Meaning", "colour", "css_variables"]


class Meaning(StrEnum):
    """What a colour stands for: the pod network, its baseline, then further lines."""

    POD = "pod"
    HOST = "host"
    OTHER1 = "other1"
    OTHER2 = "other2"
    OTHER3 = "other3"
    OTHER4 = "other4"
    OTHER5 = "other5"
    OTHER6 = "other6"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    MUTED = "muted"
    TEXT = "foreground"
    BACKGROUND = "background"
    SOFTIRQ = "softirq"
    CPU = "cpu"
    MEMORY = "memory"


_DARK: Mapping[Meaning, str] = MappingProxyType(
    {
        Meaning.POD: "#4fc3f7",
        Meaning.HOST: "#ffb454",
        Meaning.OTHER1: "#8fd694",
        Meaning.OTHER2: "#d0a2f7",
        Meaning.OTHER3: "#f2e063",
        Meaning.OTHER4: "#ff9ebb",
        Meaning.OTHER5: "#6fd6c8",
        Meaning.OTHER6: "#cbb59a",
        Meaning.GOOD: "#7bd88f",
        Meaning.BAD: "#ff8f85",
        Meaning.WARNING: "#ffd166",
        Meaning.MUTED: "#a3adb8",
        Meaning.TEXT: "#e6e9ec",
        Meaning.BACKGROUND: "#101418",
        Meaning.SOFTIRQ: "#ff9ebb",
        Meaning.CPU: "#7ab8ff",
        Meaning.MEMORY: "#c6b3ff",
    }
)
_LIGHT: Mapping[Meaning, str] = MappingProxyType(
    {
        Meaning.POD: "#00599c",
        Meaning.HOST: "#964500",
        Meaning.OTHER1: "#1b6e2a",
        Meaning.OTHER2: "#7a2f8f",
        Meaning.OTHER3: "#665900",
        Meaning.OTHER4: "#a81e5b",
        Meaning.OTHER5: "#00656a",
        Meaning.OTHER6: "#5d4037",
        Meaning.GOOD: "#17692b",
        Meaning.BAD: "#b3261e",
        Meaning.WARNING: "#7a5500",
        Meaning.MUTED: "#545d69",
        Meaning.TEXT: "#1a1c1e",
        Meaning.BACKGROUND: "#fbfaf7",
        Meaning.SOFTIRQ: "#a81e5b",
        Meaning.CPU: "#1c56a8",
        Meaning.MEMORY: "#5b3fa0",
    }
)
# The terminal's own background is not known. A luminance of 0.18 has a contrast of 4.6 to black
# and to white alike; what is drawn on a background of ours has black.
_ANSI: Mapping[Meaning, str] = MappingProxyType(
    {
        Meaning.POD: "#117bb6",
        Meaning.HOST: "#a86700",
        Meaning.OTHER1: "#2c8637",
        Meaning.OTHER2: "#a158b6",
        Meaning.OTHER3: "#807700",
        Meaning.OTHER4: "#c74580",
        Meaning.OTHER5: "#008383",
        Meaning.OTHER6: "#966c51",
        Meaning.GOOD: "#2c8637",
        Meaning.BAD: "#d34040",
        Meaning.WARNING: "#996d00",
        Meaning.MUTED: "#757575",
        Meaning.TEXT: "#757575",
        Meaning.BACKGROUND: "#000000",
        Meaning.SOFTIRQ: "#c74580",
        Meaning.CPU: "#3d76c2",
        Meaning.MEMORY: "#7d67c0",
    }
)

_ANSI_NAMES: Mapping[Meaning, str] = MappingProxyType(
    {
        Meaning.POD: "ansi_cyan",
        Meaning.HOST: "ansi_yellow",
        Meaning.OTHER1: "ansi_green",
        Meaning.OTHER2: "ansi_magenta",
        Meaning.OTHER3: "ansi_bright_yellow",
        Meaning.OTHER4: "ansi_red",
        Meaning.OTHER5: "ansi_bright_cyan",
        Meaning.OTHER6: "ansi_bright_blue",
        Meaning.GOOD: "ansi_green",
        Meaning.BAD: "ansi_red",
        Meaning.WARNING: "ansi_yellow",
        Meaning.MUTED: "ansi_default",
        Meaning.SOFTIRQ: "ansi_magenta",
        Meaning.CPU: "ansi_blue",
        Meaning.MEMORY: "ansi_cyan",
    }
)
_OF_TEXTUAL = (Meaning.WARNING, Meaning.TEXT, Meaning.BACKGROUND)


def css_variables(palette: Mapping[Meaning, str] = _DARK) -> dict[str, str]:
    """Return the CSS variables that Textual has no name for: ``pod`` -> colour."""
    return {meaning.value: told for meaning, told in palette.items() if meaning not in _OF_TEXTUAL}


def _theme(name: str, palette: Mapping[Meaning, str], *, surface: str, dark: bool) -> Theme:
    text, background = palette[Meaning.TEXT], palette[Meaning.BACKGROUND]
    return Theme(
        name=name,
        dark=dark,
        primary=palette[Meaning.POD],
        secondary=palette[Meaning.CPU],
        accent=palette[Meaning.HOST],
        warning=palette[Meaning.WARNING],
        error=palette[Meaning.BAD],
        success=palette[Meaning.GOOD],
        foreground=text,
        background=background,
        surface=surface,
        panel=surface,
        text_alpha=1.0,
        variables={
            **css_variables(palette),
            # Textual's own would be too pale to read, or text on a colour of middling luminance.
            "text-muted": palette[Meaning.MUTED],
            "text-disabled": palette[Meaning.MUTED],
            "foreground-muted": palette[Meaning.MUTED],
            "text-primary": palette[Meaning.POD],
            "text-secondary": palette[Meaning.CPU],
            "text-accent": palette[Meaning.HOST],
            "text-warning": palette[Meaning.WARNING],
            "text-error": palette[Meaning.BAD],
            "text-success": palette[Meaning.GOOD],
            "block-cursor-foreground": background,
            "block-cursor-background": palette[Meaning.POD],
            "block-cursor-text-style": "bold",
            "footer-key-foreground": palette[Meaning.HOST],
            "input-selection-background": palette[Meaning.POD],
            "input-selection-foreground": background,
            "border": palette[Meaning.POD],
            "border-blurred": palette[Meaning.MUTED],
        },
    )


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "dark": _theme("dark", _DARK, surface="#1a2027", dark=True),
        "light": _theme("light", _LIGHT, surface="#eeece6", dark=False),
        "ansi": Theme(
            name="ansi",
            ansi=True,
            primary="ansi_cyan",
            secondary="ansi_blue",
            accent="ansi_yellow",
            warning="ansi_yellow",
            error="ansi_red",
            success="ansi_green",
            foreground="ansi_default",
            background="ansi_default",
            surface="ansi_default",
            panel="ansi_default",
            boost="ansi_default",
            variables={
                **css_variables(_ANSI_NAMES),
                "ansi-background": "ansi_default",
                "ansi-foreground": "ansi_default",
                "text-muted": "ansi_default",
                "text-disabled": "ansi_default",
                "foreground-muted": "ansi_default",
                "block-cursor-foreground": "ansi_black",
                "block-cursor-background": "ansi_cyan",
                "border": "ansi_cyan",
                "border-blurred": "ansi_default",
            },
        ),
    }
)
"""The themes of the app by name: ``ansi`` uses the terminal's own sixteen colours."""

DEFAULT_THEME = "dark"


def colour(app: "App[object]", meaning: Meaning) -> str:
    """Return the colour of a meaning in the app's theme of now, as ``#rrggbb``.

    With the terminal's own colours it is one that reads on black and on white.
    """
    theme = app.current_theme
    palette = _ANSI if theme.ansi else _DARK if theme.dark else _LIGHT
    return palette[meaning]
